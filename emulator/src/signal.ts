// The Signal sessions of simulated people with real devices; it never sees a stanza.
import { typed } from './keys.ts';
import type { SignalCipher, SignalKeyPair, SignalRecord, SignalStorage } from './libsignal.ts';
import { libsignal } from './libsignal.ts';
import type { Bundle, Person } from './person.ts';
import { encryptOn } from './ratchet.ts';
import type { Store, Table } from './store.ts';

export interface DeviceRef {
  readonly person: Person;
  readonly device: number;
}

export interface Ciphertext {
  readonly type: 'pkmsg' | 'msg';
  readonly bytes: Buffer;
}

/** Signal hides a text's length by 1 to 16 bytes, each of which holds their number. */
export function pad(message: Uint8Array, random: (bytes: number) => Buffer): Buffer {
  const length = (random(1).readUInt8() & 0x0f) + 1;
  return Buffer.concat([message, Buffer.alloc(length, length)]);
}

/** @throws when the padding is not what it says. */
export function unpad(padded: Buffer): Buffer {
  const length = padded.at(-1);
  if (length === undefined || length === 0 || length > 16 || length > padded.length)
    throw new RangeError('bad padding');
  return padded.subarray(0, padded.length - length);
}

/**
 * Sessions are keyed by person and device, never by address: the same device is reached by number and by hidden id.
 * Every call settles within the current turn of the event loop (libsignal awaits nothing but itself), so a ratchet and the
 * stanza that it made are committed together.
 */
export class Sessions {
  readonly #table: Table;
  readonly #records = new Map<string, SignalRecord>();
  /** How much libsignal has under way, by session. */
  readonly #queued = new Map<string, number>();
  /** Makes the names unique in this process: libsignal orders its work by name, and Baileys may share the module. */
  readonly #realm: string;

  constructor(store: Store, realm: string) {
    this.#realm = realm;
    this.#table = store.table('session');
    for (const [key, row] of this.#table.rows()) {
      this.#records.set(key, libsignal.SessionRecord.deserialize(JSON.parse(String(row))));
    }
  }

  /** @param bundle is asked for only when there is no open session. @throws when it is needed and there is none. */
  async encrypt(from: Person, to: DeviceRef, plaintext: Buffer, bundle: () => Bundle | undefined): Promise<Ciphertext> {
    const key = sessionKey(from, to);
    const record = this.#queued.has(key) ? undefined : this.#records.get(key);
    const quick = record && encryptOn(record, ownKeys(from), from.registrationId, plaintext);
    if (quick) {
      this.#keep(key, record);
      return quick;
    }
    return this.#inTurn(key, () => this.#encryptQueued(key, from, to, plaintext, bundle));
  }

