// Tests that an exported chat becomes a conversation that can only be read, and that no file, however made, costs more than its bound.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { imported, importPreview, shape } from '@pulseline/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aWorld, fakeParts, PORT } from '../../test/fake-parts.ts';
import type { Commands } from '../inbox/commands.ts';
import { handlers } from '../inbox/handlers.ts';
import { openStoreInProcess } from '../store/open.ts';
import type { Store } from '../store/port.ts';
import { buildApi } from './app.ts';
import type { Api } from './parts.ts';
import { entriesOf, readEntry } from './zip.ts';

interface Packed {
  readonly name: string;
  readonly bytes: Buffer;
  readonly method?: number;
  readonly flags?: number;
  /** What the directory claims, where it lies. */
  readonly claims?: number;
}

/** A zip of entries, as small as the format allows. */
function zip(...entries: readonly Packed[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, method = 8, flags = 0, claims } of entries) {
    const packed = method === 8 ? deflateRawSync(bytes) : bytes;
    const title = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(claims ?? bytes.length, 18);
    fields.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, title, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, tail, title]));
    locals.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, central, end]);
}

const chat = `2023/1/5 15:04 - 消息和通话已进行端到端加密。
2023/1/5 15:04 - 王小明: 你好，在吗？
2023/1/5 15:05 - 张三: 在的
请讲
2023/1/6 9:00 - 王小明: <省略多媒体文件>`;

