// The shop that the pictures show: a product with sandbox accounts, contacts and what they said, in each language. It takes no picture.
import { shape } from '@pulseline/protocol';
import { Product } from '../test/product.ts';
import { until } from '../test/until.ts';

export interface Scene {
  readonly language: 'zh' | 'en';
  readonly accounts: readonly [string, string];
  /** Who writes to which account, what they say, and what we answer. */
  readonly talks: readonly { readonly name: string; readonly account: 0 | 1; readonly lines: readonly string[] }[];
}

/** A line that begins with `>` is ours. The last talk is the one that is open. */
export const scenes: readonly Scene[] = [
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

/** The accounts of a scene, READY, in its order: their ids. */
export async function openAccounts(product: Product, { accounts }: Scene): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const label of accounts) {
    const { id } = await product.addAccount(label);
    await product.qr(id);
    await product.call('POST', `/api/sandbox/accounts/${id}/scan`, {});
    await product.inState(id, 'READY');
    ids.push(id);
  }
  return ids;
}

/** What was said, in its order; answers the contacts by their names. */
export async function talk(
  product: Product,
  { talks }: Scene,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const contacts = new Map<string, string>();
  for (const { name, account, lines } of talks) {
    const contact = made.parse(await product.call('POST', '/api/sandbox/contacts', { name }));
    contacts.set(name, contact.id);
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
  return contacts;
}

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
