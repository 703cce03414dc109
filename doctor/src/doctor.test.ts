// The doctor in a folder and a world of its own: what it sees of files and ports, what it mends, how it says it. Nothing of this machine's Pulseline is asked.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseReport, type Report } from '@pulseline/diagnosis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoorFacts } from './collect-local.ts';
import { type Look, look } from './look.ts';
import { diffOf, mend, planChanges } from './mend.ts';
import { render } from './render.ts';
import { machine, type World } from './world.ts';

const door: DoorFacts = { node: '20.19.0', missing: [], native: { module: '@photostructure/sqlite', ok: true } };
const RIGHT = 'NEXT_PUBLIC_API_BASE_URL=http://localhost:4000';
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

let root: string;
let world: World;
const servers: { close(): unknown }[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pulseline-doctor-'));
  for (const folder of ['web', 'server']) mkdirSync(join(root, folder));
  writeFileSync(join(root, 'package.json'), '{"version":"0.1.0"}');
  world = {
    ...machine,
    platform: 'linux',
    env: {},
    // Nobody listens anywhere; each test says who does.
    list: async (folder) => (folder.startsWith('/proc') ? [] : machine.list(folder)),
    read: async (path, most) => (path.startsWith('/proc') ? undefined : machine.read(path, most)),
    dial: async () => ({ outcome: 'refused', code: 'ECONNREFUSED', ms: 1 }),
    lookup: async () => ['127.0.0.1', '::1'],
    bind: async () => '',
    request: async () => ({ outcome: 'refused', code: 'ECONNREFUSED', error: 'connect ECONNREFUSED', ms: 1 }),
  };
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(root, { recursive: true, force: true });
});

const put = (path: string, bytes: string | Buffer): void => writeFileSync(join(root, path), bytes);
const see = (more: Partial<Parameters<typeof look>[3]> = {}): Promise<Look> =>
  look(world, root, door, { only: undefined, slow: false, url: undefined, lang: 'zh', ...more });
const idsOf = ({ findings }: Report): readonly string[] => findings.map(({ checkId }) => checkId);
const outcomeOf = ({ rungs }: Report, wanted: string): string | undefined =>
  rungs.find(({ rung }) => rung === wanted)?.outcome;

