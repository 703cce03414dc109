// docs/api.md, "npm run emulator" and what needs another WhatsApp than the built-in one: EMULATOR_URL, pairing codes, groups, refusals, messages that cannot be read yet.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, message, shape } from '@pulseline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { routes } from '../../server/src/http/docs-routes.ts';
import * as answers from '../../server/src/http/docs-shapes.ts';
import { type Child, root, source, startChild } from '../child.ts';
import { Product } from '../product.ts';
import { until } from '../until.ts';
import { type Api, apiAt, type Method, read, send } from './api.ts';
import { openWire, type Wire } from './wire.ts';

const { integer, list, object, optional, record, string } = shape;
const firstLine = object({ url: string(), plainUrl: string(), controlUrl: string(), root: optional(string()) });
const person = object({ id: string(), pn: string(), lid: string(), number: string(), name: string() });
const sent = object({ ids: list(string()) });
const letters = list(object({ direction: string(), from: string(), to: string(), text: string(), status: string() }));
const state = object({ pending: record(integer()) });

type Person = shape.Of<typeof person>;

const dir = mkdtempSync(join(tmpdir(), 'pulseline-contract-'));
let emulator: { readonly child: Child; readonly line: shape.Of<typeof firstLine> };
let product: Product;
let api: Api;
let wire: Wire;
let desk: Account;
let phone: Person;
let contact: Person;

async function startEmulator(env: Readonly<Record<string, string>> = {}): Promise<typeof emulator> {
  const child = startChild(source('emulator/src/command.ts'), { EMULATOR_DIR: dir, ...env });
  const line = await until(
    'the first line of the emulator',
    () => {
      if (!child.running()) throw new Error(child.output());
      return child.stdout().includes('\n') && child.stdout().split('\n')[0];
    },
    30_000,
  );
  return { child, line: firstLine.parse(JSON.parse(line)) };
}

/** The control API; text goes as it is. */
async function control<T>(of: shape.Shape<T>, method: Method, path: string, body?: unknown): Promise<T> {
  const { hostname, port } = new URL(emulator.line.controlUrl);
  const answer = await send(Number(port), hostname, method, path, body === undefined ? {} : { body });
  if (answer.status >= 400) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return of.parse(answer.json);
}

const anything = shape.anything();
const by = (who: Person, act: string) => `/contacts/${encodeURIComponent(who.id)}/${act}`;
const say = (who: Person, to: string, text: string, more: object = {}) =>
  control(sent, 'POST', by(who, 'send'), { to, text, ...more });
const fault = (kind: string, more: object = {}) => control(anything, 'POST', '/faults', { kind, ...more });
const portOf = (url: string) => new URL(url).port;

async function reply(to: string, text: string) {
  const answer = await api('POST', '/api/messages', { body: { commandId: text, account: desk.id, to, text } });
  return read(answers.sent, answer).message;
}

