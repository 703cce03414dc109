// The baseline of every bench, a process of its own: bare Baileys with its keys in memory, `messages.upsert` -> `ws.send`, nothing stored.
import { once } from 'node:events';
import makeWASocket, { Browsers, DisconnectReason, makeCacheableSignalKeyStore, type WAMessage } from 'baileys';
import { WebSocketServer } from 'ws';
import { memory } from '../emulator/test/bare.ts';

const url = process.argv[2];
if (url === undefined) throw new Error('usage: bench/bare.ts <url of the WhatsApp socket>');

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

const { auth } = memory();
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
await once(server, 'listening');
const address = server.address();
say({ port: typeof address === 'object' && address !== null ? address.port : 0 });
connect();

function connect(): void {
  const socket = makeWASocket({
    waWebSocketUrl: url ?? '',
    auth: { creds: auth.creds, keys: makeCacheableSignalKeyStore(auth.keys, logger) },
    logger,
    browser: Browsers.ubuntu('Bare'),
  });
  socket.ev.on('creds.update', (update) => Object.assign(auth.creds, update));
  socket.ev.on('connection.update', ({ qr, connection, lastDisconnect, receivedPendingNotifications }) => {
    if (qr !== undefined) say({ qr });
    if (receivedPendingNotifications) say({ ready: true });
    if (connection !== 'close') return;
    // The restart after pairing is the application's to do; any other end ends the bench.
    if (codeOf(lastDisconnect?.error) === DisconnectReason.restartRequired) connect();
    else process.exit(1);
  });
  socket.ev.on('messages.upsert', ({ messages }) => {
    const heard = performance.timeOrigin + performance.now();
    for (const message of messages) tell(message, heard);
  });
}

function tell(message: WAMessage, heard: number): void {
  const text = JSON.stringify({ type: 'upsert', heard, data: message });
  for (const client of server.clients) client.send(text);
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function codeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('output' in error)) return undefined;
  const { output } = error;
  return typeof output === 'object' && output !== null && 'statusCode' in output ? output.statusCode : undefined;
}
