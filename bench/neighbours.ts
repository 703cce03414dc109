// bench neighbours: how fast one account is alone in its process and beside 100 idle ones, Pulseline and bare Baileys.
import { type Emulator, type Person, startEmulator } from '../test/emulator.ts';
import { median, type Report } from './report.ts';
import { burst, inTurns, type Linked, linkMany, openBare, openProduct, type Side } from './sides.ts';

export interface NeighboursOptions {
  /** Idle accounts beside the one whose speed is measured. */
  readonly n: number;
  readonly rounds: number;
}

/** Messages of a burst. */
const BURST = 2_000;

interface Place {
  readonly side: Side;
  readonly label: 'alone' | 'crowded';
  readonly busy: Linked;
  readonly contact: Person;
}

interface Rate {
  readonly name: Side['name'];
  readonly label: Place['label'];
  readonly perSecond: number;
}

export async function neighbours({ n, rounds }: NeighboursOptions): Promise<Report> {
  const emulator = await startEmulator('');
  const sides: Side[] = [];
  try {
    const places: Place[] = [];
    for (const open of [openProduct, openBare]) {
      const contact = await emulator.contact(`Writer ${places.length}`);
      for (const label of ['alone', 'crowded'] as const) {
        const side = await open(emulator);
        sides.push(side);
        const [busy] = await linkMany(side, label === 'alone' ? 1 : n + 1);
        if (busy === undefined) throw new Error('no account was linked');
        places.push({ side, label, busy, contact });
      }
    }
    for (const place of places) await flood(emulator, place, 'warm');
    const rates: Rate[] = [];
    for (const [round, place] of inTurns(places, rounds).entries()) {
      const perSecond = await flood(emulator, place, String(round));
      rates.push({ name: place.side.name, label: place.label, perSecond });
    }
    return describe({ n, rounds }, rates);
  } finally {
    await Promise.all(sides.map((side) => side.close()));
    await emulator.close();
  }
}

function flood(emulator: Emulator, { side, busy, contact, label }: Place, name: string): Promise<number> {
  return burst(emulator, side, busy, async () => {
    const text = `${side.name} ${label} ${name} {n}`;
    return (await emulator.send(contact, busy.phone.pn, text, { n: BURST })).ids;
  });
}

function describe({ n, rounds }: NeighboursOptions, rates: readonly Rate[]): Report {
  const of = (name: Side['name'], label: Place['label']): readonly number[] =>
    rates.filter((rate) => rate.name === name && rate.label === label).map(({ perSecond }) => perSecond);
  const middle = (name: Side['name'], label: Place['label']): number => median(of(name, label));
  const kept = (name: Side['name']): number => middle(name, 'crowded') / middle(name, 'alone');
  const list = (values: readonly number[]): string => values.map((value) => value.toFixed(0)).join(', ');
  const names = ['pulseline', 'bare'] as const;
  const figures: Record<string, number> = {};
  for (const name of names) {
    figures[`${name}.alone_per_s`] = middle(name, 'alone');
    figures[`${name}.crowded_per_s`] = middle(name, 'crowded');
    figures[`${name}.kept`] = kept(name);
  }
  return {
    bench: 'neighbours',
    about: `A burst of ${BURST} messages to one account, alone in its process and with ${n} idle ones beside it, messages a second until a WebSocket client has the last; each figure is one round. Bare Baileys has all accounts in one thread, keys in memory, and stores nothing.`,
    command: `npm run bench -- neighbours --n ${n} --rounds ${rounds}`,
    tables: [
      [
        ['messages a second', 'alone', `beside ${n} idle ones`, 'kept'],
        ...names.map((name) => [name, list(of(name, 'alone')), list(of(name, 'crowded')), kept(name).toFixed(2)]),
      ],
    ],
    figures,
    aims: [
      {
        text: `speed beside ${n} idle accounts against alone: no fall, within the noise of 5 %`,
        value: kept('pulseline'),
        least: 0.95,
      },
    ],
    notes: [],
  };
}
