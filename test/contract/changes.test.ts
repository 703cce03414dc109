// docs/api.md, what is done to messages: quotes, mentions, reactions, edits, withdrawals, against the running product with its own sandbox.
import { type Account, type Conversation, message } from '@pulseline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as answers from '../../server/src/http/docs-shapes.ts';
import { Product } from '../product.ts';
import { until } from '../until.ts';
import { type Api, apiAt, contactNamed, linked, read, write } from './api.ts';
import { openWire } from './wire.ts';

let product: Product;
let api: Api;
let desk: Account;
let contact: Awaited<ReturnType<typeof contactNamed>>;
let chat: Conversation;

const messagesPage = answers.snapshot(message);

beforeAll(async () => {
  product = await Product.start();
  api = apiAt(product.port);
  desk = await linked(product, 'Desk');
  contact = await contactNamed(product, 'Wang Fang');
  await write(product, contact, desk, 'how much?');
  chat = await until('the message', async () => {
    const [found] = await product.conversations(desk.id);
    return found?.lastMessage !== undefined && found;
  });
});
afterAll(() => product.close());

describe('what is done to messages', () => {
  const post = (path: string, body: object) => api('POST', `/api/messages${path}`, { body });
  const letters = async () =>
    read(answers.letterList, await api('GET', `/api/sandbox/contacts/${contact.id}/messages`)).items;
  const now = async (id: string) => {
    const path = `/api/conversations/${chat.id}/messages?around=${id}&limit=2`;
    return read(messagesPage, await api('GET', path)).items.find((each) => each.id === id);
  };

  it('`quote`, `mentions` of a send; reactions, edited and deleted of a message, told by message_reaction and message_update', async () => {
    const wire = await openWire(product.wsUrl);
    const theirs = chat.lastMessage?.id ?? '';
    const digits = contact.number.slice(1);
    const sent = await post('', {
      commandId: 'quoting',
      conversation: chat.id,
      text: `@${digits} see`,
      quote: theirs,
      mentions: [contact.number],
    });
    const { message: own } = read(answers.sent, sent);
    expect(own.quote).toEqual({ id: theirs, author: contact.pn, body: 'how much?' });
    expect(own.mentions).toEqual([contact.pn]);
    expect((await post('', { commandId: 'q2', conversation: chat.id, text: 'x', quote: 'm_none' })).code).toBe(
      'MESSAGE_NOT_FOUND',
    );
    expect((await post('', { commandId: 'q3', conversation: chat.id, text: 'x', mentions: ['?'] })).code).toBe(
      'BAD_ADDRESS',
    );

    const reacted = await post(`/${theirs}/reaction`, { commandId: 'react', emoji: '👍' });
    expect(reacted.status).toBe(202);
    const { data } = await wire.frame('message_reaction', (frame) => frame.data['messageId'] === theirs);
    expect(data).toMatchObject({
      account: desk.id,
      conversation: chat.id,
      author: desk.me?.id,
      fromMe: true,
      emoji: '👍',
    });
    expect((await now(theirs))?.reactions).toMatchObject([{ emoji: '👍', fromMe: true }]);
    read(answers.sent, await post(`/${theirs}/reaction`, { commandId: 'unreact', emoji: '' }));
    await until('no reaction', async () => (await now(theirs))?.reactions === undefined);

    read(answers.sent, await post(`/${own.id}/edit`, { commandId: 'edit', text: 'seen' }));
    read(answers.sent, await post(`/${own.id}/edit`, { commandId: 'edit', text: 'seen' }));
    expect((await post(`/${own.id}/edit`, { commandId: 'edit', text: 'other' })).code).toBe('COMMAND_REUSED');
    await wire.frame('message_update', (frame) => frame.data['id'] === own.id && frame.data['edited'] === true);
    expect(await now(own.id)).toMatchObject({ body: 'seen', edited: true });
    read(answers.sent, await post(`/${own.id}/delete`, { commandId: 'delete' }));
    await wire.frame('message_update', (frame) => frame.data['id'] === own.id && frame.data['deleted'] === true);
    expect(await now(own.id)).toMatchObject({ body: '', deleted: true });
    const got = (await letters()).slice(-5).map(({ kind, text, about, mentions }) => ({ kind, text, about, mentions }));
    expect(got).toMatchObject([
      { kind: 'text', mentions: [contact.pn] },
      { kind: 'reaction', text: '👍', about: got[0]?.about },
      { kind: 'reaction', text: '' },
      { kind: 'edit', text: 'seen' },
      { kind: 'revoke' },
    ]);
    wire.close();
  });

  it('is refused where WhatsApp would not take it', async () => {
    const theirs = chat.lastMessage?.id ?? '';
    expect((await post(`/${theirs}/edit`, { commandId: 'r1', text: 'x' })).code).toBe('MESSAGE_NOT_CHANGEABLE');
    expect((await post(`/${theirs}/delete`, { commandId: 'r2' })).code).toBe('MESSAGE_NOT_CHANGEABLE');
    expect((await post('/m_none/reaction', { commandId: 'r3', emoji: '👍' })).code).toBe('MESSAGE_NOT_FOUND');
    expect((await post(`/${theirs}/reaction`, { emoji: '👍' })).code).toBe('BAD_REQUEST');
    expect((await post(`/${theirs}/edit`, { commandId: 'r4', text: ' ' })).code).toBe('BAD_REQUEST');
    const { items } = read(answers.receipts, await api('GET', `/api/messages/${theirs}/receipts`));
    expect(items).toEqual([]);
    expect((await api('GET', '/api/messages/m_none/receipts')).code).toBe('MESSAGE_NOT_FOUND');
    expect(read(answers.unreadable, await api('GET', `/api/accounts/${desk.id}/unreadable`)).items).toEqual([]);
  });

  it('`counters` of /status agree, and the same is at /metrics', async () => {
    const { counters } = read(answers.status, await api('GET', '/status'));
    expect(counters[desk.id]).toMatchObject({ stored: 1, commanded: 1, delivered: 2, lost: 0, untold: 0, waiting: 0 });
    const { text } = await api('GET', '/metrics');
    expect(text).toContain(`pulseline_account_flow{account="${desk.id}",what="delivered"} 2`);
  });
});
