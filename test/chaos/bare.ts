// A gateway as many are built, put through the same chaos: bare Baileys, multi-file auth state, a handler that stores what `messages.upsert` tells. A process of its own; it is no part of the product.
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { shape } from '@pulseline/protocol';
import makeWASocket, {
  Browsers,
  DisconnectReason,
  makeCacheableSignalKeyStore,
  useMultiFileAuthState,
  type WAMessage,
  type WASocket,
} from 'baileys';
import { silent } from '../../emulator/test/bare.ts';

const { BARE_URL = '', BARE_DIR = '', BARE_PORT = '0', BARE_KILL_AT = '', BARE_NAME = 'Bare' } = process.env;
const order = shape.object({ to: shape.string(), text: shape.string() });
/** The library reads this name and does not declare it. */
const named = { pushName: BARE_NAME };
/** Ms before it dials again. */
const PAUSE = 500;

// libsignal prints sessions there.
console.info = () => undefined;
console.warn = () => undefined;

const [, place, count] = /^([a-z]+):(\d+)$/.exec(BARE_KILL_AT) ?? [];
let left = Number(count);
/** The same kind of aim that the product's kill points take. */
function passed(here: string): void {
  if (here !== place) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

const file = await open(join(BARE_DIR, 'messages.jsonl'), 'a');
// A line that the last end cut off must not spoil the next one.
await file.appendFile('\n');
let socket: WASocket | undefined;
let qr: string | undefined;
let ready = false;
await connect();

createServer((request, response) => {
  const answer = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  if (request.method === 'GET') return answer(200, { ready, ...(qr !== undefined && { qr }) });
  let text = '';
  request.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  request.on('end', () => {
    send(text).then(
      (id) => answer(200, { id }),
      (error: unknown) => answer(503, { error: String(error) }),
    );
  });
}).listen(Number(BARE_PORT), '127.0.0.1');

async function send(body: string): Promise<string> {
  const { to, text } = order.parse(JSON.parse(body));
  if (!ready || socket === undefined) throw new Error('not connected');
  passed('sending');
  const sent = await socket.sendMessage(to, { text });
  passed('sent');
  return sent?.key.id ?? '';
}

async function connect(): Promise<void> {
  const { state, saveCreds } = await useMultiFileAuthState(join(BARE_DIR, 'auth'));
  ready = false;
  const mine = makeWASocket({
    waWebSocketUrl: BARE_URL,
    auth: { creds: state.creds, keys: makeCacheableSignalKeyStore(state.keys, silent) },
    logger: silent,
    browser: Browsers.ubuntu('Bare'),
    ...named,
  });
  socket = mine;
  mine.ev.on('creds.update', saveCreds);
  mine.ws.prependListener('CB:message', () => passed('heard'));
  mine.ev.on('connection.update', (update) => {
    // A code that was scanned is no code any more.
    if (update.qr !== undefined || update.isNewLogin === true || update.connection !== undefined) qr = update.qr;
    if (update.receivedPendingNotifications) ready = true;
    if (update.connection !== 'close') return;
    ready = false;
    const code = codeOf(update.lastDisconnect?.error);
    // What a login that is gone needs is a person with a phone; the run gives it one, and counts it.
    if (code === DisconnectReason.loggedOut) process.exit(3);
    setTimeout(() => void connect(), code === DisconnectReason.restartRequired ? 0 : PAUSE);
  });
  mine.ev.on('messages.upsert', ({ messages }) => void store(messages).catch(() => process.exit(4)));
}

async function store(messages: readonly WAMessage[]): Promise<void> {
  passed('upsert');
  const lines = messages.flatMap(({ key, message }) => {
    const text = message?.conversation ?? message?.extendedTextMessage?.text;
    if (!text || key.fromMe) return [];
    return [`${JSON.stringify({ chat: key.remoteJid, id: key.id, author: key.participant ?? '', text })}\n`];
  });
  if (lines.length === 0) return;
  await file.appendFile(lines.join(''));
  await file.datasync();
  passed('stored');
}

function codeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('output' in error)) return undefined;
  const { output } = error;
  return typeof output === 'object' && output !== null && 'statusCode' in output ? output.statusCode : undefined;
}
