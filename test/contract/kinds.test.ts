// docs/api.md, kinds of messages in and out (places, cards, polls, forwards, what disappears), against the running product with its own sandbox.
import { type Account, type Conversation, type Message, message, searchPage } from '@pulseline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as answers from '../../server/src/http/docs-shapes.ts';
import { Product } from '../product.ts';
import { until } from '../until.ts';
import { type Answer, type Api, apiAt, contactNamed, linked, read } from './api.ts';

let product: Product;
let api: Api;
let desk: Account;
let contact: Awaited<ReturnType<typeof contactNamed>>;
let chat: Conversation;
let commands = 0;

const messagesPage = answers.snapshot(message);

beforeAll(async () => {
  product = await Product.start();
  api = apiAt(product.port);
  desk = await linked(product, 'Desk');
  contact = await contactNamed(product, 'Wang Fang');
  await says({ text: 'hello' });
  chat = await until('the conversation', async () => (await product.conversations(desk.id))[0] ?? false);
});
afterAll(() => product.close());

/** As the contact; the ids are those of the contact's phone. */
async function says(said: object): Promise<string> {
  const body = { account: desk.id, ...said };
  return read(answers.written, await api('POST', `/api/sandbox/contacts/${contact.id}/messages`, { body })).id;
}
const all = async (): Promise<readonly Message[]> =>
  read(messagesPage, await api('GET', `/api/conversations/${chat.id}/messages?limit=200`)).items;
const found = (what: string, fits: (one: Message) => boolean): Promise<Message> =>
  until(what, async () => (await all()).find(fits) ?? false);
const letters = async () =>
  read(answers.letterList, await api('GET', `/api/sandbox/contacts/${contact.id}/messages`)).items;
const letter = (what: string, text: string) =>
  until(what, async () => (await letters()).findLast((one) => one.direction === 'in' && one.text === text) ?? false);

async function send(body: object): Promise<Message> {
  const command = { commandId: `kinds ${++commands}`, conversation: chat.id };
  const answer = await api('POST', '/api/messages', { body: { ...command, ...body } });
  expect(answer.status).toBe(202);
  return read(answers.sent, answer).message;
}
const isRefused = (answer: Answer, detail: string) =>
  expect([answer.status, answer.code, answer.text]).toEqual([400, 'BAD_REQUEST', expect.stringContaining(detail)]);