describe('POST /api/accounts/:id/imports', () => {
  let dir: string;
  let store: Store<Commands>;
  let app: Api;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'pulseline-import-'));
    store = await openStoreInProcess<Commands>({ file: join(dir, 'store.db'), handlers });
    await store.writer.run('create_account', { id: 'acc_a', label: 'A', kind: 'sandbox' });
    app = buildApi({ ...fakeParts(aWorld()), store });
  });
  afterEach(async () => {
    await app.close();
    await store.close();
    rmSync(dir, { recursive: true });
  });

  async function post(bytes: Buffer | string, name: string, fields: Readonly<Record<string, string>> = {}) {
    const texts = Object.entries({ timeZone: 'Asia/Shanghai', ...fields }).map(
      ([key, value]) => `--mark\r\ncontent-disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
    );
    const head = `--mark\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: text/plain\r\n\r\n`;
    const payload = Buffer.concat([
      Buffer.from(texts.join('') + head),
      Buffer.from(bytes),
      Buffer.from('\r\n--mark--\r\n'),
    ]);
    const headers = { host: `localhost:${PORT}`, 'content-type': 'multipart/form-data; boundary=mark' };
    const answer = await app.inject({ method: 'POST', url: '/api/accounts/acc_a/imports', headers, payload });
    const json: unknown = answer.json();
    const code = shape.fits(shape.object({ code: shape.string() }), json) ? json.code : answer.statusCode;
    return { json, code };
  }

  it('first shows what was understood, and keeps nothing of it', async () => {
    const { json } = await post(chat, '与王小明的 WhatsApp 聊天.txt', { preview: 'true' });
    expect(importPreview.parse(json)).toMatchObject({
      name: '王小明',
      kind: 'person',
      messages: 4,
      people: [
        { name: '王小明', messages: 2 },
        { name: '张三', messages: 1 },
      ],
      me: '张三',
      from: Date.UTC(2023, 0, 5, 7, 4),
      to: Date.UTC(2023, 0, 6, 1),
      dateOrder: 'ymd',
      ambiguous: false,
      skipped: 0,
    });
    expect((await store.queries.conversations({ limit: 10 })).items).toEqual([]);
  });

  it('makes a conversation that is history: told once, found, and never written to', async () => {
    const before = (await store.queries.heads())['acc_a']?.seq ?? 0;
    const made = imported.parse(
      (await post(zip({ name: '_chat.txt', bytes: Buffer.from(chat) }), 'WhatsApp Chat - 王小明.zip')).json,
    );
    expect(made).toMatchObject({ messages: 4, added: 4 });
    expect(made.conversation).toMatchObject({
      name: '王小明',
      readOnly: true,
      unread: 0,
      lastAt: Date.UTC(2023, 0, 6, 1),
    });
    const { items } = await store.queries.messages({ conversation: made.conversation.id, limit: 10 });
    expect(items.map(({ kind, fromMe, authorName, body }) => [kind, fromMe, authorName, body])).toEqual([
      ['system', false, undefined, '消息和通话已进行端到端加密。'],
      ['text', false, '王小明', '你好，在吗？'],
      ['text', true, undefined, '在的\n请讲'],
      ['unknown', false, '王小明', ''],
    ]);
    const events = await store.queries.events('acc_a', before, 10);
    expect(events.map(({ type }) => type)).toEqual(['conversation_update', 'conversation_update']);
    await expect.poll(async () => (await store.queries.search({ q: '请讲', limit: 5 })).items.length).toBe(1);

    const send = {
      commandId: 'x',
      waId: 'W',
      account: 'acc_a',
      to: { conversation: made.conversation.id },
      text: 'hi',
    };
    await store.writer.run('ingest', {
      account: 'acc_a',
      facts: [
        {
          type: 'state',
          state: 'READY',
          raw: 'open',
          since: 1,
          me: { id: '1@s.whatsapp.net', phone: '+1', name: 'A' },
        },
      ],
      keys: [],
      seen: [],
    });
    await expect(store.writer.run('enqueue_send', send)).rejects.toMatchObject({ code: 'CONVERSATION_READ_ONLY' });
  });

  it('adds what is new of a longer export, and nothing of the same one', async () => {
    const name = '与王小明的 WhatsApp 聊天.txt';
    const first = imported.parse((await post(chat, name)).json);
    expect(imported.parse((await post(chat, name)).json)).toMatchObject({
      added: 0,
      conversation: { id: first.conversation.id },
    });
    const longer = imported.parse((await post(`${chat}\n2023/1/7 9:00 - 王小明: 又来了`, name)).json);
    expect(longer).toMatchObject({ messages: 5, added: 1, conversation: { id: first.conversation.id } });
    expect(longer.conversation.lastMessage?.body).toBe('又来了');
  });

  it('takes a chat of many messages in parts', async () => {
    const lines = Array.from(
      { length: 1_050 },
      (_, i) => `2023/1/5 15:0${i % 10} - ${i % 3 ? 'Ann' : 'Bob'}: number ${i}`,
    );
    const made = imported.parse((await post(lines.join('\n'), '_chat.txt', { me: 'Bob', name: 'Many' })).json);
    expect(made).toMatchObject({ messages: 1_050, added: 1_050 });
    const { items } = await store.queries.messages({ conversation: made.conversation.id, limit: 3 });
    expect(items.map(({ body, fromMe }) => [body, fromMe])).toEqual([
      ['number 1047', true],
      ['number 1048', false],
      ['number 1049', false],
    ]);
  });

  it('gives back as a file what it took: text that can be read in again, and lines for programs', async () => {
    const made = imported.parse((await post(chat, '与王小明的 WhatsApp 聊天.txt')).json);
    const headers = { host: `localhost:${PORT}`, 'accept-language': 'zh' };
    const url = `/api/conversations/${made.conversation.id}/export?timeZone=Asia/Shanghai`;
    const file = await app.inject({ url: `${url}&format=txt`, headers });
    expect(file.body).toBe(
      '# 王小明\n[2023/01/05 15:04:00] 消息和通话已进行端到端加密。\n[2023/01/05 15:04:00] 王小明: 你好，在吗？\n' +
        '[2023/01/05 15:05:00] 我: 在的\n请讲\n[2023/01/06 09:00:00] 王小明: [未知类型]\n',
    );
    expect(file.headers['content-disposition']).toBe(
      `attachment; filename="chat.txt"; filename*=UTF-8''${encodeURIComponent('王小明')}.txt`,
    );
    const again = importPreview.parse((await post(file.body, 'chat.txt', { preview: 'true' })).json);
    expect(again).toMatchObject({ messages: 4, from: Date.UTC(2023, 0, 5, 7, 4), skipped: 1 });
    const lines = (await app.inject({ url: '/api/accounts/acc_a/export', headers })).body.trim().split('\n');
    const types = lines.map((line) => shape.object({ type: shape.string() }).parse(JSON.parse(line)).type);
    expect(types).toEqual(['conversation', 'message', 'message', 'message', 'message']);
    for (const [path, code] of [
      ['/api/conversations/c_none/export', 'CONVERSATION_NOT_FOUND'],
      ['/api/accounts/acc_none/export', 'ACCOUNT_NOT_FOUND'],
      [`${url}x`, 'BAD_REQUEST'],
    ]) {
      const answer = await app.inject({ url: `${path}${path === `${url}x` ? '&format=txt' : ''}`, headers });
      expect(shape.object({ code: shape.string() }).parse(answer.json()).code).toBe(code);
    }
  });

  const text = Buffer.from(chat);
  it.each<[string, Buffer | string, string]>([
    ['a text that is no chat', 'hello\nworld', 'IMPORT_UNREADABLE'],
    ['an empty file', '', 'IMPORT_UNREADABLE'],
    ['a picture', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 1, 2, 3]), 'IMPORT_UNREADABLE'],
    ['a zip without a text', zip({ name: 'a.jpg', bytes: text }), 'IMPORT_UNREADABLE'],
    ['a zip whose directory is cut', zip({ name: '_chat.txt', bytes: text }).subarray(0, -30), 'IMPORT_UNREADABLE'],
    ['an encrypted zip', zip({ name: '_chat.txt', bytes: text, flags: 1 }), 'IMPORT_UNREADABLE'],
    ['a zip of an unknown method', zip({ name: '_chat.txt', bytes: text, method: 93 }), 'IMPORT_UNREADABLE'],
    ['a zip bomb that says so', zip({ name: '_chat.txt', bytes: text, claims: 0xfffffff0 }), 'IMPORT_TOO_LARGE'],
    [
      'a zip bomb that lies',
      zip({ name: '_chat.txt', bytes: Buffer.alloc(40_000_000, 'x'), claims: 10 }),
      'IMPORT_TOO_LARGE',
    ],
    ['more messages than are taken', '1/5/23, 15:04 - A: b\n'.repeat(200_001), 'IMPORT_TOO_LARGE'],
  ])('refuses %s', async (_, bytes, code) => {
    expect((await post(bytes, 'x.zip')).code).toBe(code);
    expect((await store.queries.conversations({ limit: 1 })).items).toEqual([]);
  });

  it('takes no name in a zip for a path', async () => {
    for (const name of [
      '../../_chat.txt',
      '/etc/_chat.txt',
      'C:\\_chat.txt',
      '..\\..\\x\u202e.txt',
      `${'a'.repeat(300)}.txt`,
      'CON.txt',
    ]) {
      expect((await post(zip({ name, bytes: text }), name, { preview: 'true' })).code, name).toBe(200);
    }
  });

  it('is read one at a time, and one whose sender goes away in the middle keeps nobody else out', async () => {
    await app.listen({ host: '127.0.0.1', port: 0 });
    const address = app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const half = connect(port, '127.0.0.1');
    const arrived = once(app.server, 'request');
    half.write(
      `POST /api/accounts/acc_a/imports HTTP/1.1\r\nhost: localhost:${PORT}\r\ncontent-length: 1000\r\ncontent-type: multipart/form-data; boundary=x\r\n\r\n--x`,
    );
    await arrived;
    expect((await post(chat, 'x.txt', { preview: 'true' })).code).toBe('BUSY');
    half.destroy();
    await vi.waitFor(async () => expect((await post(chat, 'x.txt', { preview: 'true' })).code).toBe(200));
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['a time zone that is none', { timeZone: 'Nowhere/Here' }],
    ['an order of dates that is none', { dateOrder: 'dym' }],
  ])('refuses %s', async (_, fields) => {
    expect((await post(chat, 'x.txt', fields)).code).toBe('BAD_REQUEST');
  });
});

describe('a zip', () => {
  it('gives each entry whole, stored or deflated', async () => {
    const file = zip({ name: 'a', bytes: Buffer.from('one'), method: 0 }, { name: '二', bytes: Buffer.from('two') });
    const entries = entriesOf(file);
    expect(entries.map(({ name }) => name)).toEqual(['a', '二']);
    const texts = await Promise.all(entries.map(async (entry) => (await readEntry(file, entry, 3)).toString()));
    expect(texts).toEqual(['one', 'two']);
    for (const entry of entries) await expect(readEntry(file, entry, 2)).rejects.toMatchObject({ tooLarge: true });
  });
});
