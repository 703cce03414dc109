// Faults 16, 20, 22, 29 to 33: what only a browser, or the server behind its back, can see; made in Chromium, and read from the page's own report on /test-ws.
import { setTimeout as pause } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import WebSocket from 'ws';
import { createTlsFiles } from '../../emulator/src/certificate.ts';
import { untilLink } from '../browser.ts';
import { openFaultProxy } from '../fault-proxy/proxy.ts';
import { until } from '../until.ts';
import { verdictOf } from './doctor.ts';
import type { Fault, Standing, Verdict } from './fault.ts';
import type { Lab } from './lab.ts';
import { address } from './network.ts';
import { openReverseProxy } from './reverse-proxy.ts';

const LAN = '192.168.77.5';
/** Of a block that belongs to documentation; to a browser it is the public internet. */
const PUBLIC = '203.0.113.5';

export async function openPage(
  lab: Lab,
  url: string,
): Promise<{ readonly page: Page; readonly context: BrowserContext }> {
  const context = await (await lab.browser()).newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 900 },
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  // As text: what compiles this file would add calls that a page does not know. What the page would copy is what the lab reads.
  await page.addInitScript({
    content:
      "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { document.documentElement.dataset.report = text; } } });",
  });
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  return { page, context };
}

/** The report that /test-ws shows, as it copies it. `again`: the page is there already, and is asked to look. */
export async function reportOf(page: Page, again: boolean): Promise<Verdict> {
  const began = performance.now();
  const done = page.locator('[data-testid=diagnosis]:not([data-state=running])');
  await done.waitFor();
  if (again) {
    await page.locator('[data-testid=diagnosis] button').first().click();
    await page
      .locator('[data-testid=diagnosis][data-state=running]')
      .waitFor({ timeout: 2_000 })
      .catch(() => {});
    await done.waitFor();
  }
  const ms = performance.now() - began;
  await page.getByTestId('copy-report').click();
  const text = await page.locator('html[data-report]').getAttribute('data-report');
  return verdictOf(JSON.parse(text ?? ''), ms);
}

export const pagesOf = (lab: Lab): string => `http://localhost:${lab.ports[1]}`;

/** The pages of the desk under another address, as a second computer or the world would have them. */
function elsewhere(host: string, base: (lab: Lab) => string, tls = false): (lab: Lab) => Promise<Standing> {
  return async (lab) => {
    await lab.desk();
    lab.write(`NEXT_PUBLIC_API_BASE_URL=${base(lab)}\n`);
    await lab.restart();
    const hosts = [...new Set([host, new URL(base(lab)).hostname])].filter((name) => name !== 'localhost');
    const undo = hosts.map((name) => address(name));
    // Where the pages look for the API it is: nothing but the browser is in the way.
    const api =
      new URL(base(lab)).hostname === LAN
        ? await openReverseProxy({ host: 'localhost', port: lab.ports[0] }, {}, { host: LAN, port: lab.ports[0] })
        : undefined;
    const files = tls ? await createTlsFiles() : undefined;
    const front = await openReverseProxy(
      { host: 'localhost', port: lab.ports[1] },
      {},
      { host, ...(files && { tls: { key: files.key, cert: files.cert } }) },
    );
    const { page, context } = await openPage(lab, `${tls ? 'https' : 'http'}://${host}:${front.port}/test-ws`);
    return {
      look: () => reportOf(page, false),
      async end() {
        await context.close();
        await front.close();
        await api?.close();
        for (const each of undo) each();
        lab.remove();
        await lab.restart();
      },
    };
  };
}