async function listen(server: Server | ReturnType<typeof createTcp>): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('web/.env.local', () => {
  it.each([
    ['UTF-16, as PowerShell 5 writes it', '.env.local', utf16(`${RIGHT}\r\n`), 'R01.env-utf16'],
    [
      'UTF-8 with a UTF-16 tail',
      '.env.local',
      Buffer.concat([Buffer.from('A=1\r\n'), Buffer.from(`${RIGHT}\r\n`, 'utf16le')]),
      'R01.env-mixed-encoding',
    ],
    ['a name with .txt behind it', '.env.local.txt', `${RIGHT}\n`, 'R01.env-wrong-name'],
    ['a name without a dot', 'env.local', `${RIGHT}\n`, 'R01.env-wrong-name'],
    ['the root folder', '../.env.local', `${RIGHT}\n`, 'R01.env-wrong-name'],
    ['the server’s folder', '../server/.env.local', `SECRET=1\n${RIGHT}\n`, 'R01.env-wrong-name'],
    ['no prefix', '.env.local', 'API_BASE_URL=http://localhost:4000\n', 'R01.env-prefix'],
    ['a misspelt name', '.env.local', 'NEXT_PUBLIC_API_BASE_ULR=http://localhost:4000\n', 'R01.env-misspelt'],
    ['no scheme', '.env.local', 'NEXT_PUBLIC_API_BASE_URL=localhost:4000\n', 'R01.env-bad-url'],
    ['ws://', '.env.local', 'NEXT_PUBLIC_API_BASE_URL=ws://localhost:4000\n', 'R01.env-bad-url'],
    ['a path', '.env.local', 'NEXT_PUBLIC_API_BASE_URL=http://localhost:4000/api\n', 'R01.env-bad-url'],
    ['a full-width sign', '.env.local', 'NEXT_PUBLIC_API_BASE_URL＝http://localhost:4000\n', 'R01.env-not-as-meant'],
    ['cmd’s quotes', '.env.local', `"${RIGHT}" \r\n`, 'R01.env-not-as-meant'],
    ['set', '.env.local', `set ${RIGHT}\r\n`, 'R01.env-not-as-meant'],
  ])('%s is found, mended with a copy kept, and then the rung is green', async (_, name, bytes, id) => {
    put(`web/${name}`, bytes);
    const found = await see();
    expect(idsOf(found.report)).toContain(id);
    const changes = await planChanges(world, found.target, found.files, found.report);
    expect(changes.map(({ path }) => path)).toEqual(['web/.env.local']);
    const shown = changes.flatMap((change) => diffOf(change)).join('\n');
    expect(shown).toContain(`+ ${RIGHT}`);
    expect(shown).not.toContain('SECRET=1');
    const kept = await mend(found.target, changes, Date.UTC(2026, 10, 22));
    expect(readFileSync(join(root, 'web/.env.local'), 'utf8')).toMatch(new RegExp(`^(A=1\n)?${RIGHT}\n$`));
    if (name === '.env.local' || name.endsWith('.txt')) expect(readFileSync(kept[0] ?? '')).toEqual(Buffer.from(bytes));
    const again = await see();
    expect(outcomeOf(again.report, 'R01'), idsOf(again.report).join(' ')).toBe('pass');
    expect(await planChanges(world, again.target, again.files, again.report)).toEqual([]);
  });

  it.each([
    ['nothing at all', undefined],
    ['the guide’s line', `${RIGHT}\n`],
    ['spaces, CRLF and a comment', `# 后端\r\n${RIGHT}   \r\n`],
    ['UTF-8 with a mark', `\ufeff${RIGHT}\r\n`],
    ['other variables alone', 'NEXT_PUBLIC_TITLE=x\n'],
  ])('%s is no fault', async (_, text) => {
    if (text !== undefined) put('web/.env.local', text);
    const { report } = await see();
    expect(outcomeOf(report, 'R01'), idsOf(report).join(' ')).toBe('pass');
  });

  it('a mark of UTF-8 alone is taken away by --fix if asked, and nothing else of the file is lost', async () => {
    put('web/.env.local', `\ufeffTOKEN=abc\r\n${RIGHT}\r\n`);
    const found = await see();
    await mend(found.target, await planChanges(world, found.target, found.files, found.report), Date.now());
    expect(readFileSync(join(root, 'web/.env.local'), 'utf8')).toBe(`TOKEN=abc\n${RIGHT}\n`);
    expect(readdirSync(join(root, 'web'))).toHaveLength(2);
  });
});

describe('ports and processes', () => {
  it('nobody listens: refused, proven, and every rung above waits for it', async () => {
    const { report } = await see();
    expect(report.cause).toMatchObject({ checkId: 'R05.refused', confidence: 'proven' });
    expect(outcomeOf(report, 'R11')).toBe('skip');
  });

  it('the server runs on 4001, and the pages ask 4000: --fix points them there', async () => {
    mkdirSync(join(root, 'data'));
    put('data/owner.pid', `${process.pid}\n`);
    put('data/running.json', JSON.stringify({ pid: process.pid, instanceId: 'i', port: 4_001, startedAt: 1 }));
    put('web/.env.local', `OTHER=1\n${RIGHT}\n`);
    const found = await see();
    expect(found.report.cause?.checkId).toBe('R02.port-mismatch');
    const changes = await planChanges(world, found.target, found.files, found.report);
    await mend(found.target, changes, Date.now());
    expect(readFileSync(join(root, 'web/.env.local'), 'utf8')).toBe(
      'OTHER=1\nNEXT_PUBLIC_API_BASE_URL=http://localhost:4001\n',
    );
    expect((await see()).report.cause?.checkId).not.toBe('R02.port-mismatch');
    put('web/.env.production.local', 'NEXT_PUBLIC_API_BASE_URL=http://localhost:4009\n');
    const other = await see();
    expect(other.report.cause?.fix.en.text).toContain('into web/.env.production.local');
    const more = await planChanges(world, other.target, other.files, other.report);
    expect(more.map(({ path }) => path)).toEqual(['web/.env.production.local']);
  });

  it('Windows keeps the port for itself: EACCES where nobody listens', async () => {
    const text = '      3970        4069\r\n';
    world = {
      ...world,
      platform: 'win32',
      run: async (program) => (program === 'netsh' ? text : program === 'netstat' ? '' : undefined),
      bind: async () => 'EACCES',
    };
    const { report } = await see();
    expect(report.cause).toMatchObject({ checkId: 'R03.port-reserved', confidence: 'proven' });
    expect(report.cause?.fix.zh.text).toContain('net stop winnat');
  });

  it('a start that failed says why', async () => {
    mkdirSync(join(root, 'data'));
    put(
      'data/failed-start.json',
      JSON.stringify({ code: 'SETTING_INVALID', text: 'The setting PORT=x is not valid', at: 1 }),
    );
    expect((await see()).report.cause?.checkId).toBe('R02.setting-refused');
  });
});

