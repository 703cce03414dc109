// The emulated WhatsApp as a whole: who exists, who is connected, and which file answers which stanza; it never opens a port.
import { AppState } from './app-state.ts';
import { type Call, receiveCall } from './calls.ts';
import {
  type Authority,
  authorityFromRow,
  authorityToRow,
  createAuthority,
  createTlsFiles,
  type TlsFiles,
} from './certificate.ts';
import { Channels } from './channels.ts';
import type { ClientPayload, Connection, Listener } from './connection.ts';
import { Device } from './device.ts';
import { announceDevice } from './device-list.ts';
import { Faults } from './faults.ts';
import { Groups } from './groups.ts';
import { MessageLog } from './log.ts';
import { receiveLogin } from './login.ts';
import { MediaStore } from './media-store.ts';
import { childOf, childrenOf, type Node } from './nodes.ts';
import type { ClientProof } from './noise.ts';
import { Pairing } from './pairing.ts';
import { People } from './people.ts';
import { type Companion, type Person } from './person.ts';
import { PhoneStates } from './phone-state.ts';
import { forgetPresence, receiveChatState, receivePresence } from './presence.ts';
import { receiveQuery } from './queries.ts';
import { DeviceQueue } from './queue.ts';
import { receiveAck, receiveReceipt } from './receipts.ts';
import { receiveMessage } from './receive.ts';
import { SenderKeys } from './sender-keys.ts';
import { Sessions } from './signal.ts';
import { Store } from './store.ts';
import { syncNewDevice } from './sync.ts';
import { Watch } from './watch.ts';

export interface Log {
  debug(data: object, text: string): void;
  info(data: object, text: string): void;
  warn(data: object, text: string): void;
  error(data: object, text: string): void;
}

export interface WorldOptions {
  readonly dir: string | undefined;
  readonly log: Log;
  /** ms since epoch. */
  readonly clock: () => number;
  readonly random: (bytes: number) => Buffer;
  readonly fewPreKeys: boolean;
  readonly onStoreFailure: (error: unknown) => void;
}

type Handler = (world: World, device: Device, stanza: Node) => Promise<void> | void;

/** What happens with a stanza of a linked device: one line each, acted on in the file of that name. */
const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>(
  Object.entries({
    iq: receiveQuery,
    message: receiveMessage,
    receipt: receiveReceipt,
    ack: receiveAck,
    presence: receivePresence,
    chatstate: receiveChatState,
    ib: (_world: World, device: Device, stanza: Node) => {
      const batch = childOf(stanza, 'offline_batch');
      if (batch) device.pull(Math.max(0, Number(batch.attrs.count) || 0));
    },
    call: receiveCall,
  }),
);

/** The stanzas of linked devices that are acted on. */
export const STANZA_TAGS: readonly string[] = [...HANDLERS.keys()];

/** Another name than that of certificates made before they could be trusted as roots. */
const TLS_ROW = 'loopback';

let realms = 0;

/** Asking for a few bytes costs as much as asking for many. */
function pooled(random: (bytes: number) => Buffer): (bytes: number) => Buffer {
  let pool: Buffer = Buffer.alloc(0);
  return (bytes) => {
    if (bytes > 64) return random(bytes);
    if (pool.length < bytes) pool = random(4_096);
    const taken = pool.subarray(0, bytes);
    pool = pool.subarray(bytes);
    return taken;
  };
}

export class World implements Listener {
  readonly store: Store;
  readonly authority: Authority;
  readonly people: People;
  readonly groups: Groups;
  readonly sessions: Sessions;
  readonly senderKeys: SenderKeys;
  readonly appState: AppState;
  readonly phoneStates: PhoneStates;
  readonly media: MediaStore;
  /** Host and port of the media host, once it listens. */
  mediaHost = '127.0.0.1:9';
  readonly pairing: Pairing;
  readonly channels: Channels;
  /** By id; the oldest go. */
  readonly calls = new Map<string, Call>();
  readonly watch = new Watch();
  readonly faults: Faults;
  /** ms that the server's clock is ahead of the real one. */
  skew = 0;
  readonly log: Log;
  readonly clock: () => number;
  readonly random: (bytes: number) => Buffer;
  /** A new device is said to have a prekey already. */
  readonly fewPreKeys: boolean;
  readonly connections = new Set<Connection>();
  /** Phones that refuse their devices' sockets, by id. */
  readonly offline = new Set<string>();
  #tls: Promise<TlsFiles> | undefined;
  readonly #devices = new Map<string, Device>();
  readonly #online = new Map<Connection, Device>();
  readonly #logs = new Map<string, MessageLog>();
  /** What waits for a simulated phone that is switched off. */
  readonly #held = new Map<string, DeviceQueue>();

  constructor({ dir, log, clock, random, fewPreKeys, onStoreFailure }: WorldOptions) {
    this.log = log;
    this.fewPreKeys = fewPreKeys;
    this.clock = () => clock() + this.skew;
    this.random = pooled(random);
    this.store = new Store(dir, onStoreFailure);
    this.authority = this.#loadAuthority();
    this.faults = new Faults(this.store);
    this.people = new People(this.store, random);
    this.groups = new Groups(this.store, this.people);
    realms += 1;
    this.channels = new Channels(this.store);
    this.sessions = new Sessions(this.store, `emulator${realms}/`);
    this.senderKeys = new SenderKeys(this.store, random);
    this.appState = new AppState(this.store, random);
    this.phoneStates = new PhoneStates(this.appState, random);
    this.media = new MediaStore(this.store, dir, this.authority.noise.staticPair.private, random);
    this.pairing = new Pairing(this);
    for (const person of this.people.all()) {
      for (const companion of person.companions.values()) this.addDevice(person, companion);
    }
    for (const [key, row] of this.store.table('queue').rows()) {
      if (typeof row !== 'string') this.#queueNamed(key.slice(0, key.indexOf('/')))?.restore(key, row);
    }
    for (const [key, row] of this.store.table('log').rows()) {
      const person = this.people.find(key.slice(0, key.indexOf('/')));
      if (person) this.logOf(person).restore(String(row));
    }
  }

