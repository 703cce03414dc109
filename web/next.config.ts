// How the pages are built: a static export in production, the Next server in development. No redirects, headers or routes can live here: the export would drop them.
import { cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NextConfig } from 'next';

// The names of emoji, in each language of the pages, are served by ourselves and not by somebody else's network.
const emoji = dirname(createRequire(import.meta.url).resolve('emojibase-data/package.json'));
for (const language of ['zh', 'en'])
  for (const file of ['data.json', 'messages.json'])
    cpSync(
      join(emoji, language, file),
      fileURLToPath(new URL(`public/emojibase/${language}/${file}`, import.meta.url)),
    );

const config: NextConfig = {
  ...(process.env.NODE_ENV === 'production' && { output: 'export' }),
  // `next dev` refuses its own hot-reload socket to every other name.
  allowedDevOrigins: ['127.0.0.1', '[::1]'],
  devIndicators: false,
  images: { unoptimized: true },
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run check` looks at the types, with a file that is free of what Next generates; a first start need not.
  typescript: { tsconfigPath: 'tsconfig.next.json', ignoreBuildErrors: true },
  turbopack: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    // Texts are compiled here, and the browser gets what formats them without the parser.
    rules: { '*.ts': { condition: { path: /web\/src\/words[./]/ }, loaders: ['./words-loader.mjs'] } },
    resolveAlias: { 'use-intl/format-message': 'use-intl/format-message/format-only' },
  },
};

export default config;
