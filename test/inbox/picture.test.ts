// Holds that a dashboard's picture, made of events alone or of an older snapshot and the events since, equals a fresh snapshot: the inbox's decisions over SQLite on one side, the client's reducer on the other.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyFrames, emptyInbox, fromSnapshot, type InboxState, openWindow, withNotes } from '@pulseline/client';
import { CodedError, type DurableFrame, isDurable, type Label, parseServerFrame } from '@pulseline/protocol';
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
/** Ids of messages of ours, sent from here or from another device, by account. */
const used = new Set<string>();

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
      for (const fact of step.facts) {
        if (fact.type === 'message' && fact.fromMe) used.add(`${account} ${fact.key.waId}`);
      }
      await writer.run('ingest', { account, facts: step.facts, keys: [], seen: [] });
      return;
    case 'send': {
      const { chat, author } = step.place;
      const address = chat.kind === 'person' ? (author.pn ?? author.lid ?? '') : chat.address;
      const waId = `${step.place.ids}-mine-${step.number}`;
      // The id of a send is made by chance: no other send has it, and nobody has heard it before.
      if (used.has(`${account} ${waId}`)) return;
      used.add(`${account} ${waId}`);
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
  return framesOf(own);
}

function framesOf(events: readonly StoredEvent[]): readonly DurableFrame[] {
  return events.map(({ stream, seq, type, data, at }) => {
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

/** What the team does between two things that are heard: to the conversation of this number. */
const teamActs = fc.array(
  fc.record({
    nth: fc.nat(3),
    act: fc.constantFrom('take', 'give', 'drop', 'snooze', 'close', 'open', 'label', 'note'),
  }),
  { maxLength: 12 },
);

async function teamAct(account: string, { nth, act }: { nth: number; act: string }, place: number): Promise<void> {
  const { writer, queries } = store;
  const { items } = await queries.conversations({ account, limit: 10 });
  const conversation = items[nth]?.id;
  if (conversation === undefined) return;
  const assignee = { take: 'Anna', give: '王芳', drop: null }[act];
  if (assignee !== undefined) await writer.run('assign', { conversation, assignee, by: 'Anna' });
  else if (act === 'note') {
    const id = `n_${account}_${place}`;
    await writer.run('add_note', { id, conversation, body: `note ${place}`, author: 'Anna' });
  } else if (act === 'label') {
    await writer.run('put_label', { id: `l_${nth}`, name: `label ${nth}`, colour: place % 8, mustExist: false });
    await writer.run('arrange_work', { conversation, labels: [`l_${nth}`] });
  } else if (act === 'snooze') {
    await writer.run('arrange_work', { conversation, state: 'snoozed', snoozedUntil: 8_000_000_000_000 + place });
  } else await writer.run('arrange_work', { conversation, state: act === 'close' ? 'closed' : 'open' });
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

  it('knows who has what, where the work stands, labels and notes, in whichever order the two streams come', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps({ history: false }),
        teamActs,
        fc.nat(),
        fc.boolean(),
        async (played, acts, chosen, first) => {
          const account = await newAccount();
          const mixed = Array.from({ length: Math.max(played.length, acts.length) }, (_, place) => place);
          const cut = chosen % (mixed.length + 1);
          const play = async (places: readonly number[]) => {
            for (const place of places) {
              const [step, team] = [played[place], acts[place]];
              if (step !== undefined) await act(account, step, place);
              if (team !== undefined) await teamAct(account, team, place);
            }
          };
          const labels = async () => (await store.queries.team('label')).map(({ data }): Label => JSON.parse(data));
          const seen = async () => {
            const { accounts: own, conversations } = await snapshot(account);
            let state = fromSnapshot([...own.values()], [...conversations.values()], await labels());
            for (const id of state.conversations.keys())
              state = withNotes(state, id, (await store.queries.notes({ conversation: id, limit: 200 })).items, true);
            return state;
          };
          await play(mixed.slice(0, cut));
          const old = await seen();
          const length = log.length;
          await play(mixed.slice(cut));
          const since = framesOf(log.slice(length));
          const [workspace, own] = [true, false].map((of) =>
            since.filter(({ stream }) => (stream === 'workspace') === of),
          );
          const fresh = await seen();
          const state = applyFrames(
            old,
            first ? [...(workspace ?? []), ...(own ?? [])] : [...(own ?? []), ...(workspace ?? [])],
          );
          expect(state.conversations).toEqual(fresh.conversations);
          expect(state.labels).toEqual(fresh.labels);
          for (const [id, notes] of old.notes) {
            expect(notes.every((note) => state.notes.get(id)?.includes(note))).toBe(true);
            expect(state.notes.get(id)).toEqual(fresh.notes.get(id));
          }
        },
      ),
      { numRuns: 25 },
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
