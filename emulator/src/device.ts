// One linked device: its unacknowledged stanzas and, while it is connected, how far they have been sent; it never makes a stanza's content.
import { SERVER } from './address.ts';
import type { Connection } from './connection.ts';
import { Delivery } from './delivery.ts';
import { encodeNode, markOffline } from './encode.ts';
import type { Faults } from './faults.ts';
import { childrenOf, type Node, node } from './nodes.ts';
import type { Companion, Person } from './person.ts';
import { type DeviceQueue, type Entry, type EntryName, stanzaOf, tagOf } from './queue.ts';

/** Stanzas that a client gets before it has asked, when the queue is handed out on demand. */
const PULL_PRIMER = 5;

/** absent: no socket. waiting: logged in, not yet active. draining: what was kept is going out. live: new stanzas go at once. */
type Phase =
  | { readonly kind: 'absent' }
  | { readonly kind: 'waiting'; readonly connection: Connection }
  | { readonly kind: 'draining'; readonly connection: Connection; readonly until: number; readonly count: number }
  | { readonly kind: 'live'; readonly connection: Connection };

export class Device {
  readonly person: Person;
  readonly companion: Companion;
  readonly queue: DeviceQueue;
  /** Ids of people whose presence it wants to know. */
  readonly subscriptions = new Set<string>();
  /** Ids it has asked for again in this connection. */
  readonly retried = new Set<string>();
  /** The names under which a fault may mean this device. */
  readonly names: readonly string[];
  readonly #faults: Faults;
  readonly #onDrained: (device: Device) => void;
  #phase: Phase = { kind: 'absent' };
  #delivery: Delivery | undefined;
  /** Names alone: when everybody comes back at once, their stanzas stay packed. */
  #backlog: EntryName[] = [];
  #next = 0;
  /** Offline stanzas that may still go without being asked for. */
  #credit = Number.POSITIVE_INFINITY;

  constructor(
    person: Person,
    companion: Companion,
    queue: DeviceQueue,
    faults: Faults,
    onDrained: (device: Device) => void,
  ) {
    this.person = person;
    this.companion = companion;
    this.queue = queue;
    this.#faults = faults;
    this.#onDrained = onDrained;
    this.names = [this.id, person.id, this.pn, this.lid, person.pn(), person.lid(), person.number];
  }

  get id(): string {
    return `${this.person.id}:${this.companion.device}`;
  }

  get pn(): string {
    return this.person.pn(this.companion.device);
  }

  get lid(): string {
    return this.person.lid(this.companion.device);
  }

  get connection(): Connection | undefined {
    return this.#phase.kind === 'absent' ? undefined : this.#phase.connection;
  }

  get phase(): Phase['kind'] {
    return this.#phase.kind;
  }

  attach(connection: Connection): void {
    this.#phase = { kind: 'waiting', connection };
    this.#delivery = new Delivery(connection, this.#faults);
    this.#backlog = [];
    this.#next = 0;
  }

  detach(connection: Connection): void {
    if (this.connection !== connection) return;
    this.#phase = { kind: 'absent' };
    this.#delivery?.close();
    this.#backlog = [];
    this.subscriptions.clear();
    this.retried.clear();
  }

  /** Keeps the stanza until the device acknowledges it, and sends it when its turn comes. */
  push(stanza: Node): void {
    const { seq, key } = this.queue.push(stanza);
    if (this.#phase.kind !== 'draining' && this.#phase.kind !== 'live') return;
    this.#backlog.push({ seq, key });
    this.pump();
  }

  /** The client is ready: first what was kept, then the end marker, then what is new. */
  activate(): void {
    if (this.#phase.kind !== 'waiting') return;
    const { connection } = this.#phase;
    this.#backlog = Array.from(this.queue.entries(), ({ seq, key }) => ({ seq, key }));
    this.#next = 0;
    const count = this.#backlog.length;
    this.#credit = this.#faults.take('pull-mode', ...this.names) ? PULL_PRIMER : Number.POSITIVE_INFINITY;
    if (count > 0) {
      const of = (tag: string) => String(this.#backlog.filter((entry) => tagOf(entry) === tag).length);
      const preview = {
        count: String(count),
        message: of('message'),
        receipt: of('receipt'),
        notification: of('notification'),
        appdata: '0',
      };
      connection.send(node('ib', { from: SERVER }, [node('offline_preview', preview)]));
    }
    this.#phase = { kind: 'draining', connection, until: this.#backlog.at(-1)?.seq ?? 0, count };
    this.pump();
  }

  /** The client asks for more of what was kept. */
  pull(count: number): void {
    this.#credit += count;
    this.pump();
  }

  /** Sends what may go now; called again when the socket has room. */
  pump(): void {
    while (this.#phase.kind === 'draining' || this.#phase.kind === 'live') {
      const { connection } = this.#phase;
      const next = this.#backlog[this.#next];
      if (this.#phase.kind === 'draining' && (!next || next.seq > this.#phase.until)) {
        this.#endDrain(connection, this.#phase.count);
        continue;
      }
      if (!next || !connection.hasRoom || this.#faults.hits('hold', ...this.names)) break;
      const offline = this.#phase.kind === 'draining';
      if (offline && this.#credit <= 0) break;
      this.#next += 1;
      const entry = this.queue.find(next);
      if (!entry) continue;
      if (offline) this.#credit -= 1;
      this.#delivery?.send(tagOf(entry), this.#outgoing(entry, offline), this.names);
    }
    if (this.#next > 1_000) {
      this.#backlog.splice(0, this.#next);
      this.#next = 0;
    }
  }

  #endDrain(connection: Connection, count: number): void {
    this.#phase = { kind: 'live', connection };
    if (!this.#faults.take('no-offline-end', ...this.names)) {
      const end = () => connection.send(node('ib', { from: SERVER }, [node('offline', { count: String(count) })]));
      const late = this.#faults.take('late-offline-end', ...this.names);
      // The client waits at most half a minute for it.
      if (late) setTimeout(end, Math.min(120_000, late.ms ?? 5_000)).unref();
      else end();
    }
    this.#onDrained(this);
  }

  #outgoing(entry: Entry, offline: boolean): Buffer {
    const tag = tagOf(entry);
    const broken = tag === 'message' && this.#faults.take('corrupt-next', ...this.names) !== undefined;
    const marked = offline && !this.#faults.hits('unmarked', ...this.names);
    if (!broken && !marked) return entry.bytes;
    const quick = broken ? undefined : markOffline(entry.bytes);
    if (quick) return quick;
    const stanza = stanzaOf(entry);
    const content = broken ? corrupt(stanza) : stanza.content;
    return encodeNode(node(stanza.tag, marked ? { ...stanza.attrs, offline: '0' } : stanza.attrs, content));
  }
}

/** The content with one bit of each ciphertext turned over. */
function corrupt(stanza: Node): Node[] {
  return childrenOf(stanza).map((child) => {
    if (child.tag !== 'enc' || !(child.content instanceof Uint8Array)) return child;
    const bytes = Buffer.from(child.content);
    // Near the end lie the MAC and the last block in every kind; the very last bytes of a pkmsg are ids that nobody checks.
    const at = Math.max(0, bytes.length - 12);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    return { ...child, content: bytes };
  });
}
