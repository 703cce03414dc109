// What happens in a chaos run, drawn from a seed: who writes when, what breaks and where the gateway dies; it does nothing itself.
import { generator } from '../random.ts';

export interface Options {
  readonly seed: number;
  /** SIGKILLs. */
  readonly kills: number;
  /** Messages that contacts write. */
  readonly inbound: number;
  /** Messages that the account writes. */
  readonly outbound: number;
  /** Faults that take half a minute to be noticed are in it too: half-open links without a kill, silence. */
  readonly slow: boolean;
  /** A disk that fills up is in it. */
  readonly disk: boolean;
}

/** People and groups are numbered; the account is in every group. */
export const CONTACTS = 10;
/** The members of each group, by contact. The first one owns it. */
export const GROUPS: readonly (readonly number[])[] = [
  [0, 1, 2, 3],
  [2, 3, 4, 5, 6, 7],
  [7, 8, 9, 0, 1],
];

/** A chat as its contact sees it: the account itself, or a group. */
export type Chat = { readonly contact: number } | { readonly group: number };

export interface Letters {
  readonly from: number;
  readonly to: 'account' | { readonly group: number };
  readonly n: number;
  /** Messages a second. */
  readonly rate: number;
  /** Characters that each text has beside its name. */
  readonly padding: number;
}

/** What breaks while the gateway lives. `wa-` is the line to WhatsApp, `dashboard-` that of the live client. */
export const linkFaults = [
  'wa-rst',
  'wa-fin',
  'wa-half-open',
  'wa-stall',
  'dashboard-rst',
  'dashboard-half-open',
  'server-drop',
  'server-stream-error',
  'server-garbage',
  'corrupt',
  'no-ack',
  'clock-forward',
  'clock-back',
] as const;
export type LinkFault = (typeof linkFaults)[number];

/** What no kill may end early: the gateway has to notice by itself and to go on in the same process. */
export const wholeFaults = ['disk-full', 'wa-rst', 'wa-half-open', 'server-silence'] as const;
export type WholeFault = (typeof wholeFaults)[number];

/** The gaps between two stages of a message's way; each gateway knows its own places for them. */
export const places = [
  'heard',
  'normalised',
  'committed',
  'answered',
  'rung',
  'fed',
  'written',
  'commanded',
  'sending',
  'sent',
  'acked',
] as const;
export type Place = (typeof places)[number];

export type Ending =
  /** SIGKILL so many ms after it answers. */
  | { readonly type: 'random'; readonly after: number }
  /** SIGKILL so many ms after the process was started, most often before it answers. */
  | { readonly type: 'starting'; readonly after: number }
  /** It dies when it reaches the place for the n-th time; if it does not within so many ms, it is killed. */
  | { readonly type: 'aimed'; readonly place: Place; readonly n: number; readonly after: number }
  /** No kill: the round is over when everything has arrived again. */
  | { readonly type: 'whole'; readonly fault: WholeFault };

export interface Round {
  readonly index: number;
  /** What the gateway must have reached before anybody writes: nothing, being online, or having an empty queue. */
  readonly begin: 'at once' | 'ready' | 'drained';
  readonly letters: readonly Letters[];
  readonly replies: readonly Chat[];
  readonly faults: readonly { readonly after: number; readonly fault: LinkFault }[];
  readonly ending: Ending;
}

/** Characters; what has room in the pages that a store has already must not pass for a full disk. */
const LONG = 30_000;
/** Ms over which a round's traffic is spread. */
const SPREAD = 1_500;
/** Every so many rounds the queue at WhatsApp has to become empty, so that kills hit live traffic and not only a backlog. */
const DRAIN_EVERY = 6;

export function roundsOf({ kills, slow, disk }: Options): number {
  return kills + wholes(kills, slow, disk);
}

/** Rounds without a kill: they take the longest. */
function wholes(kills: number, slow: boolean, disk: boolean): number {
  return slow ? Math.max(4, Math.floor(kills / 25)) : disk ? 2 : 1;
}

/** The same seed and index give the same round, whatever came before: a run can be resumed anywhere. */
export function roundOf(options: Options, index: number): Round {
  const { seed, inbound, outbound, slow, disk } = options;
  const rounds = roundsOf(options);
  const random = generator(seed * 1_000_003 + index);
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(of: readonly [T, ...T[]]): T => of[below(of.length)] ?? of[0];
  const ending = endingOf(options, index, below, pick);
  const dice = random();
  return {
    index,
    begin:
      ending.type === 'starting'
        ? 'at once'
        : index % DRAIN_EVERY === 0 || ending.type === 'whole'
          ? 'drained'
          : dice < 0.5
            ? 'ready'
            : 'at once',
    letters: lettersOf(share(inbound, rounds, index), fillsDisk(ending) ? LONG : 0, below),
    replies: Array.from({ length: share(outbound, rounds, index) }, () =>
      random() < 0.7 ? { contact: below(CONTACTS) } : { group: below(GROUPS.length) },
    ),
    faults: ending.type === 'whole' ? [] : faultsOf(below, pick),
    ending: disk || ending.type !== 'whole' || slow ? ending : { type: 'whole', fault: 'wa-rst' },
  };
}

/** The part of a whole that falls to one of `parts`; all parts together give the whole. */
function share(whole: number, parts: number, index: number): number {
  return Math.floor((whole * (index + 1)) / parts) - Math.floor((whole * index) / parts);
}

type Pick = <T>(of: readonly [T, ...T[]]) => T;

function endingOf(options: Options, index: number, below: (n: number) => number, pick: Pick): Ending {
  const rounds = roundsOf(options);
  const whole = share(wholes(options.kills, options.slow, options.disk), rounds, index) > 0;
  if (whole) {
    const nth = Math.floor((wholes(options.kills, options.slow, options.disk) * index) / rounds);
    const quick: readonly [WholeFault, ...WholeFault[]] = ['wa-rst', 'disk-full'];
    const all: readonly [WholeFault, ...WholeFault[]] = wholeFaults;
    const of = options.slow ? all : quick;
    return { type: 'whole', fault: of[nth % of.length] ?? of[0] };
  }
  const dice = below(10);
  if (dice < 4) return { type: 'random', after: below(2_500) };
  if (dice < 5) return { type: 'starting', after: below(1_500) };
  const early = below(3) === 0;
  const [first, ...rest] = places;
  return { type: 'aimed', place: pick([first, ...rest]), n: early ? 1 + below(3) : 1 + below(25), after: 2_500 };
}

function fillsDisk(ending: Ending): boolean {
  return ending.type === 'whole' && ending.fault === 'disk-full';
}

function lettersOf(count: number, padding: number, below: (n: number) => number): readonly Letters[] {
  const writers = Math.min(count, 6);
  return Array.from({ length: writers }, (_, i) => {
    const group = below(10) < 4 ? below(GROUPS.length) : undefined;
    const members = group === undefined ? undefined : GROUPS[group];
    const n = share(count, writers, i);
    return {
      from: members?.[below(members.length)] ?? below(CONTACTS),
      to: group === undefined ? 'account' : { group },
      n,
      rate: Math.max(1, Math.ceil((n * 1_000) / SPREAD)),
      padding,
    };
  });
}

function faultsOf(below: (n: number) => number, pick: Pick): Round['faults'] {
  const [first, ...rest] = linkFaults;
  return Array.from({ length: below(3) }, () => ({ after: below(2_000), fault: pick([first, ...rest]) }));
}