  devices(): Iterable<Device> {
    return this.#devices.values();
  }

  devicesOf(person: Person): Device[] {
    return [...person.companions.keys()].flatMap((device) => this.device(person, device) ?? []);
  }

  device(person: Person, device: number): Device | undefined {
    return this.#devices.get(`${person.id}:${device}`);
  }

  deviceOn(connection: Connection): Device | undefined {
    return this.#online.get(connection);
  }

  addDevice(person: Person, companion: Companion): Device {
    const queue = new DeviceQueue(this.store.table('queue'), `${person.id}:${companion.device}`);
    const device = new Device(person, companion, queue, this.faults, (drained) => syncNewDevice(this, drained));
    this.#devices.set(device.id, device);
    return device;
  }

  /** Unlinks a device for good. Its socket is the caller's to close. */
  removeDevice(device: Device): void {
    const { connection, person, companion } = device;
    if (connection) {
      this.#online.delete(connection);
      device.detach(connection);
    }
    device.queue.clear();
    person.removeCompanion(companion);
    announceDevice(this, person, companion, 'remove');
    this.sessions.dropDevice({ person, device: companion.device });
    this.senderKeys.forgetDevice(device.id);
    this.#devices.delete(device.id);
  }

  /** From now on stanzas of the connection are the device's. */
  bringOnline(connection: Connection, device: Device): void {
    this.#online.set(connection, device);
    device.attach(connection);
  }

  logOf(person: Person): MessageLog {
    const known = this.#logs.get(person.id);
    if (known) return known;
    const log = new MessageLog(this.store.table('log'), person.id);
    this.#logs.set(person.id, log);
    return log;
  }

  heldFor(person: Person): DeviceQueue {
    const known = this.#held.get(person.id);
    if (known) return known;
    const queue = new DeviceQueue(this.store.table('queue'), `${person.id}:0`);
    this.#held.set(person.id, queue);
    return queue;
  }

  /** An id as WhatsApp's phones make them: 3A and 18 hexadecimal digits. */
  messageId(): string {
    return `3A${this.random(9).toString('hex').toUpperCase()}`;
  }

  /** The certificate of wss and of the media host, made when it is first needed: that costs more than the whole start. */
  tlsFiles(): Promise<TlsFiles> {
    this.#tls ??= this.#loadTls();
    return this.#tls;
  }

  greeted(connection: Connection, proof: ClientProof, payload: ClientPayload): void {
    this.connections.add(connection);
    if (payload.devicePairingData && !payload.username) this.pairing.begin(connection, proof, payload);
    else receiveLogin(this, connection, proof, payload);
  }

  sent(connection: Connection, stanza: Buffer): void {
    if (this.watch.isOn) this.watch.pass(this.clock(), this.#online.get(connection)?.id ?? '', 'out', stanza);
  }

  async received(connection: Connection, stanza: Node): Promise<void> {
    const device = this.#online.get(connection);
    if (this.watch.isOn) this.watch.pass(this.clock(), device?.id ?? '', 'in', stanza);
    if (!device) return this.pairing.received(connection, stanza);
    if (device.connection !== connection) return;
    if (this.faults.take('silence', ...device.names)) {
      connection.muted = true;
      return;
    }
    const handler = HANDLERS.get(stanza.tag);
    if (handler) await handler(this, device, stanza);
    else this.log.debug({ tag: stanza.tag, children: childrenOf(stanza).map(({ tag }) => tag) }, 'ignored');
  }

  drained(connection: Connection): void {
    this.#online.get(connection)?.pump();
  }

  closed(connection: Connection): void {
    this.connections.delete(connection);
    this.pairing.closed(connection);
    const device = this.#online.get(connection);
    this.#online.delete(connection);
    if (device?.connection === connection) {
      device.detach(connection);
      forgetPresence(this, device);
    }
  }

  close(): void {
    for (const connection of this.connections) connection.drop();
    this.store.close();
    this.media.close();
  }

  #queueNamed(name: string): DeviceQueue | undefined {
    const [id = '', device] = name.split(':');
    const person = this.people.find(id);
    return device === '0' && person ? this.heldFor(person) : this.#devices.get(name)?.queue;
  }

  async #loadTls(): Promise<TlsFiles> {
    const table = this.store.table('tls');
    for (const [key, row] of table.rows()) {
      // The emulator wrote this row itself.
      if (key === TLS_ROW) return JSON.parse(String(row)) as TlsFiles;
    }
    const files = await createTlsFiles();
    table.put(TLS_ROW, () => JSON.stringify(files));
    return files;
  }

  #loadAuthority(): Authority {
    const table = this.store.table('authority');
    // The emulator wrote this row itself.
    for (const [, row] of table.rows()) return authorityFromRow(JSON.parse(String(row)));
    const made = createAuthority(this.clock());
    table.put('root', () => JSON.stringify(authorityToRow(made)));
    return made;
  }
}
