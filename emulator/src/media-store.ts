// The sealed files of the media host, on disk by their hash; it never opens one.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Store, Table } from './store.ts';

/** WhatsApp's own limit for documents. */
const MAX_FILE_BYTES = 2 * 1024 * 1024 * 1024;
/** All files together; past it the oldest go. */
const MAX_TOTAL_BYTES = 8 * 1024 * 1024 * 1024;
const MAX_FILES = 200_000;

interface Row {
  /** Of the sealed file, hexadecimal: its name on disk. */
  readonly sha256: string;
  readonly size: number;
  /** WhatsApp keeps it no longer; the phones still have it. */
  readonly gone: boolean;
}

export interface StoredFile {
  readonly path: string;
  readonly size: number;
}

/** A file came that is not what its sender said, or too much of it. */
export class MediaRefused extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

export class MediaStore {
  readonly #dir: string | undefined;
  readonly #table: Table;
  readonly #secret: Buffer;
  readonly #random: (bytes: number) => Buffer;
  readonly #files = new Map<string, Row>();
  /** The folder that goes when the emulator goes. */
  #made: string | undefined;
  #ready = false;
  #total = 0;

  /** @param dir none = a folder of its own that is removed at the end. @param secret makes the tokens; the same after a restart. */
  constructor(store: Store, dir: string | undefined, secret: Buffer, random: (bytes: number) => Buffer) {
    this.#dir = dir === undefined ? undefined : join(dir, 'media');
    this.#table = store.table('media');
    this.#secret = secret;
    this.#random = random;
    // The emulator wrote these rows itself.
    for (const [id, row] of this.#table.rows()) this.#remember(id, JSON.parse(String(row)) as Row);
  }

  /** What a device must show to upload. */
  tokenOf(device: string): string {
    return `${Buffer.from(device).toString('base64url')}.${this.#mac(device)}`;
  }

  /** @returns the device that the token was made for. */
  deviceOf(token: string): string | undefined {
    const [name = '', mac = ''] = token.split('.');
    const device = Buffer.from(name, 'base64url').toString();
    const expected = Buffer.from(this.#mac(device));
    const given = Buffer.from(mac);
    return given.length === expected.length && timingSafeEqual(given, expected) ? device : undefined;
  }

  /** Keeps what the stream brings. @param sha256 what it must amount to. @returns its id. @throws MediaRefused */
  async receive(stream: Readable, sha256: Buffer): Promise<string> {
    const hash = createHash('sha256');
    let size = 0;
    const part = join(this.#folder(), `part-${this.#random(8).toString('hex')}`);
    try {
      await pipeline(
        stream,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            size += chunk.length;
            if (size > MAX_FILE_BYTES) throw new MediaRefused(413, 'the file is too large');
            hash.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(part),
      );
      if (!hash.digest().equals(sha256)) throw new MediaRefused(400, 'the file is not what its hash says');
      const name = sha256.toString('hex');
      renameSync(part, join(this.#folder(), name));
      return this.#add(name, size);
    } finally {
      rmSync(part, { force: true });
    }
  }

  /** Keeps what a simulated phone uploads. @returns its id. */
  put(bytes: Buffer): string {
    const name = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(this.#folder(), name), bytes);
    return this.#add(name, bytes.length);
  }

  /** The file for a download. @returns undefined when there is none, or WhatsApp has dropped it. */
  find(id: string): StoredFile | undefined {
    const row = this.#files.get(id);
    return row && !row.gone ? { path: join(this.#folder(), row.sha256), size: row.size } : undefined;
  }

  /** Bytes, dropped or not. */
  sizeOf(id: string): number | undefined {
    return this.#files.get(id)?.size;
  }

  /** The sealed bytes as the phones still have them, dropped or not. */
  bytes(id: string): Buffer | undefined {
    const row = this.#files.get(id);
    return row && readFileSync(join(this.#folder(), row.sha256));
  }

  /** As when WhatsApp deletes a file after some weeks. */
  drop(id: string): boolean {
    const row = this.#files.get(id);
    if (!row) return false;
    this.#save(id, { ...row, gone: true });
    return true;
  }

  /** The phone uploads it once more, under another id. */
  again(id: string): string | undefined {
    const row = this.#files.get(id);
    return row && this.#add(row.sha256, row.size);
  }

  close(): void {
    if (this.#made !== undefined) rmSync(this.#made, { recursive: true, force: true });
  }

  #mac(device: string): string {
    return createHmac('sha256', this.#secret).update(device).digest('base64url');
  }

  /** Made when the first file comes. */
  #folder(): string {
    if (this.#dir === undefined) this.#made ??= mkdtempSync(join(tmpdir(), 'emulator-media-'));
    else if (!this.#ready) mkdirSync(this.#dir, { recursive: true });
    this.#ready = true;
    return this.#dir ?? this.#made ?? '';
  }

  #add(sha256: string, size: number): string {
    const id = this.#random(16).toString('hex');
    this.#save(id, { sha256, size, gone: false });
    while (this.#total > MAX_TOTAL_BYTES || this.#files.size > MAX_FILES) this.#forgetOldest();
    return id;
  }

  #save(id: string, row: Row): void {
    this.#remember(id, row);
    this.#table.put(id, () => JSON.stringify(row));
  }

  #remember(id: string, row: Row): void {
    if (!this.#files.has(id)) this.#total += row.size;
    this.#files.set(id, row);
  }

  #forgetOldest(): void {
    const [oldest] = this.#files;
    if (!oldest) return;
    const [id, row] = oldest;
    this.#files.delete(id);
    this.#table.delete(id);
    this.#total -= row.size;
    const shared = [...this.#files.values()].some(({ sha256 }) => sha256 === row.sha256);
    if (!shared) rmSync(join(this.#folder(), row.sha256), { force: true });
  }
}
