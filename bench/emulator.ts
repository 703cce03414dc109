// bench emulator: how fast one contact writes into a socket, what a stored stanza weighs, how soon the emulator listens; and, with `--rounds` minutes of `emulator-soak`, that it does not grow. The emulator is a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shape } from '@pulseline/protocol';
import { build } from 'esbuild';
import { type Emulator, startEmulator } from '../test/emulator.ts';
import { until } from '../test/until.ts';
import { linkDevice, type Sink, sink } from './emulator-sink.ts';
import { median, percentile, type Report } from './report.ts';

const MIB = 2 ** 20;
const MESSAGES_PER_CALL = 10_000;

export async function emulator(rounds: number): Promise<Report> {
  const starts = await startTimes(rounds);
  const rates = await pushRates(rounds);
  const [rate, start] = [percentile(rates, 0.5), percentile(starts, 0.5)];
  return {
    bench: 'emulator',
    about: `The emulator alone, in memory: one contact writes ${MESSAGES_PER_CALL} texts to one linked device that reads the bytes and answers nothing. Start is of the command as it is packed, in JavaScript, to its first line.`,
    command: `npm run bench -- emulator --rounds ${rounds}`,
    tables: [
      [
        ['figure', 'median', 'each round'],
        ['messages a second into a socket', rate.toFixed(0), rates.map((value) => value.toFixed(0)).join(', ')],
        ['start, ms', start.toFixed(0), starts.map((value) => value.toFixed(0)).join(', ')],
      ],
    ],
    figures: { rate, start },
    aims: [
      { text: 'messages a second from one contact into one socket', value: rate, least: 5_000 },
      { text: 'start in ms', value: start, most: 500 },
    ],
    notes: [],
  };
}

/** @param n stanzas that are stored in all. */
export async function emulatorMemory(n: number): Promise<Report> {
  const { accounts, rss, before, packed } = await store(n);
  return {
    bench: 'emulator-memory',
    about: `${n} texts are kept for ${accounts} linked devices that are away, in memory: with the stanza, the entry in the log of who wrote it and that in the log of the phone.`,
    command: `npm run bench -- emulator-memory --n ${n}`,
    tables: [
      [
        ['figure', 'value'],
        ['memory of the process, empty', `${(before / MIB).toFixed(0)} MiB`],
        [`with ${n} stored stanzas`, `${(rss / MIB).toFixed(0)} MiB`],
        ['of it queues and logs', `${(packed / MIB).toFixed(0)} MiB`],
        ['bytes of one stored stanza', ((rss - before) / n).toFixed(0)],
      ],
    ],
    figures: { rss: rss / MIB, packed: packed / MIB, stanza: (rss - before) / n },
    aims: [
      {
        text: 'MiB for a million stored stanzas of 100 accounts',
        value: (before + ((rss - before) / n) * 1_000_000) / MIB,
        most: 500,
      },
    ],
    notes: n === 1_000_000 ? [] : [`the memory of a million is reckoned from ${n}`],
  };
}

/** Of the packed command: it is bundled as pack.mjs does, where it finds its packages. */
async function startTimes(rounds: number): Promise<number[]> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const outfile = join(root, 'node_modules', '.cache', 'bench-emulator', 'command.js');
  const entryPoints = [join(root, 'emulator', 'src', 'command.ts')];
  await build({ entryPoints, outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm' });
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const began = performance.now();
    const child = spawn(process.execPath, [outfile], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    times.push(performance.now() - began);
    child.kill();
    await once(child, 'exit');
  }
  return times;
}

async function pushRates(rounds: number): Promise<number[]> {
  const server = await startEmulator('');
  const phone = await server.phone('Desk');
  const device = await linkDevice(server, phone.id);
  const line = await sink(server.url, device);
  const contact = await server.contact('A');
  await server.send(contact, phone.pn, 'warm {n}', { n: 2_000 });
  const rates: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const [began, before] = [performance.now(), line.stanzas()];
    await server.send(contact, phone.pn, 'a text of usual length, number {n}', { n: MESSAGES_PER_CALL });
    await until('the last of them', () => line.stanzas() - before >= MESSAGES_PER_CALL, 60_000);
    rates.push((MESSAGES_PER_CALL * 1_000) / (performance.now() - began));
  }
  line.close();
  await server.close();
  return rates;
}

