// bench accounts: what many accounts cost one process: memory of 60 with 200 messages each, and how fast one account is among 100 idle ones, beside bare Baileys.
import { type Emulator, type Person, startEmulator } from '../test/emulator.ts';
import { median, type Report } from './report.ts';
import { burst, inTurns, type Linked, openBare, openProduct, type Side } from './sides.ts';

export interface AccountsOptions {
  /** Accounts whose memory is measured. */
  readonly n: number;
  readonly rounds: number;
}

/** Messages that each of them has taken. */
const MESSAGES = 200;
/** Idle accounts beside the one whose speed is measured. */
const NEIGHBOURS = 100;
/** Messages of a burst. */
const BURST = 2_000;
/** Accounts that are linked at a time. */
const AT_ONCE = 4;
const MB = 1_000_000;

interface Place {
  readonly side: Side;
  readonly label: 'alone' | 'crowded';
  readonly busy: Linked;
  readonly contact: Person;
}

interface Memory {
  readonly name: Side['name'];
  /** Bytes without an account. */
  readonly base: number;
  readonly full: number;
}

interface Rate {
  readonly name: Side['name'];
  readonly label: Place['label'];
  readonly perSecond: number;
}

export async function accounts({ n, rounds }: AccountsOptions): Promise<Report> {
  const emulator = await startEmulator('');
  const sides: Side[] = [];
  const open = async (how: (emulator: Emulator) => Promise<Side>): Promise<Side> => {
    const side = await how(emulator);
    sides.push(side);
    return side;
  };
  try {
    const places: Place[] = [];
    const memory: Memory[] = [];
    for (const how of [openProduct, openBare]) {
      const crowd = await open(how);
      const base = await crowd.memory();
      const contact = await emulator.contact(`Writer to the crowd of ${crowd.name}`);
      const linked = await link(crowd, n);
      for (const [i, { phone }] of linked.entries())
        await emulator.send(contact, phone.pn, `memory ${i} {n}`, { n: MESSAGES });
      await crowd.heard(n * MESSAGES);
      memory.push({ name: crowd.name, base, full: await lowest(crowd) });
      await link(crowd, NEIGHBOURS + 1 - n);
      const [busy] = linked;
      const single = await open(how);
      const [other] = await link(single, 1);
      if (busy === undefined || other === undefined) throw new Error('no account was linked');
      places.push({ side: crowd, label: 'crowded', busy, contact });
      places.push({ side: single, label: 'alone', busy: other, contact });
    }
    for (const place of places) await flood(emulator, place, 'warm');
    const rates: Rate[] = [];
    for (const [round, place] of inTurns(places, rounds).entries()) {
      const perSecond = await flood(emulator, place, String(round));
      rates.push({ name: place.side.name, label: place.label, perSecond });
    }
    return describe({ n, rounds }, memory, rates);
  } finally {
    await Promise.all(sides.map((side) => side.close()));
    await emulator.close();
  }
}

async function link(side: Side, count: number): Promise<readonly Linked[]> {
  const linked: Linked[] = [];
  let left = count;
  const work = async (): Promise<void> => {
    while (left-- > 0) linked.push(await side.link());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return linked;
}

function flood(emulator: Emulator, { side, busy, contact, label }: Place, name: string): Promise<number> {
  return burst(emulator, side, busy, async () => {
    const text = `${side.name} ${label} ${name} {n}`;
    return (await emulator.send(contact, busy.phone.pn, text, { n: BURST })).ids;
  });
}

/** The least of some seconds: collectors of garbage have their own time, on both sides. */
async function lowest(side: Side): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10; i++) {
    least = Math.min(least, await side.memory());
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return least;
}

function describe({ n, rounds }: AccountsOptions, memory: readonly Memory[], rates: readonly Rate[]): Report {
  const perAccount = ({ base, full }: Memory): number => (full - base) / n / MB;
  const of = (name: Side['name'], label: Place['label']): readonly number[] =>
    rates.filter((rate) => rate.name === name && rate.label === label).map(({ perSecond }) => perSecond);
  const middle = (name: Side['name'], label: Place['label']): number => median(of(name, label));
  const kept = (name: Side['name']): number => middle(name, 'crowded') / middle(name, 'alone');
  const figures: Record<string, number> = {};
  for (const each of memory) {
    figures[`${each.name}.base_mb`] = each.base / MB;
    figures[`${each.name}.mb_per_account`] = perAccount(each);
    figures[`${each.name}.alone_per_s`] = middle(each.name, 'alone');
    figures[`${each.name}.crowded_per_s`] = middle(each.name, 'crowded');
    figures[`${each.name}.kept`] = kept(each.name);
  }
  const list = (values: readonly number[]): string => values.map((value) => value.toFixed(0)).join(', ');
  return {
    bench: 'accounts',
    about: `Memory: resident bytes of the whole process with ${n} accounts that have taken ${MESSAGES} messages each, less those of the same process without one. Speed: a burst of ${BURST} messages to one account, alone in its process and with ${NEIGHBOURS} idle ones beside it, messages a second; each figure is one round. Bare Baileys has all accounts in one thread, keys in memory, and stores nothing.`,
    command: `npm run bench -- accounts --n ${n} --rounds ${rounds}`,
    tables: [
      [
        ['memory, MB', 'without accounts', `with ${n}`, 'an account'],
        ...memory.map((each) => [
          each.name,
          (each.base / MB).toFixed(0),
          (each.full / MB).toFixed(0),
          perAccount(each).toFixed(1),
        ]),
      ],
      [
        ['messages a second', 'alone', `beside ${NEIGHBOURS} idle ones`, 'kept'],
        ...memory.map(({ name }) => [name, list(of(name, 'alone')), list(of(name, 'crowded')), kept(name).toFixed(2)]),
      ],
    ],
    figures,
    aims: [
      {
        text: 'MB an account',
        value: perAccount(
          memory.find(({ name }) => name === 'pulseline') ?? { name: 'pulseline', base: 0, full: Number.NaN },
        ),
        most: 5,
      },
      {
        text: `speed beside ${NEIGHBOURS} idle accounts against alone: no fall, within the noise of 5 %`,
        value: kept('pulseline'),
        least: 0.95,
      },
    ],
    notes: [],
  };
}
