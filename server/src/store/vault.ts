// Seals what must not lie readable on the disk: AES-256-GCM, with the row's place as additional data. It makes no master key, keeps none on the disk and prints none.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomFillSync,
} from 'node:crypto';
import { CodedError, shape } from '@pulseline/protocol';

const { object, optional, string, boolean } = shape;

/** A master key: 32 bytes as 64 hex digits. */
const masterKey = string(64, 64);

/** The master keys of a start. */
export const vaultKeys = object({
  /** Seals whatever is written. */
  current: masterKey,
  /** Only opens: what it has sealed is sealed anew by the current one. */
  former: optional(masterKey),
  /** The key of before is lost for good: what it sealed stays unreadable, and everything else goes on. */
  lost: optional(boolean()),
});
export type VaultKeys = shape.Of<typeof vaultKeys>;

/** Where a value lies. A value that was moved to another place does not open. */
export interface Place {
  readonly table: 'login_key' | 'credentials' | 'seen' | 'proxy';
  readonly account: string;
  readonly type: string;
  readonly id: string;
}

/** As it is stored. `by` is {@link keyId} of the master key; null = it was never sealed. */
export interface Sealed {
  readonly value: Uint8Array;
  readonly by: string | null;
}

const NONCE = 12;
const TAG = 16;
/** Nonces are drawn from the system so many at a time. */
const NONCES = 256;
/** Accounts whose keys are remembered; deriving one again takes microseconds. */
const MAX_DERIVED = 2_000;

/** Names a master key without telling anything of it. */
export function keyId(master: string): string {
  return createHash('sha256').update(`pulseline master key ${master.toLowerCase()}`).digest('hex').slice(0, 16);
}

/**
 * Each account has a key of its own, derived from the master key: random nonces of 96 bits are then safe for billions of
 * values per account. A sealed value is nonce, tag, ciphertext.
 */
export class Vault {
  /** Of the current key. */
  readonly id: string;
  readonly #masters: ReadonlyMap<string, Buffer>;
  readonly #derived = new Map<string, KeyObject>();
  readonly #nonces = Buffer.allocUnsafe(NONCE * NONCES);
  #used = NONCES;

  constructor({ current, former }: VaultKeys) {
    this.id = keyId(current);
    const masters = former === undefined ? [current] : [former, current];
    this.#masters = new Map(masters.map((master) => [keyId(master), Buffer.from(master, 'hex')]));
  }

  /** Can it open what the key with this id has sealed? */
  opens(by: string): boolean {
    return this.#masters.has(by);
  }

  seal(place: Place, value: Uint8Array): Uint8Array {
    const nonce = this.#nonce();
    const cipher = createCipheriv('aes-256-gcm', this.#keyOf(this.id, place.account), nonce);
    cipher.setAAD(labelOf(place));
    const sealed = Buffer.allocUnsafe(NONCE + TAG + value.byteLength);
    nonce.copy(sealed);
    cipher.update(value).copy(sealed, NONCE + TAG);
    cipher.final();
    cipher.getAuthTag().copy(sealed, NONCE);
    return sealed;
  }

  /** Errors: CREDENTIALS_UNREADABLE if it was changed, moved, or sealed by a key that is not here. */
  open(place: Place, { value, by }: Sealed): Uint8Array {
    if (by === null) return value;
    if (!this.#masters.has(by)) throw unreadable(`sealed by key ${by}`);
    if (value.byteLength < NONCE + TAG) throw unreadable('cut off');
    const decipher = createDecipheriv('aes-256-gcm', this.#keyOf(by, place.account), value.subarray(0, NONCE));
    decipher.setAAD(labelOf(place));
    decipher.setAuthTag(value.subarray(NONCE, NONCE + TAG));
    const plain = decipher.update(value.subarray(NONCE + TAG));
    try {
      decipher.final();
    } catch (error) {
      throw unreadable('damaged', error);
    }
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength);
  }

  /** The same for a text column. */
  sealText(place: Place, text: string): string {
    return `${MARK}${this.id}:${Buffer.from(this.seal(place, Buffer.from(text))).toString('base64')}`;
  }

  /** Errors: CREDENTIALS_UNREADABLE. */
  openText(place: Place, stored: string): string {
    const by = sealerOf(stored);
    if (by === null) return stored;
    const value = Buffer.from(stored.slice(MARK.length + by.length + 1), 'base64');
    return Buffer.from(this.open(place, { value, by })).toString();
  }

  #nonce(): Buffer {
    if (this.#used === NONCES) {
      randomFillSync(this.#nonces);
      this.#used = 0;
    }
    const start = NONCE * this.#used++;
    return this.#nonces.subarray(start, start + NONCE);
  }

  #keyOf(by: string, account: string): KeyObject {
    const name = `${by} ${account}`;
    const known = this.#derived.get(name);
    if (known !== undefined) return known;
    const master = this.#masters.get(by);
    if (master === undefined) throw unreadable(`sealed by key ${by}`);
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', master, '', `pulseline account ${account}`, 32)));
    if (this.#derived.size >= MAX_DERIVED) this.#derived.clear();
    this.#derived.set(name, key);
    return key;
  }
}

const MARK = 'sealed:';

/** The key's id in a sealed text; null = the text was never sealed. */
export function sealerOf(stored: string): string | null {
  return /^sealed:([0-9a-f]{16}):/.exec(stored)?.[1] ?? null;
}

/** Every part has an end of its own, so that no two places have the same label. */
function labelOf({ table, account, type, id }: Place): Buffer {
  return Buffer.from(`${table}\0${account}\0${type}\0${id}`);
}

function unreadable(detail: string, cause?: unknown): CodedError {
  return new CodedError('CREDENTIALS_UNREADABLE', { detail }, cause);
}

/** For stores of tests and tools that name no key: what they hold is nobody's login. */
export const openlyKnown: VaultKeys = { current: '00'.repeat(32) };
