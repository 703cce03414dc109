// Faults that the catalogue does not know: the ladder must at least name their rung and say something that helps.

import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../child.ts';
import { mountDisk } from '../small-disk.ts';
import { until } from '../until.ts';
import { behind } from './catalogue-doors.ts';
import { squat, startInVain } from './catalogue-ports.ts';
import type { Fault, Need, Standing } from './fault.ts';
import { ENV_FILE, type Lab } from './lab.ts';
import { overlay } from './network.ts';
import { openReverseProxy } from './reverse-proxy.ts';

type Making = (lab: Lab) => Promise<Standing>;

/** web/.env.local is this, since before the start. */
function file(make: (base: string, path: string) => void): Making {
  return async (lab) => {
    await lab.desk();
    make(`http://localhost:${lab.ports[0]}`, join(lab.root, ENV_FILE));
    await lab.restart();
    const back = async (): Promise<void> => {
      lab.remove();
      await lab.restart();
    };
    return { look: () => lab.doctor(), cure: back, end: back };
  };
}

const holding =
  (text: (base: string) => string | Uint8Array): ((base: string, path: string) => void) =>
  (base, path) =>
    writeFileSync(path, text(base));

/** A folder of the copy is not where it was, with or without a product at work. */
function without(paths: readonly string[], running: boolean): Making {
  return async (lab) => {
    await lab.desk();
    if (!running) await lab.noDesk();
    const kept = lab.folder();
    for (const [index, path] of paths.entries()) renameSync(join(lab.root, path), join(kept, String(index)));
    const back = async (): Promise<void> => {
      for (const [index, path] of paths.entries()) {
        if (existsSync(join(kept, String(index)))) renameSync(join(kept, String(index)), join(lab.root, path));
      }
      await lab.desk();
    };
    return { look: () => lab.doctor(), cure: back, end: back };
  };
}

/** The product, started with this, which it may refuse. */
function started(env: (lab: Lab) => Readonly<Record<string, string>>, wait?: (lab: Lab) => Promise<void>): Making {
  return async (lab) => {
    await lab.desk();
    await lab.restart(env(lab));
    await wait?.(lab);
    return { look: () => lab.doctor(), cure: () => lab.restart(), end: () => lab.restart() };
  };
}

interface Odd {
  readonly id?: string;
  readonly rungs: readonly string[];
  readonly zh: string;
  readonly en: string;
  readonly how: string;
  readonly make: Making;
  readonly needs?: readonly Need[];
  readonly fast?: boolean;
  readonly withinMs?: number;
}

const html = '<!doctype html><title>It works</title><h1>It works!</h1>';

