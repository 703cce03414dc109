// `npm run bench -- <name> [--n --rounds --seed --rate --part --no-write]`: runs one bench, prints its tables and score, and exits 0 only if every aim held.
import { parseArgs } from 'node:util';
import { accounts } from './accounts.ts';
import { emulator, emulatorMemory, emulatorSoak } from './emulator.ts';
import { fanOut } from './fan-out.ts';
import { ingest } from './ingest.ts';
import { latency } from './latency.ts';
import { neighbours } from './neighbours.ts';
import { reconnect } from './reconnect.ts';
import { replay } from './replay.ts';
import { publish, type Report } from './report.ts';
import { search } from './search.ts';
import { send } from './send.ts';
import { parts, web } from './web.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    n: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '50' },
    // Of search and web: keeps its store there.
    dir: { type: 'string' },
    // Of web: one of its parts; absent = all, one after another.
    part: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    // A quick look must not replace the published figures.
    'no-write': { type: 'boolean', default: false },
  },
});

const benches: Readonly<Record<string, () => Promise<Report | readonly Report[]>>> = {
  accounts: () => accounts({ n: whole('n', 60) }),
  neighbours: () => neighbours({ n: whole('n', 100), rounds: whole('rounds') }),
  emulator: () => emulator(whole('rounds')),
  'emulator-memory': () => emulatorMemory(whole('n', 1_000_000)),
  'emulator-soak': () => emulatorSoak(whole('n', 20)),
  'fan-out': () =>
    fanOut({ sizes: values.n === undefined ? [1_000, 5_000, 10_000] : [whole('n')], rounds: whole('rounds') }),
  reconnect: () => reconnect(),
  replay: () => replay({ rounds: whole('rounds') }),
  ingest: () => ingest({ n: whole('n', 10_000), rounds: whole('rounds') }),
  search: () => search({ n: whole('n', 1_000_000), seed: whole('seed'), dir: values.dir }),
  send: () => send({ n: whole('n', 1_500), rounds: whole('rounds') }),
  web: () => web({ n: whole('n', 20_000), seconds: whole('seconds'), parts: chosenParts(), dir: values.dir }),
  latency: () => latency({ n: whole('n', 1_000), seed: whole('seed'), rate: whole('rate') }),
};

const run = benches[positionals[0] ?? ''];
if (run === undefined) {
  console.error(
    `usage: npm run bench -- ${Object.keys(benches).join(' | ')} [--n <size>] [--rounds 3] [--seed 1] [--rate 50] [--part ${parts.join(' | ')}] [--no-write]`,
  );
  process.exit(2);
}
const reports = [await run()].flat();
const good = reports.filter((report) => publish(report, !values['no-write']));
process.exit(good.length === reports.length ? 0 : 1);

function chosenParts(): typeof parts | readonly (typeof parts)[number][] {
  if (values.part === undefined) return parts;
  const found = parts.filter((part) => part === values.part);
  if (found.length > 0) return found;
  console.error(`--part: expected ${parts.join(', ')}, not "${values.part}"`);
  process.exit(2);
}

function whole(name: 'n' | 'seed' | 'rate' | 'rounds' | 'seconds', standard?: number): number {
  const value = Number(values[name] ?? standard);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`--${name}: expected a whole number from 1, not "${values[name]}"`);
  process.exit(2);
}