describe('kinds that come', () => {
  it('Message: `location` with `latitude`, `longitude`, `name`, `address`, and `live` with `sequence` and `at`', async () => {
    await says({ kind: 'location', latitude: 31.23, longitude: 121.47, name: '外滩', address: '中山东一路' });
    expect(await found('a place', ({ kind }) => kind === 'location')).toMatchObject({
      body: '外滩',
      location: { latitude: 31.23, longitude: 121.47, name: '外滩', address: '中山东一路' },
    });
    await says({ kind: 'live-location', latitude: 1, longitude: 2, sequence: 1 });
    await says({ kind: 'live-location', latitude: 1, longitude: 3, sequence: 2 });
    const live = await found('a move', ({ location }) => location?.live?.sequence === 2);
    expect(live.location).toMatchObject({ longitude: 3, live: { sequence: 2, at: expect.any(Number) } });
    expect((await all()).filter(({ location }) => location?.live)).toHaveLength(1);
  });

  it('Message: `contacts` with `phones`, `organisation`, `emails`; `preview` with `url`, `canonicalUrl`, `title`, `description`, `thumbnail`', async () => {
    await says({ kind: 'contact', cards: [{ name: '李雷', number: '+86 139 1234 5678' }] });
    expect((await found('a card', ({ kind }) => kind === 'contact')).contacts).toMatchObject([
      { name: '李雷', phones: [{ number: '+8613912345678', address: '8613912345678@s.whatsapp.net' }] },
    ]);
    await says({ kind: 'link', text: 'see https://example.com', url: 'https://example.com', title: 'Example' });
    expect((await found('a link', ({ preview }) => preview !== undefined)).preview).toMatchObject({
      url: 'https://example.com',
      title: 'Example',
      thumbnail: expect.any(String),
    });
  });

  it('Message: `rawType` names what became text; `forwarded` is once or many', async () => {
    await says({ kind: 'buttons', text: '选择', options: ['是', '否'] });
    expect(await found('buttons', ({ rawType }) => rawType === 'buttonsMessage')).toMatchObject({
      kind: 'text',
      body: '选择\n▸ 是\n▸ 否',
    });
    const id = await says({ text: 'pass it on' });
    await says({ kind: 'forward', message: id });
    expect((await found('a forward', ({ forwarded }) => forwarded !== undefined)).forwarded).toBe('once');
    expect(message.fields.forwarded.schema).toEqual({ enum: ['once', 'many'] });
  });

  it('Message: `poll` with `options`, `selectable`, `votes` and each `voter`', async () => {
    const id = await says({ kind: 'poll', question: '几点？', options: ['9', '10'] });
    const poll = await found('a poll', ({ kind }) => kind === 'poll');
    await says({ kind: 'vote', poll: id, options: ['10'] });
    await found('a vote', (one) => one.id === poll.id && one.poll?.options[1]?.votes === 1);
    const vote = (options: readonly unknown[], commandId: string) =>
      api('POST', `/api/messages/${poll.id}/votes`, { body: { commandId, options } });
    expect((await vote(['9'], 'vote 1')).status).toBe(202);
    const both = await found('both votes', (one) => one.id === poll.id && one.poll?.votes.length === 2);
    expect(both.poll).toMatchObject({
      name: '几点？',
      selectable: 1,
      options: [
        { name: '9', votes: 1 },
        { name: '10', votes: 1 },
      ],
    });
    expect(both.poll?.votes.map(({ voter, fromMe }) => [voter, fromMe])).toEqual([
      [contact.pn, false],
      [desk.me?.id, true],
    ]);
    expect(await letter('our vote', '9')).toMatchObject({ kind: 'vote' });
    expect((await vote([1], 'vote 2')).status).toBe(202);
    await found('another vote', (one) => one.id === poll.id && one.poll?.options[1]?.votes === 2);
    isRefused(await vote(['11'], 'vote 3'), 'options');
    isRefused(await vote([0, 1], 'vote 4'), 'at most 1');
    const text = (await all()).find(({ body }) => body === 'hello');
    expect(
      (await api('POST', `/api/messages/${text?.id}/votes`, { body: { commandId: 'v5', options: [] } })).code,
    ).toBe('MESSAGE_NOT_CHANGEABLE');
  });

  it('Message: `pinnedUntil`, `expiresAt`; it is `gone` (expired) when its time is over', async () => {
    const id = await says({ text: 'in a hurry', expires: 1 });
    const brief = await found('it', ({ body, gone }) => body === 'in a hurry' || gone === 'expired');
    expect(brief.expiresAt ?? 0).toBeLessThanOrEqual(brief.timestamp + 1_000);
    await found(
      'its end',
      (one) => one.id === brief.id && one.gone === 'expired' && one.deleted === true && one.body === '',
    );
    const kept = await says({ text: 'important' });
    await says({ kind: 'pin', message: kept });
    expect((await found('a pin', ({ pinnedUntil }) => pinnedUntil !== undefined)).body).toBe('important');
    expect(id).not.toBe(kept);
  });
});

