// Reads a small multipart body that is in memory already: its texts and its one file. It writes nothing; a large upload needs a stream, which this is not.
import { shape } from '@pulseline/protocol';

export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly file?: { readonly name: string; readonly bytes: Buffer };
}

const MOST_PARTS = 20;
const LONGEST_HEAD = 4_096;
const LONGEST_FIELD = 2_000;

/** RFC 7578, as browsers and curl write it. Errors: a ShapeError, which leaves as BAD_REQUEST. */
export function formOf(body: Buffer, contentType: string): Form {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) throw new shape.ShapeError('body', 'a boundary');
  const mark = Buffer.from(`\r\n--${boundary}`);
  const fields = new Map<string, string>();
  let file: Form['file'];
  // The first mark stands at the very beginning, without the line before it.
  const whole = Buffer.concat([Buffer.from('\r\n'), body]);
  let at = whole.indexOf(mark);
  for (let n = 0; at >= 0; n++) {
    const from = at + mark.length;
    if (whole.toString('latin1', from, from + 2) === '--') break;
    const next = whole.indexOf(mark, from);
    const head = whole.indexOf('\r\n\r\n', from);
    if (next < 0 || head < 0 || head > next || head - from > LONGEST_HEAD || n >= MOST_PARTS) {
      throw new shape.ShapeError('body', 'a whole multipart form');
    }
    const disposition = whole.toString('utf8', from, head);
    const name = /\bname="([^"]*)"/i.exec(disposition)?.[1] ?? '';
    const fileName = /\bfilename="([^"]*)"/i.exec(disposition)?.[1];
    const bytes = whole.subarray(head + 4, next);
    if (fileName !== undefined) file ??= { name: fileName.slice(0, LONGEST_FIELD), bytes };
    else fields.set(name, bytes.toString('utf8').slice(0, LONGEST_FIELD));
    at = next;
  }
  return { fields, ...(file && { file }) };
}
