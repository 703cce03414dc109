// The part of the first hour in which every place of a page that shows a text is given one that tries to run: none may.
import { shape } from '@pulseline/protocol';
import type { Browser } from 'playwright-core';
import { expect, it } from 'vitest';
import { openWindow } from '../browser.ts';
import type { Product } from '../product.ts';
import { until } from '../until.ts';
import { hostileMessages, hostileNames } from './hostile.ts';

const made = shape.object({ id: shape.string() });

export interface Stage {
  readonly product: Product;
  readonly browser: Browser;
}

export function runsNothingHostile(stage: () => Stage): void {
  it('runs nothing of 200 hostile names, texts, captions, file names, cards, places, polls and links', async () => {
    const { product, browser } = stage();
    const [account] = (await product.status()).accounts;
    const say = (from: string, what: object): Promise<unknown> =>
      product.call('POST', `/api/sandbox/contacts/${from}/messages`, { account: account?.id, ...what });
    const names = hostileNames();
    const people = await Promise.all(
      names.map(async (name) => made.parse(await product.call('POST', '/api/sandbox/contacts', { name })).id),
    );
    const [first = ''] = people;
    const said = hostileMessages();
    const places = JSON.stringify([names, said]).split('hostile()').length - 1;
    expect(places).toBeGreaterThanOrEqual(200);
    for (let from = 0; from < said.length; from += 16)
      await Promise.all(said.slice(from, from + 16).map((what) => say(first, what)));
    await Promise.all(people.map((person) => say(person, { text: 'the last one' })));
    const tab = await openWindow(browser, `${product.webUrl}/inbox`);
    const ran: string[] = [];
    await tab.page.exposeFunction('hostile', () => ran.push('ran'));
    tab.page.on('dialog', (dialog) => void dialog.dismiss().then(() => ran.push('dialog')));
    const target = await until('what was said', async () =>
      (await product.conversations(account?.id)).find(({ unread, name }) => unread > said.length && name === names[0]),
    );
    await tab.page.getByTestId('conversation-row').nth(5).waitFor();
    await tab.page.goto(`${product.webUrl}/inbox?c=${target.id}`);
    await tab.page.getByTestId('message-bubble').first().waitFor();
    const log = tab.page.getByRole('log').locator('[tabindex="0"]').first();
    const seen = new Set<string>();
    // It opens at the first unread one.
    await log.evaluate((box) => {
      box.scrollTop = box.scrollHeight;
    });
    await until(
      'all of them to have been on the screen',
      async () => {
        const ids = await tab.page.getByTestId('message-bubble').evaluateAll((all) => {
          // Whatever waits for the pointer gets it, and no link leads to code.
          for (const each of all.flatMap((one) => [...one.querySelectorAll('*')]))
            each.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
          return all.map((one) => one.getAttribute('data-message') ?? '');
        });
        for (const id of ids) seen.add(id);
        // Whatever was not drawn yet as it went by is met on the next way up.
        await log.evaluate(async (box) => {
          if (box.scrollTop <= 0) box.scrollTop = box.scrollHeight;
          else box.scrollTop -= box.clientHeight * 0.6;
          await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
        });
        return seen.size > said.length;
      },
      120_000,
    );
    expect(await tab.page.locator('a[href^="javascript" i], a[href^="data" i], a[href^="vbscript" i]').count()).toBe(0);
    expect([ran, tab.faults]).toEqual([[], []]);
    await tab.page.close();
  }, 240_000);
}
