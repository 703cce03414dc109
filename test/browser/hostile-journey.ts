// The part of the first hour in which every place of a page that shows a text is given one that tries to run: none may.
import type { Browser } from 'playwright-core';
import { expect, it } from 'vitest';
import { openWindow } from '../browser.ts';
import type { Product } from '../product.ts';
import { meetAll, sayHostile } from './hostile.ts';

export interface Stage {
  readonly product: Product;
  readonly browser: Browser;
}

export function runsNothingHostile(stage: () => Stage): void {
  it('runs nothing of 200 hostile names, texts, captions, file names, cards, places, polls, links, notes, labels and subjects', async () => {
    const { product, browser } = stage();
    const [account] = (await product.status()).accounts;
    const said = await sayHostile(product, account?.id ?? '');
    expect(said.texts).toBeGreaterThanOrEqual(200);
    const tab = await openWindow(browser, `${product.webUrl}/inbox`);
    const ran: string[] = [];
    await tab.page.exposeFunction('hostile', () => ran.push('ran'));
    tab.page.on('dialog', (dialog) => void dialog.dismiss().then(() => ran.push('dialog')));
    await tab.page.getByTestId('conversation-row').nth(5).waitFor();
    await tab.page.goto(`${product.webUrl}/inbox?c=${said.conversation}`);
    await tab.page.getByTestId('message-bubble').first().waitFor();
    await meetAll(tab.page, said.messages);
    await tab.page.getByTestId('labels').click();
    await tab.page.getByRole('menuitemcheckbox').nth(3).waitFor();
    await tab.page.goto(`${product.webUrl}/settings`);
    await tab.page.getByTestId('reply-settings').getByText('hostile()').first().waitFor();
    expect(await tab.page.locator('a[href^="javascript" i], a[href^="data" i], a[href^="vbscript" i]').count()).toBe(0);
    expect([ran, tab.faults]).toEqual([[], []]);
    await tab.page.close();
  }, 240_000);
}
