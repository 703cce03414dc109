// docs/api.md, "Local mode", and the rows of the threat table that apply to it, against the running product: what a foreign page, a foreign name, a flood or a broken client can do, which is nothing.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { root } from '../child.ts';
import { Product } from '../product.ts';
import { generator } from '../random.ts';
import { until } from '../until.ts';
import { type Api, apiAt, type Method, send } from './api.ts';
import { openWire } from './wire.ts';

const seed = Number(process.env['PULSELINE_SEED'] ?? Math.floor(Math.random() * 1_000_000));

let product: Product;
let api: Api;
/** Heads that never end, begun at the start since the limit for them is ten seconds. */
let dribblers: readonly { readonly socket: Socket; readonly answer: Promise<string> }[];

beforeAll(async () => {
  product = await Product.start();
  api = apiAt(product.port);
  dribblers = Array.from({ length: 50 }, () => dribble(product.port));
});
afterAll(() => product.close());

/** The status of an upgrade with these headers: 101, or that of the refusal. */
async function upgrade(headers: Readonly<Record<string, string>>, path = '/ws'): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${product.port}${path}`, { headers });
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', reject);
  });
}

const pages = ['/', '/inbox', '/test-ws', '/sandbox', '/settings'] as const;
const body = { label: 'Forged', kind: 'sandbox' };

async function nothingWasDone(): Promise<void> {
  expect((await product.status()).accounts).toEqual([]);
}

describe('Host must be localhost, 127.0.0.1 or [::1] with our port, else 421 HOST_REFUSED (DNS rebinding)', () => {
  const names = ['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'];

  it.each(names)('%s is let in, on HTTP, /ws and the pages', async (name) => {
    const host = `${name}:${product.port}`;
    expect((await api('GET', '/status', { headers: { host } })).status).toBe(200);
    expect(await upgrade({ host })).toBe(101);
    const page = { headers: { host: `${name}:${product.webPort}` } };
    // No policy can name an IPv6 address: such a page leads to localhost.
    expect((await send(product.webPort, '127.0.0.1', 'GET', '/', page)).status).toBe(name === '[::1]' ? 302 : 200);
  });

  it.each([
    'attacker.example',
    'localhost.attacker.example',
    '127.0.0.1.nip.io',
    '0.0.0.0',
    '192.168.1.5',
    '[::ffff:127.0.0.1]',
    '127.1',
    '',
  ])('%s is not, neither on /status, on a write, on /ws nor on the pages', async (name) => {
    for (const host of [`${name}:${product.port}`, `${name}:${product.webPort}`, name || 'x']) {
      const status = await api('GET', '/status', { headers: { host } });
      expect([host, status.status, status.code]).toEqual([host, 421, 'HOST_REFUSED']);
      expect([host, await upgrade({ host })]).toEqual([host, 421]);
      expect((await api('POST', '/api/accounts', { headers: { host }, body })).status).toBe(421);
      expect((await send(product.webPort, '127.0.0.1', 'GET', '/', { headers: { host } })).status).toBe(421);
    }
    await nothingWasDone();
  });

  it('the right name with another port is not either', async () => {
    for (const host of ['localhost', `localhost:${product.port + 7}`, `localhost:${product.webPort}`])
      expect([host, (await api('GET', '/status', { headers: { host } })).status]).toEqual([host, 421]);
  });
});

describe('an Origin header, if there is one, must be allowed, else 403 ORIGIN_REFUSED (CSWSH)', () => {
  it('http on localhost, 127.0.0.1 and [::1] at WEB_PORT and PORT is, on HTTP and /ws; CORS says so', async () => {
    for (const name of ['localhost', '127.0.0.1', '[::1]']) {
      for (const port of [product.port, product.webPort]) {
        const origin = `http://${name}:${port}`;
        const answer = await api('GET', '/status', { headers: { origin } });
        expect([origin, answer.status, answer.headers['access-control-allow-origin']]).toEqual([origin, 200, origin]);
        expect([origin, await upgrade({ origin })]).toEqual([origin, 101]);
      }
    }
  });

  const foreign = (port: number, webPort: number) => [
    'null',
    'http://localhost',
    'http://localhost:5555',
    `http://localhost:${webPort}0`,
    `http://localhost:${webPort}/`,
    `http://localhost:${webPort}.attacker.example`,
    `http://localhost:${webPort}@attacker.example`,
    'http://attacker.example',
    `http://attacker.example:${webPort}`,
    `http://attacker.example:${port}`,
    `http://localhost.attacker.example:${webPort}`,
    `http://attackerlocalhost:${webPort}`,
    `http://sub.localhost:${webPort}`,
    `http://LOCALHOST:${webPort}`,
    `HTTP://localhost:${webPort}`,
    `https://localhost:${webPort}`,
    `https://127.0.0.1:${port}`,
    `ws://localhost:${webPort}`,
    'file://',
    'chrome-extension://abcdef',
    `http://127.0.0.2:${webPort}`,
    `http://127.1:${webPort}`,
    `http://0.0.0.0:${webPort}`,
    `http://[::]:${webPort}`,
    `http://[::ffff:127.0.0.1]:${webPort}`,
    `http://2130706433:${webPort}`,
    `http://xn--lcalhost-2ve:${webPort}`,
    `http://localhost:${webPort}, http://attacker.example`,
    `http://localhost%3A${webPort}`,
    'https://attacker.example/?http://localhost:3000',
  ];

  it('30 others are not: null, suffix, port, case, IDN, sub-domain; before the upgrade, with or without a cookie', async () => {
    const origins = foreign(product.port, product.webPort);
    expect(origins.length).toBe(30);
    for (const origin of origins) {
      for (const headers of [{ origin }, { origin, cookie: 'session=1' }])
        expect([origin, await upgrade(headers)]).toEqual([origin, 403]);
      const read = await api('GET', '/status', { headers: { origin } });
      const write = await api('POST', '/api/accounts', { headers: { origin }, body });
      expect([origin, read.code, write.code]).toEqual([origin, 'ORIGIN_REFUSED', 'ORIGIN_REFUSED']);
      expect(read.headers['access-control-allow-origin']).toBeUndefined();
    }
    await nothingWasDone();
    expect((await product.status()).ws.clients).toBe(0);
  });

  it('no Origin (curl, Node, PowerShell) is let in, and no further header is asked for', async () => {
    expect(await upgrade({})).toBe(101);
    const made = await api('POST', '/api/accounts', { body });
    expect(made.status).toBe(201);
    for (const { id } of (await product.status()).accounts) await api('DELETE', `/api/accounts/${id}`);
  });
});

