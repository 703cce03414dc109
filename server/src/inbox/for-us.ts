// What we do to a message for ourselves alone: take it away, mark it with a star. It is true here at once; the account's other devices are told by an errand, and nobody else is.
import { CodedError } from '@pulseline/protocol';
import type { Handler, MessageRow, Rows } from '../store/port.ts';
import type { Errand, FactOf } from '../whatsapp/port.ts';
import { tellChange } from './change.ts';
import type { Commands } from './commands.ts';
import { findConversation } from './conversations.ts';
import { putErrand } from './errands.ts';
import { findMessage } from './find.ts';
import { targetOf } from './send-change.ts';
import { WorkingCopy } from './working-copy.ts';

type MessageState = Extract<Errand, { do: 'message-state' }>['change'];
type Of<K extends keyof Commands> = Handler<Commands[K]['input'], Commands[K]['output']>;

/** Errors: MESSAGE_NOT_FOUND. */
export const removeMessage: Of<'remove_message'> = {
  reads: ({ messageId, conversation }) => ({ messages: [messageId], quoting: true, ...named(conversation) }),
  decide(rows, { messageId, jobId }, now) {
    const [copy, row] = opened(rows, messageId, now);
    if (row.message.gone !== undefined) return copy.decision({ message: row.message });
    // What others have withdrawn is no more than a notice here; the phone still shows one too.
    tellOthers(copy, row, { kind: 'remove', at: row.message.timestamp }, jobId);
    return answered(copy, row, { kind: 'remove' });
  },
};

/** Errors: MESSAGE_NOT_FOUND, MESSAGE_NOT_CHANGEABLE for what is deleted. */
export const starMessage: Of<'star_message'> = {
  reads: ({ messageId, conversation }) => ({ messages: [messageId], ...named(conversation) }),
  decide(rows, { messageId, on, jobId }, now) {
    const [copy, row] = opened(rows, messageId, now);
    const { deleted, starred = false } = row.message;
    if (deleted === true) throw new CodedError('MESSAGE_NOT_CHANGEABLE', { detail: 'deleted' });
    if (starred === on) return copy.decision({ message: row.message });
    tellOthers(copy, row, { kind: 'star', on }, jobId);
    return answered(copy, row, { kind: 'star', on });
  },
};

/** The errand of a star was refused: the message is as it was before. */
export function undoStar(copy: WorkingCopy, errand: Errand, fact: FactOf<'job-done'>): void {
  if (errand.do !== 'message-state' || errand.change.kind !== 'star' || fact.error === 'LOGGED_OUT') return;
  const { target, change } = errand;
  const home = findConversation(copy, target.chat);
  const found = home && findMessage(copy, home, { key: target, fromMe: target.fromMe });
  if (found) tellChange(copy, found, { ...ours(copy), target, change: { kind: 'star', on: !change.on } });
}

function named(conversation: string | undefined) {
  return conversation === undefined ? {} : { conversations: [conversation] };
}

function opened(rows: Rows, id: string, now: number): readonly [WorkingCopy, MessageRow] {
  const row = rows.messages.find(({ message }) => message.id === id);
  if (row === undefined) throw new CodedError('MESSAGE_NOT_FOUND', { id });
  return [new WorkingCopy(rows, row.message.account, now), row];
}

function answered(copy: WorkingCopy, row: MessageRow, change: FactOf<'change'>['change']) {
  const target = { chat: { kind: 'person' } as const, waId: row.waId, fromMe: row.message.fromMe };
  tellChange(copy, row, { ...ours(copy), target, change });
  return copy.decision({ message: copy.message(row.message.id)?.message ?? row.message });
}

function ours(copy: WorkingCopy) {
  return { type: 'change', fromMe: true, at: copy.now } as const;
}

/** Not of what was imported or never left: no device knows it. */
function tellOthers(copy: WorkingCopy, row: MessageRow, change: MessageState, jobId: string | undefined): void {
  const home = copy.conversation(row.message.conversation);
  const { status } = row.message;
  if (jobId === undefined || home === undefined || home.conversation.readOnly === true) return;
  if (home.conversation.kind === 'status' || status === 'error' || status === 'pending') return;
  putErrand(copy, jobId, { do: 'message-state', target: targetOf(home, row), change });
}
