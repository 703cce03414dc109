// The part of the store's contract that decisions rely on: what a load brings, and what a change does.
import { describe, expect, it } from 'vitest';
import type { Change, JobRow } from '../port.ts';
import type { Bench } from './contract.ts';
import { accountRow, conversationRow, jobRow, message, messageRow } from './toy.ts';

const own = (id: string) => ({ ...message('a1', 'c1', id), fromMe: true, status: 'pending' as const });

/** Two accounts; the first with a conversation of three messages, of which one is ours and has a job. */
const scene: readonly Change[] = [
  { put: 'account', row: { ...accountRow('a1', 5), proxy: 'socks5://me:secret@proxy:1' } },
  { put: 'account', row: accountRow('a2') },
  {
    put: 'conversation',
    row: {
      ...conversationRow('a1', 'c1', { unread: 2, lastMessage: own('m3'), lastAt: 3 }),
      addresses: ['86138@s.whatsapp.net', '99@lid'],
    },
  },
  { put: 'conversation', row: conversationRow('a2', 'c2') },
  { put: 'message', row: messageRow(message('a1', 'c1', 'm1'), 10) },
  { put: 'message', row: messageRow(message('a1', 'c1', 'm2'), 20) },
  { put: 'message', row: messageRow(own('m3'), 30) },
  { put: 'message', row: { ...messageRow(message('a2', 'c2', 'm4'), 10), waId: 'WA-m1' } },
  { put: 'job', row: jobRow('a1', 'j3', { commandId: 'cmd3', messageId: 'm3', waId: 'WA-m3' }) },
  { put: 'early', row: { account: 'a1', waId: 'WA-m9', slot: 'status', data: 'read', at: 7 } },
];

