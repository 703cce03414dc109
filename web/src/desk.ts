'use client';
// The desk of this tab: one store that REST answers and live events flow into, at most one change of it per animation frame. What an event changes is the client's reducer.
import {
  applyFrames,
  emptyInbox,
  fromSnapshot,
  type InboxState,
  type MessageWindow,
  withConversations,
} from '@pulseline/client';
import {
  account,
  conversation,
  type DurableFrame,
  type EphemeralData,
  type Heads,
  heads,
  isDurable,
  labels as labelList,
  message,
  type ServerFrame,
  shape,
  workspace as workspaceShape,
} from '@pulseline/protocol';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { call } from './rest.ts';

export interface Desk {
  /** A snapshot is in place. */
  readonly joined: boolean;
  readonly inbox: InboxState;
  readonly progress: ReadonlyMap<string, EphemeralData['sync_progress']>;
  /** The cursor of the next page of the list; null when all is there. */
  readonly next: string | null;
  /** Conversations older than this are known only by chance and stay out of the list, ms since epoch. */
  readonly horizon: number;
  /** Conversations that have become part of another one -> that one. */
  readonly merged: ReadonlyMap<string, string>;
  /** Conversations that were deleted while this page was open. */
  readonly gone: ReadonlySet<string>;
}

const store = createStore<Desk>(() => ({
  joined: false,
  inbox: emptyInbox,
  progress: new Map(),
  next: null,
  horizon: 0,
  merged: new Map(),
  gone: new Set(),
}));

export function useDesk<T>(select: (desk: Desk) => T): T {
  return useStore(store, select);
}

/** As it is at this moment, for what is done and not drawn. */
export function deskNow(): Desk {
  return store.getState();
}

let queue: ServerFrame[] = [];
/** A burst larger than this is not kept waiting for the next frame. */
const MAX_QUEUE = 5_000;
/** Hidden tabs get no animation frames; this is how late a change may be in them, ms. */
const HIDDEN_DELAY = 200;

/** Applies a frame of the live connection with the next animation frame, in order. */
export function applySoon(frame: ServerFrame): void {
  queue.push(frame);
  if (queue.length >= MAX_QUEUE) return flush();
  if (queue.length > 1) return;
  requestAnimationFrame(flush);
  setTimeout(flush, HIDDEN_DELAY);
}

function flush(): void {
  if (queue.length === 0) return;
  const frames = queue;
  queue = [];
  for (const flight of flights) flight.push(...frames.filter(isDurable));
  const unknown = store.getState().inbox;
  const joins = frames.flatMap((frame) =>
    frame.type === 'conversation_removed' && frame.data.into !== undefined
      ? [[frame.data.id, frame.data.into] as const]
      : [],
  );
  // What was begun in them is there before a page draws the one that they have become.
  for (const [from, into] of joins) for (const move of movers) move(from, into);
  const ends = frames.flatMap(({ type, data }) =>
    type === 'conversation_removed' && data.into === undefined ? [data.id] : [],
  );
  store.setState(({ inbox, progress, merged, gone }) => ({
    inbox: applyFrames(inbox, frames),
    progress: progressed(progress, frames),
    gone: ends.length === 0 ? gone : new Set([...gone, ...ends].slice(-MAX_MERGED)),
    merged: joins.length === 0 ? merged : new Map([...merged, ...joins].slice(-MAX_MERGED)),
  }));
  const missed = frames.some(
    ({ type, data }) => type === 'new_message' && !unknown.conversations.has(data.conversation),
  );
  if (missed) void readNewest();
}

/** Joins and ends of conversations that are remembered, for pages that still name the one that is gone. */
const MAX_MERGED = 1_000;
const movers: ((from: string, into: string) => void)[] = [];

/** `move` is told of each conversation that becomes part of another one, before the desk shows it. */
export function onMerge(move: (from: string, into: string) => void): void {
  movers.push(move);
}

/** The conversation that this one is now. */
export function mergedInto({ inbox, merged }: Pick<Desk, 'inbox' | 'merged'>, id: string): string {
  let now = id;
  // One that is there again under its old id is itself. No chain of joins is that long.
  for (let joins = 0; joins < 10 && !inbox.conversations.has(now); joins += 1) now = merged.get(now) ?? now;
  return now;
}

function progressed(progress: Desk['progress'], frames: readonly ServerFrame[]): Desk['progress'] {
  const told = frames.filter((frame) => frame.type === 'sync_progress');
  return told.length === 0
    ? progress
    : new Map([...progress, ...told.map(({ data }) => [data.account, data] as const)]);
}

/** Changes the inbox at once, after whatever is waiting: for answers to what the reader just did. */
export function changeInbox(change: (inbox: InboxState) => InboxState): void {
  flush();
  store.setState(({ inbox }) => ({ inbox: change(inbox) }));
}

/** What the live connection said while each answer was on its way. */
const flights = new Set<DurableFrame[]>();

/**
 * Puts an answer in place that was read beside the live stream. Events that came while it was on its way could not change
 * what was not there yet: those after the answer's position are applied to it now.
 */
