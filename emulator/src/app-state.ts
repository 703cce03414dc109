// What an account's devices share beside messages (archived, pinned, muted ...): sealed patches in order; it never reads one.

import { SERVER } from './address.ts';
import type { Device } from './device.ts';
import type { AppStateKey } from './mutations.ts';
import { bytesOf, childOf, childrenOf, type Node, node } from './nodes.ts';
import type { Person } from './person.ts';
import type { PhoneChange } from './phone-state.ts';
import { seconds } from './send.ts';
import type { Store, Table } from './store.ts';
import { wire } from './wire.ts';
import type { World } from './world.ts';

/** Patches of one collection; past it the client is told that its version is wrong for ever. */
const MAX_PATCHES = 10_000;
/** Patches in one answer; the client asks again for the rest. */
const PATCHES_PER_ANSWER = 200;
const KEY_ID_BYTES = 6;
const KEY_BYTES = 32;
const COLLECTIONS: ReadonlySet<string> = new Set([
  'critical_block',
  'critical_unblock_low',
  'regular_high',
  'regular_low',
  'regular',
]);

export class AppState {
  readonly #patchTable: Table;
  readonly #keyTable: Table;
  /** Index + 1 is the version. */
  readonly #patches = new Map<string, Buffer[]>();
  readonly #keys = new Map<string, AppStateKey>();
  readonly #random: (bytes: number) => Buffer;

  constructor(store: Store, random: (bytes: number) => Buffer) {
    this.#random = random;
    this.#patchTable = store.table('app_state');
    this.#keyTable = store.table('app_state_key');
    for (const [row, bytes] of this.#patchTable.rows()) {
      if (typeof bytes !== 'string') this.#list(row.slice(0, row.lastIndexOf('/'))).push(Buffer.from(bytes));
    }
    for (const [person, bytes] of this.#keyTable.rows()) {
      if (typeof bytes !== 'string') this.#keys.set(person, splitKey(Buffer.from(bytes)));
    }
  }

  /** The key that the phone gives to each of its devices. */
  keyOf(person: Person): AppStateKey {
    const known = this.#keys.get(person.id);
    if (known) return known;
    const key = { id: this.#random(KEY_ID_BYTES), data: this.#random(KEY_BYTES) };
    this.#keys.set(person.id, key);
    this.#keyTable.put(person.id, () => Buffer.concat([key.id, key.data]));
    return key;
  }

  version(person: Person, collection: string): number {
    return this.#list(`${person.id}/${collection}`).length;
  }

  /** Patches after a version, oldest first, at most as many as go into one answer. */
  since(person: Person, collection: string, version: number): Buffer[] {
    return this.#list(`${person.id}/${collection}`).slice(version, version + PATCHES_PER_ANSWER);
  }

  /** All patches after a version. */
  patchesAfter(person: Person, collection: string, version: number): Buffer[] {
    return this.#list(`${person.id}/${collection}`).slice(version);
  }

  /** @returns false when the patch was not made on the newest version. @throws when the bytes are no patch. */
  append(person: Person, collection: string, base: number, patch: Uint8Array): boolean {
    const name = `${person.id}/${collection}`;
    const list = this.#list(name);
    if (base !== list.length || list.length >= MAX_PATCHES) return false;
    const version = base + 1;
    const stamped = { ...wire().SyncdPatch.decode(patch), version: { version } };
    const bytes = Buffer.from(wire().SyncdPatch.encode(stamped).finish());
    list.push(bytes);
    this.#patchTable.put(`${name}/${String(version).padStart(8, '0')}`, () => bytes);
    return true;
  }

  #list(name: string): Buffer[] {
    const known = this.#patches.get(name);
    if (known) return known;
    const made: Buffer[] = [];
    this.#patches.set(name, made);
    return made;
  }
}

function splitKey(bytes: Buffer): AppStateKey {
  return { id: bytes.subarray(0, KEY_ID_BYTES), data: bytes.subarray(KEY_ID_BYTES) };
}

export function answerAppState(world: World, device: Device, iq: Node): Node[] {
  const collections = childrenOf(childOf(iq, 'sync')).filter(({ attrs }) => COLLECTIONS.has(attrs.name ?? ''));
  return [
    node(
      'sync',
      {},
      collections.map((asked) => answerCollection(world, device, asked)),
    ),
  ];
}

function answerCollection(world: World, device: Device, asked: Node): Node {
  const { appState } = world;
  const { person } = device;
  const { name = '' } = asked.attrs;
  const base = Math.max(0, Number(asked.attrs.version) || 0);
  const patch = bytesOf(childOf(asked, 'patch'));
  if (patch) {
    if (name === 'regular_low' && world.faults.take('overtaken', ...device.names))
      changeOnPhone(world, person, { do: 'unarchive-chats', on: true });
    const taken = appState.append(person, name, base, patch);
    const version = String(appState.version(person, name));
    if (taken) notifyOthers(world, person, device, name, version);
    if (taken) return node('collection', { name, version, has_more_patches: 'false' });
    return node('collection', { name, version, type: 'error' }, [node('error', { code: '409', text: 'conflict' })]);
  }
  const patches = appState.since(person, name, base);
  const reached = base + patches.length;
  const more = reached < appState.version(person, name);
  const content =
    patches.length === 0
      ? undefined
      : [
          node(
            'patches',
            {},
            patches.map((each) => node('patch', {}, each)),
          ),
        ];
  return node('collection', { name, version: String(reached), has_more_patches: String(more) }, content);
}

/** The user changes something on the phone: every linked device is told that there is something new. */
export function changeOnPhone(world: World, phone: Person, change: PhoneChange): void {
  const { collection, version } = world.phoneStates.change(phone, change, world.clock());
  notifyOthers(world, phone, undefined, collection, String(version));
}

function notifyOthers(world: World, person: Person, by: Device | undefined, name: string, version: string): void {
  for (const other of world.devicesOf(person)) {
    if (other === by) continue;
    const attrs = { from: SERVER, type: 'server_sync', id: world.messageId(), t: seconds(world.clock()) };
    other.push(node('notification', attrs, [node('collection', { name, version })]));
  }
}
