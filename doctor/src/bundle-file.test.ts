// The bundle: nothing personal in it wherever it was put, a collector that fails, and the same verdict elsewhere.

import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  assembleBundle,
  type BundlePart,
  bundleParts,
  diagnose,
  type Evidence,
  evidenceOf,
  type Facts,
  factKeys,
  factTable,
  type Report,
  replayBundle,
  type Surroundings,
} from '@pulseline/diagnosis';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBundle } from './bundle-file.ts';

const around: Surroundings = {
  system: 'linux',
  shell: 'sh',
  vantage: 'cli',
  now: 1_700_000_000_000,
  port: 4_000,
  webPort: 3_000,
};
const hash = (text: string): string => createHmac('sha256', 'salt').update(text).digest('hex');
const source = {
  version: '0.1.0',
  lang: 'zh',
  at: around.now,
  around,
  hash,
  late: () => new Promise<'late'>(() => undefined),
} as const;

type Schema = Readonly<Record<string, unknown>>;
const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;

/** Values of any shape, every text and every free key of which is a marker, each in another dress. */
class Planter {
  readonly markers: string[] = [];

  mark(): string {
    const marker = `mk${this.markers.length}zq${(this.markers.length * 7_919 + 104_729).toString(36)}`;
    this.markers.push(marker);
    return marker;
  }

  text(): string {
    const mark = this.mark();
    const dresses = [
      mark,
      `http://${mark}.example:4000/${this.mark()}?${this.mark()}=${this.mark()}#${this.mark()}`,
      `Error: EPROTO wrong version number for ${mark} at (/home/${this.mark()}/server/src/${this.mark()}.ts:1:2)`,
      `${mark}@s.whatsapp.net`,
      `张${mark}王`,
      `ws://me:${mark}@localhost:4000/ws`,
      mark.toUpperCase(),
      `NEXT_PUBLIC_${mark.toUpperCase()}`,
      encodeURIComponent(`${mark} ü`),
      Buffer.from(mark).toString('base64'),
    ];
    return dresses[this.markers.length % dresses.length] ?? mark;
  }

  fill(schema: Schema): unknown {
    const { type, anyOf, items, properties, additionalProperties: others } = schema;
    if (Array.isArray(schema['enum'])) return schema['enum'][0];
    if (Array.isArray(anyOf)) return isSchema(anyOf[0]) ? this.fill(anyOf[0]) : null;
    if (type === 'boolean') return true;
    if (type === 'number' || type === 'integer') return 1;
    if (type === 'string') return this.text();
    if (type === 'array' && isSchema(items)) return [this.fill(items), this.fill(items)];
    if (type !== 'object') return { [this.mark()]: this.text() };
    const own = isSchema(properties)
      ? Object.entries(properties).map(([name, each]) => [name, isSchema(each) ? this.fill(each) : null])
      : [];
    const free = isSchema(others) ? [[this.mark(), this.fill(others)]] : [];
    // What a shape does not know is planted too: a newer collector may tell more.
    return Object.fromEntries([...own, ...free, [this.mark(), this.text()]]);
  }
}

/** Everything that a text says, also in other writings. */
function* readings(text: string): Iterable<string> {
  yield text;
  for (const word of text.match(/[A-Za-z0-9+/_-]{6,}={0,2}/g) ?? []) {
    yield Buffer.from(word, 'base64').toString('latin1');
    if (/^[0-9a-f]+$/i.test(word)) yield Buffer.from(word, 'hex').toString('latin1');
  }
  for (const word of text.match(/(%[0-9a-f]{2}|[\w.~-])+/gi) ?? []) {
    try {
      yield decodeURIComponent(word);
    } catch {
      // No URL's writing.
    }
  }
}

function found(files: Readonly<Record<string, Uint8Array>>, markers: readonly string[]): readonly string[] {
  const all = Object.entries(files)
    .flatMap(([name, bytes]) => [name, ...readings(strFromU8(bytes))])
    .join('\n')
    .toLowerCase();
  return markers.filter((marker) => all.includes(marker.toLowerCase()));
}

async function pack(
  parts: Partial<Parameters<typeof assembleBundle>[0]> & { readonly evidence: readonly Evidence[] },
): Promise<Uint8Array> {
  const files = await assembleBundle({ ...source, tasks: [], ...parts });
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
}

