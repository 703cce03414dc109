// Faults that the catalogue does not know, of whoever answers: foreign sites, gateways, proxies that spoil what they pass on, names that lead elsewhere.
import { behind } from './catalogue-doors.ts';
import { squat } from './catalogue-ports.ts';
import { overlay } from './network.ts';
import type { Odd } from './odd.ts';

const html = '<!doctype html><title>It works</title><h1>It works!</h1>';

export const odd: readonly Odd[] = [
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
];