describe('writes are application/json or multipart, and Sec-Fetch-Site is ours (CSRF)', () => {
  const text = JSON.stringify(body);

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'text/plain; application/json'])(
    '%s, which a form can send, is 415 MEDIA_TYPE_REFUSED',
    async (type) => {
      const answer = await api('POST', '/api/accounts', { headers: { 'content-type': type }, body: text });
      expect([answer.status, answer.code]).toEqual([415, 'MEDIA_TYPE_REFUSED']);
      await nothingWasDone();
    },
  );

  it('a form post and a fetch of a page at :5555 are 403, whatever type they claim', async () => {
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/json',
    ]) {
      const headers = { origin: 'http://localhost:5555', 'sec-fetch-site': 'same-site', 'content-type': type };
      expect([type, (await api('POST', '/api/accounts', { headers, body: text })).status]).toEqual([type, 403]);
    }
    await nothingWasDone();
  });

  it('Sec-Fetch-Site: same-origin, or same-site with an allowed Origin; nothing else', async () => {
    const origin = `http://localhost:${product.webPort}`;
    const asked = async (headers: Readonly<Record<string, string>>) =>
      (await api('POST', '/api/accounts/acc_none/restart', { headers })).status;
    expect(await asked({ 'sec-fetch-site': 'same-origin' })).toBe(404);
    expect(await asked({ 'sec-fetch-site': 'same-site', origin })).toBe(404);
    for (const headers of [
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin },
      { 'sec-fetch-site': 'none' },
    ])
      expect([headers, await asked(headers)]).toEqual([headers, 403]);
  });

  it('a preflight tells our pages what they may send, and others nothing', async () => {
    const asks = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,idempotency-key',
    };
    const ours = await api('OPTIONS', '/api/messages', {
      headers: { ...asks, origin: `http://localhost:${product.webPort}` },
    });
    expect(ours.status).toBe(204);
    expect(String(ours.headers['access-control-allow-headers']).toLowerCase()).toContain('idempotency-key');
    const theirs = await api('OPTIONS', '/api/messages', { headers: { ...asks, origin: 'http://localhost:5555' } });
    expect([theirs.status, theirs.headers['access-control-allow-origin']]).toEqual([403, undefined]);
  });
});

describe('what an answer allows a browser (clickjacking, sniffing, scripts)', () => {
  it.each(['/status', '/nowhere', '/docs', '/docs/openapi.json', '/metrics', '/ws'])(
    'API %s: nosniff, not framed, not kept',
    async (path) => {
      const { headers } = await api('GET', path);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['cache-control']).toBe('no-store');
    },
  );

  it.each(pages)('page %s: nosniff, not framed, scripts only ours or by their hash', async (path) => {
    const { status, headers, text } = await send(product.webPort, '127.0.0.1', 'GET', path, {
      headers: { accept: 'text/html' },
    });
    expect([path, status]).toEqual([path, 200]);
    expect([headers['x-content-type-options'], headers['x-frame-options']]).toEqual(['nosniff', 'DENY']);
    const policy = String(headers['content-security-policy']);
    for (const rule of ["frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'", "form-action 'self'"])
      expect(policy).toContain(rule);
    const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? '';
    expect(scripts).toMatch(/^'self'( 'sha256-[\w+/=]+')*$/);
    expect(text).not.toMatch(/<[^>]+\son\w+=/);
  });
});