describe('kinds that are sent', () => {
  it('POST /api/messages takes `kind` location, contact and poll, each with its own field, and the contact gets them', async () => {
    const place = { latitude: 31, longitude: 121, name: '店' };
    expect(await send({ kind: 'location', location: place })).toMatchObject({
      kind: 'location',
      body: '店',
      location: place,
    });
    const card = { name: '韩梅', phones: [{ number: '+8613900000011' }] };
    expect(await send({ kind: 'contact', contacts: [card] })).toMatchObject({ kind: 'contact', contacts: [card] });
    const asked = await send({ kind: 'poll', poll: { name: 'Tea?', options: ['yes', 'no'] } });
    expect(asked.poll).toMatchObject({
      selectable: 1,
      options: [
        { name: 'yes', votes: 0 },
        { name: 'no', votes: 0 },
      ],
    });
    expect(await letter('the place', '店')).toMatchObject({ kind: 'location' });
    expect(await letter('the card', '韩梅')).toMatchObject({ kind: 'contact' });
    const { id } = await letter('the poll', 'Tea?');
    await says({ kind: 'vote', poll: id, options: ['no'] });
    await found('the vote on ours', (one) => one.id === asked.id && one.poll?.options[1]?.votes === 1);
  });

  it('the same `commandId` is the same poll; `forward` passes a message on, but not one to be seen once', async () => {
    const poll = { name: 'Again?', options: ['a', 'b'] };
    const body = { commandId: 'twice', conversation: chat.id, kind: 'poll', poll };
    const [one, two] = [await api('POST', '/api/messages', { body }), await api('POST', '/api/messages', { body })];
    expect(read(answers.sent, two).message.id).toBe(read(answers.sent, one).message.id);
    const other = { ...body, poll: { ...poll, options: ['a', 'c'] } };
    expect((await api('POST', '/api/messages', { body: other })).code).toBe('COMMAND_REUSED');
    const hello = (await all()).find((each) => each.body === 'hello');
    expect(await send({ forward: hello?.id })).toMatchObject({ kind: 'text', body: 'hello', forwarded: 'once' });
    const place = await found('a place', ({ kind, fromMe }) => kind === 'location' && !fromMe);
    expect(await send({ forward: place.id })).toMatchObject({ kind: 'location', body: place.body });
    await says({ kind: 'image', viewOnce: 'withheld' });
    const once = await found('one to be seen once', ({ viewOnce }) => viewOnce === true);
    const again = { commandId: 'once', conversation: chat.id, forward: once.id };
    expect((await api('POST', '/api/messages', { body: again })).code).toBe('MESSAGE_NOT_FORWARDABLE');
    expect((await api('POST', '/api/messages', { body: { ...again, forward: 'nothing' } })).code).toBe(
      'MESSAGE_NOT_FOUND',
    );
  });

  it.each<[object, string]>([
    [{}, 'text'],
    [{ kind: 'location' }, 'location'],
    [{ kind: 'location', location: { latitude: 91, longitude: 0 } }, 'latitude'],
    [{ kind: 'location', location: { latitude: 'x', longitude: 0 } }, 'location.latitude'],
    [{ kind: 'location', text: 'x', location: { latitude: 1, longitude: 0 } }, 'not with'],
    [{ kind: 'text', text: 'x', location: { latitude: 1, longitude: 0 } }, 'not with the kind'],
    [{ kind: 'contact', contacts: [] }, 'contacts'],
    [{ kind: 'contact', contacts: [{ name: 'A', phones: [] }] }, 'number'],
    [{ kind: 'contact', poll: { name: 'A', options: ['a', 'b'] } }, 'contacts'],
    [{ kind: 'poll', poll: { name: 'A', options: ['a'] } }, '2 to 12'],
    [{ kind: 'poll', poll: { name: 'A', options: ['a', 'a'] } }, 'differ'],
    [{ kind: 'poll', poll: { name: 'A', options: ['a', ' '] } }, '1 to 100'],
    [{ kind: 'poll', poll: { name: 'A', options: ['a', 'b'], selectable: 3 } }, 'selectable'],
    [{ kind: 'poll', poll: { name: ' ', options: ['a', 'b'] } }, 'poll.name'],
    [{ location: { latitude: 1, longitude: 0 }, poll: { name: 'A', options: ['a', 'b'] } }, 'only one'],
    [{ kind: 'dance' }, 'kind'],
  ])('%o is refused, naming what is wrong', async (body, detail) => {
    const command = { commandId: `bad ${detail}`, conversation: chat.id };
    isRefused(await api('POST', '/api/messages', { body: { ...command, ...body } }), detail);
  });

  it('POST /api/conversations/:id/disappearing sets `disappearing` by `seconds`: from then on what we send bears its end', async () => {
    const time = (seconds: number) =>
      api('POST', `/api/conversations/${chat.id}/disappearing`, { body: { commandId: `time ${seconds}`, seconds } });
    const told = await time(86_400);
    expect(read(answers.sent, told).message).toMatchObject({
      kind: 'system',
      notice: { code: 'disappearing', text: '86400' },
    });
    const [now] = await product.conversations(desk.id);
    expect(now?.disappearing).toBe(86_400);
    const sent = await send({ text: 'for a day' });
    expect(sent.expiresAt).toBe(sent.timestamp + 86_400_000);
    await letter('it', 'for a day');
    expect(
      await until('the timer', async () => (await letters()).find(({ kind }) => kind === 'disappearing') ?? false),
    ).toBeTruthy();
    isRefused(await time(5), 'seconds');
    await time(0);
    expect((await product.conversations(desk.id))[0]).not.toHaveProperty('disappearing');
  });

  it('/delete with `for` me removes it for us alone: `gone` is removed', async () => {
    const hello = (await all()).find(({ body, fromMe }) => body === 'hello' && !fromMe);
    const answer = await api('POST', `/api/messages/${hello?.id}/delete`, { body: { for: 'me' } });
    expect(read(answers.sent, answer).message).toMatchObject({ body: '', deleted: true, gone: 'removed' });
    expect((await letters()).some(({ text }) => text === 'hello')).toBe(true);
  });

  it('an export as text tells places, cards and polls in words', async () => {
    const { text } = await api('GET', `/api/conversations/${chat.id}/export?format=txt&timeZone=UTC`);
    expect(text).toContain('[location] 外滩\nhttps://maps.google.com/?q=31.23,121.47\n');
    expect(text).toContain('[contact] 李雷\n李雷: +8613912345678\n');
    expect(text).toMatch(/\[poll\] 几点？\n▸ 9 \(\d\)\n▸ 10 \(\d\)\n/);
  });

  it('search finds polls by their options, cards by name and number, places by name and address', async () => {
    for (const q of ['中山东一路', '李雷', '13912345678', '外滩', '几点']) {
      await until(`a hit for ${q}`, async () => {
        const answer = await api('GET', `/api/search?q=${encodeURIComponent(q)}`);
        return read(searchPage, answer).items.length > 0;
      });
    }
  });
});
