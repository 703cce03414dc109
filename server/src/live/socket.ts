// Makes a LiveSocket of one `ws` WebSocket; the only file of the live part that knows that library.
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { LiveFrame, LiveSocket, LiveSocketEvents } from './port.ts';

/** The payload that a ws server must be given as `maxPayload`. */
export { MAX_CLIENT_FRAME_BYTES } from '@pulseline/protocol';

/**
 * `raw` is the socket that came with the upgrade. Frames are written to it ready-made, which needs
 * permessage-deflate off (`perMessageDeflate: false`); with an extension negotiated they go through `ws.send`.
 */
export function adoptSocket(ws: WebSocket, raw: Duplex): LiveSocket {
  return new AdoptedSocket(ws, raw);
}

class AdoptedSocket implements LiveSocket {
  readonly #raw: Duplex;
  readonly #ws: WebSocket;
  readonly #readyMade: boolean;

  constructor(ws: WebSocket, raw: Duplex) {
    this.#ws = ws;
    this.#raw = raw;
    this.#readyMade = ws.extensions === '';
  }

  write(joined: Uint8Array, frames: readonly LiveFrame[]): void {
    // Asked of the socket, which is touched anyway: after a close frame of either side it takes no more.
    if (!this.#raw.writable) return;
    if (this.#readyMade) this.#raw.write(joined);
    else if (this.#isOpen()) for (const { bytes } of frames) this.#ws.send(payloadOf(bytes), { binary: false });
  }

  ping(id: string): void {
    if (this.#isOpen()) this.#ws.ping(id);
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  terminate(): void {
    this.#ws.terminate();
  }

  get bufferedBytes(): number {
    return this.#raw.writableLength;
  }

  listen(events: LiveSocketEvents): void {
    const ws = this.#ws;
    ws.on('message', (data, isBinary) => events.message(isBinary ? undefined : data.toString()));
    ws.on('pong', (data) => events.pong(data.toString()));
    ws.on('close', (code, reason) => events.closed(code, reason.toString()));
    // A broken frame or connection: ws closes with the fitting code (1009, 1007, 1002) and `close` follows.
    ws.on('error', nothing);
    this.#raw.on('drain', () => events.drain());
  }

  #isOpen(): boolean {
    return this.#ws.readyState === this.#ws.OPEN;
  }
}

function nothing(): void {}

/** Frames that come before anybody listens are kept up to this; a well-behaved client waits for `connected`. */
const MAX_EARLY = 40;

/** The same socket, for a listener that comes later: what arrives meanwhile waits for it. */
export function holdSocket(socket: LiveSocket): LiveSocket {
  let events: LiveSocketEvents | undefined;
  let ended: { readonly code: number; readonly reason: string } | undefined;
  const early: (string | undefined)[] = [];
  socket.listen({
    message(text) {
      if (events !== undefined) events.message(text);
      else if (early.length < MAX_EARLY) early.push(text);
      else socket.terminate();
    },
    pong: (id) => events?.pong(id),
    drain: () => events?.drain(),
    closed(code, reason) {
      ended = { code, reason };
      events?.closed(code, reason);
    },
  });
  return {
    write: (joined, frames) => socket.write(joined, frames),
    ping: (id) => socket.ping(id),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    get bufferedBytes() {
      return socket.bufferedBytes;
    },
    listen(listener) {
      // Later: a listener may not be ready for events before `listen` has returned.
      queueMicrotask(() => {
        events = listener;
        for (const text of early.splice(0)) listener.message(text);
        if (ended !== undefined) listener.closed(ended.code, ended.reason);
      });
    },
  };
}

/** One text frame of the WebSocket protocol, unmasked, as RFC 6455 section 5.2 says. */
export function frameText(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = headerLength(length);
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = 0x81; // FIN, opcode 1 = text
  if (start === 2) {
    frame[1] = length;
  } else if (start === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, start, 'utf8');
  return frame;
}

function headerLength(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

/** The text of a frame that {@link frameText} made. */
export function payloadOf(frame: Uint8Array): Uint8Array {
  const marker = frame[1] ?? 0;
  const start = marker < 126 ? 2 : marker === 126 ? 4 : 10;
  return frame.subarray(start);
}
