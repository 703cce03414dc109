// Has pictures decoded in a process of its own, one after another, and kills it when one takes too long: what a stranger's picture breaks is that process alone. It decodes nothing itself.
import { CodedError, shape } from '@pulseline/protocol';
import type { PictureFacts } from './picture.ts';

const { anything, integer, object, optional, string } = shape;

/** What is asked of the process. `path` is a file of ours, `bytes` a picture in memory. */
export const pictureOrder = object({
  id: integer(),
  task: shape.oneOf(['facts', 'thumbnail', 'portrait', 'shrunk']),
  path: optional(string(4_000)),
  mime: optional(string(200)),
  bytes: optional(anything()),
  most: optional(integer()),
});
export type PictureOrder = shape.Of<typeof pictureOrder>;

/** What it answers; `error` in words. */
const pictureAnswer = object({ id: integer(), value: optional(anything()), error: optional(string()) });
const facts = object({ width: integer(), height: integer(), thumbnail: optional(string()) });

/** The process, as it is spoken to. */
export interface DecoderProcess {
  send(order: PictureOrder): void;
  /** Ends it at once, whatever it does. */
  kill(): void;
}

export interface DecoderParts {
  /** Starts the process; `ended` is called once, however it ended. */
  readonly start: (hear: (answer: unknown) => void, ended: () => void) => DecoderProcess;
  /** Calls back after so many ms, unless the returned function is called first. */
  readonly after: (ms: number, call: () => void) => () => void;
}

/** Reads pictures, as `picture.ts` does. Errors: BUSY. */
export interface PictureReader {
  facts(path: string, mime: string): Promise<PictureFacts | undefined>;
  thumbnail(path: string, mime: string): Promise<Buffer | undefined>;
  portrait(path: string, mime: string): Promise<Buffer | undefined>;
}

/** Longer than the decoder's own limits, which it may be unable to keep. */
const LONGEST = 15_000;
/** Pictures that wait; more are refused. */
const MOST_WAITING = 100;
/** Without a picture for so many ms the process ends, and its memory is free. */
const IDLE = 30_000;

interface Task {
  readonly order: PictureOrder;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The picture, not we: it is broken, too large, or has brought the process down. */
class Undecodable extends Error {}

export class Decoder implements PictureReader {
  readonly #parts: DecoderParts;
  readonly #waiting: Task[] = [];
  #process: DecoderProcess | undefined;
  #current: Task | undefined;
  #cancel = (): void => {};
  #next = 1;
  #closed = false;
  #sums = { decoded: 0, failed: 0, killed: 0 };

  constructor(parts: DecoderParts) {
    this.#parts = parts;
  }

  async facts(path: string, mime: string): Promise<PictureFacts | undefined> {
    const found = await this.#unlessUndecodable({ task: 'facts', path, mime });
    return found === undefined ? undefined : facts.parse(found);
  }

  async thumbnail(path: string, mime: string): Promise<Buffer | undefined> {
    return bytesOf(await this.#unlessUndecodable({ task: 'thumbnail', path, mime }));
  }

  async portrait(path: string, mime: string): Promise<Buffer | undefined> {
    return bytesOf(await this.#unlessUndecodable({ task: 'portrait', path, mime }));
  }

  /** Rejects for what is broken or too large, too. */
  async shrunk(picture: Buffer, most: number): Promise<Buffer | undefined> {
    return bytesOf(await this.#ask({ task: 'shrunk', bytes: picture, most }));
  }

  /** For the metrics. */
  measure() {
    return { waiting: this.#waiting.length, running: this.#process === undefined ? 0 : 1, ...this.#sums };
  }

  close(): void {
    this.#closed = true;
    this.#end();
    for (const { reject } of this.#waiting.splice(0)) reject(new Undecodable('closing'));
  }

  async #unlessUndecodable(order: Omit<PictureOrder, 'id'>): Promise<unknown> {
    try {
      return await this.#ask(order);
    } catch (error) {
      if (error instanceof Undecodable) return undefined;
      throw error;
    }
  }

  #ask(order: Omit<PictureOrder, 'id'>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed || this.#waiting.length >= MOST_WAITING) return reject(new CodedError('BUSY'));
      this.#waiting.push({ order: { id: this.#next++, ...order }, resolve, reject });
      this.#work();
    });
  }

  /** One at a time, so that it is known which one brought the process down. */
  #work(): void {
    if (this.#current !== undefined || this.#closed) return;
    this.#cancel();
    const task = this.#waiting.shift();
    if (task === undefined) {
      this.#cancel = this.#parts.after(IDLE, () => this.#end());
      return;
    }
    this.#current = task;
    this.#process ??= this.#started();
    this.#cancel = this.#parts.after(LONGEST, () => {
      this.#sums.killed += 1;
      this.#end();
    });
    this.#process.send(task.order);
  }

  #started(): DecoderProcess {
    const own: DecoderProcess = this.#parts.start(
      (answer) => {
        if (own === this.#process) this.#hear(answer);
      },
      () => {
        if (own === this.#process) this.#end();
      },
    );
    return own;
  }

  #hear(told: unknown): void {
    const { id, value, error } = pictureAnswer.parse(told);
    const task = this.#current;
    if (task?.order.id !== id) return;
    this.#current = undefined;
    this.#sums[error === undefined && value !== undefined ? 'decoded' : 'failed'] += 1;
    if (error === undefined) task.resolve(value);
    else task.reject(new Undecodable(error));
    this.#work();
  }

  #end(): void {
    const [task, process] = [this.#current, this.#process];
    this.#current = undefined;
    this.#process = undefined;
    this.#cancel();
    process?.kill();
    if (task === undefined) return;
    this.#sums.failed += 1;
    task.reject(new Undecodable('the decoder ended'));
    this.#work();
  }
}

/** Bytes come as a plain array of bytes between processes. */
function bytesOf(value: unknown): Buffer | undefined {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : undefined;
}
