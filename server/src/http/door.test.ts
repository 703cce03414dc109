// What every route has in common: local mode, one shape for errors in the reader's language, limits, and headers.

import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aWorld, fakeParts, PORT, type World } from '../../test/fake-parts.ts';
import { buildApi } from './app.ts';
import { routes } from './docs-routes.ts';
import { listen } from './listen.ts';
import type { Api } from './parts.ts';

let world: World;
let app: Api;
const host = `localhost:${PORT}`;
const json = { host, 'content-type': 'application/json' };

beforeEach(() => {
  world = aWorld();
  app = buildApi(fakeParts(world));
});
afterEach(() => app.close());

describe('local mode', () => {
  it.each(['/status', '/livez', '/metrics', '/api/accounts', '/', '/ws', '/nowhere'])(
    'answers 421 on %s to a foreign Host',
    async (url) => {
      const answer = await app.inject({ url, headers: { host: 'attacker.example' } });
      expect([answer.statusCode, answer.json().code]).toEqual([421, 'HOST_REFUSED']);
      expect(answer.json().host).toBe('attacker.example');
    },
  );
  it.each(['/status', '/api/accounts', '/nowhere'])(
    'answers 403 on %s to a foreign page, and lets it read nothing',
    async (url) => {
      for (const origin of ['null', 'http://localhost:5555', 'https://attacker.example']) {
        const answer = await app.inject({ url, headers: { host, origin } });
        expect([answer.statusCode, answer.json().code]).toEqual([403, 'ORIGIN_REFUSED']);
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      }
    },
  );
  it('lets in who sends no Origin, and our own pages', async () => {
    expect((await app.inject({ url: '/status', headers: { host } })).statusCode).toBe(200);
    const origin = 'http://localhost:3000';
    const answer = await app.inject({ url: '/status', headers: { host, origin } });
    expect([answer.statusCode, answer.headers['access-control-allow-origin']]).toEqual([200, origin]);
    expect(answer.headers['vary']).toContain('Origin');
  });
  it('refuses what a foreign form can send', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const answer = await app.inject({
        method: 'POST',
        url: '/api/accounts',
        headers: { host, 'content-type': type },
        payload: '{}',
      });
      expect([answer.statusCode, answer.json().code]).toEqual([415, 'MEDIA_TYPE_REFUSED']);
    }
    expect(world.asked).toEqual([]);
  });
  it('refuses a write that the browser says came from elsewhere', async () => {
    const headers = { ...json, 'sec-fetch-site': 'cross-site' };
    expect((await app.inject({ method: 'POST', url: '/api/accounts', headers, payload: '{}' })).statusCode).toBe(403);
    expect(world.asked).toEqual([]);
  });
  it('asks for no further header', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/accounts',
      headers: json,
      payload: '{"label":"A","kind":"phone"}',
    });
    expect(answer.statusCode).toBe(201);
  });
});

describe('preflight', () => {
  const headers = {
    host,
    origin: 'http://localhost:3000',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,idempotency-key',
  };
  it('lets our pages write', async () => {
    const answer = await app.inject({ method: 'OPTIONS', url: '/api/messages', headers });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers['access-control-allow-origin']).toBe('http://localhost:3000');
    const allowed = String(answer.headers['access-control-allow-methods']).split(', ');
    const used = new Set(Object.keys(routes).map((route) => route.split(' ')[0]));
    expect([...used].filter((method = '') => !allowed.includes(method))).toEqual([]);
    expect(String(answer.headers['access-control-allow-headers']).toLowerCase()).toContain('idempotency-key');
    expect(answer.headers['access-control-allow-private-network']).toBeUndefined();
  });
  it('answers the question for private networks', async () => {
    const asking = { ...headers, 'access-control-request-private-network': 'true' };
    const answer = await app.inject({ method: 'OPTIONS', url: '/api/messages', headers: asking });
    expect(answer.headers['access-control-allow-private-network']).toBe('true');
  });
  it('says no to others', async () => {
    const answer = await app.inject({
      method: 'OPTIONS',
      url: '/api/messages',
      headers: { ...headers, origin: 'http://localhost:5555' },
    });
    expect(answer.statusCode).toBe(403);
  });
});

