// What an account's devices share beside messages, kept in step with WhatsApp both ways: each collection's version is durable together with the facts that it brought. It decides nothing about a chat.
import { CodedError } from '@pulseline/protocol';
import type { AuthenticationCreds, BinaryNode, LTHashState, WAPatchCreate, WAPatchName } from 'baileys';
import { type Mutation, mutationFacts, ownNameIn } from './chat-state.ts';
import type { Keyring } from './keyring.ts';
import {
  decodePatches,
  decodeSyncdSnapshot,
  encodeSyncdPatch,
  extractSyncdPatches,
  newLTHashState,
  proto,
} from './library.ts';
import type { Line } from './line.ts';
import type { Fact } from './port.ts';

export interface AppStateParts {
  readonly line: Pick<Line, 'run'>;
  readonly keyring: Keyring;
  readonly creds: AuthenticationCreds;
  /** Asks WhatsApp. */
  readonly query: (node: BinaryNode) => Promise<BinaryNode>;
  /** A person's other address is added where it is known. */
  readonly complete: (fact: Fact) => Promise<Fact>;
  /** Asks our own phone for keys by their ids. */
  readonly askForKeys: (ids: readonly Uint8Array[]) => Promise<unknown>;
  readonly onName: (name: string) => void;
  readonly log: (text: string, error?: unknown) => void;
}

const COLLECTIONS = [
  'critical_block',
  'critical_unblock_low',
  'regular_high',
  'regular_low',
  'regular',
] as const satisfies readonly WAPatchName[];
const SERVER = '@s.whatsapp.net';
/** Questions of one sync; WhatsApp hands out a few hundred patches at a time. */
const MOST_ROUNDS = 200;
/** How often a patch of ours is put on top of what others have changed meanwhile. */
const TRIES = 5;
const CONFLICT = '409';

type Collection = (typeof COLLECTIONS)[number];

export class AppState {
  readonly #parts: AppStateParts;
  #turn: Promise<unknown> = Promise.resolve();
  /** Collections that wait for a key. */
  readonly #blocked = new Set<Collection>();

  constructor(parts: AppStateParts) {
    this.#parts = parts;
  }

  /** Brings collections up to date; all of them if none is named. */
  sync(names: readonly string[] = COLLECTIONS): Promise<void> {
    const wanted = COLLECTIONS.filter((name) => names.includes(name));
    return this.#next(() => this.#sync(wanted));
  }

  /** Keys have come: what waited for one goes on. */
  async keysCame(): Promise<void> {
    const waiting = [...this.#blocked];
    this.#blocked.clear();
    if (waiting.length > 0) await this.sync(waiting);
  }

  /** Tells the other devices; `facts` become true together with it. Errors: APP_STATE_REFUSED, APP_STATE_LOCKED while the key is missing. */
  patch(create: WAPatchCreate, facts: readonly Fact[]): Promise<void> {
    return this.#next(() => this.#patch(create, facts));
  }

  /** One after the other: each builds on the version that the one before has left. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  async #sync(names: readonly Collection[]): Promise<void> {
    let left = [...names];
    const forced = new Set<Collection>();
    for (let round = 0; left.length > 0 && round < MOST_ROUNDS; round++) {
      const more: Collection[] = [];
      const asked = await Promise.all(
        left.map(async (name) => ({ name, state: forced.has(name) ? undefined : await this.#state(name) })),
      );
      const answer = await this.#ask(
        asked.map(({ name, state }) => ({
          tag: 'collection',
          attrs: {
            name,
            version: String(state?.version ?? 0),
            return_snapshot: String((state?.version ?? 0) === 0),
          },
        })),
      );
      for (const { name, state } of asked) {
        const lacking: Uint8Array[] = [];
        try {
          if (await this.#take(name, state, answer, lacking)) more.push(name);
        } catch (error) {
          if (lacking.length > 0) await this.#block(name, lacking);
          else if (state !== undefined && !forced.has(name)) {
            // What we have does not fit WhatsApp's any more: from the beginning, once.
            this.#parts.log(`the collection ${name} is read afresh`, error);
            forced.add(name);
            more.push(name);
          } else this.#parts.log(`the collection ${name} could not be read`, error);
        }
      }
      left = more;
    }
  }

  /** One answer's part of a collection, in one commit. True if there is more. */
  async #take(name: Collection, before: LTHashState | undefined, answer: BinaryNode, lacking: Uint8Array[]) {
    const part = (await extractSyncdPatches(answer, {}))[name];
    if (part === undefined) return false;
    const key = (id: string) => this.#key(id, lacking);
    const mutations: Mutation[] = [];
    const add = (found: Readonly<Record<string, { syncAction: { value?: unknown }; index: readonly string[] }>>) => {
      for (const { syncAction, index } of Object.values(found)) {
        mutations.push({ index, value: proto.SyncActionValue.fromObject(Object(syncAction.value ?? {})) });
      }
    };
    let state = before ?? newLTHashState();
    const { version } = state;
    if (part.snapshot) {
      const read = await decodeSyncdSnapshot(name, part.snapshot, key, undefined, true);
      state = read.state;
      add(read.mutationMap);
    }
    if (part.patches.length > 0) {
      const read = await decodePatches(name, part.patches, state, key, {}, undefined, undefined, true);
      state = read.state;
      add(read.mutationMap);
    }
    // An empty collection is kept too: what comes next is news, and not years old.
    if (before && state.version === version && mutations.length === 0) return part.hasMorePatches;
    const facts = mutations.flatMap((mutation) => mutationFacts(mutation, before === undefined));
    const whole = await Promise.all(facts.map((fact) => this.#parts.complete(fact)));
    await this.#parts.line.run(async (sink) => {
      this.#keep(name, state);
      for (const fact of whole) sink.fact(fact);
    });
    const named = mutations.map(ownNameIn).find((each) => each !== undefined && each !== '');
    if (named !== undefined) this.#parts.onName(named);
    return part.hasMorePatches;
  }

