// bench search: a store of a million messages in ten thousand conversations, asked over HTTP as a page asks it: words of every kind, the list of conversations, pages of messages.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, type Conversation, type Message, searchPage } from '@pulseline/protocol';
import { openStoreInProcess } from '../server/src/store/open.ts';
import { DATABASE } from '../server/src/store/open-thread.ts';
import type { Change, Handlers } from '../server/src/store/port.ts';
import { openForWriting } from '../server/src/store/sqlite.ts';
import { SearchIndex } from '../server/src/store/sqlite-search.ts';
import { Product } from '../test/product.ts';
import { generator } from '../test/random.ts';
import { ms, percentile, type Report } from './report.ts';

export interface SearchOptions {
  /** Messages in the store. */
  readonly n: number;
  readonly seed: number;
  /** Keeps the store there, and uses the one that is there. */
  readonly dir?: string | undefined;
}

const CONVERSATIONS = 10_000;
const ACCOUNTS = 3;
const ROUNDS = 300;
/** Ms. The server's own steps are shorter, so that no message waits. */
const STEP = 50;
const START = Date.UTC(2026, 0, 1);
const accountId = (index: number): string => `acc_bench${index}`;
const conversationId = (index: number): string => `c_bench${index}`;

export async function search({ n, seed, dir }: SearchOptions): Promise<Report> {
  const folder = dir ?? mkdtempSync(join(tmpdir(), 'pulseline-search-'));
  // Its key lies beside it.
  const dataDir = join(folder, 'data');
  const isNew = !existsSync(join(dataDir, DATABASE));
  mkdirSync(dataDir, { recursive: true });
  try {
    const began = performance.now();
    const words = vocabulary(generator(seed));
    if (isNew) await fill(dataDir, n, generator(seed), words);
    const built = performance.now();
    if (isNew) index(dataDir);
    const indexed = performance.now();
    const product = await Product.start({ dataDir, env: { LOG_LEVEL: 'warn' } });
    try {
      // Their workers have started: what they cost then is no part of a search.
      for (let i = 0; i < ACCOUNTS; i++) await product.inState(accountId(i), 'QR');
      const times = await ask(product, generator(seed + 1), words);
      return describe({ n, seed }, times, (built - began) / 1_000, (indexed - built) / 1_000);
    } finally {
      await product.close();
    }
  } finally {
    if (dir === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function index(dataDir: string): void {
  const connection = openForWriting(join(dataDir, DATABASE));
  const search = new SearchIndex(connection);
  for (let left = true; left; ) {
    const until = performance.now() + STEP;
    left = search.follow(() => performance.now() >= until);
  }
  // Nothing is sealed yet, and whoever starts on it brings a key of its own.
  connection.exec("DELETE FROM meta WHERE key = 'sealed_by'");
  connection.close();
}

interface Vocabulary {
  readonly chinese: readonly string[];
  readonly english: readonly string[];
}

/** Words as frequent as those of a language: the hundredth is a hundred times rarer than the first. */
function vocabulary(random: () => number): Vocabulary {
  const letters = (n: number, from: number, to: number): string =>
    Array.from({ length: n }, () => String.fromCharCode(from + Math.floor(random() * (to - from)))).join('');
  return {
    chinese: [
      '退款',
      '验证码',
      '新加坡',
      '订单',
      ...Array.from({ length: 6_000 }, () => letters(2 + Math.floor(random() * 3), 0x4e00, 0x5b00)),
    ],
    english: [
      'refund',
      'invoice',
      ...Array.from({ length: 4_000 }, () => letters(3 + Math.floor(random() * 7), 97, 123)),
    ],
  };
}

function pick(words: readonly string[], random: () => number): string {
  return words[Math.floor(words.length ** random()) - 1] ?? words[0] ?? '';
}

function body({ chinese, english }: Vocabulary, random: () => number): string {
  const parts = Array.from({ length: 3 + Math.floor(random() * 8) }, () =>
    random() < 0.75 ? `${pick(chinese, random)}${random() < 0.2 ? '，' : ''}` : ` ${pick(english, random)} `,
  );
  if (random() < 0.1) parts.push(` #${Math.floor(random() * 1e6)}`);
  if (random() < 0.03)
    parts.push(` +86 138 ${1_000 + Math.floor(random() * 9_000)} ${1_000 + Math.floor(random() * 9_000)}`);
  return parts.join('');
}

type Commands = { put: { input: readonly Change[]; output: null } };
const handlers: Handlers<Commands> = {
  put: { reads: () => ({}), decide: (_, changes) => ({ changes, output: null }) },
};

/** By the store's own writer, so that everything lies as it does in use. */
async function fill(dataDir: string, n: number, random: () => number, words: Vocabulary): Promise<void> {
  // The index follows when everything is there: both are measured by themselves.
  const file = join(dataDir, DATABASE);
  const { writer, close } = await openStoreInProcess<Commands>({ file, handlers, defer: (turn) => turn() });
  await writer.run(
    'put',
    Array.from({ length: ACCOUNTS }, (_, i) => ({ put: 'account', row: { account: account(i), createdAt: START } })),
  );
  const last = new Map<number, Message>();
  for (let i = 0; i < CONVERSATIONS; i += 500) {
    await writer.run(
      'put',
      Array.from({ length: 500 }, (_, k) => ({
        put: 'conversation',
        row: { conversation: conversation(i + k, START), addresses: [] },
      })),
    );
  }
  for (let i = 0; i < n; ) {
    const changes: Change[] = [];
    for (let k = 0; k < 1_000 && i < n; k++, i++) {
      const of = Math.floor(CONVERSATIONS * random() ** 3);
      const message = messageIn(of, i, body(words, random));
      last.set(of, message);
      changes.push({
        put: 'message',
        row: { message, waId: `W${i}`, author: message.from, ord: message.timestamp * 1_000 },
      });
    }
    await writer.run('put', changes);
  }
  const told = [...last].map(([of, lastMessage]) => ({ ...conversation(of, lastMessage.timestamp), lastMessage }));
  for (let i = 0; i < told.length; i += 500) {
    await writer.run(
      'put',
      told.slice(i, i + 500).map((each) => ({ put: 'conversation', row: { conversation: each, addresses: [] } })),
    );
  }
  await close();
}

function account(index: number): Account {
  const id = accountId(index);
  return { id, label: `Bench ${index}`, kind: 'sandbox', state: 'DISCONNECTED', since: START, stream: id };
}

function conversation(index: number, lastAt: number): Conversation {
  const phone = `+86138${String(index).padStart(8, '0')}`;
  return {
    id: conversationId(index),
    account: accountId(index % ACCOUNTS),
    address: `${phone.slice(1)}@s.whatsapp.net`,
    phone,
    name: `客户 ${index}`,
    kind: 'person',
    unread: 0,
    lastAt,
    archived: false,
    pinned: false,
    muted: false,
  };
}

function messageIn(of: number, index: number, text: string): Message {
  const { id, account: owner, address } = conversation(of, 0);
  return {
    id: `m_${index.toString(16).padStart(32, '0')}`,
    account: owner,
    conversation: id,
    stream: owner,
    seq: 0,
    from: address,
    to: '8613900000000@s.whatsapp.net',
    fromMe: false,
    kind: 'text',
    body: text,
    timestamp: START + index * 1_000,
  };
}

type Times = ReadonlyMap<string, readonly number[]>;

/** Each kind in turn, round after round, so that a slow moment of the machine falls on all. */
async function ask(product: Product, random: () => number, words: Vocabulary): Promise<Times> {
  const q = (text: string, more = ''): string => `/api/search?q=${encodeURIComponent(text)}${more}`;
  const chat = (): string => conversationId(Math.floor(CONVERSATIONS * random() ** 3));
  const rare = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  const kinds: Readonly<Record<string, () => string>> = {
    'one ideograph': () => q(rare(words.chinese).slice(0, 1)),
    'a frequent word': () => q(pick(words.chinese, random)),
    'any word': () => q(rare(words.chinese)),
    'two words': () => q(`${pick(words.chinese, random)} ${pick(words.english, random)}`),
    'two letters': () => q(rare(words.english).slice(0, 2)),
    'a beginning': () => q(pick(words.english, random).slice(0, 4)),
    'a number': () => q(`138-${1_000 + Math.floor(random() * 9_000)}-${1_000 + Math.floor(random() * 9_000)}`),
    'four digits': () => q(String(1_000 + Math.floor(random() * 9_000))),
    nowhere: () => q(`不存在${rare(words.english)}`),
    'in an account': () => q(pick(words.chinese, random), `&account=${accountId(Math.floor(random() * ACCOUNTS))}`),
    'in a conversation': () => q(pick(words.chinese, random), `&conversation=${chat()}`),
    'list of conversations': () => '/api/conversations?limit=50',
    'list of an account': () => `/api/conversations?limit=50&account=${accountId(Math.floor(random() * ACCOUNTS))}`,
    'page of 50 messages': () => `/api/conversations/${chat()}/messages?limit=50`,
  };
  const times = new Map<string, number[]>(Object.keys(kinds).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, path] of Object.entries(kinds)) {
      const url = product.url + path();
      const began = performance.now();
      const answer = await fetch(url);
      const json: unknown = await answer.json();
      // The first ones open the files and warm the code.
      if (round >= 10) times.get(name)?.push(performance.now() - began);
      if (!answer.ok) throw new Error(`${url}: ${answer.status} ${JSON.stringify(json)}`);
      if (url.includes('/api/search') && searchPage.parse(json).indexing) throw new Error('the index is not whole');
    }
  }
  return times;
}

function describe({ n, seed }: SearchOptions, times: Times, fillS: number, indexS: number): Report {
  const searches = [...times].filter(([name]) => !/list|page/.test(name)).flatMap(([, all]) => all);
  const lists = [...times].filter(([name]) => /list/.test(name)).flatMap(([, all]) => all);
  const pages = times.get('page of 50 messages') ?? [];
  const row = (name: string, all: readonly number[]) => [
    name,
    ...[0.5, 0.95, 0.99].map((share) => ms(percentile(all, share))),
  ];
  return {
    bench: 'search',
    about: `A store of ${n} messages in ${CONVERSATIONS} conversations of ${ACCOUNTS} accounts, asked over HTTP, one request at a time: whole requests at the asker, in ms. Words are as frequent as those of a language; people are looked for in every first page too.`,
    command: `npm run bench -- search --n ${n} --seed ${seed}`,
    tables: [
      [['', 'p50', 'p95', 'p99'], ...[...times].map(([name, all]) => row(name, all)), row('all searches', searches)],
    ],
    figures: {
      p50_ms: percentile(searches, 0.5),
      p95_ms: percentile(searches, 0.95),
      p99_ms: percentile(searches, 0.99),
      'list.p99_ms': percentile(lists, 0.99),
      'page.p99_ms': percentile(pages, 0.99),
    },
    aims: [
      { text: 'p95 of all searches', value: percentile(searches, 0.95), most: 20 },
      { text: 'p99 of the list of conversations', value: percentile(lists, 0.99), most: 10 },
      { text: 'p99 of a page of 50 messages', value: percentile(pages, 0.99), most: 10 },
    ],
    notes:
      fillS < 1
        ? []
        : [`Filling took ${fillS.toFixed(0)} s, the index ${indexS.toFixed(0)} s, with nothing else to do.`],
  };
}
