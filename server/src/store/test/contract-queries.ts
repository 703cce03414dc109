// The part of the store's contract that readers rely on: pages by keyset, searches, and answers from one moment.
import { STRETCHES_KEPT } from '@pulseline/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, ConversationQuery, MessageQuery, Page } from '../port.ts';
import type { Bench } from './contract.ts';
import { accountRow, conversationRow, message, messageRow } from './toy.ts';

/** Every page, one after another; fails if there is no end. */
async function walk<T>(page: (next: string | undefined) => Promise<Page<T>>): Promise<readonly (readonly T[])[]> {
  const pages: (readonly T[])[] = [];
  for (let next: string | undefined; ; ) {
    const found = await page(next);
    pages.push(found.items);
    expect(pages.length).toBeLessThan(200);
    if (found.next === null) return pages;
    next = found.next;
  }
}

const flags = fc.record({
  account: fc.constantFrom('a1', 'a2'),
  lastAt: fc.integer({ min: 0, max: 4 }),
  unread: fc.integer({ min: 0, max: 1 }),
  archived: fc.boolean(),
  pinned: fc.boolean(),
});

export function queriesContract(bench: Bench): void {
  const change = (...changes: readonly Change[]) => bench.store.writer.run('change', changes);

  describe('pages of conversations', () => {
    it('hold each conversation once, newest first, under every filter', async () => {
      await change({ put: 'account', row: accountRow('a1') }, { put: 'account', row: accountRow('a2') });
      const sample = fc.record({
        rows: fc.array(flags, { maxLength: 25 }),
        account: fc.constantFrom('a1', 'a2', undefined),
        filter: fc.constantFrom('all', 'unread', 'archived', 'pinned', undefined),
        limit: fc.integer({ min: 1, max: 7 }),
      });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(sample, async ({ rows, account, filter, limit }) => {
          const name = `round${round++}.`;
          const put = rows.map((row, i) => conversationRow(row.account, `${name}${String(i).padStart(2, '0')}`, row));
          await change(...put.map((row) => ({ put: 'conversation', row }) as const));
          const query: ConversationQuery = {
            q: name,
            limit,
            ...(account === undefined ? {} : { account }),
            ...(filter === undefined ? {} : { filter }),
          };
          const pages = await walk((cursor) =>
            bench.store.queries.conversations({ ...query, ...(cursor === undefined ? {} : { cursor }) }),
          );
          const expected = put
            .map((row) => row.conversation)
            .filter((of) => account === undefined || of.account === account)
            .filter((of) => filter !== 'unread' || of.unread > 0)
            .filter((of) => filter !== 'archived' || of.archived)
            .filter((of) => filter !== 'pinned' || of.pinned)
            .sort((x, y) => y.lastAt - x.lastAt || (x.id < y.id ? 1 : -1));
          expect(pages.flat()).toEqual(expected);
          expect(pages.slice(0, -1).every((items) => items.length === limit)).toBe(true);
        }),
        { numRuns: 60 },
      );
    });

    it('find a part of a name or a phone number, in any writing', async () => {
      await change(
        { put: 'account', row: accountRow('a1') },
        {
          put: 'conversation',
          row: conversationRow('a1', 'c1', { name: '王小明（Ｗａｎｇ）', phone: '+8613800138000' }),
        },
        { put: 'conversation', row: conversationRow('a1', 'c2', { name: 'Ann O’Neil 100%', phone: '+4915112345678' }) },
        { put: 'conversation', row: conversationRow('a1', 'c3', { name: '家人群 👪', kind: 'group' }) },
      );
      const find = async (q: string) =>
        (await bench.store.queries.conversations({ q, limit: 10 })).items.map((of) => of.id).sort();
      expect(await find('小明')).toEqual(['c1']);
      expect(await find('wang')).toEqual(['c1']);
      expect(await find('ANN')).toEqual(['c2']);
      expect(await find('138 0013-80')).toEqual(['c1']);
      expect(await find('１３８００１３')).toEqual(['c1']);
      expect(await find('0151 123')).toEqual(['c2']);
      expect(await find('0049 151')).toEqual(['c2']);
      expect(await find('👪')).toEqual(['c3']);
      expect(await find('100%')).toEqual(['c2']);
      expect(await find('%')).toEqual(['c2']);
      expect(await find('_')).toEqual([]);
      expect(await find('Ann 138')).toEqual([]);
      expect(await find('  ')).toEqual(['c1', 'c2', 'c3']);
    });

    it('refuse a cursor that is none', async () => {
      for (const cursor of ['', 'x', '1', `~${'9'.repeat(40)}`]) {
        expect(await bench.fate(bench.store.queries.conversations({ cursor, limit: 1 }))).toBe('BAD_REQUEST');
      }
    });
  });

  describe('pages of messages', () => {
    const sample = fc.record({
      /** Ties are counted on. */
      ords: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 }),
      limit: fc.integer({ min: 1, max: 9 }),
      from: fc.nat(),
    });

    it('hold each message once, in order, backwards, forwards and around one', async () => {
      await change({ put: 'account', row: accountRow('a1') });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(sample, async ({ ords, limit, from }) => {
          const conversation = `c${round++}`;
          const put = ords.map((ord, i) => messageRow(message('a1', conversation, `${conversation}.${i}`), ord));
          await change({ put: 'conversation', row: conversationRow('a1', conversation) });
          await change(...put.map((row) => ({ put: 'message', row }) as const));
          const page = async (query: Partial<MessageQuery>) => {
            const { items, next } = await bench.store.queries.messages({ conversation, limit, ...query });
            return { items: items.map((of) => of.id), next };
          };
          const all = (await page({ limit: 1_000 })).items;
          expect([...all].sort()).toEqual(put.map((row) => row.message.id).sort());

          const back = await walk((before) => page(before === undefined ? {} : { before }));
          expect([...back].reverse().flat()).toEqual(all);
          const at = from % all.length;
          const id = all[at] ?? '';
          const forth = await walk((after) => page({ after: after ?? id }));
          expect(forth.flat()).toEqual(all.slice(at + 1));
          expect((await page({ before: id })).items).toEqual(all.slice(Math.max(0, at - limit), at));

          const around = await page({ around: id });
          const start = all.indexOf(around.items[0] ?? '');
          expect(around.items).toContain(id);
          expect(around.items).toEqual(all.slice(start, start + around.items.length));
          expect(around.items.length <= limit).toBe(true);
          expect(around.next === null).toBe(start === 0);
          if (around.next !== null) {
            const older = await page({ before: around.next });
            expect(older.items).toEqual(all.slice(Math.max(0, start - limit), start));
          }
        }),
        { numRuns: 60 },
      );
    });

    it('refuse a message that is not of the conversation', async () => {
      await bench.store.writer.run('receive', { account: 'a1', conversation: 'c1', name: 'm', n: 1 });
      await bench.store.writer.run('receive', { account: 'a1', conversation: 'c2', name: 'n', n: 1 });
      const { queries } = bench.store;
      expect(await bench.fate(queries.messages({ conversation: 'c1', before: 'n.0', limit: 5 }))).toBe(
        'MESSAGE_NOT_FOUND',
      );
      expect((await queries.messages({ conversation: 'nowhere', limit: 5 })).items).toEqual([]);
    });
  });

  describe('what a conversation shares', () => {
    it('is found by what it is, newest first, page by page, without what was withdrawn or is pinned no more', async () => {
      await change({ put: 'account', row: accountRow('a1') });
      await change({ put: 'conversation', row: conversationRow('a1', 'c1') });
      const media = { id: 'f1', state: 'ready', mime: 'image/png', size: 1 } as const;
      const said = [
        { kind: 'image', media },
        { kind: 'document', media },
        { body: 'see https://example.com/a' },
        { kind: 'image', media, deleted: true },
        { kind: 'video', media, body: 'http://x' },
        { pinnedUntil: 100 },
        { pinnedUntil: 50 },
        {},
      ] as const;
      const rows = said.map((more, i) => messageRow({ ...message('a1', 'c1', `m${i}`), ...more }, i + 1));
      await change(...rows.map((row) => ({ put: 'message', row }) as const));
      const pages = async (what: 'media' | 'files' | 'links' | 'pinned') =>
        (
          await walk(async (before) => {
            const query = { conversation: 'c1', what, now: 60, limit: 1, ...(before !== undefined && { before }) };
            return bench.store.queries.shared(query);
          })
        )
          .flat()
          .map(({ id }) => id);
      expect(await pages('media')).toEqual(['m4', 'm0']);
      expect(await pages('files')).toEqual(['m1']);
      expect(await pages('links')).toEqual(['m4', 'm2']);
      expect(await pages('pinned')).toEqual(['m5']);
    });
  });

  describe('what has grown old', () => {
    it('is found by conversation and goes from the front, at most so many at a time', async () => {
      await change({ put: 'account', row: accountRow('a1') }, { put: 'account', row: accountRow('a2') });
      for (const [account, id] of [
        ['a1', 'c1'],
        ['a1', 'c2'],
        ['a2', 'c3'],
      ] as const) {
        const rows = [1, 2, 3, 4].map((ord) => messageRow(message(account, id, `${id}.${ord}`), ord * 10));
        await change({ put: 'conversation', row: conversationRow(account, id) });
        await change(...rows.map((row) => ({ put: 'message', row }) as const));
      }
      const { queries } = bench.store;
      expect(await queries.expired('a1', 31, '')).toEqual({ conversations: ['c1', 'c2'], next: undefined });
      expect((await queries.expired('a1', 31, 'c1')).conversations).toEqual(['c2']);
      expect((await queries.expired('a1', 10, '')).conversations).toEqual([]);
      const left = async () => (await queries.messages({ conversation: 'c1', limit: 10 })).items.map(({ id }) => id);
      await change({ remove: 'messages', conversation: 'c1', before: 31, most: 2 });
      expect(await left()).toEqual(['c1.3', 'c1.4']);
      await change({ remove: 'messages', conversation: 'c1', before: 31, most: 2 });
      expect(await left()).toEqual(['c1.4']);
      expect((await queries.expired('a1', 31, '')).conversations).toEqual(['c2']);
    });

    it('leaves no gap in the log: only events before the first younger one go', async () => {
      await bench.store.writer.run('receive', { account: 'a1', conversation: 'c1', name: 'm', n: 6 });
      await bench.store.writer.run('receive', { account: 'a2', conversation: 'c2', name: 'n', n: 2 });
      const { queries } = bench.store;
      const at = (await queries.events('a1', 0, 1))[0]?.at ?? 0;
      await change({ remove: 'events', stream: 'a1', before: at, most: 10 });
      expect(await queries.firstSeq('a1')).toBe(1);
      await change({ remove: 'events', stream: 'a1', before: at + 1, most: 4 });
      expect((await queries.events('a1', 0, 10)).map(({ seq }) => seq)).toEqual([5, 6]);
      expect(await queries.firstSeq('a2')).toBe(1);
      expect((await queries.heads())['a1']?.seq).toBe(6);
    });
  });

  describe('an answer', () => {
    it('[G6] is from one moment: rows and heads never disagree while others write', async () => {
      const { store } = bench;
      let writing = true;
      const written = Promise.all(
        Array.from({ length: 40 }, async (_, i) => {
          for (let k = 0; k < 5; k++) {
            const name = `m${i}.${k}`;
            await store.writer.run('receive', { account: 'a1', conversation: 'c1', name, n: 1 + (i % 3) });
          }
        }),
      ).finally(() => {
        writing = false;
      });
      let moments = 0;
      while (writing) {
        const { items, heads } = await store.queries.conversations({ account: 'a1', limit: 5 });
        const head = heads['a1']?.seq ?? 0;
        // The toy counts every message as unread, so that rows and log must show the same number.
        expect(items[0]?.unread ?? 0).toBe(head);
        expect(items[0]?.lastMessage?.seq ?? 0).toBe(head);
        const page = await store.queries.messages({ conversation: 'c1', limit: 1 });
        expect(page.items[0]?.seq ?? 0).toBe(page.heads['a1']?.seq ?? 0);
        moments++;
        await new Promise((next) => setImmediate(next));
      }
      await written;
      expect(moments).toBeGreaterThan(0);
    });

    it('gives events after a seq, in order, and the first one that is kept', async () => {
      const { writer, queries } = bench.store;
      expect(await queries.firstSeq('a1')).toBe(1);
      await writer.run('receive', { account: 'a1', conversation: 'c1', name: 'm', n: 10 });
      expect((await queries.events('a1', 3, 4)).map((event) => event.seq)).toEqual([4, 5, 6, 7]);
      expect(await queries.events('a1', 10, 4)).toEqual([]);
      expect(await queries.events('nowhere', 0, 4)).toEqual([]);
      expect(await queries.firstSeq('a1')).toBe(1);
    });

    it('joins sightings of a state to stretches, lets the old ones go, and all of them with their account', async () => {
      await change({ put: 'account', row: accountRow('a1') }, { put: 'account', row: accountRow('a2') });
      const seen = (account: string, state: 'READY' | 'DISCONNECTED', at: number) =>
        change({ put: 'sighting', account, state, at });
      await seen('a1', 'READY', 0);
      await seen('a1', 'READY', 60_000);
      await seen('a1', 'DISCONNECTED', 90_000);
      await seen('a1', 'READY', 90_000);
      await seen('a2', 'READY', 5);
      const all = await bench.store.queries.stretches(-1);
      expect(all.get('a1')).toEqual([
        { state: 'READY', from: 0, to: 90_000 },
        { state: 'READY', from: 90_000, to: 90_000 },
      ]);
      expect(await bench.store.queries.stretches(5)).toEqual(new Map([['a1', all.get('a1')]]));
      await seen('a1', 'DISCONNECTED', STRETCHES_KEPT + 90_001);
      expect((await bench.store.queries.stretches(-1)).get('a1')).toEqual([
        { state: 'DISCONNECTED', from: STRETCHES_KEPT + 90_001, to: STRETCHES_KEPT + 90_001 },
      ]);
      await change({ remove: 'account', id: 'a1' });
      expect([...(await bench.store.queries.stretches(-1)).keys()]).toEqual(['a2']);
    });

    it('lists accounts in the order they were made', async () => {
      for (const id of ['b', 'a', 'c']) await change({ put: 'account', row: accountRow(id) });
      await change({ put: 'account', row: { ...accountRow('b'), proxy: 'http://p' } });
      const rows = await bench.store.queries.accounts();
      expect(rows.map((row) => row.account.id)).toEqual(['b', 'a', 'c']);
      expect(rows[0]?.proxy).toBe('http://p');
    });
  });
}
