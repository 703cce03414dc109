// Holds the verdict: which rung is the cause, what becomes its effect, and that nothing is found where nothing is wrong.
import { describe, expect, it } from 'vitest';
import { check, gather } from './check.ts';
import { checks } from './checks/all.ts';
import { diagnose } from './diagnose.ts';
import { evidenceOf, parseEvidence } from './evidence.ts';
import { checkIds } from './ids.ts';
import { judge } from './judge.ts';
import { parseReport } from './report.ts';
import { rungIds } from './rungs.ts';
import { around, healthy, judged, NOW, without } from './test/scene.ts';

const down = {
  'port.owners': [{ port: 4_000, owner: 'nobody' }],
  'tcp.dials': [{ host: 'localhost', address: '127.0.0.1', port: 4_000, outcome: 'refused', code: 'ECONNREFUSED' }],
  'http.status': { url: 'http://localhost:4000/status', outcome: 'refused', code: 'ECONNREFUSED' },
  'ws.open': { url: 'ws://localhost:4000/ws', outcome: 'refused', code: 'ECONNREFUSED' },
} as const;

describe('the verdict', () => {
  it('finds nothing where all is well', () => {
    const { findings, cause, rungs } = judged(healthy);
    expect(findings).toEqual([]);
    expect(cause).toBeUndefined();
    // Only a browser can tell of its own limits and its painting, and there are no webhooks.
    const rest = rungs.filter(({ outcome }) => outcome !== 'pass');
    expect(rest.map(({ rung, outcome }) => `${rung} ${outcome}`)).toEqual([
      'R09 unknown',
      'R26 unknown',
      'R27 unknown',
    ]);
  });

  it('finds nothing where nothing was seen, and says that it is incomplete', () => {
    expect(judged({}).findings).toEqual([]);
    expect(diagnose([], around, { version: '0', runId: 'r', lang: 'zh', at: NOW }).verdict).toBe('incomplete');
  });

  it('names the lowest broken rung; what stands on it is skipped, with its name', () => {
    const { cause, rungs, findings } = judged({
      ...without('ws.hello', 'ws.heartbeat', 'ws.upgrade', 'canary'),
      ...down,
    });
    expect(cause?.checkId).toBe('R05.refused');
    expect(rungs.find(({ rung }) => rung === 'R06')).toEqual({
      rung: 'R06',
      outcome: 'skip',
      blockedBy: 'R05.refused',
    });
    expect(rungs.find(({ rung }) => rung === 'R13')).toEqual({
      rung: 'R13',
      outcome: 'skip',
      blockedBy: 'R05.refused',
    });
    expect(findings.filter(({ blockedBy }) => blockedBy === undefined)).toHaveLength(1);
  });

  it('names the lower of two faults', () => {
    const { cause } = judged({
      ...without('canary'),
      store: { kind: 'sqlite', ok: false, error: 'database is locked' },
      'ws.upgrade': {
        url: 'u',
        outcome: 'answered',
        status: 426,
        problem: 'UPGRADE_REQUIRED',
        received: { connection: 'close' },
      },
      'ws.open': { url: 'ws://localhost:4000/ws', outcome: 'http', status: 426 },
    });
    expect(cause?.checkId).toBe('R10.upgrade-stripped');
  });

  it('puts a fault before a warning of a lower rung', () => {
    const { cause } = judged({
      ...healthy,
      'clock.offset': { ms: 90_000, uncertaintyMs: 5 },
      'ws.hello': { outcome: 'silent', ms: 1_000 },
    });
    expect(cause?.checkId).toBe('R13.no-hello');
  });

  it('blames what explains the lower rung: a server that ended because the disk was full', () => {
    const { cause } = judged({ ...down, 'runtime.crash': { code: 'DISK_FULL', text: 'the disk is full' } });
    expect(cause?.checkId).toBe('R21.disk-full');
  });

  it('keeps the faults of two accounts apart', () => {
    const { findings } = judged({
      ...healthy,
      accounts: [
        { id: 'acc_a', kind: 'phone', state: 'LOGGED_OUT', reason: 'LOGGED_OUT', since: NOW },
        { id: 'acc_b', kind: 'phone', state: 'READY', since: NOW },
      ],
      'accounts.flow': [
        {
          id: 'acc_b',
          state: 'READY',
          wire: 9,
          stored: 5,
          delivered: 5,
          lost: 4,
          untold: 0,
          disagreesMs: 60_000,
          waiting: 0,
        },
      ],
    });
    expect(findings.map(({ checkId, subject, blockedBy }) => [checkId, subject, blockedBy])).toEqual([
      ['R18.logged-out', 'acc_a', undefined],
      ['R19.messages-lost', 'acc_b', undefined],
    ]);
  });

  it('goes on when a check throws, and says which', () => {
    const { findings, cause } = judge(evidenceOf({ ...healthy, ...down }, 'test', NOW), around, [
      check('R04.nxdomain', {}, () => {
        throw new Error('planted');
      }),
      ...checks.filter(({ id }) => id !== 'R04.nxdomain'),
    ]);
    expect(cause?.checkId).toBe('R05.refused');
    expect(findings.find(({ outcome }) => outcome === 'crash')).toMatchObject({
      checkId: 'R04.nxdomain',
      params: { error: 'planted' },
    });
  });

  it('says of evidence without its shape that it could not be read', () => {
    const odd = [{ key: 'tcp.dials', value: 'nonsense', class: 'public', source: 'test', at: NOW }] as const;
    const { findings } = judge([...evidenceOf(without('tcp.dials'), 'test', NOW), ...odd], around);
    expect(findings.map(({ checkId, outcome }) => [checkId, outcome])).toEqual([['R05.evidence', 'crash']]);
  });
});

describe('the checks', () => {
  it('stand once each, under every id, and each rung but the clock has one that names what no other knows', () => {
    expect(checks.map(({ id }) => id)).toEqual(checkIds);
    expect(() => gather([checks, checks.slice(0, 1)])).toThrow('twice');
    const silent = rungIds.filter((rung) => !checks.some(({ id, fallback }) => fallback && id.startsWith(rung)));
    expect(silent).toEqual(['R07', 'R27']);
  });
});

describe('the report', () => {
  it('is what its own parser takes, after a way through JSON', () => {
    const report = diagnose(evidenceOf({ ...healthy, ...down }, 'test', NOW), around, {
      version: '0.1.0',
      runId: 'r1',
      lang: 'zh',
      at: NOW,
    });
    expect(parseReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(report.cause?.fix.zh.text).toContain('npm run dev');
    expect(report.cause?.fix.en.commands).toEqual(['npm start']);
    expect(report.ticks.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['server', 'fail'],
      ['web', 'pass'],
      ['connected', 'pass'],
      ['test-ws', 'pass'],
      ['ready', 'pass'],
      ['shown', 'pass'],
    ]);
    expect(report.summary.en).toMatch(/^Broken at R05/);
  });

  it('is the same from evidence that went through a file', () => {
    const evidence = evidenceOf({ ...healthy, ...down }, 'test', NOW);
    const run = { version: '0', runId: 'r', lang: 'en', at: NOW } as const;
    expect(diagnose(parseEvidence(JSON.parse(JSON.stringify(evidence))), around, run)).toEqual(
      diagnose(evidence, around, run),
    );
  });
});
