// A linked device that only reads: bare Baileys links it, then a line of frames counts what comes and, if asked, acknowledges it. It never decrypts a message.
import makeWASocket, {
  type AuthenticationCreds,
  Curve,
  encodeBinaryNode,
  initAuthCreds,
  makeNoiseHandler,
  NOISE_WA_HEADER,
  proto,
} from 'baileys';
import { WebSocket } from 'ws';
import type { Emulator } from '../test/emulator.ts';
import { until } from '../test/until.ts';

const silent = {
  level: 'silent',
  child: () => silent,
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

/** Pairs by QR and leaves before the first login. @param phone its id. */
export async function linkDevice(server: Emulator, phone: string): Promise<AuthenticationCreds> {
  const creds = initAuthCreds();
  const sock = makeWASocket({
    waWebSocketUrl: server.url,
    logger: silent,
    // It leaves before it would keep a key.
    auth: { creds, keys: { get: async () => ({}), set: async () => {} } },
  });
  sock.ev.on('creds.update', (update) => Object.assign(creds, update));
  let closed = false;
  sock.ev.on('connection.update', ({ qr, connection }) => {
    if (qr) server.control('POST', '/scan', { qr, phone }).catch(() => {});
    if (connection === 'close') closed = true;
  });
  await until('the device to be linked', () => closed && creds.me !== undefined, 30_000);
  return creds;
}

export interface Sink {
  stanzas(): number;
  close(): void;
}

const MESSAGE_BYTES = 150;

/** Counts frames by their lengths alone, however they are cut into pieces. */
function frameCounter(onFrame: (size: number) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    let at = 0;
    while (at + 3 <= all.length && at + 3 + all.readUIntBE(at, 3) <= all.length) {
      const size = all.readUIntBE(at, 3);
      onFrame(size);
      at += 3 + size;
    }
    rest = Buffer.from(all.subarray(at));
  };
}

/** Logs in as the device. @param acknowledges ends each delivery. */
export async function sink(url: string, creds: AuthenticationCreds, acknowledges = false): Promise<Sink> {
  const keyPair = Curve.generateKeyPair();
  const noise = makeNoiseHandler({ keyPair, NOISE_HEADER: NOISE_WA_HEADER, logger: silent });
  const socket = new WebSocket(url);
  let [count, ready] = [0, false];
  const hello: Uint8Array[] = [];
  const send = (
    tag: string,
    attrs: Record<string, string>,
    content?: { tag: string; attrs: Record<string, string> }[],
  ) => socket.send(noise.encodeFrame(encodeBinaryNode({ tag, attrs, ...(content && { content }) })));
  const frames = frameCounter((size) => {
    // Texts are larger than anything else that comes by itself.
    if (size > MESSAGE_BYTES) count += 1;
  });
  socket.on('message', (bytes: Buffer) => {
    // Reading a stanza costs more than writing one; who only counts must not be what is measured.
    if (ready && !acknowledges) {
      frames(bytes);
      return;
    }
    void noise.decodeFrame(bytes, (frame) => {
      if (frame instanceof Uint8Array) {
        hello.push(frame);
        return;
      }
      if (frame.tag === 'success') ready = true;
      const { id = '', from = '', type, participant } = frame.attrs;
      if (frame.tag === 'message') {
        count += 1;
        if (acknowledges) send('receipt', { id, to: from });
      } else if (acknowledges && ['notification', 'receipt', 'call'].includes(frame.tag)) {
        send('ack', { class: frame.tag, id, to: from, ...(type && { type }), ...(participant && { participant }) });
      }
    });
  });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(
    noise.encodeFrame(proto.HandshakeMessage.encode({ clientHello: { ephemeral: keyPair.public } }).finish()),
  );
  const answer = await until('the server hello', () => hello[0], 10_000);
  const key = noise.processHandshake(proto.HandshakeMessage.decode(answer), creds.noiseKey);
  const [user = '', device = '0'] = (creds.me?.id ?? '').split('@')[0]?.split(':') ?? [];
  const payload = noise.encrypt(
    proto.ClientPayload.encode({ username: Number(user), device: Number(device), passive: true }).finish(),
  );
  socket.send(noise.encodeFrame(proto.HandshakeMessage.encode({ clientFinish: { static: key, payload } }).finish()));
  await noise.finishInit();
  await until('the login', () => ready, 10_000);
  send('iq', { to: '@s.whatsapp.net', xmlns: 'passive', type: 'set', id: 'active' }, [{ tag: 'active', attrs: {} }]);
  return { stanzas: () => count, close: () => socket.terminate() };
}
