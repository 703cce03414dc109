// One person of the emulated WhatsApp: keys, number, hidden id and linked devices; it never sends anything.
import { formatAddress } from './address.ts';
import { EmulatorError } from './errors.ts';
import { generateKeyPair, type KeyPair } from './keys.ts';
import type { Past } from './past.ts';
import type { Table } from './store.ts';

/** Linked devices of one phone at a time; WhatsApp allows four. */
const MAX_COMPANIONS = 4;
/** Device ids are one byte on the wire and 99 means something else. */
const LAST_DEVICE = 98;
/** One-time prekeys that were handed out and not used; the oldest go. */
const MAX_OWN_PREKEYS = 500;
/** One-time prekeys that one device may have uploaded. Baileys uploads 812. */
const MAX_UPLOADED_PREKEYS = 5_000;

export type Kind = 'phone' | 'contact';

export interface UploadedKey {
  readonly id: number;
  readonly value: Buffer;
}

export interface SignedKey extends UploadedKey {
  readonly signature: Buffer;
}

/** A linked device: what it proved when it was paired, and what it uploaded since. Buffers are base64 in the store. */
export interface Companion {
  readonly device: number;
  readonly noiseKey: Buffer;
  readonly identity: Buffer;
  readonly registrationId: number;
  readonly keyIndex: number;
  readonly linkedAt: number;
  /** ADVSignedDeviceIdentity with both signatures: goes along with every pkmsg of the device. */
  deviceIdentity: Buffer;
  signedPreKey: SignedKey;
  /** The phone has sent its history and keys. */
  synced: boolean;
  readonly preKeys: Map<number, Buffer>;
}

/** What a stranger needs to open a Signal session. Public keys have 32 bytes. */
export interface Bundle {
  readonly registrationId: number;
  readonly identity: Buffer;
  readonly signedPreKey: SignedKey;
  readonly preKey: UploadedKey | undefined;
  readonly deviceIdentity: Buffer | undefined;
}

interface OwnSignedKey {
  readonly id: number;
  readonly pair: KeyPair;
  readonly signature: Buffer;
}

interface PersonFields {
  readonly id: string;
  readonly kind: Kind;
  readonly name: string;
  readonly number: string;
  readonly lidUser: string;
  readonly identity: KeyPair;
  readonly registrationId: number;
  readonly signedPreKey: OwnSignedKey;
}

export interface PersonTables {
  readonly people: Table;
  readonly uploaded: Table;
  readonly own: Table;
}

/** Bytes as {"b64": …} so that one reviver reads any row. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (item instanceof Map || item === undefined) return undefined;
    if (typeof item === 'object' && item !== null && 'type' in item && item.type === 'Buffer' && 'data' in item) {
      return Array.isArray(item.data) ? { b64: Buffer.from(item.data).toString('base64') } : item;
    }
    return item;
  });
}

function fromJson(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && 'b64' in item && typeof item.b64 === 'string'
      ? Buffer.from(item.b64, 'base64')
      : item,
  );
}

/** What can change about a person. */
export interface Settings {
  autoread: boolean;
  reachable: boolean;
  online: boolean;
  /** ms since epoch. */
  lastSeen: number;
  /** By category; what is not here is shown to all. */
  privacy: Readonly<Record<string, string>>;
  /** Ids of people. */
  blocked: readonly string[];
  about: string;
  /** Id of a file of the media host. */
  picture: string | undefined;
  /** Default for new chats, and since when; both in seconds. */
  disappearing: { readonly seconds: number; readonly since: number };
  past: Past | undefined;
  historyBy: 'inline' | 'media';
}

interface PersonRow extends PersonFields {
  readonly settings: Partial<Settings>;
  readonly nextPreKeyId: number;
  readonly nextDevice: number;
  readonly companions: readonly Omit<Companion, 'preKeys'>[];
}

/** One person with a phone, which is device 0. A `phone` may link companion devices, a `contact` has none. */
export class Person {
  readonly id: string;
  readonly kind: Kind;
  readonly name: string;
  /** Digits only. */
  readonly number: string;
  readonly lidUser: string;
  readonly identity: KeyPair;
  readonly registrationId: number;
  readonly signedPreKey: OwnSignedKey;
  readonly companions = new Map<number, Companion>();
  readonly settings: Settings = {
    autoread: false,
    reachable: true,
    online: false,
    lastSeen: 0,
    privacy: {},
    blocked: [],
    about: '',
    picture: undefined,
    disappearing: { seconds: 0, since: 0 },
    past: undefined,
    historyBy: 'inline',
  };
  readonly #preKeys = new Map<number, KeyPair>();
  readonly #tables: PersonTables;
  #nextPreKeyId = 1;
  #nextDevice = 1;

