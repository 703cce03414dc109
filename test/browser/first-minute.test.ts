// A person without a phone, from the first page to a conversation with the sandbox phone: clicks and seconds counted, in both languages, on a desk and on a phone.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { shape } from '@pulseline/protocol';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../web/src/words.en.ts';
import { zh } from '../../web/src/words.ts';
import { openBrowser } from '../browser.ts';
import { Product } from '../product.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const violations = shape.list(shape.string());

/** What a person takes besides the machine: to find, reach and press one thing, and to type one sign (Card, Moran and Newell's keystroke-level model). */
const SECONDS_A_CLICK = 1.35 + 1.1 + 0.2;
const SECONDS_A_KEY = 0.28;

describe('the first minute without a phone', { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  it.each([
    ['zh', 1440],
    ['zh', 390],
    ['en', 1440],
    ['en', 390],
  ] as const)('leads to a delivered reply by what is on the screen alone (%s, %i px)', async (language, width) => {
    const words = language === 'zh' ? zh : en;
    const phone = width < 768;
    const product = await Product.start({ env: { PULSELINE_LANG: language } });
    const context = await browser.newContext({
      locale: language === 'zh' ? 'zh-CN' : 'en-US',
      viewport: { width, height: phone ? 844 : 900 },
      isMobile: phone,
      hasTouch: phone,
    });
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      let clicks = 0;
      let keys = 0;
      const press = async (what: Locator): Promise<void> => {
        clicks += 1;
        const target = what.filter({ visible: true }).first();
        await target.waitFor();
        // Seen without scrolling: nobody looks for what they do not know of.
        const box = await target.boundingBox();
        expect((box?.y ?? Number.NaN) + (box?.height ?? Number.NaN), await target.innerText()).toBeLessThanOrEqual(
          phone ? 844 : 900,
        );
        await (phone ? target.tap() : target.click());
      };
      const began = performance.now();
      await page.goto(product.webUrl);
      // Chinese comes first; who reads English is shown the way.
      if (language === 'en') await press(page.getByRole('button', { name: zh.accounts.otherLanguage }));
      await page.getByText(words.accounts.verdictNone).waitFor();
      await accessible(page);
      await press(page.getByRole('button', { name: words.add.chooseSandbox }));
      await press(page.getByRole('dialog').getByRole('button', { name: words.add.create, exact: true }));
      await page.getByTestId('qr').waitFor();
      await accessible(page);
      await press(page.getByRole('button', { name: words.qr.scan }));
      await page.locator('[data-testid=account-state][data-state=READY]').first().waitFor();
      await press(page.getByRole('link', { name: words.accounts.openInbox }));
      await press(page.getByRole('button', { name: words.sandbox.sample }));
      const row = page.getByTestId('conversation-row').filter({ hasText: words.sandbox.sampleName });
      await row.waitFor();
      await accessible(page);
      await press(row);
      await page.getByTestId('message-bubble').filter({ hasText: words.sandbox.sampleText }).waitFor();
      const reply = language === 'zh' ? '有的，今天就能发货。' : 'Yes, it can leave today.';
      keys += reply.length;
      await page.getByTestId('composer').fill(reply);
      await press(page.getByRole('button', { name: words.composer.send, exact: true }));
      const bubble = page.getByTestId('message-bubble').filter({ hasText: reply });
      await bubble.locator('[data-testid=tick][data-status=delivered]').waitFor();
      await accessible(page);
      const machine = (performance.now() - began) / 1_000;
      const person = clicks * SECONDS_A_CLICK + keys * SECONDS_A_KEY;
      console.log(
        `first minute (${language}, ${width} px): ${clicks} clicks, ${keys} keys: about ${person.toFixed(0)} s of a person and ${machine.toFixed(0)} s of this machine`,
      );
      expect(clicks).toBeLessThanOrEqual(8);
      expect(person + machine).toBeLessThan(60);
    } finally {
      await context.close();
      await product.close();
    }
  });
});

/** Nothing that WCAG 2.2 AA forbids, as far as a machine sees it. */
async function accessible(page: Page): Promise<void> {
  // A dialog that fades in is not yet what is looked at.
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
  await page.evaluate(axe);
  const found: unknown = await page.evaluate(`axe
    .run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`);
  expect(violations.parse(found)).toEqual([]);
}
