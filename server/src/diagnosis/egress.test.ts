// The way out on this machine: each step of it that can be broken is told as that, through proxies too; and nothing is said over it.
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { httpProxy, socksProxy, type TestProxy } from '../../test/proxies.ts';
import { destination, ProxyFailed } from '../whatsapp/proxy.ts';
import { tryWay, tryWays, type Way } from './egress.ts';

const parts = {
  agentOf: ({ url, emulated, proxy }: Way) =>
    destination({ ...(emulated && { url: url.href }), ...(proxy !== undefined && { proxy }) }, url).agent,
  isProxyFault: (error: unknown) => error instanceof ProxyFailed,
};
const way = (url: string, proxy?: string): Way => ({
  url: new URL(url),
  emulated: true,
  ...(proxy !== undefined && { proxy }),
});

let server: Server | undefined;
let proxy: TestProxy | undefined;
const heard: string[] = [];

async function listening(answer = ''): Promise<number> {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      heard.push(bytes.toString('latin1'));
      if (answer !== '') socket.end(answer);
    });
  });
  const { port } = await new Promise<AddressInfo>((resolve) =>
    server?.listen(0, '127.0.0.1', () => {
      const at = server?.address();
      if (typeof at === 'object' && at !== null) resolve(at);
    }),
  );
  return port;
}

afterEach(async () => {
  await proxy?.close();
  server?.close();
  proxy = undefined;
  server = undefined;
  heard.length = 0;
});

describe('the way to WhatsApp', () => {
  it('is open as soon as the connection stands, and nothing was said over it', async () => {
    const port = await listening();
    expect(await tryWay(way(`ws://127.0.0.1:${port}/ws/chat`), parts)).toMatchObject({ step: 'done', port });
    expect(heard).toEqual([]);
  });

  it('tells a name that does not resolve, a port that refuses, and TLS that is none', async () => {
    expect(await tryWay(way('wss://pulseline.invalid/ws'), parts)).toMatchObject({ step: 'dns' });
    expect(await tryWay(way('ws://127.0.0.1:1/ws'), parts)).toMatchObject({ step: 'dial', outcome: 'refused' });
    const port = await listening('HTTP/1.1 200 OK\r\n\r\n');
    expect(await tryWay(way(`wss://127.0.0.1:${port}/ws`), parts)).toMatchObject({ step: 'tls' });
  });

  it('ends by itself where nothing answers', async () => {
    const port = await listening();
    expect(await tryWay(way(`wss://127.0.0.1:${port}/ws`), parts, 100)).toMatchObject({
      step: 'tls',
      outcome: 'timeout',
    });
  });

  it.each([
    ['HTTP', httpProxy],
    ['SOCKS5', socksProxy],
  ])('goes through a proxy: %s', async (_, open) => {
    const port = await listening();
    proxy = await open({ login: 'me:secret' });
    const found = await tryWay(way(`ws://127.0.0.1:${port}/ws`, proxy.url), parts);
    expect(found).toMatchObject({ step: 'done', proxy: { host: '127.0.0.1' } });
    expect(proxy.tunnels).toEqual([`127.0.0.1:${port}`]);
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  it('tells a proxy that is away, one that wants a password, and one that refuses', async () => {
    const target = 'wss://127.0.0.1:9/ws';
    expect(await tryWay(way(target, 'http://127.0.0.1:1'), parts)).toMatchObject({ step: 'proxy-dial' });
    expect(await tryWay(way(target, 'nonsense'), parts)).toMatchObject({ step: 'proxy-dial' });
    proxy = await httpProxy({ login: 'me:secret' });
    expect(await tryWay(way(target, proxy.url.replace('secret', 'wrong')), parts)).toMatchObject({
      step: 'proxy-auth',
    });
    await proxy.close();
    proxy = await httpProxy({ status: 403 });
    expect(await tryWay(way(target, proxy.url), parts)).toMatchObject({ step: 'proxy-refused' });
  });

  it('of several tells the broken one', async () => {
    const port = await listening();
    expect(await tryWays([], parts)).toBeUndefined();
    const ways = [way(`ws://127.0.0.1:${port}/ws`), way('ws://127.0.0.1:1/ws')];
    expect(await tryWays(ways, parts)).toMatchObject({ step: 'dial', port: 1 });
  });
});
