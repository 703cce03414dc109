// The guide's last two sections, in both languages: the six ticks on the page, each by its own evidence, and what a support request needs.
import type { Browser, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../web/src/words.en.ts';
import { zh } from '../../web/src/words.ts';
import { openBrowser, openWindow } from '../browser.ts';
import { Product } from '../product.ts';
import { type BrowserConsole, claimPorts, consoleOf, lines, pagesUrl, serverLines, ticks, wsUrl } from './guide.ts';

const items = ['server', 'web', 'console', 'page', 'whatsapp', 'message'] as const;

describe('the guide’s checklist and what support needs', { timeout: 60_000 }, () => {
  let product: Product;
  let browser: Browser;
  let page: Page;
  let console: BrowserConsole;
  let account: string;

  beforeAll(async () => {
    product = await Product.start({ ports: await claimPorts(), env: { PULSELINE_LANG: 'zh' } });
    browser = await openBrowser();
    ({ page } = await openWindow(browser, 'about:blank'));
    console = consoleOf(page);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  const item = (name: string, done: boolean) =>
    page.locator(`[data-testid=checklist-item][data-item=${name}][data-done=${done}]`);
  const checklist = () => page.getByTestId('checklist-item').allInnerTexts();

  describe('✅ 验证 WebSocket 正常工作', () => {
    it('the page has the guide’s six lines, and ticks none that is not true yet', async () => {
      await page.goto(`${pagesUrl}/test-ws`);
      for (const name of ['server', 'web', 'console', 'page']) await item(name, true).waitFor();
      for (const name of ['whatsapp', 'message']) await item(name, false).waitFor();
      const shown = await checklist();
      expect(shown).toHaveLength(ticks.length);
      for (const [index, text] of ticks.entries()) expect(shown[index]).toContain(text);
    });

    it('5. WhatsApp 已扫码登录（状态 = READY）: ticks by itself when the account is READY', async () => {
      ({ id: account } = await product.addAccount('清单'));
      await product.qr(account);
      await product.call('POST', `/api/sandbox/accounts/${account}/scan`);
      await item('whatsapp', true).waitFor();
      expect((await product.account(account)).state).toBe('READY');
    });

    it('6. 发送测试消息后，前端立即收到并显示: ticks when the test message is back', async () => {
      await page.getByTestId('test-send').click();
      await item('message', true).waitFor();
    });

    it('all six are ticked, on /test-ws and on the dashboard, in both languages', async () => {
      for (const name of items) await item(name, true).waitFor();
      await page.getByRole('link', { name: zh.nav.accounts }).first().click();
      for (const name of items) await item(name, true).waitFor();
      await page.getByRole('link', { name: zh.nav.settings }).first().click();
      await page.getByText('English', { exact: true }).click();
      await page.getByRole('link', { name: en.nav.diagnosis }).first().click();
      for (const name of items) await item(name, true).waitFor();
      const shown = (await checklist()).join('\n');
      for (const part of [':3000', '4000', lines.open, '/test-ws', 'READY']) expect(shown).toContain(part);
    });

    it('what is no longer true is unticked', async () => {
      await product.kill();
      for (const name of ['server', 'page', 'whatsapp']) await item(name, false).waitFor();
      await product.start();
      for (const name of items) await item(name, true).waitFor();
    });
  });

  describe('📝 联系支持', () => {
    it('1. the console of a page holds the whole story of its connection', async () => {
      const texts = console.texts();
      const story = [lines.attempt, lines.open, lines.failed].map((line) =>
        texts.findIndex((text) => text.startsWith(line)),
      );
      expect(story.every((place, index) => place > (story[index - 1] ?? -1))).toBe(true);
      expect(texts.filter((text) => text.startsWith(lines.open))).toHaveLength(2);
    });

    it('2. the server’s log of its start says port, service, and every account’s state', () => {
      const log = product.child.output();
      expect(log).toContain(serverLines);
      expect(log).toContain(account);
      expect(log).toContain('READY');
    });

    it('3. a picture of /test-ws has state, address and figures in its first screen', async () => {
      for (const place of [page.getByTestId('verdict'), page.getByLabel(en.diagnosis.counters)]) {
        const box = await place.boundingBox();
        expect((box?.y ?? Number.NaN) + (box?.height ?? Number.NaN)).toBeLessThanOrEqual(800);
      }
      expect(await page.getByTestId('verdict').innerText()).toContain(wsUrl);
      const { width, height } = PNG.sync.read(await page.screenshot());
      expect([width, height]).toEqual([1280, 800]);
    });

    it('4. the state of WhatsApp is on the dashboard and in /status, since when and why', async () => {
      await page.getByRole('link', { name: en.nav.accounts }).first().click();
      const card = page.getByTestId('account-card');
      await card.locator('[data-testid=account-state][data-state=READY]').waitFor();
      const [told] = (await product.status()).accounts;
      expect(told).toMatchObject({ id: account, state: 'READY', since: expect.any(Number) });
      await product.call('POST', `/api/sandbox/accounts/${account}/logout`);
      await card.locator('[data-testid=account-state][data-state=LOGGED_OUT]').waitFor();
      const { reason } = await product.inState(account, 'LOGGED_OUT');
      expect(reason).toMatchObject({ code: 'LOGGED_OUT', text: expect.any(String), fix: expect.any(String) });
    });
  });
});
