// Healthy configurations, each unusual in its own way: none of them may raise an alarm. A QR code that waits, or a logout by the user, is information and no fault.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, startChild } from '../child.ts';
import { cloneProject } from '../clone.ts';
import { type Dashboard, openDashboard } from '../dashboard.ts';
import type { Product } from '../product.ts';
import { until } from '../until.ts';
import type { Asked } from './doctor.ts';
import type { Healthy } from './fault.ts';
import type { Lab } from './lab.ts';
import { overlay } from './network.ts';
import { openReverseProxy } from './reverse-proxy.ts';

interface Own {
  readonly env?: Readonly<Record<string, string>>;
  readonly ports?: readonly [number, number];
  /** What else is done before the question. */
  readonly prepare?: (product: Product, lab: Lab) => Promise<void>;
  readonly asked?: Asked;
  /** The text of web/.env.local. */
  readonly file?: (base: string) => string;
}

/** A fresh product of its own, started like this. */
function own({ env = {}, ports, prepare, asked = {}, file }: Own = {}): Healthy['make'] {
  return async (lab) => {
    await lab.noDesk();
    const dataDir = lab.folder();
    const at = ports ?? lab.ports;
    if (file !== undefined) lab.write(file(`http://localhost:${at[0]}`));
    const product = await lab.product({ env, dataDir, ...(ports && { ports }) });
    await prepare?.(product, lab);
    return {
      look: () => lab.doctor({ ...asked, env: { DATA_DIR: dataDir, ...asked.env } }),
      async end() {
        lab.remove();
        if (product.child.running()) await product.kill();
      },
    };
  };
}

/** The desk as it is, with something beside it. */
function beside(make: (lab: Lab) => Promise<() => Promise<void>>, asked: Asked = {}): Healthy['make'] {
  return async (lab) => {
    await lab.desk();
    const end = await make(lab);
    return { look: () => lab.doctor(asked), end };
  };
}

const spin = 'for (;;) Math.sqrt(Math.random());';
const other = [4100, 3100] as const;
const otherEnv = { PORT: '4100', WEB_PORT: '3100' };
const deadProxy = 'http://127.0.0.1:9';
const proxies = Object.fromEntries(
  ['http_proxy', 'https_proxy', 'all_proxy']
    .flatMap((name) => [name, name.toUpperCase()])
    .map((name) => [name, deadProxy]),
);