const ACCOUNTS = 100;
const LINKED_AT_ONCE = 10;

async function store(n: number): Promise<{ accounts: number; rss: number; before: number; packed: number }> {
  const server = await startEmulator('');
  const phones: string[] = [];
  for (let i = 0; i < ACCOUNTS; i += LINKED_AT_ONCE) {
    const linked = Array.from({ length: LINKED_AT_ONCE }, async (_, j) => {
      const phone = await server.phone(`Phone ${i + j}`);
      await linkDevice(server, phone.id);
      return phone.pn;
    });
    phones.push(...(await Promise.all(linked)));
  }
  const contacts = await Promise.all(Array.from({ length: 10 }, (_, i) => server.contact(`Contact ${i}`)));
  const { rss: before } = await memory(server);
  const each = Math.ceil(n / ACCOUNTS);
  for (const [i, phone] of phones.entries()) {
    const contact = contacts[i % contacts.length];
    if (contact) await server.send(contact, phone, 'a text of usual length, number {n}', { n: each });
  }
  const { rss, packed } = await memory(server);
  await server.close();
  return { accounts: ACCOUNTS, rss, before, packed };
}

const usage = shape.object({ rss: shape.number(), heapUsed: shape.number(), packed: shape.number() });

async function memory(server: Emulator): Promise<shape.Of<typeof usage>> {
  return usage.parse(await server.control('GET', '/usage'));
}

const SOAK_ACCOUNTS = 50;
const TICK_MS = 200;

/** Texts to 50 linked devices that read and acknowledge, for so many minutes. */
export async function emulatorSoak(minutes: number): Promise<Report> {
  const server = await startEmulator('');
  const lines: Sink[] = [];
  const phones: string[] = [];
  for (let i = 0; i < SOAK_ACCOUNTS; i++) {
    const phone = await server.phone(`Phone ${i}`);
    phones.push(phone.pn);
    lines.push(await sink(server.url, await linkDevice(server, phone.id), true));
  }
  const contact = await server.contact('A');
  const samples: { readonly minute: number; readonly rss: number; readonly heapUsed: number; packed: number }[] = [];
  const began = performance.now();
  let sent = 0;
  for (let minute = 0; minute < minutes; minute = (performance.now() - began) / 60_000) {
    for (const phone of phones) await server.send(contact, phone, 'soak {n}', { n: 10 });
    sent += 10 * phones.length;
    samples.push({ minute, ...(await memory(server)) });
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await until('every stanza to be acknowledged', async () => (await server.pending()) === 0, 60_000);
  for (const line of lines) line.close();
  await server.close();
  const step = Math.max(1, Math.round(minutes / 10));
  const curve = Array.from({ length: Math.ceil(minutes / step) }, (_, i) => {
    const part = samples.filter(({ minute }) => Math.floor(minute / step) === i);
    const mib = (what: 'rss' | 'heapUsed' | 'packed') => median(part.map((each) => each[what])) / MIB;
    return { to: (i + 1) * step, rss: mib('rss'), heap: mib('heapUsed'), packed: mib('packed') };
  });
  // The logs of people fill up to their bound: what they hold is not growth.
  const half = samples.slice(samples.length >> 1).map(({ rss, packed }) => rss - packed);
  const [first, last] = [median(half.slice(0, 20)), median(half.slice(-20))];
  return {
    bench: 'emulator-soak',
    about: `${SOAK_ACCOUNTS} linked devices read and acknowledge what one contact writes to each of them, for ${minutes} minutes: ${sent} messages. The logs of all people fill up to their bound meanwhile; memory is the median of each part, in MiB.`,
    command: `npm run bench -- emulator-soak --n ${minutes}`,
    tables: [
      [
        ['up to minute', 'process', 'of it JavaScript heap', 'of it logs and queues'],
        ...curve.map(({ to, rss, heap, packed }) => [String(to), rss.toFixed(0), heap.toFixed(0), packed.toFixed(1)]),
      ],
    ],
    figures: { sent, half: first / MIB, end: last / MIB, rss: curve.at(-1)?.rss ?? 0 },
    aims: [
      {
        text: 'growth of the second half beside the logs, in per cent',
        value: ((last - first) / first) * 100,
        most: 10,
      },
    ],
    notes: [],
  };
}
