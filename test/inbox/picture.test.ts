// Holds that a dashboard's picture, made of events alone or of an older snapshot and the events since, equals a fresh snapshot: the inbox's decisions over SQLite on one side, the client's reducer on the other.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyFrames, emptyInbox, fromSnapshot, type InboxState, openWindow } from '@pulseline/client';
import { CodedError, type DurableFrame, isDurable, parseServerFrame } from '@pulseline/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Commands } from '../../server/src/inbox/commands.ts';
import { handlers } from '../../server/src/inbox/handlers.ts';
import { ready } from '../../server/src/inbox/test/scene.ts';
import { type Step, steps } from '../../server/src/inbox/test/told.ts';
import { openStoreInProcess } from '../../server/src/store/open.ts';
import type { Store, StoredEvent } from '../../server/src/store/port.ts';

let folder: string;
let store: Store<Commands>;
const log: StoredEvent[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulseline-inbox-'));
  store = await openStoreInProcess<Commands>({ file: join(folder, 'inbox.db'), handlers });
  store.onCommit(({ events }) => log.push(...events));
});

afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** One step as its command; undefined where there is nothing that it could speak of yet. */
async function act(account: string, step: Step, place: number): Promise<void> {
  const { writer, queries } = store;
  switch (step.do) {
    case 'hear':
      await writer.run('ingest', { account, facts: step.facts, keys: [], seen: [] });
      return;
    case 'send': {
      const { chat, author } = step.place;
      const address = chat.kind === 'person' ? (author.pn ?? author.lid ?? '') : chat.address;
      const waId = `${step.place.ids}-mine-${step.number}`;
      const commandId = `${account}-${place}`;
      await writer.run('enqueue_send', { commandId, waId, account, to: { address }, text: 'hello' }).catch(expected);
      return;
    }
    case 'change': {
      const { items } = await queries.conversations({ account, limit: 10 });
      const last = items[step.nth % Math.max(1, items.length)]?.lastMessage;
      if (last === undefined) return;
      const waId = `${step.place.ids}-change-${step.number}`;
      const { id: messageId, conversation } = last;
      const input = { commandId: `${account}-${place}`, waId, account, conversation, messageId, change: step.what };
      await writer.run('enqueue_change', input).catch(expected);
      return;
    }
    case 'retry': {
      const refused = frames(account).flatMap(({ type, data }) =>
        type === 'message_status' && data.status === 'error' ? [data.messageId] : [],
      );
      const messageId = refused[step.nth];
      if (messageId !== undefined) await writer.run('retry_send', { messageId });
      return;
    }
    case 'read': {
      const { items } = await queries.conversations({ account, limit: 10 });
      const conversation = items[step.nth]?.id;
      if (conversation !== undefined) await writer.run('mark_read', { conversation, jobId: `j_${account}_${place}` });
      return;
    }
    case 'clock':
      return;
  }
}

/** An id of WhatsApp's that is taken (the sends of this test draw theirs from few), or a message that has had its day. */
function expected(error: unknown): void {
  const known = error instanceof CodedError && ['COMMAND_REUSED', 'MESSAGE_NOT_CHANGEABLE'].includes(error.code);
  if (!known) throw error;
}

/** The account's events as a dashboard gets them. */
function frames(account: string): readonly DurableFrame[] {
  const own = log.filter(
    ({ stream, data }) => stream === account || (stream === 'workspace' && data.includes(account)),
  );
  return own.map(({ stream, seq, type, data, at }) => {
    const result = parseServerFrame(JSON.stringify({ type, data: JSON.parse(data), timestamp: at, stream, seq }));
    if (!result.ok || !isDurable(result.frame)) throw new Error(`${type} is no frame`);
    return result.frame;
  });
}

async function snapshot(account: string): Promise<InboxState> {
  const rows = await store.queries.accounts();
  const { items } = await store.queries.conversations({ account, limit: 200 });
  return fromSnapshot(
    rows.flatMap((row) => (row.account.id === account ? [row.account] : [])),
    items,
  );
}

let accounts = 0;
async function newAccount(): Promise<string> {
  accounts += 1;
  const id = `acc_${String(accounts).padStart(10, '0')}`;
  await store.writer.run('create_account', { id, label: 'Shop', kind: 'sandbox' });
  await store.writer.run('ingest', { account: id, facts: [ready], keys: [], seen: [] });
  return id;
}

const RUNS = { numRuns: 60 };

describe('a dashboard', () => {
  it('that hears every event knows what a fresh snapshot says, and every message that is live', async () => {
    await fc.assert(
      fc.asyncProperty(steps({ history: true }), async (played) => {
        const account = await newAccount();
        for (const [place, step] of played.entries()) await act(account, step, place);
        let state = emptyInbox;
        for (const frame of frames(account)) {
          state = applyFrames(state, [frame]);
          if (frame.type === 'conversation_update') state = openWindow(state, frame.data.id);
        }
        const fresh = await snapshot(account);
        expect(state.conversations).toEqual(fresh.conversations);
        expect(state.accounts).toEqual(fresh.accounts);
        for (const conversation of fresh.conversations.keys()) {
          const { items } = await store.queries.messages({ conversation, limit: 200 });
          expect(state.windows.get(conversation)?.messages).toEqual(items.filter(({ seq }) => seq > 0));
        }
      }),
      RUNS,
    );
  });

  it('that fetched a snapshot and hears the events since knows the same', async () => {
    await fc.assert(
      fc.asyncProperty(steps({ history: true }), fc.nat(), async (played, chosen) => {
        const account = await newAccount();
        const cut = chosen % (played.length + 1);
        for (const [place, step] of played.slice(0, cut).entries()) await act(account, step, place);
        const before = frames(account).length;
        const old = await snapshot(account);
        for (const [place, step] of played.slice(cut).entries()) await act(account, step, cut + place);
        const state = applyFrames(old, frames(account).slice(before));
        const fresh = await snapshot(account);
        expect(state.conversations).toEqual(fresh.conversations);
        expect(state.accounts).toEqual(fresh.accounts);
      }),
      RUNS,
    );
  });

  it('finds each stream without gap, also where many commands share a transaction', async () => {
    await fc.assert(
      fc.asyncProperty(steps({ history: true }), async (played) => {
        const account = await newAccount();
        const other = await newAccount();
        await Promise.all([account, other].flatMap((each) => played.map((step, place) => act(each, step, place))));
        for (const each of [account, other]) {
          const own = await store.queries.events(each, 0, 10_000);
          expect(own.map(({ seq }) => seq)).toEqual(own.map((_, place) => place + 1));
          expect(applyFrames(emptyInbox, frames(each)).conversations).toEqual((await snapshot(each)).conversations);
        }
      }),
      RUNS,
    );
  });
});