describe('a flood or a broken client harms only its own connection', () => {
  it('a frame of 64 KiB is taken; one byte more is closed with 1009', async () => {
    const frame = (bytes: number) => `{"type":"test","data":"${'x'.repeat(bytes - 25)}"}`;
    const wire = await openWire(product.wsUrl);
    expect(frame(65_536).length).toBe(65_536);
    wire.send(frame(65_536));
    await wire.frame('test_echo');
    wire.send(frame(65_537));
    expect(await wire.closed()).toBe(1009);
  });

  it('40 frames at once are taken; a flood is closed with 4029, and others notice nothing', async () => {
    const other = await openWire(product.wsUrl);
    const polite = await openWire(product.wsUrl);
    for (let i = 0; i < 40; i++) polite.send({ type: 'test', data: i });
    await until('forty echoes', () => polite.of('test_echo').length === 40);
    const flooding = await openWire(product.wsUrl);
    const began = performance.now();
    for (let i = 0; i < 2_000; i++) flooding.send({ type: 'test', data: 'x'.repeat(1_000) });
    expect(await flooding.closed()).toBe(4029);
    const refilled = (20 * (performance.now() - began)) / 1_000;
    expect(flooding.of('test_echo').length).toBeGreaterThanOrEqual(40);
    expect(flooding.of('test_echo').length).toBeLessThanOrEqual(40 + Math.ceil(refilled));
    other.send({ type: 'test', data: 'still here' });
    await other.frame('test_echo');
    expect(polite.socket.readyState).toBe(WebSocket.OPEN);
    other.close();
    polite.close();
  });

  it('ten frames in a row that cannot be understood are closed with 4500, nine are not', async () => {
    const wire = await openWire(product.wsUrl);
    for (let i = 0; i < 9; i++) wire.send('{');
    await until('nine errors', () => wire.of('error').length === 9);
    wire.send({ type: 'test', data: 'well again' });
    await wire.frame('test_echo');
    for (let i = 0; i < 10; i++) wire.send('{');
    expect(await wire.closed()).toBe(4500);
  });

  it('keys that reach a prototype are refused, in frames and bodies, and no prototype changes', async () => {
    const poisoned = [
      '{"__proto__":{"polluted":1}}',
      '{"a":{"__proto__":{"polluted":1}}}',
      '[{"__proto__":1}]',
      '{"constructor":{"prototype":{"polluted":1}}}',
    ];
    const wire = await openWire(product.wsUrl);
    for (const data of poisoned) wire.send(`{"type":"test","data":${data}}`);
    wire.send('{"type":"test","__proto__":{"data":1},"data":2}');
    await until('five errors', () => wire.of('error').length === 5);
    expect(wire.of('test_echo')).toEqual([]);
    wire.send({ type: 'test', data: {} });
    expect((await wire.frame('test_echo')).data).not.toHaveProperty('polluted');
    wire.close();
    for (const data of poisoned.slice(0, 2).concat(poisoned.slice(3))) {
      const answer = await api('POST', '/api/accounts', {
        headers: { 'content-type': 'application/json' },
        body: data.replace(/}$/, ',"label":"A","kind":"sandbox"}'),
      });
      expect([data, answer.status]).toEqual([data, 400]);
    }
    expect(JSON.stringify(await product.status())).not.toContain('polluted');
    await nothingWasDone();
  });

  it('a frame deeper than 64 levels is refused, and the server goes on', async () => {
    const wire = await openWire(product.wsUrl);
    wire.send(`{"type":"test","data":${'['.repeat(30_000)}${']'.repeat(30_000)}}`);
    expect((await wire.frame('error')).data).toMatchObject({ code: 'BAD_FRAME' });
    wire.close();
  });

  it('compression is off, so nothing inflates', async () => {
    const socket = new WebSocket(product.wsUrl, { perMessageDeflate: true });
    await once(socket, 'open');
    expect(socket.extensions).toBe('');
    socket.terminate();
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const answer = await api('POST', '/api/accounts', { headers, body: Buffer.from('1f8b0800', 'hex') });
    expect(answer.code).toBe('BAD_REQUEST');
  });

  it('a body over 1 MiB is 413 BODY_TOO_LARGE, one below is read', async () => {
    const label = (bytes: number) => `{"label":"${'x'.repeat(bytes - 12)}"}`;
    const asked = async (bytes: number) => {
      const answer = await api('POST', '/api/accounts', {
        headers: { 'content-type': 'application/json' },
        body: label(bytes),
      });
      return [answer.status, answer.code];
    };
    expect(label(1_048_576).length).toBe(1_048_576);
    expect(await asked(1_048_576)).toEqual([400, 'BAD_REQUEST']);
    expect(await asked(1_048_577)).toEqual([413, 'BODY_TOO_LARGE']);
  });
});

