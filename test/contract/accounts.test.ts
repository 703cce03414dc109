// docs/api.md, "Addresses and states" and the REST rows of accounts and the product itself, against the running product with its own sandbox.
import { account, page, shape, today } from '@pulseline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as answers from '../../server/src/http/docs-shapes.ts';
import { Product } from '../product.ts';
import { until } from '../until.ts';
import { type Api, apiAt, contactNamed, linked, read, send, write } from './api.ts';
import { openWire } from './wire.ts';

const now = Date.now();
let product: Product;
let api: Api;

beforeAll(async () => {
  product = await Product.start();
  api = apiAt(product.port);
});
afterAll(() => product.close());

describe('"JSON throughout"', () => {
  it('errors are application/problem+json {type, title, status, code, detail} with a code of the one table', async () => {
    const answer = await api('GET', '/api/accounts/acc_none');
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json).toMatchObject({
      type: expect.any(String),
      title: expect.any(String),
      status: 404,
      code: 'ACCOUNT_NOT_FOUND',
      detail: expect.any(String),
    });
  });
});

describe('GET /status', () => {
  it('{product:"pulseline", version, instanceId, nonce?, startedAt, uptimeMs, time, ws:{path:"/ws", clients}, store:{kind, ok}, heads, accounts:[Account]}', async () => {
    const status = read(answers.status, await api('GET', '/status'));
    expect(status).toMatchObject({
      product: 'pulseline',
      ws: { path: '/ws', clients: 0 },
      store: { kind: 'sqlite', ok: true },
    });
    expect(status).not.toHaveProperty('nonce');
    expect(status.instanceId).not.toBe('');
    expect(status.version).toMatch(/^\d+\.\d+\.\d+/);
    for (const time of [status.startedAt, status.time]) expect(Math.abs(time - now)).toBeLessThan(10 * 60_000);
    expect(status.uptimeMs).toBeLessThanOrEqual(status.time - status.startedAt + 1);
    expect(status.heads).toHaveProperty('workspace.epoch');
  });

  it('?nonce=x is echoed', async () => {
    expect(read(answers.status, await api('GET', '/status?nonce=x'))).toMatchObject({ nonce: 'x' });
  });

  it('ws.clients counts the open connections', async () => {
    const wires = await Promise.all([openWire(product.wsUrl), openWire(product.wsUrl)]);
    expect(read(answers.status, await api('GET', '/status')).ws.clients).toBe(2);
    for (const wire of wires) wire.close();
    await until('nobody there', async () => (await product.status()).ws.clients === 0);
  });
});

