// bench send: how many messages a second one account writes until WhatsApp has taken the last, by Pulseline's REST door beside bare Baileys' sendMessage in a loop.
import { type Emulator, type Person, startEmulator } from '../test/emulator.ts';
import { median, type Report } from './report.ts';
import { inTurns, type Linked, now, openBare, openProduct, type Side } from './sides.ts';

export interface SendOptions {
  /** Messages of one round. */
  readonly n: number;
  readonly rounds: number;
}

interface Place {
  readonly side: Side;
  readonly linked: Linked;
  readonly contact: Person;
}

/** Opens the session and warms the code of either side: until then the compilers have a core for themselves. */
const WARM_UP = 2_000;

export async function send({ n, rounds }: SendOptions): Promise<Report> {
  const emulator = await startEmulator('');
  const sides: Side[] = [];
  try {
    sides.push(await openProduct(emulator), await openBare(emulator));
    const places: Place[] = [];
    for (const side of sides) {
      const place = { side, linked: await side.link(), contact: await emulator.contact(`Reader of ${side.name}`) };
      await run(emulator, place, 'warm', WARM_UP);
      places.push(place);
    }
    const rates = { pulseline: [] as number[], bare: [] as number[] } satisfies Record<Side['name'], number[]>;
    let round = 0;
    for (const place of inTurns(places, rounds))
      rates[place.side.name].push(await run(emulator, place, String(round++), n));
    return describe({ n, rounds }, rates);
  } finally {
    for (const side of sides) await side.close();
    await emulator.close();
  }
}

/** Messages a second. Throws unless the contact has got each of them, once and in order. */
async function run(emulator: Emulator, { side, linked, contact }: Place, name: string, n: number): Promise<number> {
  const texts = Array.from({ length: n }, (_, i) => `${name} ${i}`);
  const began = now();
  const ended = await side.send(linked, contact, texts);
  const got = (await emulator.inbox(contact)).slice(-n).map(({ text }) => text);
  const sorted = [...got].sort((a, b) => texts.indexOf(a) - texts.indexOf(b));
  if (sorted.join() !== texts.join()) throw new Error(`${side.name}: the contact did not get each message once`);
  return (n * 1_000) / (ended - began);
}

function describe({ n, rounds }: SendOptions, rates: Readonly<Record<Side['name'], readonly number[]>>): Report {
  const [ours, bare] = [median(rates.pulseline), median(rates.bare)];
  const list = (values: readonly number[]): string => values.map((value) => value.toFixed(0)).join(', ');
  return {
    bench: 'send',
    about: `Messages a second that one account writes to one contact, until WhatsApp has taken the last of ${n}; each figure is one round. Pulseline: \`POST /api/messages\`, 16 at a time; the command is stored before it is answered, the keys of each encryption before its bytes leave, the server's word when it comes. Bare Baileys: \`await sendMessage\` in a loop in its own process, keys in memory, nothing stored. The sides take turns on one emulator.`,
    command: `npm run bench -- send --n ${n} --rounds ${rounds}`,
    tables: [
      [
        ['', 'pulseline, durable', 'bare, in memory', 'ratio of the medians'],
        ['messages a second', list(rates.pulseline), list(rates.bare), (ours / bare).toFixed(2)],
      ],
    ],
    figures: { pulseline_per_s: ours, bare_per_s: bare, ratio: ours / bare },
    aims: [{ text: 'sends against bare Baileys', value: ours / bare, least: 0.9 }],
    notes: ['No pace limit: emulated accounts have none.'],
  };
}