describe('error texts', () => {
  it('are in the server’s language, or in English or Chinese as Accept-Language prefers, with fix and retry', async () => {
    const asked = async (language: string) =>
      (await api('GET', '/nowhere', { headers: { 'accept-language': language } })).json;
    expect(await asked('zh-CN,en;q=0.5')).toMatchObject({
      title: '没有这个地址或对象',
      fix: expect.any(String),
      retry: false,
    });
    expect(await asked('fr')).toMatchObject({ title: 'There is no such address or thing' });
  });

  it(`are problems that tell nothing of the inside, whatever is asked (seed ${seed})`, {
    timeout: 60_000,
  }, async () => {
    const random = generator(seed);
    const pick = <T>(of: readonly [T, ...T[]]): T => of[Math.floor(random() * of.length)] ?? of[0];
    const methods: readonly [Method, ...Method[]] = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];
    const parts: readonly [string, ...string[]] = [
      'api',
      'accounts',
      'conversations',
      'messages',
      'events',
      'sandbox',
      'contacts',
      '..',
      '%2e%2e',
      '%00',
      '%zz',
      '__proto__',
      'constructor',
      'acc_x',
      'x'.repeat(300),
      '你好',
      "'",
      'docs',
    ];
    const values: readonly [string, ...string[]] = [
      '',
      '0',
      '-1',
      '1e9',
      'null',
      '{}',
      "' OR 1=1 --",
      '../../etc/passwd',
      '\u0000',
      'a:b:c',
      'x'.repeat(600),
    ];
    const bodies: readonly [string | undefined, ...(string | undefined)[]] = [
      undefined,
      '',
      '{',
      '[]',
      'null',
      '"x"',
      '{"account":{}}',
      '{"label":1}',
      '{"text":null,"to":[]}',
      '\u0000',
    ];
    const leaks = new RegExp(
      `\\bat [\\w.]+ \\(|node_modules|node:internal|\\.[jt]s:\\d|SQLITE|${root.replaceAll(/[\\/.]/g, '.')}`,
      'i',
    );
    for (let i = 0; i < 300; i++) {
      const path = `/${Array.from({ length: 1 + Math.floor(random() * 4) }, () => encodeURI(pick(parts)).replaceAll('%25', '%')).join('/')}`;
      const names: readonly [string, ...string[]] = [
        'limit',
        'cursor',
        'after',
        'before',
        'q',
        'filter',
        '__proto__',
        'lang',
        'nonce',
      ];
      const query = random() < 0.5 ? '' : `?${pick(names)}=${encodeURIComponent(pick(values))}`;
      const text = pick(bodies);
      const answer = await send(product.port, '127.0.0.1', pick(methods), `${path}${query}`, {
        headers: { 'content-type': 'application/json' },
        ...(text !== undefined && { body: text }),
      });
      if (answer.status < 400 || answer.status === 426) continue;
      expect([path, query, text, answer.status, answer.code]).toEqual([
        path,
        query,
        text,
        answer.status,
        expect.stringMatching(/^[A-Z_]+$/),
      ]);
      expect([path, query, text, answer.status]).toEqual([
        path,
        query,
        text,
        expect.toSatisfy((status: number) => status < 500),
      ]);
      expect(answer.text).not.toMatch(leaks);
    }
    await nothingWasDone();
  });
});

describe('who sends a head that never ends (slowloris)', () => {
  it('is answered 408 and cut off, fifty at a time, while others are served', { timeout: 30_000 }, async () => {
    const began = performance.now();
    expect((await api('GET', '/livez')).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(5_000);
    const heads = await Promise.all(dribblers.map(({ answer }) => answer));
    expect(heads.filter((head) => head.startsWith('HTTP/1.1 408 ')).length).toBe(50);
    expect((await api('GET', '/livez')).status).toBe(200);
  });
});

/** A byte of a head every second. */
function dribble(port: number): (typeof dribblers)[number] {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /status HTTP/1.1\r\nHost: localhost\r\nX: ');
  const timer = setInterval(() => socket.write('x'), 1_000);
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString();
  });
  socket.on('error', () => undefined);
  const answer = new Promise<string>((resolve) => {
    socket.on('close', () => {
      clearInterval(timer);
      resolve(text);
    });
  });
  return { socket, answer };
}
