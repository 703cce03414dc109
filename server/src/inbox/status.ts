// How far a message of ours has come: the status only rises, but for a refusal of what is pending and a retry of what was refused.
import {
  CodedError,
  explain,
  type Language,
  type Message,
  type MessageStatus,
  messageStatuses,
  type Reason,
  statusRises,
  withStatus,
} from '@pulseline/protocol';
import type { JobRow, MessageRow } from '../store/port.ts';
import type { Chat, FactOf } from '../whatsapp/port.ts';
import { bareAddress, isLid, isPhoneAddress } from './address.ts';
import { keepReceipt, receive, setRecipients } from './group-receipt.ts';
import { mediaOfJob } from './identifiers.ts';
import { settleChange } from './send-change.ts';
import type { WorkingCopy } from './working-copy.ts';

/** A receipt. If its message is not known yet it is kept, and applied when the message comes. */
export function foldStatus(copy: WorkingCopy, fact: FactOf<'status'>): void {
  const ofMember = fact.chat.kind !== 'person' && fact.reader !== undefined;
  for (const waId of new Set(fact.waIds)) {
    const own = copy.messagesWith(waId).filter(({ message }) => message.fromMe && isIn(message, fact.chat));
    for (const row of own) {
      // One member's receipt says nothing of the others, and WhatsApp's ticks mean everybody; that it has left is certain.
      const status = ofMember ? (receive(copy, row, fact) ?? 'sent') : fact.status;
      raiseStatus(copy, row.message.id, status, fact.at);
    }
    if (own.length > 0) continue;
    if (ofMember) {
      keepReceipt(copy, waId, fact);
      continue;
    }
    const { status } = fact;
    if (!statusRises('sent', status)) continue;
    if (statusRises(earlyStatus(copy, waId), status)) copy.putEarly({ waId, slot: SLOT, data: status, at: fact.at });
  }
}

/** A receipt from a person may name the other of that person's two addresses, so only the kind of chat must agree. */
function isIn({ to }: Message, chat: Chat): boolean {
  if (chat.kind === 'person') return isPhoneAddress(to) || isLid(to);
  return to === bareAddress(chat.address);
}

/** The server's word on a send: taken, or refused. A refusal of what WhatsApp already has is an echo of a resend, and ignored. */
export function foldAcked(copy: WorkingCopy, { waId, error, at }: FactOf<'acked'>, language: Language): void {
  const job = copy.jobs().find((row) => row.type === 'send' && row.waId === waId);
  const own = copy.messagesWith(waId).filter(({ message }) => message.fromMe);
  if (job !== undefined && own.length === 0) return settleChange(copy, job, error, at, language);
  settle(copy, job, own, error, at, language);
}

/** The bytes are about to leave: from now on the same content is sent again. */
export function foldSending(copy: WorkingCopy, { job, content, recipients, preview, source }: FactOf<'sending'>): void {
  const row = copy.job(job);
  const file = copy.media(mediaOfJob(job));
  // WhatsApp has it from now on: should the bytes here have to make room, they can be fetched again.
  if (file && source) copy.putMedia({ ...file, source: JSON.stringify(source) });
  if (row && row.state !== 'done') copy.putJob({ ...row, state: 'sending', content });
  if (row?.messageId !== undefined && recipients) setRecipients(copy, row.messageId, recipients);
  const sent = row?.messageId === undefined ? undefined : copy.message(row.messageId);
  if (sent === undefined || preview === undefined || sent.message.deleted === true) return;
  const message = { ...sent.message, preview };
  copy.putMessage({ ...sent, message });
  copy.emit('message_update', message);
}

/** The end of a job that needs no ack; for a send, an error means that it cannot be sent at all. */
export function foldJobDone(copy: WorkingCopy, { job, error }: FactOf<'job-done'>, language: Language): void {
  const row = copy.job(job);
  if (row === undefined) return;
  const message = row.messageId === undefined ? undefined : copy.message(row.messageId);
  settle(copy, row, message ? [message] : [], error, copy.now, language);
}

/** Words of our own for why nothing was sent. */
const OURS: ReadonlyMap<string, 'SEND_LOGGED_OUT' | 'MEDIA_GONE' | 'SEND_CANCELLED'> = new Map([
  ['LOGGED_OUT', 'SEND_LOGGED_OUT'],
  ['MEDIA_GONE', 'MEDIA_GONE'],
  ['SEND_CANCELLED', 'SEND_CANCELLED'],
]);

/** A send that has not begun is not wanted any more. */
export function cancelSend(copy: WorkingCopy, job: JobRow, message: MessageRow, language: Language): void {
  settle(copy, job, [message], 'SEND_CANCELLED', copy.now, language);
}

function settle(
  copy: WorkingCopy,
  job: JobRow | undefined,
  messages: readonly MessageRow[],
  error: string | undefined,
  at: number,
  language: Language,
): void {
  if (error === undefined) {
    if (job && job.state !== 'done') copy.putJob({ ...job, state: 'done' });
    for (const { message } of messages) raiseStatus(copy, message.id, 'sent', at);
    return;
  }
  const pending = messages.filter(({ message }) => message.status === 'pending');
  if (job && job.state !== 'done' && pending.length === messages.length) copy.putJob({ ...job, state: 'refused' });
  // Our own word: WhatsApp never saw it.
  const code = OURS.get(error) ?? 'SEND_REFUSED';
  const reason = { code, ...explain(code, language, { code: error }) };
  for (const row of pending) setStatus(copy, row, 'error', at, reason);
}

/** Sets the status if it is higher than the present one. */
export function raiseStatus(copy: WorkingCopy, id: string, status: MessageStatus, at: number): void {
  const row = copy.message(id);
  if (row && statusRises(row.message.status, status)) setStatus(copy, row, status, at);
}

/** Sets the status, whatever it was, and tells it; a cleared error is told as other content too. */
export function setStatus(copy: WorkingCopy, row: MessageRow, status: MessageStatus, at: number, error?: Reason): void {
  const message = withStatus(row.message, { status, ...(error && { error }) });
  copy.putMessage({ ...row, message });
  const { id, account, conversation } = message;
  copy.emit('message_status', {
    account,
    messageId: id,
    conversation,
    status,
    at: Math.floor(at),
    ...(error && { error }),
  });
  if (row.message.error && !error) copy.emit('message_update', message);
}

/** The status of a message that comes now: the highest of what we know and what came before it. The kept one is used up. */
export function earlyStatusOf(copy: WorkingCopy, waId: string, known: MessageStatus): MessageStatus {
  const early = earlyStatus(copy, waId);
  copy.removeEarly(waId, SLOT);
  return early !== undefined && statusRises(known, early) ? early : known;
}

const SLOT = 'status';

function earlyStatus(copy: WorkingCopy, waId: string): MessageStatus | undefined {
  return parseStatus(copy.early(waId).find(({ slot }) => slot === SLOT)?.data);
}

function parseStatus(text: string | undefined): MessageStatus | undefined {
  const status = messageStatuses.find((word) => word === text);
  if (text !== undefined && status === undefined) throw new CodedError('INTERNAL', { id: `status ${text}` });
  return status;
}