  async #patch(create: WAPatchCreate, facts: readonly Fact[]): Promise<void> {
    const name = COLLECTIONS.find((each) => each === create.type);
    const keyId = this.#parts.creds.myAppStateKeyId;
    if (name === undefined || keyId === undefined) throw new CodedError('APP_STATE_LOCKED');
    for (let attempt = 1; ; attempt++) {
      await this.#sync([name]);
      if (this.#blocked.has(name)) throw new CodedError('APP_STATE_LOCKED');
      const before = (await this.#state(name)) ?? newLTHashState();
      const { patch, state } = await encodeSyncdPatch(create, keyId, before, (id) => this.#key(id, []));
      const bytes = proto.SyncdPatch.encode(patch).finish();
      const attrs = { name, version: String(before.version), return_snapshot: 'false' };
      const answer = await this.#ask([
        { tag: 'collection', attrs, content: [{ tag: 'patch', attrs: {}, content: bytes }] },
      ]);
      const refused = errorIn(answer, name);
      if (refused === undefined) {
        return this.#parts.line.run(async (sink) => {
          this.#keep(name, state);
          for (const fact of facts) sink.fact(fact);
        });
      }
      if (refused !== CONFLICT || attempt >= TRIES) throw new CodedError('APP_STATE_REFUSED', { code: refused });
    }
  }

  #ask(content: BinaryNode[]): Promise<BinaryNode> {
    const attrs = { to: SERVER, xmlns: 'w:sync:app:state', type: 'set' };
    return this.#parts.query({ tag: 'iq', attrs, content: [{ tag: 'sync', attrs: {}, content }] });
  }

  async #block(name: Collection, lacking: readonly Uint8Array[]): Promise<void> {
    this.#parts.log(`the collection ${name} waits for a key`);
    const isNew = !this.#blocked.has(name);
    this.#blocked.add(name);
    // Before the first share of all there is nobody to ask: the phone sends it by itself.
    if (isNew && this.#parts.creds.myAppStateKeyId !== undefined) {
      await this.#parts
        .askForKeys(lacking)
        .catch((error: unknown) => this.#parts.log('the phone could not be asked for a key', error));
    }
  }

  /** Under a name of our own: the library keeps its versions without what they brought. */
  async #state(name: Collection): Promise<LTHashState | undefined> {
    const id = `own ${name}`;
    return (await this.#parts.keyring.get('app-state-sync-version', [id]))[id];
  }

  #keep(name: Collection, state: LTHashState): void {
    this.#parts.keyring.set({ 'app-state-sync-version': { [`own ${name}`]: state } });
  }

  async #key(id: string, lacking: Uint8Array[]) {
    const key = (await this.#parts.keyring.get('app-state-sync-key', [id]))[id];
    if (key === undefined) lacking.push(Buffer.from(id, 'base64'));
    return key;
  }
}

/** WhatsApp's code if it does not take a collection's patch. The answer as a whole is a good one then too. */
function errorIn({ content }: BinaryNode, name: string): string | undefined {
  const sync = Array.isArray(content) ? content.find(({ tag }) => tag === 'sync') : undefined;
  const collections = Array.isArray(sync?.content) ? sync.content : [];
  const own = collections.find(({ attrs }) => attrs['name'] === name);
  if (own?.attrs['type'] !== 'error') return undefined;
  const error = Array.isArray(own.content) ? own.content.find(({ tag }) => tag === 'error') : undefined;
  return error?.attrs['code'] ?? 'unknown';
}
