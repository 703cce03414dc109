// Every page and every state of it that `npm run pictures` photographs, and those of a server that does not answer: axe-core finds nothing, light and dark, and nothing moves. A part of the first hour; it starts nothing itself.
import { shape } from '@pulseline/protocol';
import { type Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { type State, states } from '../../scripts/picture-states.ts';
import { sayEverything } from '../../scripts/shop.ts';
import { zh } from '../../web/src/words.ts';
import { faultsOf } from '../axe.ts';
import { layoutShift, openWindow } from '../browser.ts';
import { until } from '../until.ts';
import type { Stage } from './hostile-journey.ts';

/** The journeys look at these on their way. */
const LOOKED_AT: ReadonlySet<string> = new Set([
  'account-import',
  'account-keeping',
  'account-profile',
  'account-risk',
  'attachments',
  'canned',
  'details-chat',
  'details-group',
  'diagnosis',
  'emoji',
  'group-edit',
  'keys',
  'lightbox',
  'message-delete',
  'message-forward',
  'message-path',
  'note',
  'palette',
  'start-conversation',
]);

/** Cumulative layout shift of a state that has been reached. */
const MOST_SHIFT = 0.01;

const madeGroup = shape.object({ conversation: shape.object({ id: shape.string() }) });

export function everyState(stage: () => Stage): void {
  it('shows nothing in any state that axe-core objects to, light or dark, and moves nothing by itself', async () => {
    const { product, browser } = stage();
    const [{ id: account } = { id: '' }] = (await product.status()).accounts;
    const { pn } = await sayEverything(product, account, 'zh');
    const kinds = await until(
      'everything',
      async () =>
        (await product.conversations()).find(({ lastMessage }) => lastMessage?.body === 'the last of every kind')?.id,
    );
    // A file that comes while it is looked at may change what stands there.
    await until('all files', async () =>
      (await product.messages(kinds)).every(({ media }) => media === undefined || media.state !== 'pending'),
    );
    const chat = (await product.conversations()).find(({ name }) => name === '赵敏')?.id ?? '';
    const answer = await product.call('POST', `/api/accounts/${account}/groups`, { subject: '老客户群', people: [pn] });
    const group = madeGroup.parse(answer).conversation.id;
    const { page, faults } = await openWindow(browser, `${product.webUrl}/`);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.getByTestId('account-card').first().waitFor();
    const found: string[] = [];
    for (const state of [...states, ...failing]) {
      // As high as its content, or scrolled, is only how it is photographed.
      if (state.tall === true || /^chat-kinds-[2-9]/.test(state.name) || LOOKED_AT.has(state.name)) continue;
      try {
        await state.open({ page, product, language: 'zh', chat, kinds, group, soft: true });
      } catch (error) {
        throw new Error(`${state.name} was not reached`, { cause: error });
      }
      // What moves because somebody pressed something is asked for: a browser that is slow counts it all the same.
      const before = await layoutShift(page);
      const within = await foremost(page);
      found.push(...(await faultsOf(page, within)).map((fault) => `${state.name}: ${fault}`));
      const moved = (await layoutShift(page)) - before;
      if (moved > MOST_SHIFT) found.push(`${state.name}: moved by ${moved.toFixed(3)}`);
      if (within !== undefined) continue;
      await page.evaluate(() => Reflect.set(document.documentElement.dataset, 'theme', 'dark'));
      const contrast = await faultsOf(page, 'html', ['color-contrast']);
      found.push(...contrast.map((fault) => `${state.name}, dark: ${fault}`));
      await page.evaluate(() => Reflect.set(document.documentElement.dataset, 'theme', 'light'));
    }
    expect(found).toEqual([]);
    // Requests that were refused on purpose, and the page that is not there, are the browser's own lines.
    expect(faults.filter((fault) => !/ERR_FAILED|404/.test(fault))).toEqual([]);
    await page.close();
  }, 240_000);
}

/** What stands in front of the page is looked at alone: the page is a state of its own. */
async function foremost(page: Page): Promise<string | undefined> {
  for (const front of ['dialog[open]', '[role=menu]']) if ((await page.locator(front).count()) > 0) return front;
  return undefined;
}

/** While the server refuses what is asked. */
const failing: readonly State[] = [
  {
    name: 'messages that cannot be read',
    async open({ page, product, chat }) {
      await page.route('**/messages?*', (route) => route.abort());
      await page.goto(`${product.webUrl}/inbox?c=${chat}`);
      await page.getByRole('button', { name: zh.actions.retry, exact: true }).first().waitFor();
    },
  },
  {
    name: 'messages that are long in coming',
    async open({ page, product, chat }) {
      await page.unroute('**/messages?*');
      await page.route('**/messages?*', () => undefined);
      await page.goto(`${product.webUrl}/inbox?c=${chat}`);
      await page.getByTestId('composer').waitFor();
    },
  },
  {
    name: 'figures that cannot be read',
    async open({ page, product }) {
      await page.unroute('**/messages?*');
      await page.route('**/api/today*', (route) => route.abort());
      await page.route('**/api/workspace', (route) =>
        route.request().method() === 'GET' ? route.abort() : route.continue(),
      );
      await page.goto(`${product.webUrl}/settings`);
      await page.getByTestId('workspace-settings').getByRole('button', { name: zh.actions.retry }).waitFor();
    },
  },
];
