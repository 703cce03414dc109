// What the log says, in which words, where it keeps it, and what it never lets through.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logLines } from '@pulseline/diagnosis';
import { shape } from '@pulseline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLog } from './log.ts';

const { anything, record } = shape;
let folder: string;
let lines: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pulseline-log-'));
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const out = { write: (line: string): void => void lines.push(line) };
const parsed = () => lines.map((line) => record(anything()).parse(JSON.parse(line)));
const files = () => readdirSync(folder).sort();

describe('a line of the log', () => {
  it.each(['zh', 'en'] as const)(
    'has its code, its words in %s, and on a warning what to do and where it is told',
    (language) => {
      const { log } = openLog({ level: 'info', language, out });
      log.warn({ account: 'acc_1' }, 'an account did not stop');
      const line = logLines['an account did not stop'];
      expect(parsed()[0]).toMatchObject({
        code: 'ACCOUNT_STUCK',
        account: 'acc_1',
        msg: language === 'zh' ? line?.zh : 'an account did not stop',
        fix: line?.fix?.[language],
        docs: expect.stringContaining('docs/'),
      });
    },
  );

  it('keeps the code of what caused it', () => {
    const { log } = openLog({ level: 'info', language: 'en', out });
    log.info({ code: 'ORIGIN_REFUSED', path: '/ws' }, 'upgrade refused');
    expect(parsed()[0]).toMatchObject({ code: 'UPGRADE_REFUSED', cause: 'ORIGIN_REFUSED' });
  });

  it('has a code of its own: no two lines share one', () => {
    const codes = Object.values(logLines).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('is in the table, whoever logs it at `warn` or above: with words in both languages and what to do', () => {
    const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
    );
    const call =
      /\blog\.(warn|error|fatal)\(\s*(?:\{[^}]*(?:\{[^}]*\}[^}]*)*\}|[\w.]+)\s*,\s*'([^'\n]+)'|log\(\s*'([^'\n]+)',[^;]{0,80}'warn'\)/g;
    const said = sources.flatMap((name) =>
      [...readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(call)].map(
        (match) => match[2] ?? match[3] ?? '',
      ),
    );
    expect(said.length).toBeGreaterThan(20);
    expect(said.filter((text) => logLines[text]?.fix === undefined)).toEqual([]);
  });

  it('never bears an address, a number, a text, a QR code or a key, wherever it comes from', () => {
    const { log } = openLog({ level: 'trace', language: 'en', out });
    const marks = [
      '8613800138000',
      '13800138001',
      'marker-body',
      'marker-qr',
      'marker-key',
      '123456789012345',
      'marker-json',
    ];
    let broken: unknown;
    try {
      JSON.parse('"marker-json" and more');
    } catch (error) {
      broken = error;
    }
    log.error({ err: new Error('no session for 8613800138000:12@s.whatsapp.net') }, 'a decision failed');
    log.warn(
      { err: new Error('lid 123456789012345@lid is not +86 138 0013 8001'), body: 'marker-body', qr: 'marker-qr' },
      'typing',
    );
    log.warn(
      { error: 'to 8613800138000@s.whatsapp.net', message: { body: 'marker-body', credentials: 'marker-key' } },
      'else',
    );
    log.error({ err: broken }, 'request failed');
    expect(lines).toHaveLength(4);
    for (const mark of marks) expect(lines.join(''), mark).not.toContain(mark);
    expect(lines.join('')).toContain('***@s.whatsapp.net');
  });
});

describe('the log file', () => {
  it('has the lines of the terminal, also those from before the folder was ours, and the notes', async () => {
    const { log, keep, note } = openLog({ level: 'info', language: 'en', out });
    log.info('early');
    const end = await keep(folder);
    log.info('late');
    note('STARTED', 'Fastify server started on port 4000');
    await end();
    log.info('after the end');
    const text = readFileSync(join(folder, files()[0] ?? ''), 'utf8');
    const said = text
      .trim()
      .split('\n')
      .map((line) => record(anything()).parse(JSON.parse(line))['msg']);
    expect(said).toEqual(['early', 'late', 'Fastify server started on port 4000']);
    expect(lines).toHaveLength(3);
  });

  it('a later start goes on in the last file', async () => {
    for (const text of ['first', 'second']) {
      const { log, keep } = openLog({ level: 'info', language: 'en', out });
      const end = await keep(folder);
      log.info(text);
      await end();
    }
    expect(files()).toHaveLength(1);
  });

  it('rolls at 5 MB and keeps five files at most', async () => {
    for (let n = 1; n <= 7; n++) writeFileSync(join(folder, `server.${n}.log`), 'x'.repeat(1_000));
    const { log, keep } = openLog({ level: 'info', language: 'en', out: { write: () => undefined } });
    const end = await keep(folder);
    const filling = 'f'.repeat(100_000);
    const size = () => Math.max(...files().map((name) => statSync(join(folder, name)).size));
    for (let n = 0; n < 130; n++) {
      log.info({ filling }, 'many');
      // The file is changed between two turns of the loop.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => files().length, { timeout: 5_000 }).toBeLessThanOrEqual(5);
    await end();
    expect(size()).toBeLessThan(5.5 * 1_048_576);
  });
});
