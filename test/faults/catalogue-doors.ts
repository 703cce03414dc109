// Faults 18, 19, 21, 23 to 25, 28: what lies between a page and the server's door, each made by a reverse proxy or by settings as people write them.
import type { Fault, Standing } from './fault.ts';
import type { Lab } from './lab.ts';
import { openReverseProxy, type ProxyWays } from './reverse-proxy.ts';

/** The doctor is asked about an address where such a proxy stands before a healthy product. The cure: a proxy that passes on. */
export function behind(ways: ProxyWays, path = ''): (lab: Lab) => Promise<Standing> {
  return async (lab) => {
    await lab.desk();
    const proxy = await openReverseProxy({ host: 'localhost', port: lab.ports[0] }, ways);
    const look = (): ReturnType<Lab['doctor']> => lab.doctor({ args: ['--url', `${proxy.url}${path}`] });
    return {
      look,
      cure: async () => proxy.set({}),
      lookAgain: () => lab.doctor({ args: ['--url', proxy.url] }),
      end: () => proxy.close(),
    };
  };
}

export const doorFaults: readonly Fault[] = [
  {
    number: '18',
    ids: ['R08.cors-origin'],
    title: { zh: '页面的来源不在允许之列', en: "the page's origin is not allowed" },
    sees: { zh: '控制台报 CORS 错误，直接打开 /status 却正常', en: 'a CORS error in the console, yet /status opens' },
    how: 'ALLOWED_ORIGINS without the address of the pages',
    words: { zh: ['ALLOWED_ORIGINS'], en: ['ALLOWED_ORIGINS'] },
    async make(lab) {
      await lab.desk();
      await lab.restart({ ALLOWED_ORIGINS: 'http://localhost:3999' });
      return { look: () => lab.doctor(), cure: () => lab.restart(), end: () => lab.restart() };
    },
  },
  {
    number: '19',
    ids: ['R08.host-check'],
    title: { zh: '反向代理传来的 Host 不对', en: 'the proxy passes another Host' },
    sees: { zh: '代理之后得到 421', en: '421 behind a proxy' },
    how: "a reverse proxy that passes the caller's Host on",
    words: { zh: ['Host'], en: ['Host'] },
    fast: true,
    make: behind({ keepHost: true }),
  },
  {
    number: '21',
    ids: ['R09.tls-to-plain'],
    title: { zh: '对明文端口使用 https', en: 'https to a plain port' },
    sees: { zh: 'TLS：wrong version number', en: 'TLS: wrong version number' },
    how: 'web/.env.local says https://localhost with the port of the plain server',
    words: { zh: ['http'], en: ['http'] },
    async make(lab) {
      await lab.desk();
      lab.write(`NEXT_PUBLIC_API_BASE_URL=https://localhost:${lab.ports[0]}\n`);
      await lab.restart();
      const back = async (): Promise<void> => {
        lab.remove();
        await lab.restart();
      };
      return { look: () => lab.doctor(), cure: back, end: back };
    },
  },
  {
    number: '23',
    ids: ['R10.upgrade-stripped'],
    title: { zh: '代理去掉了 Upgrade', en: 'a proxy strips the Upgrade' },
    sees: { zh: 'nginx 之后 WebSocket 得到 426 或 404', en: 'the WebSocket gets 426 or 404 behind nginx' },
    how: 'a reverse proxy that passes the request for a WebSocket on as a plain one',
    words: { zh: ['proxy_set_header', 'Upgrade'], en: ['proxy_set_header', 'Upgrade'] },
    fast: true,
    make: behind({ upgrade: 'strip' }),
  },
  {
    number: '24',
    ids: ['R11.wrong-path'],
    title: { zh: 'WebSocket 的路径不对', en: 'the wrong path of the WebSocket' },
    sees: { zh: '路径得到 404', en: 'the path gets 404' },
    how: 'a reverse proxy that knows /status and the API but not /ws',
    words: { zh: ['/ws'], en: ['/ws'] },
    make: behind({ upgrade: { status: 404, body: '<h1>404 Not Found</h1>' } }),
  },
  {
    number: '25',
    ids: ['R10.proxy-buffering'],
    title: { zh: '代理缓存数据', en: 'a proxy buffers' },
    sees: { zh: '事件成批到达', en: 'events arrive in lumps' },
    how: 'a reverse proxy that lets what it has gathered through every 1.5 s',
    words: { zh: ['proxy_buffering'], en: ['proxy_buffering'] },
    withinMs: 12_000,
    make: behind({ lumpMs: 1_500 }),
  },
  {
    number: '28',
    ids: ['R13.no-hello'],
    title: { zh: '连接后没有 connected 帧', en: 'open, but no `connected`' },
    sees: { zh: '连接已打开，但没有 connected', en: 'the socket opens and stays silent' },
    how: 'the upgrade passes, no frame of the server does',
    words: { zh: ['connected'], en: ['connected'] },
    withinMs: 8_000,
    fast: true,
    make: behind({ upgrade: 'mute' }),
  },
];