  /** As libsignal does it: it opens a session where there is none, and waits for what is under way. */
  async #encryptQueued(
    key: string,
    from: Person,
    to: DeviceRef,
    plaintext: Buffer,
    bundle: () => Bundle | undefined,
  ): Promise<Ciphertext> {
    const storage = this.#storage(from, key);
    const address = new libsignal.ProtocolAddress(this.#realm + key, to.device);
    if (!this.#records.get(key)?.haveOpenSession()) {
      const keys = bundle();
      if (!keys) throw new Error(`no keys for ${to.person.pn(to.device)}`);
      await new libsignal.SessionBuilder(storage, address).initOutgoing({
        registrationId: keys.registrationId,
        identityKey: typed(keys.identity),
        signedPreKey: {
          keyId: keys.signedPreKey.id,
          publicKey: typed(keys.signedPreKey.value),
          signature: keys.signedPreKey.signature,
        },
        preKey: keys.preKey && { keyId: keys.preKey.id, publicKey: typed(keys.preKey.value) },
      });
    }
    const { type, body } = await new libsignal.SessionCipher(storage, address).encrypt(plaintext);
    return { type: type === 3 ? 'pkmsg' : 'msg', bytes: body };
  }

  /**
   * libsignal tries a message on one session after another, and a session that does not fit keeps the ratchet step of the
   * trial: a message that comes late, on an older session, would spoil the newer one. The phones that we stand for know no
   * such fault, so each trial here is made on a copy.
   * @throws when no session opens it.
   */
  decrypt(by: Person, from: DeviceRef, ciphertext: Ciphertext): Promise<Buffer> {
    return this.#inTurn(sessionKey(by, from), () => this.#decryptQueued(by, from, ciphertext));
  }

  async #decryptQueued(by: Person, from: DeviceRef, { type, bytes }: Ciphertext): Promise<Buffer> {
    if (type === 'pkmsg') return this.#cipherOnCopy(by, from).decryptPreKeyWhisperMessage(bytes);
    const names = Object.keys(this.#records.get(sessionKey(by, from))?.serialize()._sessions ?? {});
    let failure: unknown = new Error('no session');
    // The newest first.
    for (const name of names.reverse()) {
      try {
        return await this.#cipherOnCopy(by, from, name).decryptWhisperMessage(bytes);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /**
   * A cipher that works on a copy of the record, or of one session of it, and keeps the outcome only if it worked. It looks
   * at the record when its turn has come: libsignal queues what is done with one device.
   */
  #cipherOnCopy(by: Person, from: DeviceRef, name?: string): SignalCipher {
    const key = sessionKey(by, from);
    const storage = this.#storage(by, key);
    const copying: SignalStorage = {
      ...storage,
      loadSession: () => {
        const record = this.#records.get(key)?.serialize();
        if (record === undefined) return undefined;
        const _sessions = name === undefined ? record._sessions : { [name]: record._sessions[name] };
        return libsignal.SessionRecord.deserialize({ ...record, _sessions });
      },
      storeSession: (address, record) => {
        const known = name === undefined ? {} : this.#records.get(key)?.serialize()._sessions;
        const changed = record.serialize();
        const merged = { ...changed, _sessions: { ...known, ...changed._sessions } };
        storage.storeSession(address, libsignal.SessionRecord.deserialize(merged));
      },
    };
    return new libsignal.SessionCipher(copying, new libsignal.ProtocolAddress(this.#realm + key, from.device));
  }

  /** Forgets the session; the next message opens a new one. */
  drop(owner: Person, peer: DeviceRef): void {
    const key = sessionKey(owner, peer);
    if (this.#records.delete(key)) this.#table.delete(key);
  }

  /** Forgets every session with a device that was unlinked: its number may be given to another one. */
  dropDevice(peer: DeviceRef): void {
    const suffix = `>${peer.person.id}:${peer.device}`;
    for (const key of this.#records.keys()) {
      if (!key.endsWith(suffix)) continue;
      this.#records.delete(key);
      this.#table.delete(key);
    }
  }

  #storage(owner: Person, key: string): SignalStorage {
    return {
      loadSession: () => this.#records.get(key),
      storeSession: (_address, record) => this.#keep(key, record),
      isTrustedIdentity: () => true,
      loadPreKey: (id) => {
        const pair = owner.ownPreKey(id);
        return pair && { pubKey: typed(pair.public), privKey: pair.private };
      },
      removePreKey: (id) => owner.removeOwnPreKey(id),
      loadSignedPreKey: (id) => {
        const { signedPreKey } = owner;
        if (id !== signedPreKey.id) return undefined;
        return { pubKey: typed(signedPreKey.pair.public), privKey: signedPreKey.pair.private };
      },
      getOurRegistrationId: () => owner.registrationId,
      getOurIdentity: () => ownKeys(owner),
    };
  }

  #keep(key: string, record: SignalRecord): void {
    this.#records.set(key, record);
    this.#table.put(key, () => JSON.stringify(record.serialize()));
  }

  /** Nothing overtakes what libsignal has under way: it works on a copy of the record, and puts that in its place. */
  async #inTurn<T>(key: string, act: () => Promise<T>): Promise<T> {
    this.#queued.set(key, (this.#queued.get(key) ?? 0) + 1);
    try {
      return await act();
    } finally {
      const left = (this.#queued.get(key) ?? 1) - 1;
      if (left > 0) this.#queued.set(key, left);
      else this.#queued.delete(key);
    }
  }
}

function ownKeys({ identity }: Person): SignalKeyPair {
  return { pubKey: typed(identity.public), privKey: identity.private };
}

function sessionKey(owner: Person, peer: DeviceRef): string {
  return `${owner.id}>${peer.person.id}:${peer.device}`;
}
