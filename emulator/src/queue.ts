// The stanzas that one device has not acknowledged yet, in order and durable; it never sends and never drops one by itself.

import { encodeNode } from './encode.ts';
import { EmulatorError } from './errors.ts';
import { decodeNode, type Node } from './nodes.ts';
import { PackedMap } from './packed.ts';
import type { Table } from './store.ts';

/** About 100 MB of one device's mail. */
const MAX_QUEUED = 200_000;
/** Before the stanza, its seq. */
const SEQ_BYTES = 6;

/** What is enough to find an entry again. */
export interface EntryName {
  readonly seq: number;
  /** What a receipt or an ack names: the stanza's class, id and, for receipts, type and sender. */
  readonly key: string;
}

export interface Entry extends EntryName {
  /** Its binary form, ready to be sent. */
  readonly bytes: Buffer;
}

export function stanzaOf({ bytes }: Entry): Node {
  return decodeNode(bytes);
}

/** message, receipt, notification or call. */
export function tagOf({ key }: EntryName): string {
  return key.slice(0, key.indexOf('/'));
}

/** The name under which the client will acknowledge the stanza. */
function entryKey(stanza: Node): string {
  const { id = '', type = '', from = '', participant = '' } = stanza.attrs;
  return stanza.tag === 'receipt' ? receiptKey(id, type, from, participant) : `${stanza.tag}/${id}`;
}

export function receiptKey(id: string, type: string, from: string, participant: string): string {
  return `receipt/${id}/${type}/${from}/${participant}`;
}

export class DeviceQueue {
  readonly #table: Table;
  readonly #prefix: string;
  readonly #entries = new PackedMap();
  #nextSeq = 1;

  /** @param device a name without a slash. */
  constructor(table: Table, device: string) {
    this.#table = table;
    this.#prefix = `${device}/`;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Bytes of memory. */
  get weight(): number {
    return this.#entries.weight;
  }

  /** Oldest first. */
  *entries(): Iterable<Entry> {
    for (const [key, record] of this.#entries.entries()) yield entryOf(key, record);
  }

  /** @returns undefined when it is acknowledged, or another one has taken its place. */
  find({ key, seq }: EntryName): Entry | undefined {
    const record = this.#entries.get(key);
    return record && seqOf(record) === seq ? entryOf(key, record) : undefined;
  }

  /** A stanza with the same key takes the place of the old one, at the end. @throws EmulatorError QUEUE_FULL */
  push(stanza: Node): Entry {
    if (this.#entries.size >= MAX_QUEUED) throw new EmulatorError('QUEUE_FULL');
    const entry = { seq: this.#nextSeq++, key: entryKey(stanza), bytes: encodeNode(stanza) };
    this.acknowledge(entry.key);
    this.#keep(entry);
    this.#table.put(this.#row(entry.seq), () => entry.bytes);
    return entry;
  }

  /** @returns whether there was one of this key, which is done now. */
  acknowledge(key: string): boolean {
    const record = this.#entries.get(key);
    if (!record) return false;
    this.#entries.delete(key);
    this.#table.delete(this.#row(seqOf(record)));
    return true;
  }

  clear(): void {
    for (const { key } of this.entries()) this.acknowledge(key);
  }

  /** Puts back a row that was stored before; rows come in the order of their keys. */
  restore(row: string, bytes: Uint8Array): void {
    const seq = Number(row.slice(this.#prefix.length));
    const own = Buffer.from(bytes);
    this.#keep({ seq, key: entryKey(decodeNode(own)), bytes: own });
    this.#nextSeq = Math.max(this.#nextSeq, seq + 1);
  }

  #keep({ key, seq, bytes }: Entry): void {
    const record = Buffer.allocUnsafe(SEQ_BYTES + bytes.length);
    record.writeUIntBE(seq, 0, SEQ_BYTES);
    record.set(bytes, SEQ_BYTES);
    this.#entries.set(key, record);
  }

  #row(seq: number): string {
    return this.#prefix + String(seq).padStart(12, '0');
  }
}

function seqOf(record: Buffer): number {
  return record.readUIntBE(0, SEQ_BYTES);
}

function entryOf(key: string, record: Buffer): Entry {
  return { key, seq: seqOf(record), bytes: record.subarray(SEQ_BYTES) };
}
