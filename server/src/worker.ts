// An account worker's thread: WhatsApp's side of some accounts, with the writer as its memory. It holds no database and serves no socket.
import { MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Commands } from './inbox/commands.ts';
import { targetOf } from './inbox/send-change.ts';
import { killPoint } from './kill-point.ts';
import { Decoder } from './media/decoder.ts';
import { MediaFiles } from './media/files.ts';
import { keepSmall } from './quiet-memory.ts';
import { connectWriter } from './store/writer-port.ts';
import { calledAfter, startDecoder } from './threads.ts';
import { Crew } from './whatsapp/crew.ts';
import { parseJob, parseSource } from './whatsapp/job.ts';
import { silenceConsole, trustEmulator } from './whatsapp/library.ts';
import { fetching } from './whatsapp/link-preview.ts';
import { workerSettings } from './whatsapp/orders.ts';
import type { Keeper } from './whatsapp/port.ts';

if (parentPort === null) throw new Error('worker.ts runs in a thread that main.ts starts');
const main = parentPort;
const { emulated, root, language, media, pace, previews } = workerSettings.parse(workerData);
const writer = connectWriter<Commands>(writerPort(workerData));

silenceConsole();
// Before the first account: the root is this realm's alone, and no real account is ever placed here.
if (emulated && root !== undefined) trustEmulator(root);

const keeper: Keeper = {
  commit: async (batch) => {
    await writer.run('ingest', batch);
  },
  forget: async (account) => {
    await writer.run('forget_login', { account });
  },
  credentials: writer.credentials,
  keys: writer.keys,
  seen: writer.seen,
  jobs: async (account, limit) => {
    const rows = await writer.openJobs(account, limit);
    return rows.map(({ body, content }) => parseJob(body, content));
  },
  errands: async (account, limit) => {
    const rows = await writer.openJobs(account, limit, true);
    return rows.map(({ body, content }) => parseJob(body, content));
  },
  openMedia: async (account, limit) => {
    const open = await writer.openMedia(account, limit);
    return open.flatMap(({ row, message, conversation }) => {
      const source = parseSource(row.source);
      if (source === undefined) return [];
      const { mime, size } = row.media;
      return [{ id: row.id, source, mime, size, isWanted: row.isWanted, target: targetOf(conversation, message) }];
    });
  },
  sentContent: async (account, waId) => (await writer.jobByWaId(account, waId))?.content,
};

/** Of previews alone; it starts no process before the first. */
const decoder = new Decoder({ start: startDecoder, after: calledAfter });

const crew = new Crew({
  keeper,
  language,
  files: new MediaFiles(media.dir),
  mediaLimits: media,
  now: () => performance.timeOrigin + performance.now(),
  random: Math.random,
  writeTest: async (data) => {
    await writer.run('canary', { data });
  },
  tell: (news) => main.postMessage(news),
  accepts: ({ url }) => (url !== undefined) === emulated,
  ...(pace !== undefined && { pace }),
  ...(previews && {
    previewer: fetching(
      (image, most) => decoder.shrunk(image, most),
      (text) => main.postMessage({ news: 'log', level: 'debug', account: '', text }),
    ),
  }),
  ...(killPoint !== undefined && { passed: killPoint }),
});

// The library makes an error with its stack for every frame that it sends, in case that fails; what is logged of an error here is its text. The proxies' library knows https by a stack of five.
Error.stackTraceLimit = 6;
keepSmall();
main.on('message', (message: unknown) => crew.hear(message));
// The library leaves some rejections to nobody; they must not cost the other accounts their thread.
process.on('unhandledRejection', (error) => crew.shake(error));
process.on('uncaughtException', (error) => crew.shake(error));

function writerPort(data: unknown): MessagePort {
  const port: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'port') : undefined;
  if (!(port instanceof MessagePort)) throw new Error('a worker is started with a port to the writer');
  return port;
}
