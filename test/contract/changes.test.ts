// docs/api.md, what is done to messages: quotes, mentions, reactions, edits, withdrawals, against the running product with its own sandbox.
import { createHash } from 'node:crypto';
import {
  type Account,
  type Conversation,
  cannedReply,
  contact as contactShape,
  conversation,
  imported,
  importPreview,
  label,
  media,
  message,
  note,
  page,
  searchPage,
  shape,
  today,
} from '@pulseline/protocol';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as answers from '../../server/src/http/docs-shapes.ts';
import { groupAnswer, groupList, invite, memberResults } from '../../server/src/http/groups.ts';
import { olderAnswer } from '../../server/src/http/people.ts';
import { outcome } from '../../server/src/http/perform.ts';
import { workspaceAnswer } from '../../server/src/http/workspace.ts';
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
    expect(await now(own.id)).toMatchObject({ body: 'seen', edited: true, editedAt: expect.any(Number) });
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

  it('a chat that a phone has exported is looked at by `preview`, imported to be read only, and exported', async () => {
    const exported =
      '2023/1/25 15:04 - 王小明: 你好，在吗？\n2023/1/25 15:05 - 店铺: 在的\n2023/1/26 09:00 - 王小明: <媒体已忽略>\n';
    const parts = { me: '店铺', name: '旧聊天', dateOrder: 'ymd', timeZone: 'Asia/Shanghai' };
    const send = (more: Readonly<Record<string, string>>) => {
      const field = ([name, value]: [string, string]) =>
        `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
      const file = `--x\r\ncontent-disposition: form-data; name="file"; filename="_chat.txt"\r\n\r\n${exported}\r\n--x--\r\n`;
      return api('POST', `/api/accounts/${desk.id}/imports`, {
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: `${Object.entries({ ...parts, ...more })
          .map(field)
          .join('')}${file}`,
      });
    };
    const seen = read(importPreview, await send({ preview: 'true' }));
    expect(seen).toMatchObject({
      messages: 3,
      people: [{ name: '王小明' }, { name: '店铺' }],
      dateOrder: 'ymd',
      ambiguous: false,
      skipped: 0,
    });
    expect(seen.sample.map(({ body }) => body)).toContain('你好，在吗？');
    const { conversation, messages, added } = read(imported, await send({}));
    expect([conversation.readOnly, conversation.name, messages, added]).toEqual([true, '旧聊天', 3, 3]);
    expect(read(imported, await send({})).added).toBe(0);
    const refused = await post('', { commandId: 'read only', conversation: conversation.id, text: 'x' });
    expect([refused.status, refused.code]).toEqual([409, 'CONVERSATION_READ_ONLY']);
    const { text } = await api('GET', `/api/conversations/${conversation.id}/export?format=jsonl`);
    expect(text.trim().split('\n')).toHaveLength(4);
    expect((await api('GET', `/api/accounts/${desk.id}/export?format=txt`)).text).toContain('你好，在吗？');
  });

  it('`counters` of /status agree, and the same is at /metrics', async () => {
    const { counters } = read(answers.status, await api('GET', '/status'));
    expect(counters[desk.id]).toMatchObject({ stored: 1, commanded: 1, delivered: 2, lost: 0, untold: 0, waiting: 0 });
    const differences = [
      'redelivered',
      'again',
      'filled',
      'changes',
      'control',
      'aside',
      'notices',
      'before',
      'refused',
    ];
    for (const name of ['wire', ...differences]) expect(counters[desk.id]?.[name], name).toEqual(expect.any(Number));
    const { text } = await api('GET', '/metrics');
    expect(text).toContain(`pulseline_account_flow{account="${desk.id}",what="delivered"} 2`);
  });
});

describe('around messages', () => {
  const asked = (path: string, body?: object) => api('POST', path, body === undefined ? {} : { body });
  const here = async () => read(conversation, await api('GET', `/api/conversations/${chat.id}`));

  it('a conversation is arranged, marked unread and read, told by conversation_update', async () => {
    const wire = await openWire(product.wsUrl);
    const mutedUntil = Date.now() + 3_600_000;
    const change = { archived: true, pinned: true, mutedUntil };
    const arranged = read(conversation, await api('PATCH', `/api/conversations/${chat.id}`, { body: change }));
    expect(arranged).toMatchObject({ archived: true, pinned: true, muted: true, mutedUntil });
    await wire.frame('conversation_update', (frame) => frame.data['pinned'] === true);
    const back = { archived: false, pinned: false, muted: false };
    read(conversation, await api('PATCH', `/api/conversations/${chat.id}`, { body: back }));
    expect(read(conversation, await asked(`/api/conversations/${chat.id}/unread`)).markedUnread).toBe(true);
    const unread = read(answers.snapshot(conversation), await api('GET', '/api/conversations?filter=unread'));
    expect(unread.items.map(({ id }) => id)).toContain(chat.id);
    expect((await asked(`/api/conversations/${chat.id}/read`)).status).toBe(204);
    expect((await here()).markedUnread).toBeUndefined();
    expect((await asked('/api/conversations/c_none/unread')).code).toBe('CONVERSATION_NOT_FOUND');
    wire.close();
  });

  it('contacts are found by name and number, blocked and not; typing, presence and pictures have routes', async () => {
    const path = `/api/accounts/${desk.id}/contacts`;
    const people = async (query: string) => read(page(contactShape), await api('GET', `${path}?${query}`)).items;
    await until('the contact', async () => (await people('q=wang')).length > 0);
    expect((await people(`q=${contact.number.slice(-6)}`)).map(({ address }) => address)).toEqual([contact.pn]);
    expect(await people('q=nobody')).toEqual([]);
    const block = { commandId: 'block', person: contact.number, blocked: true };
    expect(read(contactShape, await asked(`/api/accounts/${desk.id}/blocked`, block)).blocked).toBe(true);
    expect((await people('blocked=true')).map(({ address }) => address)).toEqual([contact.pn]);
    const done = read(outcome, await api('GET', '/api/commands/block'));
    expect([done.state, done.commandId]).toEqual(['done', 'block']);
    expect((await api('GET', '/api/commands/none')).code).toBe('COMMAND_NOT_FOUND');
    await asked(`/api/accounts/${desk.id}/blocked`, { person: contact.number, blocked: false });
    expect(await people('blocked=true')).toEqual([]);
    expect((await asked(`/api/conversations/${chat.id}/watch`)).status).toBe(204);
    expect((await asked(`/api/conversations/${chat.id}/typing`, { state: 'composing' })).status).toBe(204);
    expect((await api('GET', `/api/conversations/${chat.id}/picture`)).code).toBe('PICTURE_NOT_FOUND');
    // Nobody's phone gave this contact a name, so it is not among the saved ones.
    expect((await people(`q=${contact.number.slice(-6)}`)).map(({ saved }) => saved)).toEqual([undefined]);
    const calls = `/api/accounts/${desk.id}/calls`;
    expect((await asked(`${calls}/none/reject`, { from: contact.number })).status).toBe(204);
    expect((await asked('/api/accounts/acc_none/calls/none/reject', { from: contact.number })).code).toBe(
      'ACCOUNT_NOT_FOUND',
    );
  });

  it('a group is made once, looked at, changed, and left; what may not be done has its code', async () => {
    const body = { commandId: 'group', subject: '团队 🎉', people: [contact.number] };
    const made = read(groupAnswer, await asked(`/api/accounts/${desk.id}/groups`, body));
    expect(made.conversation).toMatchObject({ kind: 'group', name: '团队 🎉', group: { size: 2, role: 'owner' } });
    expect(read(groupAnswer, await asked(`/api/accounts/${desk.id}/groups`, body)).conversation.id).toBe(
      made.conversation.id,
    );
    const { id } = made.conversation;
    expect(made.members.map(({ role, me, address }) => [address === contact.pn, role, me === true])).toEqual(
      expect.arrayContaining([
        [true, 'member', false],
        [false, 'owner', true],
      ]),
    );
    const listed = read(groupList, await api('GET', `/api/accounts/${desk.id}/groups`));
    expect(listed.items.map((each) => each.id)).toEqual([id]);
    const change = { subject: 'Team', description: '规则', announce: true };
    const changed = read(groupAnswer, await api('PATCH', `/api/groups/${id}`, { body: change }));
    expect(changed.conversation).toMatchObject({ name: 'Team', group: { announce: true, description: '规则' } });
    const promote = { action: 'promote', people: [contact.number] };
    expect(read(memberResults, await asked(`/api/groups/${id}/members`, promote)).results).toMatchObject([
      { ok: true },
    ]);
    const roles = read(groupAnswer, await api('GET', `/api/groups/${id}`)).members.map(({ role }) => role);
    expect(roles.sort()).toEqual(['admin', 'owner']);
    const link = read(invite, await api('GET', `/api/groups/${id}/invite`)).link;
    expect(read(invite, await asked(`/api/groups/${id}/invite`, {})).link).not.toBe(link);
    expect((await asked(`/api/accounts/${desk.id}/groups/join`, { link })).code).toBe('INVITE_INVALID');
    expect((await api('GET', `/api/groups/${chat.id}`)).code).toBe('NOT_A_GROUP');
    expect((await asked(`/api/groups/${id}/leave`, {})).status).toBe(204);
    await until('to be out', async () => (await api('GET', `/api/conversations/${id}`)).text.includes('"role":"none"'));
    expect((await asked(`/api/groups/${id}/members`, promote)).code).toBe('GROUP_NOT_MEMBER');
  });

  it('older history is asked of the phone, and makes no new_message', async () => {
    const wire = await openWire(product.wsUrl);
    const { messages } = read(olderAnswer, await asked(`/api/conversations/${chat.id}/history`, { count: 20 }));
    expect(messages).toBeGreaterThanOrEqual(0);
    expect(wire.frames.filter(({ type }) => type === 'new_message')).toEqual([]);
    wire.close();
  });

  it('a conversation is a page of HTML, and is deleted with all that it said', async () => {
    const other = await contactNamed(product, 'Li <b>Lei</b>');
    await write(product, other, desk, 'secret-4712 <script>alert(1)</script>');
    const gone = await until('the conversation', async () =>
      (await product.conversations(desk.id)).find(({ phone }) => phone === other.number),
    );
    const { text, headers } = await api('GET', `/api/conversations/${gone.id}/export?format=html`);
    expect(headers['content-disposition']).toContain('.html');
    expect(text).toContain('secret-4712 &lt;script&gt;');
    expect(text).not.toContain('<script>');
    const wire = await openWire(product.wsUrl);
    expect((await api('DELETE', `/api/conversations/${gone.id}`)).status).toBe(204);
    expect((await wire.frame('conversation_removed')).data).toEqual({ account: desk.id, id: gone.id });
    expect((await api('GET', `/api/conversations/${gone.id}`)).code).toBe('CONVERSATION_NOT_FOUND');
    expect(read(searchPage, await api('GET', '/api/search?q=secret-4712')).items).toEqual([]);
    await until('the log to have forgotten', async () => {
      const log = await api('GET', `/api/events?after=${desk.stream}:0&limit=1000`);
      return !log.text.includes('secret-4712');
    });
    await write(product, other, desk, 'hello again');
    await wire.frame('new_message', (frame) => frame.data['body'] === 'hello again');
    const fresh = await until('a new one', async () =>
      (await product.conversations(desk.id)).find(({ phone }) => phone === other.number),
    );
    const { items } = read(messagesPage, await api('GET', `/api/conversations/${fresh.id}/messages`));
    expect(items.map(({ body }) => body)).toEqual(['hello again']);
    wire.close();
  });
});

describe('the team', () => {
  const conversationOf = async () => read(conversation, await api('GET', `/api/conversations/${chat.id}`));

  it('`assignment` and `note` are told on `workspace`, filters find what they changed, and no export or search has a note', async () => {
    const wire = await openWire(product.wsUrl);
    const assigned = await api('POST', `/api/conversations/${chat.id}/assignment`, {
      body: { assignee: '王芳', by: 'Anna' },
    });
    expect(read(conversation, assigned).assignee).toBe('王芳');
    const { data, stream } = await wire.frame('assignment');
    expect([stream, data]).toEqual(['workspace', { conversation: chat.id, assignee: '王芳', by: 'Anna' }]);

    const body = { commandId: 'note 1', body: '要发票 invoice-4711', author: 'Anna' };
    const path = `/api/conversations/${chat.id}/notes`;
    const written = read(note, await api('POST', path, { body }));
    expect(read(note, await api('POST', path, { body }))).toEqual(written);
    expect((await wire.frame('note')).data).toEqual(written);
    expect(read(answers.snapshot(note), await api('GET', path)).items).toEqual([written]);
    const found = read(answers.snapshot(note), await api('GET', `/api/notes?q=${encodeURIComponent('Invoice-47')}`));
    expect(found.items).toEqual([written]);
    expect(read(searchPage, await api('GET', '/api/search?q=invoice')).items).toEqual([]);
    const exported = await fetch(`${product.url}/api/conversations/${chat.id}/export`);
    expect(await exported.text()).not.toContain('invoice-4711');

    const { id } = read(label, await api('POST', '/api/labels', { body: { name: 'VIP', colour: 3 } }));
    expect((await wire.frame('labels_update')).data).toEqual({ items: [{ id, name: 'VIP', colour: 3 }] });
    expect((await api('POST', '/api/labels', { body: { name: 'VIP' } })).code).toBe('NAME_TAKEN');
    const snoozedUntil = Date.now() + 3_600_000;
    const arranged = { state: 'snoozed', snoozedUntil, labels: [id] };
    expect(read(conversation, await api('PATCH', `/api/conversations/${chat.id}`, { body: arranged }))).toMatchObject(
      arranged,
    );
    const listed = async (query: string) =>
      read(answers.snapshot(conversation), await api('GET', `/api/conversations?${query}`)).items.map(
        (each) => each.id,
      );
    const assignee = encodeURIComponent('王芳');
    for (const query of [
      'filter=snoozed',
      `assignee=${assignee}`,
      `label=${id}`,
      `filter=snoozed&assignee=${assignee}&label=${id}`,
    ])
      expect([query, await listed(query)]).toEqual([query, [chat.id]]);
    for (const query of ['filter=unassigned', 'filter=closed', 'assignee=Anna', 'label=l_none'])
      expect([query, (await listed(query)).includes(chat.id)]).toEqual([query, false]);
    await write(product, contact, desk, 'and one more thing');
    await until('the work to be open again', async () => (await conversationOf()).state === undefined);
    wire.close();
  });

  it('`/api/workspace` keeps the time zone of all; `workspace_update` tells it', async () => {
    const wire = await openWire(product.wsUrl);
    const changed = await api('PATCH', '/api/workspace', { body: { timeZone: 'Asia/Shanghai' } });
    expect(read(workspaceAnswer, changed)).toMatchObject({ timeZone: 'Asia/Shanghai', media: { bytes: 0 } });
    expect(await wire.frame('workspace_update')).toMatchObject({
      stream: 'workspace',
      data: { timeZone: 'Asia/Shanghai' },
    });
    wire.close();
    expect(read(today, await api('GET', '/api/today')).timeZone).toBe('Asia/Shanghai');
    expect((await api('PATCH', '/api/workspace', { body: { timeZone: 'Mars' } })).code).toBe('BAD_REQUEST');
    expect(read(workspaceAnswer, await api('PATCH', '/api/workspace', { body: { timeZone: null } })).timeZone).toBe(
      undefined,
    );
  });

  it('`/api/replies` keeps prepared texts; what is not there has its code', async () => {
    const body = { shortcut: 'hi', body: '{name}，您好' };
    const made = read(cannedReply, await api('POST', '/api/replies', { body }));
    expect((await api('PATCH', `/api/replies/${made.id}`, { body: { body: 'Hello' } })).status).toBe(200);
    const all = read(page(cannedReply), await api('GET', '/api/replies'));
    expect(all.items).toEqual([{ ...made, body: 'Hello' }]);
    expect((await api('DELETE', `/api/replies/${made.id}`)).status).toBe(204);
    expect((await api('DELETE', `/api/replies/${made.id}`)).code).toBe('REPLY_NOT_FOUND');
    expect((await api('DELETE', '/api/labels/l_none')).code).toBe('LABEL_NOT_FOUND');
    const labels = await Promise.all(
      Array.from({ length: 101 }, (_, n) => api('POST', '/api/labels', { body: { name: `label ${n}` } })),
    );
    expect(labels.filter(({ code }) => code === 'TOO_MANY').length).toBeGreaterThanOrEqual(1);
    for (const answer of labels)
      if (answer.status === 201) await api('DELETE', `/api/labels/${read(label, answer).id}`);
    expect((await api('POST', `/api/conversations/c_none/assignment`, { body: { assignee: null } })).code).toBe(
      'CONVERSATION_NOT_FOUND',
    );
  });
});

describe('files', () => {
  const upload = shape.object({ ...media.fields, kind: shape.string() });
  const form = (bytes: Buffer, name: string) =>
    Buffer.concat([
      Buffer.from(`--x\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n`),
      bytes,
      Buffer.from('\r\n--x--\r\n'),
    ]);
  const uploaded = async (bytes: Buffer, name: string) =>
    read(
      upload,
      await api('POST', '/api/uploads', {
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: form(bytes, name),
      }),
    );
  const raw = async (id: string, headers = {}) => fetch(`${product.url}/api/media/${id}`, { headers });
  const last = async () =>
    read(messagesPage, await api('GET', `/api/conversations/${chat.id}/messages?limit=1`)).items.at(-1);

  it('POST /api/uploads · GET /api/media/:id · a contact sends a picture, and its bytes come back, also in part', async () => {
    const bytes = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#3a7' } })
      .jpeg()
      .toBuffer();
    const { id, ...told } = await uploaded(bytes, 'photo.jpg');
    expect(told).toMatchObject({ kind: 'image', mime: 'image/jpeg', size: bytes.length, width: 64, height: 48 });
    const body = { account: desk.id, kind: 'image', media: id, caption: 'look' };
    expect((await api('POST', `/api/sandbox/contacts/${contact.id}/messages`, { body })).status).toBe(201);
    const come = await until('the file', async () => {
      const message = await last();
      return message?.media?.state === 'ready' && message;
    });
    expect(come).toMatchObject({ kind: 'image', body: 'look', media: { mime: 'image/jpeg', size: bytes.length } });
    const fileId = come.media?.id ?? '';
    expect(Buffer.from(await (await raw(fileId)).arrayBuffer())).toEqual(bytes);
    const part = await raw(fileId, { range: 'bytes=10-19' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${bytes.length}`]);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(10, 20));
    expect((await api('GET', `/api/media/${fileId}/thumbnail`)).status).toBe(200);
    const [own, me] = [`/api/accounts/${desk.id}/picture`, desk.me?.id ?? ''];
    expect((await api('PUT', own, { body: { media: id } })).status).toBe(204);
    const shown = await fetch(`${product.url}/api/accounts/${desk.id}/contacts/${me}/picture`);
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const profile = { name: '客服 Desk', about: 'open 9 to 5' };
    expect((await api('PATCH', `/api/accounts/${desk.id}/profile`, { body: profile })).status).toBe(204);
    expect((await api('PUT', `/api/groups/${chat.id}/picture`, { body: { media: null } })).code).toBe('NOT_A_GROUP');
    expect((await api('POST', `/api/media/${fileId}/fetch`, { body: {} })).status).toBe(202);
  });

  it('POST /api/messages {kind, media, caption} · the contact opens what we send; the same command sends nothing twice', async () => {
    const bytes = Buffer.from(`a contract ${'x'.repeat(50_000)}`);
    const { id } = await uploaded(bytes, '合同.txt');
    const body = { commandId: 'file 1', conversation: chat.id, kind: 'document', media: id, caption: 'please sign' };
    const first = await api('POST', '/api/messages', { body });
    expect(first.status).toBe(202);
    expect((await api('POST', '/api/messages', { body })).json).toMatchObject({
      message: { media: { name: '合同.txt', state: 'ready', size: bytes.length } },
    });
    const got = await until('the file with the contact', async () => {
      const page = read(answers.letterList, await api('GET', `/api/sandbox/contacts/${contact.id}/messages`));
      return page.items.find(({ kind, file }) => kind === 'document' && file !== undefined);
    });
    expect(got.file).toMatchObject({
      ok: true,
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    const { message: ours } = read(answers.sent, first);
    await until('WhatsApp has it', async () => (await api('GET', `/api/media/${ours.media?.id}`)).status === 200);
    const changed = (path: string, more: object) =>
      api('POST', `/api/messages/${ours.id}${path}`, { body: { commandId: `file ${path}`, ...more } });
    await until(
      'an edit of the caption',
      async () => (await changed('/edit', { text: 'sign, please' })).status === 202,
    );
    await until('its end', async () => (await last())?.body === 'sign, please');
    expect((await changed('/star', { on: true })).json).toMatchObject({ message: { starred: true } });
    expect((await changed('/pin', { seconds: 86_400 })).status).toBe(202);
    const pinned = await until('the pin', async () => {
      const found = await last();
      return found?.pinnedUntil !== undefined && found;
    });
    expect(pinned).toMatchObject({ starred: true, edited: true, body: 'sign, please' });
    expect((await changed('/pin', { commandId: 'file pin', seconds: 5 })).code).toBe('BAD_REQUEST');
    const again = { commandId: 'file again', conversation: chat.id, forward: ours.id };
    const passed = read(answers.sent, await api('POST', '/api/messages', { body: again })).message;
    expect(passed).toMatchObject({ kind: 'document', body: 'sign, please', forwarded: 'once', forwards: 1 });
    const held = await until('the file once more', async () => {
      const page = read(answers.letterList, await api('GET', `/api/sandbox/contacts/${contact.id}/messages`));
      const all = page.items.filter(({ kind, file }) => kind === 'document' && file !== undefined);
      return all.length === 2 && all.at(-1);
    });
    expect(held).toMatchObject({ text: 'sign, please', file: { ok: true, size: bytes.length } });
    const patch = await api('PATCH', `/api/accounts/${desk.id}`, { body: { mediaBudgetMb: 500, mediaDays: 30 } });
    expect(patch.json).toMatchObject({ mediaBudgetMb: 500, mediaDays: 30 });
    const use = (await api('GET', `/api/accounts/${desk.id}/media`)).json;
    expect(use).toMatchObject({ files: 2, pending: 0 });
    expect((await api('POST', `/api/media/${passed.media?.id}/cancel`)).json).toMatchObject({
      media: { state: 'ready' },
    });
    const wrong = await api('POST', '/api/messages', { body: { ...body, commandId: 'file 2', media: 'up_none' } });
    expect(wrong.code).toBe('UPLOAD_NOT_FOUND');
    const other = await api('POST', '/api/messages', { body: { ...body, commandId: 'file 3', kind: 'image' } });
    expect(other.code).toBe('UPLOAD_KIND');
    expect((await api('GET', '/api/media/none')).code).toBe('MEDIA_NOT_FOUND');
  });
});