beforeAll(async () => {
  emulator = await startEmulator();
  product = await Product.start({
    env: {
      EMULATOR_URL: emulator.line.plainUrl.replace('/ws/chat', '/any/path'),
      EMULATOR_ROOT: emulator.line.root ?? '',
    },
  });
  api = apiAt(product.port);
  wire = await openWire(product.wsUrl);
  phone = await control(person, 'POST', '/phones', { name: 'Front desk' });
  contact = await control(person, 'POST', '/contacts', { name: 'Wang Fang' });
  const { id } = await product.addAccount('Front desk');
  const scanned = await control(person, 'POST', '/scan', await product.qr(id));
  // Its registration bears the account's label as push name: the same name is the same phone.
  expect(scanned.id).toBe(phone.id);
  desk = await product.inState(id, 'READY');
});
afterAll(async () => {
  // A product that did not start must not leave the emulator behind.
  wire?.close();
  await product?.close();
  await emulator?.child.end('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

describe('npm run emulator', () => {
  it('first line on stdout: JSON {url, plainUrl, controlUrl}; wss, ws, HTTP; the socket’s path is /ws/chat, any is accepted', async () => {
    expect(readFileSync(join(root, 'package.json'), 'utf8')).toContain(
      '"emulator": "node scripts/run.mjs emulator/src/command.ts"',
    );
    const { url, plainUrl, controlUrl } = emulator.line;
    expect(url).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/ws\/chat$/);
    expect(plainUrl).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/ws\/chat$/);
    expect(controlUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    for (const each of [url, plainUrl, `${url}/else`]) {
      const socket = new WebSocket(each, { rejectUnauthorized: false });
      await once(socket, 'open');
      socket.terminate();
    }
    const trusting = new WebSocket(url);
    const [error] = await once(trusting, 'error');
    expect(error.code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  it('loopback only', async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of outside) {
      for (const url of [emulator.line.url, emulator.line.plainUrl, emulator.line.controlUrl]) {
        const [error] = await once(connect(Number(portOf(url)), address), 'error');
        expect([address, error.code]).toEqual([address, 'ECONNREFUSED']);
      }
    }
  });

  it('POST /phones {number?, name}, POST /contacts {name} -> {id, pn, lid}; the same name is the same phone', async () => {
    expect(contact).toMatchObject({
      pn: expect.stringMatching(/^\d+@s\.whatsapp\.net$/),
      lid: expect.stringMatching(/@lid$/),
    });
    const numbered = await control(person, 'POST', '/phones', { name: 'Numbered', number: '+8613700000001' });
    expect(numbered.pn).toBe('8613700000001@s.whatsapp.net');
    expect((await control(person, 'POST', '/phones', { name: 'Front desk' })).id).toBe(phone.id);
  });
});

describe('EMULATOR_URL', () => {
  it('409 SANDBOX_IS_FOREIGN on every /api/sandbox route', async () => {
    const keys = Object.keys(routes).filter((key) => key.includes('/api/sandbox/'));
    expect(keys.length).toBe(9);
    for (const key of keys) {
      const [method = '', path = ''] = key.split(' ');
      const body = { name: 'x', account: desk.id, text: 'x' };
      const answer = await api(
        method === 'GET' ? 'GET' : 'POST',
        path.replace(':id', desk.id),
        method === 'GET' ? {} : { body },
      );
      expect([key, answer.status, answer.code]).toEqual([key, 409, 'SANDBOX_IS_FOREIGN']);
    }
  });

  it('POST /api/accounts/:id/pairing-code {phone} gives {code}; POST /pairing-codes {phone, code} takes it', async () => {
    const second = await control(person, 'POST', '/phones', { name: 'By code' });
    const { id } = await product.addAccount('By code');
    await product.qr(id);
    const { code } = read(
      answers.pairingCode,
      await api('POST', `/api/accounts/${id}/pairing-code`, { body: { phone: second.number } }),
    );
    expect(code).toMatch(/^[A-Z0-9]{4}-?[A-Z0-9]{4}$/);
    await control(anything, 'POST', '/pairing-codes', { phone: second.id, code });
    expect((await product.inState(id, 'READY')).me?.id).toBe(second.pn);
    expect((await api('POST', `/api/accounts/${id}/pairing-code`, { body: { phone: 'x-x-x' } })).code).toBe(
      'BAD_ADDRESS',
    );
    await api('DELETE', `/api/accounts/${id}`);
  });
});

describe('POST /contacts/:id/send {to, text, n?, rate?}', () => {
  it('reaches the account, by number, address or LID: from and to in phone-number form where it is known', async () => {
    await say(contact, phone.number, 'by number');
    await say(contact, phone.pn, 'by address');
    await say(contact, phone.lid, 'by LID');
    for (const text of ['by number', 'by address', 'by LID']) {
      const { data } = await wire.frame('new_message', (frame) => frame.data['body'] === text);
      expect([data['from'], data['to']]).toEqual([contact.pn, phone.pn]);
    }
    expect(new Set(wire.of('new_message').map(({ data }) => data['conversation'])).size).toBe(1);
  });

  it('n of them at a rate; {n} is the number; GET /state tells pending per device', async () => {
    expect((await say(contact, phone.pn, 'burst {n}', { n: 5, rate: 100 })).ids.length).toBe(5);
    await wire.frame('new_message', ({ data }) => data['body'] === 'burst 5');
    const bodies = wire.of('new_message').map(({ data }) => String(data['body']));
    expect(bodies.filter((body) => body.startsWith('burst'))).toEqual([1, 2, 3, 4, 5].map((n) => `burst ${n}`));
    await until('all receipts', async () => {
      const { pending } = await control(state, 'GET', '/state');
      return Object.keys(pending).length > 0 && Object.values(pending).every((count) => count === 0);
    });
  });

  it('GET /contacts/:id/inbox has our answers; POST …/{read,autoread,typing,online}', async () => {
    const first = await reply(contact.number, 'first answer');
    await wire.frame('message_status', ({ data }) => data['messageId'] === first.id && data['status'] === 'delivered');
    expect(await control(letters, 'GET', by(contact, 'inbox'))).toMatchObject([
      { direction: 'in', from: phone.pn, text: 'first answer' },
    ]);
    await control(anything, 'POST', by(contact, 'read'), {});
    await wire.frame('message_status', ({ data }) => data['messageId'] === first.id && data['status'] === 'read');
    await control(anything, 'POST', by(contact, 'autoread'), {});
    const second = await reply(contact.pn, 'second answer');
    await wire.frame('message_status', ({ data }) => data['messageId'] === second.id && data['status'] === 'read');
    await control(anything, 'POST', by(contact, 'online'), {});
    await control(anything, 'POST', by(contact, 'typing'), { to: phone.pn });
    expect((await wire.frame('typing')).data).toMatchObject({
      account: desk.id,
      conversation: first.conversation,
      state: 'composing',
    });
  });
});

describe('POST /groups {subject, owner, members}', () => {
  it('a message there bears its author; the conversation is of kind group at …@g.us', async () => {
    const { id } = await control(object({ id: string() }), 'POST', '/groups', {
      subject: '售后群',
      owner: contact.id,
      members: [phone.id],
    });
    await say(contact, id, 'hello group');
    const { data } = await wire.frame('new_message', (frame) => frame.data['body'] === 'hello group');
    expect(data).toMatchObject({ author: contact.pn, authorName: 'Wang Fang', from: id, fromMe: false });
    const answer = await api('GET', `/api/conversations/${String(data['conversation'])}`);
    expect(answer.json).toMatchObject({ address: id, kind: 'group', name: '售后群' });
    const made = await reply(id, 'hello all');
    expect(made.to).toBe(id);
    await until('it at the member', async () =>
      (await control(letters, 'GET', by(contact, 'inbox'))).some(({ text, to }) => text === 'hello all' && to === id),
    );
  });
});

describe('POST /faults {…}', () => {
  it('status: pending becomes error when the send is refused, and error becomes pending on POST /api/messages/:id/retry', async () => {
    await fault('refuse-message', { code: 463 });
    const made = await reply(contact.pn, 'refused once');
    const ofIt = (wanted: string) =>
      wire.frame('message_status', ({ data }) => data['messageId'] === made.id && data['status'] === wanted);
    expect((await ofIt('error')).data).toMatchObject({
      error: { code: expect.any(String), text: expect.any(String), fix: expect.any(String) },
    });
    const again = await api('POST', `/api/messages/${made.id}/retry`);
    expect(again.status).toBe(202);
    expect(answers.retried.parse(again.json).message).toMatchObject({ id: made.id });
    await ofIt('delivered');
    const statuses = wire
      .of('message_status')
      .flatMap(({ data }) => (data['messageId'] === made.id ? [data['status']] : []));
    expect(statuses.slice(0, 2)).toEqual(['error', 'pending']);
    const inbox = await control(letters, 'GET', by(contact, 'inbox'));
    expect(inbox.filter(({ text }) => text === 'refused once').length).toBe(1);
  });

  it('kind:"waiting" comes as new_message; the resend fills the same id by message_update, never by a second new_message', async () => {
    await fault('corrupt-next');
    await say(contact, phone.pn, 'unreadable at first');
    const waiting = await wire.frame('new_message', ({ data }) => data['kind'] === 'waiting');
    const filled = await wire.frame('message_update', ({ data }) => data['id'] === waiting.data['id']);
    expect(message.parse(filled.data)).toMatchObject({ kind: 'text', body: 'unreadable at first' });
    expect(wire.of('new_message').filter(({ data }) => data['body'] === 'unreadable at first')).toEqual([]);
  });
});

describe('the control API further knows', () => {
  it('GET /phones, /contacts, /contacts/:id/messages, /groups, /faults; DELETE /faults', async () => {
    const phones = await control(list(person), 'GET', '/phones');
    expect(phones.map(({ name }) => name)).toContain('Front desk');
    expect((await control(list(person), 'GET', '/contacts')).map(({ id }) => id)).toEqual([contact.id]);
    const both = await control(letters, 'GET', by(contact, 'messages'));
    expect(new Set(both.map(({ direction }) => direction))).toEqual(new Set(['in', 'out']));
    expect(
      (await control(list(object({ subject: string() })), 'GET', '/groups')).map(({ subject }) => subject),
    ).toEqual(['售后群']);
    await fault('no-ack');
    expect(await control(list(object({ kind: string() })), 'GET', '/faults')).toEqual([{ kind: 'no-ack' }]);
    await control(anything, 'DELETE', '/faults');
    expect(await control(list(anything), 'GET', '/faults')).toEqual([]);
  });

  it('POST /groups/:id/{add,remove,promote,demote} and POST /phones/:id/{offline,online,logout,send}', async () => {
    const [group] = await control(list(object({ id: string() })), 'GET', '/groups');
    const other = await control(person, 'POST', '/contacts', { name: 'Li Lei' });
    for (const act of ['add', 'promote', 'demote', 'remove'])
      await control(anything, 'POST', `/groups/${encodeURIComponent(group?.id ?? '')}/${act}`, { members: [other.id] });
    const spare = await control(person, 'POST', '/phones', { name: 'Spare' });
    for (const act of ['offline', 'online', 'logout'])
      await control(anything, 'POST', `/phones/${spare.id}/${act}`, {});
    await control(sent, 'POST', `/phones/${phone.id}/send`, { to: contact.pn, text: 'from the phone itself' });
    const { data } = await wire.frame('new_message', (frame) => frame.data['body'] === 'from the phone itself');
    expect(data).toMatchObject({ fromMe: true, from: phone.pn, to: contact.pn });
  });
});

/** Both start processes anew. */
const restarts = { timeout: 60_000 };

describe('what WhatsApp kept while we were away', () => {
  it(
    'does make a new_message; EMULATOR_DIR keeps the emulator’s state, and its three ports can be chosen',
    restarts,
    async () => {
      const cursor = Object.entries(await product.heads())
        .map(([stream, { epoch, seq }]) => `${stream}:${epoch}:${seq}`)
        .join(',');
      const { url, plainUrl, controlUrl, root: pinned } = emulator.line;
      await product.stop();
      await say(contact, phone.pn, 'while you were away');
      await emulator.child.end('SIGKILL');
      emulator = await startEmulator({
        EMULATOR_PORT: portOf(url),
        EMULATOR_PLAIN_PORT: portOf(plainUrl),
        EMULATOR_CONTROL_PORT: portOf(controlUrl),
      });
      expect(emulator.line).toEqual({ url, plainUrl, controlUrl, root: pinned });
      await product.start();
      wire = await openWire(`${product.wsUrl}?cursor=${encodeURIComponent(cursor)}`);
      await wire.frame('new_message', ({ data }) => data['body'] === 'while you were away');
      await product.inState(desk.id, 'READY');
      wire.close();
    },
  );

  it('EMULATOR_ROOT pins the certificate root: another one is not accepted', restarts, async () => {
    await product.stop();
    await product.start({ EMULATOR_ROOT: 'a'.repeat(64) });
    const { reason } = await product.inState(desk.id, 'DISCONNECTED');
    expect(reason?.code).toBeDefined();
    await product.stop();
    await product.start({ EMULATOR_ROOT: '' });
    await product.inState(desk.id, 'READY');
  });
});
