// The guide's three problems, its table of message types and its debugging tips, walked in a browser against the built product on the guide's own ports.
import { useWebSocket } from '@pulseline/client/react';
import { durableEvents, ephemeralEvents, shape } from '@pulseline/protocol';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { zh } from '../../web/src/words.ts';
import { openBrowser, openWindow, untilLink } from '../browser.ts';
import { Product } from '../product.ts';
import { until } from '../until.ts';
import {
  apiUrl,
  type BrowserConsole,
  claimPorts,
  consoleOf,
  lines,
  linksOf,
  nameOf,
  networkOf,
  pagesUrl,
  type Socket,
  snippet,
  wsUrl,
} from './guide.ts';

const { anything, boolean, integer, object, oneOf, optional, string } = shape;
const made = object({ id: string() });
const frame = object({
  type: string(),
  data: anything(),
  timestamp: integer(),
  stream: optional(string()),
  seq: optional(integer()),
});
const wholes = { ...durableEvents, ...ephemeralEvents };
const LABEL = zh.add.defaultSandbox;

describe('the guide’s problems, messages and tips', { timeout: 60_000 }, () => {
  let product: Product;
  let browser: Browser;
  let page: Page;
  let console: BrowserConsole;
  let sockets: readonly Socket[];
  let contact: string;
  /** Everything that a plain WebSocket is sent, as any developer's program has it. */
  const frames: shape.Of<typeof frame>[] = [];

  beforeAll(async () => {
    product = await Product.start({ ports: await claimPorts(), env: { PULSELINE_LANG: 'zh' } });
    listen();
    browser = await openBrowser();
    ({ page } = await openWindow(browser, 'about:blank'));
    console = consoleOf(page);
    sockets = await networkOf(page);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  function listen(): void {
    const socket = new WebSocket(wsUrl);
    socket.on('message', (bytes) => frames.push(frame.parse(JSON.parse(String(bytes)))));
    // The product is killed and started in between: a plain client opens another one.
    socket.on('close', () => setTimeout(listen, 100).unref());
    socket.on('error', () => {});
  }
  const write = async (text: string): Promise<void> => {
    const [account] = (await product.status()).accounts;
    await product.call('POST', `/api/sandbox/contacts/${contact}/messages`, { account: account?.id, text });
  };
  const tick = (item: string, done: boolean) =>
    page.locator(`[data-testid=checklist-item][data-item=${item}][data-done=${done}]`);

  describe('问题 1：WebSocket 无法连接', () => {
    it('the failure’s own fix names the server’s start, and the pages say it too', async () => {
      await page.goto(`${pagesUrl}/test-ws`);
      await untilLink(page, true);
      await product.kill();
      const line = await console.line(/^WebSocket connection failed/);
      const [cause = '', fix = ''] = line.text.split('): ')[1]?.split(' → ') ?? [];
      const verdict = page.locator('[data-testid=verdict][data-state=waiting]');
      await verdict.waitFor();
      expect(await verdict.innerText()).toContain(cause);
      expect(await verdict.innerText()).toContain(fix);
      // Whether the port is listened on, the firewall, /status: the guide's three.
      expect(fix).toMatch(/端口.*防火墙.*\/status/);
    });

    it('http://localhost:4000/status, opened directly, shows that the server can be reached', async () => {
      await product.start();
      const tab = await page.context().newPage();
      const answer = await tab.goto(`${apiUrl}/status`);
      expect(answer?.status()).toBe(200);
      expect(JSON.parse(await tab.locator('body').innerText())).toMatchObject({
        product: 'pulseline',
        ws: { path: '/ws' },
        store: { ok: true },
        accounts: [],
      });
      await tab.close();
      await untilLink(page, true);
    });
  });

  describe('问题 2：连接成功但收不到消息', () => {
    it('an open connection without a WhatsApp login is told as what it is', async () => {
      await tick('page', true).waitFor();
      await tick('whatsapp', false).getByText(zh.checklist.whatsappNone).waitFor();
    });

    it('在仪表盘页面扫码登录 WhatsApp: a scan on the dashboard makes it READY', async () => {
      await page.goto(pagesUrl);
      await page.getByRole('button', { name: zh.add.chooseSandbox }).click();
      await page.getByTestId('qr').waitFor();
      await tick('whatsapp', false).getByText(LABEL).waitFor();
      await page.getByTestId('sandbox-scan').click();
      const state = page.getByTestId('account-card').filter({ hasText: LABEL }).getByTestId('account-state');
      await state.and(page.locator('[data-state=READY]')).waitFor();
      expect(await state.innerText()).toContain('READY');
    });

    it('发送测试消息验证: what a contact writes arrives as new_message and is written to the console', async () => {
      contact = made.parse(await product.call('POST', '/api/sandbox/contacts', { name: '王芳' })).id;
      console.clear();
      await write('你好，测试');
      const line = await console.line(/^收到新消息，刷新会话列表: /);
      const [words, message] = await line.values;
      expect(words).toBe(lines.newMessage);
      expect(message).toMatchObject({ body: '你好，测试', fromMe: false });
    });
  });

  describe('问题 3：消息延迟或不实时', () => {
    it('a message is on the screen without a reload', async () => {
      await page.getByRole('link', { name: zh.nav.inbox }).first().click();
      await page.getByTestId('conversation-row').filter({ hasText: '王芳' }).click();
      await page.evaluate(() => {
        document.documentElement.dataset['since'] = 'the first load';
      });
      await write('不用刷新');
      await page.getByTestId('message-bubble').filter({ hasText: '不用刷新' }).waitFor();
      expect(await page.evaluate(() => document.documentElement.dataset['since'])).toBe('the first load');
    });

    it('检查 WebSocket 连接是否保持活跃: pings are answered on the same socket', async () => {
      const open = await until('a socket', () => linksOf(sockets).at(-1));
      await until('a ping', () => open.frames.received.some((text) => text.includes('"type":"ping"')), 30_000);
      await until('its pong', () => open.frames.sent.some((text) => text.includes('"type":"pong"')));
      expect(open.closed).toBe(false);
    });

    it('查看浏览器控制台是否有错误: there is none', () => {
      expect(console.lines().filter(({ level }) => level === 'error' || level === 'warning')).toEqual([]);
    });

    it('useWebSocket is there, and however many components use the hook, a tab has one socket', async () => {
      expect(useWebSocket).toBeTypeOf('function');
      const before = linksOf(sockets).length;
      await page.reload();
      await page.getByTestId('message-bubble').filter({ hasText: '不用刷新' }).waitFor();
      await untilLink(page, true);
      expect(linksOf(sockets).length - before).toBe(1);
    });
  });

  describe('📊 WebSocket 消息类型', () => {
    const last = (type: string) => frames.findLast((given) => given.type === type);

    it('a reply makes the missing ones: new_message from us, message_status from the contact’s phone', async () => {
      await page.getByTestId('composer').fill('有的，98 元一件');
      await page.getByTestId('composer').press('Enter');
      const delivered = object({ status: oneOf(['delivered']) });
      await until('delivered', () =>
        frames.some(({ type, data }) => type === 'message_status' && shape.fits(delivered, data)),
      );
    });

    it.each([
      ['connected', object({ message: string() })],
      ['new_message', object({ from: string(), to: string(), body: string(), fromMe: boolean() })],
      ['whatsapp_status', object({ status: string(), state: string() })],
      ['qr_update', object({ qr: string() })],
      ['message_status', object({ messageId: string(), status: string() })],
    ] as const)('%s has the documented shape', (type, documented) => {
      const found = last(type);
      expect(() => documented.parse(found?.data)).not.toThrow();
      expect(() => wholes[type].parse(found?.data)).not.toThrow();
      const durable = type in durableEvents;
      expect([typeof found?.stream, typeof found?.seq]).toEqual(
        durable ? ['string', 'number'] : ['undefined', 'undefined'],
      );
    });

    it('whatsapp_status went from the start over the scan to READY, message_status names the message it means', () => {
      const states = frames.flatMap(({ type, data }) => {
        const status = object({ status: string() });
        return type === 'whatsapp_status' && shape.fits(status, data) ? [data.status] : [];
      });
      expect(states).toEqual(expect.arrayContaining(['QR', 'READY']));
      expect(states.indexOf('QR')).toBeLessThan(states.indexOf('READY'));
      const ours = object({ id: string(), fromMe: boolean() });
      const ids = frames.flatMap(({ data }) => (shape.fits(ours, data) && data.fromMe ? [data.id] : []));
      const named = object({ messageId: string() });
      const status = last('message_status')?.data;
      expect(ids).toContain(shape.fits(named, status) ? status.messageId : '');
    });

    it('/test-ws shows the five with their descriptions and what came of each', async () => {
      await page.goto(`${pagesUrl}/test-ws`);
      const table = page.getByLabel(zh.diagnosis.types, { exact: true });
      for (const row of ['connected', 'new_message', 'whatsapp_status', 'qr_update', 'message_status']) {
        await table.getByText(row, { exact: true }).waitFor();
      }
      for (const text of ['连接成功确认', '新消息到达', 'WhatsApp', '二维码更新', '消息状态更新']) {
        await table.getByText(text).first().waitFor();
      }
    });
  });

  describe('🔧 调试技巧', () => {
    it('1. `ws` is under Network, filtered by WS, in every tab and on every page', async () => {
      for (const path of ['/', '/inbox', '/test-ws', '/sandbox', '/settings']) {
        const tab = await page.context().newPage();
        const seen = await networkOf(tab);
        await tab.goto(`${pagesUrl}${path}`);
        const socket = await until(`ws of ${path}`, () => seen.find(({ status }) => status === 101));
        expect(nameOf(socket.url)).toBe('ws');
        expect(socket.url.split('?')[0]).toBe(wsUrl);
        await until('its frames', () => socket.frames.received.some((text) => text.includes('"connected"')));
        expect(linksOf(seen)).toHaveLength(1);
        await tab.close();
      }
    });

    it('2. the snippet, typed into the console of a page, connects and prints what comes', async () => {
      console.clear();
      await type(page, snippet);
      await console.line('✅ 连接成功');
      const line = await console.line(/^📨 收到消息: \{type: connected, data: Object, timestamp: \d+/);
      expect((await line.values)[0]).toBe('📨 收到消息:');
      await write('给控制台');
      await console.line(/^📨 收到消息: \{type: new_message/);
      expect(console.texts().filter((text) => text.startsWith('❌'))).toEqual([]);
    });

    it('2. the page shows the very snippet, for copying', async () => {
      const commands = await page.getByLabel(zh.diagnosis.commands).first().innerText();
      for (const line of snippet.split('\n')) expect(commands).toContain(line);
    });

    it('2. with the server down the snippet prints ❌ 连接错误', async () => {
      console.clear();
      await product.kill();
      await type(page, snippet);
      await console.line(/^❌ 连接错误: /);
      await product.start();
      await untilLink(page, true);
    });

    it('3. the four log lines are in the console of a tab that is used', async () => {
      console.clearOnArrival();
      await page.reload();
      await console.line(lines.attempt);
      await console.line(lines.open);
      await console.line(new RegExp(`^${lines.received} \\{`));
      await untilLink(page, true);
      const [account] = (await product.status()).accounts;
      await product.inState(account?.id ?? '', 'READY');
      await write('第四行');
      await console.line(new RegExp(`^${lines.newMessage} \\{`));
    });
  });
});

/** As the Console tab runs what one types: outside the page's content policy, `const` anew each time. */
async function type(page: Page, text: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { exceptionDetails } = await session.send('Runtime.evaluate', { expression: text, replMode: true });
  expect(exceptionDetails).toBeUndefined();
  await session.detach();
}