describe('the bundle', () => {
  it('holds none of the markers that were planted in every field, nested, as keys, in addresses, in errors and in the log', async () => {
    const planter = new Planter();
    const evidence = factKeys.map(
      (key): Evidence => ({
        key,
        value: planter.fill(factTable[key].of.schema),
        class: 'secret',
        source: planter.mark(),
        at: 1,
      }),
    );
    const log = Array.from({ length: 30 }, () =>
      JSON.stringify({
        level: 50,
        time: 1,
        account: planter.text(),
        msg: planter.text(),
        code: planter.text(),
        [planter.mark()]: planter.text(),
        err: {
          type: planter.text(),
          message: planter.text(),
          stack: planter.text(),
          code: planter.text(),
          [planter.mark()]: planter.text(),
        },
      }),
    );
    log.push(planter.text(), `{"broken": "${planter.mark()}`, JSON.stringify(planter.mark()));
    const parts: readonly BundlePart[] = ['accounts', 'waterfalls', 'console', 'errors', 'testWs'];
    const picture = `<svg onload="${planter.mark()}"><!-- ${planter.mark()} --><script>${planter.mark()}</script><text x="${planter.mark()}" class="${planter.mark()}">${planter.text()}</text><image href="${planter.text()}"/></svg>`;
    const config = [
      'DATA_DIR',
      'WA_PROXY',
      'PULSELINE_KEY',
      'ALLOWED_ORIGINS',
      'HOST',
      'PUBLIC_URL',
      planter.mark().toUpperCase(),
    ].map((setting) => ({ setting, set: true, value: planter.text() }));
    const bytes = await pack({
      version: planter.text(),
      evidence,
      tasks: [
        ...parts.map((id) => ({ id, collect: async () => planter.fill(bundleParts[id].schema) })),
        { id: 'config', collect: async () => config },
        { id: 'picture', collect: async () => picture },
        { id: 'log', collect: async () => log.join('\n') },
      ],
    });
    const files = unzipSync(bytes);
    expect(planter.markers.length).toBeGreaterThan(200);
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining([
        'manifest.json',
        'findings.json',
        'evidence.json',
        'server.log',
        'accounts.json',
        'testWs.json',
        'test-ws.svg',
      ]),
    );
    expect(strFromU8(files['task-result.json'] ?? new Uint8Array())).not.toContain('false');
    expect(found(files, planter.markers)).toEqual([]);
  });

  it('would show a marker, in whatever writing: the search itself works', () => {
    const text = `${Buffer.from('mk1zq').toString('base64')} ${Buffer.from('mk2zq').toString('hex')} %6dk3zq`;
    expect(found({ file: strToU8(text) }, ['mk1zq', 'mk2zq', 'mk3zq', 'mk4zq'])).toEqual(['mk1zq', 'mk2zq', 'mk3zq']);
  });

  it('names the same person by the same pseudonym, and by another one in the next bundle', async () => {
    const account = { id: 'acc_1', kind: 'phone', state: 'READY', since: 1 } as const;
    const facts: Facts = {
      accounts: [account],
      'accounts.flow': [
        { id: 'acc_1', state: 'READY', wire: 1, stored: 1, delivered: 1, lost: 0, untold: 0, waiting: 0 },
      ],
    };
    const texts = await Promise.all(
      ['one', 'two'].map(
        async (salt) =>
          (
            await assembleBundle({
              ...source,
              tasks: [],
              evidence: evidenceOf(facts, 'server', 1),
              hash: (text) => createHmac('sha256', salt).update(text).digest('hex'),
            })
          )['evidence.json'],
      ),
    );
    const names = texts.map((text) => [...(text ?? '').matchAll(/p_[0-9a-f]{12}/g)].map(([name]) => name));
    expect(names[0]).toHaveLength(2);
    expect(new Set(names[0]).size).toBe(1);
    expect(names[0]?.[0]).not.toBe(names[1]?.[0]);
  });

  it('a collector that fails or hangs loses only itself, and is named', async () => {
    const files = await assembleBundle({
      ...source,
      evidence: [],
      late: () => new Promise((resolve) => setTimeout(() => resolve('late'), 30)),
      tasks: [
        { id: 'accounts', collect: async () => Promise.reject(new Error('no space left on device: /home/somebody')) },
        { id: 'waterfalls', collect: () => new Promise(() => undefined) },
      ],
    });
    const results: unknown = JSON.parse(files['task-result.json'] ?? '');
    expect(results).toEqual([
      { id: 'accounts', ok: false, error: expect.stringMatching(/^no space left on device …\d+$/) },
      { id: 'waterfalls', ok: false, error: expect.any(String) },
    ]);
    expect(Object.keys(files)).toEqual(expect.arrayContaining(['findings.json', 'manifest.json']));
  });

  it('keeps of the log the times, codes and our own words', async () => {
    const line = {
      level: 40,
      time: 5,
      account: 'acc_1',
      msg: 'WhatsApp: DISCONNECTED',
      code: 'WHATSAPP_DISCONNECTED',
      fix: 'x',
      err: {
        type: 'Error',
        message: 'database is locked by Wang',
        stack: 'Error: x\n at y (file:///home/wang/server/src/store/open.ts:12:3)',
      },
    };
    const files = await assembleBundle({
      ...source,
      evidence: [],
      tasks: [{ id: 'log', collect: async () => `${JSON.stringify(line)}\n` }],
    });
    expect(JSON.parse(files['server.log'] ?? '')).toEqual({
      level: 40,
      time: 5,
      account: expect.stringMatching(/^p_/),
      msg: 'WhatsApp: DISCONNECTED',
      code: 'WHATSAPP_DISCONNECTED',
      err: { type: '…5', message: 'database is locked …26', stack: ['server/src/store/open.ts:12'] },
    });
  });
});

