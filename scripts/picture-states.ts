// The ways to every state of the pages that is worth a look, each from its address on; they change nothing that a later one needs, and take no picture.
import type { Locator, Page } from 'playwright-core';
import type { Product } from '../test/product.ts';
import { en } from '../web/src/words.en.ts';
import { zh } from '../web/src/words.ts';

export interface Stage {
  readonly page: Page;
  readonly product: Product;
  readonly language: 'zh' | 'en';
  /** Conversation ids: one with words, one with every kind of message, a group, one that is read-only. */
  readonly chat: string;
  readonly kinds: string;
  readonly group: string;
  /** The pages are there and go on from one to the next, as by a press on a link, instead of being loaded anew. */
  readonly soft?: boolean;
}

export interface State {
  readonly name: string;
  /** Taken as high as its content, not as the window. */
  readonly tall?: boolean;
  readonly open: (stage: Stage) => Promise<void>;
}

const wordsOf = ({ language }: Stage) => (language === 'zh' ? zh : en);

async function go(stage: Stage, path: string): Promise<void> {
  await visit(stage, path);
  await stage.page.getByRole('heading', { level: 1 }).first().waitFor();
}

/** What was begun before is left behind either way. */
async function visit({ page, product, soft }: Stage, path: string): Promise<void> {
  const { pathname, search } = new URL(path, product.webUrl);
  const link = visible(page.locator(`nav a[href="${pathname}"]`));
  if (soft !== true || (await link.count()) === 0) {
    await page.goto(`${product.webUrl}${path}`);
    return;
  }
  for (const open of ['dialog[open]', '[role=menu]', '[data-testid=lightbox]', 'dialog[open]'])
    if ((await page.locator(open).count()) > 0) await page.keyboard.press('Escape');
  await link.click();
  await page.waitForURL((url) => url.pathname === pathname && url.search === '');
  if (search !== '') await page.evaluate((to) => window.history.pushState(null, '', to), path);
}

async function chatOf(stage: Stage, id: string): Promise<void> {
  const { page } = stage;
  await visit(stage, `/inbox?c=${id}`);
  await page.getByTestId('message-bubble').last().waitFor();
  await page.getByTestId('conversation-menu').waitFor();
  await page.getByTestId('work-bar').waitFor();
  // What an earlier picture has begun to write.
  await page.getByTestId('composer').fill('');
}

/** It may stand open from before. */
async function openPanel(page: Page): Promise<void> {
  await page.getByTestId('conversation-menu').waitFor();
  if (!(await page.getByTestId('details').isVisible())) await page.getByTestId('details-open').click();
}

const visible = (what: Locator): Locator => what.filter({ visible: true }).first();
const button = (page: Page, name: string): Locator => visible(page.getByRole('button', { name, exact: true }));

async function accountMenu(stage: Stage, item: string): Promise<void> {
  await go(stage, '/');
  const { page } = stage;
  const more = page
    .getByTestId('account-card')
    .first()
    .getByRole('button', {
      name: new RegExp(`^${wordsOf(stage).actions.more}`),
    });
  await more.click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
  await page.getByRole('dialog').waitFor();
}

async function messageMenu(stage: Stage, of: string, which: 'theirs' | 'ours' = 'ours'): Promise<void> {
  const { page } = stage;
  await chatOf(stage, of);
  const bubble = page.getByTestId('message-bubble').filter({
    [which === 'ours' ? 'has' : 'hasNot']: page.getByTestId('tick'),
  });
  await bubble.last().hover();
  await bubble.last().getByTestId('message-menu').click();
  await page.getByRole('menu').waitFor();
}

async function messageAction(stage: Stage, name: string): Promise<void> {
  await messageMenu(stage, stage.chat);
  await stage.page.getByRole('menuitem', { name, exact: true }).click();
}

/** Scrolls the log of the open conversation up, by so many of its heights. */
async function scrollLog(page: Page, screens: number): Promise<void> {
  await page
    .getByRole('log')
    .locator('[tabindex="0"]')
    .first()
    .evaluate(async (box, by) => {
      box.scrollTop = Math.max(0, box.scrollTop - box.clientHeight * by);
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    }, screens);
}

/** Before there is any account. */
export const emptyStates: readonly State[] = [
  { name: 'dashboard-empty', open: (stage) => go(stage, '/') },
  { name: 'inbox-no-account', open: (stage) => go(stage, '/inbox') },
  { name: 'sandbox-empty', open: (stage) => go(stage, '/sandbox') },
];

