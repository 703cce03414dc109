// docs/api.md, the REST rows of conversations, messages and events, against the running product with its own sandbox.
import { request } from 'node:http';
import {
  type Account,
  type Conversation,
  conversation,
  type Heads,
  message,
  searchPage,
  type shape,
} from '@pulseline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as answers from '../../server/src/http/docs-shapes.ts';
import { Product } from '../product.ts';
import { until } from '../until.ts';
import { type Api, apiAt, contactNamed, eventually, linked, read, write } from './api.ts';
import { openWire } from './wire.ts';

const MESSAGES = 55;

let product: Product;
let api: Api;
let desk: Account;
let contact: Awaited<ReturnType<typeof contactNamed>>;
let chat: Conversation;

const chatsPage = answers.snapshot(conversation);
const messagesPage = answers.snapshot(message);

beforeAll(async () => {
  product = await Product.start();
  api = apiAt(product.port);
  desk = await linked(product, 'Desk');
  contact = await contactNamed(product, 'Wang Fang');
  await write(product, contact, desk, 'message {n}', MESSAGES);
  for (const name of ['Li Lei', 'Han Meimei']) {
    await write(product, await contactNamed(product, name), desk, `hello from ${name}`);
  }
  await until('all of it', async () => {
    const chats = await product.conversations(desk.id);
    chat = chats.find(({ name }) => name === 'Wang Fang') ?? chat;
    return chats.length === 3 && chat.unread === MESSAGES;
  });
});
afterAll(() => product.close());

async function inbox(): Promise<
  readonly { readonly text: string; readonly direction: string; readonly status: string }[]
> {
  return read(answers.letterList, await api('GET', `/api/sandbox/contacts/${contact.id}/messages`)).items;
}

async function texts(): Promise<readonly string[]> {
  return (await inbox()).flatMap(({ text, direction }) => (direction === 'in' ? [text] : []));
}

async function bodies(query: string): Promise<readonly string[]> {
  const page = read(messagesPage, await api('GET', `/api/conversations/${chat.id}/messages?${query}`));
  return page.items.map(({ body }) => body);
}

describe('Conversation = {id, account, address, phone?, name, kind, unread, lastMessage?, lastAt, archived, pinned, muted}', () => {
  it('of a person: the address in phone-number form, phone is E.164 with +', () => {
    expect(chat).toMatchObject({ account: desk.id, address: contact.pn, phone: contact.number, kind: 'person' });
    expect(chat).toMatchObject({ unread: MESSAGES, archived: false, pinned: false, muted: false });
    expect(chat.lastMessage).toMatchObject({ body: `message ${MESSAGES}`, conversation: chat.id });
    expect(chat.lastAt).toBe(chat.lastMessage?.timestamp);
  });
});

describe('GET /api/search?q=&account=&conversation=&cursor=&limit=', () => {
  const found = async (query: string) => read(searchPage, await api('GET', `/api/search?${query}`));

  it('finds messages by their words, the newest first, with the places, and people by name', async () => {
    const hello = await until('the index', async () => {
      const page = await found('q=hello%20LEI');
      return page.items.length === 1 ? page : undefined;
    });
    const [hit] = hello.items;
    expect(hit?.conversation).toMatchObject({ account: desk.id, name: 'Li Lei', kind: 'person' });
    expect(hit?.ranges.map(([from, to]) => hit.message.body.slice(from, to))).toEqual(['hello', 'Lei']);
    expect(hello.people).toEqual([]);
    expect((await found('q=lei')).people.map(({ name }) => name)).toEqual(['Li Lei']);
    const around = `/api/conversations/${hit?.conversation.id}/messages?around=${hit?.message.id}`;
    expect(read(messagesPage, await api('GET', around)).items.map(({ id }) => id)).toContain(hit?.message.id);
  });

  it('keyset-paged, in one conversation, with heads', async () => {
    const query = `q=message&conversation=${chat.id}&limit=50`;
    const { first, rest } = await until('the index', async () => {
      const first = await found(query);
      if (first.next === null) return undefined;
      const rest = await found(`${query}&cursor=${first.next}`);
      return first.items.length + rest.items.length === MESSAGES ? { first, rest } : undefined;
    });
    expect(first.indexing).toBe(false);
    const all = [...first.items, ...rest.items].map(({ message }) => message);
    expect(new Set(all.map(({ body }) => body))).toEqual(
      new Set(Array.from({ length: MESSAGES }, (_, i) => `message ${i + 1}`)),
    );
    // By time, which WhatsApp counts in seconds.
    for (const [i, { timestamp }] of all.slice(1).entries())
      expect(timestamp).toBeLessThanOrEqual((all[i]?.timestamp ?? 0) + 1_000);
    expect(rest.next).toBeNull();
    expect(first.heads).toEqual(await product.heads());
    expect((await api('GET', '/api/search?q=x&cursor=y')).code).toBe('BAD_REQUEST');
  });
});

