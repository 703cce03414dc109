// The quick part of the fault lab: each of these faults is made for real and must be named, with words that help; each of these healthy configurations must raise no alarm.
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shape } from '@pulseline/protocol';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { source, startChild } from '../child.ts';
import { until } from '../until.ts';
import { absent, catalogue } from './catalogue.ts';
import { healthyConfigurations } from './healthy.ts';
import { judge, notApplicable } from './judge.ts';
import { pairs } from './pairs.ts';
import { openProgress } from './progress.ts';
import { unforeseen } from './unforeseen.ts';

const { object, string, boolean } = shape;
const row = object({
  number: string(),
  found: string(),
  rung: boolean(),
  id: boolean(),
  words: boolean(),
  note: string(20_000),
  outcome: string(),
});

const made = [...catalogue.filter(({ fast }) => fast), ...unforeseen.filter(({ fast }) => fast)].map(
  ({ number, title }) => [number, title.en] as const,
);
const fine = healthyConfigurations.flatMap(({ name, fast }, index) =>
  fast ? [[`h${index + 1}`, name.en] as const] : [],
);

describe('the quick faults', () => {
  const rows = new Map<string, shape.Of<typeof row>>();

  beforeAll(async () => {
    const child = startChild(source('test/faults/command.ts', '--fast', '--json'), { PULSELINE_LANG: 'en' });
    await until('the end of the lab', () => child.ended() !== undefined, 230_000);
    for (const line of child.stdout().split('\n')) {
      if (!line.startsWith('{')) continue;
      const one = row.parse(JSON.parse(line));
      rows.set(one.number, one);
    }
    expect(rows.size, child.output()).toBeGreaterThan(0);
  }, 240_000);

  it.each(made)('%s, %s: the right link is named, with words that help', (number) => {
    const found = rows.get(number);
    if (found?.outcome === 'not applicable') return expect(found.note).toMatch(/^needs /);
    expect(found).toMatchObject({ rung: true, id: true, words: true });
    return undefined;
  });

  it.each(fine)('%s, %s: no alarm', (number) => {
    expect(rows.get(number)).toMatchObject({ rung: true, note: '' });
  });
});

describe('the lab', () => {
  const numbers = [...catalogue, ...absent].map(({ number }) => number);

  it('has every fault of the catalogue once, and at least fifteen that are not in it', () => {
    expect(numbers.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 44 }, (_, index) => index + 1));
    expect(unforeseen.length).toBeGreaterThanOrEqual(15);
    expect(new Set(unforeseen.map(({ title }) => title.en)).size).toBe(unforeseen.length);
  });

  it('has at least twenty healthy configurations, and pairs of faults that it has', () => {
    expect(healthyConfigurations.length).toBeGreaterThanOrEqual(20);
    for (const { lower, upper } of pairs) expect(numbers).toEqual(expect.arrayContaining([lower, upper]));
  });

  it('would see a wrong rung, a wrong id, a missing word, a late verdict and a fix that does not help', () => {
    const [fault] = catalogue.filter(({ number }) => number === '7');
    if (fault === undefined) throw new Error('fault 7');
    const said = { zh: 'npm', en: 'npm' };
    const right = {
      healthy: false,
      word: 'fault',
      rung: 'R05',
      checkId: 'R05.refused',
      fix: said,
      said,
      ms: 900,
      others: [],
    };
    const green = { ...right, healthy: true };
    const outcome = (change: object, after: typeof right = green) =>
      judge(fault, { ...right, ...change }, after, 'catalogue').outcome;
    expect(outcome({})).toBe('right');
    expect(outcome({ rung: 'R06' })).toBe('wrong');
    expect(outcome({ checkId: 'R05.firewall-drop' })).toBe('wrong');
    expect(outcome({ said: { zh: 'npm', en: 'nothing' } })).toBe('wrong');
    expect(outcome({ fix: { zh: '', en: 'npm' } })).toBe('wrong');
    expect(outcome({ ms: 60_000 })).toBe('wrong');
    expect(outcome({}, right)).toBe('wrong');
  });
});

describe('a run of the lab that was ended', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pulseline-progress-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const row = (number: string) => notApplicable(number, { zh: '某', en: 'some' }, 'catalogue', 'none');

  it('goes on where it was, and begins anew if it is not asked to, or if it is another run', () => {
    const file = join(folder, 'rows');
    const first = openProgress('seed 1', true, file);
    expect(first.rows.size).toBe(0);
    first.add(row('7'), 1_200);
    first.add(row('9'), 800);
    appendFileSync(file, '{"row":{"number":"10",');
    const second = openProgress('seed 1', true, file);
    expect([...second.rows.values()].map(({ row: { number }, tookMs }) => [number, tookMs])).toEqual([
      ['7', 1_200],
      ['9', 800],
    ]);
    second.add(row('10'), 5);
    expect(openProgress('seed 1', true, file).rows.size).toBe(3);
    expect(openProgress('seed 2', true, file).rows.size).toBe(0);
    expect(openProgress('seed 1', false, file).rows.size).toBe(0);
  });

  it('leaves nothing behind when it was whole', () => {
    const file = join(folder, 'rows');
    const all = openProgress('seed 1', true, file);
    all.add(row('7'), 1);
    all.end();
    expect(existsSync(file)).toBe(false);
  });
});
