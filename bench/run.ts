// `npm run bench -- <name> [--n --seed --rate --no-write]`: runs one bench, prints its table and score, and exits 0 only if every aim held.
import { parseArgs } from 'node:util';
import { fanOut } from './fan-out.ts';
import { latency } from './latency.ts';
import { publish, type Report } from './report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    n: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '50' },
    // A quick look must not replace the published figures.
    'no-write': { type: 'boolean', default: false },
  },
});

const benches: Readonly<Record<string, () => Promise<Report>>> = {
  'fan-out': () => fanOut({ clients: whole('n'), rounds: 5 }),
  latency: () => latency({ n: whole('n'), seed: whole('seed'), rate: whole('rate') }),
};

const run = benches[positionals[0] ?? ''];
if (run === undefined) {
  console.error(
    `usage: npm run bench -- ${Object.keys(benches).join(' | ')} [--n 1000] [--seed 1] [--rate 50] [--no-write]`,
  );
  process.exit(2);
}
process.exit(publish(await run(), !values['no-write']) ? 0 : 1);

function whole(name: 'n' | 'seed' | 'rate'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`--${name}: expected a whole number from 1, not "${values[name]}"`);
  process.exit(2);
}
