// bench fan-out: what one event costs to reach many connections, by the hub, by the plain loop that most servers have, by Socket.IO and by nothing but socket.write, with the same event, clients and minutes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { shape } from '@pulseline/protocol';
import { percentile, type Report } from './report.ts';

export interface FanOutOptions {
  /** Connections at a time; each has a part of the report. */
  readonly sizes: readonly number[];
  readonly rounds: number;
}

const BURST = 8;
/** From here on memory is weighed: fewer connections take less than what a collection gives back. */
const MANY = 10_000;
/** Deliveries of one round. */
const DELIVERIES = 100_000;
/** Turns that follow one another before the clients are waited for. */
const IN_FLIGHT = 8;

interface Figures {
  readonly perSecond: number;
  /** Of the server's CPU, microseconds for one event to one client. */
  readonly cpu: number;
  /** What of that the system's kernel took: sending, which no server can do without. */
  readonly kernel: number;
}

const kinds = ['hub', 'raw', 'plain loop', 'Socket.IO'] as const;
type Kind = (typeof kinds)[number];

export async function fanOut({ sizes, rounds }: FanOutOptions): Promise<Report> {
  const table: string[][] = [
    ['connections', 'a turn', 'server', 'deliveries a second', 'CPU each, µs', 'of it the kernel', 'KiB idle'],
  ];
  const figures: Record<string, number> = {};
  const aims: Report['aims'][number][] = [];
  for (const size of sizes) {
    const measured = await measureSize(size, rounds);
    for (const burst of [1, BURST]) {
      for (const kind of kinds) {
        const { perSecond, cpu, kernel, kib } = summary(measured, kind, burst);
        const name = `${kind.toLowerCase().replace(/[ .]/, '_')}_${size}_${burst}`;
        figures[`${name}_per_s`] = Math.round(perSecond);
        figures[`${name}_cpu_us`] = cpu;
        figures[`${name}_kernel_us`] = kernel;
        if (burst === 1 && kind === 'hub' && !Number.isNaN(kib)) figures[`hub_${size}_idle_kib`] = kib;
        const numbers = [
          Math.round(perSecond).toLocaleString('en'),
          cpu.toFixed(2),
          kernel.toFixed(2),
          burst === 1 && kind === 'hub' && !Number.isNaN(kib) ? kib.toFixed(1) : '',
        ];
        table.push([size.toLocaleString('en'), burst === 1 ? '1 event' : `${burst} events`, kind, ...numbers]);
      }
    }
    const of = size.toLocaleString('en');
    if (size <= 1_000) {
      aims.push(
        {
          text: `${of}, one event: throughput against raw socket.write`,
          value: ratio(measured, 'raw', 1, 'perSecond'),
          least: 0.9,
        },
        {
          text: `${of}, one event: throughput against the plain loop`,
          value: ratio(measured, 'plain loop', 1, 'perSecond'),
          least: 2.3,
        },
        {
          text: `${of}, one event: throughput against Socket.IO`,
          value: ratio(measured, 'Socket.IO', 1, 'perSecond'),
          least: 1.8,
        },
        {
          text: `${of}, ${BURST} events: deliveries a second, in millions`,
          value: summary(measured, 'hub', BURST).perSecond / 1e6,
          least: 1.5,
        },
        {
          text: `${of}, ${BURST} events: throughput against raw socket.write`,
          value: ratio(measured, 'raw', BURST, 'perSecond'),
          least: 0.9,
        },
        {
          text: `${of}, ${BURST} events: throughput against the plain loop`,
          value: ratio(measured, 'plain loop', BURST, 'perSecond'),
          least: 13.6,
        },
      );
    } else {
      const share = size <= 5_000 ? 0.85 : 0.8;
      aims.push(
        {
          text: `${of}, one event: CPU of raw socket.write against ours`,
          value: ratio(measured, 'raw', 1, 'cpu'),
          least: share,
        },
        {
          text: `${of}, one event: CPU of the plain loop against ours`,
          value: ratio(measured, 'plain loop', 1, 'cpu'),
          least: 1.5,
        },
        {
          text: `${of}, one event: CPU of Socket.IO against ours`,
          value: ratio(measured, 'Socket.IO', 1, 'cpu'),
          least: 1.5,
        },
      );
    }
    if (size >= MANY) {
      aims.push({ text: `${of}: KiB of an idle connection`, value: summary(measured, 'hub', 1).kib, most: 10 });
    }
  }
  return {
    // One size alone has a section of its own.
    bench: sizes.length > 1 ? 'fan-out' : `fan-out-${sizes[0]}`,
    about: `One event of about 500 bytes to all connections on loopback, ${DELIVERIES.toLocaleString('en')} deliveries a round, ${rounds} rounds of the four servers in turns, each in a process of its own, as are its clients. Ratios are medians over the rounds.`,
    command: `npm run bench -- fan-out${sizes.length > 1 ? '' : ` --n ${sizes[0]}`}`,
    tables: [table],
    figures,
    aims,
    notes: [
      'raw: ready-made bytes by `socket.write` and nothing else, those of a turn in one write: what Node can do at most here. plain loop: `ws.send(JSON.stringify(frame))` for each connection. Socket.IO: 4.8.3 by `io.emit`, WebSocket alone; its clients speak engine.io over the same bare sockets.',
      `Turns follow one another, ${IN_FLIGHT} at a time, before the clients are waited for; each event of a turn is framed anew.`,
      'The native publish of Bun is not compared: it is not installed here.',
      'Server and clients share the machine: deliveries a second say what both reach together, the CPU says what the server spends.',
      ...sizes.map((size) => `${size.toLocaleString('en')}: ${limitOf(size, figures)}`),
      'Idle: the growth of the resident memory of the server process by the connections of the hub, `ws` and the sockets of Node included, after a collection.',
    ],
  };
}

