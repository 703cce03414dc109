// Holds that what a link names is fetched from the open Internet alone: every writing of a closed address, rebinding, redirects, proxies, limits of time, size and type; and what a page becomes.

import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { httpProxy } from '../../test/proxies.ts';
import { shrunk } from '../media/picture.ts';
import { linkIn, openPreviewer } from './link-preview.ts';
import { type Answer, dialPinned, isOpen, openOutward, Refused, type Target, type Wanted } from './outward.ts';

const OPEN = '93.184.216.34';
const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  types: new Set(['text/html']),
  maxBytes: 1_000,
  tooLong: 'cut',
  signal: AbortSignal.timeout(60_000),
  ...more,
});
const says = (statusCode: number, headers: IncomingHttpHeaders, ...chunks: readonly (string | Uint8Array)[]): Answer =>
  Object.assign(Readable.from(chunks), { statusCode, headers });
const page = (html: string) => says(200, { 'content-type': 'text/html; charset=utf-8' }, Buffer.from(html));

describe('an address of the open Internet', () => {
  it.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '3fff::1',
    'localhost',
    '',
    '1.2.3',
    'metadata.google.internal',
  ])('is not %s', (address) => expect(isOpen(address)).toBe(false));

  it.each([OPEN, '8.8.8.8', '172.15.0.1', '172.32.0.1', '2606:2800:220:1::1', '2a00:1450::1'])('is %s', (address) =>
    expect(isOpen(address)).toBe(true),
  );
});

describe('a link', () => {
  const dialled: Target[] = [];
  afterEach(() => dialled.splice(0));
  const outward = (
    resolve: (name: string) => Promise<readonly string[]>,
    answers: (target: Target) => Answer = () => page('x'),
  ) =>
    openOutward({
      resolve,
      dial: async (target) => {
        dialled.push(target);
        return answers(target);
      },
    });
  const open = async (): Promise<readonly string[]> => [OPEN];

  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://2130706433/',
    'http://0/',
    'http://0.0.0.0/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[0:0:0:0:0:ffff:169.254.169.254]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[2002:7f00:1::]/',
    'http://10.0.0.1/',
    'http://192.168.0.1/',
    'http://172.20.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://100.100.100.200/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://１２７.０.０.１/',
    'http://127。0。0。1/',
    'http://user:pass@example.com/',
    'http://example.com:22/',
    'http://example.com:6379/',
    'https://example.com:8443/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://example.com/',
    'data:text/html,x',
    'javascript:alert(1)',
    'http://',
    'not a link',
    `http://example.com/${'a'.repeat(3_000)}`,
  ])('is never dialled as %s', async (url) => {
    await expect(outward(open).fetch(url, wanted())).rejects.toThrow(Refused);
    expect(dialled).toEqual([]);
  });

  it.each(['localhost', 'internal.example', 'metadata.google.internal'])(
    'whose name leads to a closed address is not dialled: %s',
    async (name) => {
      for (const addresses of [['127.0.0.1'], [OPEN, '10.0.0.1'], ['::1', OPEN], []]) {
        await expect(outward(async () => addresses).fetch(`http://${name}/`, wanted())).rejects.toThrow(Refused);
      }
      expect(dialled).toEqual([]);
    },
  );

  it('is asked about once and dialled at that answer, so that a name that changes gains nothing', async () => {
    const answers = [[OPEN], ['127.0.0.1']];
    let asked = 0;
    await outward(async () => answers[asked++] ?? []).fetch('https://rebind.example/', wanted());
    expect([asked, dialled.map(({ address, port, url }) => [address, port, url.hostname])]).toEqual([
      1,
      [[OPEN, 443, 'rebind.example']],
    ]);
  });

  it.each([
    'http://169.254.169.254/',
    'http://127.0.0.1/',
    '//[::1]/',
    'http://inside.example/',
    'file:///etc/passwd',
    'http://example.com:25/',
  ])('that is redirected is checked again: %s', async (location) => {
    const names = async (name: string) => [name === 'inside.example' ? '10.1.2.3' : OPEN];
    const redirecting = outward(names, () => says(302, { location }));
    await expect(redirecting.fetch('http://example.com/', wanted())).rejects.toThrow(Refused);
    expect(dialled).toHaveLength(1);
  });

  it('that is redirected for ever is given up', async () => {
    const circling = outward(open, () => says(301, { location: '/again' }));
    await expect(circling.fetch('http://example.com/', wanted())).rejects.toThrow('too many redirects');
    expect(dialled).toHaveLength(4);
  });

  it.each<[string, Answer, string]>([
    ['another type', says(200, { 'content-type': 'application/octet-stream' }, 'x'), 'the type'],
    ['no type', says(200, {}, 'x'), 'the type'],
    ['what is packed', says(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }, 'x'), 'the encoding'],
    ['another status', says(403, { 'content-type': 'text/html' }, 'x'), 'HTTP 403'],
    ['too much', says(200, { 'content-type': 'text/html' }, 'x'.repeat(2_000)), 'more than'],
  ])('that gives %s is refused', async (_, given, why) => {
    const one = outward(open, () => given);
    await expect(one.fetch('http://example.com/', wanted({ tooLong: 'refuse' }))).rejects.toThrow(why);
  });

  it('is cut where a page is longer than is read', async () => {
    const endless = outward(open, () =>
      says(200, { 'content-type': 'text/html' }, 'x'.repeat(900), 'y'.repeat(900), 'z'),
    );
    expect((await endless.fetch('http://example.com/', wanted())).bytes).toHaveLength(1_000);
  });

  it('that answers too late, or whose name does, is given up', async () => {
    const never = new Promise<never>(() => {});
    await expect(
      outward(() => never).fetch('http://example.com/', wanted({ signal: AbortSignal.timeout(20) })),
    ).rejects.toThrow('out of time');
  });
});

