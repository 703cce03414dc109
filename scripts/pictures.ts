// Takes the pictures of the READMEs: `npm run pictures` starts the product with a sandbox shop in each language and photographs its pages. It checks nothing.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { shape } from '@pulseline/protocol';
import { openBrowser, untilLink } from '../test/browser.ts';
import { root } from '../test/child.ts';
import { Product } from '../test/product.ts';
import { until } from '../test/until.ts';
import { PREFERENCES_KEY } from '../web/src/preferences.ts';

interface Scene {
  readonly language: 'zh' | 'en';
  readonly accounts: readonly [string, string];
  /** Who writes to which account, what they say, and what we answer. */
  readonly talks: readonly { readonly name: string; readonly account: 0 | 1; readonly lines: readonly string[] }[];
}

/** A line that begins with `>` is ours. The last talk is the one that is open. */
const scenes: readonly Scene[] = [
  {
    language: 'zh',
    accounts: ['销售一号', '售后'],
    talks: [
      { name: '陈伟', account: 1, lines: ['耳机左边没有声音了', '>您好，方便发一下订单号吗？', '好的，我找一下'] },
      {
        name: 'Maria Silva',
        account: 0,
        lines: ['Do you ship to Brazil?', '>Yes, by air, about 9 days.', 'Perfect, thank you! 🙏'],
      },
      { name: '李明', account: 0, lines: ['样品收到了，质量不错', '下周再订 200 件'] },
      { name: '赵敏', account: 1, lines: ['退款什么时候到账？'] },
      {
        name: '王芳',
        account: 0,
        lines: [
          '你好，请问这款背包还有货吗？',
          '>有的，黑色和灰色都有现货。',
          '灰色的能今天发吗？',
          '>今天 16 点前下单，当天发顺丰。',
          '太好了，那我要两个灰色的',
          '>好的，已为您备注。付款后我把单号发给您。',
          '刚付好，麻烦查收 😊',
        ],
      },
    ],
  },
  {
    language: 'en',
    accounts: ['Sales one', 'Support'],
    talks: [
      {
        name: 'Daniel Chen',
        account: 1,
        lines: ['The left earbud went silent', '>Sorry to hear. Could you send the order number?', 'Sure, one moment'],
      },
      {
        name: 'Maria Silva',
        account: 0,
        lines: ['Do you ship to Brazil?', '>Yes, by air, about 9 days.', 'Perfect, thank you! 🙏'],
      },
      { name: '李明', account: 0, lines: ['样品收到了，质量不错', '下周再订 200 件'] },
      { name: 'Omar Haddad', account: 1, lines: ['When will the refund arrive?'] },
      {
        name: 'Alice Moreau',
        account: 0,
        lines: [
          'Hello, is this backpack still in stock?',
          '>It is, in black and in grey.',
          'Could a grey one leave today?',
          '>If you order before 16:00, it ships today.',
          'Great, then two grey ones please',
          '>Noted. I will send the tracking number once it is paid.',
          'Just paid, could you check? 😊',
        ],
      },
    ],
  },
];

const made = shape.object({ id: shape.string(), pn: shape.optional(shape.string()) });
const folder = join(root, 'docs', 'pictures');
mkdirSync(folder, { recursive: true });

const browser = await openBrowser();
for (const { language, accounts, talks } of scenes) {
  const product = await Product.start({ env: { PULSELINE_LANG: language } });
  try {
    const ids: string[] = [];
    for (const label of accounts) {
      const { id } = await product.addAccount(label);
      await product.qr(id);
      await product.call('POST', `/api/sandbox/accounts/${id}/scan`, {});
      await product.inState(id, 'READY');
      ids.push(id);
    }
    for (const { name, account, lines } of talks) {
      const contact = made.parse(await product.call('POST', '/api/sandbox/contacts', { name }));
      const desk = ids[account] ?? '';
      let chat = '';
      for (const line of lines) {
        if (!line.startsWith('>')) {
          await product.call('POST', `/api/sandbox/contacts/${contact.id}/messages`, { account: desk, text: line });
          chat = await arrived(product, line);
          continue;
        }
        await product.call('POST', `/api/conversations/${chat}/read`, {});
        await product.reply(desk, contact.pn ?? contact.id, line.slice(1), crypto.randomUUID());
        await delivered(product, contact.id, line.slice(1));
        await product.call('POST', `/api/sandbox/contacts/${contact.id}/read`, {});
      }
    }
    for (const theme of ['light', 'dark'] as const) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        locale: language === 'zh' ? 'zh-CN' : 'en-GB',
      });
      await context.addInitScript(
        ([key, value]) => localStorage.setItem(key ?? '', value ?? ''),
        [PREFERENCES_KEY, JSON.stringify({ language, theme })],
      );
      const page = await context.newPage();
      await page.goto(`${product.webUrl}/inbox`);
      await untilLink(page, true);
      await page.getByTestId('conversation-row').first().click();
      await page.getByTestId('message-bubble').last().waitFor();
      await page.getByTestId('conversation-menu').waitFor();
      await page.mouse.move(900, 300);
      const suffix = theme === 'dark' ? '-dark' : '';
      await page.waitForFunction(() => document.getAnimations().length === 0);
      await page.screenshot({ path: join(folder, `inbox-${language}${suffix}.png`) });
      await context.close();
    }
  } finally {
    await product.close();
  }
}
await browser.close();

/** Waits until a conversation ends with that text, so that the lines stand in their order; its id. */
async function arrived(product: Product, text: string): Promise<string> {
  return until(
    text,
    async () => (await product.conversations()).find(({ lastMessage }) => lastMessage?.body === text)?.id,
  );
}

async function delivered(product: Product, contact: string, text: string): Promise<void> {
  await until(text, async () => {
    const answer = await product.call('GET', `/api/sandbox/contacts/${contact}/messages`);
    return JSON.stringify(answer).includes(JSON.stringify(text).slice(1, -1));
  });
}
