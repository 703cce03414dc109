// What one person has sent and received, in order and durable; it never decides a status, it only lets it rise.
import type { Table } from './store.ts';

/** Entries of one person; the oldest go. */
const MAX_LOG = 100_000;

const STATUSES = ['pending', 'sent', 'delivered', 'read'] as const;
export type Status = (typeof STATUSES)[number];

/** A file that somebody got, after it was fetched and checked against its message. */
export interface FileRecord {
  readonly ok: boolean;
  /** What is wrong with it. */
  readonly problem?: string;
  readonly mime: string;
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256?: string;
}

export interface Entry {
  readonly seq: number;
  /** The message's own id, as on the wire. */
  readonly id: string;
  readonly direction: 'in' | 'out';
  /** Id of the author. */
  readonly from: string;
  /** Id of a person or address of a group. */
  readonly to: string;
  /** The form in which the two address each other here. */
  readonly form: 's.whatsapp.net' | 'lid';
  readonly kind: string;
  readonly text: string;
  /** The id of the message that it quotes, reacts to, edits or withdraws. */
  readonly about?: string;
  readonly mentions?: readonly string[];
  /** Its bytes, base64, where the text alone does not say it all. */
  readonly raw?: string;
  /** ms since epoch. */
  readonly timestamp: number;
  status: Status;
  file?: FileRecord;
}

export class MessageLog {
  readonly #table: Table;
  readonly #prefix: string;
  readonly #entries = new Map<string, Entry>();
  #nextSeq = 1;

  constructor(table: Table, owner: string) {
    this.#table = table;
    this.#prefix = `${owner}/`;
  }

  all(): Iterable<Entry> {
    return this.#entries.values();
  }

  find(direction: 'in' | 'out', id: string): Entry | undefined {
    return this.#entries.get(`${direction}/${id}`);
  }

  /** @returns the entry, or undefined when a message of this id is there already: it is the same one, sent again. */
  add(entry: Omit<Entry, 'seq'>): Entry | undefined {
    const key = `${entry.direction}/${entry.id}`;
    if (this.#entries.has(key)) return undefined;
    const added = { ...entry, seq: this.#nextSeq++ };
    this.#entries.set(key, added);
    this.#save(added);
    if (this.#entries.size > MAX_LOG) {
      const [oldest] = this.#entries;
      if (oldest) {
        this.#entries.delete(oldest[0]);
        this.#table.delete(this.#row(oldest[1].seq));
      }
    }
    return added;
  }

  /** @returns whether it rose. */
  raise(entry: Entry, status: Status): boolean {
    if (STATUSES.indexOf(status) <= STATUSES.indexOf(entry.status)) return false;
    entry.status = status;
    this.#save(entry);
    return true;
  }

  keepFile(entry: Entry, file: FileRecord): void {
    entry.file = file;
    this.#save(entry);
  }

  restore(text: string): void {
    // The emulator wrote this row itself.
    const entry = JSON.parse(text) as Entry;
    this.#entries.set(`${entry.direction}/${entry.id}`, entry);
    this.#nextSeq = Math.max(this.#nextSeq, entry.seq + 1);
  }

  #save(entry: Entry): void {
    this.#table.put(this.#row(entry.seq), () => JSON.stringify(entry));
  }

  #row(seq: number): string {
    return this.#prefix + String(seq).padStart(12, '0');
  }
}
