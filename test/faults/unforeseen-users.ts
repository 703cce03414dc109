// Faults that the catalogue does not know, of what people do to a computer: old copies, odd settings, VPNs, antivirus, a proxy for WhatsApp that is none.
import { closeSync, ftruncateSync, openSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { httpProxy } from '../../server/test/proxies.ts';
import { until } from '../until.ts';
import { openPage, pagesOf, reportOf } from './catalogue-browser.ts';
import { behind } from './catalogue-doors.ts';
import { squat, startInVain } from './catalogue-ports.ts';
import type { Standing } from './fault.ts';
import type { Lab } from './lab.ts';
import { overlay } from './network.ts';
import type { Making, Odd } from './odd.ts';
import { openReverseProxy } from './reverse-proxy.ts';

/** Started where it cannot start: the doctor is asked with the same settings. */
function inVain(env: (lab: Lab) => Readonly<Record<string, string>>): Making {
  return async (lab) => {
    await lab.desk();
    await lab.noDesk();
    const [port, webPort] = lab.ports;
    const own = env(lab);
    await startInVain(lab.root, { PORT: String(port), WEB_PORT: String(webPort), DATA_DIR: lab.dataDir, ...own });
    const back = async (): Promise<void> => {
      await lab.desk();
    };
    return { look: () => lab.doctor({ env: own }), lookAgain: () => lab.doctor(), cure: back, end: back };
  };
}

/** A real account that goes through this proxy: nothing beyond it is ever reached. */
async function through(lab: Lab, proxy: string, end: () => Promise<void>): Promise<Standing> {
  await lab.desk();
  await lab.restart({ WA_PROXY: proxy });
  const { product } = await lab.desk();
  const { id } = await product.addAccount('Real', 'phone');
  await until('the failure', async () => (await product.account(id)).reason !== undefined, 30_000);
  return {
    look: () => lab.doctor(),
    async end() {
      await product.call('DELETE', `/api/accounts/${id}`);
      await end();
      await lab.restart();
    },
  };
}

const older = JSON.stringify({ product: 'pulseline', version: '0.0.1', instanceId: 'old', startedAt: 1, accounts: [] });

const blocking = `
window.WebSocket = class extends EventTarget {
  static CONNECTING = 0; static OPEN = 1; static CLOSING = 2; static CLOSED = 3;
  readyState = 0; bufferedAmount = 0; onopen = null; onmessage = null; onerror = null; onclose = null;
  constructor(url) {
    super();
    this.url = String(url);
    setTimeout(() => {
      this.readyState = 3;
      const [error, close] = [new Event('error'), new CloseEvent('close', { code: 1006 })];
      this.onerror?.(error);
      this.dispatchEvent(error);
      this.onclose?.(close);
      this.dispatchEvent(close);
    });
  }
  send() {}
  close() {}
};`;

export const odd: readonly Odd[] = [
  {
    rungs: ['R00', 'R03', 'R05', 'R21'],
    zh: '数据库只复制了一半',
    en: 'the database was copied by half',
    how: 'pulseline.db ends in its middle, as after a copy that was broken off; then the product is started',
    async make(lab) {
      const { product } = await lab.desk();
      // In peace, so that all of it is in this one file.
      await product.stop();
      const path = join(lab.dataDir, 'pulseline.db');
      const file = openSync(path, 'r+');
      ftruncateSync(file, Math.floor(statSync(path).size / 2));
      closeSync(file);
      const [port, webPort] = lab.ports;
      await startInVain(lab.root, { PORT: String(port), WEB_PORT: String(webPort), DATA_DIR: lab.dataDir });
      return {
        look: () => lab.doctor(),
        async end() {
          await lab.newDesk();
        },
      };
    },
  },
  {
    id: 'R02.port-mismatch',
    rungs: ['R02'],
    zh: '另一个环境文件盖过了 .env.local',
    en: 'another env file wins over web/.env.local',
    how: 'web/.env.local is right; web/.env.production.local, which Next reads first, names another port',
    async make(lab) {
      await lab.desk();
      const other = join('web', '.env.production.local');
      lab.write(`NEXT_PUBLIC_API_BASE_URL=http://localhost:${lab.ports[0]}\n`);
      lab.write('NEXT_PUBLIC_API_BASE_URL=http://localhost:4001\n', other);
      await lab.restart();
      const back = async (): Promise<void> => {
        lab.remove(other);
        lab.remove();
        await lab.restart();
      };
      return { look: () => lab.doctor(), cure: back, end: back };
    },
  },
  {
    rungs: ['R21', 'R00'],
    zh: 'DATA_DIR 指向一个文件',
    en: 'DATA_DIR names a file',
    how: 'the product is started with a DATA_DIR that is a text file',
    make: inVain((lab) => {
      const path = join(lab.folder(), 'data.txt');
      writeFileSync(path, 'not a folder');
      return { DATA_DIR: path };
    }),
  },
  {
    id: 'R03.port-taken',
    rungs: ['R03'],
    zh: '页面的端口被别的开发服务器占用',
    en: "another development server has the pages' port",
    how: 'a foreign server on WEB_PORT; the product is started in vain',
    async make(lab) {
      await lab.desk();
      await lab.noDesk();
      const other = await squat(lab.ports[1]);
      const [port, webPort] = lab.ports;
      await startInVain(lab.root, { PORT: String(port), WEB_PORT: String(webPort), DATA_DIR: lab.dataDir });
      return {
        look: () => lab.doctor(),
        async cure() {
          await other.end();
          await lab.desk();
        },
        end: () => other.end(),
      };
    },
  },
  {
    rungs: ['R06', 'R10', 'R11'],
    zh: '应答的是很旧的 Pulseline',
    en: 'a very old Pulseline answers, without a diagnosis of its own',
    how: 'a server that knows GET /status of an old version and nothing else',
    async make(lab) {
      await lab.desk();
      const server = createServer((request, response) => {
        const known = request.url?.startsWith('/status') === true;
        response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' }).end(known ? older : '{}');
      });
      const port = await new Promise<number>((resolve) =>
        server.listen(0, '127.0.0.1', () => {
          const at = server.address();
          resolve(typeof at === 'object' && at !== null ? at.port : 0);
        }),
      );
      return {
        look: () => lab.doctor({ args: ['--url', `http://127.0.0.1:${port}`] }),
        end: async () => void server.close(),
      };
    },
  },
  {
    rungs: ['R10', 'R11'],
    zh: 'VPN 吞掉了 WebSocket 升级',
    en: 'a VPN swallows the upgrade',
    how: 'a proxy that passes HTTP on and never answers an upgrade',
    withinMs: 12_000,
    make: behind({ upgrade: 'swallow' }),
  },
  {
    rungs: ['R10', 'R11'],
    zh: '杀毒软件改写了握手',
    en: 'an antivirus rewrites the handshake',
    how: 'a proxy that takes Sec-WebSocket-Accept out of the answer',
    make: behind({ without: ['sec-websocket-accept'] }),
  },
  {
    rungs: ['R08'],
    zh: '杀毒软件去掉了 CORS 头',
    en: 'an antivirus takes the CORS headers away',
    how: 'web/.env.local leads through a proxy that takes Access-Control-Allow-Origin out of every answer',
    async make(lab) {
      await lab.desk();
      const proxy = await openReverseProxy(
        { host: 'localhost', port: lab.ports[0] },
        { without: ['access-control-allow-origin'] },
      );
      lab.write(`NEXT_PUBLIC_API_BASE_URL=${proxy.url}\n`);
      await lab.restart();
      return {
        look: () => lab.doctor(),
        cure: async () => proxy.set({}),
        async end() {
          await proxy.close();
          lab.remove();
          await lab.restart();
        },
      };
    },
  },
  {
    rungs: ['R06'],
    zh: 'CDN 缓存了 /status',
    en: 'a cache answers for the server',
    how: 'a proxy that answers every request with what /status said an hour ago, and passes upgrades to nobody',
    make: behind({
      answer: { status: 200, headers: { 'content-type': 'application/json', age: '3600' }, body: older },
    }),
  },
  {
    id: 'R16.proxy-unreachable',
    rungs: ['R16'],
    zh: 'WA_PROXY 指向没有的代理',
    en: 'WA_PROXY names a proxy that is not there',
    how: 'a real account is added while nobody listens at the address of WA_PROXY',
    make: (lab) => through(lab, 'http://127.0.0.1:9', async () => {}),
  },
  {
    id: 'R16.proxy-credentials',
    rungs: ['R16'],
    zh: 'WA_PROXY 的密码不对',
    en: "WA_PROXY's password is wrong",
    how: 'a real account is added behind a proxy that answers 407',
    async make(lab) {
      const proxy = await httpProxy({ login: 'me:secret' });
      return through(lab, proxy.url.replace('secret', 'wrong'), () => proxy.close());
    },
  },
  {
    rungs: ['R04', 'R05', 'R06'],
    zh: 'hosts 文件里 localhost 只有 IPv6',
    en: 'localhost is IPv6 alone, the server IPv4 alone',
    how: 'another /etc/hosts with ::1 localhost alone, and HOST=127.0.0.1',
    needs: ['namespaces', 'ipv6'],
    async make(lab) {
      await lab.desk();
      await lab.restart({ HOST: '127.0.0.1' });
      const undo = overlay('/etc/hosts', '::1 localhost\n', lab.folder());
      return {
        look: () => lab.doctor(),
        async end() {
          undo();
          await lab.restart();
        },
      };
    },
  },
  {
    id: 'R09.websocket-blocked',
    rungs: ['R09'],
    zh: '浏览器扩展只拦截 WebSocket',
    en: 'an extension blocks WebSockets alone',
    how: 'the page gets, as extensions do it, a WebSocket of its own that fails at once; requests pass',
    needs: ['chromium'],
    withinMs: 12_000,
    async make(lab) {
      await lab.desk();
      const { page, context } = await openPage(lab, 'about:blank');
      await page.addInitScript({ content: blocking });
      await page.goto(`${pagesOf(lab)}/test-ws`, { waitUntil: 'domcontentloaded' });
      return { look: () => reportOf(page, false), end: () => context.close() };
    },
  },
];
