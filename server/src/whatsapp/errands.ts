// Carries out an account's errands: several at a time, those of one kind of thing in their order. One that cannot safely be repeated is marked before it is begun, and then tried once. It decides nothing.

import { CodedError } from '@pulseline/protocol';
import { Bell } from './bell.ts';
import { isLinkGone } from './end.ts';
import type { Errand, Fact, Job, Keeper } from './port.ts';

type ErrandJob = Extract<Job, { type: 'errand' }>;

/** What an errand ended with; `told`: its end is durable already. */
export interface Deed {
  readonly result?: unknown;
  readonly facts?: readonly Fact[];
  readonly told?: true;
}

export interface ErrandParts {
  readonly account: string;
  readonly keeper: Pick<Keeper, 'errands'>;
  readonly commit: (facts: readonly Fact[]) => Promise<void>;
  /** `done` is the fact that may be committed together with it. Errors: a CodedError that ends it. */
  readonly carryOut: (errand: Errand, done: Fact) => Promise<Deed>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly ended: (job: string) => void;
  readonly log: (text: string, error?: unknown) => void;
}

const AT_ONCE = 50;
const TRIES = 5;
const FIRST_PAUSE = 1_000;
/** Doing these twice is doing them once. */
const REPEATABLE: ReadonlySet<Errand['do']> = new Set([
  'chat-state',
  'message-state',
  'set-profile',
  'set-picture',
  'fetch-history',
  'block',
  'history',
]);
/** Codes that say that trying again can help. */
const PASSING: ReadonlySet<string> = new Set(['APP_STATE_LOCKED', 'WHATSAPP_FAILED']);

/** Lives as long as its link. */
export class Errands {
  readonly #parts: ErrandParts;
  readonly #underWay = new Set<string>();
  /** Somebody waits for these, and may have come too late. */
  readonly #asked = new Set<string>();
  readonly #chains = new Map<string, Promise<void>>();
  readonly #bell: Bell;

  constructor(parts: ErrandParts) {
    this.#parts = parts;
    this.#bell = new Bell(
      () => this.#work(),
      (error) => parts.log('the errands stopped', error),
    );
  }

  /** There may be errands. */
  ring(): void {
    this.#bell.ring();
  }

  /** `ended` is told of it, also if it has ended already. */
  ask(job: string): void {
    this.#asked.add(job);
    this.ring();
  }

  close(): void {
    this.#bell.close();
  }

  async #work(): Promise<void> {
    // One that ends while we ask may still be in the answer.
    const before = new Set(this.#underWay);
    const asked = [...this.#asked];
    const jobs = await this.#parts.keeper.errands(this.#parts.account, AT_ONCE);
    for (const id of asked) {
      // With more open ones than are fetched it may be among the rest; its end is told then.
      const isOpen = jobs.length >= AT_ONCE || jobs.some((job) => job.id === id) || this.#underWay.has(id);
      if (this.#asked.delete(id) && !isOpen) this.#parts.ended(id);
    }
    for (const job of jobs) if (job.type === 'errand' && !before.has(job.id)) this.#begin(job);
  }

  #begin(job: ErrandJob): void {
    const { id, errand } = job;
    if (this.#underWay.has(id)) return;
    this.#underWay.add(id);
    const key = keyOf(job);
    const mine = (this.#chains.get(key) ?? Promise.resolve())
      .then(() => (this.#bell.closed ? undefined : this.#carryOut(job)))
      .catch((error: unknown) => {
        // The link is dead: the next one carries it out.
        if (!this.#bell.closed) this.#parts.log(`the errand ${errand.do} was not ended`, error);
      })
      .then(() => {
        this.#underWay.delete(id);
        if (this.#chains.get(key) === mine) this.#chains.delete(key);
        this.#parts.ended(id);
        if (this.#underWay.size === 0) this.ring();
      });
    this.#chains.set(key, mine);
  }

  async #carryOut({ id, errand, started }: ErrandJob): Promise<void> {
    const repeatable = REPEATABLE.has(errand.do);
    const end = (more: Partial<Extract<Fact, { type: 'job-done' }>>): Fact => ({
      type: 'job-done',
      job: id,
      ...('chat' in errand && { chat: errand.chat }),
      ...('target' in errand && { target: errand.target }),
      ...more,
    });
    if (started === true && !repeatable) return this.#parts.commit([end({ error: 'OUTCOME_UNKNOWN' })]);
    if (!repeatable) await this.#parts.commit([{ type: 'sending', job: id, content: STARTED }]);
    for (let attempt = 1; ; attempt++) {
      try {
        const { result, facts = [], told } = await this.#parts.carryOut(errand, end({}));
        if (told !== true) await this.#parts.commit([...facts, end(result === undefined ? {} : { result })]);
        return;
      } catch (error) {
        if (isLinkGone(error) && repeatable) throw error;
        this.#parts.log(`the errand ${errand.do} failed`, error);
        const coded = error instanceof CodedError ? error : undefined;
        const passes = coded === undefined || PASSING.has(coded.code);
        if (!repeatable || !passes || attempt >= TRIES) {
          const code = coded?.code ?? (repeatable ? 'WHATSAPP_FAILED' : 'OUTCOME_UNKNOWN');
          const detail = error instanceof Error ? error.message.slice(0, 200) : String(error);
          return this.#parts.commit([end({ error: code, result: coded?.params ?? { detail } })]);
        }
        await this.#parts.sleep(FIRST_PAUSE * 2 ** (attempt - 1));
        if (this.#bell.closed) throw error;
      }
    }
  }
}

/** Anything at all: that it is there says that the errand was begun. */
const STARTED = Uint8Array.of(1);

function keyOf({ id, errand }: ErrandJob): string {
  // Both build on the versions of the same collections.
  if (errand.do === 'chat-state' || errand.do === 'message-state' || errand.do === 'set-profile') return 'chat-state';
  if (errand.do === 'fetch-history') return 'fetch-history';
  return 'group' in errand ? errand.group : id;
}
