// What we do to a message that is there: kept as a job before it is tried, and true as soon as WhatsApp has taken it; a refusal is told on the message.
import { CodedError, explain, type Language, type Message } from '@pulseline/protocol';
import type { ConversationRow, Handler, JobRow, MessageRow } from '../store/port.ts';
import type { Change, Job, Target } from '../whatsapp/port.ts';
import { bareAddress, isLid, isPhoneAddress } from './address.ts';
import { ourForms, writerForms } from './bearing.ts';
import { changed, isAdmin, tellChange } from './change.ts';
import type { Commands, EnqueueChange } from './commands.ts';
import { chatOf, checkWritable } from './conversations.ts';
import { mediaId, sendJobId } from './identifiers.ts';
import { captioned } from './media.ts';
import { MAX_BODY } from './text.ts';
import { hashOf, sealVote } from './votes.ts';
import { WorkingCopy } from './working-copy.ts';

type SendJob = Extract<Job, { type: 'send' }>;
type Asked = NonNullable<SendJob['change']>;

/** WhatsApp's own clients take no edit that is older, ms. */
const EDIT_WITHIN = 15 * 60_000;
/** Nor a withdrawal, ms. */
const REVOKE_WITHIN = 60 * 3_600_000;
/** Messages of one account that may wait in the outbox: an hour's work at WhatsApp's usual pace, and far more than a team writes. */
export const MAX_QUEUED_SENDS = 2_000;

export const enqueueChange: Handler<EnqueueChange, Commands['enqueue_change']['output']> = {
  reads: ({ account, conversation, group, messageId, commandId, waId }) => ({
    account,
    queueLength: true,
    conversations: [conversation],
    messages: [messageId],
    media: [mediaId(messageId)],
    commands: [commandId],
    waIds: [waId],
    ...(group !== undefined && { membersOf: [bareAddress(group)] }),
  }),

  decide(rows, input, now) {
    const copy = new WorkingCopy(rows, input.account, now);
    const row = copy.message(input.messageId);
    const home = row && copy.conversation(row.message.conversation);
    if (row === undefined || home === undefined || row.message.account !== copy.account.id) {
      throw new CodedError('MESSAGE_NOT_FOUND', { id: input.messageId });
    }
    checkWritable(home);
    const text = textOf(input);
    const { kind } = input.change;
    const earlier = copy.jobs().find((job) => job.commandId === input.commandId);
    if (earlier) {
      const job: SendJob = JSON.parse(earlier.body);
      const same = earlier.messageId === row.message.id && job.change?.kind === kind && job.text === text;
      if (!same) throw new CodedError('COMMAND_REUSED');
      return copy.decision({ message: row.message, repeated: true });
    }
    if (copy.messagesWith(input.waId).length > 0) throw new CodedError('COMMAND_REUSED');
    checkRoom(copy);
    refuse(copy, home, row, input);
    const id = sendJobId(input.waId);
    const media = kind === 'edit' ? captioned(copy, row.message) : undefined;
    const job: SendJob = {
      id,
      account: input.account,
      type: 'send',
      waId: input.waId,
      to: chatOf(home),
      text,
      ...(media && { media }),
      change: asking(copy, home, row, input),
    };
    copy.putJob({
      id,
      account: input.account,
      type: job.type,
      state: 'queued',
      body: JSON.stringify(job),
      commandId: input.commandId,
      messageId: row.message.id,
      waId: input.waId,
      createdAt: copy.now,
    });
    return copy.decision({ message: row.message, repeated: false });
  },
};

/** Errors: SEND_QUEUE_FULL. What is asked for must have read the queue's length. */
export function checkRoom({ queued }: WorkingCopy): void {
  if (queued >= MAX_QUEUED_SENDS) throw new CodedError('SEND_QUEUE_FULL', { max: MAX_QUEUED_SENDS });
}

/** By which the same command is known again, and what WhatsApp gets of a text. */
function textOf({ change }: EnqueueChange): string {
  switch (change.kind) {
    case 'reaction':
      return change.emoji;
    case 'edit':
      return change.text;
    case 'revoke':
      return '';
    case 'pin':
      return String(change.seconds);
    case 'vote':
      return JSON.stringify(change.options);
  }
}

function asking(copy: WorkingCopy, home: ConversationRow, row: MessageRow, { change }: EnqueueChange): Asked {
  const target = targetOf(home, row);
  if (change.kind === 'pin') return { ...change, target };
  if (change.kind !== 'vote') return { kind: change.kind, target };
  const names = chosenBy(row.message, change.options);
  const [creator, voter] = addressesFor(copy, row, target);
  const ballot = { poll: row.waId, creator, voter, secret: row.secret ?? '' };
  return { kind: 'vote', target, sealed: sealVote(ballot, names, change.iv), chosen: names.map(hashOf), at: copy.now };
}

/** Names of options. Errors: BAD_REQUEST for what is none, or for too many. */
function chosenBy({ poll }: Message, options: readonly (string | number)[]): readonly string[] {
  const names = (poll?.options ?? []).map(({ name }) => name);
  const chosen = new Set(
    options.map((each) => (typeof each === 'number' ? names[each] : names.find((name) => name === each))),
  );
  const most = poll?.selectable || names.length;
  if (chosen.has(undefined))
    throw new CodedError('BAD_REQUEST', { detail: 'options: expected names or places of options' });
  if (chosen.size > most) throw new CodedError('BAD_REQUEST', { detail: `options: at most ${most}` });
  return [...chosen].flatMap((name) => name ?? []);
}

