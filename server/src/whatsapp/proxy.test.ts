// The way through proxies on this machine: it works, and each way in which the proxy itself fails is told as such.
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineRig } from '../../test/engine-rig.ts';
import { shownProxy } from './proxy.ts';

describe('an account with a proxy', () => {
  let rig: EngineRig;
  let server: Server | undefined;
  const sockets = new Set<Duplex>();
  beforeEach(async () => {
    rig = await EngineRig.open();
  });
  afterEach(async () => {
    await rig.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    server = undefined;
  });

  /** An HTTP proxy; `status` other than 200 refuses everybody. */
  async function proxy(status: number): Promise<{ url: string; tunnels: () => number }> {
    let tunnels = 0;
    server = createServer();
    server.on('connect', (request, client, head) => {
      sockets.add(client);
      if (status !== 200) {
        client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
        return;
      }
      const [host = '', port] = (request.url ?? '').split(':');
      const upstream = connect(Number(port), host, () => {
        tunnels += 1;
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      sockets.add(upstream);
      for (const end of [upstream, client]) end.on('error', () => {});
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    return { url: `http://127.0.0.1:${port}`, tunnels: () => tunnels };
  }

  it('goes through it', async () => {
    const { url, tunnels } = await proxy(200);
    await rig.runReady({ proxy: url });
    expect(tunnels()).toBe(2);
    await rig.emulator.contact({ name: 'Ana' }).send({ to: 'Desk', text: 'through' });
    await rig.until(() => rig.keeper.bodies().includes('through'));
  });

  it('says that the proxy wants a password', async () => {
    const { url } = await proxy(407);
    rig.run({ proxy: url });
    await rig.until(() => rig.state?.reason !== undefined);
    expect(rig.state?.reason).toMatchObject({
      code: 'PROXY_FAILED',
      text: `The proxy ${url} does not work (HTTP 407)`,
    });
  });

  it.each(['http', 'https', 'socks5'])('says that no %s proxy is there', async (scheme) => {
    rig.run({ proxy: `${scheme}://me:secret@127.0.0.1:1` });
    await rig.until(() => rig.state?.reason !== undefined);
    expect(rig.state).toMatchObject({ state: 'DISCONNECTED', reason: { code: 'PROXY_FAILED' } });
    expect(rig.state?.reason?.text).toContain(`${scheme}://127.0.0.1:1`);
    expect(rig.state?.reason?.text).toContain('ECONNREFUSED');
    expect(rig.log.join('\n')).not.toContain('secret');
  });

  it('says that its proxy is none, without repeating it', async () => {
    rig.run({ proxy: 'http://me:secret@' });
    await rig.until(() => rig.state?.reason !== undefined);
    expect(rig.state?.reason).toMatchObject({ code: 'PROXY_FAILED' });
    expect(rig.log.join('\n') + JSON.stringify(rig.state)).not.toContain('secret');
  });

  it('never shows a password', () => {
    expect(shownProxy('socks5h://me:secret@10.0.0.1:1080')).toBe('socks5://10.0.0.1:1080');
  });
});
