// Each route as others see it, over stand-ins for what is behind: statuses, shapes, what is asked of whom, and every refusal.
import { CodedError } from '@pulseline/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { aConversation, aMessage, anAccount, aWorld, fakeParts, PORT, type World } from '../../test/fake-parts.ts';
import { buildApi } from './app.ts';
import type { Api } from './parts.ts';

let world: World;
let app: Api;
const host = `localhost:${PORT}`;

beforeEach(() => {
  world = aWorld();
  app = buildApi(fakeParts(world));
});

interface Given {
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}
async function ask(call: string, { headers = {}, body }: Given = {}) {
  const [method = 'GET', url = '/'] = call.split(' ');
  const known = (['GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS', 'HEAD'] as const).find((word) => word === method);
  const payload =
    body === undefined ? {} : { payload: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await app.inject({
    method: known ?? 'GET',
    url,
    ...payload,
    headers: { host, ...payload.headers, ...headers },
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.payload,
    json: (): Record<string, unknown> => answer.json(),
  };
}

describe('GET /status', () => {
  it('tells who answers, since when, and how its parts are', async () => {
    const { status, json, headers } = await ask('GET /status?nonce=abc');
    expect(status).toBe(200);
    expect(json()).toEqual({
      product: 'pulseline',
      version: '0.0.0',
      instanceId: 'i_test',
      nonce: 'abc',
      startedAt: 1_000,
      uptimeMs: 4_000,
      time: 5_000,
      ws: { path: '/ws', clients: 7 },
      store: { kind: 'sqlite', ok: true },
      heads: { acc_a: { epoch: 'e1', seq: 0 }, workspace: { epoch: 'e2', seq: 0 } },
      counters: {},
      accounts: [anAccount()],
    });
    expect(headers['cache-control']).toBe('no-store');
  });
  it('says that the store takes no writes, and goes on answering', async () => {
    world.writable = false;
    expect((await ask('GET /status')).json()).toMatchObject({ store: { ok: false } });
  });
});

describe('GET /api/accounts/:id/unreadable', () => {
  it('tells of each contact how many there were and how many wait, the most first', async () => {
    world.tallies.set('acc_a', { stored: 9, 'unreadable 1@lid': 1, 'unreadable 2@lid': 3, 'filled 2@lid': 2 });
    expect((await ask('GET /api/accounts/acc_a/unreadable')).json()).toEqual({
      items: [
        { address: '2@lid', total: 3, filled: 2, waiting: 1 },
        { address: '1@lid', total: 1, filled: 0, waiting: 1 },
      ],
      next: null,
    });
  });
});

describe('health', () => {
  it('is alive whatever the store does', async () => {
    world.writable = false;
    expect((await ask('GET /livez')).status).toBe(200);
  });
  it('is ready only while the store takes writes', async () => {
    expect((await ask('GET /readyz')).status).toBe(200);
    world.writable = false;
    app = buildApi(fakeParts(world));
    const { status, json } = await ask('GET /readyz');
    expect([status, json()['code']]).toEqual([503, 'STORE_FAILED']);
  });
  it('gives metrics by route, never by id', async () => {
    await ask('GET /api/accounts/acc_a');
    const { text, headers } = await ask('GET /metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toContain(
      'pulseline_http_request_seconds_count{method="GET",route="/api/accounts/:id",status="200"} 1',
    );
  });
});

describe('accounts', () => {
  it('lists them', async () => {
    expect((await ask('GET /api/accounts')).json()).toEqual({ items: [anAccount()], next: null });
  });
  it('adds one, which starts connecting', async () => {
    const { status, json, headers } = await ask('POST /api/accounts', { body: { label: ' 客服 ', kind: 'sandbox' } });
    const id = expect.stringMatching(/^acc_[a-z2-7]{10}$/);
    expect([status, json()]).toEqual([201, anAccount({ id, label: '客服', state: 'INITIALIZING' })]);
    expect(world.asked).toEqual([
      ['create_account', { id, label: '客服', kind: 'sandbox' }],
      ['connect', json()['id']],
    ]);
    expect(headers['location']).toBe(`/api/accounts/${json()['id']}`);
  });
  it.each([
    [{}],
    [{ label: '', kind: 'phone' }],
    [{ label: '   ', kind: 'phone' }],
    [{ label: 'A', kind: 'fax' }],
    [{ label: 5, kind: 'phone' }],
    [{ label: 'x'.repeat(201), kind: 'phone' }],
    [[]],
  ])('refuses to add %j', async (body) => {
    const { status, json } = await ask('POST /api/accounts', { body });
    expect([status, json()['code']]).toEqual([400, 'BAD_REQUEST']);
    expect(world.asked).toEqual([]);
  });
  it('gives one, and 404 for another', async () => {
    expect((await ask('GET /api/accounts/acc_a')).json()).toEqual(anAccount());
    const { status, json } = await ask('GET /api/accounts/acc_b');
    expect([status, json()['code']]).toEqual([404, 'ACCOUNT_NOT_FOUND']);
  });
  it('renames without a new connection', async () => {
    world.outcome = anAccount({ label: 'B' });
    expect((await ask('PATCH /api/accounts/acc_a', { body: { label: 'B' } })).json()).toMatchObject({ label: 'B' });
    expect(world.asked).toEqual([['change_account', { id: 'acc_a', label: 'B' }]]);
  });
  it('connects anew through another proxy', async () => {
    world.outcome = anAccount();
    await ask('PATCH /api/accounts/acc_a', { body: { proxy: 'socks5://127.0.0.1:1080' } });
    expect(world.asked).toEqual([
      ['change_account', { id: 'acc_a', proxy: 'socks5://127.0.0.1:1080' }],
      ['connect', 'acc_a'],
    ]);
  });
  it('takes the proxy away, and does nothing if there was none', async () => {
    world.outcome = anAccount();
    await ask('PATCH /api/accounts/acc_a', { body: { proxy: null } });
    expect(world.asked).toEqual([['change_account', { id: 'acc_a', proxy: null }]]);
  });
  it('refuses a proxy that is none', async () => {
    expect((await ask('PATCH /api/accounts/acc_a', { body: { proxy: 'ftp://x' } })).status).toBe(400);
  });
  it('unlinks, stops and then forgets a removed one', async () => {
    const { status, text } = await ask('DELETE /api/accounts/acc_a');
    expect([status, text]).toEqual([204, '']);
    expect(world.asked).toEqual([
      ['logout', 'acc_a'],
      ['stop', 'acc_a'],
      ['remove_account', { id: 'acc_a' }],
      ['forget'],
    ]);
  });
  it('removes one also when WhatsApp cannot be told', async () => {
    const parts = fakeParts(world);
    app = buildApi({ ...parts, fleet: { ...parts.fleet, logout: () => Promise.reject(new Error('offline')) } });
    expect((await ask('DELETE /api/accounts/acc_a')).status).toBe(204);
    expect(world.asked.at(-2)).toEqual(['remove_account', { id: 'acc_a' }]);
  });
  it('gives the QR code that can be scanned now, or says which state it is in', async () => {
    const { status, json } = await ask('GET /api/accounts/acc_a/qr');
    expect([status, json()['code'], json()['state']]).toEqual([409, 'ACCOUNT_NOT_IN_QR', 'READY']);
    world.qr.set('acc_a', { qr: '2@text', expiresAt: 9 });
    expect((await ask('GET /api/accounts/acc_a/qr')).json()).toEqual({ qr: '2@text', expiresAt: 9 });
  });
  it('gives a pairing code for a number in any writing', async () => {
    expect(
      (await ask('POST /api/accounts/acc_a/pairing-code', { body: { phone: '+86 138-0013-8000' } })).json(),
    ).toEqual({
      code: 'ABCD1234',
    });
    expect(world.asked).toEqual([['pairingCode', 'acc_a', '8613800138000']]);
    expect((await ask('POST /api/accounts/acc_a/pairing-code', { body: { phone: 'hello' } })).json()['code']).toBe(
      'BAD_ADDRESS',
    );
  });
  it.each(['restart', 'logout'])('takes %s, with or without a body', async (act) => {
    expect((await ask(`POST /api/accounts/acc_a/${act}`)).status).toBe(202);
    expect(
      (await ask(`POST /api/accounts/acc_a/${act}`, { headers: { 'content-type': 'application/json' } })).status,
    ).toBe(202);
    expect((await ask(`POST /api/accounts/acc_a/${act}`, { body: {} })).status).toBe(202);
    expect(world.asked).toEqual([
      [act, 'acc_a'],
      [act, 'acc_a'],
      [act, 'acc_a'],
    ]);
    expect((await ask(`POST /api/accounts/acc_b/${act}`)).json()['code']).toBe('ACCOUNT_NOT_FOUND');
  });
});

describe('a search', () => {
  it('asks for messages and people, people only on the first page of all conversations', async () => {
    world.conversations = [aConversation({ id: 'c_1' })];
    const { json } = await ask('GET /api/search?q=%E9%80%80%E6%AC%BE&account=acc_a&limit=300');
    expect(json()).toEqual({ items: [], next: null, people: world.conversations, indexing: false, heads: world.heads });
    expect(world.asked).toEqual([
      ['conversations', { q: '退款', account: 'acc_a', limit: 20 }],
      ['search', { q: '退款', account: 'acc_a', limit: 200 }],
    ]);
    expect((await ask('GET /api/search?q=x&cursor=7')).json()['people']).toEqual([]);
    expect((await ask('GET /api/search?q=x&conversation=c_1')).json()['people']).toEqual([]);
  });
  it.each([
    ['', 'BAD_REQUEST'],
    ['?q=%20', 'BAD_REQUEST'],
    ['?q=x&account=acc_none', 'ACCOUNT_NOT_FOUND'],
    ['?q=x&conversation=c_none', 'CONVERSATION_NOT_FOUND'],
  ])('refuses /api/search%s', async (query, code) => {
    expect((await ask(`GET /api/search${query}`)).json()['code']).toBe(code);
  });
});

describe('conversations', () => {
  it('lists them with the position of the snapshot', async () => {
    const { json } = await ask('GET /api/conversations?account=acc_a&q=138%200&filter=unread&cursor=x&limit=20');
    expect(json()).toEqual({ items: [aConversation()], next: null, heads: world.heads });
    expect(world.asked).toEqual([
      ['conversations', { account: 'acc_a', q: '138 0', filter: 'unread', cursor: 'x', limit: 20 }],
    ]);
  });
  it.each([
    ['', 50],
    ['?limit=7', 7],
    ['?limit=200', 200],
    ['?limit=5000', 200],
  ])('takes %s as a page of %i', async (query, limit) => {
    await ask(`GET /api/conversations${query}`);
    expect(world.asked).toEqual([['conversations', { limit }]]);
  });
  it.each(['limit=0', 'limit=-1', 'limit=x', 'filter=mine'])('refuses %s', async (query) => {
    expect((await ask(`GET /api/conversations?${query}`)).json()['code']).toBe('BAD_REQUEST');
  });
  it('opens the one that is there without asking WhatsApp', async () => {
    const { status, json } = await ask('POST /api/conversations', {
      body: { account: 'acc_a', to: '+86 138 0000 0000' },
    });
    expect([status, json()]).toEqual([200, aConversation()]);
    expect(world.asked).toEqual([]);
  });
  it('asks WhatsApp for a new number and opens a conversation with both of its addresses', async () => {
    world.registered.set('8613911111111', { pn: '8613911111111@s.whatsapp.net', lid: '77@lid' });
    world.outcome = { conversation: 'c_1' };
    const { status } = await ask('POST /api/conversations', {
      body: { account: 'acc_a', to: '8613911111111@s.whatsapp.net' },
    });
    expect(status).toBe(200);
    expect(world.asked).toEqual([
      ['lookUp', 'acc_a', '8613911111111'],
      ['open_conversation', { account: 'acc_a', pn: '8613911111111@s.whatsapp.net', lid: '77@lid' }],
    ]);
  });
  it('says NOT_ON_WHATSAPP for a number that is not', async () => {
    const { status, json } = await ask('POST /api/conversations', { body: { account: 'acc_a', to: '+8613911111111' } });
    expect([status, json()['code']]).toEqual([404, 'NOT_ON_WHATSAPP']);
  });
  it('refuses what is no number', async () => {
    const { status, json } = await ask('POST /api/conversations', { body: { account: 'acc_a', to: 'Wang' } });
    expect([status, json()['code']]).toEqual([400, 'BAD_ADDRESS']);
  });
  it('pages messages before, after or around a place, but one of them', async () => {
    world.messages = [aMessage()];
    expect((await ask('GET /api/conversations/c_1/messages?before=m_9&limit=3')).json()).toEqual({
      items: [aMessage()],
      next: null,
      heads: world.heads,
    });
    expect(world.asked).toEqual([['messages', { conversation: 'c_1', before: 'm_9', limit: 3 }]]);
    expect((await ask('GET /api/conversations/c_1/messages?before=a&after=b')).json()['code']).toBe('BAD_REQUEST');
    expect((await ask('GET /api/conversations/c_2/messages')).json()['code']).toBe('CONVERSATION_NOT_FOUND');
  });
  it('marks as read and rings only if a receipt waits', async () => {
    world.outcome = { account: 'acc_a', queued: true };
    expect((await ask('POST /api/conversations/c_1/read')).status).toBe(204);
    expect(world.asked).toEqual([
      ['mark_read', { conversation: 'c_1', jobId: expect.stringMatching(/^j_/) }],
      ['ring', 'acc_a'],
    ]);
    world.outcome = { account: 'acc_a', queued: false };
    await ask('POST /api/conversations/c_1/read');
    expect(world.asked.length).toBe(3);
  });
});

describe('POST /api/messages', () => {
  const send = { commandId: 'k1', account: 'acc_a', to: '+8613800000000', text: 'hi' };
  beforeEach(() => {
    world.outcome = { message: aMessage(), repeated: false };
  });

  it('puts the message into the outbox and rings', async () => {
    const { status, json } = await ask('POST /api/messages', { body: send });
    expect([status, json()]).toEqual([202, { commandId: 'k1', message: aMessage() }]);
    expect(world.asked).toEqual([
      [
        'enqueue_send',
        {
          commandId: 'k1',
          waId: expect.stringMatching(/^3EB0[0-9A-F]{18}$/),
          account: 'acc_a',
          to: { address: '+8613800000000' },
          text: 'hi',
        },
      ],
      ['ring', 'acc_a'],
    ]);
  });
  it('takes a conversation in place of an address', async () => {
    await ask('POST /api/messages', { body: { commandId: 'k1', conversation: 'c_1', text: 'hi' } });
    expect(world.asked[0]?.[1]).toMatchObject({ account: 'acc_a', to: { conversation: 'c_1' } });
  });
  it('takes Idempotency-Key for commandId, bare or in quotes', async () => {
    const { commandId: _, ...rest } = send;
    for (const key of ['k2', '"k2"']) {
      expect(
        (await ask('POST /api/messages', { body: rest, headers: { 'idempotency-key': key } })).json()['commandId'],
      ).toBe('k2');
    }
  });
  it.each([
    ['no commandId', { account: 'acc_a', to: '+8613800000000', text: 'hi' }, {}, 'BAD_REQUEST'],
    ['two that differ', send, { 'idempotency-key': 'k2' }, 'BAD_REQUEST'],
    ['no text', { ...send, text: '' }, {}, 'BAD_REQUEST'],
    ['white space', { ...send, text: ' \n' }, {}, 'BAD_REQUEST'],
    ['a number as text', { ...send, text: 5 }, {}, 'BAD_REQUEST'],
    ['too long a text', { ...send, text: 'x'.repeat(65_537) }, {}, 'BAD_REQUEST'],
    ['an unknown kind', { ...send, kind: 'fax' }, {}, 'BAD_REQUEST'],
    ['nobody to send to', { ...send, to: undefined }, {}, 'BAD_REQUEST'],
    ['both to and conversation', { ...send, conversation: 'c_1' }, {}, 'BAD_REQUEST'],
    ['no account', { ...send, account: undefined }, {}, 'BAD_REQUEST'],
    ['an unknown conversation', { commandId: 'k', conversation: 'c_9', text: 'hi' }, {}, 'CONVERSATION_NOT_FOUND'],
    [
      'a conversation of another account',
      { commandId: 'k', account: 'acc_b', conversation: 'c_1', text: 'hi' },
      {},
      'CONVERSATION_NOT_FOUND',
    ],
  ])('refuses %s', async (_what, body, headers, code) => {
    expect((await ask('POST /api/messages', { body, headers })).json()['code']).toBe(code);
    expect(world.asked).toEqual([]);
  });
  it('hands on the refusals of the inbox', async () => {
    world.outcome = new CodedError('COMMAND_REUSED');
    const { status, json } = await ask('POST /api/messages', { body: send });
    expect([status, json()['code']]).toEqual([409, 'COMMAND_REUSED']);
  });
  it('says try again while a queue is full', async () => {
    world.outcome = new CodedError('BUSY');
    const { status, json, headers } = await ask('POST /api/messages', { body: send });
    expect([status, json()['retry'], headers['retry-after']]).toEqual([503, true, '1']);
  });
  it('retries a refused message', async () => {
    expect((await ask('POST /api/messages/m_1/retry')).status).toBe(202);
    expect(world.asked).toEqual([
      ['retry_send', { messageId: 'm_1' }],
      ['ring', 'acc_a'],
    ]);
  });
  it('tells the way of a message', async () => {
    world.messages = [aMessage(), aMessage({ id: 'm_traced' })];
    expect((await ask('GET /api/messages/m_traced/trace')).json()).toEqual({
      id: 'm_traced',
      stamps: { heard: 1.5, committed: 2.25 },
    });
    expect((await ask('GET /api/messages/m_1/trace')).json()).toEqual({ id: 'm_1', stamps: {} });
    expect((await ask('GET /api/messages/m_2/trace')).json()['code']).toBe('MESSAGE_NOT_FOUND');
  });
});

describe('the sandbox', () => {
  const pn = '8613900000001@s.whatsapp.net';
  beforeEach(() => {
    world.control.set('POST /phones', { id: 'p_1', name: 'A', pn });
  });
  it('scans the current QR code as the phone of the label', async () => {
    world.qr.set('acc_a', { qr: '2@text', expiresAt: 9 });
    world.control.set('POST /scan', { phone: { id: 'p_1' } });
    expect((await ask('POST /api/sandbox/accounts/acc_a/scan')).status).toBe(200);
    expect(world.asked).toEqual([
      ['control', 'POST', '/phones', { name: 'A' }],
      ['control', 'POST', '/scan', { qr: '2@text', phone: 'p_1' }],
    ]);
  });
  it('knows the phone of a linked account by its number, whatever the label is now', async () => {
    world.accounts = [{ account: anAccount({ label: 'new', me: { id: pn, phone: '+8613900000001' } }), createdAt: 1 }];
    world.control.set('GET /phones', [
      { id: 'p_0', pn: 'x' },
      { id: 'p_7', pn },
    ]);
    await ask('POST /api/sandbox/accounts/acc_a/offline');
    expect(world.asked.at(-1)).toEqual(['control', 'POST', '/phones/p_7/offline', undefined]);
  });
  it.each(['offline', 'online', 'logout'])('passes %s on', async (act) => {
    world.control.set(`POST /phones/p_1/${act}`, { ok: true });
    expect((await ask(`POST /api/sandbox/accounts/acc_a/${act}`)).json()).toEqual({ ok: true });
  });
  it('adds and lists contacts, lets them write, read, and shows what they have', async () => {
    world.control.set('POST /contacts', { id: 'k1', pn: '1@s.whatsapp.net', lid: '1@lid' });
    world.control.set('GET /contacts', [{ id: 'k1' }]);
    world.control.set('POST /contacts/k1/send', { id: 'M1', ids: ['M1'], sent: 1 });
    world.control.set('GET /contacts/k1/messages', [{ id: 'M1' }]);
    world.control.set('POST /contacts/k1/read', { read: [] });
    const made = await ask('POST /api/sandbox/contacts', { body: { name: '王' } });
    expect([made.status, made.json()]).toEqual([201, { id: 'k1', pn: '1@s.whatsapp.net', lid: '1@lid' }]);
    expect((await ask('GET /api/sandbox/contacts')).json()).toEqual({ items: [{ id: 'k1' }], next: null });
    expect(
      (await ask('POST /api/sandbox/contacts/k1/messages', { body: { account: 'acc_a', text: '你好' } })).status,
    ).toBe(201);
    expect(world.asked.at(-1)).toEqual(['control', 'POST', '/contacts/k1/send', { text: '你好', to: pn }]);
    expect((await ask('GET /api/sandbox/contacts/k1/messages')).json()).toEqual({ items: [{ id: 'M1' }], next: null });
    expect((await ask('POST /api/sandbox/contacts/k1/read')).json()).toEqual({ read: [] });
  });
  it('leaves another emulator alone', async () => {
    world.foreign = true;
    for (const call of [
      'GET /api/sandbox/contacts',
      'POST /api/sandbox/accounts/acc_a/scan',
      'POST /api/sandbox/contacts',
    ]) {
      const { status, json } = await ask(call);
      expect([status, json()['code']]).toEqual([409, 'SANDBOX_IS_FOREIGN']);
    }
  });
  it('leaves real accounts alone', async () => {
    world.accounts = [{ account: anAccount({ kind: 'phone' }), createdAt: 1 }];
    const { status, json } = await ask('POST /api/sandbox/accounts/acc_a/scan');
    expect([status, json()['code']]).toEqual([409, 'ACCOUNT_NOT_SANDBOX']);
    expect(world.asked).toEqual([]);
  });
  it('says so when there is nothing to scan, or no such contact', async () => {
    expect((await ask('POST /api/sandbox/accounts/acc_a/scan')).json()['code']).toBe('ACCOUNT_NOT_IN_QR');
    world.control.set('POST /contacts/k9/read', new CodedError('CONTACT_NOT_FOUND'));
    expect((await ask('POST /api/sandbox/contacts/k9/read')).status).toBe(404);
  });
});