describe('Message = {id, account, conversation, stream, seq, from, to, author?, fromMe, kind, body, timestamp, status?}', () => {
  it('of a contact: from and to in phone-number form, no author, no status', async () => {
    const [first] = read(messagesPage, await api('GET', `/api/conversations/${chat.id}/messages?limit=1`)).items;
    expect(first).toMatchObject({ account: desk.id, conversation: chat.id, stream: desk.stream });
    expect(first).toMatchObject({ from: contact.pn, to: desk.me?.id, fromMe: false, kind: 'text' });
    expect(first?.seq).toBeGreaterThan(0);
    expect(Math.abs((first?.timestamp ?? 0) - Date.now())).toBeLessThan(10 * 60_000);
    expect(first).not.toHaveProperty('author');
    expect(first).not.toHaveProperty('status');
  });
});

describe('GET /api/conversations?account=&q=&filter=&cursor=&limit=', () => {
  it('newest first; with heads, the snapshot’s position', async () => {
    const { items, next, heads } = read(chatsPage, await api('GET', '/api/conversations'));
    expect(items.map(({ lastAt }) => lastAt)).toEqual(items.map(({ lastAt }) => lastAt).toSorted((a, b) => b - a));
    expect(items.length).toBe(3);
    expect(next).toBeNull();
    expect(heads).toEqual(await product.heads());
  });

  it('keyset-paged: next goes back in as cursor, null at the end', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null; pages++) {
      expect(pages).toBeLessThan(4);
      const query = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: shape.Of<typeof chatsPage> = read(chatsPage, await api('GET', `/api/conversations?limit=1${query}`));
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    }
    expect(new Set(seen).size).toBe(3);
    expect((await api('GET', '/api/conversations?cursor=nonsense')).code).toBe('BAD_REQUEST');
  });

  it('account, q (a name, a number in any writing) and filter choose', async () => {
    const found = async (query: string) =>
      read(chatsPage, await api('GET', `/api/conversations?${query}`)).items.map(({ name }) => name);
    expect(await found('account=acc_none')).toEqual([]);
    expect((await found(`account=${desk.id}`)).length).toBe(3);
    expect(await found('q=han%20mei')).toEqual(['Han Meimei']);
    expect(await found(`q=${encodeURIComponent(contact.number.replace(/(\d{3})(\d{4})$/, ' $1-$2'))}`)).toEqual([
      'Wang Fang',
    ]);
    expect((await found('filter=unread')).length).toBe(3);
    expect(await found('filter=archived')).toEqual([]);
    expect((await api('GET', '/api/conversations?filter=some')).code).toBe('BAD_REQUEST');
  });

  it.each(['0', '-1', 'x', '1.5', ''])('limit=%s is refused', async (limit) => {
    expect((await api('GET', `/api/conversations?limit=${limit}`)).code).toBe('BAD_REQUEST');
  });
});

