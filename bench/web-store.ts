// The store of the web bench: ten thousand conversations, one of them with fifty thousand messages, written by the store's own writer so that everything lies as it does in use.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Account, Conversation, Message } from '@pulseline/protocol';
import { openStoreInProcess } from '../server/src/store/open.ts';
import { DATABASE } from '../server/src/store/open-thread.ts';
import type { Change, Handlers } from '../server/src/store/port.ts';
import { openForWriting } from '../server/src/store/sqlite.ts';
import { SearchIndex } from '../server/src/store/sqlite-search.ts';

export const CONVERSATIONS = 10_000;
export const LONG = 50_000;
export const ACCOUNT = 'acc_bench0';
/** Of every other conversation: enough for a screen. */
const SHORT = 30;
/** So many conversations at the head of the list have these; the rest have their last message alone. */
const SHORT_ONES = 20;
const START = Date.UTC(2026, 0, 1);
/** Ms. The server's own steps are shorter, so that no message waits. */
const STEP = 50;

/** The list shows them by their number; the first one is the long one. */
export const conversationId = (index: number): string => `c_bench${index}`;
export const lastMessageId = (index: number): string => `m_bench${index}_last`;

type Commands = { put: { input: readonly Change[]; output: null } };
const handlers: Handlers<Commands> = {
  put: { reads: () => ({}), decide: (_, changes) => ({ changes, output: null }) },
};

export async function fill(dataDir: string): Promise<void> {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, DATABASE);
  const { writer, close } = await openStoreInProcess<Commands>({ file, handlers, defer: (turn) => turn() });
  const account: Account = {
    id: ACCOUNT,
    label: 'Bench',
    kind: 'sandbox',
    state: 'DISCONNECTED',
    since: START,
    stream: ACCOUNT,
  };
  await writer.run('put', [{ put: 'account', row: { account, createdAt: START } }]);
  const put = (message: Message): Change => ({
    put: 'message',
    row: { message, waId: message.id, author: message.from, ord: message.timestamp * 1_000 },
  });
  for (let from = 0; from < CONVERSATIONS; from += 500) {
    const changes = Array.from({ length: 500 }, (_, k): Change[] => {
      const last = messageIn(from + k, LONG);
      return [{ put: 'conversation', row: { conversation: conversation(from + k, last), addresses: [] } }, put(last)];
    });
    await writer.run('put', changes.flat());
  }
  for (let of = 1; of < SHORT_ONES; of++)
    await writer.run(
      'put',
      Array.from({ length: SHORT }, (_, k) => put(messageIn(of, LONG - SHORT + k))),
    );
  for (let from = 0; from < LONG; from += 1_000)
    await writer.run(
      'put',
      Array.from({ length: 1_000 }, (_, k) => put(messageIn(0, from + k))),
    );
  await close();
  const connection = openForWriting(file);
  const search = new SearchIndex(connection);
  for (let left = true; left; ) {
    const until = performance.now() + STEP;
    left = search.follow(() => performance.now() >= until);
  }
  // Nothing is sealed yet, and whoever starts on it brings a key of its own.
  connection.exec("DELETE FROM meta WHERE key = 'sealed_by'");
  connection.close();
}

const phoneOf = (index: number): string => `86138${String(index).padStart(8, '0')}`;

function conversation(index: number, lastMessage: Message): Conversation {
  return {
    id: conversationId(index),
    account: ACCOUNT,
    address: `${phoneOf(index)}@s.whatsapp.net`,
    phone: `+${phoneOf(index)}`,
    name: `客户 ${index}`,
    kind: 'person',
    unread: 0,
    lastMessage,
    lastAt: lastMessage.timestamp,
    archived: false,
    pinned: false,
    muted: false,
  };
}

const sentences = [
  '好的',
  '请问还有货吗',
  'When will it ship?',
  '订单号 4711，麻烦查一下',
  '谢谢！',
  '明天下午可以到店里取吗',
];

/** Message number `number` of a conversation; number LONG is its last one. A third of them are ours. */
function messageIn(of: number, number: number): Message {
  const isLast = number === LONG;
  const fromMe = !isLast && number % 3 === 2;
  const [customer, desk] = [`${phoneOf(of)}@s.whatsapp.net`, '8613900000000@s.whatsapp.net'];
  return {
    id: isLast ? lastMessageId(of) : `m_bench${of}_${number}`,
    account: ACCOUNT,
    conversation: conversationId(of),
    stream: ACCOUNT,
    seq: 0,
    from: fromMe ? desk : customer,
    to: fromMe ? customer : desk,
    fromMe,
    kind: 'text',
    body: Array.from({ length: 1 + ((number * 7) % 5) }, (_, k) => sentences[(number + k) % sentences.length]).join(
      '，',
    ),
    timestamp: START + number * 100_000 + (isLast ? (CONVERSATIONS - of) * 1_000 : 0),
    ...(fromMe && { status: 'read' as const }),
  };
}
