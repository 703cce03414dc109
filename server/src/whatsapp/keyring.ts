// The Signal keys of one account in layers: what a step has changed, what waits for the commit, what is cached, and behind them the keeper. It commits nothing itself.
import type { SignalDataSet, SignalDataTypeMap } from 'baileys';
import { BufferJSON, proto } from './library.ts';
import type { Keeper, KeyChange } from './port.ts';

export type KeyType = keyof SignalDataTypeMap;
export type KeyName = { readonly type: KeyType; readonly id: string };

/** Null = known to be absent. */
type Value = SignalDataTypeMap[KeyType] | null;
type Layer = Map<string, { readonly type: KeyType; readonly id: string; readonly value: Value }>;

/** Bytes of cached values of one account (a session is 1 to 23 kB). */
const CACHE_BYTES = 4_000_000;
/** What an absent value is counted as. */
const SMALL = 100;

/** Type names have no space, so that a name is unique. */
const nameOf = (type: KeyType, id: string): string => `${type} ${id}`;

/**
 * Reads go from the innermost layer outwards. Steps (`attempt`) run one at a time and may be nested: a step that throws leaves
 * nothing behind. `take` gives what the next commit has to hold; until `committed` is called it is still read from memory,
 * and only afterwards from the bounded cache.
 */
export class Keyring {
  readonly #account: string;
  readonly #keeper: Pick<Keeper, 'keys'>;
  readonly #steps: Layer[] = [];
  #pending: Layer = new Map();
  #committing: Layer = new Map();
  readonly #cache = new Map<string, { value: Value; bytes: number }>();
  #cachedBytes = 0;
  #failure: Error | undefined;

  constructor(account: string, keeper: Pick<Keeper, 'keys'>) {
    this.#account = account;
    this.#keeper = keeper;
  }

  /**
   * The first failed read. libsignal takes a failed read for an absent session, so after one nothing that was
   * computed may be kept or answered.
   */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Bytes held in the cache, for the metrics. */
  get cachedBytes(): number {
    return this.#cachedBytes;
  }