describe('a server elsewhere', () => {
  const at = async (server: Server | ReturnType<typeof createTcp>): Promise<Report> => {
    world = {
      ...world,
      dial: machine.dial,
      request: (url, asked) => machine.request(url, { ...asked, timeoutMs: 400 }),
    };
    return (await see({ url: `http://127.0.0.1:${await listen(server)}` })).report;
  };

  it('that is another program’s is named as that', async () => {
    const report = await at(createServer((_, answer) => answer.setHeader('server', 'nginx').end('<h1>It works</h1>')));
    expect(report.cause?.checkId).toBe('R06.foreign-server');
  });

  it('that speaks no HTTP is no Pulseline', async () => {
    const report = await at(createTcp((socket) => socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9\r\n')));
    expect(report.cause?.checkId).toBe('R06.foreign-server');
  });

  it('that takes the connection and says nothing is silent, within its deadline', async () => {
    const report = await at(createTcp((socket) => void socket.on('error', () => undefined)));
    expect(report.cause?.checkId).toBe('R06.silent');
    expect(report.rungs.find(({ rung }) => rung === 'R11')?.outcome).toBe('skip');
  });

  it('files and processes of this computer are not held against it', async () => {
    put('web/.env.local', utf16(`${RIGHT}\r\n`));
    const report = await at(createServer((_, answer) => answer.end('x')));
    expect(idsOf(report).filter((id) => /^R0[123]/.test(id))).toEqual([]);
  });
});

describe('what it says', () => {
  const fixed = (report: Report): Report => ({
    ...report,
    at: Date.UTC(2026, 10, 22, 12, 0, 0),
    runId: 'abcd1234',
    ms: 5,
    rungs: report.rungs.map(({ ms, ...rung }) => ({ ...rung, ...(ms !== undefined && { ms: 1 }) })),
    findings: report.findings.map((finding) => ({
      ...finding,
      evidence: finding.evidence.map((one) => ({ ...one, at: 1 })),
    })),
    cause: report.cause && {
      ...report.cause,
      evidence: report.cause.evidence.map((one) => ({
        ...one,
        at: 1,
        value: one.key === 'server.lock' ? { alive: false } : one.value,
      })),
    },
  });
  const golden = (name: string): string => join(import.meta.dirname, 'test', name);

  it.each(['zh', 'en'] as const)('in %s, as the golden file has it; and in ASCII signs', async (lang) => {
    const report = fixed((await see({ lang })).report);
    const manner = { lang, ascii: false, color: false, target: 'http://localhost:4000', node: '20.19.0' };
    await expect(render(report, manner)).toMatchFileSnapshot(golden(`refused.${lang}.txt`));
    const ascii = render(report, { ...manner, ascii: true });
    await expect(ascii).toMatchFileSnapshot(golden(`refused.${lang}.ascii.txt`));
    if (lang === 'en') expect(ascii.replace('WebSocket 已连接成功！', '')).toMatch(/^[\x20-\x7e\n]*$/);
    else expect(ascii).not.toMatch(/[✓✗☐☑✅–→…·]/);
  });

  it('in JSON, by its schema, as the golden file has it', async () => {
    const report = fixed((await see()).report);
    expect(parseReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
    const told = {
      ...report,
      cause: report.cause && { ...report.cause },
      findings: report.findings.map(({ checkId, outcome }) => ({ checkId, outcome })),
    };
    await expect(`${JSON.stringify(told, undefined, 2)}\n`).toMatchFileSnapshot(golden('refused.json.txt'));
  });

  it('--only looks at one rung alone', async () => {
    const { report } = await see({ only: 'R01' });
    expect(report.rungs.filter(({ outcome }) => outcome !== 'unknown').map(({ rung }) => rung)).toContain('R01');
    await expect(see({ only: 'R99' })).rejects.toMatchObject({ code: 'DOCTOR_CHECK_UNKNOWN' });
  });
});
