// The part of the store's contract that finds messages by their words; it names no index.
import { describe, expect, it } from 'vitest';
import type { Change, SearchQuery } from '../port.ts';
import type { Bench } from './contract.ts';
import { accountRow, conversationRow, message, messageRow } from './toy.ts';

/** Microseconds in a second. */
const SECOND = 1_000_000;

export function searchContract(bench: Bench): void {
  const change = (...changes: readonly Change[]) => bench.store.writer.run('change', changes);
  const put = (account: string, conversation: string, id: string, body: string, ord: number): Change => ({
    put: 'message',
    row: messageRow({ ...message(account, conversation, id), body }, ord),
  });
  const search = async (q: string, more: Partial<SearchQuery> = {}) => {
    const { items, next } = await bench.store.queries.search({ q, limit: 10, ...more });
    return { ids: items.map((hit) => hit.message.id), next };
  };
  const indexed = () =>
    expect.poll(async () => (await bench.store.queries.counts()).unindexed, { timeout: 20_000 }).toBe(0);
  const people: readonly Change[] = [
    { put: 'account', row: accountRow('a1') },
    { put: 'account', row: accountRow('a2') },
    { put: 'conversation', row: conversationRow('a1', 'c1', { name: '王小明' }) },
    { put: 'conversation', row: conversationRow('a1', 'c2', { kind: 'group' }) },
    { put: 'conversation', row: conversationRow('a2', 'c3') },
  ];

  describe('a search', () => {
    it('finds messages by their words, the newest first whenever they came, and shows the places', async () => {
      await change(...people, put('a1', 'c1', 'new', '退款到了，谢谢', 9 * SECOND));
      await change(put('a1', 'c2', 'history', '请问退款多久？', 2 * SECOND), put('a2', 'c3', 'other', 'no refund', 3));
      await indexed();
      expect((await search('退款')).ids).toEqual(['new', 'history']);
      const { items, indexing, heads } = await bench.store.queries.search({ q: '退 谢谢', limit: 10 });
      expect(items).toEqual([
        {
          message: expect.objectContaining({ id: 'new', body: '退款到了，谢谢' }),
          conversation: { id: 'c1', account: 'a1', name: '王小明', kind: 'person' },
          ranges: [
            [0, 1],
            [5, 7],
          ],
        },
      ]);
      expect(indexing).toBe(false);
      expect(heads['workspace']).toBeDefined();
      expect((await search('ref')).ids).toEqual(['other']);
      expect((await search('…')).ids).toEqual([]);
    });

    it('keeps to an account or a conversation', async () => {
      await change(
        ...people,
        ...['c1', 'c2', 'c3'].map((of, i) => put(of === 'c3' ? 'a2' : 'a1', of, `m${of}`, '您好 退款', i)),
      );
      await indexed();
      expect((await search('退款', { account: 'a1' })).ids).toEqual(['mc2', 'mc1']);
      expect((await search('退款', { account: 'a2' })).ids).toEqual(['mc3']);
      expect((await search('退款', { conversation: 'c1' })).ids).toEqual(['mc1']);
      expect((await search('退款', { account: 'a2', conversation: 'c1' })).ids).toEqual([]);
      expect((await search('退款', { account: 'nobody' })).ids).toEqual([]);
    });

    it('gives page after page, each message once, also of one moment', async () => {
      const all = Array.from({ length: 45 }, (_, i) =>
        put('a1', i % 2 ? 'c1' : 'c2', `m${i}`, `订单 ${i}`, 7 * SECOND),
      );
      await change(...people, ...all);
      await indexed();
      const found: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await search('订单', { limit: 7, ...(cursor !== undefined && { cursor }) });
        found.push(...page.ids);
        if (page.next === null) break;
        expect(page.ids).toHaveLength(7);
        cursor = page.next;
      }
      expect(found).toHaveLength(45);
      // Of one moment too there is one order: within a conversation that of the chat, and the same however the pages are cut.
      const whole = await search('订单', { limit: 100 });
      expect(found).toEqual(whole.ids);
      const inChat = (of: number) => all.flatMap((_, i) => (i % 2 === of ? [`m${i}`] : [])).reverse();
      for (const of of [0, 1]) expect(found.filter((id) => Number(id.slice(1)) % 2 === of)).toEqual(inChat(of));
      expect(new Set(found).size).toBe(45);
      expect(await bench.fate(search('订单', { cursor: 'x' }))).toBe('BAD_REQUEST');
    });

    it('never finds what was edited away, and finds what it became', async () => {
      await change(...people, put('a1', 'c1', 'm', '明天发货', 1));
      await indexed();
      await change(put('a1', 'c1', 'm', '后天发货', 1));
      expect((await search('明天')).ids).toEqual([]);
      await indexed();
      expect([(await search('明天')).ids, (await search('后天')).ids]).toEqual([[], ['m']]);
      await change(put('a1', 'c1', 'm', '', 1));
      await indexed();
      expect((await search('发货')).ids).toEqual([]);
      await change(put('a1', 'c1', 'm', '又发货了', 1));
      await indexed();
      expect((await search('发货')).ids).toEqual(['m']);
    });

    it('forgets a removed account with everything of it', async () => {
      await change(...people, put('a1', 'c1', 'm', '退款', 1), put('a2', 'c3', 'n', '退款', 1));
      await indexed();
      await change({ remove: 'account', id: 'a1' });
      expect((await search('退款')).ids).toEqual(['n']);
      // The rows of the removed one are free for others now.
      await change(...people, put('a1', 'c1', 'k', '发票', 1));
      await indexed();
      expect([(await search('退款')).ids, (await search('发票')).ids]).toEqual([['n'], ['k']]);
    });

    it('goes on after a restart with what was not indexed yet', async () => {
      const all = Array.from({ length: 300 }, (_, i) => put('a1', 'c1', `m${i}`, `第${i}单 退款`, i));
      await change(...people, ...all);
      await bench.reopen();
      await indexed();
      expect((await search('第277单')).ids).toEqual(['m277']);
      expect((await search('退款', { limit: 1_000 })).ids).toHaveLength(300);
    });
  });
}
