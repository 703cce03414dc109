// The whole server in this process, over its real doors: an account is linked, a contact writes, the answer gets its ticks, and all of it is there after a restart.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { readConfig } from '../src/config.ts';
import { openLog } from '../src/log.ts';
import { open } from '../src/main.ts';
import type { Choices, Pulseline } from '../src/process.ts';

// Real threads start and link here, on machines that others use too.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const silent = { log: openLog({ level: 'silent' }).log };
const eventually = { timeout: 60_000, interval: 20 };

function start(dataDir: string, env: Record<string, string> = {}, choices: Choices = {}): Promise<Pulseline> {
  return open(readConfig({ PORT: '0', WEB_PORT: '0', DATA_DIR: dataDir, ...env }), { ...silent, ...choices });
}

/** JSON of an answer, or a failed test that says what came. */
async function call(product: Pulseline, method: string, path: string, body?: unknown) {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(`${product.apiUrl}${path}`, { method, ...init });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

async function dashboard(product: Pulseline, query = '') {
  const frames: { type: string; data: Record<string, unknown>; stream?: string; seq?: number }[] = [];
  const socket = new WebSocket(`ws://127.0.0.1:${product.ports.api}/ws${query}`);
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  await once(socket, 'open');
  return {
    socket,
    frames,
    of: (type: string) => frames.filter((frame) => frame.type === type).map(({ data }) => data),
  };
}

describe('the server', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'pulseline-server-'));
  let product: Pulseline;
  let account = '';
  let contact = '';
  let conversation = '';

  beforeAll(async () => {
    product = await start(dataDir);
  });
  afterAll(async () => {
    await product.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('links a sandbox account: QR code, scan, READY', async () => {
    const made = await call(product, 'POST', '/api/accounts', { label: '客服一号', kind: 'sandbox' });
    account = made.id;
    const page = await dashboard(product);
    await vi.waitFor(() => call(product, 'GET', `/api/accounts/${account}/qr`), eventually);
    const { qr } = await call(product, 'GET', `/api/accounts/${account}/qr`);
    await vi.waitFor(
      () => expect(page.of('qr_update')).toContainEqual(expect.objectContaining({ account, qr })),
      eventually,
    );
    await call(product, 'POST', `/api/sandbox/accounts/${account}/scan`);
    await vi.waitFor(
      async () =>
        expect(await call(product, 'GET', `/api/accounts/${account}`)).toMatchObject({
          state: 'READY',
          me: { name: '客服一号' },
        }),
      eventually,
    );
    await vi.waitFor(
      () => expect(page.of('whatsapp_status').at(-1)).toMatchObject({ account, status: 'READY', state: 'open' }),
      eventually,
    );
    page.socket.terminate();
    const gone = await fetch(`${product.apiUrl}/api/accounts/${account}/qr`);
    expect(gone.status).toBe(409);
  });

  it('shows what a contact writes on every dashboard and in the REST answer, the same', async () => {
    const pages = await Promise.all([dashboard(product), dashboard(product)]);
    contact = (await call(product, 'POST', '/api/sandbox/contacts', { name: '王小明' })).id;
    await call(product, 'POST', `/api/sandbox/contacts/${contact}/messages`, { account, text: '你好 👋' });
    for (const page of pages) {
      await vi.waitFor(
        () => expect(page.of('new_message')).toMatchObject([{ body: '你好 👋', fromMe: false, account }]),
        eventually,
      );
      page.socket.terminate();
    }
    const chats = await call(product, 'GET', `/api/conversations?account=${account}`);
    expect(chats.items).toMatchObject([{ name: '王小明', unread: 1, lastMessage: { body: '你好 👋' } }]);
    conversation = chats.items[0].id;
    const { items } = await call(product, 'GET', `/api/conversations/${conversation}/messages`);
    expect(items).toEqual(pages[0]?.of('new_message'));
    const { stamps } = await call(product, 'GET', `/api/messages/${items[0].id}/trace`);
    const times = ['heard', 'normalised', 'committed', 'rung', 'fed', 'written'].map((stage) => stamps[stage]);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every((time) => typeof time === 'number')).toBe(true);
  });

  it('sends an answer once, however often the command comes, and shows its ticks', async () => {
    const page = await dashboard(product);
    const send = { commandId: 'answer-1', conversation, text: '在的' };
    const answers = await Promise.all([1, 2, 3].map(() => call(product, 'POST', '/api/messages', send)));
    const id = answers[0].message.id;
    expect(answers.map((answer) => answer.message.id)).toEqual([id, id, id]);
    await vi.waitFor(
      () => expect(page.of('message_status').at(-1)).toMatchObject({ messageId: id, status: 'delivered' }),
      eventually,
    );
    await call(product, 'POST', `/api/sandbox/contacts/${contact}/read`);
    await vi.waitFor(
      () => expect(page.of('message_status').at(-1)).toMatchObject({ messageId: id, status: 'read' }),
      eventually,
    );
    page.socket.terminate();
    const { items } = await call(product, 'GET', `/api/sandbox/contacts/${contact}/messages`);
    expect(items.filter((item: { direction: string }) => item.direction === 'in')).toMatchObject([{ text: '在的' }]);
  });

  it('tells the contact that we have read, and counts nothing as unread any more', async () => {
    await call(product, 'POST', `/api/conversations/${conversation}/read`);
    const chats = await call(product, 'GET', `/api/conversations?account=${account}&filter=unread`);
    expect(chats.items).toEqual([]);
    await vi.waitFor(async () => {
      const { items } = await call(product, 'GET', `/api/sandbox/contacts/${contact}/messages`);
      expect(items).toContainEqual(expect.objectContaining({ direction: 'out', text: '你好 👋', status: 'read' }));
    }, eventually);
  });

  it('knows a number that is on WhatsApp, and one that is not', async () => {
    const other = await call(product, 'POST', '/api/sandbox/contacts', { name: '李雷' });
    const opened = await call(product, 'POST', '/api/conversations', { account, to: other.number });
    expect(opened).toMatchObject({ account, phone: other.number, unread: 0 });
    await expect(call(product, 'POST', '/api/conversations', { account, to: '+8619999999999' })).rejects.toThrow(
      'NOT_ON_WHATSAPP',
    );
  });

  it('refuses a second process on the same data, naming the first', async () => {
    await expect(start(dataDir)).rejects.toMatchObject({
      code: 'DATA_DIR_LOCKED',
      params: { pid: String(process.pid) },
    });
  });

  it('closes its sockets with 1012 and has everything after a restart, where a dashboard resumes', async () => {
    const page = await dashboard(product);
    await vi.waitFor(() => expect(page.of('connected').length).toBe(1), eventually);
    const before = await call(product, 'GET', `/api/conversations/${conversation}/messages`);
    const { heads } = await call(product, 'GET', '/status');
    const closed = once(page.socket, 'close');
    await product.close();
    expect((await closed)[0]).toBe(1012);
    product = await start(dataDir);
    const after = await call(product, 'GET', `/api/conversations/${conversation}/messages`);
    expect(after.items).toEqual(before.items);
    const again = await dashboard(product, `?cursor=${account}:${heads[account].epoch}:${heads[account].seq}`);
    await vi.waitFor(() => expect(again.of('whatsapp_status').at(-1)).toMatchObject({ status: 'READY' }), eventually);
    const seqs = again.frames.filter(({ stream }) => stream === account).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => heads[account].seq + 1 + index));
    again.socket.terminate();
  });

  it('forgets a removed account with all that belongs to it', async () => {
    await call(product, 'DELETE', `/api/accounts/${account}`);
    const { accounts, heads } = await call(product, 'GET', '/status');
    expect(accounts).toEqual([]);
    expect(heads[account]).toBeUndefined();
    expect((await call(product, 'GET', '/api/conversations')).items).toEqual([]);
  });
});

