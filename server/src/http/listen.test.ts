// One port on both loopback families, and what is said when it is taken.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { aWorld, fakeParts } from '../../test/fake-parts.ts';
import { buildApi } from './app.ts';
import { holderOf, pidInNetstat } from './holder.ts';
import { listen } from './listen.ts';
import type { Api } from './parts.ts';

const hasIPv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));
/** What this machine has of the two families: without IPv6 the server opens one port, and so it should. */
const both = hasIPv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'];
const names = both.map((address) => (address === '::1' ? '[::1]' : address));
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

function anApp(): { app: Api; at: (port: number) => void } {
  let port = 0;
  const app = buildApi(fakeParts(aWorld(), { ports: () => ({ api: port, web: 3000 }) }));
  opened.push(app);
  return {
    app,
    at: (open) => {
      port = open;
    },
  };
}

async function taken(host: string): Promise<number> {
  const server = createServer();
  opened.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('listen', () => {
  it('opens the same port on 127.0.0.1 and, where there is IPv6, on ::1', async () => {
    const { app, at } = anApp();
    const port = await listen(app, ['127.0.0.1', '::1'], 0, 'PORT');
    at(port);
    for (const name of names) {
      expect((await fetch(`http://${name}:${port}/livez`)).status).toBe(200);
      const socket = new WebSocket(`ws://${name}:${port}/ws`);
      await once(socket, 'open');
      socket.terminate();
    }
  });
  it('is gone from both when it is closed', async () => {
    const { app } = anApp();
    const port = await listen(app, ['127.0.0.1', '::1'], 0, 'PORT');
    await app.close();
    for (const name of names) {
      await expect(fetch(`http://${name}:${port}/livez`)).rejects.toThrow();
    }
  });
  it.each(both)('says who holds the port on %s', async (host) => {
    const port = await taken(host);
    const { app } = anApp();
    await expect(listen(app, ['127.0.0.1', '::1'], port, 'WEB_PORT')).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      params: { port, setting: 'WEB_PORT', holder: expect.stringContaining(`pid ${process.pid}`) },
    });
  });
  it('leaves nothing open behind a port that is half taken', async () => {
    const port = await taken('127.0.0.1');
    const { app } = anApp();
    await expect(listen(app, ['127.0.0.1', '::1'], port, 'PORT')).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    for (const name of names.slice(1)) await expect(fetch(`http://${name}:${port}/livez`)).rejects.toThrow();
    expect(app.server.listening).toBe(false);
  });
});

describe('holderOf', () => {
  it('is empty for a free port', async () => {
    expect(await holderOf(1)).toBe('');
  });
  it('reads netstat of Windows in any language, and takes no other port for ours', () => {
    const text = [
      '活动连接',
      '  协议  本地地址          外部地址        状态           PID',
      '  TCP    0.0.0.0:40001          0.0.0.0:0              LISTENING       1111',
      '  TCP    127.0.0.1:50000        127.0.0.1:4000         ESTABLISHED     2222',
      '  TCP    127.0.0.1:4000         127.0.0.1:50000        ESTABLISHED     3333',
      '  TCP    127.0.0.1:4000         0.0.0.0:0              ABHÖREN         4444',
    ].join('\r\n');
    expect(pidInNetstat(text, 4000)).toBe(4444);
    expect(pidInNetstat(text, 50000)).toBeUndefined();
  });
});
