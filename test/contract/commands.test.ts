// docs/api.md, "Commands at the root", and that every name of the contract is held: by a test of this folder, by one that is named here, or by the list of what is pending.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseReport } from '@pulseline/diagnosis';
import { describe, expect, it } from 'vitest';
import { root, startChild } from '../child.ts';
import { files } from '../house/tree.ts';
import { until } from '../until.ts';

const text = (path: string) => readFileSync(join(root, path), 'utf8');

async function run(...script: readonly [string, ...string[]]) {
  const [path, ...rest] = script;
  const child = startChild([join(root, path), ...rest]);
  const code = await until(`the end of ${script.join(' ')}`, () => child.ended(), 60_000);
  return { code, output: child.output(), last: child.stdout().trimEnd().split('\n').at(-1) };
}

describe('commands at the root', () => {
  it.each(['start', 'test', 'dev', 'check', 'emulator', 'bench', 'chaos', 'simulate', 'faults'])(
    'npm run %s is there, and needs no shell',
    (name) => {
      const { scripts } = JSON.parse(text('package.json'));
      expect(scripts[name]).toMatch(/^node scripts\/[a-z]+\.mjs( [\w/.]+\.ts)?$/);
    },
  );

  it('npm test ends with "N passed, N failed" alone on a line (", N skipped" may follow)', {
    timeout: 60_000,
  }, async () => {
    const { last } = await run('scripts/test.mjs', 'house');
    expect(last).toMatch(/^\d+ passed, \d+ failed(, \d+ skipped)?$/);
  });

  it('npm run bench -- <name> takes --seed; another name is told which there are', { timeout: 60_000 }, async () => {
    const { code, output } = await run('scripts/run.mjs', 'bench/run.ts', 'nonsense');
    expect(code).toBe(2);
    expect(output).toContain('latency');
    expect(output).toContain('--seed');
  });
});

describe('npm run simulate', () => {
  it('takes --seed and --seeds, exits 0 if every promise held, and prints the score last', async () => {
    const { code, last } = await run('scripts/run.mjs', 'test/live/simulate.ts', '--seed', '7', '--seeds', '2');
    expect(last).toMatch(/^simulate: 2 of 2 seeds held every promise, /);
    expect(code).toBe(0);
  });
});

describe('npm run doctor', () => {
  it('installs nothing, tells a broken link by exit code 1 and a report, and refuses an unknown flag with a code', async () => {
    const { scripts } = JSON.parse(text('package.json'));
    expect(scripts.doctor).toBe('node scripts/doctor.cjs');
    expect(scripts.predoctor).toBeUndefined();
    const dead = ['--url', 'http://127.0.0.1:1', '--json'] as const;
    const found = await run('scripts/doctor.cjs', ...dead);
    expect(found.code).toBe(1);
    const report = parseReport(JSON.parse(found.output));
    expect([report.verdict, report.cause?.checkId]).toEqual(['fault', 'R05.refused']);
    const refused = await run('scripts/doctor.cjs', '--nonsense');
    expect(refused.code).toBe(3);
    expect(refused.output).toContain('DOCTOR_FLAG_UNKNOWN');
  });
});

describe('npm run chaos', () => {
  it('takes --seed, --seeds, --kills, --in, --out and --resume, and refuses what is no number', {
    timeout: 60_000,
  }, async () => {
    const { code, output } = await run('scripts/run.mjs', 'test/chaos/command.ts', '--kills', 'many');
    expect(code).toBe(2);
    expect(output).toContain('--kills: expected a whole number');
    const folder = mkdtempSync(join(tmpdir(), 'pulseline-chaos-none-'));
    const sizes = ['--seed', '7', '--seeds', '1', '--kills', '1', '--in', '1', '--out', '1'];
    const resumed = await run('scripts/run.mjs', 'test/chaos/command.ts', ...sizes, '--dir', folder, '--resume');
    rmSync(folder, { recursive: true });
    expect(resumed.code).toBe(2);
    expect(resumed.output).toContain('holds no run');
  });
});

describe('npm run faults', () => {
  it('takes --only, --seed, --fast and --json, and refuses a seed that is no number', async () => {
    const { code, output } = await run('scripts/run.mjs', 'test/faults/command.ts', '--seed', 'none');
    expect(code).toBe(2);
    expect(output).toContain('--seed: expected a whole number from 1');
  });
});

describe('docs/api.md', () => {
  /** What takes too long for a running product, or what its own sandbox page cannot bring about: the file that holds it. */
  const elsewhere: Readonly<Record<string, string>> = {
    QR_EXPIRED: 'server/src/whatsapp/life.test.ts',
    CHANGE_REFUSED: 'server/src/inbox/change.test.ts',
    deletedBy: 'server/src/inbox/change.test.ts',
    queued: 'test/restart/account-life.test.ts',
    callId: 'server/src/whatsapp/account-groups.test.ts',
    media_progress: 'server/src/http/docs-asyncapi.ts',
    down: 'server/src/whatsapp/account-media.test.ts',
    SEND_CANCELLED: 'server/src/inbox/for-us.test.ts',
    MEDIA_GONE: 'server/src/whatsapp/account-media.test.ts',
    remote: 'server/test/media-store.test.ts',
    video: 'server/src/whatsapp/account-groups.test.ts',
    system: 'server/src/inbox/notice.test.ts',
    total: 'server/src/http/app.test.ts',
    retentionDays: 'server/src/retention.test.ts',
    keptFrom: 'server/src/retention.test.ts',
    backup: 'server/src/backup.test.ts',
    restore: 'server/src/backup.test.ts',
    'schema-': 'server/src/backup.test.ts',
    '/api/events/': 'server/src/http/events.test.ts',
    accuracy: 'server/src/whatsapp/kinds.test.ts',
    speed: 'server/src/whatsapp/kinds.test.ts',
    heading: 'server/src/whatsapp/kinds.test.ts',
    partOf: 'server/src/inbox/bearing.test.ts',
    into: 'server/src/inbox/inbox.property.test.ts',
    PHONE_SILENT: 'server/src/whatsapp/errands.test.ts',
    OUTCOME_UNKNOWN: 'server/src/whatsapp/account-shared-state.test.ts',
    approval: 'server/src/whatsapp/account-shared-state.test.ts',
    GROUP_NOT_ADMIN: 'server/src/whatsapp/account-shared-state.test.ts',
    admins: 'server/src/inbox/change.test.ts',
    standing: 'server/src/diagnosis/registry.test.ts',
    'from-bundle': 'doctor/src/bundle-file.test.ts',
  };

  it('names nothing that no test of the contract names', () => {
    const tests = files('.ts')
      .filter(({ path }) => path.startsWith('test/contract/'))
      .map((file) => file.text)
      .join('\n');
    const code = [...text('docs/api.md').matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);
    // Settings and codes, snake_case types, paths, commands, and the words of shapes.
    const names = new Set(code.flatMap((span) => span.match(/\/[a-z][\w/-]*|[A-Za-z_][\w-]+/g) ?? []));
    expect(names.size).toBeGreaterThan(200);
    expect([...names].filter((name) => !tests.includes(name) && elsewhere[name] === undefined)).toEqual([]);
  });

  it.each(Object.entries(elsewhere))('%s is held by %s', (name, path) => {
    expect(text(path)).toContain(name);
  });
});
