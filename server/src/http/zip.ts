// Reads one entry out of a zip file in memory, by its central directory. It writes no file, takes no entry's name for a path, and inflates no more than it is told.
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

/** The file is no zip that we read, or an entry is larger than allowed. */
export class ZipError extends Error {
  readonly tooLarge: boolean;
  constructor(message: string, tooLarge = false) {
    super(message);
    this.name = 'ZipError';
    this.tooLarge = tooLarge;
  }
}

export interface ZipEntry {
  /** As the file has it; only to be shown and compared. */
  readonly name: string;
  /** Bytes after inflating, as the file claims. */
  readonly size: number;
  readonly method: number;
  readonly encrypted: boolean;
  readonly packed: { readonly at: number; readonly size: number };
}

// Signatures and lengths: APPNOTE.TXT of the format, 4.3.
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;
const LOCAL_LENGTH = 30;
const MOST_COMMENT = 0xffff;
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;

const inflate = promisify(inflateRaw);

export function isZip(bytes: Buffer): boolean {
  return bytes.length >= END_LENGTH && (bytes.readUInt32LE(0) === LOCAL || bytes.readUInt32LE(0) === END);
}

/** At most 65,535 entries: the format without its 64-bit form, which no exported chat of ours' size needs. Errors: ZipError. */
export function entriesOf(bytes: Buffer): readonly ZipEntry[] {
  const end = endOf(bytes);
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  const entries: ZipEntry[] = [];
  for (let n = 0; n < count; n++) {
    if (at + ENTRY_LENGTH > end || bytes.readUInt32LE(at) !== ENTRY) throw new ZipError('broken directory');
    const [name, extra, comment] = [28, 30, 32].map((place) => bytes.readUInt16LE(at + place));
    const next = at + ENTRY_LENGTH + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
    if (next > end) throw new ZipError('broken directory');
    entries.push({
      name: bytes.toString('utf8', at + ENTRY_LENGTH, at + ENTRY_LENGTH + (name ?? 0)),
      size: bytes.readUInt32LE(at + 24),
      method: bytes.readUInt16LE(at + 10),
      encrypted: (bytes.readUInt16LE(at + 8) & ENCRYPTED) !== 0,
      packed: { at: bytes.readUInt32LE(at + 42), size: bytes.readUInt32LE(at + 20) },
    });
    at = next;
  }
  return entries;
}

/** The bytes of an entry. What it claims is not believed: inflating stops at `most`. Errors: ZipError. */
export async function readEntry(bytes: Buffer, entry: ZipEntry, most: number): Promise<Buffer> {
  if (entry.encrypted) throw new ZipError('encrypted');
  if (entry.size > most) throw new ZipError(`${entry.size} bytes`, true);
  const { at, size } = entry.packed;
  if (at + LOCAL_LENGTH > bytes.length || bytes.readUInt32LE(at) !== LOCAL) throw new ZipError('broken entry');
  const from = at + LOCAL_LENGTH + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
  if (from + size > bytes.length) throw new ZipError('broken entry');
  const packed = bytes.subarray(from, from + size);
  if (entry.method === STORED) return packed;
  if (entry.method !== DEFLATED) throw new ZipError(`method ${entry.method}`);
  try {
    return await inflate(packed, { maxOutputLength: most });
  } catch (error) {
    const tooLarge = error instanceof RangeError;
    throw new ZipError(tooLarge ? `more than ${most} bytes` : 'broken entry', tooLarge);
  }
}

/** Where the end record begins: it is the last thing in the file, but for a comment. */
function endOf(bytes: Buffer): number {
  const lowest = Math.max(0, bytes.length - END_LENGTH - MOST_COMMENT);
  for (let at = bytes.length - END_LENGTH; at >= lowest; at--) {
    if (bytes.readUInt32LE(at) === END) return at;
  }
  throw new ZipError('no directory');
}