export const healthyConfigurations: readonly Healthy[] = [
  { name: { zh: '刚安装，没有账号', en: 'a fresh install without accounts' }, make: own() },
  {
    name: { zh: '模拟器在别处，账号 READY', en: 'EMULATOR_URL, the account READY' },
    fast: true,
    make: beside(async () => async () => {}),
  },
  { name: { zh: '换了端口', en: 'other ports' }, make: own({ ports: other, asked: { env: otherEnv } }) },
  {
    name: { zh: '换了端口，只写在 .env.local 里', en: 'another port that only web/.env.local tells' },
    make: own({ ports: [4100, 3000], file: (base) => `NEXT_PUBLIC_API_BASE_URL=${base}\n` }),
  },
  { name: { zh: '只有 IPv4', en: 'HOST=127.0.0.1: IPv4 alone' }, make: own({ env: { HOST: '127.0.0.1' } }) },
  {
    name: { zh: '只有 IPv6', en: 'HOST=::1: IPv6 alone' },
    needs: ['namespaces', 'ipv6'],
    async make(lab) {
      // Where localhost has no IPv6 address, such a server would be out of its pages' reach, and that would be a fault.
      const undo = overlay('/etc/hosts', '::1 localhost\n127.0.0.1 localhost\n', lab.folder());
      const { look, end } = await own({ env: { HOST: '::1' } })(lab);
      return {
        look,
        async end() {
          await end();
          undo();
        },
      };
    },
  },
  {
    name: { zh: '反向代理之后，设置正确', en: 'behind a reverse proxy that passes WebSockets' },
    async make(lab) {
      await lab.noDesk();
      const proxy = await openReverseProxy({ host: 'localhost', port: lab.ports[0] });
      const made = await own({ file: () => `NEXT_PUBLIC_API_BASE_URL=${proxy.url}\n` })(lab);
      return {
        look: made.look,
        async end() {
          await made.end();
          await proxy.close();
        },
      };
    },
  },
  {
    name: { zh: '路径里有空格和中文', en: 'a path with spaces and Chinese' },
    async make(lab) {
      await lab.noDesk();
      const folder = join(lab.folder(), '我的 项目');
      mkdirSync(folder);
      const copy = join(folder, 'pulse line');
      cloneProject(copy);
      const product = await lab.product({ copy, dataDir: join(copy, 'data') });
      return {
        look: () => lab.doctor({ copy }),
        async end() {
          await product.kill();
        },
      };
    },
  },
  {
    name: { zh: '环境里有代理', en: 'a proxy in the environment that leads nowhere' },
    make: own({ env: proxies, asked: { env: proxies } }),
  },
  {
    name: { zh: '沙盒账号 READY', en: 'a sandbox account READY' },
    make: own({
      async prepare(product) {
        const { id } = await product.addAccount('Sandbox');
        await product.qr(id);
        await product.call('POST', `/api/sandbox/accounts/${id}/scan`, {});
        await product.inState(id, 'READY');
      },
    }),
  },
  {
    name: { zh: '账号等待扫码', en: 'an account that waits for a scan' },
    make: own({
      async prepare(product) {
        await product.qr((await product.addAccount('Waiting')).id);
      },
    }),
  },
  {
    name: { zh: '用户自己退出了登录', en: 'an account that its user has logged out' },
    make: own({
      async prepare(product) {
        const { id } = await product.addAccount('Leaving');
        await product.qr(id);
        await product.call('POST', `/api/sandbox/accounts/${id}/scan`, {});
        await product.inState(id, 'READY');
        await product.call('POST', `/api/accounts/${id}/logout`, {});
        await product.inState(id, 'LOGGED_OUT');
      },
    }),
  },
  {
    name: { zh: '开发模式 npm run dev', en: 'npm run dev' },
    async make(lab) {
      await lab.noDesk();
      const dataDir = lab.folder();
      const dev: ChildProcess = spawn(process.execPath, ['scripts/dev.mjs'], {
        cwd: lab.root,
        env: {
          ...process.env,
          PORT: String(lab.ports[0]),
          WEB_PORT: String(lab.ports[1]),
          DATA_DIR: dataDir,
          NODE_OPTIONS: '',
          NODE_ENV: '',
        },
        stdio: 'ignore',
      });
      await until('the server', async () => (await fetch(`http://localhost:${lab.ports[0]}/livez`)).ok, 60_000);
      await until('the pages', async () => (await fetch(`http://localhost:${lab.ports[1]}/`)).ok, 60_000);
      return {
        look: () => lab.doctor({ env: { DATA_DIR: dataDir } }),
        async end() {
          const ended = once(dev, 'close');
          dev.kill('SIGTERM');
          await ended;
        },
      };
    },
  },
  {
    name: { zh: '.env.local：UTF-8、注释、空行', en: 'web/.env.local in UTF-8 with a comment and empty lines' },
    make: own({ file: (base) => `# 后端地址，别改\n\nNEXT_PUBLIC_API_BASE_URL=${base}\n\n# end\n` }),
  },
  {
    name: { zh: '.env.local：CRLF、引号', en: 'web/.env.local with CRLF and quotes' },
    make: own({ file: (base) => `NEXT_PUBLIC_API_BASE_URL="${base.replace('localhost', '127.0.0.1')}"\r\n` }),
  },
  {
    name: { zh: '数千条消息', en: 'thousands of messages' },
    make: beside(async (lab) => {
      const { emulator, contact, product, account } = await lab.desk();
      const before = Object.values((await product.heads()) ?? {}).reduce((sum, { seq }) => sum + seq, 0);
      await emulator.send(contact, account.me?.phone ?? '', 'bulk', { n: 3_000 });
      await until(
        '3,000 messages',
        async () => Object.values(await product.heads()).reduce((sum, { seq }) => sum + seq, 0) >= before + 3_000,
        180_000,
      );
      return async () => {};
    }),
  },
  {
    name: { zh: '四十个标签页', en: 'forty tabs' },
    make: beside(async (lab) => {
      const { product } = await lab.desk();
      const heads = await product.heads();
      const all: Dashboard[] = Array.from({ length: 40 }, () => openDashboard(product.wsUrl, heads));
      await Promise.all(all.map((each) => each.live()));
      return async () => {
        for (const each of all) each.close();
      };
    }),
  },
  {
    name: { zh: '另一种语言', en: 'PULSELINE_LANG=en' },
    make: own({ env: { PULSELINE_LANG: 'en' }, asked: { env: { PULSELINE_LANG: 'en' } } }),
  },
  {
    name: { zh: 'kill -9 之后再次启动', en: 'a second start after kill -9' },
    make: beside(async (lab) => {
      const { product, account } = await lab.desk();
      await product.kill();
      await product.start();
      await product.inState(account.id, 'READY');
      return async () => {};
    }),
  },
  {
    name: { zh: '机器很忙', en: 'a busy machine' },
    make: beside(async () => {
      const busy = [startChild(['-e', spin]), startChild(['-e', spin])];
      return async () => {
        for (const child of busy) await child.end('SIGKILL');
      };
    }),
  },
  {
    name: { zh: '从别的目录运行', en: 'the doctor started from another folder' },
    make: beside(async () => async () => {}, { cwd: root }),
  },
  {
    name: { zh: '旁边还有一个 Pulseline', en: 'another Pulseline beside it' },
    make: beside(async (lab) => {
      const second = await lab.product({ ports: other, dataDir: lab.folder() });
      return () => second.kill();
    }),
  },
  {
    name: { zh: '别的时区、没有语言环境', en: 'another time zone, and no locale' },
    make: own({
      env: { TZ: 'Pacific/Kiritimati', LC_ALL: 'C' },
      asked: { env: { TZ: 'America/Los_Angeles', LC_ALL: 'C' } },
    }),
  },
  {
    name: { zh: '问诊时不知道 DATA_DIR', en: "the doctor in a shell that does not know the server's DATA_DIR" },
    make: own({ asked: { env: { DATA_DIR: '' } } }),
  },
  {
    name: { zh: '别的程序用着相近的端口', en: 'other programs on ports that look alike' },
    fast: true,
    make: beside(async () => {
      const code =
        "for (const p of [40000, 40001, 14000, 30001]) require('node:http').createServer().listen(p, '127.0.0.1'); setTimeout(() => console.log('up'), 50)";
      const child = startChild(['-e', code]);
      await until('the programs', () => child.output().includes('up'));
      return async () => {
        await child.end('SIGKILL');
      };
    }),
  },
];
