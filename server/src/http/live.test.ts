// The door of /ws: who gets through, how the others are told, and what is said to a request that came without an upgrade.
import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { aWorld, fakeParts, type World } from '../../test/fake-parts.ts';
import { buildApi } from './app.ts';
import { listen } from './listen.ts';
import type { Api } from './parts.ts';

let world: World;
let app: Api;
let port = 0;

beforeEach(async () => {
  world = aWorld();
  app = buildApi(fakeParts(world, { ports: () => ({ api: port, web: 3000 }) }));
  port = await listen(app, ['127.0.0.1', '::1'], 0, 'PORT');
});
afterEach(() => app.close());

/** The status and body of a refused upgrade, or 101. */
async function upgrade(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      socket.terminate();
      resolve({ status: 101, body: '' });
    });
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (bytes) => {
        body += bytes;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    socket.on('error', reject);
  });
}

describe('/ws', () => {
  it('takes a bare client', async () => {
    expect((await upgrade('/ws')).status).toBe(101);
    expect(world.asked).toEqual([['accept', undefined, undefined, undefined]]);
  });
  it('hands position and choices to the hub', async () => {
    await upgrade('/ws?cursor=acc_a:e1:5,workspace:2&types=new_message&streams=acc_a,,acc_b');
    expect(world.asked).toEqual([['accept', 'acc_a:e1:5,workspace:2', ['new_message'], ['acc_a', 'acc_b']]]);
  });
  it('takes our pages and refuses others, before the upgrade', async () => {
    expect((await upgrade('/ws', { origin: 'http://localhost:3000' })).status).toBe(101);
    for (const origin of ['null', 'http://localhost:5555', 'https://attacker.example']) {
      const { status, body } = await upgrade('/ws', { origin });
      expect([status, JSON.parse(body).code]).toEqual([403, 'ORIGIN_REFUSED']);
    }
    expect(world.sockets.length).toBe(1);
  });
  it('refuses a foreign Host', async () => {
    const { status, body } = await upgrade('/ws', { host: `attacker.example:${port}` });
    expect([status, JSON.parse(body).code]).toEqual([421, 'HOST_REFUSED']);
  });
  it.each(['/', '/ws/', '/wss', '/socket.io/?EIO=4'])('answers 404 to an upgrade of %s', async (path) => {
    const { status, body } = await upgrade(path);
    expect([status, JSON.parse(body).code]).toEqual([404, 'NOT_FOUND']);
  });
  it('closes with 1009 over 64 KiB', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    await once(socket, 'open');
    world.sockets[0]?.listen({
      message: () => undefined,
      pong: () => undefined,
      drain: () => undefined,
      closed: () => undefined,
    });
    socket.send('x'.repeat(65_537));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1009);
  });
  it('negotiates no compression', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { perMessageDeflate: true });
    await once(socket, 'open');
    expect(socket.extensions).toBe('');
    socket.terminate();
  });
});

describe('GET /ws without an upgrade', () => {
  it('says 426 and shows what arrived, so that a proxy that swallowed it is found', async () => {
    const headers = { via: '1.1 proxy', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAA', cookie: 'secret' };
    const response = await new Promise<{ status: number; upgrade: string | undefined; body: string }>(
      (resolve, reject) => {
        request({ port, host: '127.0.0.1', path: '/ws', headers }, (answer) => {
          let body = '';
          answer.on('data', (bytes) => {
            body += bytes;
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, upgrade: answer.headers['upgrade'], body }));
        })
          .on('error', reject)
          .end();
      },
    );
    expect([response.status, response.upgrade]).toEqual([426, 'websocket']);
    const problem = JSON.parse(response.body);
    expect(problem).toMatchObject({
      code: 'UPGRADE_REQUIRED',
      status: 426,
      received: { method: 'GET', httpVersion: '1.1' },
    });
    expect(problem.received.headers).toMatchObject({
      host: `127.0.0.1:${port}`,
      via: '1.1 proxy',
      'sec-websocket-key': 'present',
    });
    expect(response.body).not.toContain('secret');
  });
  it('answers a request that offers another protocol as if it had not', async () => {
    const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
      request({ port, host: '127.0.0.1', path: '/livez', headers }, (response) => {
        let body = '';
        response.on('data', (bytes) => {
          body += bytes;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      })
        .on('error', reject)
        .end();
    });
    expect(answer).toEqual({ status: 200, body: '{"ok":true}' });
  });
});
