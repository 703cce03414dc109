// Reads a multipart body of any length as it comes: its texts, and its one file piece by piece. It keeps nothing of the file and trusts no name.
import { shape } from '@pulseline/protocol';

export interface FileHead {
  readonly name: string;
  /** What the sender says that it is. */
  readonly type: string;
}

const MOST_PARTS = 20;
const LONGEST_HEAD = 4_096;
const LONGEST_FIELD = 4_000;

/**
 * RFC 7578, as browsers and curl write it. `take` gets the file's pieces and has to read them to their end; texts that come
 * before the file are in `fields` by then. Errors: those of `take`; a ShapeError, which leaves as BAD_REQUEST.
 */
export async function readForm(
  source: AsyncIterable<Buffer>,
  contentType: string,
  take: (head: FileHead, pieces: AsyncGenerator<Buffer>, fields: ReadonlyMap<string, string>) => Promise<void>,
): Promise<ReadonlyMap<string, string>> {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) throw new shape.ShapeError('body', 'a boundary');
  const body = new Body(source, Buffer.from(`\r\n--${boundary}`));
  const fields = new Map<string, string>();
  let hasFile = false;
  // What stands before the first boundary means nothing.
  for await (const _ of bounded(body.until(), LONGEST_HEAD)) continue;
  for (let n = 0; !(await body.ends()); n++) {
    if (n >= MOST_PARTS) throw new shape.ShapeError('body', `at most ${MOST_PARTS} parts`);
    const head = (await body.line(LONGEST_HEAD)).toString('utf8');
    const name = /\bname="([^"]*)"/i.exec(head)?.[1] ?? '';
    const fileName = /\bfilename="([^"]*)"/i.exec(head)?.[1];
    if (fileName === undefined) {
      const chunks: Buffer[] = [];
      for await (const chunk of bounded(body.until(), LONGEST_FIELD)) chunks.push(chunk);
      fields.set(name, Buffer.concat(chunks).toString('utf8'));
      continue;
    }
    if (hasFile) throw new shape.ShapeError('body', 'one file');
    hasFile = true;
    const type = /^content-type:\s*(.{1,200})$/im.exec(head)?.[1]?.trim() ?? '';
    const pieces = body.until();
    await take({ name: fileName, type }, pieces, fields);
    for await (const _ of pieces) continue;
  }
  if (!hasFile) throw new shape.ShapeError('file', 'a file');
  return fields;
}

async function* bounded(chunks: AsyncGenerator<Buffer>, most: number): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > most) throw new shape.ShapeError('body', `at most ${most} bytes before the file and in a text`);
    yield chunk;
  }
}

/** The bytes that are still to be read, cut at the mark. */
class Body {
  readonly #source: AsyncIterator<Buffer>;
  readonly #mark: Buffer;
  // The first mark stands at the very beginning, without the line before it.
  #held: Buffer = Buffer.from('\r\n');

  constructor(source: AsyncIterable<Buffer>, mark: Buffer) {
    this.#source = source[Symbol.asyncIterator]();
    this.#mark = mark;
  }

  /** Everything up to the next mark, which is taken away. */
  async *until(): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(this.#mark);
      if (at >= 0) {
        const piece = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + this.#mark.length);
        if (piece.length > 0) yield piece;
        return;
      }
      // A mark may have begun at the end of it.
      const sure = Math.max(0, this.#held.length - this.#mark.length + 1);
      const piece = this.#held.subarray(0, sure);
      this.#held = this.#held.subarray(sure);
      if (piece.length > 0) yield piece;
      await this.#more();
    }
  }

  /** Does the form end with the mark that has just been read? */
  async ends(): Promise<boolean> {
    while (this.#held.length < 2) await this.#more();
    return this.#held.toString('latin1', 0, 2) === '--';
  }

  /** The head of a part, up to its empty line. */
  async line(most: number): Promise<Buffer> {
    for (;;) {
      const at = this.#held.indexOf('\r\n\r\n');
      if (at >= 0) {
        const head = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + 4);
        return head;
      }
      if (this.#held.length > most) throw new shape.ShapeError('body', 'a whole multipart form');
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const next = await this.#source.next();
    if (next.done === true) throw new shape.ShapeError('body', 'a whole multipart form');
    this.#held = Buffer.concat([this.#held, next.value]);
  }
}
