'use client';
// Messages of this tab between Enter and the server's answer: on the screen at once, each with its own command id, tried again without ever sending twice.
import type { Message } from '@pulseline/protocol';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { sendText } from './desk.ts';

export interface Unanswered {
  readonly commandId: string;
  readonly conversation: string;
  readonly text: string;
  /** What it answers. */
  readonly quote?: Message;
  /** When the reader pressed Enter, ms since epoch. */
  readonly at: number;
  /** Why the server could not be told; undefined while it is being told. */
  readonly error: unknown;
}

/** More than that at once means that the server is gone: the composer then keeps the text. */
const MAX_UNANSWERED = 200;

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
  void attempt({ ...message, ...(quote && { quote }) });
  return true;
}

/** The same command again: if it had arrived after all, the server answers with the same message. */
export function sendAgain(message: Unanswered): void {
  void attempt({ ...message, error: undefined });
}

async function attempt(message: Unanswered): Promise<void> {
  const { commandId, conversation, text, quote } = message;
  change(commandId, message);
  try {
    await sendText(conversation, commandId, text, quote?.id);
    change(commandId, undefined);
  } catch (error) {
    change(commandId, { ...message, error });
  }
}