describe('POST /api/conversations {account, to}', () => {
  it('gives the conversation with that number, after asking WhatsApp whether it exists', async () => {
    const other = await contactNamed(product, 'Zhang');
    const body = { account: desk.id, to: other.number };
    const opened = read(conversation, await api('POST', '/api/conversations', { body }));
    expect(opened).toMatchObject({ account: desk.id, phone: other.number, unread: 0, kind: 'person' });
    expect(read(conversation, await api('POST', '/api/conversations', { body }))).toEqual(opened);
    expect(read(conversation, await api('GET', `/api/conversations/${opened.id}`))).toEqual(opened);
    const pinned = await api('PATCH', `/api/conversations/${opened.id}`, { body: { pinned: true } });
    expect(read(conversation, pinned)).toEqual({ ...opened, pinned: true });
    await api('PATCH', `/api/conversations/${opened.id}`, { body: { pinned: false } });
  });

  it('404 NOT_ON_WHATSAPP', async () => {
    const answer = await api('POST', '/api/conversations', { body: { account: desk.id, to: '+8619999999999' } });
    expect([answer.status, answer.code]).toEqual([404, 'NOT_ON_WHATSAPP']);
  });
});

describe('GET /api/conversations/:id/messages?before=&after=&around=&limit=', () => {
  const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `message ${from + i}`);

  it('none = the newest page; oldest first within the page; limit 50; with heads', async () => {
    const page = read(messagesPage, await api('GET', `/api/conversations/${chat.id}/messages`));
    expect(page.items.map(({ body }) => body)).toEqual(numbered(MESSAGES - 49, MESSAGES));
    expect(page.heads).toEqual(await product.heads());
  });

  it('to go back, pass next as before; null at the end', async () => {
    const newest = read(messagesPage, await api('GET', `/api/conversations/${chat.id}/messages`));
    const older = read(
      messagesPage,
      await api('GET', `/api/conversations/${chat.id}/messages?before=${encodeURIComponent(newest.next ?? '')}`),
    );
    expect(older.items.map(({ body }) => body)).toEqual(numbered(1, MESSAGES - 50));
    expect(older.next).toBeNull();
  });

  it('the three take a message id too', async () => {
    const { items } = read(messagesPage, await api('GET', `/api/conversations/${chat.id}/messages?limit=200`));
    const tenth = items[9]?.id;
    expect(await bodies(`before=${tenth}&limit=4`)).toEqual(numbered(6, 9));
    expect(await bodies(`after=${tenth}&limit=4`)).toEqual(numbered(11, 14));
    expect(await bodies(`around=${tenth}&limit=5`)).toEqual(numbered(8, 12));
    expect((await api('GET', `/api/conversations/${chat.id}/messages?before=m_none`)).code).toBe('MESSAGE_NOT_FOUND');
    expect((await api('GET', '/api/conversations/c_none/messages')).code).toBe('CONVERSATION_NOT_FOUND');
  });

  it('limit 50, at most 200: more is no error', async () => {
    expect((await bodies('limit=200')).length).toBe(MESSAGES);
    expect((await bodies('limit=999')).length).toBe(MESSAGES);
  });

  it('order is the order of commit', async () => {
    const { items } = read(messagesPage, await api('GET', `/api/conversations/${chat.id}/messages?limit=200`));
    expect(items.map(({ seq }) => seq)).toEqual(items.map(({ seq }) => seq).toSorted((a, b) => a - b));
  });
});