export const states: readonly State[] = [
  { name: 'dashboard', open: (stage) => go(stage, '/') },
  { name: 'dashboard-tall', tall: true, open: (stage) => go(stage, '/') },
  {
    name: 'account-menu',
    async open(stage) {
      await go(stage, '/');
      const more = stage.page
        .getByTestId('account-card')
        .first()
        .getByRole('button', {
          name: new RegExp(`^${wordsOf(stage).actions.more}`),
        });
      await more.click();
      await stage.page.getByRole('menu').waitFor();
    },
  },
  { name: 'account-rename', open: (stage) => accountMenu(stage, wordsOf(stage).account.rename) },
  { name: 'account-colour', open: (stage) => accountMenu(stage, wordsOf(stage).account.colour) },
  {
    name: 'account-profile',
    async open(stage) {
      await accountMenu(stage, wordsOf(stage).account.profile);
      await stage.page.getByTestId('portrait').waitFor({ state: 'attached' });
    },
  },
  {
    name: 'account-keeping',
    async open(stage) {
      await accountMenu(stage, wordsOf(stage).account.keeping);
      await stage.page.getByTestId('file-use').getByText(/\d/).waitFor();
    },
  },
  { name: 'account-proxy', open: (stage) => accountMenu(stage, wordsOf(stage).account.proxy) },
  { name: 'account-import', open: (stage) => accountMenu(stage, wordsOf(stage).account.import) },
  { name: 'account-logout', open: (stage) => accountMenu(stage, wordsOf(stage).account.logout) },
  { name: 'account-remove', open: (stage) => accountMenu(stage, wordsOf(stage).account.remove) },
  {
    name: 'account-add',
    async open(stage) {
      await go(stage, '/');
      await button(stage.page, wordsOf(stage).accounts.add).click();
      await stage.page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'account-risk',
    async open(stage) {
      await go(stage, '/');
      await button(stage.page, wordsOf(stage).accounts.add).click();
      const dialog = stage.page.getByRole('dialog');
      await dialog.getByText(wordsOf(stage).add.phoneTitle, { exact: true }).click();
      await dialog.getByText(wordsOf(stage).risk.title).waitFor();
    },
  },
  { name: 'inbox-list', open: (stage) => go(stage, '/inbox') },
  { name: 'chat', open: (stage) => chatOf(stage, stage.chat) },
  { name: 'chat-kinds-1', open: (stage) => chatOf(stage, stage.kinds) },
  ...[1, 2, 3, 4].map(
    (part): State => ({
      name: `chat-kinds-${part + 1}`,
      async open(stage) {
        await chatOf(stage, stage.kinds);
        for (let i = 0; i < part; i++) await scrollLog(stage.page, 0.85);
      },
    }),
  ),
  {
    name: 'chat-group',
    async open(stage) {
      await visit(stage, `/inbox?c=${stage.group}`);
      await stage.page.getByTestId('conversation-menu').waitFor();
      await stage.page.getByRole('log').waitFor();
    },
  },
  ...(['chat', 'group'] as const).map(
    (which): State => ({
      name: `details-${which}`,
      async open(stage) {
        const { page } = stage;
        await visit(stage, `/inbox?c=${stage[which]}`);
        await openPanel(page);
        await page.getByTestId(which === 'group' ? 'members' : 'shared').waitFor();
      },
    }),
  ),
  {
    name: 'group-edit',
    async open(stage) {
      const { page } = stage;
      await visit(stage, `/inbox?c=${stage.group}`);
      await openPanel(page);
      await page
        .getByTestId('details')
        .getByRole('button', { name: wordsOf(stage).group.edit })
        .click();
      await page.getByTestId('portrait').waitFor({ state: 'attached' });
    },
  },
  { name: 'message-menu', open: (stage) => messageMenu(stage, stage.chat) },
  {
    name: 'message-reply',
    async open(stage) {
      await messageAction(stage, wordsOf(stage).messageMenu.reply);
      await stage.page.getByTestId('answering').waitFor();
    },
  },
  {
    name: 'message-delete',
    async open(stage) {
      await messageAction(stage, wordsOf(stage).messageMenu.delete);
      await stage.page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'message-forward',
    async open(stage) {
      await messageAction(stage, wordsOf(stage).messageMenu.forward);
      await stage.page.getByTestId('forward-to').waitFor();
    },
  },
  {
    name: 'message-path',
    async open(stage) {
      await messageAction(stage, wordsOf(stage).messageMenu.path);
      await stage.page.getByTestId('waterfall').waitFor();
    },
  },
  {
    name: 'lightbox',
    async open(stage) {
      await chatOf(stage, stage.kinds);
      const picture = stage.page.getByTestId('media').getByRole('button').first();
      await picture.scrollIntoViewIfNeeded();
      await picture.click();
      await stage.page.getByTestId('lightbox').waitFor();
    },
  },
  {
    name: 'emoji',
    async open(stage) {
      await chatOf(stage, stage.chat);
      await button(stage.page, wordsOf(stage).attach.emoji).click();
      await stage.page.getByTestId('emoji-picker').waitFor();
    },
  },
  {
    name: 'attachments',
    async open(stage) {
      const { page } = stage;
      await chatOf(stage, stage.chat);
      const picture = await page.getByRole('log').screenshot();
      await page.getByTestId('file-input').setInputFiles([
        { name: 'photo.png', mimeType: 'image/png', buffer: picture },
        {
          name: '报价单 2026 quotation with a rather long name.pdf',
          mimeType: 'application/pdf',
          buffer: Buffer.from('%PDF-1.4\n'),
        },
      ]);
      await page.getByTestId('attachments').waitFor();
    },
  },
  {
    name: 'note',
    async open(stage) {
      await chatOf(stage, stage.chat);
      await stage.page.getByTestId('composer').press('Alt+n');
      await stage.page.getByTestId('note-field').waitFor();
    },
  },
  {
    name: 'canned',
    async open(stage) {
      await chatOf(stage, stage.chat);
      await stage.page.getByTestId('composer').fill('/');
      await stage.page.getByTestId('canned-replies').waitFor();
    },
  },
  ...(['assignee', 'labels', 'snooze'] as const).map(
    (menu): State => ({
      name: `menu-${menu}`,
      async open(stage) {
        await chatOf(stage, stage.chat);
        await stage.page.getByTestId(menu).click();
        await stage.page.getByRole('menu').waitFor();
      },
    }),
  ),
  {
    name: 'menu-conversation',
    async open(stage) {
      await chatOf(stage, stage.chat);
      await stage.page.getByTestId('conversation-menu').click();
      await stage.page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'start-conversation',
    async open(stage) {
      await go(stage, '/inbox');
      await button(stage.page, wordsOf(stage).inbox.start).click();
      await stage.page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'search',
    async open(stage) {
      await go(stage, '/inbox');
      await stage.page
        .getByRole('searchbox')
        .first()
        .fill(stage.language === 'zh' ? '货' : 'ship');
      await stage.page.getByTestId('search-hit').first().waitFor();
    },
  },
  {
    name: 'search-nothing',
    async open(stage) {
      await go(stage, '/inbox');
      await stage.page.getByRole('searchbox').first().fill('xyzzy');
      await stage.page.getByText(wordsOf(stage).inbox.emptyFilter).waitFor();
    },
  },
  {
    name: 'palette',
    async open(stage) {
      await go(stage, '/inbox');
      await stage.page.keyboard.press('Control+k');
      await stage.page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'keys',
    async open(stage) {
      await go(stage, '/settings');
      await stage.page.keyboard.press('Control+/');
      await stage.page.getByRole('dialog').waitFor();
    },
  },
  { name: 'settings', open: (stage) => go(stage, '/settings') },
  { name: 'settings-tall', tall: true, open: (stage) => go(stage, '/settings') },
  {
    name: 'settings-bundle',
    async open(stage) {
      await go(stage, '/settings');
      await button(stage.page, wordsOf(stage).settings.bundle).click();
      await stage.page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'diagnosis',
    async open(stage) {
      await go(stage, '/test-ws');
      await stage.page.getByTestId('frame-row').first().waitFor();
    },
  },
  {
    name: 'diagnosis-tall',
    tall: true,
    async open(stage) {
      await go(stage, '/test-ws');
      await stage.page.getByTestId('frame-row').first().click();
      await stage.page.getByTestId('frame-detail').first().waitFor();
    },
  },
  {
    name: 'sandbox',
    async open(stage) {
      await go(stage, '/sandbox');
      await stage.page.getByTestId('sandbox-contact').last().click();
      await stage.page.getByTestId('sandbox-composer').waitFor();
    },
  },
  { name: 'guide', open: (stage) => go(stage, '/guide') },
  { name: 'missing', open: (stage) => go(stage, '/nowhere') },
];

/** Taken on one page while the server goes away under it; the last ones. */
export const brokenStates: readonly State[] = [
  {
    name: 'broken-inbox',
    async open(stage) {
      await chatOf(stage, stage.chat);
      await stage.product.kill();
      await stage.page.getByTestId('break-cause').waitFor();
    },
  },
  {
    name: 'broken-accounts',
    async open({ page, language }) {
      await visible(page.getByRole('link', { name: (language === 'zh' ? zh : en).nav.accounts })).click();
      await page.getByTestId('account-card').first().waitFor();
    },
  },
  {
    name: 'broken-diagnosis',
    tall: true,
    async open({ page, language }) {
      await visible(page.getByRole('link', { name: (language === 'zh' ? zh : en).nav.diagnosis })).click();
      await page.getByTestId('cause').waitFor();
    },
  },
];