describe('errors', () => {
  it('have one shape, with a code, what happened and what to do', async () => {
    const answer = await app.inject({ url: '/api/accounts/acc_x', headers: { host } });
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.json()).toEqual({
      type: 'urn:pulseline:error:ACCOUNT_NOT_FOUND',
      title: '没有这个账号',
      status: 404,
      code: 'ACCOUNT_NOT_FOUND',
      detail: '没有这个账号',
      fix: '用 GET /api/accounts 查看账号。',
      retry: false,
      id: 'acc_x',
    });
  });
  it.each([
    ['en-GB,en;q=0.9', 'There is no such account'],
    ['fr, en;q=0.5', 'There is no such account'],
    ['zh-CN,zh;q=0.9,en;q=0.8', '没有这个账号'],
    ['en;q=0.2, zh;q=0.9', '没有这个账号'],
    ['en;q=0', '没有这个账号'],
    ['*', '没有这个账号'],
    ['', '没有这个账号'],
  ])("speak the reader's language: %s", async (accepted, title) => {
    const answer = await app.inject({ url: '/api/accounts/acc_x', headers: { host, 'accept-language': accepted } });
    expect(answer.json().title).toBe(title);
  });
  it('are 404 for an unknown path and 405 for an unknown method', async () => {
    const unknown = await app.inject({ url: '/api/nothing', headers: { host } });
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'NOT_FOUND']);
    const method = await app.inject({ method: 'DELETE', url: '/api/messages/m_1/trace', headers: { host } });
    expect([method.statusCode, method.json().code, method.headers['allow']]).toEqual([
      405,
      'METHOD_NOT_ALLOWED',
      'GET, HEAD',
    ]);
  });
  it.each([
    ['no JSON', '{'],
    ['two values', '{} {}'],
    ['__proto__', '{"label":"A","kind":"phone","__proto__":{"x":1}}'],
    ['a nested __proto__', '{"label":"A","kind":"phone","x":{"__proto__":{"x":1}}}'],
    ['constructor.prototype', '{"label":"A","kind":"phone","constructor":{"prototype":{"x":1}}}'],
    ['too deep', '['.repeat(100_000)],
  ])('are 400 for %s in the body', async (_what, payload) => {
    const answer = await app.inject({ method: 'POST', url: '/api/accounts', headers: json, payload });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'BAD_REQUEST']);
    expect(world.asked).toEqual([]);
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });
  it('are 400 for text that is not UTF-8, as old shells send it', async () => {
    const payload = Buffer.concat([
      Buffer.from('{"label":"'),
      Buffer.from([0xbf, 0xcd]),
      Buffer.from('","kind":"phone"}'),
    ]);
    const answer = await app.inject({ method: 'POST', url: '/api/accounts', headers: json, payload });
    expect(answer.json().code).toBe('BAD_REQUEST');
  });
  it('are 413 over 1 MiB', async () => {
    const payload = JSON.stringify({ label: 'x'.repeat(1_048_576), kind: 'phone' });
    const answer = await app.inject({ method: 'POST', url: '/api/accounts', headers: json, payload });
    expect([answer.statusCode, answer.json().code]).toEqual([413, 'BODY_TOO_LARGE']);
  });
  it('are 400 for a path that cannot be decoded', async () => {
    const answer = await app.inject({ url: '/api/accounts/%zz', headers: { host } });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'BAD_REQUEST']);
  });
  it('keep the inside inside: an id for the log, no message, no stack, no path', async () => {
    world.outcome = new Error('secret at /home/me/data');
    const answer = await app.inject({ method: 'POST', url: '/api/messages/m_1/retry', headers: { host } });
    expect([answer.statusCode, answer.json().code]).toEqual([500, 'INTERNAL']);
    expect(answer.json().id).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.payload).not.toMatch(/secret|home|at /);
  });
});

describe('every answer', () => {
  it.each(['/status', '/nowhere', '/api/accounts'])('of %s may not be framed, sniffed or kept', async (url) => {
    const { headers } = await app.inject({ url, headers: { host } });
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['cache-control']).toBe('no-store');
  });
});

describe('GET /', () => {
  it.each(['localhost', '127.0.0.1', '[::1]'])('leads to the pages under the same name: %s', async (name) => {
    const answer = await app.inject({ url: '/', headers: { host: `${name}:${PORT}` } });
    expect([answer.statusCode, answer.headers['location']]).toEqual([302, `http://${name}:3000/`]);
  });
});

describe('what is no request', () => {
  const speak = async (text: string): Promise<string> => {
    const port = await listen(app, ['127.0.0.1'], 0, 'PORT');
    const socket = connect(port, '127.0.0.1');
    socket.write(text);
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes;
    });
    await once(socket, 'close');
    return answer;
  };
  it('gets a problem too: no HTTP', async () => {
    const answer = await speak('\u0016\u0003\u0001 hello\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '').code).toBe('BAD_REQUEST');
  });
  it('gets a problem too: a head without end', async () => {
    expect(await speak(`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });
});