describe('POST /api/messages {commandId, account, to | conversation, text}', () => {
  const post = (body: object, headers: Readonly<Record<string, string>> = {}) =>
    api('POST', '/api/messages', { body, headers });

  it('202 {commandId, message}; the status only rises: pending, sent, delivered, read; message_status says so', async () => {
    const wire = await openWire(product.wsUrl);
    const answer = await post({ commandId: 'ticks', conversation: chat.id, text: '在的 🙂' });
    expect(answer.status).toBe(202);
    const { commandId, message: made } = answers.sent.parse(answer.json);
    expect([commandId, made.status, made.fromMe, made.from, made.to]).toEqual([
      'ticks',
      'pending',
      true,
      desk.me?.id,
      contact.pn,
    ]);
    const ticks = (wanted: string) =>
      wire.frame('message_status', ({ data }) => data['messageId'] === made.id && data['status'] === wanted);
    await ticks('delivered');
    await api('POST', `/api/sandbox/contacts/${contact.id}/read`);
    expect((await ticks('read')).data).toMatchObject({ account: desk.id, conversation: chat.id });
    const rising = wire
      .of('message_status')
      .flatMap(({ data }) => (data['messageId'] === made.id ? [data['status']] : []));
    expect(rising).toEqual(['sent', 'delivered', 'read'].filter((status) => rising.includes(status)));
    expect((await wire.frame('new_message')).data).toEqual({ ...made });
    expect(read(messagesPage, await api('GET', `/api/conversations/${chat.id}/messages?limit=1`)).items).toMatchObject([
      { id: made.id, status: 'read' },
    ]);
    wire.close();
  });

  it('`to` takes a phone number in any writing, any address, and a `from` that we sent', async () => {
    const digits = contact.number.slice(1);
    const [inbound] = read(messagesPage, await api('GET', `/api/conversations/${chat.id}/messages?limit=2`)).items;
    const writings = [
      contact.number,
      digits,
      `00${digits}`,
      `+${digits.slice(0, 2)} ${digits.slice(2, 5)}-${digits.slice(5, 9)} ${digits.slice(9)}`,
      contact.pn,
      contact.lid,
      digits.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
      inbound?.from ?? '',
    ];
    for (const [index, to] of writings.entries()) {
      const { message: made } = read(
        answers.sent,
        await post({ commandId: `writing-${index}`, account: desk.id, to, text: `writing ${index}` }),
      );
      expect([to, made.conversation]).toEqual([to, chat.id]);
    }
    await until(
      'all at the contact',
      async () => (await texts()).filter((text) => text.startsWith('writing')).length === writings.length,
    );
    expect((await post({ commandId: 'nobody', account: desk.id, to: 'nobody', text: 'x' })).code).toBe('BAD_ADDRESS');
  });

  it('the same commandId (or Idempotency-Key) again answers the same and sends nothing twice', async () => {
    const body = { conversation: chat.id, text: 'once' };
    const first = read(answers.sent, await post({ ...body, commandId: 'once' }));
    const again = read(answers.sent, await post({ ...body, commandId: 'once' }));
    const byKey = read(answers.sent, await post(body, { 'idempotency-key': 'once' }));
    expect([again.message.id, byKey.message.id]).toEqual([first.message.id, first.message.id]);
    expect(byKey.commandId).toBe('once');
    expect((await post({ ...body, commandId: 'once', text: 'other' })).code).toBe('COMMAND_REUSED');
    expect((await post(body)).code).toBe('BAD_REQUEST');
    expect((await post({ ...body, commandId: 'a' }, { 'idempotency-key': 'b' })).code).toBe('BAD_REQUEST');
  });

  it('[G7] 100 at once with one key are one message', async () => {
    const body = { commandId: 'hundred', account: desk.id, to: contact.number, text: 'one of a hundred' };
    const all = await Promise.all(Array.from({ length: 100 }, () => post(body)));
    expect(new Set(all.map((answer) => read(answers.sent, answer).message.id)).size).toBe(1);
    const last = read(
      answers.sent,
      await post({ commandId: 'after', conversation: chat.id, text: 'after the hundred' }),
    );
    await until('the last one', async () => (await texts()).includes(last.message.body));
    expect((await texts()).filter((text) => text === 'one of a hundred').length).toBe(1);
    expect((await texts()).filter((text) => text === 'once').length).toBe(1);
  });

  it('is refused without a recipient, with two, for what is not there, and with no text', async () => {
    const { id } = await product.addAccount('Not linked');
    const cases: readonly (readonly [object, string])[] = [
      [{ account: desk.id, text: 'x' }, 'BAD_REQUEST'],
      [{ account: desk.id, to: contact.number, conversation: chat.id, text: 'x' }, 'BAD_REQUEST'],
      [{ to: contact.number, text: 'x' }, 'BAD_REQUEST'],
      [{ account: desk.id, to: contact.number, text: ' ' }, 'BAD_REQUEST'],
      [{ conversation: 'c_none', text: 'x' }, 'CONVERSATION_NOT_FOUND'],
      [{ account: 'acc_none', to: contact.number, text: 'x' }, 'ACCOUNT_NOT_FOUND'],
      [{ account: id, to: contact.number, text: 'x' }, 'ACCOUNT_NOT_READY'],
    ];
    for (const [index, [body, code]] of cases.entries())
      expect([body, (await post({ commandId: `refused-${index}`, ...body })).code]).toEqual([body, code]);
    await api('DELETE', `/api/accounts/${id}`);
  });

  it('GET /api/messages/:id/trace tells when each stage was passed', async () => {
    const [last] = read(
      messagesPage,
      await api('GET', `/api/conversations/${chat.id}/messages?around=${chat.lastMessage?.id}&limit=1`),
    ).items;
    const { id, stamps } = read(answers.trace, await api('GET', `/api/messages/${last?.id}/trace`));
    const times = ['heard', 'normalised', 'committed', 'rung', 'fed'].map((stage) => stamps[stage] ?? 0);
    expect(id).toBe(last?.id);
    expect(times.every((time) => time > 0)).toBe(true);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});

describe('POST /api/conversations/:id/read', () => {
  it('204; receipts go out; unread is 0 in a conversation_update', async () => {
    const wire = await openWire(product.wsUrl);
    expect((await api('POST', `/api/conversations/${chat.id}/read`)).status).toBe(204);
    const { data } = await wire.frame(
      'conversation_update',
      (frame) => frame.data['id'] === chat.id && frame.data['unread'] === 0,
    );
    expect(data).toMatchObject({ name: 'Wang Fang', account: desk.id });
    wire.close();
    await eventually(
      'the receipts',
      () => api('GET', `/api/sandbox/contacts/${contact.id}/messages`),
      (answer) =>
        read(answers.letterList, answer).items.every(
          ({ direction, status }) => direction === 'in' || status === 'read',
        ),
    );
  });
});

describe('GET /api/events?after=<position>&limit=', () => {
  const positions = (heads: Heads) =>
    Object.entries(heads)
      .map(([stream, { epoch, seq }]) => `${stream}:${epoch}:${seq}`)
      .join(',');

  it('{items:[frame], next, more}, paged without a gap: every event of the account, each seq once, in order', async () => {
    const seen: number[] = [];
    let after = `${desk.stream}:0`;
    for (let more = true; more; ) {
      const page = read(answers.events, await api('GET', `/api/events?after=${after}&limit=20`));
      expect(page.items.length).toBeLessThanOrEqual(20);
      seen.push(...page.items.map(({ seq = 0 }) => seq));
      expect(page.next.split(',').every((position) => /^[\w]+:[\w-]+:\d+$/.test(position))).toBe(true);
      after = page.next;
      more = page.more;
    }
    expect(seen).toEqual(Array.from({ length: (await product.heads())[desk.stream]?.seq ?? 0 }, (_, i) => i + 1));
  });

  it('a position in every writing gives the same: with and without epoch, several joined by commas', async () => {
    const heads = await product.heads();
    const { epoch = '', seq = 0 } = heads[desk.stream] ?? {};
    const items = async (after: string) =>
      read(answers.events, await api('GET', `/api/events?after=${encodeURIComponent(after)}`)).items.filter(
        ({ stream }) => stream === desk.stream,
      );
    const wanted = await items(`${desk.stream}:${epoch}:${seq - 3}`);
    expect(wanted.map((frame) => frame.seq)).toEqual([seq - 2, seq - 1, seq]);
    expect(await items(`${desk.stream}:${seq - 3}`)).toEqual(wanted);
    expect(await items(`workspace:${heads['workspace']?.seq},${desk.stream}:${epoch}:${seq - 3}`)).toEqual(wanted);
    for (const bad of ['nonsense', 'a:b:c', `${desk.stream}:-1`, ':::'])
      expect((await api('GET', `/api/events?after=${bad}`)).code).toBe('BAD_CURSOR');
  });

  it('a place of another epoch gives a resync frame, and reading goes on at the head', async () => {
    const { items } = read(answers.events, await api('GET', `/api/events?after=${desk.stream}:other:1`));
    expect(items).toMatchObject([{ type: 'resync', data: { stream: desk.stream, reason: 'epoch' } }]);
  });

  it('with Accept: text/event-stream it goes on live, and Last-Event-ID goes on after it', async () => {
    const heads = await product.heads();
    const first = openStream({ accept: 'text/event-stream', 'last-event-id': positions(heads) });
    const { message: a } = read(
      answers.sent,
      await api('POST', '/api/messages', { body: { commandId: 'sse-a', conversation: chat.id, text: 'sse a' } }),
    );
    const seen = await until('the message in the stream', () => first.events.find(({ text }) => text.includes(a.id)));
    first.close();
    const { message: b } = read(
      answers.sent,
      await api('POST', '/api/messages', { body: { commandId: 'sse-b', conversation: chat.id, text: 'sse b' } }),
    );
    const second = openStream({ accept: 'text/event-stream', 'last-event-id': seen.id });
    await until('what came since', () => second.events.some(({ text }) => text.includes(b.id)));
    second.close();
    const newest = (stream: typeof first) =>
      stream.events.flatMap(({ text }) => {
        const frame = JSON.parse(text);
        return frame.type === 'new_message' ? [frame.data.id] : [];
      });
    expect(newest(second)).toEqual([b.id]);
    expect(newest(first)).toEqual([a.id]);
  });
});

interface EventStream {
  readonly events: readonly { readonly id: string; readonly text: string }[];
  close(): void;
}

/** A server-sent stream, as it comes. */
function openStream(headers: Readonly<Record<string, string>>): EventStream {
  const events: { id: string; text: string }[] = [];
  let rest = '';
  const sending = request({ port: product.port, hostname: '127.0.0.1', path: '/api/events', headers }, (response) => {
    expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    response.setEncoding('utf8');
    response.on('error', () => undefined);
    response.on('data', (text: string) => {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
        if (fields['data'] !== undefined) events.push({ id: fields['id'] ?? '', text: fields['data'] });
      }
    });
  });
  sending.on('error', () => undefined);
  sending.end();
  return { events, close: () => sending.destroy() };
}

describe('GET /api/conversations/:id/shared?what=&cursor=&limit=', () => {
  const shared = (what: string) => api('GET', `/api/conversations/${chat.id}/shared?what=${what}&limit=5`);

  it('gives media, files, links and pinned messages, the newest first, with heads', async () => {
    await write(product, contact, desk, 'see https://example.com/contract');
    await until('the text', async () => (await bodies('limit=1'))[0]?.includes('example.com'));
    const links = read(messagesPage, await shared('links'));
    expect([links.items.map(({ body }) => body), links.heads[desk.stream]?.seq]).toEqual([
      ['see https://example.com/contract'],
      expect.any(Number),
    ]);
    for (const what of ['media', 'files', 'pinned']) expect(read(messagesPage, await shared(what)).items).toEqual([]);
    expect((await shared('all')).code).toBe('BAD_REQUEST');
    expect((await api('GET', `/api/conversations/${chat.id}/picture?none=empty`)).status).toBe(204);
  });
});