export async function placed<T extends { readonly heads: Heads }>(
  read: () => Promise<T>,
  place: (inbox: InboxState, answer: T) => InboxState,
  concerns: (inbox: InboxState, answer: T) => (conversation: string) => boolean,
): Promise<T> {
  const flight: DurableFrame[] = [];
  flights.add(flight);
  try {
    const answer = await read();
    changeInbox((inbox) => {
      const concerned = concerns(inbox, answer);
      const later = flight.filter(
        (frame) => frame.seq > (answer.heads[frame.stream]?.seq ?? 0) && concerned(conversationOf(frame)),
      );
      return applyFrames(place(inbox, answer), later);
    });
    return answer;
  } finally {
    flights.delete(flight);
  }
}

function conversationOf({ type, data }: DurableFrame): string {
  if (type === 'conversation_update' || type === 'conversation_removed') return data.id;
  return 'conversation' in data ? data.conversation : '';
}

/** Of a page of the list, only what was not known before is taken over. */
function notKnown(inbox: InboxState): (conversation: string) => boolean {
  return (id) => !inbox.conversations.has(id);
}

const accountList = shape.object({ items: shape.list(account) });
const next = shape.nullable(shape.string(500));
const conversationPage = shape.object({ items: shape.list(conversation, 200), next, heads });
export const messagePage = shape.object({ items: shape.list(message, 200), next, heads });
const qrCode = shape.object({ qr: shape.string(2_000), expiresAt: shape.integer() });

const PAGE = 100;
/** As many messages as one answer takes. */
export const MOST_MESSAGES = 200;

/** Reads the snapshot and puts it in place; answers its position, from which the live connection goes on. */
export async function join(): Promise<Heads> {
  // The position first: an account that changes in between is told again by the replay, and never missed.
  const page = await call('GET', `/api/conversations?limit=${PAGE}`, conversationPage);
  const [{ items }, labels, workspace] = await Promise.all([
    call('GET', '/api/accounts', accountList),
    call('GET', '/api/labels', labelList),
    call('GET', '/api/workspace', workspaceShape),
  ]);
  queue = [];
  const open = lastOpened(store.getState().inbox);
  store.setState({
    joined: true,
    inbox: { ...fromSnapshot(items, page.items, labels.items, workspace), windows: new Map(open && [open]) },
    progress: new Map(),
    next: page.next,
    horizon: horizonOf(page),
  });
  for (const { id, state } of items) if (state === 'QR') void readQr(id);
  if (open !== undefined) void readAgain(open[0]);
  return page.heads;
}

/** The window that the reader has before their eyes, or had last: it stays while it is read again. */
function lastOpened({ windows }: InboxState): readonly [string, MessageWindow] | undefined {
  const last = [...windows].at(-1);
  return last?.[1].before === undefined ? undefined : last;
}

/** After a resync: the newest page takes the place of what it covers; older messages stay, so that the reader keeps their place. */
async function readAgain(id: string): Promise<void> {
  try {
    await placed(
      () => call('GET', `/api/conversations/${id}/messages?limit=${MOST_MESSAGES}`, messagePage),
      (inbox, page) => {
        const known = inbox.windows.get(id);
        const from = known?.messages.findIndex((one) => one.id === page.items[0]?.id) ?? -1;
        const older = from < 0 ? [] : (known?.messages.slice(0, from) ?? []);
        const before = from < 0 ? page.next : known?.before;
        const window = { messages: [...older, ...page.items], before, atEnd: true };
        return { ...inbox, windows: new Map(inbox.windows).set(id, window) };
      },
      () => (concerned) => concerned === id,
    );
  } catch {
    // Out of reach: opened again, it is read from the start.
    changeInbox((inbox) => {
      const windows = new Map(inbox.windows);
      windows.delete(id);
      return { ...inbox, windows };
    });
  }
}

type ConversationPage = shape.Of<typeof conversationPage>;

function horizonOf({ items, next: more }: ConversationPage): number {
  return more === null ? 0 : (items.at(-1)?.lastAt ?? 0);
}

/** The code that is on show now, for a page that came after it was sent. */
async function readQr(id: string): Promise<void> {
  try {
    const code = await call('GET', `/api/accounts/${id}/qr`, qrCode);
    changeInbox((inbox) => ({ ...inbox, qrs: new Map(inbox.qrs).set(id, code) }));
  } catch {
    // Not in QR any more, or out of reach: the live connection tells what comes next.
  }
}

export function readConversations(query: Readonly<Record<string, string>>): Promise<ConversationPage> {
  const path = `/api/conversations?${new URLSearchParams({ ...query, limit: String(PAGE) })}`;
  return placed(
    () => call('GET', path, conversationPage),
    (inbox, { items }) => withConversations(inbox, items),
    notKnown,
  );
}

let readingNewest = false;

/** A conversation spoke that is too old to be in the list: now it is among the newest. */
async function readNewest(): Promise<void> {
  if (readingNewest) return;
  readingNewest = true;
  try {
    await readConversations({});
  } catch {
    // Out of reach: the next message asks again, and a resync brings everything.
  } finally {
    readingNewest = false;
  }
}

export async function readOlderConversations(): Promise<void> {
  const { next: cursor } = store.getState();
  if (cursor === null) return;
  const page = await readConversations({ cursor });
  store.setState(({ horizon }) => ({ next: page.next, horizon: Math.min(horizon, horizonOf(page)) }));
}
