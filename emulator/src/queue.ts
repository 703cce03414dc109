// The stanzas that one device has not acknowledged yet, in order and durable; it never sends and never drops one by itself.

import { encodeNode } from './encode.ts';
import { EmulatorError } from './errors.ts';
import { decodeNode, type Node } from './nodes.ts';
import type { Table } from './store.ts';

const SLAB_BYTES = 256 * 1024;
let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let used = 0;

/** A copy among its like: in Node's own pool a small thing that stays holds a slab of things that went. */
function kept(bytes: Buffer): Buffer {
  if (bytes.length > SLAB_BYTES / 8) return bytes;
  if (used + bytes.length > SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    used = 0;
  }
  const copy = slab.subarray(used, used + bytes.length);
  copy.set(bytes);
  used += bytes.length;
  return copy;
}

/** About 100 MB of one device's mail. */
const MAX_QUEUED = 200_000;

export interface Entry {
  readonly seq: number;
  /** What a receipt or an ack names: the stanza's class, id and, for receipts, type and sender. */
  readonly key: string;
  /** Its binary form, ready to be sent: a stanza as an object takes four times the room. */
  readonly bytes: Buffer;
}

export function stanzaOf({ bytes }: Entry): Node {
  return decodeNode(bytes);
}

/** message, receipt, notification or call. */
export function tagOf({ key }: Entry): string {
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
  readonly #entries = new Map<string, Entry>();
  #nextSeq = 1;

  /** @param device a name without a slash. */
  constructor(table: Table, device: string) {
    this.#table = table;
    this.#prefix = `${device}/`;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Oldest first. */
  entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  has(entry: Entry): boolean {
    return this.#entries.get(entry.key) === entry;
  }

  /** A stanza with the same key takes the place of the old one, at the end. @throws EmulatorError QUEUE_FULL */
  push(stanza: Node): Entry {
    if (this.#entries.size >= MAX_QUEUED) throw new EmulatorError('QUEUE_FULL');
    const entry = { seq: this.#nextSeq++, key: entryKey(stanza), bytes: kept(encodeNode(stanza)) };
    this.acknowledge(entry.key);
    this.#entries.set(entry.key, entry);
    this.#table.put(this.#row(entry.seq), () => entry.bytes);
    return entry;
  }

  /** @returns the entry that is now done, or undefined when there was none of this key. */
  acknowledge(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#table.delete(this.#row(entry.seq));
    return entry;
  }

  clear(): void {
    for (const key of this.#entries.keys()) this.acknowledge(key);
  }

  /** Puts back a row that was stored before; rows come in the order of their keys. */
  restore(row: string, bytes: Uint8Array): void {
    const seq = Number(row.slice(this.#prefix.length));
    const own = kept(Buffer.from(bytes));
    const key = entryKey(decodeNode(own));
    this.#entries.set(key, { seq, key, bytes: own });
    this.#nextSeq = Math.max(this.#nextSeq, seq + 1);
  }

  #row(seq: number): string {
    return this.#prefix + String(seq).padStart(12, '0');
  }
}
