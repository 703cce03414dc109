// The baseline of every bench, a process of its own: bare Baileys with its keys in memory, `messages.upsert` -> `ws.send`, nothing stored.
import { once } from 'node:events';
import { shape } from '@pulseline/protocol';
import makeWASocket, {
  Browsers,
  DisconnectReason,
  makeCacheableSignalKeyStore,
  type WAMessage,
  type WASocket,
} from 'baileys';
import { type WebSocket, WebSocketServer } from 'ws';
import { memory } from '../emulator/test/bare.ts';

const url = process.argv[2];
if (url === undefined) throw new Error('usage: bench/bare.ts <url of the WhatsApp socket>');

/** What a bench asks over the WebSocket. */
const orderShape = shape.object({
  order: shape.oneOf(['open', 'send', 'memory']),
  /** Index of the account, from 0, in the order of opening. */
  account: shape.optional(shape.integer()),
  to: shape.optional(shape.string()),
  texts: shape.optional(shape.list(shape.string(), 100_000)),
});

// libsignal prints sessions there.
console.info = () => undefined;
console.warn = () => undefined;

const silence = () => undefined;
const logger = {
  level: 'silent',
  child: () => logger,
  trace: silence,
  debug: silence,
  info: silence,
  warn: silence,
  error: silence,
};

const accounts: { socket: WASocket }[] = [];
/** Sent, and the server has not said yet that it has them. */
const unanswered = new Set<string>();

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
await once(server, 'listening');
const address = server.address();
process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : 0}\n`);
server.on('connection', (client: WebSocket) => {
  client.on('message', (bytes: Buffer) => void obey(orderShape.parse(JSON.parse(bytes.toString()))));
});

async function obey({ order, account = 0, to = '', texts = [] }: shape.Of<typeof orderShape>): Promise<void> {
  switch (order) {
    case 'open':
      open();
      return;
    case 'send':
      await send(account, to, texts);
      return;
    case 'memory':
      tell({ type: 'memory', rss: process.memoryUsage().rss });
  }
}

function open(): void {
  const { auth } = memory();
  const account = accounts.length;
  const connect = (): WASocket => {
    const socket = makeWASocket({
      waWebSocketUrl: url ?? '',
      auth: { creds: auth.creds, keys: makeCacheableSignalKeyStore(auth.keys, logger) },
      logger,
      browser: Browsers.ubuntu(`Bare ${account}`),
    });
    socket.ev.on('creds.update', (update) => Object.assign(auth.creds, update));
    socket.ev.on('connection.update', ({ qr, connection, lastDisconnect, receivedPendingNotifications }) => {
      if (qr !== undefined) tell({ type: 'qr', account, qr });
      if (receivedPendingNotifications) tell({ type: 'ready', account });
      if (connection !== 'close') return;
      // The restart after pairing is the application's to do; any other end ends the bench.
      if (codeOf(lastDisconnect?.error) === DisconnectReason.restartRequired) slot.socket = connect();
      else process.exit(1);
    });
    socket.ev.on('messages.upsert', ({ messages }) => {
      const heard = performance.timeOrigin + performance.now();
      for (const data of messages) tell({ type: 'upsert', heard, data });
    });
    socket.ws.on('CB:ack,class:message', ({ attrs }: { readonly attrs: Readonly<Record<string, string>> }) => {
      unanswered.delete(attrs['id'] ?? '');
    });
    return socket;
  };
  const slot = { socket: connect() };
  accounts.push(slot);
}

/** One after the other, as a bot's loop does; told when the server has answered to all. */
async function send(account: number, to: string, texts: readonly string[]): Promise<void> {
  const socket = accounts[account]?.socket;
  if (socket === undefined) throw new Error(`there is no account ${account}`);
  for (const text of texts) {
    const id = `3EB0${Math.random().toString(16).slice(2, 14).toUpperCase()}`;
    unanswered.add(id);
    await socket.sendMessage(to, { text }, { messageId: id });
  }
  while (unanswered.size > 0) await new Promise((resolve) => setImmediate(resolve));
  tell({ type: 'sent', at: performance.timeOrigin + performance.now() });
}

function tell(line: Readonly<Record<string, unknown>> | { readonly data: WAMessage }): void {
  const text = JSON.stringify(line);
  for (const client of server.clients) client.send(text);
}

function codeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('output' in error)) return undefined;
  const { output } = error;
  return typeof output === 'object' && output !== null && 'statusCode' in output ? output.statusCode : undefined;
}