describe('--from-bundle', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pulseline-bundle-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const here = 'http://localhost:4000/status';
  const dial = { host: 'localhost', address: '127.0.0.1', port: 4_000 } as const;
  const file = { path: 'web/.env.local', place: 'expected', readable: true } as const;
  const cases: Readonly<Record<string, Facts>> = {
    'R00.native-module': {
      'runtime.native': { module: '@photostructure/sqlite', ok: false, error: 'invalid ELF header' },
    },
    'R01.env-utf16': {
      'env.files': [{ ...file, encoding: 'utf-16le', names: ['NEXT_PUBLIC_API_BASE_URL'], oddities: ['nul'] }],
    },
    'R01.env-misspelt': {
      'env.files': [{ ...file, encoding: 'ascii', names: ['NEXT_PUBLIC_API_BASE_ULR'], oddities: ['typo'] }],
    },
    'R01.env-prefix': { 'env.files': [{ ...file, encoding: 'ascii', names: ['API_BASE_URL'], oddities: ['prefix'] }] },
    'R01.env-bad-url': {
      'env.files': [
        {
          ...file,
          encoding: 'ascii',
          names: ['NEXT_PUBLIC_API_BASE_URL'],
          oddities: ['no-scheme'],
          value: 'chat.corp:4000',
        },
      ],
      'env.base': { source: '.env.local', raw: 'chat.corp:4000', refused: 'chat.corp:4000' },
    },
    'R03.port-taken': { 'port.owners': [{ port: 4_000, owner: 'other', pid: 7, name: 'their-server' }] },
    'R04.nxdomain': { 'dns.lookup': { host: 'chat.corp.example', addresses: [], code: 'ENOTFOUND' } },
    'R05.refused': {
      'tcp.dials': [{ ...dial, outcome: 'refused', code: 'ECONNREFUSED' }],
      'port.owners': [{ port: 4_000, owner: 'nobody' }],
    },
    'R05.firewall-drop': {
      'tcp.dials': [{ host: '192.168.7.7', address: '192.168.7.7', port: 4_000, outcome: 'timeout' }],
    },
    'R06.foreign-server': {
      'tcp.dials': [{ ...dial, outcome: 'open' }],
      'http.status': { outcome: 'answered', url: here, status: 200, body: '<h1>Wang’s server</h1>', server: 'their/1' },
    },
    'R08.cors-origin': {
      'http.status': { outcome: 'answered', url: here, status: 200, product: 'pulseline', nonceMatches: true },
      'http.cors': {
        outcome: 'answered',
        url: here,
        status: 403,
        origin: 'http://chat.corp',
        problem: 'ORIGIN_REFUSED',
      },
    },
    'R09.tls-to-plain': {
      'tls.dial': { url: 'https://chat.corp', ok: false, code: 'EPROTO', error: 'wrong version number' },
    },
    'R10.upgrade-stripped': {
      'http.status': { outcome: 'answered', url: here, status: 200, product: 'pulseline', nonceMatches: true },
      'ws.upgrade': {
        outcome: 'answered',
        url: here,
        status: 426,
        received: { connection: 'close', host: 'chat.corp' },
      },
    },
    'R13.no-hello': { 'ws.open': { url: here, outcome: 'open' }, 'ws.hello': { outcome: 'silent', ms: 1_500 } },
    'R18.logged-out': {
      accounts: [
        {
          id: 'acc_1',
          kind: 'phone',
          state: 'LOGGED_OUT',
          since: 1,
          reason: 'DEVICE_REMOVED',
          raw: '401 device_removed',
        },
      ],
    },
    'R21.disk-full': {
      store: {
        kind: 'sqlite',
        ok: false,
        code: 'SQLITE_FULL',
        error: 'database or disk is full at /home/wang',
        freeBytes: 0,
      },
    },
  };

  it.each(Object.entries(cases))('%s is found again in the bundle, on another machine', async (id, facts) => {
    const evidence = evidenceOf(facts, 'doctor', around.now);
    const run = { version: '0.1.0', runId: 'x', lang: 'zh', at: around.now } as const;
    const original: Report = diagnose(evidence, around, run);
    expect(original.cause?.checkId).toBe(id);
    const path = join(folder, 'bundle.zip');
    writeFileSync(path, await pack({ evidence }));
    const again = await readBundle(path, 'en');
    expect(again.cause?.checkId).toBe(id);
    expect(again.rungs.map(({ outcome }) => outcome)).toEqual(original.rungs.map(({ outcome }) => outcome));
    expect(readFileSync(path).includes('corp')).toBe(false);
  });

  it('says by a code that a file is no bundle', async () => {
    const path = join(folder, 'other.zip');
    writeFileSync(path, zipSync({ 'a.txt': strToU8('x') }));
    await expect(readBundle(path, 'zh')).rejects.toMatchObject({ code: 'BUNDLE_UNREADABLE' });
    await expect(readBundle(join(folder, 'none.zip'), 'zh')).rejects.toMatchObject({ code: 'BUNDLE_UNREADABLE' });
    expect(() => replayBundle({}, 'zh')).toThrow();
  });
});
