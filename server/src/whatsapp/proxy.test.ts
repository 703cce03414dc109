// The way through proxies on this machine: it works, and each way in which the proxy itself fails is told as such.
import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineRig } from '../../test/engine-rig.ts';
import { httpProxy, socksProxy, type TestProxy } from '../../test/proxies.ts';
import { shownProxy } from './proxy.ts';

describe('an account with a proxy', () => {
  let rig: EngineRig;
  let proxy: TestProxy | undefined;
  beforeEach(async () => {
    rig = await EngineRig.open();
  });
  afterEach(async () => {
    await rig.close();
    await proxy?.close();
    proxy = undefined;
  });

  it.each([
    ['HTTP', () => httpProxy()],
    ['HTTP with a password', () => httpProxy({ login: 'me:secret' })],
    ['SOCKS5', () => socksProxy()],
    ['SOCKS5 with a password', () => socksProxy({ login: 'me:secret' })],
  ])('goes through it: %s', async (_, open) => {
    proxy = await open();
    const account = await rig.runReady({ proxy: proxy.url });
    const { host } = new URL(rig.emulator.plainUrl);
    // Before the scan and after it.
    expect(proxy.tunnels).toEqual([host, host]);
    await rig.emulator.contact({ name: 'Ana' }).send({ to: 'Desk', text: 'through' });
    await rig.until(() => rig.keeper.bodies().includes('through'));
    // Files too, both ways, by the same proxy and by nothing else.
    const ana = rig.emulator.contact({ name: 'Ana' });
    const data = randomBytes(100_000);
    await ana.send({ to: 'Desk', said: { kind: 'document', data } });
    await rig.until(() => rig.keeper.of('media').some(({ outcome }) => outcome.state === 'ready'), 'the file');
    const media = { kind: 'document', mime: 'x/y', size: data.length } as const;
    const file = createHash('sha256').update(data).digest('hex');
    rig.send(account, { kind: 'person', pn: ana.pn }, '', { media: { ...media, file } });
    await rig.until(() => ana.inbox().length === 1, 'our file');
    expect(ana.inbox()[0]).toMatchObject({ file: { ok: true, sha256: file } });
    const tls = new URL(rig.emulator.url).host;
    expect(proxy.tunnels.slice(2)).toEqual([tls, tls]);
    expect(rig.log.join('\n')).not.toContain('secret');
  });

  it.each([
    ['HTTP proxy wants a password', () => httpProxy({ login: 'me:secret' }), 'HTTP 407'],
    ['HTTP proxy refuses', () => httpProxy({ status: 403 }), 'HTTP 403'],
    ['SOCKS5 proxy wants a password', () => socksProxy({ login: 'me:secret' }), ''],
  ])('says that its %s', async (_, open, error) => {
    proxy = await open();
    const url = proxy.url.replace('me:secret', 'me:wrong');
    rig.run({ proxy: url });
    await rig.until(() => rig.state?.reason !== undefined);
    expect(rig.state?.reason).toMatchObject({ code: 'PROXY_FAILED' });
    expect(rig.state?.reason?.text).toContain(`The proxy ${shownProxy(url)} does not work (${error}`);
    expect(proxy.tunnels).toEqual([]);
  });

  it.each(['http', 'https', 'socks5'])('says that no %s proxy is there', async (scheme) => {
    rig.run({ proxy: `${scheme}://me:secret@127.0.0.1:1` });
    await rig.until(() => rig.state?.reason !== undefined);
    expect(rig.state).toMatchObject({ state: 'DISCONNECTED', reason: { code: 'PROXY_FAILED' } });
    expect(rig.state?.reason?.text).toContain(`${scheme}://127.0.0.1:1`);
    expect(rig.state?.reason?.text).toContain('ECONNREFUSED');
    expect(rig.log.join('\n')).not.toContain('secret');
  });

  it.each(['http://me:secret@', 'unreadable:'])(
    'says that %s is none, without repeating a password, and dials nothing',
    async (proxy) => {
      rig.run({ proxy });
      await rig.until(() => rig.state?.reason !== undefined);
      expect(rig.state?.reason).toMatchObject({ code: 'PROXY_FAILED' });
      expect(rig.log.join('\n') + JSON.stringify(rig.state)).not.toContain('secret');
    },
  );

  it('never shows a password', () => {
    expect(shownProxy('socks5h://me:secret@10.0.0.1:1080')).toBe('socks5://10.0.0.1:1080');
  });
});
