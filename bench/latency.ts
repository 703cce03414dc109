// bench latency: from a contact's pen to the frame at a WebSocket client, durable Pulseline beside bare Baileys that stores nothing, in one run against one emulator.
import { once } from 'node:events';
import { shape, type Stage, stages } from '@pulseline/protocol';
import WebSocket from 'ws';
import { source, startChild } from '../test/child.ts';
import { type Emulator, type Person, startEmulator } from '../test/emulator.ts';
import { Product } from '../test/product.ts';
import { generator } from '../test/random.ts';
import { until } from '../test/until.ts';
import { ms, percentile, type Report } from './report.ts';

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

/** Wall clock with fractions: the same clock in every process of this machine. */
const now = () => performance.timeOrigin + performance.now();

interface Arrival {
  readonly at: number;
  /** The product: the message's id, whose trace can be asked. Bare: when its handler had it. */
  readonly id?: string | undefined;
  readonly heard?: number | undefined;
}

interface Side {
  readonly name: string;
  readonly contact: Person;
  /** Where the contact writes to. */
  readonly to: string;
  /** By the text of the message. */
  readonly arrivals: ReadonlyMap<string, Arrival>;
  /** Stamps of one message, ms since epoch. */
  stamps(arrival: Arrival): Promise<Readonly<Partial<Record<Stage, number>>>>;
  close(): Promise<void>;
}

interface Sample {
  readonly sent: number;
  readonly received: number;
  readonly stamps: Readonly<Partial<Record<Stage, number>>>;
}

const { object, string, number, optional } = shape;
const upsert = object({
  type: string(),
  heard: number(),
  data: object({
    message: optional(
      object({ conversation: optional(string()), extendedTextMessage: optional(object({ text: optional(string()) })) }),
    ),
  }),
});
const newMessage = object({ type: string(), data: object({ id: string(), body: string() }) });

export async function latency({ n, seed, rate }: LatencyOptions): Promise<Report> {
  const emulator = await startEmulator();
  const sides: Side[] = [];
  try {
    sides.push(await openProduct(emulator), await openBare(emulator));
    const random = generator(seed);
    const samples = new Map<string, Sample[]>(sides.map(({ name }) => [name, []]));
    let serial = 0;
    for (const side of sides) for (let i = 0; i < WARM_UP; i++) await exchange(emulator, side, `warm ${serial++}`);
    for (let done = 0; done < n; done += TURN) {
      // Whose turn comes first is drawn, so that nothing periodic favours one side.
      const order = random() < 0.5 ? sides : [...sides].reverse();
      for (const side of order) {
        for (let i = done; i < Math.min(n, done + TURN); i++) {
          // Evenly spread around the rate: neither in step with a timer nor on top of each other.
          await new Promise((resolve) => setTimeout(resolve, (0.5 + random()) * (1000 / rate)));
          samples.get(side.name)?.push(await exchange(emulator, side, `${side.name} ${serial++}`));
        }
      }
    }
    return describe({ n, seed, rate }, samples);
  } finally {
    for (const side of sides) await side.close();
    await emulator.close();
  }
}

async function exchange(emulator: Emulator, side: Side, text: string): Promise<Sample> {
  const before = now();
  const { sentAt } = await emulator.send(side.contact, side.to, text);
  const arrival = await until(`"${text}" at ${side.name}`, () => side.arrivals.get(text));
  return { sent: sentAt?.[0] ?? before, received: arrival.at, stamps: await side.stamps(arrival) };
}

async function openProduct(emulator: Emulator): Promise<Side> {
  const product = await Product.start({ env: { EMULATOR_URL: emulator.url, LOG_LEVEL: 'warn' } });
  const { id } = await product.addAccount('bench');
  const phone = await emulator.scan(await product.qr(id));
  await product.inState(id, 'READY');
  const arrivals = new Map<string, Arrival>();
  const socket = new WebSocket(product.wsUrl, { perMessageDeflate: false });
  socket.on('message', (bytes: Buffer) => {
    const at = now();
    const frame: unknown = JSON.parse(bytes.toString());
    if (!shape.fits(newMessage, frame) || frame.type !== 'new_message') return;
    arrivals.set(frame.data.body, { at, id: frame.data.id });
  });
  await once(socket, 'open');
  return {
    name: 'pulseline',
    contact: await emulator.contact('Writer to Pulseline'),
    to: phone.pn,
    arrivals,
    stamps: async (arrival) => (arrival.id === undefined ? {} : product.trace(arrival.id)),
    async close() {
      socket.close();
      await product.close();
    },
  };
}

async function openBare(emulator: Emulator): Promise<Side> {
  const child = startChild(source('bench/bare.ts', emulator.url));
  const line = (name: string) =>
    until(`"${name}" of bare Baileys`, () => {
      if (!child.running()) throw new Error(child.output());
      const found = child
        .stdout()
        .split('\n')
        .findLast((text) => text.startsWith(`{"${name}"`));
      return found === undefined ? undefined : /:"?(.*?)"?}$/.exec(found)?.[1];
    });
  const port = await line('port');
  const phone = await emulator.scan(await line('qr'));
  await line('ready');
  const arrivals = new Map<string, Arrival>();
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  socket.on('message', (bytes: Buffer) => {
    const at = now();
    const frame: unknown = JSON.parse(bytes.toString());
    if (!shape.fits(upsert, frame)) return;
    const { message } = upsert.parse(frame).data;
    const text = message?.conversation ?? message?.extendedTextMessage?.text;
    if (text !== undefined) arrivals.set(text, { at, heard: frame.heard });
  });
  await once(socket, 'open');
  return {
    name: 'bare',
    contact: await emulator.contact('Writer to bare'),
    to: phone.pn,
    arrivals,
    stamps: async ({ heard }) => (heard === undefined ? {} : { heard }),
    async close() {
      socket.close();
      await child.end('SIGKILL');
    },
  };
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