  async get<T extends KeyType>(type: T, ids: readonly string[]): Promise<Record<string, SignalDataTypeMap[T]>> {
    const missing = ids.filter((id) => this.#find(type, id) === undefined).map((id) => ({ type, id }));
    if (missing.length > 0) await this.prefetch(missing);
    const found: Record<string, SignalDataTypeMap[T]> = {};
    for (const id of ids) {
      const value = this.#find(type, id);
      if (value !== undefined && value !== null) found[id] = asType<T>(value);
    }
    return found;
  }

  /** Reads what is not yet in memory, in one request. */
  async prefetch(names: readonly KeyName[]): Promise<void> {
    const wanted = names.filter(({ type, id }) => this.#find(type, id) === undefined);
    if (wanted.length === 0) return;
    try {
      const values = await this.#keeper.keys(this.#account, wanted);
      for (const [index, { type, id }] of wanted.entries()) {
        // Something newer may have come while the keeper was asked.
        if (this.#find(type, id) !== undefined) continue;
        const bytes = values[index];
        this.#remember(
          nameOf(type, id),
          bytes === undefined ? null : decodeKey(type, bytes),
          bytes?.byteLength ?? SMALL,
        );
      }
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }

  /** Runs a step whose changes are kept if it resolves, and forgotten if it throws. */
  async attempt<T>(step: () => Promise<T>): Promise<T> {
    const layer: Layer = new Map();
    this.#steps.push(layer);
    let kept = false;
    try {
      const result = await step();
      kept = true;
      return result;
    } finally {
      this.#steps.pop();
      if (kept) for (const [name, change] of layer) (this.#steps.at(-1) ?? this.#pending).set(name, change);
    }
  }

  /** Changes of the running step, or of the next commit if none runs. */
  set(data: SignalDataSet): void {
    put(this.#steps.at(-1) ?? this.#pending, data);
  }

  /** Changes that the next commit holds, whatever becomes of the running step. */
  setAside(data: SignalDataSet): void {
    put(this.#pending, data);
  }

  /** Takes the changes for a commit. The one before must have been answered by `committed`. */
  take(): readonly KeyChange[] {
    this.#committing = this.#pending;
    this.#pending = new Map();
    return [...this.#committing.values()].map(({ type, id, value }) => ({
      type,
      id,
      value: value === null ? null : encodeKey(type, value),
    }));
  }

  /** The changes that were taken are durable. */
  committed(): void {
    for (const [name, { type, value }] of this.#committing) {
      // Pre-keys are made by the hundred, and each is read once, if ever.
      if (type === 'pre-key' && value !== null) this.#forget(name);
      else this.#remember(name, value, sizeOf(value));
    }
    this.#committing = new Map();
  }

  #find(type: KeyType, id: string): Value | undefined {
    const name = nameOf(type, id);
    for (let index = this.#steps.length - 1; index >= 0; index--) {
      const change = this.#steps[index]?.get(name);
      if (change !== undefined) return change.value;
    }
    const change = this.#pending.get(name) ?? this.#committing.get(name);
    if (change !== undefined) return change.value;
    const cached = this.#cache.get(name);
    if (cached === undefined) return undefined;
    this.#cache.delete(name);
    this.#cache.set(name, cached);
    return cached.value;
  }

  #forget(name: string): void {
    this.#cachedBytes -= this.#cache.get(name)?.bytes ?? 0;
    this.#cache.delete(name);
  }

  #remember(name: string, value: Value, bytes: number): void {
    this.#cachedBytes += bytes - (this.#cache.get(name)?.bytes ?? 0);
    this.#cache.delete(name);
    this.#cache.set(name, { value, bytes });
    for (const [oldest, { bytes: size }] of this.#cache) {
      if (this.#cachedBytes <= CACHE_BYTES || oldest === name) break;
      this.#cache.delete(oldest);
      this.#cachedBytes -= size;
    }
  }
}

function put(layer: Layer, data: SignalDataSet): void {
  for (const type of KEY_TYPES) {
    for (const [id, value] of Object.entries(data[type] ?? {})) layer.set(nameOf(type, id), { type, id, value });
  }
}

const KEY_TYPES = [
  'pre-key',
  'session',
  'sender-key',
  'sender-key-memory',
  'app-state-sync-key',
  'app-state-sync-version',
  'lid-mapping',
  'device-list',
  'tctoken',
  'identity-key',
] as const satisfies readonly KeyType[];

/** The first byte says what follows: the bytes themselves, or JSON. */
const RAW = 0;
const JSON_TEXT = 1;

/** A value as the keeper stores it. */
function encodeKey(type: KeyType, value: SignalDataTypeMap[KeyType]): Uint8Array {
  if (value instanceof Uint8Array) return Buffer.concat([Buffer.from([RAW]), value]);
  // A session has no bytes inside (libsignal writes base64), and is written with every message.
  const text = type === 'session' ? JSON.stringify(value) : JSON.stringify(value, BufferJSON.replacer);
  return Buffer.from(String.fromCharCode(JSON_TEXT) + text);
}

/** Parses what `encodeKey` wrote; throws on anything else. */
function decodeKey(type: KeyType, stored: Uint8Array): SignalDataTypeMap[KeyType] {
  const rest = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength).subarray(1);
  if (stored[0] === RAW) return rest;
  if (stored[0] !== JSON_TEXT) throw new Error(`A stored ${type} cannot be read`);
  // As it was written: the reviver's guesses are not for it.
  const value: unknown =
    type === 'session' ? JSON.parse(rest.toString()) : JSON.parse(rest.toString(), BufferJSON.reviver);
  if (type === 'app-state-sync-key' && typeof value === 'object' && value !== null) {
    return proto.Message.AppStateSyncKeyData.fromObject(value);
  }
  return asType(value);
}

/** The parser's end: what a type's values are was decided when they were written. */
function asType<T extends KeyType>(value: unknown): SignalDataTypeMap[T] {
  return value as SignalDataTypeMap[T];
}

/** A rough size without serialising once more. */
function sizeOf(value: Value): number {
  if (value === null) return SMALL;
  return value instanceof Uint8Array ? value.byteLength : typeof value === 'string' ? value.length : 2_000;
}