describe('the dial', () => {
  const closers: (() => Promise<unknown> | unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });
  async function server(listener: RequestListener): Promise<number> {
    const made = createServer(listener);
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => made.close(resolve)));
    const at = made.address();
    return typeof at === 'object' && at !== null ? at.port : 0;
  }

  it('goes to the pinned address, asks for the name, and sends nothing of ours', async () => {
    let heard: IncomingHttpHeaders = {};
    const port = await server((request, response) => {
      heard = request.headers;
      response.setHeader('content-type', 'text/html').end('<title>t</title>');
    });
    const here = openOutward({
      resolve: async () => [OPEN],
      dial: (target, signal) => dialPinned({ ...target, address: '127.0.0.1', port }, signal),
    });
    expect((await here.fetch('http://name.example/a?b', wanted())).bytes.toString()).toBe('<title>t</title>');
    expect(heard).toMatchObject({ host: 'name.example', 'accept-encoding': 'identity' });
    expect(Object.keys(heard)).not.toContain('cookie');
  });

  it('through the account’s proxy is to the checked address as well', async () => {
    const proxy = await httpProxy({ status: 502 });
    closers.push(proxy.close);
    const asked: string[] = [];
    const through = openOutward({
      proxy: proxy.url,
      resolve: async () => [OPEN],
      dial: async (target, signal) => {
        asked.push(`${target.agent === undefined ? 'direct' : 'proxy'} ${target.address}`);
        return dialPinned(target, signal);
      },
    });
    await expect(through.fetch('https://name.example/', wanted())).rejects.toThrow('502');
    await expect(through.fetch('https://127.0.0.1/', wanted())).rejects.toThrow(Refused);
    expect(asked).toEqual([`proxy ${OPEN}`]);
  });

  it('is given up when its time is over', async () => {
    const port = await server(() => {});
    const here = openOutward({
      resolve: async () => [OPEN],
      dial: (target, signal) => dialPinned({ ...target, address: '127.0.0.1', port }, signal),
    });
    await expect(here.fetch('http://slow.example/', wanted({ signal: AbortSignal.timeout(50) }))).rejects.toThrow();
  });
});

describe('a preview', () => {
  const html = `<html><head><meta charset="utf-8"><title>plain</title>
    <meta property="og:title" content="Tom &amp; Jerry &#x4f60;"><meta content='About &lt;it&gt;' name=description>
    <meta property="og:image" content="/p.png"></head>`;
  async function previewer(answers: (url: URL) => Answer | Promise<Answer>) {
    const asked: string[] = [];
    const outward = openOutward({
      resolve: async (name) => [name === 'inside.example' ? '127.0.0.1' : OPEN],
      dial: async ({ url }) => {
        asked.push(url.href);
        return answers(url);
      },
    });
    return { asked, ...openPreviewer({ outward, shrink: shrunk, log: () => {}, withinMs: 500 }) };
  }

  it('has the title, the words and a small picture of the first link, asked for once', async () => {
    const png = await sharp({ create: { width: 900, height: 400, channels: 3, background: '#08f' } })
      .png()
      .toBuffer();
    const one = await previewer(({ pathname }) =>
      pathname === '/p.png' ? says(200, { 'content-type': 'image/png' }, png) : page(html),
    );
    const shown = await one.of('看 https://example.com/a。 and http://other.example');
    expect(shown).toMatchObject({ url: 'https://example.com/a', title: 'Tom & Jerry 你', description: 'About <it>' });
    const thumbnail = Buffer.from(shown?.thumbnail ?? '', 'base64');
    expect(await sharp(thumbnail).metadata()).toMatchObject({ format: 'jpeg', width: 300 });
    await one.of('again https://example.com/a');
    expect(one.asked).toEqual(['https://example.com/a', 'https://example.com/p.png']);
  });

  it('reads pages in Chinese encodings, and has no picture that lies inside, is none, or is too large', async () => {
    const gbk = Buffer.from(
      '<meta charset=gbk><title>\xc4\xe3\xba\xc3</title><meta property="og:image" content="http://inside.example/x">',
      'latin1',
    );
    const one = await previewer(() => says(200, { 'content-type': 'text/html' }, gbk));
    expect(await one.of('https://example.com')).toEqual({ url: 'https://example.com', title: '你好' });
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    expect(await shrunk(svg, 9_999)).toBeUndefined();
    const bomb = await sharp({ create: { width: 6_000, height: 5_000, channels: 3, background: '#000' } })
      .png()
      .toBuffer();
    await expect(shrunk(bomb, 9_999)).rejects.toThrow(/pixel limit/);
  });

  it('is nothing where anything goes wrong, and never more than that', async () => {
    for (const given of [
      () => says(500, {}),
      () => page('<p>no title</p>'),
      () => Promise.reject(new Error('reset')),
      () => new Promise<never>(() => {}),
    ]) {
      const one = await previewer(given);
      expect(await one.of('https://example.com')).toBeUndefined();
    }
    const one = await previewer(() => page(html));
    expect(await one.of('no link at all')).toBeUndefined();
    expect(await one.of('http://inside.example/')).toBeUndefined();
    expect(one.asked).toEqual([]);
  });

  it.each([
    ['see https://a.example/x?y=1, ok', 'https://a.example/x?y=1'],
    ['（https://a.example/路）', 'https://a.example/路'],
    ['http://a.example.', 'http://a.example'],
    ['*https://a.example*', 'https://a.example'],
    ['mailto:a@b.example', undefined],
    ['https://', undefined],
  ])('of %s is that of %s', (text, link) => expect(linkIn(text)).toBe(link));
});