/** Whose poll it is and who votes, both in the form that the chat is addressed by. */
function addressesFor(copy: WorkingCopy, row: MessageRow, target: Target): readonly [string, string] {
  const ours = [...ourForms(copy)];
  const theirs = [...(row.message.fromMe ? ours : [...writerForms(copy, row.message, target.author), row.author])];
  const isForm = target.chat.kind === 'person' ? isPhoneAddress : isLid;
  const [creator, voter] = [theirs.find(isForm), ours.find(isForm)];
  if (creator !== undefined && voter !== undefined) return [creator, voter];
  return [theirs.find((each) => each !== '') ?? '', ours[0] ?? ''];
}

/** Errors: MESSAGE_NOT_CHANGEABLE, BAD_REQUEST. */
function refuse(
  copy: WorkingCopy,
  home: ConversationRow,
  { message, secret }: MessageRow,
  { change }: EnqueueChange,
): void {
  const hasSecret = secret !== undefined;
  const no = (detail: string): never => {
    throw new CodedError('MESSAGE_NOT_CHANGEABLE', { detail });
  };
  const { kind } = home.conversation;
  if (kind !== 'person' && kind !== 'group') no(`a ${kind}`);
  if (message.deleted === true) no('deleted');
  if (message.status === 'error') no('never sent');
  const age = copy.now - message.timestamp;
  switch (change.kind) {
    case 'vote':
      if (message.poll === undefined) no(message.kind);
      if (!hasSecret) no('a poll whose secret is not known');
      return;
    case 'reaction':
      if (message.kind === 'system' || message.kind === 'call') no(message.kind);
      return;
    case 'edit':
      if (change.text === '' || change.text.length > MAX_BODY) {
        throw new CodedError('BAD_REQUEST', { detail: `text of 1 to ${MAX_BODY} characters` });
      }
      if (!message.fromMe) no('not ours');
      if (message.kind !== 'text' && !canBeRead(copy, message)) no(message.kind);
      if (age > EDIT_WITHIN) no('older than 15 minutes');
      return;
    case 'pin':
      if (!PIN_TIMES.includes(change.seconds))
        throw new CodedError('BAD_REQUEST', { detail: `seconds: expected one of ${PIN_TIMES.join(', ')}` });
      if (message.kind === 'system' || message.kind === 'call') no(message.kind);
      return;
    case 'revoke':
      if (age > REVOKE_WITHIN) no('older than 60 hours');
      if (!message.fromMe && !isAdmin(copy, { target: { chat: chatOf(home) }, fromMe: true })) no('not ours');
  }
}

/** Has it a caption, and is the rest of it known, which the change of a caption says once more? */
function canBeRead(copy: WorkingCopy, { id, kind, media }: Message): boolean {
  if (media === undefined || !CAPTIONED.has(kind)) return false;
  return copy.job(sendJobId(id))?.content !== undefined || copy.media(media.id)?.source !== undefined;
}

const CAPTIONED: ReadonlySet<Message['kind']> = new Set<Message['kind']>(['image', 'video', 'gif', 'document']);
/** WhatsApp's own clients let one choose among these, s; 0 = no longer. */
const PIN_TIMES: readonly number[] = [0, 86_400, 7 * 86_400, 30 * 86_400];

/** How WhatsApp names a message that we have. */
export function targetOf(home: ConversationRow, row: MessageRow): Target {
  const chat = chatOf(home);
  const { fromMe, author } = row.message;
  const forms = [row.author, author ?? ''];
  const [pn, lid] = [forms.find(isPhoneAddress), forms.find(isLid)];
  const named = !fromMe && chat.kind !== 'person' && { author: { ...(pn && { pn }), ...(lid && { lid }) } };
  return { chat, waId: row.waId, fromMe, ...named };
}

/** What has been done when WhatsApp has taken the job. */
function doneBy(asked: Asked, text: string, at: number): Change {
  switch (asked.kind) {
    case 'reaction':
      return { kind: 'reaction', emoji: text };
    case 'edit':
      return { kind: 'edit', body: text };
    case 'revoke':
      return { kind: 'revoke' };
    case 'pin':
      return { kind: 'pin', until: asked.seconds > 0 ? Math.floor(at) + asked.seconds * 1_000 : 0 };
    case 'vote':
      return { kind: 'vote', chosen: asked.chosen };
  }
}

/** WhatsApp's word on a change of ours: only now it is true, or the message says why not. A second word changes nothing. */
export function settleChange(
  copy: WorkingCopy,
  job: JobRow,
  error: string | undefined,
  at: number,
  language: Language,
): void {
  if (job.state === 'done' || (error !== undefined && job.state === 'refused')) return;
  copy.putJob({ ...job, state: error === undefined ? 'done' : 'refused' });
  const row = job.messageId === undefined ? undefined : copy.message(job.messageId);
  const { change, text }: SendJob = JSON.parse(job.body);
  if (row === undefined || change === undefined) return;
  if (error !== undefined) {
    const code = 'CHANGE_REFUSED';
    const message: Message = { ...row.message, error: { code, ...explain(code, language, { code: error }) } };
    copy.putMessage({ ...row, message });
    return copy.emit('message_update', message);
  }
  const fact = { type: 'change', target: change.target, change: doneBy(change, text, at), fromMe: true, at } as const;
  const { error: told, ...rest } = row.message;
  if (told === undefined || row.message.status === 'error') return tellChange(copy, row, fact);
  // An earlier refusal is out of date: that is other content, whatever the change itself brings.
  const message = changed(copy, rest, fact, row.secret);
  copy.putMessage({ ...row, message });
  copy.emit('message_update', message);
}
