// A client that speaks frames by hand, with Baileys' own Noise half: for what no honest client would send; it never pairs.
import { Curve, makeNoiseHandler, NOISE_WA_HEADER, proto } from 'baileys';
import { WebSocket } from 'ws';
import { eventually, silent } from './bare.ts';

/** Sends the chunks as they are and tells whether the server cut the socket. */
export async function sendRaw(url: string, chunks: readonly (Uint8Array | string)[]): Promise<boolean> {
  const socket = new WebSocket(url);
  let closed = false;
  socket.on('close', () => {
    closed = true;
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('open', resolve));
  for (const chunk of chunks) socket.send(chunk);
  await eventually(() => closed, 'the server to cut the socket');
  return closed;
}

export interface Raw {
  readonly socket: WebSocket;
  /** Sends bytes as one encrypted frame, whatever they are. */
  send(plaintext: Uint8Array): void;
  readonly received: unknown[];
  closed(): boolean;
}

/** Goes through an honest handshake with any payload. */
export async function handshake(url: string, payload: proto.IClientPayload): Promise<Raw> {
  const keyPair = Curve.generateKeyPair();
  const noise = makeNoiseHandler({ keyPair, NOISE_HEADER: NOISE_WA_HEADER, logger: silent });
  const socket = new WebSocket(url);
  let closed = false;
  const received: unknown[] = [];
  const hello: Uint8Array[] = [];
  socket.on('close', () => {
    closed = true;
  });
  socket.on('error', () => {});
  socket.on('message', (data: Buffer) => {
    noise
      .decodeFrame(data, (frame) => {
        if (frame instanceof Uint8Array && hello.length === 0) hello.push(frame);
        else received.push(frame);
      })
      .catch(() => {});
  });
  await new Promise((resolve) => socket.once('open', resolve));
  const first = proto.HandshakeMessage.encode({ clientHello: { ephemeral: keyPair.public } }).finish();
  socket.send(noise.encodeFrame(first));
  const answer = await eventually(() => hello[0], 'the server hello');
  const key = noise.processHandshake(proto.HandshakeMessage.decode(answer), Curve.generateKeyPair());
  const sealed = noise.encrypt(proto.ClientPayload.encode(payload).finish());
  socket.send(
    noise.encodeFrame(proto.HandshakeMessage.encode({ clientFinish: { static: key, payload: sealed } }).finish()),
  );
  await noise.finishInit();
  return { socket, received, closed: () => closed, send: (plaintext) => socket.send(noise.encodeFrame(plaintext)) };
}
