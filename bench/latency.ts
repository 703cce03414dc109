// bench latency: from a contact's pen to the frame at a WebSocket client, durable Pulseline beside bare Baileys that stores nothing, in one run against one emulator.
import { type Stage, stages } from '@pulseline/protocol';
import { type Emulator, type Person, startEmulator } from '../test/emulator.ts';
import { generator } from '../test/random.ts';
import { until } from '../test/until.ts';
import { ms, percentile, type Report } from './report.ts';
import { now, openBare, openProduct, type Side } from './sides.ts';

export interface LatencyOptions {
  /** Messages a side. */
  readonly n: number;
  readonly seed: number;
  /** Messages a second. */
  readonly rate: number;
}

/** The two sides take turns of so many messages: noise of the machine falls on both, and neither works while the other is measured. */
const TURN = 50;
/** First messages open Signal sessions and warm the code: they are not counted. */
const WARM_UP = 100;

/** A side with an account, and who writes to it. */
interface Place {
  readonly side: Side;
  readonly contact: Person;
  readonly to: string;
}

interface Sample {
  readonly sent: number;
  readonly received: number;
  readonly stamps: Readonly<Partial<Record<Stage, number>>>;
}

export async function latency({ n, seed, rate }: LatencyOptions): Promise<Report> {
  const emulator = await startEmulator();
  const sides: Side[] = [];
  try {
    sides.push(await openProduct(emulator), await openBare(emulator));
    const places: Place[] = [];
    for (const side of sides) {
      const { phone } = await side.link();
      places.push({ side, contact: await emulator.contact(`Writer to ${side.name}`), to: phone.pn });
    }
    const random = generator(seed);
    const samples = new Map<string, Sample[]>(sides.map(({ name }) => [name, []]));
    let serial = 0;
    for (const place of places) for (let i = 0; i < WARM_UP; i++) await exchange(emulator, place, `warm ${serial++}`);
    for (let done = 0; done < n; done += TURN) {
      // Whose turn comes first is drawn, so that nothing periodic favours one side.
      const order = random() < 0.5 ? places : [...places].reverse();
      for (const place of order) {
        const { name } = place.side;
        for (let i = done; i < Math.min(n, done + TURN); i++) {
          // Evenly spread around the rate: neither in step with a timer nor on top of each other.
          await new Promise((resolve) => setTimeout(resolve, (0.5 + random()) * (1000 / rate)));
          samples.get(name)?.push(await exchange(emulator, place, `${name} ${serial++}`));
        }
      }
    }
    return describe({ n, seed, rate }, samples);
  } finally {
    for (const side of sides) await side.close();
    await emulator.close();
  }
}

async function exchange(emulator: Emulator, { side, contact, to }: Place, text: string): Promise<Sample> {
  const before = now();
  const { sentAt } = await emulator.send(contact, to, text);
  const arrival = await until(`"${text}" at ${side.name}`, () => side.arrivals.get(text));
  return { sent: sentAt?.[0] ?? before, received: arrival.at, stamps: await side.stamps(arrival) };
}

function describe({ n, seed, rate }: LatencyOptions, samples: ReadonlyMap<string, readonly Sample[]>): Report {
  // What happens in the browser is another bench's business.
  const columns = stages.filter((stage) => stage !== 'applied' && stage !== 'shown');
  const rows: string[][] = [];
  const figures: Record<string, number> = {};
  const totals = new Map<string, { readonly p50: number; readonly p99: number }>();
  for (const [name, all] of samples) {
    const whole = all.map(({ sent, received }) => received - sent);
    totals.set(name, { p50: percentile(whole, 0.5), p99: percentile(whole, 0.99) });
    for (const share of [0.5, 0.99]) {
      const label = share === 0.5 ? 'p50' : 'p99';
      const parts = columns.map((stage, index) => {
        const steps = all.flatMap(({ sent, stamps }) => {
          const until = stamps[stage];
          const from = index === 0 ? sent : stamps[columns[index - 1] ?? stage];
          return until === undefined || from === undefined ? [] : [until - from];
        });
        const value = percentile(steps, share);
        if (!Number.isNaN(value)) figures[`${name}.${stage}.${label}_ms`] = value;
        return ms(value);
      });
      const last = all.map(({ stamps, received }) => received - (stamps.written ?? stamps.heard ?? Number.NaN));
      const total = percentile(whole, share);
      figures[`${name}.${label}_ms`] = total;
      rows.push([`${name} ${label}`, ...parts, ms(percentile(last, share)), ms(total)]);
    }
  }
  const [ours, bare] = [totals.get('pulseline'), totals.get('bare')];
  const ratio50 = (ours?.p50 ?? Number.NaN) / (bare?.p50 ?? Number.NaN);
  const ratio99 = (ours?.p99 ?? Number.NaN) / (bare?.p99 ?? Number.NaN);
  figures['ratio.p50'] = ratio50;
  figures['ratio.p99'] = ratio99;
  return {
    bench: 'latency',
    about: `A contact writes, a WebSocket client has the frame: ${n} messages a side, about ${rate} a second, seed ${seed}. Pulseline commits each with fsync before it is told; bare Baileys (keys in memory, \`messages.upsert\` -> \`ws.send\`) stores nothing. Each column is the time from the stage before it, in ms; for bare, "heard" is its handler.`,
    command: `npm run bench -- latency --n ${n} --seed ${seed} --rate ${rate}`,
    tables: [[['', ...columns, 'client', 'whole way'], ...rows]],
    figures,
    aims: [
      { text: 'p50 of the whole way against bare Baileys', value: ratio50, most: 1.2 },
      { text: 'p99 of the whole way against bare Baileys', value: ratio99, most: 1.2 },
    ],
    notes: [
      'Time zero is taken in the emulator, before the contact encrypts. Columns at the border of two processes bear the skew of their clocks, up to some tenths of a ms; it is the same for both sides.',
    ],
  };
}
