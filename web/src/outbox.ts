'use client';
// Messages of this browser between Enter and the server's answer: on the screen at once, kept over a reload, each with its own command id, tried again without ever sending twice.
import { withOwnMessage } from '@pulseline/client';
import { type Message, message as messageShape, shape } from '@pulseline/protocol';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { changeInbox, onMerge } from './desk.ts';
import { dropUnsent, keepUnsent, keptUnsent, shelf, type Unsent } from './kept.ts';
import { call, RestError } from './rest.ts';

const sent = shape.object({ message: messageShape });

export interface Unanswered extends Unsent {
  /** What it answers; after a reload only its id is known. */
  readonly quote?: Message;
  /** Why the server refused it; undefined while it is being told, or waits for the server to be there again. */
  readonly error: unknown;
}

/** More than that at once means that the server is gone for long: the composer then keeps the text. */
const MAX_UNANSWERED = 200;
/** While the server cannot be reached it is tried again after so many ms; a connection that opens comes sooner. */
const TRY_EVERY = 5_000;

type Outbox = ReadonlyMap<string, Unanswered>;
const store = createStore<{ readonly outbox: Outbox }>(() => ({ outbox: new Map() }));

export function useOutbox(): Outbox {
  return useStore(store, ({ outbox }) => outbox);
}

function change(commandId: string, to: Unanswered | undefined): void {
  store.setState(({ outbox }) => {
    const next = new Map(outbox);
    if (to === undefined) next.delete(commandId);
    else next.set(commandId, to);
    return { outbox: next };
  });
}

/** Shows the text and sends it. False if there is no room: nothing was taken. */
export function send(conversation: string, text: string, quote?: Message): boolean {
  if (store.getState().outbox.size >= MAX_UNANSWERED) return false;
  const message = { commandId: crypto.randomUUID(), conversation, text, at: Date.now(), error: undefined };
  enter({ ...message, ...(quote && { quote, quoteId: quote.id }) });
  return true;
}

/** Was it sent from this tab? Commands of the last sends are remembered. */
export function isOurs(commandId: string | undefined): boolean {
  return commandId !== undefined && own.has(commandId);
}

const own = new Set<string>();
const MAX_OWN = 1_000;

/** The same command again: if it had arrived after all, the server answers with the same message. */
export function sendAgain(message: Unanswered): void {
  enter({ ...message, error: undefined });
}

function enter(message: Unanswered): void {
  own.add(message.commandId);
  for (const oldest of own)
    if (own.size > MAX_OWN) own.delete(oldest);
    else break;

  change(message.commandId, message);
  keepUnsent(shelf(), message);
  void work(message.conversation);
}

/** Takes over what an earlier page of this browser could not tell the server. Other tabs may do the same: a command counts once. */
export function takeUpUnsent(): void {
  for (const unsent of keptUnsent(shelf())) {
    own.add(unsent.commandId);
    if (!store.getState().outbox.has(unsent.commandId)) change(unsent.commandId, { ...unsent, error: undefined });
  }
  tryAll();
}

/** The server is there again. */
export function tryAll(): void {
  for (const { conversation } of store.getState().outbox.values()) void work(conversation);
}

/** The conversation has become part of another one. */
function moveUnsent(from: string, into: string): void {
  for (const message of store.getState().outbox.values()) {
    if (message.conversation !== from) continue;
    const moved = { ...message, conversation: into };
    change(message.commandId, moved);
    if (message.error === undefined) keepUnsent(shelf(), moved);
  }
  void work(into);
}

const working = new Set<string>();
let again: ReturnType<typeof setTimeout> | undefined;

/** Sends what waits in a conversation, one after the other: the order of writing is the order of arriving. */
async function work(conversation: string): Promise<void> {
  if (working.has(conversation)) return;
  working.add(conversation);
  try {
    for (let next = nextOf(conversation); next !== undefined; next = nextOf(conversation)) {
      if (!(await attempt(next))) return;
    }
  } finally {
    working.delete(conversation);
  }
}

function nextOf(conversation: string): Unanswered | undefined {
  return [...store.getState().outbox.values()].find(
    (one) => one.conversation === conversation && one.error === undefined,
  );
}

/** False if the server was out of reach: nothing behind it may overtake it. */
async function attempt(message: Unanswered): Promise<boolean> {
  const { commandId, conversation, text, quoteId } = message;
  try {
    await sendText(conversation, commandId, text, quoteId);
    change(commandId, undefined);
    dropUnsent(shelf(), commandId);
    return true;
  } catch (error) {
    if (error instanceof RestError && (error.code === 'UNREACHABLE' || error.code === 'TIMEOUT')) {
      clearTimeout(again);
      again = setTimeout(tryAll, TRY_EVERY);
      return false;
    }
    // A refusal is the reader's to answer; it goes with the page.
    change(commandId, { ...message, error });
    dropUnsent(shelf(), commandId);
    return true;
  }
}

onMerge(moveUnsent);

/** Perhaps as an answer to a message; the same `commandId` again sends nothing twice. */
async function sendText(id: string, commandId: string, text: string, quote?: string): Promise<void> {
  const body = { commandId, conversation: id, text, ...(quote !== undefined && { quote }) };
  const answer = await call('POST', '/api/messages', sent, body);
  changeInbox((inbox) => withOwnMessage(inbox, answer.message));
}