export const browserFaults: readonly Fault[] = [
  {
    number: '16',
    ids: ['R02.loopback-from-remote'],
    title: { zh: '从另一台电脑打开页面', en: 'the page on another computer' },
    sees: { zh: '别的电脑连不上，本机可以', en: "other PCs can't connect, this one can" },
    how: "the pages under an address of the local network, while they look for the API on the reader's own computer",
    words: { zh: ['localhost'], en: ['localhost'] },
    needs: ['namespaces', 'chromium'],
    make: elsewhere(LAN, (lab) => `http://localhost:${lab.ports[0]}`),
  },
  {
    number: '20',
    ids: ['R09.mixed-content'],
    title: { zh: 'https 页面用了 ws://', en: 'an https page that uses ws://' },
    sees: { zh: '页面是 https，WebSocket 被拦截', en: 'the page is https, the WebSocket is blocked' },
    how: 'a TLS proxy before the pages, and a plain address of the API that is not this computer',
    words: { zh: ['wss'], en: ['wss'] },
    needs: ['namespaces', 'chromium'],
    make: elsewhere(LAN, (lab) => `http://${LAN}:${lab.ports[0]}`, true),
  },
  {
    number: '22',
    ids: ['R09.lna'],
    title: { zh: '公网页面访问本机', en: 'a public page that asks for this computer' },
    sees: { zh: 'Chrome 142 起询问或拦截', en: 'Chrome asks or blocks, from 142 on' },
    how: 'the pages under a public address, the API under one of the local network',
    words: { zh: ['公网'], en: ['ublic'] },
    needs: ['namespaces', 'chromium'],
    make: elsewhere(PUBLIC, (lab) => `http://${LAN}:${lab.ports[0]}`),
  },
  {
    number: '29',
    ids: ['R14.half-open'],
    title: { zh: '半开连接', en: 'a half-open link' },
    sees: { zh: '合上笔记本再打开后页面陈旧', en: 'stale after the lid was closed' },
    how: 'the open connections between page and server are swallowed without a word to either; the page must come back by itself',
    words: { zh: ['重连'], en: ['reconnect'] },
    needs: ['chromium'],
    async make(lab) {
      const { emulator, contact, account } = await lab.desk();
      const front = await openReverseProxy({ host: 'localhost', port: lab.ports[0] });
      const line = await openFaultProxy({ target: { host: '127.0.0.1', port: front.port } });
      lab.write(`NEXT_PUBLIC_API_BASE_URL=http://localhost:${line.port}\n`);
      await lab.restart();
      const { page, context } = await openPage(lab, `${pagesOf(lab)}/test-ws`);
      await untilLink(page, true);
      line.cut('silent');
      await emulator.send(contact, account.me?.phone ?? '', 'while nobody listened', { n: 3 });
      // Only after the link was found dead, and another one made, can the page have it.
      await page.getByText('while nobody listened').first().waitFor({ timeout: 90_000 });
      return {
        look: () => reportOf(page, true),
        async end() {
          await context.close();
          await line.close();
          await front.close();
          lab.remove();
          await lab.restart();
        },
      };
    },
  },
  {
    number: '30',
    ids: ['R24.slow-consumer'],
    title: { zh: '标签页处理过慢', en: 'a tab that is too slow' },
    sees: { zh: '标签页落后', en: 'the tab falls behind' },
    how: 'a client stops reading while 20 MB come for it',
    words: { zh: ['标签页'], en: ['tab'] },
    async make(lab) {
      const { product, emulator, contact, account } = await lab.desk();
      const before = (await product.heads())[account.id]?.seq ?? 0;
      const socket = new WebSocket(product.wsUrl);
      await until('the socket', () => socket.readyState === WebSocket.OPEN);
      socket.pause();
      const text = '慢'.repeat(4_000);
      await emulator.send(contact, account.me?.phone ?? '', text, { n: 1_600 });
      await until(
        'the messages',
        async () => ((await product.heads())[account.id]?.seq ?? 0) >= before + 1_600,
        60_000,
      );
      // A tab that reads slowly for a moment is no fault; one that does not catch up is cut a little later.
      await until(
        'the server to wait for it',
        async () =>
          /"phase":"behind"[^}]*"stuckMs":([3-9]|\d\d)\d{3}/.test(
            JSON.stringify(await product.call('GET', '/api/diagnosis')),
          ),
        30_000,
      );
      return {
        look: () => lab.doctor(),
        cure: async () => socket.terminate(),
        end: async () => socket.terminate(),
      };
    },
  },
  {
    number: '31',
    ids: ['R26.tab-throttled'],
    title: { zh: '后台标签页被节流', en: 'a background tab is throttled' },
    sees: { zh: '后台的标签页更新很晚', en: 'a tab in the background is late' },
    how: 'the page stands still for 4 s while it looks at itself, as tabs in the background do',
    words: { zh: ['后台'], en: ['background'] },
    needs: ['chromium'],
    async make(lab) {
      await lab.desk();
      const { page, context } = await openPage(lab, `${pagesOf(lab)}/test-ws`);
      await untilLink(page, true);
      await page.locator('[data-testid=diagnosis]:not([data-state=running])').waitFor();
      const session = await context.newCDPSession(page);
      await session.send('Debugger.enable');
      await page.locator('[data-testid=diagnosis] button').first().click();
      // A page in sight is never frozen; its debugger stops it just so.
      await session.send('Debugger.pause');
      await pause(4_000);
      await session.send('Debugger.resume');
      return { look: () => reportOf(page, false), end: () => context.close() };
    },
  },
  {
    number: '32',
    ids: ['R26.render-error'],
    title: { zh: '收到但无法显示', en: 'received, not shown' },
    sees: { zh: '消息收到了，但没有显示', en: 'received, but not on the screen' },
    how: 'what formats times throws while a message is drawn',
    words: { zh: ['渲染'], en: ['rendering'] },
    needs: ['chromium'],
    async make(lab) {
      const { emulator, contact, account, product } = await lab.desk();
      await emulator.send(contact, account.me?.phone ?? '', 'hello');
      await until('the conversation', async () => (await product.conversations()).length > 0);
      const { page, context } = await openPage(lab, `${pagesOf(lab)}/inbox`);
      await page.getByTestId('conversation-row').first().click();
      await page.getByTestId('message-bubble').first().waitFor();
      await page.evaluate(`{
        const { get } = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, 'format');
        Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', {
          configurable: true,
          get() {
            if (document.documentElement.dataset.broken === 'yes') throw new RangeError('Invalid time value');
            return get.call(this);
          },
        });
        document.documentElement.dataset.broken = 'yes';
      }`);
      await emulator.send(contact, account.me?.phone ?? '', 'cannot be drawn');
      await pause(1_500);
      await page.evaluate("document.documentElement.dataset.broken = 'no'");
      await page.locator('a[href="/test-ws"]').first().click();
      return { look: () => reportOf(page, false), end: () => context.close() };
    },
  },
  {
    number: '33',
    ids: ['R09.extension-block'],
    title: { zh: '浏览器扩展拦截', en: 'an extension blocks' },
    sees: { zh: '只有一个浏览器配置不行', en: 'one browser profile only' },
    how: "Chromium blocks the API's address for this page as an extension does",
    words: { zh: ['扩展'], en: ['xtension'] },
    needs: ['chromium'],
    async make(lab) {
      await lab.desk();
      const { page, context } = await openPage(lab, 'about:blank');
      const api = new RegExp(`^(http|ws)://[^/]*:${lab.ports[0]}/`);
      await context.route(api, (route) => route.abort('blockedbyclient'));
      await context.routeWebSocket(api, (socket) => socket.close({ code: 1006 }).catch(() => {}));
      await page.goto(`${pagesOf(lab)}/test-ws`, { waitUntil: 'domcontentloaded' });
      return { look: () => reportOf(page, false), end: () => context.close() };
    },
  },
];
