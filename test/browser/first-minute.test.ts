// A person without a phone, from the first page to a conversation with the sandbox phone: clicks and seconds counted, in both languages, on a desk and on a phone, light and dark.
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../web/src/words.en.ts';
import { zh } from '../../web/src/words.ts';
import { accessible } from '../accessible.ts';
import { openBrowser } from '../browser.ts';
import { Product } from '../product.ts';
import { until } from '../until.ts';

/** What a person takes besides the machine: to find, reach and press one thing, and to type one sign (Card, Moran and Newell's keystroke-level model). */
const SECONDS_A_CLICK = 1.35 + 1.1 + 0.2;
const SECONDS_A_KEY = 0.28;

interface Reader {
  readonly language: 'zh' | 'en';
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

const products: readonly { readonly name: string; readonly readers: readonly Reader[] }[] = [
  {
    name: 'by day',
    readers: [
      { language: 'zh', width: 1440, colorScheme: 'light' },
      { language: 'en', width: 390, colorScheme: 'light' },
    ],
  },
  {
    name: 'by night',
    readers: [
      { language: 'zh', width: 390, colorScheme: 'dark' },
      { language: 'en', width: 1440, colorScheme: 'dark' },
    ],
  },
];

describe('the first minute without a phone', { timeout: 120_000 }, () => {
  let browser: Browser;
  let product: Product;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  // Two sandbox phones on each product: the second reader finds the first one's contact there.
  describe.each(products)('$name', ({ readers }) => {
    beforeAll(async () => {
      product = await Product.start();
    });
    afterAll(() => product?.close());

    it.each(readers)(
      'leads to a delivered reply by what is on the screen alone ($language, $width px, $colorScheme)',
      async ({ language, width, colorScheme }) => {
        const words = language === 'zh' ? zh : en;
        const phone = width < 768;
        const height = phone ? 844 : 900;
        const context = await browser.newContext({
          locale: language === 'zh' ? 'zh-CN' : 'en-US',
          viewport: { width, height },
          colorScheme,
          isMobile: phone,
          hasTouch: phone,
        });
        try {
          const page = await context.newPage();
          page.setDefaultTimeout(30_000);
          let clicks = 0;
          let keys = 0;
          /** Ms that went into looking for faults. */
          let looking = 0;
          const look = async (state: string): Promise<void> => {
            const began = performance.now();
            await accessible(page, state);
            looking += performance.now() - began;
          };
          const press = async (what: Locator): Promise<void> => {
            clicks += 1;
            const target = what.filter({ visible: true }).first();
            await target.waitFor();
            // Seen without scrolling: nobody looks for what they do not know of.
            const box = await target.boundingBox();
            expect((box?.y ?? Number.NaN) + (box?.height ?? Number.NaN), await target.innerText()).toBeLessThanOrEqual(
              height,
            );
            await (phone ? target.tap() : target.click());
          };
          const began = performance.now();
          await page.goto(product.webUrl);
          // Chinese comes first; who reads English is shown the way.
          if (language === 'en') await press(page.getByRole('button', { name: zh.accounts.otherLanguage }));
          await page.getByText(words.accounts.verdictNone).waitFor();
          await look('no account yet');
          await press(page.getByRole('button', { name: words.add.chooseSandbox }));
          await page.getByTestId('qr').waitFor();
          await look('a QR code');
          await press(page.getByRole('button', { name: words.qr.scan }));
          await page.locator('[data-testid=account-state][data-state=READY]').first().waitFor();
          await look('READY');
          await press(page.getByRole('link', { name: words.accounts.openInbox }));
          await page.getByRole('button', { name: words.sandbox.sample }).waitFor();
          await look('an empty inbox');
          await press(page.getByRole('button', { name: words.sandbox.sample }));
          const row = page.getByTestId('conversation-row').filter({ hasText: words.sandbox.sampleName });
          await row.waitFor();
          await look('the first conversation');
          await press(row);
          await page.getByTestId('message-bubble').filter({ hasText: words.sandbox.sampleText }).waitFor();
          const reply = language === 'zh' ? '有的，今天就能发货。' : 'Yes, it can leave today.';
          keys += reply.length;
          await page.getByTestId('composer').fill(reply);
          await press(page.getByRole('button', { name: words.composer.send, exact: true }));
          const bubble = page.getByTestId('message-bubble').filter({ hasText: reply });
          await bubble.locator('[data-testid=tick][data-status=delivered]').waitFor();
          const machine = (performance.now() - began - looking) / 1_000;
          const person = clicks * SECONDS_A_CLICK + keys * SECONDS_A_KEY;
          console.log(
            `first minute (${language}, ${width} px, ${colorScheme}): ${clicks} clicks, ${keys} keys: about ${person.toFixed(0)} s of a person and ${machine.toFixed(1)} s of this machine`,
          );
          expect(clicks).toBeLessThanOrEqual(language === 'zh' ? 6 : 7);
          expect(person + machine).toBeLessThan(60);
          await look('a conversation');

          // The other side of it, and the rest of the pages.
          await page
            .getByRole('link', { name: words.sandbox.play.replace('{name}', words.sandbox.sampleName) })
            .click();
          await page
            .getByLabel(words.sandbox.thread.replace('{name}', words.sandbox.sampleName))
            .getByText(reply)
            .waitFor();
          await look('the contact’s phone');
          for (const name of ['diagnosis', 'settings', 'accounts'] as const) {
            await page.getByRole('link', { name: words.nav[name] }).filter({ visible: true }).first().click();
            await page.getByRole('heading', { level: 1, name: words[name].title }).waitFor();
            await look(name);
          }
          for (const figure of ['received', 'sent'])
            await page.locator(`[data-figure=${figure}]`).getByText('1', { exact: true }).waitFor();
          await page.getByRole('img', { name: words.account.strip }).waitFor();
          await page.goto(`${product.webUrl}/nowhere`);
          await page.getByRole('heading', { name: words.notFound.title }).waitFor();
          await look('no such page');
        } finally {
          await context.close();
          for (const { id } of (await product.status()).accounts) await product.call('DELETE', `/api/accounts/${id}`);
          await until('no account', async () => (await product.status()).accounts.length === 0);
        }
      },
    );
  });
});