/** How many deliveries a second the server's own processor time would allow, if clients took none of the machine. */
function limitOf(size: number, figures: Readonly<Record<string, number>>): string {
  const millions = (kind: string, what: string) => (1 / (figures[`${kind}_${size}_${BURST}_${what}`] ?? 0)).toFixed(2);
  const times = (kind: string) =>
    ((figures[`${kind}_${size}_1_cpu_us`] ?? 0) / (figures[`raw_${size}_1_cpu_us`] ?? 0)).toFixed(2);
  return `even bare socket.write spends but ${times('plain_loop')} times less on one event than the plain loop here, and ${times('socket_io')} times less than Socket.IO: the kernel takes most of all of them. By the CPU that it spends on bursts the hub could deliver ${millions('hub', 'cpu_us')} M events a second on one core, bare socket.write ${millions('raw', 'cpu_us')} M, and the kernel's part alone would allow ${millions('hub', 'kernel_us')} M.`;
}

type Measured = Readonly<Record<Kind, { readonly kib: number; readonly bursts: Readonly<Record<string, Figures[]>> }>>;

function summary(measured: Measured, kind: Kind, burst: number): Figures & { readonly kib: number } {
  const { kib, bursts } = measured[kind];
  const all = bursts[burst] ?? [];
  const median = (what: keyof Figures) =>
    percentile(
      all.map((one) => one[what]),
      0.5,
    );
  return { kib, perSecond: median('perSecond'), cpu: median('cpu'), kernel: median('kernel') };
}

/** How much better the hub is: the median over rounds that were measured one after another. */
function ratio(measured: Measured, kind: Kind, burst: number, what: keyof Figures): number {
  const mine = measured.hub.bursts[burst] ?? [];
  const others = measured[kind].bursts[burst] ?? [];
  const ratios = mine.map((one, round) => {
    const other = others[round]?.[what] ?? Number.NaN;
    return what === 'cpu' ? other / one.cpu : one.perSecond / other;
  });
  return percentile(ratios, 0.5);
}

const gathered = shape.object({ kib: shape.number() });
const round = shape.object({ perSecond: shape.number(), cpu: shape.number(), kernel: shape.number() });

/** Four servers side by side, each with its clients, in turns: a slow minute hits all of them. */
async function measureSize(clients: number, rounds: number): Promise<Measured> {
  const empty = () => ({ kib: Number.NaN, bursts: {} });
  const result: Record<Kind, { kib: number; bursts: Record<string, Figures[]> }> = {
    raw: empty(),
    'plain loop': empty(),
    'Socket.IO': empty(),
    hub: empty(),
  };
  const running: { readonly kind: Kind; measure(burst: number): Promise<Figures>; end(): Promise<void> }[] = [];
  for (const kind of kinds) {
    const { kib, ...rest } = await startServer(kind, clients);
    if (clients >= MANY) result[kind].kib = kib;
    running.push({ kind, ...rest });
  }
  // The first round warms the code up; its figures are thrown away.
  for (let n = -1; n < rounds; n++) {
    for (const burst of [1, BURST]) {
      for (const { kind, measure } of running) {
        const figures = await measure(burst);
        if (n >= 0) (result[kind].bursts[burst] ??= []).push(figures);
      }
    }
  }
  for (const { end } of running) await end();
  return result;
}

async function startServer(kind: Kind, clients: number) {
  const file = fileURLToPath(new URL('./fan-out-server.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', file, kind, ...[clients, DELIVERIES, IN_FLIGHT].map(String)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const lines = createInterface({ input: child.stdout });
  lines.once('close', () => lines.emit('error', new Error(`the server has ended: ${kind}`)));
  const answer = async (): Promise<unknown> => {
    const [line] = await once(lines, 'line');
    return JSON.parse(String(line));
  };
  const { kib } = gathered.parse(await answer());
  return {
    kib,
    async measure(burst: number): Promise<Figures> {
      child.stdin.write(`${burst}\n`);
      return round.parse(await answer());
    },
    async end(): Promise<void> {
      lines.removeAllListeners('close');
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    },
  };
}
