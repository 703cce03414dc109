// `npm start`: builds what is stale, then runs the whole product in this process. What it prints from then on is the server's.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, root } from './build.mjs';

await build();
process.env.NODE_ENV ??= 'production';
const { start } = await import(pathToFileURL(join(root, 'dist', 'server', 'main.js')).href);
await start();
