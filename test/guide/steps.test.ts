// The guide's diagnosis in four steps, against the built product on the guide's own ports: steps 1 to 3 (step 4, and every command, is in commands.test.ts).
import { execFileSync } from 'node:child_process';
import { shape } from '@pulseline/protocol';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../web/src/words.en.ts';
import { zh } from '../../web/src/words.ts';
import { openBrowser, openWindow, untilLink } from '../browser.ts';
import { Product } from '../product.ts';
import { until } from '../until.ts';
import {
  type BrowserConsole,
  claimPorts,
  consoleOf,
  lines,
  linksOf,
  networkOf,
  PORT,
  pagesUrl,
  type Socket,
  serverLines,
  WEB_PORT,
  wsUrl,
} from './guide.ts';
import { listeners } from './listeners.ts';

const envelope = shape.object({ type: shape.string(), data: shape.anything(), timestamp: shape.integer() });

describe('快速诊断步骤 · quick diagnosis', { timeout: 60_000 }, () => {
  let product: Product;
  let browser: Browser;
  let page: Page;
  let console: BrowserConsole;
  let sockets: readonly Socket[];

  beforeAll(async () => {
    product = await Product.start({ ports: await claimPorts(), env: { PULSELINE_LANG: 'zh' } });
    browser = await openBrowser();
    ({ page } = await openWindow(browser, 'about:blank'));
    console = consoleOf(page);
    sockets = await networkOf(page);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  describe('第 1 步：检查 WebSocket 连接状态', () => {
    it('the console says the attempt with its address, the success, and each frame, word for word and in this order', async () => {
      await page.goto(pagesUrl);
      await untilLink(page, true);
      console.clearOnArrival();
      await page.reload();
      const received = await console.line(/^收到 WebSocket 消息: \{type: connected, data: Object, timestamp: \d+/);
      const texts = console.texts();
      const places = [lines.attempt, lines.open, received.text].map((text) => texts.indexOf(text));
      expect(places).toEqual([0, 1, 2]);
      const [words, frame] = await received.values;
      expect(words).toBe(lines.received);
      expect(Object.keys(envelope.parse(frame)).slice(0, 3)).toEqual(['type', 'data', 'timestamp']);
      expect(envelope.parse(frame)).toMatchObject({ type: 'connected', data: { message: expect.any(String) } });
    });

    it('an English reader sees the same lines', async () => {
      await page.goto(`${pagesUrl}/settings`);
      await page.getByText('English', { exact: true }).click();
      await page.getByRole('heading', { name: en.settings.title }).first().waitFor();
      console.clearOnArrival();
      await page.goto(pagesUrl);
      await page.getByText(en.accounts.verdictNone).waitFor();
      await console.line(/^收到 WebSocket 消息: \{type: connected/);
      expect(console.texts().slice(0, 2)).toEqual([lines.attempt, lines.open]);
    });

    it('under another host name it is the same line with that URL', async () => {
      console.clearOnArrival();
      await page.goto(`http://127.0.0.1:${WEB_PORT}`);
      await console.line('🔌 尝试连接 WebSocket: ws://127.0.0.1:4000/ws');
      await console.line(lines.open);
      await page.goto(pagesUrl);
    });

    it('a server that is down is "WebSocket connection failed" with cause and fix, beside the browser’s own ERR_CONNECTION_REFUSED', async () => {
      console.clear();
      await product.kill();
      const english = await console.line(/^WebSocket connection failed \(ws:\/\/localhost:4000\/ws, \w+\): .+ → .+/);
      expect(english.level).toBe('error');
      await console.line(/ERR_CONNECTION_REFUSED/);
      await page.evaluate(() => localStorage.clear());
      await product.start();
      await page.goto(pagesUrl);
      await untilLink(page, true);
      console.clear();
      await product.kill();
      await console.line(/^WebSocket connection failed \(.+\): .*[\u4e00-\u9fff].* → .*[\u4e00-\u9fff]/);
      // Each further attempt says its address and how it ended.
      await console.line(lines.attempt);
      await product.start();
      await untilLink(page, true);
    });
  });

  describe('第 2 步：访问 WebSocket 测试页面', () => {
    it('http://localhost:3000/test-ws shows the state of the connection as it changes', async () => {
      await page.goto(`${pagesUrl}/test-ws`);
      const verdict = (state: string) => page.locator(`[data-testid=verdict][data-state=${state}]`);
      const sign = (state: string) => verdict(state).getByRole('status').innerText();
      await verdict('open').waitFor();
      expect(await sign('open')).toMatch(new RegExp(`✅\\s*${zh.diagnosis.open}`));
      expect(await verdict('open').innerText()).toContain(wsUrl);
      await product.kill();
      await verdict('waiting').waitFor();
      expect(await sign('waiting')).toMatch(new RegExp(`❌\\s*${zh.diagnosis.closed}`));
      await product.start();
      await verdict('open').waitFor();
    });

    it('shows every frame that came, as it came', async () => {
      const { id } = await product.addAccount('第 2 步');
      await product.inState(id, 'QR');
      for (const type of ['connected', 'account_update', 'whatsapp_status', 'qr_update']) {
        await page.locator(`[data-testid=frame-row][data-type=${type}]`).first().waitFor();
      }
      await page.locator('[data-testid=frame-row][data-type=qr_update]').first().click();
      const shown: unknown = JSON.parse(await page.getByTestId('frame-detail').innerText());
      const wire = sockets.flatMap(({ frames }) => frames.received).map((text): unknown => JSON.parse(text));
      expect(wire).toContainEqual(shown);
    });

    it('sends a test message by hand, which comes back', async () => {
      const text = '你好，测试消息 1';
      await page.getByLabel(zh.diagnosis.test, { exact: true }).getByRole('textbox').fill(text);
      await page.getByTestId('test-send').click();
      await page.locator('[data-testid=test-outcome][data-state=back]').waitFor();
      await page.locator('[data-testid=frame-row][data-type=test_echo]').first().waitFor();
      const frames = linksOf(sockets).at(-1)?.frames;
      expect(frames?.sent.some((sent) => sent.includes(text))).toBe(true);
      expect(frames?.received.some((got) => got.includes('"test_echo"') && got.includes(text))).toBe(true);
    });
  });

  describe('第 3 步：检查后端服务器', () => {
    it('whoever asks the system sees that port 4000 is listened on', async () => {
      const seen = listeners(PORT);
      expect(seen.text).toContain(String(PORT));
      expect(seen.addresses).toContain(`127.0.0.1:${PORT}`);
      for (const address of seen.addresses) expect(address, 'loopback alone').toMatch(/^(127\.0\.0\.1|\[::1\]):4000$/);
    });

    it('the command that /test-ws shows for it names the process', async () => {
      await page.getByRole('radio', { name: zh.diagnosis.unix }).click();
      const command = await until('the command', async () =>
        (await page.getByLabel(zh.diagnosis.commands).locator('pre, code').allInnerTexts()).find((text) =>
          text.startsWith('lsof'),
        ),
      );
      expect(command).toBe(`lsof -nP -iTCP:${PORT} -sTCP:LISTEN`);
      await page.getByRole('radio', { name: zh.diagnosis.windows }).click();
      await page.getByText(`netstat -ano | findstr ":${PORT}"`).waitFor();
      if (process.platform === 'linux' && !hasLsof()) return;
      expect(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' })).toContain(String(product.child.pid));
    });

    it('the server’s log has both lines, exactly', () => {
      expect(product.child.stdout()).toContain(serverLines);
    });
  });
});

function hasLsof(): boolean {
  try {
    execFileSync('/bin/sh', ['-c', 'command -v lsof']);
    return true;
  } catch {
    return false;
  }
}