describe('GET /livez, /readyz, /metrics', () => {
  it('/livez and /readyz say ok', async () => {
    expect(read(answers.ok, await api('GET', '/livez'))).toEqual({ ok: true });
    expect(read(answers.ok, await api('GET', '/readyz'))).toEqual({ ok: true });
  });

  it('/metrics is Prometheus text', async () => {
    const { headers, text } = await api('GET', '/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain; version=/);
    expect(text).toMatch(/^# TYPE pulseline_http_request_seconds histogram$/m);
  });
});

describe('accounts', () => {
  it('POST /api/accounts {label, kind} answers 201 Account, which starts connecting: INITIALIZING, QR, AUTHENTICATED, SYNCING, READY', async () => {
    const wire = await openWire(product.wsUrl);
    const made = await api('POST', '/api/accounts', { body: { label: 'Desk 客服', kind: 'sandbox' } });
    expect(made.status).toBe(201);
    const { id, state, since, stream, label, kind } = account.parse(made.json);
    expect([state, label, kind, stream]).toEqual(['INITIALIZING', 'Desk 客服', 'sandbox', id]);
    expect(Math.abs(since - Date.now())).toBeLessThan(60_000);
    await product.inState(id, 'QR');
    const { qr, expiresAt } = read(answers.qr, await api('GET', `/api/accounts/${id}/qr`));
    expect(qr).toMatch(/^(https:\/\/wa\.me\/settings\/linked_devices#)?2@/);
    expect(expiresAt).toBeGreaterThan(Date.now());
    expect((await wire.frame('qr_update')).data).toMatchObject({ account: id, qr, expiresAt });

    await api('POST', `/api/sandbox/accounts/${id}/scan`);
    const { me, since: readySince, reason } = await product.inState(id, 'READY');
    expect(me?.id).toMatch(/^\d+@s\.whatsapp\.net$/);
    expect(me).toMatchObject({
      phone: `+${me?.id.split('@')[0]}`,
      lid: expect.stringMatching(/@lid$/),
      name: 'Desk 客服',
    });
    expect(reason).toBeUndefined();
    expect(readySince).toBeGreaterThanOrEqual(since);
    await wire.frame('whatsapp_status', ({ data }) => data['status'] === 'READY');
    const states = wire.of('whatsapp_status').map(({ data }) => data['status']);
    const order = ['INITIALIZING', 'QR', 'AUTHENTICATED', 'SYNCING', 'READY'];
    expect(states.filter((word, index) => word !== states[index - 1])).toEqual(
      order.filter((word) => states.includes(word)),
    );
    expect(states).toEqual(expect.arrayContaining(['QR', 'AUTHENTICATED', 'READY']));
    for (const { data } of wire.of('whatsapp_status'))
      expect(data).toMatchObject({ account: id, state: expect.any(String) });
    wire.close();

    const gone = await api('GET', `/api/accounts/${id}/qr`);
    expect([gone.status, gone.code]).toEqual([409, 'ACCOUNT_NOT_IN_QR']);
  });

  it('GET /api/accounts answers {items:[Account]} and GET /api/accounts/:id that account', async () => {
    const { items } = read(page(account), await api('GET', '/api/accounts'));
    expect(items.map(({ label }) => label)).toEqual(['Desk 客服']);
    expect(read(account, await api('GET', `/api/accounts/${items[0]?.id}`))).toEqual(items[0]);
  });

  it('PATCH {label, proxy} answers the Account; "its default is WA_PROXY": null takes it away', async () => {
    const { id } = await product.addAccount('Before');
    expect(read(account, await api('PATCH', `/api/accounts/${id}`, { body: { label: 'After' } })).label).toBe('After');
    const body = { proxy: 'socks5://person:secret@127.0.0.1:9' };
    const proxied = read(account, await api('PATCH', `/api/accounts/${id}`, { body }));
    expect(proxied.proxy).toContain('127.0.0.1:9');
    expect(JSON.stringify(proxied)).not.toContain('secret');
    const bare = read(account, await api('PATCH', `/api/accounts/${id}`, { body: { proxy: null } }));
    expect(bare.proxy ?? null).toBeNull();
    expect((await api('PATCH', `/api/accounts/${id}`, { body: { proxy: 'ftp://x' } })).code).toBe('BAD_REQUEST');
    await api('DELETE', `/api/accounts/${id}`);
  });

  it('PATCH {colour} is told by `account_update`, and null leaves it to the id', async () => {
    const { id } = await product.addAccount('Coloured');
    const wire = await openWire(product.wsUrl);
    expect(read(account, await api('PATCH', `/api/accounts/${id}`, { body: { colour: 3 } })).colour).toBe(3);
    expect((await wire.frame('account_update')).data).toMatchObject({ id, colour: 3 });
    wire.close();
    const plain = read(account, await api('PATCH', `/api/accounts/${id}`, { body: { colour: null } }));
    expect(plain.colour).toBeUndefined();
    await api('DELETE', `/api/accounts/${id}`);
  });

  it('GET /api/today counts the day of each account and tells the states in which it was seen', async () => {
    const [first] = (await product.status()).accounts;
    const contact = await contactNamed(product, 'Today');
    const dayOf = async () =>
      read(today, await api('GET', '/api/today?timeZone=Asia/Shanghai')).items.find((one) => one.account === first?.id);
    const before = (await dayOf())?.received ?? 0;
    if (first === undefined) throw new Error('no account');
    await write(product, contact, first, 'of today');
    await until('the figure of today', async () => (await dayOf())?.received === before + 1);
    const { timeZone, from, to, items, heads } = read(today, await api('GET', '/api/today?timeZone=Asia/Shanghai'));
    expect([timeZone, (from + 8 * 3_600_000) % 86_400_000, to - from]).toEqual(['Asia/Shanghai', 0, 86_400_000]);
    expect(heads).toHaveProperty(String(first?.id));
    const states = items.find((one) => one.account === first?.id)?.states ?? [];
    expect(states.at(-1)?.state).toBe('READY');
    expect((await api('GET', '/api/today?timeZone=Mars/Olympus')).code).toBe('BAD_REQUEST');
  });

  it('DELETE answers 204, and its data is gone: account, conversations, messages, stream', async () => {
    const doomed = await linked(product, 'Doomed');
    const contact = await contactNamed(product, 'Wang');
    await write(product, contact, doomed, 'to be forgotten');
    const [chat] = await until('the message', async () => {
      const chats = await product.conversations(doomed.id);
      return chats.length > 0 && chats;
    });
    const wire = await openWire(product.wsUrl);
    expect((await api('DELETE', `/api/accounts/${doomed.id}`)).status).toBe(204);
    const removed = await wire.frame('account_removed');
    expect([removed.stream, removed.data]).toEqual(['workspace', { id: doomed.id }]);
    wire.close();
    for (const path of [
      `/api/accounts/${doomed.id}`,
      `/api/conversations/${chat?.id}`,
      `/api/messages/${chat?.lastMessage?.id}/trace`,
    ]) {
      expect([path, (await api('GET', path)).status]).toEqual([path, 404]);
    }
    expect(await product.heads()).not.toHaveProperty(doomed.id);
    expect(await product.conversations(doomed.id)).toEqual([]);
  });

  it('POST /api/accounts/:id/restart answers 202 and the link is made anew', async () => {
    const [first] = (await product.status()).accounts;
    const wire = await openWire(product.wsUrl);
    expect((await api('POST', `/api/accounts/${first?.id}/restart`)).status).toBe(202);
    await wire.frame('whatsapp_status', ({ data }) => data['status'] !== 'READY');
    await wire.frame('whatsapp_status', ({ data }) => data['status'] === 'READY');
    wire.close();
  });

  it('POST /api/accounts/:id/logout answers 202; LOGGED_OUT needs a new QR', async () => {
    const { id } = await linked(product, 'Leaving');
    expect((await api('POST', `/api/accounts/${id}/logout`)).status).toBe(202);
    await product.inState(id, 'LOGGED_OUT');
    expect((await api('GET', `/api/accounts/${id}/qr`)).code).toBe('ACCOUNT_NOT_IN_QR');
    expect((await api('POST', `/api/accounts/${id}/restart`)).status).toBe(202);
    await product.inState(id, 'QR');
    await api('DELETE', `/api/accounts/${id}`);
  });

  it('a phone dials WhatsApp itself: DISCONNECTED, nextTryAt says when, the reason says which host', async () => {
    const { id } = await product.addAccount('Real', 'phone');
    const { reason, nextTryAt, attempts } = await product.inState(id, 'DISCONNECTED');
    expect(attempts).toBeGreaterThan(0);
    expect(reason).toMatchObject({ code: 'NETWORK_DNS', text: expect.stringContaining('web.whatsapp.com') });
    expect(nextTryAt).toBeGreaterThan(now);
    await api('DELETE', `/api/accounts/${id}`);
  });
});

describe('/api/sandbox/*', () => {
  it('POST accounts/:id/{offline,online}: the phone goes and comes', async () => {
    const [first] = (await product.status()).accounts;
    for (const act of ['offline', 'online'])
      expect(read(answers.ok, await api('POST', `/api/sandbox/accounts/${first?.id}/${act}`))).toEqual({ ok: true });
  });

  it('POST accounts/:id/logout removes the device on the phone: LOGGED_OUT, with reason {code, text, fix}', async () => {
    const { id } = await linked(product, 'Unlinked');
    expect((await api('POST', `/api/sandbox/accounts/${id}/logout`)).status).toBe(200);
    const { reason } = await product.inState(id, 'LOGGED_OUT');
    expect(reason).toEqual({ code: 'LOGGED_OUT', text: expect.any(String), fix: expect.any(String) });
    await api('DELETE', `/api/accounts/${id}`);
  });

  it('GET/POST contacts {name}, POST and GET contacts/:id/messages, POST contacts/:id/read', async () => {
    const [first] = (await product.status()).accounts;
    const made = await api('POST', '/api/sandbox/contacts', { body: { name: '李雷' } });
    expect(made.status).toBe(201);
    const contact = answers.person.parse(made.json);
    expect(contact).toMatchObject({ name: '李雷', number: expect.stringMatching(/^\+\d+$/) });
    const { items } = read(answers.contactList, await api('GET', '/api/sandbox/contacts'));
    expect(items.find(({ id }) => id === contact.id)).toMatchObject({ name: '李雷', pn: contact.pn });
    const written = await api('POST', `/api/sandbox/contacts/${contact.id}/messages`, {
      body: { account: first?.id, text: 'from the sandbox {n}', n: 2, rate: 100 },
    });
    expect(written.status).toBe(201);
    const { items: letters } = read(
      answers.letterList,
      await api('GET', `/api/sandbox/contacts/${contact.id}/messages`),
    );
    expect(letters.map(({ direction, text }) => `${direction} ${text}`)).toEqual([
      'out from the sandbox 1',
      'out from the sandbox 2',
    ]);
    expect(read(answers.readLetters, await api('POST', `/api/sandbox/contacts/${contact.id}/read`)).read).toEqual([]);
    expect((await api('GET', '/api/sandbox/contacts/c999/messages')).code).toBe('CONTACT_NOT_FOUND');
  });
});

describe('/docs', () => {
  it('/docs/openapi.json tells every route of the running product, /docs/asyncapi.json its frames, /docs shows both', async () => {
    const document = shape.object({ openapi: shape.string(), paths: shape.record(shape.anything()) });
    const { openapi, paths } = read(document, await api('GET', '/docs/openapi.json'));
    expect(openapi).toMatch(/^3\.1/);
    expect(Object.keys(paths)).toContain('/api/conversations/{id}/messages');
    const live = shape.object({ asyncapi: shape.string(), channels: shape.record(shape.anything()) });
    expect(read(live, await api('GET', '/docs/asyncapi.json'))).toMatchObject({
      channels: { live: { address: '/ws' } },
    });
    const html = await send(product.port, '127.0.0.1', 'GET', '/docs');
    expect(html.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(html.text).toContain('<code>GET /api/events</code>');
  });
});
