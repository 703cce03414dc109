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

/** Somebody who says something of every kind; the last is a text, `the last of every kind`. */
export async function sayEverything(
  product: Product,
  account: string,
  language: 'zh' | 'en',
): Promise<{ readonly pn: string }> {
  const everybody = await product.call('POST', '/api/sandbox/contacts', { name: 'Óscar · everything' });
  const { id: contact, pn } = made.parse(everybody);
  const say = (what: object): Promise<unknown> =>
    product.call('POST', `/api/sandbox/contacts/${contact}/messages`, { account, ...what });
  const caption = language === 'zh' ? '这是今天到的货，请看一下颜色对不对' : 'This came today, is the colour right?';
  const number = '+8613800138000';
  for (const what of [
    { kind: 'image', caption },
    { kind: 'video', caption },
    { kind: 'gif' },
    { kind: 'sticker' },
    { kind: 'voice', seconds: 12 },
    { kind: 'audio', seconds: 200 },
    { kind: 'document', name: '2026 报价单 price list with a very long name that does not fit.pdf' },
    {
      kind: 'location',
      latitude: 31.2304,
      longitude: 121.4737,
      name: '上海 · Shanghai',
      address: '黄浦区人民大道 200 号',
    },
    { kind: 'contact', cards: [{ name: 'Zoë 王', number }] },
    { kind: 'contact', cards: [1, 2, 3].map((n) => ({ name: `Card ${n}`, number })) },
    {
      kind: 'poll',
      question: caption,
      options: ['灰色 grey', '黑色 black', 'Something that is much longer than the others'],
    },
    {
      kind: 'link',
      text: `see https://example.com/shop`,
      url: 'https://example.com/shop',
      title: 'Example shop — backpacks',
    },
    { kind: 'image', viewOnce: 'withheld' },
    { kind: 'image', viewOnce: true },
    { text: '😀🎉' },
    { text: 'مرحبا، هل المنتج متوفر؟' },
    { text: `${'一段很长的话，'.repeat(30)}and-a-word-that-never-ends-${'x'.repeat(120)}` },
    { text: 'the last of every kind' },
  ])
    await say(what);
  return { pn: pn ?? contact };
}