const odd: readonly Odd[] = [
  {
    rungs: ['R06'],
    zh: '应答的是别人的网站',
    en: 'a foreign site answers 200 with HTML',
    how: 'a server that answers everything with 200 and HTML',
    fast: true,
    make: behind({ answer: { status: 200, headers: { 'content-type': 'text/html' }, body: html } }),
  },
  {
    rungs: ['R03', 'R06'],
    zh: '进程被挂起，端口仍在监听',
    en: 'the process is stopped, its port still accepts',
    how: 'SIGSTOP',
    withinMs: 8_000,
    async make(lab) {
      const { product } = await lab.desk();
      process.kill(product.child.pid, 'SIGSTOP');
      const go = async (): Promise<void> => {
        process.kill(product.child.pid, 'SIGCONT');
      };
      return { look: () => lab.doctor(), cure: go, end: go };
    },
  },
  {
    rungs: ['R10', 'R11'],
    zh: '/ws 回答 200 和 HTML',
    en: '/ws answers 200 with HTML',
    how: 'a proxy that serves a page in place of the upgrade',
    make: behind({ upgrade: { status: 200, body: html } }),
  },
  {
    rungs: ['R06'],
    zh: '代理把一切重定向到登录页',
    en: 'a proxy redirects everything to its login page',
    how: 'a proxy that answers 302',
    make: behind({ answer: { status: 302, headers: { location: 'https://login.example.com/?next=/' } } }),
  },
  {
    rungs: ['R06'],
    zh: '代理之后的后端不在（502）',
    en: 'the proxy is up, what it leads to is not (502)',
    how: 'a proxy that answers 502',
    fast: true,
    make: behind({
      answer: {
        status: 502,
        headers: { server: 'nginx/1.24', 'content-type': 'text/html' },
        body: '<h1>502 Bad Gateway</h1>',
      },
    }),
  },
  {
    rungs: ['R06', 'R12'],
    zh: '代理要求用户名和密码',
    en: 'a proxy wants a name and a password (401)',
    how: 'a proxy that answers 401',
    make: behind({
      answer: { status: 401, headers: { 'www-authenticate': 'Basic realm="staff"' }, body: 'Unauthorized' },
    }),
  },
  {
    rungs: ['R10', 'R11', 'R12'],
    zh: '公司网关禁止 WebSocket（403）',
    en: 'a gateway forbids WebSockets (403)',
    how: 'a proxy that answers an upgrade with 403',
    make: behind({ upgrade: { status: 403, body: '<h1>Blocked by policy</h1>' } }),
  },
  {
    rungs: ['R11', 'R13', 'R14'],
    zh: '代理截断数据帧',
    en: 'a proxy truncates frames',
    how: 'half of what the server says after the upgrade is passed on',
    withinMs: 8_000,
    make: behind({ spoil: (bytes) => bytes.subarray(0, Math.ceil(bytes.length / 2)) }),
  },
  {
    id: 'R13.malformed-hello',
    rungs: ['R13'],
    zh: 'connected 帧不是 JSON',
    en: 'the connected frame is no JSON',
    how: 'every brace of what the server says after the upgrade is another character',
    withinMs: 8_000,
    make: behind({ spoil: (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('{', '<'), 'latin1') }),
  },
  {
    rungs: ['R13', 'R14', 'R11'],
    zh: '连接刚建立就被切断',
    en: 'something cuts each link at once',
    how: 'a proxy that cuts 0.3 s after the upgrade',
    withinMs: 8_000,
    make: behind({ cutAfterMs: 300 }),
  },
  {
    rungs: ['R10', 'R13', 'R14'],
    zh: '代理把一切推迟五秒',
    en: 'a proxy holds everything back by 5 s',
    how: 'what the server says after the upgrade is let through 5 s later',
    withinMs: 12_000,
    make: behind({ holdMs: 5_000 }),
  },
  {
    rungs: ['R03', 'R05', 'R06', 'R04'],
    zh: 'localhost 的 IPv6 一侧是别的程序',
    en: "another program has the IPv6 half of localhost's port",
    how: 'HOST=127.0.0.1, and a foreign server on [::1] at the same port, which browsers dial first',
    needs: ['ipv6'],
    async make(lab) {
      await lab.desk();
      await lab.restart({ HOST: '127.0.0.1' });
      const foreign = await squat(lab.ports[0], ['::1']);
      return {
        look: () => lab.doctor(),
        cure: () => foreign.end(),
        async end() {
          await foreign.end();
          await lab.restart();
        },
      };
    },
  },
  {
    id: 'R04.localhost-elsewhere',
    rungs: ['R04'],
    zh: 'hosts 文件把 localhost 指到别处',
    en: 'the hosts file leads localhost elsewhere',
    how: 'another /etc/hosts in a mount namespace',
    needs: ['namespaces'],
    async make(lab) {
      await lab.desk();
      const undo = overlay('/etc/hosts', '10.1.2.3 localhost\n', lab.folder());
      return { look: () => lab.doctor(), end: async () => undo() };
    },
  },
  {
    rungs: ['R01', 'R02', 'R06'],
    zh: '地址指向页面自己的端口 3000',
    en: "the address is that of the pages' own port",
    how: 'web/.env.local names port 3000',
    make: async (lab) => file(holding(() => `NEXT_PUBLIC_API_BASE_URL=http://localhost:${lab.ports[1]}\n`))(lab),
  },
  {
    rungs: ['R01'],
    zh: '等号是全角的',
    en: 'the equals sign is a full-width one',
    how: 'web/.env.local with ＝',
    make: file(holding((base) => `NEXT_PUBLIC_API_BASE_URL＝${base}\n`)),
  },
  {
    rungs: ['R01'],
    zh: '引号是弯的',
    en: 'the quotes are curly ones',
    how: 'web/.env.local with “ and ”',
    make: file(holding((base) => `NEXT_PUBLIC_API_BASE_URL=“${base}”\n`)),
  },
  {
    rungs: ['R01'],
    zh: '.env.local 是一个文件夹',
    en: 'web/.env.local is a folder',
    how: 'a folder of that name',
    make: file((_, path) => mkdirSync(path)),
  },
  {
    rungs: ['R01'],
    zh: '变量名拼错',
    en: 'the name is misspelt',
    how: 'NEXT_PUBLIC_API_BASEURL=…',
    make: file(holding((base) => `NEXT_PUBLIC_API_BASEURL=${base}\n`)),
  },
  {
    id: 'R00.not-installed',
    rungs: ['R00'],
    zh: 'node_modules 缺了一半',
    en: 'half of node_modules is gone',
    how: 'fastify, ws and a native package are taken away; the product does not run',
    make: without(['node_modules/fastify', 'node_modules/ws', 'node_modules/pino'], false),
  },
  {
    rungs: ['R00', 'R02', 'R03'],
    zh: '构建好的页面被删除',
    en: 'the built pages are deleted',
    how: 'web/out is taken away from the running product',
    make: without(['web/out'], true),
  },
  {
    rungs: ['R00', 'R03', 'R05'],
    zh: '设置写错，后端启动失败',
    en: 'a wrong setting ends the start',
    how: 'SEND_PACE=fast: the start ends with SETTING_INVALID',
    async make(lab) {
      await lab.desk();
      await lab.noDesk();
      const [port, webPort] = lab.ports;
      await startInVain(lab.root, { PORT: String(port), WEB_PORT: String(webPort), SEND_PACE: 'fast' });
      const back = async (): Promise<void> => {
        await lab.desk();
      };
      return { look: () => lab.doctor(), cure: back, end: back };
    },
  },
  {
    rungs: ['R00', 'R03', 'R05', 'R18', 'R21'],
    zh: '数据库文件损坏',
    en: 'the database file is damaged',
    how: 'its pages are overwritten while the product is down; then it is started',
    async make(lab) {
      await lab.desk();
      await lab.noDesk();
      damage(join(lab.dataDir, 'pulseline.db'));
      const [port, webPort] = lab.ports;
      const product = startChild([join(lab.root, 'scripts', 'start.mjs')], {
        PORT: String(port),
        WEB_PORT: String(webPort),
        DATA_DIR: lab.dataDir,
      });
      await until(
        'an answer or the end',
        async () => !product.running() || (await fetch(`http://127.0.0.1:${port}/livez`)).ok,
        20_000,
      );
      return {
        look: () => lab.doctor(),
        async end() {
          if (product.running()) await product.end('SIGKILL');
          await lab.newDesk();
        },
      };
    },
  },
  {
    rungs: ['R21', 'R22'],
    zh: '数据目录只读',
    en: 'the data folder becomes read-only',
    how: 'its file system is mounted anew without the right to write',
    needs: ['tmpfs'],
    async make(lab) {
      await lab.desk();
      await lab.noDesk();
      const folder = lab.folder();
      const unmount = mountDisk(folder, 256 * 2 ** 20);
      const dataDir = join(folder, 'data');
      const product = await lab.product({ dataDir });
      execFileSync('sh', ['-c', `mount -o remount,ro "${folder}" 2>/dev/null || chmod -R a-w "${folder}"`]);
      await product.addAccount('Nowhere').catch(() => {});
      return {
        look: () => lab.doctor({ env: { DATA_DIR: dataDir } }),
        async end() {
          if (product.child.running()) await product.kill();
          unmount();
          await lab.desk();
        },
      };
    },
  },
  {
    rungs: ['R21', 'R22', 'R03'],
    zh: '运行中数据目录被删除',
    en: 'the data folder is deleted while it runs',
    how: 'rm -r on DATA_DIR; what is written from then on is lost at the next start',
    async make(lab) {
      await lab.desk();
      await lab.noDesk();
      const dataDir = join(lab.folder(), 'data');
      const product = await lab.product({ dataDir });
      rmSync(dataDir, { recursive: true });
      return {
        look: () => lab.doctor({ env: { DATA_DIR: dataDir } }),
        async end() {
          if (product.child.running()) await product.kill();
          await lab.desk();
        },
      };
    },
  },
  {
    id: 'R07.clock-skew',
    rungs: ['R07'],
    zh: '服务器的时钟快了一天',
    en: "the server's clock is a day ahead",
    how: 'its wall clock is moved by a preload',
    async make(lab) {
      const clock = join(lab.folder(), 'clock');
      writeFileSync(clock, String(86_400_000));
      return started(() => ({
        NODE_OPTIONS: `--import=${new URL('../chaos/clock.mjs', import.meta.url).href}`,
        CHAOS_CLOCK: clock,
      }))(lab);
    },
  },
  {
    rungs: ['R28', 'R06', 'R14'],
    zh: '事件循环被阻塞',
    en: 'the event loop is blocked, again and again',
    how: 'a preload spins for 1.5 s of every 2 s',
    withinMs: 12_000,
    make: started(
      () => ({ NODE_OPTIONS: `--import=${new URL('spin.mjs', import.meta.url).href}` }),
      () => new Promise((resolve) => setTimeout(resolve, 5_000)),
    ),
  },
  {
    rungs: ['R16', 'R17'],
    zh: '模拟器不在了',
    en: 'what the account dials is gone',
    how: 'the emulator behind EMULATOR_URL refuses every connection',
    async make(lab) {
      const { line, product, account } = await lab.desk();
      line.set({ refuse: true });
      line.cut('rst');
      await until('the loss', async () => (await product.account(account.id)).state === 'DISCONNECTED', 30_000);
      const back = async (): Promise<void> => {
        line.clear();
        await product.call('POST', `/api/accounts/${account.id}/restart`, {});
        await product.inState(account.id, 'READY');
      };
      return { look: () => lab.doctor(), cure: back, end: back };
    },
  },
  {
    rungs: ['R14', 'R06'],
    zh: '线路很慢，每次往返三秒',
    en: 'a slow line: three seconds a round trip',
    how: 'the fault proxy delays each direction by 1.5 s',
    withinMs: 15_000,
    async make(lab) {
      await lab.desk();
      const { openFaultProxy } = await import('../fault-proxy/proxy.ts');
      const front = await openReverseProxy({ host: 'localhost', port: lab.ports[0] });
      const slow = await openFaultProxy({
        target: { host: '127.0.0.1', port: front.port },
        faults: { both: { delayMs: 1_500 } },
      });
      const end = async (): Promise<void> => {
        await slow.close();
        await front.close();
      };
      return {
        look: () => lab.doctor({ args: ['--url', `http://localhost:${slow.port}`] }),
        cure: async () => slow.clear(),
        end,
      };
    },
  },
  {
    rungs: ['R02', 'R03', 'R05', 'R00'],
    zh: '第二次启动被数据目录的锁拒绝',
    en: 'a second start, refused by the lock of the data folder',
    how: 'the product runs; it is started again on other ports with the same data, and the doctor is asked about those',
    async make(lab) {
      await lab.desk();
      const env = { PORT: '4200', WEB_PORT: '3200', DATA_DIR: lab.dataDir };
      await startInVain(lab.root, env);
      return {
        look: () => lab.doctor({ env }),
        lookAgain: () => lab.doctor(),
        cure: async () => {},
        end: async () => {},
      };
    },
  },
];

export const unforeseen: readonly Fault[] = odd.map(({ id, rungs, zh, en, how, ...rest }, index) => ({
  number: `u${index + 1}`,
  ids: id === undefined ? [] : [id],
  rungs,
  title: { zh, en },
  sees: { zh, en },
  how,
  words: { zh: [], en: [] },
  ...rest,
}));

/** Keeps the head, so that it is still recognised as a database, and spoils what follows. */
function damage(path: string): void {
  const { size } = statSync(path);
  const database = openSync(path, 'r+');
  for (let at = 1_024; at < size; at += 1_024) writeSync(database, Buffer.alloc(600, 0x5a), 0, 600, at);
  closeSync(database);
}