  constructor(fields: PersonFields, tables: PersonTables) {
    this.id = fields.id;
    this.kind = fields.kind;
    this.name = fields.name;
    this.number = fields.number;
    this.lidUser = fields.lidUser;
    this.identity = fields.identity;
    this.registrationId = fields.registrationId;
    this.signedPreKey = fields.signedPreKey;
    this.#tables = tables;
  }

  static restore(text: string, tables: PersonTables): Person {
    // The emulator wrote this row itself; the only thing that could be in it is a PersonRow.
    const row = fromJson(text) as PersonRow;
    const person = new Person(row, tables);
    Object.assign(person.settings, row.settings);
    person.#nextPreKeyId = row.nextPreKeyId;
    person.#nextDevice = row.nextDevice;
    for (const companion of row.companions) {
      person.companions.set(companion.device, { ...companion, preKeys: new Map() });
    }
    return person;
  }

  pn(device = 0): string {
    return formatAddress(this.number, 's.whatsapp.net', device);
  }

  lid(device = 0): string {
    return formatAddress(this.lidUser, 'lid', device);
  }

  /** The address in the form of another one. */
  in(server: string, device = 0): string {
    return server === 'lid' ? this.lid(device) : this.pn(device);
  }

  save(): void {
    this.#tables.people.put(this.id, () =>
      toJson({
        id: this.id,
        kind: this.kind,
        name: this.name,
        number: this.number,
        lidUser: this.lidUser,
        identity: this.identity,
        registrationId: this.registrationId,
        signedPreKey: this.signedPreKey,
        settings: this.settings,
        nextPreKeyId: this.#nextPreKeyId,
        nextDevice: this.#nextDevice,
        companions: [...this.companions.values()],
      }),
    );
  }

  /** @throws EmulatorError TOO_MANY_DEVICES */
  nextDeviceId(): number {
    if (this.companions.size >= MAX_COMPANIONS) throw new EmulatorError('TOO_MANY_DEVICES');
    while (this.companions.has(this.#nextDevice) || this.#nextDevice > LAST_DEVICE) {
      this.#nextDevice = this.#nextDevice >= LAST_DEVICE ? 1 : this.#nextDevice + 1;
    }
    return this.#nextDevice++;
  }

  addPreKeys(companion: Companion, keys: readonly UploadedKey[]): void {
    for (const { id, value } of keys) {
      if (companion.preKeys.size >= MAX_UPLOADED_PREKEYS) break;
      companion.preKeys.set(id, value);
      this.#tables.uploaded.put(this.#uploadedRow(companion, id), () => value);
    }
  }

  restorePreKey(device: number, id: number, value: Buffer): void {
    this.companions.get(device)?.preKeys.set(id, value);
  }

  removeCompanion(companion: Companion): void {
    for (const id of companion.preKeys.keys()) this.#tables.uploaded.delete(this.#uploadedRow(companion, id));
    this.companions.delete(companion.device);
    this.save();
  }

  /** Keys for one new session with one device; a one-time key is used up. @returns undefined when there is no such device. */
  takeBundle(device: number): Bundle | undefined {
    if (device === 0) return this.#takeOwnBundle();
    const companion = this.companions.get(device);
    if (!companion) return undefined;
    const [first] = companion.preKeys;
    if (first) {
      companion.preKeys.delete(first[0]);
      this.#tables.uploaded.delete(this.#uploadedRow(companion, first[0]));
    }
    return {
      registrationId: companion.registrationId,
      identity: companion.identity,
      signedPreKey: companion.signedPreKey,
      preKey: first && { id: first[0], value: first[1] },
      deviceIdentity: companion.deviceIdentity,
    };
  }

  ownPreKey(id: number): KeyPair | undefined {
    return this.#preKeys.get(id);
  }

  removeOwnPreKey(id: number): void {
    this.#preKeys.delete(id);
    this.#tables.own.delete(`${this.id}/${id}`);
  }

  restoreOwnPreKey(id: number, bytes: Uint8Array): void {
    this.#preKeys.set(id, { public: Buffer.from(bytes.subarray(0, 32)), private: Buffer.from(bytes.subarray(32)) });
  }

  #takeOwnBundle(): Bundle {
    const [oldest] = this.#preKeys.keys();
    if (oldest !== undefined && this.#preKeys.size >= MAX_OWN_PREKEYS) this.removeOwnPreKey(oldest);
    const id = this.#nextPreKeyId++;
    const pair = generateKeyPair();
    this.#preKeys.set(id, pair);
    this.#tables.own.put(`${this.id}/${id}`, () => Buffer.concat([pair.public, pair.private]));
    this.save();
    return {
      registrationId: this.registrationId,
      identity: this.identity.public,
      signedPreKey: {
        id: this.signedPreKey.id,
        value: this.signedPreKey.pair.public,
        signature: this.signedPreKey.signature,
      },
      preKey: { id, value: pair.public },
      deviceIdentity: undefined,
    };
  }

  #uploadedRow(companion: Companion, id: number): string {
    return `${this.id}:${companion.device}/${id}`;
  }
}