describe('a start', () => {
  let dataDir = '';
  const opened: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const folder = (): string => {
    dataDir = mkdtempSync(join(tmpdir(), 'pulseline-start-'));
    return dataDir;
  };

  it('that finds its port taken says by whom, and leaves nothing open', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    opened.push(server);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const refused = start(folder(), { PORT: String(port) });
    await expect(refused).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      params: { holder: expect.stringContaining(String(process.pid)) },
    });
    // The data folder is free again.
    opened.push(await start(dataDir));
  });

  it('serves pages on their own port alone, told where the API is', async () => {
    const product = await start(folder());
    opened.push(product);
    const page = await fetch(product.webUrl, { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    const root = await fetch(product.apiUrl, { redirect: 'manual' });
    expect([root.status, root.headers.get('location')]).toEqual([302, `${product.webUrl}/`]);
  });

  it('leaves the sandbox to another emulator if there is one, and WEB_PORT to next dev if asked', async () => {
    const product = await start(folder(), { EMULATOR_URL: 'ws://127.0.0.1:1/ws/chat' }, { apiOnly: true });
    opened.push(product);
    await expect(call(product, 'GET', '/api/sandbox/contacts')).rejects.toThrow('SANDBOX_IS_FOREIGN');
    expect(product.ports.web).toBe(0);
  });
});
