// Sender keys of simulated people in groups: the chain each writes with and those it reads; it never checks a signature, because checking costs milliseconds and proves nothing here.
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { hkdf, typed } from './keys.ts';
import type { Person } from './person.ts';
import type { DeviceRef } from './signal.ts';
import type { Store, Table } from './store.ts';
import { wire } from './wire.ts';
import { generateSigningPair, sign } from './xeddsa.ts';

/** Version 3 of both the sender and the format. */
const VERSION = Buffer.from([0x33]);
const SIGNATURE_BYTES = 64;
/** A chain is not followed further than this past the last message that was read. */
const MAX_SKIP = 2_000;
/** Older chains of the same author that are still readable. */
const MAX_CHAINS = 5;
const NO_SALT = Buffer.alloc(32);

interface Chain {
  readonly id: number;
  iteration: number;
  key: Buffer;
}

interface OwnChain extends Chain {
  readonly signing: { readonly public: Buffer; readonly private: Buffer };
  /** Ids of devices that have been given this chain. */
  readonly given: Set<string>;
}

interface ChainRow {
  readonly id: number;
  readonly iteration: number;
  readonly key: string;
}

interface OwnRow extends ChainRow {
  readonly public: string;
  readonly private: string;
  readonly given: readonly string[];
}

function step(key: Buffer, seed: 1 | 2): Buffer {
  return createHmac('sha256', key)
    .update(Buffer.from([seed]))
    .digest();
}

/** Key and IV of one message of the chain. */
function messageKeys(chainKey: Buffer): { iv: Buffer; key: Buffer } {
  const bytes = hkdf(step(chainKey, 1), NO_SALT, 'WhisperGroup', 48);
  return { iv: bytes.subarray(0, 16), key: bytes.subarray(16) };
}

function advance(chain: Chain): void {
  chain.key = step(chain.key, 2);
  chain.iteration += 1;
}

function rowOf({ id, iteration, key }: Chain): ChainRow {
  return { id, iteration, key: key.toString('base64') };
}

function chainOf({ id, iteration, key }: ChainRow): Chain {
  return { id, iteration, key: Buffer.from(key, 'base64') };
}

export class SenderKeys {
  readonly #own = new Map<string, OwnChain>();
  readonly #read = new Map<string, Chain[]>();
  readonly #ownTable: Table;
  readonly #readTable: Table;
  readonly #random: (bytes: number) => Buffer;

  constructor(store: Store, random: (bytes: number) => Buffer) {
    this.#random = random;
    this.#ownTable = store.table('own_chain');
    this.#readTable = store.table('read_chain');
    // The emulator wrote these rows itself.
    for (const [name, text] of this.#ownTable.rows()) {
      const row = JSON.parse(String(text)) as OwnRow;
      const signing = { public: Buffer.from(row.public, 'base64'), private: Buffer.from(row.private, 'base64') };
      this.#own.set(name, { ...chainOf(row), signing, given: new Set(row.given) });
    }
    for (const [name, text] of this.#readTable.rows()) {
      this.#read.set(name, (JSON.parse(String(text)) as ChainRow[]).map(chainOf));
    }
  }

  /** The next message of the person's own chain, signed. */
  encrypt(owner: Person, group: string, plaintext: Buffer): Buffer {
    const chain = this.#ownChain(owner, group);
    const { iv, key } = messageKeys(chain.key);
    const cipher = createCipheriv('aes-256-cbc', key, iv);
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    const { id, iteration } = chain;
    const message = wire().SenderKeyMessage.encode({ id, iteration, ciphertext }).finish();
    advance(chain);
    this.#saveOwn(owner, group, chain);
    const unsigned = Buffer.concat([VERSION, message]);
    return Buffer.concat([unsigned, sign(chain.signing.private, unsigned)]);
  }

  /** What a device needs to read from now on, once for each device. @returns undefined when it has it already. */
  give(owner: Person, group: string, device: string): Buffer | undefined {
    const chain = this.#ownChain(owner, group);
    if (chain.given.has(device)) return undefined;
    chain.given.add(device);
    this.#saveOwn(owner, group, chain);
    return this.distribution(owner, group);
  }

