// `npm start`: builds what is stale, then runs the whole product in this process. Beside how long that took, what it prints is the server's.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, root } from './build.mjs';
import { say } from './say.mjs';

await build();
process.env.NODE_ENV ??= 'production';
const { start } = await import(pathToFileURL(join(root, 'dist', 'server', 'main.js')).href);
await start();
const seconds = (performance.now() / 1_000).toFixed(1);
say(`启动用时 ${seconds} 秒`, `Started in ${seconds} s`);
