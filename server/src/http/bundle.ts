// The route that makes the bundle for support: the server's own part and, if it comes along, that of the page, redacted by type and packed. It sends it to nobody but who asked.
import { createHmac, randomBytes } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  assembleBundle,
  type BundleTask,
  bundleManifest,
  bundleSettings,
  type Surroundings,
} from '@pulseline/diagnosis';
import { shape } from '@pulseline/protocol';
import { strToU8, Zip, ZipDeflate } from 'fflate';
import type { Api, Parts } from './parts.ts';
import { bodyOf } from './shapes.ts';

const { anything, list, optional, string } = shape;

/** What a page gives along; each is redacted here again, whatever the page did. */
export const browserPart = shape.object({
  console: optional(list(anything(), 4_000)),
  errors: optional(list(anything(), 1_000)),
  testWs: optional(anything()),
  /** SVG. */
  picture: optional(string(500_000)),
});

/** A console of 2,000 lines and a picture. */
const MOST_BODY = 8 * 1_048_576;
const MOST_LOG = 10 * 1_048_576;
const MOST_WATERFALLS = 200;
/** Bytes packed at a time: some ms, so that others are served in between. */
const PIECE = 131_072;

export function bundleRoutes(app: Api, parts: Parts): void {
  app.get('/api/diagnosis/bundle', async (_request, reply) => reply.headers(download).send(await make(parts, {})));
  app.post('/api/diagnosis/bundle', { bodyLimit: MOST_BODY }, async (request, reply) =>
    reply.headers(download).send(await make(parts, bodyOf(browserPart, request))),
  );
}

const download = {
  'content-type': 'application/zip',
  'content-disposition': 'attachment; filename="pulseline-support.zip"',
};

async function make(parts: Parts, page: shape.Of<typeof browserPart>): Promise<Buffer> {
  const { diagnosis, instance, language, now, ports } = parts;
  const salt = randomBytes(32);
  // What the server cannot see of itself may be what the bundle is wanted for.
  const { evidence } = await diagnosis.ask().catch(() => ({ evidence: [] }));
  const files = await assembleBundle({
    version: instance.version,
    lang: language,
    at: now(),
    around: aroundOf(ports(), now()),
    evidence,
    tasks: [...tasksOf(parts), ...pageTasks(page)],
    hash: (text) => createHmac('sha256', salt).update(text).digest('hex'),
    late: (ms) => new Promise((resolve) => setTimeout(() => resolve('late'), ms).unref()),
    pause: turn,
  });
  return pack(files);
}

function aroundOf({ api, web }: ReturnType<Parts['ports']>, at: number): Surroundings {
  const { fields } = bundleManifest;
  const system = shape.fits(fields.system, process.platform) ? process.platform : 'linux';
  return {
    system,
    shell: process.platform === 'win32' ? 'powershell5' : 'sh',
    vantage: 'server',
    now: at,
    port: api,
    webPort: web,
  };
}

function tasksOf({ logFolder, live, store }: Parts): readonly BundleTask[] {
  return [
    {
      id: 'config',
      collect: async () =>
        bundleSettings.map((setting) => ({
          setting,
          set: Boolean(process.env[setting]),
          value: process.env[setting] ?? '',
        })),
    },
    { id: 'accounts', collect: async () => (await store.queries.accounts()).map(({ account }) => account) },
    {
      id: 'waterfalls',
      collect: async () => {
        const { items } = await store.queries.conversations({ limit: MOST_WATERFALLS });
        const ids = items.flatMap(({ lastMessage }) => lastMessage?.id ?? []);
        return ids.flatMap((id) => {
          const stamps = live.trace(id);
          return stamps === undefined ? [] : [{ id, stamps }];
        });
      },
    },
    ...(logFolder === undefined ? [] : [{ id: 'log' as const, collect: () => readLog(logFolder) }]),
  ];
}

function pageTasks({ console, errors, testWs, picture }: shape.Of<typeof browserPart>): readonly BundleTask[] {
  const given = { console, errors, testWs, picture } as const;
  const ids = ['console', 'errors', 'testWs', 'picture'] as const;
  return ids.flatMap((id) => (given[id] === undefined ? [] : [{ id, collect: async () => given[id] }]));
}

/** The newest lines, over all files of the log, oldest first. */
async function readLog(folder: string): Promise<string> {
  const numbered = (await readdir(folder))
    .flatMap((name) => {
      const number = /^server\.(\d+)\.log$/.exec(name)?.[1];
      return number === undefined ? [] : [{ name, number: Number(number) }];
    })
    .sort((a, b) => b.number - a.number);
  let text = '';
  for (const { name } of numbered) {
    const left = MOST_LOG - text.length;
    if (left <= 0) break;
    const file = await open(join(folder, name), 'r');
    try {
      const { size } = await file.stat();
      const length = Math.min(size, left);
      const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
      text = buffer.subarray(0, bytesRead).toString('utf8') + text;
    } finally {
      await file.close();
    }
  }
  return text;
}

async function pack(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const zip = new Zip((error, piece) => {
    if (error) throw error;
    pieces.push(piece);
  });
  for (const [name, text] of Object.entries(files)) {
    const entry = new ZipDeflate(name, { level: 6 });
    zip.add(entry);
    const bytes = strToU8(text);
    for (let at = 0; at < bytes.length || at === 0; at += PIECE) {
      entry.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
      await turn();
    }
  }
  zip.end();
  return Buffer.concat(pieces);
}

/** Lets everybody else have a turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
