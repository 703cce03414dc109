// One account at work: carries out what its life decides, with one link and one outbox at a time. All of its knowledge is the keeper's.
import { type Account, type AccountState, CodedError, explain, type Language, shape } from '@pulseline/protocol';
import type { MediaFiles } from '../media/files.ts';
import { Link, type LinkEvents, type LinkParts } from './baileys.ts';
import { type Ending, internalFault } from './classify.ts';
import { unreadable } from './credentials.ts';
import { Errands } from './errands.ts';
import { type Effect, type Input, type Life, newLife, step } from './life.ts';
import type { LineLimits } from './line.ts';
import { MediaQueue } from './media-queue.ts';
import type { Hearing, LogLevel, Measures } from './orders.ts';
import { Outbox } from './outbox.ts';
import { Meter, type Pace } from './pace.ts';
import type { AccountSetup, Batch, Chat, Fact, Keeper, LinkQuestion, MediaLimits, Party, Whisper } from './port.ts';
import { ProxyFailed } from './proxy.ts';

export interface AccountParts {
  readonly keeper: Keeper;
  readonly whisper: (whisper: Whisper) => void;
  readonly log: (account: string, text: string, error?: unknown, level?: LogLevel) => void;
  readonly language: Language;
  /** Ms since epoch with fractions, on a clock that never jumps. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly files: MediaFiles;
  readonly mediaLimits: MediaLimits;
  readonly pace?: Pace;
  readonly limits?: Partial<LineLimits>;
  /** As the link has it. */
  readonly previewer?: NonNullable<LinkParts['previewer']>;
  /** As the link has it; for tests. */
  readonly times?: NonNullable<LinkParts['times']>;
  /** Told of each stage of a message that has just been passed, by name. */
  readonly passed?: (stage: string) => void;
}

type Open = {
  readonly link: Link;
  readonly outbox: Outbox;
  readonly errands: Errands;
  readonly media: MediaQueue;
};

/** Where the times of the last connects are kept: beside the login, and forgotten with it. */
const CONNECTS = { type: 'pulseline-connects', id: '' } as const;
const { list, number } = shape;

/** What the inbox is told of a job that its login did not outlive. */
const LOGGED_OUT = 'LOGGED_OUT';
const REFUSED_AT_ONCE = 200;

const DEAF = 3;
const PROOF_WITHIN = 10_000;
const UNLINK_WITHIN = 5_000;
/** Reports of a state that wait for the store; more and the oldest go, since the newest say it all. */
const REPORTS = 20;
const REPORT_AGAIN = 1_000;
/** Errands that somebody waits for; whoever comes beyond finds its end in the store. */
const MOST_WAITERS = 1_000;
const LONGEST_TIMER = 2 ** 31 - 1;

/** Everything of one account in this process. */
export class RunningAccount {
  readonly #setup: AccountSetup;
  readonly #parts: AccountParts;
  #life: Life;
  #open: Open | undefined;
  /** Counts dialled links, so that one that comes too late is dropped. */
  #dialled = 0;
  /** How often in a row its handler was found away. */
  #deaf = 0;
  /** The link before, until nothing of it is written any more. */
  #former: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #raw = 'close';
  #me: Account['me'];
  #lastReport: Extract<Effect, { type: 'report' }> | undefined;
  readonly #meter: Meter | undefined;
  readonly #reports: Fact[] = [];
  #reporting = false;
  /** Who waits for the end of an errand, by its id. */
  readonly #waiters = new Map<string, () => void>();
  #stopped = false;

  constructor(setup: AccountSetup, parts: AccountParts) {
    this.#setup = setup;
    this.#parts = parts;
    this.#life = newLife(parts.now());
    this.#meter = parts.pace && new Meter(parts.pace, parts.now());
  }

  get state(): AccountState {
    return this.#life.shown.state;
  }

  start(): void {
    void this.#recallConnects().then(() => this.#input({ type: 'start' }));
  }

  restart(): void {
    this.#input({ type: 'restart' });
  }

