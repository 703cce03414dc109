// Faults 7, 9 to 15: nobody on the port, somebody else on it, an older one; names that lead nowhere, and packets that are refused or dropped.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Child, startChild } from '../child.ts';
import { until } from '../until.ts';
import type { Fault } from './fault.ts';
import { openNameServer, overlay, wall } from './network.ts';

const squatter = `
  const server = require('node:http').createServer((request, response) => response.end('<h1>It works!</h1>'));
  server.listen({ port: Number(process.env.AT), host: process.env.ON }, () => console.log('listening'));`;

/** A program of somebody else on both addresses of the port. */
export async function squat(
  port: number,
  hosts: readonly string[] = ['127.0.0.1', '::1'],
): Promise<{ readonly pid: number; end(): Promise<void> }> {
  const all: Child[] = [];
  for (const host of hosts) {
    const child = startChild(['-e', squatter], { AT: String(port), ON: host });
    await until('the squatter', () => child.output().includes('listening') || !child.running());
    all.push(child);
  }
  return {
    pid: all[0]?.pid ?? 0,
    async end() {
      for (const child of all) if (child.running()) await child.end('SIGKILL');
    },
  };
}

/** Starts the product where it cannot start, and waits until it has given up. */
export async function startInVain(root: string, env: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: root,
    env: { ...process.env, NEXT_PUBLIC_API_BASE_URL: '', ...env },
    stdio: 'ignore',
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await once(child, 'close');
  clearTimeout(timer);
}

export const portFaults: readonly Fault[] = [
  {
    number: '7',
    ids: ['R05.refused'],
    title: { zh: '后端没有运行', en: 'the server is not running' },
    sees: { zh: '连接失败', en: 'connection failed' },
    how: 'the product is not started',
    words: { zh: ['npm'], en: ['npm'] },
    fast: true,
    async make(lab) {
      await lab.desk();
      await lab.noDesk();
      return {
        look: () => lab.doctor(),
        async cure() {
          await lab.desk();
        },
        // Whoever wants the desk next starts it.
        end: async () => {},
      };
    },
  },
  {
    number: '9',
    ids: ['R03.port-taken'],
    title: { zh: '端口被占用', en: 'the port is taken' },
    sees: { zh: '后端启动后立即退出', en: 'the server exits at its start' },
    how: 'another program listens on the port, and the product is started in vain',
    words: { zh: ['占用'], en: ['stop', 'port'] },
    async make(lab) {
      await lab.desk();
      await lab.noDesk();
      const other = await squat(lab.ports[0]);
      const [port, webPort] = lab.ports;
      await startInVain(lab.root, { PORT: String(port), WEB_PORT: String(webPort), DATA_DIR: lab.dataDir });
      return {
        look: () => lab.doctor(),
        async cure() {
          await other.end();
          await lab.desk();
        },
        async end() {
          await other.end();
        },
      };
    },
  },
  {
    number: '11',
    ids: ['R06.stale-instance'],
    title: { zh: '旧进程还在应答', en: 'an older process still answers' },
    sees: { zh: '改动没有效果，应答的是旧版本', en: 'an old version answers' },
    how: 'a Pulseline with other data holds the port; the one that is started ends with PORT_TAKEN',
    words: { zh: ['进程'], en: ['process'] },
    async make(lab) {
      await lab.desk();
      await lab.noDesk();
      const old = await lab.product({ dataDir: lab.folder() });
      const [port, webPort] = lab.ports;
      await startInVain(lab.root, { PORT: String(port), WEB_PORT: String(webPort), DATA_DIR: lab.dataDir });
      return {
        look: () => lab.doctor(),
        async cure() {
          await old.kill();
          await lab.desk();
        },
        async end() {
          await old.close();
        },
      };
    },
  },
  {
    number: '12',
    ids: ['R04.nxdomain'],
    title: { zh: '域名不存在', en: 'no such name' },
    sees: { zh: '找不到主机', en: 'host not found' },
    how: 'a name server of our own that knows no name; web/.env.local names one',
    words: { zh: ['解析'], en: ['resolve'] },
    needs: ['namespaces'],
    make: (lab) => names(lab, 'nxdomain'),
  },
  {
    number: '13',
    ids: ['R04.resolver-down'],
    title: { zh: 'DNS 服务器没有响应', en: 'the name server does not answer' },
    sees: { zh: '等很久之后失败', en: 'slow, then fails' },
    how: 'a name server of our own that never answers',
    words: { zh: ['DNS'], en: ['DNS'] },
    needs: ['namespaces'],
    withinMs: 8_000,
    make: (lab) => names(lab, 'silent'),
  },
  {
    number: '14',
    ids: ['R05.firewall-reject'],
    title: { zh: '防火墙拒绝', en: 'a firewall refuses' },
    sees: { zh: '立即失败', en: 'fails at once' },
    how: 'a routing rule refuses what goes to the port',
    words: { zh: ['防火墙'], en: ['firewall'] },
    needs: ['namespaces'],
    make: (lab) => walled(lab, () => wall('unreachable', { dport: lab.ports[0] })),
  },
  {
    number: '15',
    ids: ['R05.firewall-drop'],
    title: { zh: '防火墙丢包', en: 'a firewall drops' },
    sees: { zh: '一直等待', en: 'hangs' },
    how: 'a routing rule drops what the port answers, so that only a deadline ends the wait',
    words: { zh: ['TCP'], en: ['TCP'] },
    needs: ['namespaces'],
    withinMs: 8_000,
    make: (lab) => walled(lab, () => wall('blackhole', { sport: lab.ports[0] })),
  },
];

async function names(lab: Parameters<Fault['make']>[0], how: 'nxdomain' | 'silent') {
  await lab.desk();
  const close = await openNameServer(how);
  const undo = overlay('/etc/resolv.conf', 'nameserver 127.0.0.1\n', lab.folder());
  lab.write(`NEXT_PUBLIC_API_BASE_URL=http://pulseline.example.com:${lab.ports[0]}\n`);
  await lab.restart();
  return {
    look: () => lab.doctor(),
    async cure() {
      lab.remove();
      await lab.restart();
    },
    async end() {
      undo();
      await close();
      lab.remove();
      await lab.restart();
    },
  };
}

async function walled(lab: Parameters<Fault['make']>[0], build: () => () => void) {
  await lab.desk();
  let undo: (() => void) | undefined = build();
  const open = (): void => {
    undo?.();
    undo = undefined;
  };
  return { look: () => lab.doctor(), cure: async () => open(), end: async () => open() };
}
