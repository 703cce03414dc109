// The accounts of one worker thread: carries out the main thread's orders and answers its questions. It knows no other worker.
import { CodedError } from '@pulseline/protocol';
import { type AccountParts, RunningAccount } from './account.ts';
import { isLateCall } from './classify.ts';
import { parseQuestion } from './errand.ts';
import { type LogLevel, type Measures, type News, parseOrder, type Question, refusalOf } from './orders.ts';
import type { AccountSetup } from './port.ts';
import { takeIn } from './test-message.ts';

export interface CrewParts extends Omit<AccountParts, 'whisper' | 'log'> {
  readonly tell: (news: News) => void;
  /** Writes a test message. */
  readonly writeTest: (data: string) => Promise<void>;
  /** May an account with this setup live in this thread? */
  readonly accepts: (setup: AccountSetup) => boolean;
}

/** The main thread places at most this many; more are refused. */
export const ACCOUNTS_PER_WORKER = 32;

export class Crew {
  readonly #parts: CrewParts;
  readonly #accounts = new Map<string, RunningAccount>();

  constructor(parts: CrewParts) {
    this.#parts = parts;
  }

  /** Takes what came over the port. Throws a ShapeError on what is no order. */
  hear(message: unknown): void {
    const order = parseOrder(message);
    switch (order.order) {
      case 'start':
        void this.#start(order.setup).catch((error: unknown) =>
          this.#log(order.setup.id, 'an account was not started', error),
        );
        return;
      case 'restart':
        this.#accounts.get(order.account)?.restart();
        return;
      case 'ring':
        this.#accounts.get(order.account)?.ring(order.queue);
        return;
      case 'typing':
        this.#accounts.get(order.account)?.typing(order.chat, order.state);
        return;
      default:
        this.#answer(order).then(
          (value) => this.#parts.tell({ news: 'answer', ask: order.ask, value }),
          (error: unknown) => this.#parts.tell(refusalOf(order.ask, error)),
        );
    }
  }

  /** An error that nobody caught and no link took for its own: it cannot be told whose it is, so all begin anew. A call on an ended socket is no fault. */
  shake(error: unknown): void {
    if (isLateCall(error)) {
      this.#log('', 'a late call on an ended link failed', error);
      return;
    }
    this.#log('', 'an error that nobody caught: all links of this worker are renewed', error, 'warn');
    for (const account of this.#accounts.values()) account.shake();
  }

  async #answer(order: Question): Promise<unknown> {
    switch (order.order) {
      case 'stop':
        return this.#stop(order.account);
      case 'logout':
        return this.#of(order.account).logout();
      case 'pairing-code':
        return this.#of(order.account).pairingCode(order.phone);
      case 'look-up':
        return this.#of(order.account).lookUp(order.phone);
      case 'errand':
        return this.#of(order.account).errand(order.job);
      case 'question':
        return this.#of(order.account).ask(parseQuestion(order.question));
      case 'take-in':
        return takeIn(order.text, this.#parts.now);
      case 'write-test':
        await this.#parts.writeTest(order.data);
        return null;
      case 'alive':
        return this.#measure();
      case 'close':
        await Promise.all([...this.#accounts.keys()].map((account) => this.#stop(account)));
        return null;
    }
  }

  async #start(setup: AccountSetup): Promise<void> {
    if (!this.#parts.accepts(setup)) throw new Error('this worker is not for such accounts');
    if (this.#accounts.size >= ACCOUNTS_PER_WORKER && !this.#accounts.has(setup.id))
      throw new Error('this worker is full');
    const former = this.#accounts.get(setup.id);
    const account = new RunningAccount(setup, {
      ...this.#parts,
      whisper: (whisper) => this.#parts.tell({ news: 'whisper', whisper }),
      log: (id, text, error, level) => this.#log(id, text, error, level),
    });
    // In its place at once, so that what follows reaches the new one.
    this.#accounts.set(setup.id, account);
    await former?.stop();
    if (this.#accounts.get(setup.id) === account) account.start();
  }

  async #stop(id: string): Promise<void> {
    const account = this.#accounts.get(id);
    this.#accounts.delete(id);
    await account?.stop();
  }

  #of(id: string): RunningAccount {
    const account = this.#accounts.get(id);
    if (account === undefined) throw new CodedError('ACCOUNT_NOT_FOUND');
    return account;
  }

  #measure(): Measures {
    const all = [...this.#accounts.values()].map((account) => account.measure());
    const sum = (of: keyof (typeof all)[number]): number => all.reduce((total, each) => total + each[of], 0);
    return {
      accounts: all.length,
      waiting: sum('waiting'),
      cachedBytes: sum('cachedBytes'),
      fetching: sum('fetching'),
      unfetched: sum('unfetched'),
      hearing: [...this.#accounts].flatMap(([account, running]) => {
        const hearing = running.hearing();
        return hearing === undefined ? [] : [{ account, ...hearing }];
      }),
    };
  }

  #log(account: string, text: string, error?: unknown, level: LogLevel = 'debug'): void {
    const said =
      error === undefined ? undefined : error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.#parts.tell({ news: 'log', level, account, text, ...(said !== undefined && { error: said.slice(0, 2_000) }) });
  }
}