export function loadsContract(bench: Bench): void {
  const change = (...changes: readonly Change[]) => bench.store.writer.run('change', changes);

  describe('a load', () => {
    it('finds a conversation by any of its addresses, with its last message and last order', async () => {
      await change(...scene);
      const rows = await bench.store.writer.run('look', { account: 'a1', addresses: ['99@lid', 'nobody@lid'] });
      expect(rows.aliases).toEqual(new Map([['99@lid', 'c1']]));
      expect(rows.conversations.get('c1')?.conversation.lastMessage).toEqual(own('m3'));
      expect(rows.conversations.get('c1')?.addresses).toEqual(['86138@s.whatsapp.net', '99@lid']);
      expect(rows.lastOrd).toEqual(new Map([['c1', 30]]));
      expect(rows.accounts.get('a1')?.proxy).toBe('socks5://me:secret@proxy:1');
      expect(rows.accounts.get('a1')?.createdAt).toBe(5);
    });

    it("finds by WhatsApp's id what belongs to it in that account alone", async () => {
      await change(...scene);
      const rows = await bench.store.writer.run('look', { account: 'a1', waIds: ['WA-m1', 'WA-m3', 'WA-m9'] });
      expect(rows.messages.map((row) => [row.message.id, row.ord, row.author])).toEqual([
        ['m1', 10, '8613800138000@s.whatsapp.net'],
        ['m3', 30, ''],
      ]);
      expect(rows.jobs.map((job) => job.id)).toEqual(['j3']);
      expect(rows.early).toEqual([{ account: 'a1', waId: 'WA-m9', slot: 'status', data: 'read', at: 7 }]);
    });

    it("finds a message with its job and account, and a command's job with its message", async () => {
      await change(...scene);
      for (const reads of [{ messages: ['m3'] }, { commands: ['cmd3'] }]) {
        const rows = await bench.store.writer.run('look', reads);
        expect(rows.messages.map((row) => row.message.id)).toEqual(['m3']);
        expect(rows.jobs.map((job) => job.id)).toEqual(['j3']);
        expect([...rows.accounts.keys()]).toEqual(['a1']);
        expect(Object.keys(rows.heads).sort()).toEqual(['a1', 'workspace']);
      }
    });

    it('finds as many inbound messages as are unread, newest first, by id or by address', async () => {
      await change(...scene);
      const byId = await bench.store.writer.run('look', { unreadOf: ['c1'] });
      const byAddress = await bench.store.writer.run('look', { account: 'a1', unreadOf: ['99@lid'] });
      for (const rows of [byId, byAddress]) {
        expect(rows.unread.get('c1')?.map((row) => row.message.id)).toEqual(['m2', 'm1']);
      }
    });

    it('misses what is not there', async () => {
      const rows = await bench.store.writer.run('look', {
        account: 'a9',
        addresses: ['x@lid'],
        conversations: ['c9'],
        waIds: ['w'],
        messages: ['m'],
        commands: ['c'],
        jobs: ['j'],
        unreadOf: ['c9'],
      });
      const { heads, ...found } = rows;
      expect(Object.values(found).map((part) => ('size' in part ? part.size : part.length))).toEqual(
        Object.values(found).map(() => 0),
      );
      expect(heads['a9']?.seq).toBe(0);
    });
  });

  describe('a change', () => {
    it('puts whole rows, the last of several, and forgets what a row no longer has', async () => {
      await change(...scene);
      await change(
        { put: 'account', row: accountRow('a1', 5) },
        { put: 'job', row: jobRow('a1', 'j3', { state: 'done', content: Uint8Array.of(9) }) },
        { put: 'conversation', row: conversationRow('a1', 'c1', { name: 'first' }) },
        { put: 'conversation', row: conversationRow('a1', 'c1', { name: 'second' }) },
      );
      const rows = await bench.store.writer.run('look', { account: 'a1', conversations: ['c1'], jobs: ['j3'] });
      expect(rows.accounts.get('a1')).toEqual(accountRow('a1', 5));
      expect(rows.jobs).toEqual([jobRow('a1', 'j3', { state: 'done', content: Uint8Array.of(9) })]);
      expect(rows.conversations.get('c1')).toEqual(conversationRow('a1', 'c1', { name: 'second' }));
      expect((await bench.store.queries.conversationByAddress('a1', '99@lid'))?.conversation.id).toBeUndefined();
    });

    it('shows a status at once in the conversation whose last message it concerns', async () => {
      await change(...scene);
      await change({ put: 'message', row: messageRow({ ...own('m3'), status: 'read' }, 30) });
      const { items } = await bench.store.queries.conversations({ account: 'a1', limit: 5 });
      expect(items[0]?.lastMessage?.status).toBe('read');
    });

    it('counts an order on that is taken, and leaves a message where it was put first', async () => {
      await change(...scene);
      for (const id of ['n1', 'n2', 'n3']) {
        await change({ put: 'message', row: messageRow(message('a1', 'c1', id), 10) });
      }
      await change({ put: 'message', row: messageRow({ ...message('a1', 'c1', 'n1'), body: 'edited' }, 10) });
      const { items } = await bench.store.queries.messages({ conversation: 'c1', limit: 10 });
      expect(items.map(({ id, body }) => [id, body])).toEqual([
        ['m1', '你好'],
        ['n1', 'edited'],
        ['n2', '你好'],
        ['n3', '你好'],
        ['m2', '你好'],
        ['m3', '你好'],
      ]);
    });

    it('[G2] never keeps one message of WhatsApp under two ids', async () => {
      await change(...scene);
      const twin = { ...messageRow(message('a1', 'c1', 'twin'), 40), waId: 'WA-m1' };
      expect(await bench.fate(change({ put: 'message', row: twin }))).toBe('INTERNAL');
      expect(await bench.store.queries.message('twin')).toBeUndefined();
    });

    it('leads an address to the conversation that claimed it last', async () => {
      await change(...scene);
      await change({
        put: 'conversation',
        row: { ...conversationRow('a1', 'c3'), addresses: ['99@lid', '77@lid'] },
      });
      const id = async (address: string) =>
        (await bench.store.queries.conversationByAddress('a1', address))?.conversation.id;
      expect([await id('99@lid'), await id('77@lid'), await id('86138@s.whatsapp.net')]).toEqual(['c3', 'c3', 'c1']);
    });

    it('removes an account with all that is its own, and nothing of another', async () => {
      await change(...scene, { put: 'key', account: 'a1', type: 't', id: 'i', value: Uint8Array.of(1) });
      await bench.store.writer.run('receive', { account: 'a1', conversation: 'c1', name: 'x', n: 2 });
      await bench.store.writer.run('receive', { account: 'a2', conversation: 'c2', name: 'y', n: 2 });
      await change({ remove: 'account', id: 'a1' });
      const { queries, writer } = bench.store;
      expect((await queries.accounts()).map((row) => row.account.id)).toEqual(['a2']);
      expect(await queries.counts()).toMatchObject({ messages: 3, events: 2, conversations: 1, jobs: 0 });
      expect(Object.keys(await queries.heads()).sort()).toEqual(['a2', 'workspace']);
      expect(await writer.keys('a1', [{ type: 't', id: 'i' }])).toEqual([undefined]);
      expect(await writer.jobByWaId('a1', 'WA-m3')).toBeUndefined();
    });

    it('begins a new log, with a new epoch, for an account that comes back', async () => {
      await bench.store.writer.run('receive', { account: 'a1', conversation: 'c1', name: 'x', n: 2 });
      const before = (await bench.store.queries.heads())['a1'];
      await change({ remove: 'account', id: 'a1' });
      await bench.store.writer.run('receive', { account: 'a1', conversation: 'c1', name: 'x', n: 1 });
      const after = (await bench.store.queries.heads())['a1'];
      expect(after?.seq).toBe(1);
      expect(after?.epoch).not.toBe(before?.epoch);
    });

    it('goes on with the log in one decision on both sides of a removal', async () => {
      const { epoch = '' } = (await bench.store.queries.heads())['workspace'] ?? {};
      const event = (seq: number): Change => ({
        put: 'event',
        event: { stream: 'workspace', epoch, seq, type: 'account_removed', data: `{"id":"${seq}"}`, at: 1 },
      });
      await change(...scene);
      await change(event(1), { remove: 'early', account: 'a1', waId: 'WA-m9', slot: 'status' }, event(2));
      expect((await bench.store.queries.heads())['workspace']?.seq).toBe(2);
      const rows = await bench.store.writer.run('look', { account: 'a1', waIds: ['WA-m9'] });
      expect(rows.early).toEqual([]);
    });

    it('forgets a login and keeps the messages', async () => {
      const value = Uint8Array.of(1);
      await change(
        ...scene,
        { put: 'key', account: 'a1', type: 't', id: 'i', value },
        { put: 'key', account: 'a2', type: 't', id: 'i', value },
        { put: 'credentials', account: 'a1', value },
        { put: 'seen', account: 'a1', hash: 'h', plaintext: value, at: 1 },
      );
      await change({ remove: 'login', account: 'a1' });
      const { writer, queries } = bench.store;
      const wanted = [{ type: 't', id: 'i' }];
      expect(await writer.credentials('a1')).toBeUndefined();
      expect(await writer.keys('a1', wanted)).toEqual([undefined]);
      expect(await writer.keys('a2', wanted)).toEqual([value]);
      expect(await writer.seen('a1', ['h'])).toEqual(new Map());
      expect((await queries.counts()).messages).toBe(4);
    });

    it('deletes a key whose value is null, and keeps the first plaintext of a ciphertext', async () => {
      const seen = (byte: number): Change => ({
        put: 'seen',
        account: 'a1',
        hash: 'h',
        plaintext: Uint8Array.of(byte),
        at: byte,
      });
      await change(...scene, { put: 'key', account: 'a1', type: 't', id: 'i', value: Uint8Array.of(1) }, seen(1));
      await change({ put: 'key', account: 'a1', type: 't', id: 'i', value: null }, seen(2));
      expect(await bench.store.writer.keys('a1', [{ type: 't', id: 'i' }])).toEqual([undefined]);
      expect(await bench.store.writer.seen('a1', ['h'])).toEqual(new Map([['h', Uint8Array.of(1)]]));
    });
  });

  describe('the outbox', () => {
    it('[G7] gives the jobs that are not done in the order of their coming, whatever the clock said', async () => {
      const jobs: readonly JobRow[] = [
        jobRow('a1', 'j1', { createdAt: 3 }),
        jobRow('a1', 'j2', { createdAt: 1, state: 'sending' }),
        jobRow('a1', 'j3', { createdAt: 2, state: 'done' }),
        jobRow('a1', 'j4', { createdAt: 3, state: 'refused' }),
        jobRow('a1', 'j5', { createdAt: 3 }),
        jobRow('a2', 'j6', { createdAt: 0 }),
      ];
      await change(
        { put: 'account', row: accountRow('a1') },
        { put: 'account', row: accountRow('a2') },
        ...jobs.map((row) => ({ put: 'job', row }) as const),
      );
      const open = async (limit: number) => (await bench.store.writer.openJobs('a1', limit)).map((job) => job.id);
      expect(await open(10)).toEqual(['j1', 'j2', 'j5']);
      expect(await open(2)).toEqual(['j1', 'j2']);
      expect((await bench.store.queries.counts()).jobs).toBe(4);
    });

    it("finds what was sent under WhatsApp's id, also when it is done", async () => {
      const row = jobRow('a1', 'j1', { state: 'done', waId: 'WA', content: Uint8Array.of(1, 2) });
      await change({ put: 'account', row: accountRow('a1') }, { put: 'job', row });
      expect(await bench.store.writer.jobByWaId('a1', 'WA')).toEqual(row);
      expect(await bench.store.writer.jobByWaId('a2', 'WA')).toBeUndefined();
    });

    it('[G7] takes a command id once', async () => {
      const job = (id: string): Change => ({ put: 'job', row: jobRow('a1', id, { commandId: 'cmd' }) });
      await change({ put: 'account', row: accountRow('a1') }, job('j1'));
      expect(await bench.fate(change(job('j2')))).toBe('INTERNAL');
    });
  });

  describe('values', () => {
    it.each([
      ['Chinese and emoji', '您好，订单 #１２３ 已发货 📦👨‍👩‍👧‍👦 𠮷野家'],
      ['a NUL and other control characters', 'a\u0000b\u0001\u001f\u2028'],
      ['half a surrogate pair', 'x\ud83d'],
      ['quotes and backslashes', `'"\\\\'';--`],
      ['nothing', ''],
      ['64 KiB', '龍'.repeat(65_536)],
    ])('come back as they were put: %s', async (_, body) => {
      await bench.store.writer.run('receive', { account: 'a1', conversation: 'c1', name: 'x', n: 1, body });
      expect((await bench.store.queries.message('x.0'))?.body).toBe(body);
      const [event] = await bench.store.queries.events('a1', 0, 1);
      expect(JSON.parse(event?.data ?? '')).toMatchObject({ body });
    });

    it.each([
      ['nothing', new Uint8Array(0)],
      ['every byte', Uint8Array.from({ length: 256 }, (_, i) => i)],
      ['a part of a larger buffer', Uint8Array.from({ length: 64 }, (_, i) => i).subarray(10, 20)],
      ["Node's own kind", Buffer.from('pulse')],
      ['a mebibyte', new Uint8Array(1_048_576).fill(7)],
    ])('come back as plain bytes: %s', async (_, value) => {
      await change({ put: 'account', row: accountRow('a1') }, { put: 'credentials', account: 'a1', value });
      const found = await bench.store.writer.credentials('a1');
      expect(found?.constructor).toBe(Uint8Array);
      expect(Buffer.compare(found ?? Buffer.from('?'), value)).toBe(0);
    });

    it('move a message to the next free place of a conversation where its own is taken', async () => {
      await change(
        ...scene,
        { put: 'conversation', row: conversationRow('a1', 'c3') },
        { put: 'message', row: messageRow(message('a1', 'c3', 'm8'), 10) },
        { put: 'message', row: messageRow(message('a1', 'c3', 'm9'), 15) },
      );
      for (const [id, ord] of [
        ['m8', 10],
        ['m9', 15],
      ] as const)
        await change({ put: 'message', row: messageRow(message('a1', 'c1', id), ord) });
      const rows = await bench.store.writer.run('look', { messages: ['m1', 'm8', 'm9'] });
      expect(rows.messages.map((row) => [row.message.id, row.message.conversation, row.ord]).sort()).toEqual([
        ['m1', 'c1', 10],
        ['m8', 'c1', 11],
        ['m9', 'c1', 15],
      ]);
    });

    it('hold times and orders of sixteen digits exactly', async () => {
      const ord = 9_007_199_254_740_000;
      await change(...scene, { put: 'message', row: messageRow(message('a1', 'c1', 'late'), ord) });
      const rows = await bench.store.writer.run('look', { messages: ['late'] });
      expect(rows.messages[0]?.ord).toBe(ord);
    });

    it('refuse a number that would not come back the same', async () => {
      const row = messageRow(message('a1', 'c1', 'm'), 2 ** 53);
      expect(await bench.fate(change(...scene, { put: 'message', row }))).toBe('INTERNAL');
      expect((await bench.store.queries.counts()).messages).toBe(0);
    });
  });
}
