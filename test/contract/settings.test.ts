// docs/api.md, "Settings", against the running product: its defaults, what each setting does, and what is refused at start.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readConfig, settings } from '../../server/src/config.ts';
import { root, startChild } from '../child.ts';
import { Product } from '../product.ts';
import { until } from '../until.ts';
import { apiAt, send } from './api.ts';
import { openWire } from './wire.ts';

const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
const hasIpv6 = addresses.some(({ address }) => address === '::1');

async function listening(server: Server): Promise<string> {
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port');
  return `http://127.0.0.1:${address.port}`;
}

describe('the defaults', () => {
  const config = readConfig({});

  it('PORT 4000, WEB_PORT 3000, HOST loopback in both families, LOG_LEVEL info, PULSELINE_LANG zh, the rest empty', () => {
    expect(config).toMatchObject({
      port: 4000,
      webPort: 3000,
      hosts: ['127.0.0.1', '::1'],
      logLevel: 'info',
      language: 'zh',
    });
    const { emulatorUrl, emulatorRoot, proxy, allowedOrigins } = config;
    expect([emulatorUrl, emulatorRoot, proxy, allowedOrigins]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('DATA_DIR is data in the repository root, whatever the working directory', () => {
    expect(config.dataDir).toBe(join(root, 'data'));
    expect(readConfig({ DATA_DIR: 'elsewhere' }).dataDir).toBe(join(root, 'elsewhere'));
  });

  it('every setting of the contract is one, and docs/settings.md lists them', () => {
    const page = readFileSync(join(root, 'docs', 'settings.md'), 'utf8');
    const names = Object.values(settings).map(({ name }) => name);
    const wanted = [
      'PORT',
      'WEB_PORT',
      'HOST',
      'DATA_DIR',
      'ALLOWED_ORIGINS',
      'EMULATOR_URL',
      'EMULATOR_ROOT',
      'WA_PROXY',
      'LOG_LEVEL',
      'PULSELINE_LANG',
    ];
    expect(names).toEqual(expect.arrayContaining(wanted));
    expect(names.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });
});

describe('with the defaults', () => {
  let product: Product;
  beforeAll(async () => {
    // A word that is no address is passed over, and hides a web/.env.local of whoever runs the tests.
    product = await Product.start({ env: { NEXT_PUBLIC_API_BASE_URL: 'none' } });
  });
  afterAll(() => product.close());

  it('HOST: both ports answer on 127.0.0.1 and, where there is IPv6, on ::1; nowhere else', async () => {
    for (const port of [product.port, product.webPort]) {
      for (const host of hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'])
        expect([host, (await send(port, host, 'GET', '/')).status]).not.toEqual([host, 421]);
      for (const { address } of addresses.filter(({ internal, family }) => !internal && family === 'IPv4')) {
        const socket = connect(port, address);
        const [error] = await once(socket, 'error');
        expect([address, error.code]).toEqual([address, 'ECONNREFUSED']);
      }
    }
    const wire = await openWire(product.wsUrl);
    wire.close();
  });

  it('pages are on WEB_PORT only; GET / on PORT redirects there', async () => {
    const html = { accept: 'text/html' };
    const there = await send(product.port, 'localhost', 'GET', '/', { headers: html });
    expect([there.status, there.headers['location']]).toEqual([302, `http://localhost:${product.webPort}/`]);
    const page = await send(product.webPort, 'localhost', 'GET', '/', { headers: html });
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect((await send(product.port, 'localhost', 'GET', '/inbox', { headers: html })).status).toBe(404);
    for (const path of ['/status', '/api/accounts', '/ws'])
      expect([path, (await send(product.webPort, 'localhost', 'GET', path)).status]).toEqual([path, 404]);
  });

  it('without NEXT_PUBLIC_API_BASE_URL the pages ask {the page’s host}:PORT', async () => {
    const { text } = await send(product.webPort, 'localhost', 'GET', '/');
    expect(text).toContain(`<html data-api-port="${product.port}"`);
    expect(text).not.toContain('data-api-base');
  });

  it('DATA_DIR: a second process refuses to start and names the first’s pid', async () => {
    const { pid } = product.child;
    const refused = await Product.start({ dataDir: product.dataDir }).then(
      () => 'started',
      (error: unknown) => String(error),
    );
    expect(refused).toContain('DATA_DIR_LOCKED');
    expect(refused).toContain(String(pid));
    expect((await product.status()).store.ok).toBe(true);
  });

  it('cd server && npm run dev opens PORT only, so that next dev finds WEB_PORT free', {
    timeout: 60_000,
  }, async () => {
    const script = JSON.parse(readFileSync(join(root, 'server', 'package.json'), 'utf8')).scripts.dev;
    expect(script).toBe('node ../scripts/dev.mjs server');
    await product.stop();
    const nextDev = createTcpServer().listen({ host: '127.0.0.1', port: product.webPort });
    await once(nextDev, 'listening');
    const dev = startChild([join(root, 'scripts', 'dev.mjs'), 'server'], {
      PORT: String(product.port),
      WEB_PORT: String(product.webPort),
      DATA_DIR: product.dataDir,
    });
    const api = apiAt(product.port);
    await until('the API alone', async () => (await api('GET', '/status')).status === 200, 30_000);
    await dev.end('SIGTERM');
    await until('nobody at PORT', async () => (await api('GET', '/livez').catch(() => undefined)) === undefined);
    nextDev.close();
  });
});

describe('what is refused at start', () => {
  let product: Product | undefined;
  afterEach(() => product?.close());

  it('HOST that is not loopback, a setting that cannot be read, a port that is taken: exit 1, a code and what to do', async () => {
    product = await Product.start();
    await product.stop();
    const taken = createTcpServer().listen({ host: '127.0.0.1', port: product.port });
    await once(taken, 'listening');
    for (const [env, code, said] of [
      [{ HOST: '0.0.0.0' }, 'HOST_NOT_LOOPBACK', '0.0.0.0'],
      [{ HOST: '192.168.1.5' }, 'HOST_NOT_LOOPBACK', '192.168.1.5'],
      [{ LOG_LEVEL: 'loud' }, 'SETTING_INVALID', 'LOG_LEVEL'],
      [{}, 'PORT_TAKEN', String(process.pid)],
    ] as const) {
      product.launch(env);
      expect([code, await product.ended()]).toEqual([code, 1]);
      const output = product.child.output();
      expect(output).toContain(`[${code}]`);
      expect(output).toContain(said);
      expect(output).toContain('→');
      expect(output).not.toMatch(/\n\s+at /);
    }
    taken.close();
  });
});

describe('with every setting set', () => {
  const through: string[] = [];
  const own: string[] = [];
  const proxyInto = (asked: string[]) =>
    createServer().on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
  const [proxy, ownProxy] = [proxyInto(through), proxyInto(own)];
  let product: Product;
  beforeAll(async () => {
    product = await Product.start({
      env: {
        HOST: '127.0.0.1',
        ALLOWED_ORIGINS: 'https://desk.example,http://localhost:7777',
        WA_PROXY: await listening(proxy),
        MEDIA_BUDGET_GB: '2',
        LOG_LEVEL: 'debug',
        PULSELINE_LANG: 'zh',
        NEXT_PUBLIC_API_BASE_URL: 'http://localhost:4321/',
      },
    });
  });
  afterAll(async () => {
    await product.close();
    for (const server of [proxy, ownProxy]) server.close();
  });

  it('MEDIA_BUDGET_GB is the `budget` of GET /api/workspace, in bytes', async () => {
    expect((await apiAt(product.port)('GET', '/api/workspace')).json).toMatchObject({
      media: { budget: 2 * 1024 ** 3 },
    });
  });

  it('ALLOWED_ORIGINS: exact origins, in place of the default ones', async () => {
    const asked = async (origin: string) =>
      (await send(product.port, '127.0.0.1', 'GET', '/status', { headers: { origin } })).status;
    expect([await asked('https://desk.example'), await asked('http://localhost:7777')]).toEqual([200, 200]);
    for (const origin of [
      `http://localhost:${product.webPort}`,
      'http://desk.example',
      'https://desk.example:444',
      'https://sub.desk.example',
    ])
      expect([origin, await asked(origin)]).toEqual([origin, 403]);
    const wire = await openWire(product.wsUrl, { origin: 'https://desk.example' });
    wire.close();
  });

  it('WA_PROXY is for all traffic to WhatsApp; an account’s own one by PATCH', async () => {
    const { id } = await product.addAccount('Real', 'phone');
    await until('a dial through the proxy', () => through.includes('web.whatsapp.com:443'), 20_000);
    const { reason } = await product.inState(id, 'DISCONNECTED');
    expect(reason?.code).toBe('PROXY_FAILED');
    await product.call('PATCH', `/api/accounts/${id}`, { proxy: await listening(ownProxy) });
    await until('a dial through its own', () => own.includes('web.whatsapp.com:443'), 20_000);
    await product.call('DELETE', `/api/accounts/${id}`);
  });

  it('PULSELINE_LANG: the server’s own texts; LOG_LEVEL: what is logged', async () => {
    const answer = await send(product.port, '127.0.0.1', 'GET', '/api/accounts/none');
    expect(answer.json).toMatchObject({ title: '没有这个账号' });
    expect(product.child.output()).toContain('请打开 http://localhost');
    await until('a line about the request', () => product.child.output().includes('answered'));
  });

  it('NEXT_PUBLIC_API_BASE_URL is honoured in production without a rebuild', async () => {
    const { text, headers } = await send(product.webPort, 'localhost', 'GET', '/');
    expect(text).toContain('data-api-base="http://localhost:4321"');
    expect(headers['content-security-policy']).toContain('ws://localhost:4321');
  });
});
