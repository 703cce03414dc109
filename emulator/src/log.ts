// What one person has sent and received, in order and durable; it never decides a status, it only lets it rise.
import { PackedMap } from './packed.ts';
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
  readonly status: Status;
  readonly file?: FileRecord;
}

export class MessageLog {
  readonly #table: Table;
  readonly #prefix: string;
  /** By direction and id; the value is the row as it is on disk. */
  readonly #entries = new PackedMap();
  readonly #met = new Set<string>();
  #nextSeq = 1;

  constructor(table: Table, owner: string) {
    this.#table = table;
    this.#prefix = `${owner}/`;
  }

  /** Bytes of memory. */
  get weight(): number {
    return this.#entries.weight;
  }

  /** Oldest first. */
  *all(): Iterable<Entry> {
    for (const [, row] of this.#entries.entries()) yield entryOf(row);
  }

  /** What came after the message of this id, or undefined if there is none. */
  after(id: string): Iterable<Entry> | undefined {
    const key = [`in/${id}`, `out/${id}`].find((each) => this.#entries.has(each));
    return key === undefined ? undefined : Array.from(this.#entries.entries(key), ([, row]) => entryOf(row));
  }

  /** Everybody who was ever named as author or recipient: ids of people and addresses of groups. */
  get met(): ReadonlySet<string> {
    return this.#met;
  }

  find(direction: 'in' | 'out', id: string): Entry | undefined {
    const row = this.#entries.get(`${direction}/${id}`);
    return row && entryOf(row);
  }

  /** @returns the entry, or undefined when a message of this id is there already: it is the same one, sent again. */
  add(entry: Omit<Entry, 'seq'>): Entry | undefined {
    const added = { ...entry, seq: this.#nextSeq };
    const row = JSON.stringify(added);
    if (!this.#entries.add(keyOf(entry), row)) return undefined;
    this.#nextSeq += 1;
    this.#meet(added);
    this.#table.put(this.#row(added.seq), () => row);
    if (this.#entries.size > MAX_LOG) {
      const [oldest] = this.#entries.entries();
      if (oldest) {
        this.#entries.delete(oldest[0]);
        this.#table.delete(this.#row(entryOf(oldest[1]).seq));
      }
    }
    return added;
  }

  /** @returns whether it rose. */
  raise({ direction, id }: Entry, status: Status): boolean {
    const entry = this.find(direction, id);
    if (!entry || STATUSES.indexOf(status) <= STATUSES.indexOf(entry.status)) return false;
    this.#save({ ...entry, status });
    return true;
  }

  keepFile({ direction, id }: Entry, file: FileRecord): void {
    const entry = this.find(direction, id);
    if (entry) this.#save({ ...entry, file });
  }

  restore(row: string): void {
    const entry = entryOf(Buffer.from(row));
    this.#entries.set(keyOf(entry), row);
    this.#meet(entry);
    this.#nextSeq = Math.max(this.#nextSeq, entry.seq + 1);
  }

  #save(entry: Entry): void {
    const row = JSON.stringify(entry);
    this.#entries.set(keyOf(entry), row);
    this.#table.put(this.#row(entry.seq), () => row);
  }

  #meet({ from, to }: Entry): void {
    this.#met.add(from).add(to);
  }

  #row(seq: number): string {
    return this.#prefix + String(seq).padStart(12, '0');
  }
}

function keyOf({ direction, id }: Pick<Entry, 'direction' | 'id'>): string {
  return `${direction}/${id}`;
}

/** The emulator wrote the row itself. */
function entryOf(row: Buffer): Entry {
  return JSON.parse(row.toString('utf8')) as Entry;
}
