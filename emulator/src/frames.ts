// Cuts the byte stream of a client into frames and takes off what comes before the first; it never decrypts.

/** "WA", protocol 6, dictionary 3: the Noise prologue. */
export const INTRO = Buffer.from([0x57, 0x41, 0x06, 0x03]);

export const MAX_FRAME_BYTES = 2 * 1024 * 1024;
/** Before a client has proved who it is, nothing long is expected of it. */
export const MAX_HANDSHAKE_FRAME_BYTES = 64 * 1024;

const EDGE_ROUTING = Buffer.from([0x45, 0x44, 0x00, 0x01]);

export class FrameError extends Error {}

/** A frame with its 3-byte length in front, of one piece or more. */
export function frame(...payload: readonly Uint8Array[]): Buffer {
  const length = payload.reduce((sum, piece) => sum + piece.length, 0);
  const bytes = Buffer.allocUnsafe(3 + length);
  let at = bytes.writeUIntBE(length, 0, 3);
  for (const piece of payload) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Feed it chunks of any size; it returns the payloads that are whole. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  #introduced = false;
  #limit = MAX_HANDSHAKE_FRAME_BYTES;

  /** Lets the client send long frames from now on. */
  trust(): void {
    this.#limit = MAX_FRAME_BYTES;
  }

  /** @throws FrameError when the intro is wrong or a frame is longer than allowed; the stream is then useless. */
  push(chunk: Buffer): Buffer[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[] = [];
    if (!this.#introduced && !this.#takeIntro()) return frames;
    let at = 0;
    while (this.#rest.length - at >= 3) {
      const length = this.#rest.readUIntBE(at, 3);
      if (length > this.#limit) throw new FrameError(`a frame of ${length} bytes`);
      if (this.#rest.length - at < 3 + length) break;
      frames.push(this.#rest.subarray(at + 3, at + 3 + length));
      at += 3 + length;
    }
    this.#rest = this.#rest.subarray(at);
    return frames;
  }

  #takeIntro(): boolean {
    let at = 0;
    const routed = Math.min(4, this.#rest.length);
    if (this.#rest.subarray(0, routed).equals(EDGE_ROUTING.subarray(0, routed))) {
      if (this.#rest.length < 7) return false;
      at = 7 + this.#rest.readUIntBE(4, 3);
      if (at > MAX_HANDSHAKE_FRAME_BYTES) throw new FrameError('routing bytes without end');
    }
    const seen = this.#rest.subarray(at, at + INTRO.length);
    if (!seen.equals(INTRO.subarray(0, seen.length))) throw new FrameError('the stream does not begin with the intro');
    if (seen.length < INTRO.length) return false;
    this.#rest = this.#rest.subarray(at + INTRO.length);
    this.#introduced = true;
    return true;
  }
}
