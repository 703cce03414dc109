// The result of a chaos run as a report like those of the benches: what was sent, what is missing, beside the other gateway's; it judges nothing.
import type { Report } from '../../bench/report.ts';
import type { Verdict } from './oracle.ts';
import type { Outcome } from './run.ts';

export interface Ran {
  readonly seed: number;
  readonly seeds: number;
  readonly kills: number;
  readonly inbound: number;
  readonly outbound: number;
  readonly command: string;
  readonly outcomes: readonly Outcome[];
}

interface Line {
  readonly gateway: string;
  readonly direction: 'received' | 'sent';
  readonly place: string;
  readonly sums: Readonly<Record<Kind, number>> & { readonly due: number };
}

const kinds = ['lost', 'doubled', 'outOfOrder', 'strange'] as const;
type Kind = (typeof kinds)[number];
const OURS = 'Pulseline';

export function reportOf({ seed, seeds, kills, inbound, outbound, command, outcomes }: Ran): Report {
  const lines = linesOf(outcomes);
  const gateways = [...new Set(outcomes.map(({ gateway }) => gateway))];
  const sumOf = (gateway: string, pick: (outcome: Outcome) => Readonly<Record<string, number>>, name: string): number =>
    outcomes.reduce((sum, outcome) => sum + (outcome.gateway === gateway ? (pick(outcome)[name] ?? 0) : 0), 0);
  const names = (pick: (outcome: Outcome) => Readonly<Record<string, number>>): readonly string[] => [
    ...new Set(outcomes.flatMap((outcome) => Object.keys(pick(outcome)))),
  ];
  const done = [...names((outcome) => outcome.done)].sort();
  const counts = names((outcome) => outcome.counts);
  const mine = lines.filter(({ gateway }) => gateway === OURS);
  return {
    bench: 'chaos',
    about: `Pulseline and a gateway of bare Baileys (multi-file auth state, a \`messages.upsert\` handler that appends each message to a file and waits for its fsync) through the same chaos, each against an emulated WhatsApp in a process of its own: ${inbound} messages in, ${outbound} out, ${kills} SIGKILLs, ${seeds === 1 ? `seed ${seed}` : `${seeds} seeds from ${seed}, each`}. What the contacts sent and got, by the emulator's own record, is compared with every place where it should be, per chat and author.`,
    command,
    tables: [
      [
        ['', 'due', 'lost', 'doubled', 'out of order', 'strange'],
        ...lines.map(({ gateway, direction, place, sums }) => [
          `${gateway}, ${direction}: ${place}`,
          String(sums.due),
          ...kinds.map((kind) => String(sums[kind])),
        ]),
      ],
      [
        ['what was done', ...gateways],
        ...done.map((name) => [name, ...gateways.map((gateway) => String(sumOf(gateway, ({ done }) => done, name)))]),
        ...counts.map((name) => [
          name,
          ...gateways.map((gateway) => String(sumOf(gateway, ({ counts: of }) => of, name))),
        ]),
      ],
    ],
    figures: Object.fromEntries([
      ...lines.flatMap(({ gateway, direction, place, sums }) =>
        kinds.map((kind) => [`${word(gateway)}.${direction}.${word(place)}.${kind}`, sums[kind]]),
      ),
      ...outcomes.map(({ gateway, seconds }, index) => [`${word(gateway)}.${index}.seconds`, seconds]),
    ]),
    aims: mine.flatMap(({ direction, place, sums }) =>
      kinds.map((kind) => ({ text: `${kind}, ${direction}: ${place}`, value: sums[kind], most: 0 })),
    ),
    notes: [
      'A message that comes again under the same id is folded into one, for both. Strange is what nobody wrote there, or a placeholder that was never filled.',
      "Pulseline's caller asks again with the same command id when it gets no answer; bare Baileys has no such id, so its caller's second try is a second message.",
      'An aimed kill falls between two stages; bare Baileys has fewer of them (stanza heard, handler called, stored; before and after sending), and the nearest one is taken.',
    ],
  };
}

function linesOf(outcomes: readonly Outcome[]): readonly Line[] {
  const lines = new Map<string, Line>();
  for (const outcome of outcomes) {
    for (const direction of ['received', 'sent'] as const) {
      const verdicts = direction === 'received' ? outcome.inbound : outcome.outbound;
      for (const [place, verdict] of Object.entries(verdicts)) {
        const key = `${outcome.gateway}/${direction}/${place}`;
        const line = { gateway: outcome.gateway, direction, place, sums: sumsOf(verdict, lines.get(key)?.sums) };
        lines.set(key, line);
      }
    }
  }
  return [...lines.values()];
}

function sumsOf(verdict: Verdict, before: Line['sums'] | undefined): Line['sums'] {
  const sum = (kind: Kind): number => verdict[kind].length + (before?.[kind] ?? 0);
  return {
    due: verdict.sent + (before?.due ?? 0),
    lost: sum('lost'),
    doubled: sum('doubled'),
    outOfOrder: sum('outOfOrder'),
    strange: sum('strange'),
  };
}

function word(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]+/g, '-');
}