  /** Resolves when nothing of this account is written any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#input({ type: 'stop' });
    clearTimeout(this.#timer);
    await this.#former;
  }

  /** Tells WhatsApp as far as it can be reached, then forgets the login. */
  async logout(): Promise<void> {
    const link = this.#open?.link;
    // From here on the end of this link is our own doing.
    this.#dialled++;
    if (link !== undefined) {
      const told = link
        .logout(UNLINK_WITHIN)
        .catch((error: unknown) => this.#log('WhatsApp did not confirm the logout', error));
      await Promise.race([told, this.#sleep(UNLINK_WITHIN)]);
    }
    this.#disconnect();
    await this.#former;
    await this.#refuseQueue();
    await this.#parts.keeper.forget(this.#setup.id);
    this.#me = undefined;
    this.#input({ type: 'unlinked' });
  }

  /** There may be new jobs; with `sends` none but messages. */
  ring(queue?: 'sends'): void {
    this.#open?.outbox.ring();
    if (queue === 'sends') return;
    this.#open?.media.ring();
    this.#open?.errands.ring();
  }

  /** Resolves when the errand has ended, or the link has. What became of it stands in the store. */
  errand(job: string): Promise<void> {
    if (this.#open === undefined || this.#waiters.size >= MOST_WAITERS) return Promise.resolve();
    return new Promise((resolve) => {
      const others = this.#waiters.get(job);
      this.#waiters.set(job, () => {
        others?.();
        resolve();
      });
      this.#open?.errands.ask(job);
    });
  }

  /** Errors: ACCOUNT_NOT_READY. */
  async ask(question: LinkQuestion): Promise<unknown> {
    // Also on a link that is not ready: what is on its way is on its way.
    if (question.do === 'cancel-transfer') this.#open?.link.media.cancel(question.media);
    return question.do === 'cancel-transfer' ? null : this.#usable().answer(question);
  }

  /** Errors: ACCOUNT_NOT_IN_QR. */
  async pairingCode(phone: string): Promise<string> {
    const link = this.#open?.link;
    if (link === undefined || this.state !== 'QR') throw new CodedError('ACCOUNT_NOT_IN_QR', { state: this.state });
    return link.pairingCode(phone);
  }

  /** Errors: ACCOUNT_NOT_READY. */
  async lookUp(phone: string): Promise<Party | undefined> {
    return this.#usable().lookUp(phone);
  }

  #usable(): Link {
    const link = this.#open?.link;
    const usable = this.state === 'READY' || this.state === 'DEGRADED' || this.state === 'SYNCING';
    if (link === undefined || !usable) throw new CodedError('ACCOUNT_NOT_READY', { state: this.state });
    return link;
  }

  typing(chat: Chat, state: 'composing' | 'paused'): void {
    this.#open?.link.typing(chat, state).catch((error: unknown) => this.#log('typing was not told', error));
  }

  /** What it holds in memory, for the metrics. */
  measure(): Omit<Measures, 'accounts' | 'hearing'> {
    const open = this.#open;
    const { fetching = 0, waiting: unfetched = 0 } = open?.media.measure() ?? {};
    const { waiting = 0, cachedBytes = 0 } = open?.link.measure() ?? {};
    return { waiting, cachedBytes, fetching, unfetched };
  }

  /** Told every few seconds: a link that ends just now is not yet deaf. */
  hearing(): Omit<Hearing, 'account'> | undefined {
    if (this.#open === undefined) return undefined;
    const { listens, heard } = this.#open.link.measure();
    this.#deaf = listens ? 0 : this.#deaf + 1;
    return {
      socket: this.#dialled,
      listener: this.#deaf < DEAF ? this.#dialled : 0,
      silentMs: this.#parts.now() - heard,
    };
  }

  /** Something of the library failed that no link can be blamed for: begin anew. */
  shake(): void {
    if (this.#open === undefined) return;
    this.#disconnect();
    this.#ended(internalFault);
  }

  #input(input: Input): void {
    if (this.#stopped && input.type !== 'stop') return;
    const [life, effects] = step(this.#life, input, this.#parts.now(), this.#parts.random());
    this.#life = life;
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'connect':
        void this.#connect();
        return;
      case 'disconnect':
        this.#disconnect();
        return;
      case 'forget':
        this.#former = this.#former
          .then(() => this.#parts.keeper.forget(this.#setup.id))
          .catch((error: unknown) => this.#log('the login was not forgotten', error));
        return;
      case 'prove':
        void this.#prove();
        return;
      case 'wake':
        clearTimeout(this.#timer);
        this.#timer = setTimeout(
          () => this.#input({ type: 'wake' }),
          Math.min(LONGEST_TIMER, Math.max(0, Math.ceil(effect.at - this.#parts.now()))),
        );
        return;
      case 'report':
        this.#report(effect);
    }
  }

  async #connect(): Promise<void> {
    const dialled = ++this.#dialled;
    const current = (): boolean => dialled === this.#dialled && !this.#stopped;
    await this.#former;
    if (!current()) return;
    try {
      await this.#keepConnects();
      if (!current()) return;
      const link = await Link.open(
        this.#setup,
        { ...this.#parts, committed: (batch) => this.#committed(batch), sleep: (ms) => this.#sleep(ms) },
        this.#eventsOf(current),
      );
      if (!current()) {
        link.end();
        return;
      }
      this.#raw = 'connecting';
      const { keeper, now } = this.#parts;
      const after = (ms: number, call: () => void): (() => void) => {
        const timer = setTimeout(call, ms).unref();
        return () => clearTimeout(timer);
      };
      const media = new MediaQueue({
        account: this.#setup.id,
        keeper,
        link: link.media,
        limits: this.#parts.mediaLimits,
        now,
        after,
        log: (text, error, level) => this.#log(text, error, level),
      });
      const outbox = new Outbox({
        account: this.#setup.id,
        keeper,
        link,
        now,
        after,
        ...(this.#meter !== undefined && { meter: this.#meter }),
        log: (text, error) => this.#log(text, error),
      });
      const errands = new Errands({
        account: this.#setup.id,
        keeper,
        commit: (facts) => link.commit(facts),
        carryOut: (errand, done) => link.carryOut(errand, done),
        sleep: (ms) => this.#sleep(ms),
        ended: (job) => this.#errandEnded(job),
        log: (text, error) => this.#log(text, error),
      });
      this.#open = { link, outbox, errands, media };
    } catch (error) {
      if (!current()) return;
      this.#log('no link could be made', error, 'warn');
      this.#ended(endingOf(error));
    }
  }

  /** The connects of the last minute count over deaths of the worker and of the process; an emulator of this machine has no such memory. */
  async #recallConnects(): Promise<void> {
    const { keeper, now } = this.#parts;
    if (this.#setup.kind === 'sandbox') return;
    try {
      const [stored] = await keeper.keys(this.#setup.id, [CONNECTS]);
      const connects = stored === undefined ? [] : list(number()).parse(JSON.parse(Buffer.from(stored).toString()));
      if (this.#life.place.at === 'idle') this.#life = newLife(now(), connects);
    } catch (error) {
      this.#log('the last connects are not known', error);
    }
  }

  /** Durable before the connect that it tells of. */
  async #keepConnects(): Promise<void> {
    const value = Buffer.from(JSON.stringify(this.#life.connects.map(Math.floor)));
    await this.#parts.keeper.commit({
      account: this.#setup.id,
      facts: [],
      keys: [{ ...CONNECTS, value }],
      seen: [],
    });
  }

  /** Files are looked for only when their messages are committed, so that a receipt never waits for it. */
  #committed({ facts }: Batch): void {
    if (facts.some((fact) => fact.type === 'message' && fact.media !== undefined)) this.#open?.media.ring();
  }

  #eventsOf(current: () => boolean): LinkEvents {
    const tell = (what: () => void): void => {
      if (current()) what();
    };
    const { id: account } = this.#setup;
    return {
      qr: (qr, expiresAt) =>
        tell(() => {
          this.#input({ type: 'qr' });
          this.#parts.whisper({ type: 'qr', account, qr, expiresAt });
        }),
      paired: () =>
        tell(() => {
          // What was meant for the login before must not go out under this one.
          this.#former = this.#former.then(() => this.#refuseQueue());
          this.#parts.whisper({ type: 'qr-gone', account });
          this.#input({ type: 'paired' });
        }),
      open: (me) =>
        tell(() => {
          this.#raw = 'open';
          this.#me = me;
          this.#input({ type: 'open' });
          this.ring();
        }),
      named: (me) =>
        tell(() => {
          if (this.#me === undefined || this.#lastReport === undefined) return;
          this.#me = me;
          this.#report(this.#lastReport);
        }),
      drained: () => tell(() => this.#input({ type: 'drained' })),
      errands: () => tell(() => this.#open?.errands.ring()),
      acked: (waId, error) => tell(() => this.#open?.outbox.acked(waId, error)),
      whisper: (whisper) => tell(() => this.#parts.whisper(whisper)),
      ended: (ending) => tell(() => this.#ended(ending)),
      log: (text, error, level) => this.#log(text, error, level),
    };
  }

  #ended(ending: Ending): void {
    const scanning = this.state === 'QR';
    this.#disconnect();
    if (scanning) this.#parts.whisper({ type: 'qr-gone', account: this.#setup.id });
    if (ending.type === 'logged-out') this.#former = this.#former.then(() => this.#refuseQueue());
    this.#input({ type: 'ended', ending });
  }

  /** Nothing that waits is ever sent under another login: it is refused, and says why. */
  async #refuseQueue(): Promise<void> {
    const { keeper, now } = this.#parts;
    const account = this.#setup.id;
    try {
      for (;;) {
        const jobs = [
          ...(await keeper.jobs(account, REFUSED_AT_ONCE)),
          ...(await keeper.errands(account, REFUSED_AT_ONCE)),
        ];
        if (jobs.length === 0) return;
        const facts = jobs.map(
          (job): Fact =>
            job.type === 'send'
              ? { type: 'acked', waId: job.waId, error: LOGGED_OUT, at: now() }
              : { type: 'job-done', job: job.id, error: LOGGED_OUT },
        );
        await keeper.commit({ account, facts, keys: [], seen: [] });
        if (jobs.length < REFUSED_AT_ONCE) return;
      }
    } catch (error) {
      this.#log('what waits in the outbox was not refused', error, 'warn');
    }
  }

  #disconnect(): void {
    this.#dialled++;
    this.#raw = 'close';
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    open.outbox.close();
    open.media.close();
    open.errands.close();
    for (const job of Array.from(this.#waiters.keys())) this.#errandEnded(job);
    open.link.end();
    const before = this.#former;
    this.#former = before.then(() => open.link.settled());
  }

  async #prove(): Promise<void> {
    const link = this.#open?.link;
    if (link === undefined) return;
    const holds = await link.prove(PROOF_WITHIN);
    if (this.#open?.link === link) this.#input({ type: 'proof', holds });
  }

  #report(report: Extract<Effect, { type: 'report' }>): void {
    this.#lastReport = report;
    const { state, why, since, attempts, nextTryAt } = report;
    const words = why && { code: why.code, ...explain(why.code, this.#parts.language, why.params) };
    this.#reports.push({
      type: 'state',
      state,
      raw: this.#raw,
      ...(words !== undefined && { reason: words }),
      since: Math.floor(since),
      ...(nextTryAt !== undefined && { nextTryAt: Math.floor(nextTryAt) }),
      attempts,
      ...(this.#me !== undefined && { me: this.#me }),
    });
    if (this.#reports.length > REPORTS) this.#reports.shift();
    if (!this.#reporting) void this.#tellReports();
  }

  /** States are told beside the link, since most are told when there is none. */
  async #tellReports(): Promise<void> {
    this.#reporting = true;
    while (!this.#stopped) {
      const facts = this.#reports.splice(0);
      if (facts.length === 0) break;
      const batch: Batch = { account: this.#setup.id, facts, keys: [], seen: [] };
      try {
        await this.#parts.keeper.commit(batch);
      } catch (error) {
        this.#log('a state was not committed', error, 'warn');
        this.#reports.unshift(...facts);
        this.#reports.splice(0, this.#reports.length - REPORTS);
        await this.#sleep(REPORT_AGAIN);
      }
    }
    this.#reporting = false;
  }

  #errandEnded(job: string): void {
    this.#waiters.get(job)?.();
    this.#waiters.delete(job);
  }

  #log(text: string, error?: unknown, level?: LogLevel): void {
    this.#parts.log(this.#setup.id, text, error, level);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms).unref());
  }
}

/** Why no link could be made: nothing has been dialled yet. */
function endingOf(error: unknown): Ending {
  const unread = unreadable(error);
  if (unread !== undefined) return unread;
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof ProxyFailed)
    return { type: 'retry', code: 'PROXY_FAILED', params: { proxy: error.proxy, error: detail } };
  return { type: 'retry', code: 'STORE_FAILED', params: { detail } };
}