  /** The chain as it stands, for anybody who may read from here on. */
  distribution(owner: Person, group: string): Buffer {
    const { id, iteration, key, signing } = this.#ownChain(owner, group);
    const message = wire()
      .SenderKeyDistributionMessage.encode({
        id,
        iteration,
        chainKey: key,
        signingKey: typed(signing.public),
      })
      .finish();
    return Buffer.concat([VERSION, message]);
  }

  /** Begins a new chain with the next message: whoever has left must not read it. */
  rotate(owner: Person, group: string): void {
    const name = `${owner.id}/${group}`;
    if (this.#own.delete(name)) this.#ownTable.delete(name);
  }

  /** Forgets that a device was given any chain, and every chain of its own. */
  forgetDevice(device: string): void {
    for (const [name, chain] of this.#own) {
      if (!chain.given.delete(device)) continue;
      this.#ownTable.put(name, () => JSON.stringify(ownRow(chain)));
    }
    for (const name of this.#read.keys()) {
      if (!name.endsWith(`>${device}`)) continue;
      this.#read.delete(name);
      this.#readTable.delete(name);
    }
  }

  /** @throws when the bytes are no distribution message. */
  learn(reader: Person, group: string, author: DeviceRef, distribution: Uint8Array): void {
    const { id, iteration, chainKey } = wire().SenderKeyDistributionMessage.decode(distribution.subarray(1));
    if (typeof id !== 'number' || typeof iteration !== 'number' || chainKey?.length !== 32) {
      throw new RangeError('no sender key in it');
    }
    const name = readName(reader, group, author);
    const others = (this.#read.get(name) ?? []).filter((chain) => chain.id !== id);
    const chains = [{ id, iteration, key: Buffer.from(chainKey) }, ...others].slice(0, MAX_CHAINS);
    this.#saveRead(name, chains);
  }

  /** @throws when the chain is unknown, or has passed this message already. */
  decrypt(reader: Person, group: string, author: DeviceRef, bytes: Buffer): Buffer {
    const message = wire().SenderKeyMessage.decode(bytes.subarray(1, -SIGNATURE_BYTES));
    const name = readName(reader, group, author);
    const chains = this.#read.get(name) ?? [];
    const chain = chains.find(({ id }) => id === message.id);
    const { iteration, ciphertext } = message;
    if (!chain || typeof iteration !== 'number' || !ciphertext) throw new Error('no sender key');
    if (iteration < chain.iteration || iteration - chain.iteration > MAX_SKIP)
      throw new Error('the chain is elsewhere');
    while (chain.iteration < iteration) advance(chain);
    const { iv, key } = messageKeys(chain.key);
    const decipher = createDecipheriv('aes-256-cbc', key, iv);
    const plaintext = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    advance(chain);
    this.#saveRead(name, chains);
    return plaintext;
  }

  #ownChain(owner: Person, group: string): OwnChain {
    const name = `${owner.id}/${group}`;
    const known = this.#own.get(name);
    if (known) return known;
    const chain: OwnChain = {
      id: this.#random(4).readUInt32BE() >>> 1,
      iteration: 0,
      key: this.#random(32),
      signing: generateSigningPair(),
      given: new Set(),
    };
    this.#own.set(name, chain);
    return chain;
  }

  #saveOwn(owner: Person, group: string, chain: OwnChain): void {
    this.#ownTable.put(`${owner.id}/${group}`, () => JSON.stringify(ownRow(chain)));
  }

  #saveRead(name: string, chains: Chain[]): void {
    this.#read.set(name, chains);
    this.#readTable.put(name, () => JSON.stringify(chains.map(rowOf)));
  }
}

function ownRow(chain: OwnChain): OwnRow {
  return {
    ...rowOf(chain),
    public: chain.signing.public.toString('base64'),
    private: chain.signing.private.toString('base64'),
    given: [...chain.given],
  };
}

function readName(reader: Person, group: string, author: DeviceRef): string {
  return `${reader.id}/${group}>${author.person.id}:${author.device}`;
}
