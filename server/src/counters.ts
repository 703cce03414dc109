// The three counts of each account that must agree: what WhatsApp handed over, what was stored, what dashboards were told. It only counts; it holds up nothing.
import type { Commit, Queries, Tally } from './store/port.ts';

/** Of one account, since it was made (`delivered` too: what was told before this process began is known to the log). */
export type Counts = {
  /** Message stanzas that WhatsApp handed over, each time it did. */
  readonly wire: number;
  /** New messages out of them, also those that cannot be read yet. */
  readonly stored: number;
  /** `new_message` events that were fed to every open dashboard; one that is away gets them by its cursor. */
  readonly delivered: number;
  /** Where wire and stored differ: handed out again after it was read · known already · an earlier one made readable · something done to another message · no message at all · a message inside a stanza that is none (counts against). */
  readonly redelivered: number;
  readonly again: number;
  readonly filled: number;
  readonly changes: number;
  readonly control: number;
  readonly aside: number;
  /** Where stored and delivered differ: what was sent from here, notices, and what older versions stored uncounted. */
  readonly commanded: number;
  readonly notices: number;
  readonly before: number;
  /** Messages that cannot be read yet. */
  readonly waiting: number;
  /** Changes by people who may not make them. */
  readonly refused: number;
  /** wire + aside - redelivered - again - filled - changes - control - stored: 0, or stanzas have come to nothing. */
  readonly lost: number;
  /** stored + commanded + notices + before - delivered: 0, but for what is between commit and feed at this moment. */
  readonly untold: number;
};

/** Commits that are not fed yet; they take microseconds. More, and the oldest counts as fed. */
const MAX_UNFED = 10_000;

interface Fed {
  told: number;
  readonly unfed: number[];
}

export class Counters {
  readonly #queries: Pick<Queries, 'tallies'>;
  readonly #heads: () => Readonly<Record<string, { readonly seq: number }>>;
  readonly #fed = new Map<string, Fed>();

  /** `heads`: up to which event of each stream dashboards have been fed. */
  constructor(queries: Pick<Queries, 'tallies'>, heads: () => Readonly<Record<string, { readonly seq: number }>>) {
    this.#queries = queries;
    this.#heads = heads;
  }

  /** What lies in the log now was told by earlier processes, or is replayed to whoever asks. Before the first commit. */
  async open(): Promise<void> {
    for (const [account, tally] of await this.#queries.tallies())
      this.#fed.set(account, { told: told(tally), unfed: [] });
  }

  committed({ events }: Commit): void {
    for (const { type, stream, seq } of events) {
      if (type !== 'new_message') continue;
      const fed = this.#fed.get(stream) ?? { told: 0, unfed: [] };
      this.#fed.set(stream, fed);
      fed.unfed.push(seq);
      if (fed.unfed.length > MAX_UNFED) this.#settle(stream, fed);
    }
  }

  async read(): Promise<Readonly<Record<string, Counts>>> {
    const tallies = await this.#queries.tallies();
    return Object.fromEntries([...tallies].map(([account, tally]) => [account, this.#countsOf(account, tally)]));
  }

  #settle(stream: string, fed: Fed): void {
    const head = this.#heads()[stream]?.seq ?? 0;
    const rest = fed.unfed.filter((seq) => seq > head).slice(-MAX_UNFED);
    fed.told += fed.unfed.length - rest.length;
    fed.unfed.splice(0, fed.unfed.length, ...rest);
  }

  #countsOf(account: string, tally: Tally): Counts {
    const fed = this.#fed.get(account);
    if (fed) this.#settle(account, fed);
    const of = (name: string): number => tally[name] ?? 0;
    const delivered = fed?.told ?? 0;
    const accounted =
      of('redelivered') + of('again') + of('filled') + of('changes') + of('control') + of('stored') - of('aside');
    return {
      wire: of('wire'),
      stored: of('stored'),
      delivered,
      redelivered: of('redelivered'),
      again: of('again'),
      filled: of('filled'),
      changes: of('changes'),
      control: of('control'),
      aside: of('aside'),
      commanded: of('commanded'),
      notices: of('notices'),
      before: of('before'),
      waiting: of('unreadable') - of('filled'),
      refused: of('refused'),
      lost: of('wire') - accounted,
      untold: told(tally) - delivered,
    };
  }
}

function told(tally: Tally): number {
  return ['stored', 'commanded', 'notices', 'before'].reduce((sum, name) => sum + (tally[name] ?? 0), 0);
}
