// Holds what others hear of accounts, and when.
import { describe, expect, it } from 'vitest';
import { MemoryRows } from './test/memory-rows.ts';
import { ACCOUNT, ANNA, linked, ready, text } from './test/scene.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const waiting = {
  type: 'state',
  state: 'DISCONNECTED',
  raw: 'close',
  since: 10.7,
  nextTryAt: 20.2,
  attempts: 1,
} as const;

describe('an account', () => {
  it('begins as INITIALIZING and is told on the workspace stream', () => {
    const rows = new MemoryRows();
    const { output, events } = rows.run('create_account', { id: ACCOUNT, label: ' 店铺 ', kind: 'sandbox' });
    expect(output).toEqual({
      id: ACCOUNT,
      label: '店铺',
      kind: 'sandbox',
      state: 'INITIALIZING',
      since: rows.now - 1,
      stream: ACCOUNT,
    });
    expect(events).toEqual([{ type: 'account_update', data: output, seq: 1 }]);
    expect(rows.events[0]?.stream).toBe('workspace');
    expect(rows.run('create_account', { id: ACCOUNT, label: 'again', kind: 'phone' })).toMatchObject({
      output,
      changes: [],
    });
  });

  it("keeps its proxy's password to itself", () => {
    const rows = linked();
    const { output, events } = rows.run('change_account', { id: ACCOUNT, proxy: 'socks5://me:secret@10.0.0.1:1080' });
    expect(output.proxy).toBe('socks5://me@10.0.0.1:1080');
    expect(events).toMatchObject([{ type: 'account_update', data: { proxy: 'socks5://me@10.0.0.1:1080' } }]);
    expect(JSON.stringify(rows.events)).not.toContain('secret');
    expect(rows.accounts.get(ACCOUNT)?.proxy).toBe('socks5://me:secret@10.0.0.1:1080');
    // What a page shows and saves again unchanged: nobody took the password away.
    rows.run('change_account', { id: ACCOUNT, proxy: 'socks5://me@10.0.0.1:1080' });
    expect(rows.accounts.get(ACCOUNT)?.proxy).toBe('socks5://me:secret@10.0.0.1:1080');
    const gone = rows.run('change_account', { id: ACCOUNT, proxy: null });
    expect(gone.output).not.toHaveProperty('proxy');
    expect(rows.accounts.get(ACCOUNT)).not.toHaveProperty('proxy');
  });

  it('that gets another proxy password is changed without a word to others', () => {
    const rows = linked();
    rows.run('change_account', { id: ACCOUNT, proxy: 'http://me:one@h:1' });
    expect(rows.run('change_account', { id: ACCOUNT, proxy: 'http://me:two@h:1' }).events).toEqual([]);
    expect(rows.accounts.get(ACCOUNT)?.proxy).toBe('http://me:two@h:1');
  });

  it('that is changed to what it is makes no event', () => {
    const rows = linked();
    expect(rows.run('change_account', { id: ACCOUNT, label: 'Shop', proxy: null }).changes).toEqual([]);
    expect(rows.run('change_account', { id: ACCOUNT, label: 'Office' }).events).toMatchObject([
      { type: 'account_update', data: { label: 'Office' } },
    ]);
  });

  it.each([{ label: ' ' }, { label: 'x'.repeat(201) }, { proxy: 'not a url' }])('refuses %j', (change) => {
    expect(() => linked().run('change_account', { id: ACCOUNT, ...change })).toThrow(code('BAD_REQUEST'));
  });

  it('is removed with everything, and that is told on the workspace stream', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hello')]);
    const { events } = rows.run('remove_account', { id: ACCOUNT });
    expect(events).toMatchObject([{ type: 'account_removed', data: { id: ACCOUNT } }]);
    expect([rows.accounts.size, rows.messages.size, rows.conversations.size]).toEqual([0, 0, 0]);
    expect(() => rows.run('remove_account', { id: ACCOUNT })).toThrow(code('ACCOUNT_NOT_FOUND'));
  });

  it('can lose its login alone; one that is gone has none', () => {
    const rows = linked();
    expect(rows.run('forget_login', { account: ACCOUNT }).changes).toEqual([{ remove: 'login', account: ACCOUNT }]);
    expect(rows.run('forget_login', { account: 'acc_none' }).changes).toEqual([]);
  });
});

describe('a state', () => {
  it("makes whatsapp_status on the account's stream, and account_update only when the account becomes somebody", () => {
    const rows = new MemoryRows();
    rows.run('create_account', { id: ACCOUNT, label: 'Shop', kind: 'sandbox' });
    const first = rows.ingest(ACCOUNT, [ready]);
    expect(first.events).toMatchObject([
      {
        type: 'whatsapp_status',
        seq: 1,
        data: { account: ACCOUNT, status: 'READY', state: 'open', since: 1, me: ready.me },
      },
      { type: 'account_update', seq: 2, data: { state: 'READY', me: ready.me } },
    ]);
    const lost = rows.ingest(ACCOUNT, [waiting]);
    expect(lost.events).toEqual([
      {
        type: 'whatsapp_status',
        seq: 2,
        data: {
          account: ACCOUNT,
          status: 'DISCONNECTED',
          state: 'close',
          since: 10,
          nextTryAt: 20,
          attempts: 1,
          me: ready.me,
        },
      },
    ]);
    expect(rows.accounts.get(ACCOUNT)?.account).toMatchObject({
      state: 'DISCONNECTED',
      nextTryAt: 20,
      attempts: 1,
      me: ready.me,
    });
  });

  it('equal to the present one makes no event; another attempt or reason does', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [waiting]);
    expect(rows.ingest(ACCOUNT, [{ ...waiting, since: 99 }]).changes).toEqual([]);
    expect(rows.ingest(ACCOUNT, [{ ...waiting, attempts: 2 }]).events).toHaveLength(1);
    const reason = { code: 'NETWORK_DNS', text: 'x', fix: 'y' };
    expect(rows.ingest(ACCOUNT, [{ ...waiting, attempts: 2, reason }]).events).toMatchObject([{ data: { reason } }]);
  });

  it('takes reason, next attempt and attempts of the one before away', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [{ ...waiting, reason: { code: 'NETWORK_DNS', text: 'x', fix: 'y' } }]);
    rows.ingest(ACCOUNT, [ready]);
    const account = rows.accounts.get(ACCOUNT)?.account;
    expect(Object.keys(account ?? {}).sort()).toEqual(['id', 'kind', 'label', 'me', 'since', 'state', 'stream']);
  });
});

describe('the length of the outbox', () => {
  it('is told when it is another number than before, and is no field when nothing waits', () => {
    const rows = linked();
    const count = () => rows.run('count_queue', { account: ACCOUNT });
    expect(count().events).toEqual([]);
    for (const n of [1, 2]) {
      const input = { commandId: `c${n}`, waId: `S${n}`, account: ACCOUNT, to: { address: ANNA.pn }, text: 'x' };
      rows.run('enqueue_send', input);
    }
    expect(count()).toMatchObject({
      output: { queued: 2 },
      events: [{ type: 'account_update', data: { id: ACCOUNT, queued: 2 } }],
    });
    expect(count().events).toEqual([]);
    rows.ingest(ACCOUNT, [
      { type: 'acked', waId: 'S1', at: 1 },
      { type: 'acked', waId: 'S2', error: '463', at: 1 },
    ]);
    const { events } = count();
    expect(events).toMatchObject([{ type: 'account_update', data: { id: ACCOUNT } }]);
    expect(events[0]?.data).not.toHaveProperty('queued');
  });
});
