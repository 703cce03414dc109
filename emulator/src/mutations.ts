// The sealed form of what an account's devices share: keys, homomorphic hash, patches made and read; it never knows what a change means.
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { proto } from 'baileys/WAProto/index.js';
import { hkdf } from './keys.ts';
import { wire } from './wire.ts';

const NO_SALT = Buffer.alloc(32);
const HASH_BYTES = 128;
const MAC_BYTES = 32;

export interface AppStateKey {
  readonly id: Buffer;
  readonly data: Buffer;
}

interface MutationKeys {
  readonly index: Buffer;
  readonly encryption: Buffer;
  readonly valueMac: Buffer;
  readonly snapshotMac: Buffer;
  readonly patchMac: Buffer;
}

/** One change: what it is about, and what it says, or that it is taken back. */
export interface Mutation {
  /** Kind and objects, like ["archive", "123@s.whatsapp.net"]. */
  readonly index: readonly string[];
  readonly value: proto.ISyncActionValue;
  readonly remove: boolean;
  /** Of the kind of change, as Baileys numbers them. */
  readonly version: number;
}

/** How far a collection has come. */
export interface CollectionState {
  readonly version: number;
  readonly hash: Buffer;
  /** MACs of the values that count, by MAC of the index. */
  readonly values: ReadonlyMap<string, Buffer>;
}

export const EMPTY: CollectionState = { version: 0, hash: Buffer.alloc(HASH_BYTES), values: new Map() };

function hmac(key: Uint8Array, data: Uint8Array, algorithm = 'sha256'): Buffer {
  return createHmac(algorithm, key).update(data).digest();
}

function expand(key: AppStateKey): MutationKeys {
  const all = hkdf(key.data, NO_SALT, 'WhatsApp Mutation Keys', 160);
  const part = (at: number) => all.subarray(at * 32, at * 32 + 32);
  return { index: part(0), encryption: part(1), valueMac: part(2), snapshotMac: part(3), patchMac: part(4) };
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(value, 4);
  return bytes;
}

function valueMac(keys: MutationKeys, keyId: Buffer, remove: boolean, sealed: Buffer): Buffer {
  const head = Buffer.concat([Buffer.from([remove ? 2 : 1]), keyId]);
  const tail = Buffer.alloc(8);
  tail.writeUInt8(head.length, 7);
  return hmac(keys.valueMac, Buffer.concat([head, sealed, tail]), 'sha512').subarray(0, MAC_BYTES);
}

/** Adds or takes away one value: 64 numbers of 16 bits, each for itself. */
function mix(hash: Buffer, mac: Buffer, sign: 1 | -1): Buffer {
  const term = hkdf(mac, NO_SALT, 'WhatsApp Patch Integrity', HASH_BYTES);
  const sum = Buffer.alloc(HASH_BYTES);
  for (let at = 0; at < HASH_BYTES; at += 2) {
    sum.writeUInt16LE((hash.readUInt16LE(at) + sign * term.readUInt16LE(at)) & 0xffff, at);
  }
  return sum;
}

function advance(
  { version, hash, values }: CollectionState,
  changes: readonly { readonly index: Buffer; readonly value: Buffer; readonly remove: boolean }[],
): CollectionState {
  const kept = new Map(values);
  let sum = hash;
  for (const { index, value, remove } of changes) {
    const name = index.toString('base64');
    const before = kept.get(name);
    if (before) sum = mix(sum, before, -1);
    if (remove) kept.delete(name);
    else {
      sum = mix(sum, value, 1);
      kept.set(name, value);
    }
  }
  return { version: version + 1, hash: sum, values: kept };
}

/** @param iv 16 random bytes for each mutation. */
export function sealPatch(
  collection: string,
  state: CollectionState,
  mutations: readonly Mutation[],
  key: AppStateKey,
  iv: () => Buffer,
): { readonly patch: Buffer; readonly state: CollectionState } {
  const keys = expand(key);
  const sealed = mutations.map(({ index, value, remove, version }) => {
    const name = Buffer.from(JSON.stringify(index));
    const plain = wire()
      .SyncActionData.encode({ index: name, value, padding: Buffer.alloc(0), version })
      .finish();
    const salt = iv();
    const cipher = createCipheriv('aes-256-cbc', keys.encryption, salt);
    const bytes = Buffer.concat([salt, cipher.update(plain), cipher.final()]);
    return { index: hmac(keys.index, name), bytes, value: valueMac(keys, key.id, remove, bytes), remove };
  });
  const next = advance(state, sealed);
  const name = Buffer.from(collection);
  const snapshotMac = hmac(keys.snapshotMac, Buffer.concat([next.hash, bigEndian(next.version), name]));
  const macs = sealed.map(({ value }) => value);
  const patchMac = hmac(keys.patchMac, Buffer.concat([snapshotMac, ...macs, bigEndian(next.version), name]));
  const { SyncdOperation } = wire().SyncdMutation;
  const patch = wire()
    .SyncdPatch.encode({
      version: { version: next.version },
      snapshotMac,
      patchMac,
      keyId: { id: key.id },
      mutations: sealed.map(({ index, bytes, value, remove }) => ({
        operation: remove ? SyncdOperation.REMOVE : SyncdOperation.SET,
        record: {
          index: { blob: index },
          value: { blob: Buffer.concat([bytes, value]) },
          keyId: { id: key.id },
        },
      })),
    })
    .finish();
  return { patch: Buffer.from(patch), state: next };
}

/** @throws when a MAC is not what the key makes of it, or the bytes are no patch. */
export function openPatch(
  collection: string,
  state: CollectionState,
  patch: Uint8Array,
  key: AppStateKey,
): { readonly mutations: readonly Mutation[]; readonly state: CollectionState } {
  const keys = expand(key);
  const { mutations, snapshotMac, patchMac } = wire().SyncdPatch.decode(patch);
  const opened = mutations.map(({ operation, record }) => {
    const blob = Buffer.from(record?.value?.blob ?? []);
    const remove = operation === wire().SyncdMutation.SyncdOperation.REMOVE;
    const bytes = blob.subarray(0, -MAC_BYTES);
    const value = blob.subarray(-MAC_BYTES);
    if (!valueMac(keys, key.id, remove, bytes).equals(value)) throw new Error('the MAC of a value');
    const decipher = createDecipheriv('aes-256-cbc', keys.encryption, bytes.subarray(0, 16));
    const plain = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
    const action = wire().SyncActionData.decode(plain);
    const name = Buffer.from(action.index ?? []);
    return {
      index: hmac(keys.index, name),
      value,
      remove,
      mutation: { index: parseIndex(name), value: action.value ?? {}, remove, version: action.version ?? 0 },
    };
  });
  const next = advance(state, opened);
  const name = Buffer.from(collection);
  const snapshot = hmac(keys.snapshotMac, Buffer.concat([next.hash, bigEndian(next.version), name]));
  if (!snapshotMac || !snapshot.equals(snapshotMac)) throw new Error('the hash of the collection');
  const all = Buffer.concat([snapshot, ...opened.map(({ value }) => value), bigEndian(next.version), name]);
  if (!patchMac || !hmac(keys.patchMac, all).equals(patchMac)) throw new Error('the MAC of the patch');
  return { mutations: opened.map(({ mutation }) => mutation), state: next };
}

function parseIndex(name: Buffer): string[] {
  const parsed: unknown = JSON.parse(name.toString('utf8'));
  if (!Array.isArray(parsed)) throw new TypeError('an index is a list');
  return parsed.map(String);
}
