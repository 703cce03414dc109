// Words that were taken away, over the real store: the log keeps its events and the outbox its jobs, and neither says them any more.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Commands } from '../inbox/commands.ts';
import { handlers } from '../inbox/handlers.ts';
import { ANNA, person, ready, text } from '../inbox/test/scene.ts';
import type { Fact } from '../whatsapp/port.ts';
import { openStoreInProcess } from './open.ts';
import type { Store } from './port.ts';

let dir: string;
let store: Store<Commands>;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pulseline-erase-'));
  store = await openStoreInProcess<Commands>({ file: join(dir, 'x.db'), handlers });
  await store.writer.run('create_account', { id: 'acc_a', label: 'A', kind: 'sandbox' });
  await ingest(ready);
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const ingest = (...facts: readonly Fact[]) =>
  store.writer.run('ingest', { account: 'acc_a', facts, keys: [], seen: [] });
const log = async () =>
  (await store.queries.events('acc_a', 0, 1_000)).map(({ type, seq, data }) => ({ type, seq, data }));
const job = (waId: string) => store.writer.jobByWaId('acc_a', waId);

describe('the words of a message', () => {
  it('[G27] are gone from the log and from the outbox in the commit that takes them away, and no event is missing', async () => {
    const send = (commandId: string, words: string) =>
      store.writer.run('enqueue_send', {
        commandId,
        waId: commandId,
        account: 'acc_a',
        to: { address: ANNA.pn },
        text: words,
      });
    const { message } = await send('S1', 'the secret');
    const content = Uint8Array.from(Buffer.from('the secret'));
    const at = Date.now();
    const jobId = (await job('S1'))?.id ?? '';
    await ingest({ type: 'sending', job: jobId, content }, { type: 'acked', waId: 'S1', at });
    await send('S2', 'what stays');
    const more = { commandId: 'E1', waId: 'E1', account: 'acc_a', conversation: message.conversation };
    await store.writer.run('enqueue_change', {
      ...more,
      messageId: message.id,
      change: { kind: 'edit', text: 'a better secret' },
    });
    await ingest({ type: 'acked', waId: 'E1', at });
    await store.writer.run('mark_read', { conversation: message.conversation, jobId: 'r1' });
    const before = await log();
    expect(before.filter(({ data }) => data.includes('secret')).length).toBeGreaterThanOrEqual(2);
    const heard: boolean[] = [];
    store.onCommit(({ events }) => heard.push(events.some(({ erases }) => erases === true)));
    await store.writer.run('remove_message', { messageId: message.id });
    const after = await log();
    expect(heard).toEqual([true]);
    expect(after.slice(0, before.length).map(({ type, seq }) => [type, seq])).toEqual(
      before.map(({ type, seq }) => [type, seq]),
    );
    expect(after.filter(({ data }) => data.includes('secret'))).toEqual([]);
    expect(after.some(({ data }) => data.includes('what stays'))).toBe(true);
    for (const waId of ['S1', 'E1']) {
      const row = await job(waId);
      expect([row?.body.includes('secret'), row?.content]).toEqual([false, undefined]);
    }
    // The same command is still the same message, and sends nothing twice.
    expect(await send('S1', 'the secret')).toMatchObject({ repeated: true, message: { id: message.id } });
    await expect(store.writer.run('retry_send', { messageId: message.id })).rejects.toMatchObject({
      code: 'MESSAGE_NOT_CHANGEABLE',
    });
  });

  it('[G27] are gone from the answers that quote them, theirs and ours, and from the jobs of ours once they have arrived', async () => {
    await ingest(text('W1', 'a secret from Anna'));
    const [asked] = await store.queries
      .events('acc_a', 0, 100)
      .then((all) => all.flatMap(({ type, data }) => (type === 'new_message' ? [JSON.parse(data)] : [])));
    const to = { conversation: asked.conversation };
    const answer = { commandId: 'Q1', waId: 'Q1', account: 'acc_a', to, text: 'our answer', quote: asked.id };
    const { message } = await store.writer.run('enqueue_send', answer);
    const content = Uint8Array.from(Buffer.from('a secret from Anna, sealed'));
    const jobId = (await job('Q1'))?.id ?? '';
    const at = Date.now();
    await ingest({ type: 'sending', job: jobId, content }, { type: 'acked', waId: 'Q1', at });
    await ingest(text('W2', 'another answer', { quoted: { waId: 'W1', author: ANNA, body: 'a secret from Anna' } }));
    await store.writer.run('mark_read', { conversation: asked.conversation, jobId: 'r1' });
    expect((await log()).filter(({ data }) => data.includes('secret')).length).toBeGreaterThanOrEqual(4);

    const target = { chat: person(ANNA), waId: 'W1', fromMe: false };
    await ingest({ type: 'change', target, change: { kind: 'revoke' }, fromMe: false, by: ANNA, at });
    expect((await log()).filter(({ data }) => data.includes('secret'))).toEqual([]);
    expect(await store.queries.message(message.id)).toMatchObject({
      body: 'our answer',
      quote: { id: asked.id, body: '' },
    });
    const told = (await log()).filter(({ type }) => type === 'message_update').map(({ data }) => JSON.parse(data));
    expect(told.map(({ body, quote }) => [body, quote?.body])).toContainEqual(['another answer', '']);
    // WhatsApp has it, and its reader may still ask for it once more.
    expect((await job('Q1'))?.content).toEqual(content);
    await ingest({ type: 'status', chat: person(ANNA), waIds: ['Q1'], status: 'delivered', at });
    const done = await job('Q1');
    expect([done?.body.includes('secret'), done?.content]).toEqual([false, undefined]);
    // What comes later and still quotes it brings nothing back.
    await ingest(text('W3', 'late', { quoted: { waId: 'W1', author: ANNA, body: 'a secret from Anna' } }));
    expect((await log()).filter(({ data }) => data.includes('secret'))).toEqual([]);
  });

  it('[G27] go also when retention, or the phone, removes the message itself', async () => {
    const old = Date.UTC(2025, 0, 1);
    await ingest(text('W1', 'a secret from Anna', { timestamp: old }), {
      type: 'change',
      target: { chat: person(ANNA), waId: 'W1', fromMe: false },
      change: { kind: 'edit', body: 'a later secret' },
      fromMe: false,
      by: ANNA,
      at: old + 1,
    });
    await ingest({ type: 'chat-state', chat: person(ANNA), change: { kind: 'clear' }, at: Date.now() });
    expect((await log()).filter(({ data }) => data.includes('secret'))).toEqual([]);
    expect((await log()).filter(({ type }) => type === 'new_message')).toHaveLength(1);
  });
});
