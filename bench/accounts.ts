// bench accounts: what many accounts cost one process: the memory of 60 with 200 messages each, beside bare Baileys.
import { startEmulator } from '../test/emulator.ts';
import type { Report } from './report.ts';
import { linkMany, openBare, openProduct, type Side } from './sides.ts';

export interface AccountsOptions {
  /** Accounts whose memory is measured. */
  readonly n: number;
}

/** Messages that each of them has taken. */
const MESSAGES = 200;
const MB = 1_000_000;

interface Memory {
  readonly name: Side['name'];
  /** Bytes without an account. */
  readonly base: number;
  readonly full: number;
}

export async function accounts({ n }: AccountsOptions): Promise<Report> {
  const emulator = await startEmulator('');
  const memory: Memory[] = [];
  try {
    for (const open of [openProduct, openBare]) {
      const side = await open(emulator);
      try {
        const base = await lowest(side);
        const contact = await emulator.contact(`Writer to the crowd of ${side.name}`);
        for (const [i, { phone }] of (await linkMany(side, n)).entries())
          await emulator.send(contact, phone.pn, `memory ${i} {n}`, { n: MESSAGES });
        await side.heard(n * MESSAGES);
        memory.push({ name: side.name, base, full: await lowest(side) });
      } finally {
        await side.close();
      }
    }
  } finally {
    await emulator.close();
  }
  return describe(n, memory);
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

function describe(n: number, memory: readonly Memory[]): Report {
  const perAccount = ({ base, full }: Memory): number => (full - base) / n / MB;
  const figures: Record<string, number> = {};
  for (const each of memory) {
    figures[`${each.name}.base_mb`] = each.base / MB;
    figures[`${each.name}.mb_per_account`] = perAccount(each);
  }
  return {
    bench: 'accounts',
    about: `Resident bytes of the whole process with ${n} accounts that have taken ${MESSAGES} messages each, less those of the same process without one. Bare Baileys has all accounts in one thread, keys in memory, and stores nothing.`,
    command: `npm run bench -- accounts --n ${n}`,
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
    ],
    figures,
    aims: [{ text: 'MB an account', value: figures['pulseline.mb_per_account'] ?? Number.NaN, most: 5 }],
    notes: [],
  };
}
