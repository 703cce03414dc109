// Sending: a message is in the log as pending, and its job in the outbox, before anything is tried; one command makes one message, however often it comes.
import { type Account, CodedError, type Message } from '@pulseline/protocol';
import type { ConversationRow, Handler, JobRow } from '../store/port.ts';
import type { Job, Party } from '../whatsapp/port.ts';
import { parseRecipient, recipientOf } from './address.ts';
import { bearing } from './bearing.ts';
import type { Commands, EnqueueSend } from './commands.ts';
import { addressesOf, chatOf, checkWritable, conversationFor, findConversation } from './conversations.ts';
import { phoneForm } from './find.ts';
import { mediaId, messageId, sendJobId } from './identifiers.ts';
import { outgoing, passedOn } from './media.ts';
import { addNewMessage, liveOrd, withTimer } from './message.ts';
import { sameSaying, sayingOf } from './saying.ts';
import { checkRoom, targetOf } from './send-change.ts';
import { setStatus } from './status.ts';
import { WorkingCopy } from './working-copy.ts';

type SendJob = Extract<Job, { type: 'send' }>;

export const enqueueSend: Handler<EnqueueSend, Commands['enqueue_send']['output']> = {
  reads({ account, commandId, waId, to, quote, forward, media, mentions = [] }) {
    const people = mentions.flatMap((each) => {
      const chat = recipientOf(each);
      return chat ? addressesOf(chat) : [];
    });
    const messages = [quote, forward].filter((id) => id !== undefined);
    const files = { media: [media?.id, forward && mediaId(forward)].filter((id) => id !== undefined) };
    const named = { account, queueLength: true, commands: [commandId], waIds: [waId], messages, ...files };
    if ('conversation' in to) return { ...named, addresses: people, conversations: [to.conversation] };
    const chat = recipientOf(to.address);
    return { ...named, addresses: [...(chat ? addressesOf(chat) : []), ...people] };
  },

  decide(rows, input, now) {
    const copy = new WorkingCopy(rows, input.account, now);
    const { account } = copy;
    const earlier = copy.jobs().find((job) => job.commandId === input.commandId);
    if (earlier) return copy.decision({ message: sameMessage(copy, earlier, input), repeated: true });

    const me = account.me;
    if (me === undefined || !hasLogin(account)) throw new CodedError('ACCOUNT_NOT_READY', { state: account.state });
    checkRoom(copy);
    const row = recipient(copy, input);
    checkWritable(row);
    const { conversation } = row;
    if (conversation.kind !== 'person' && conversation.kind !== 'group') {
      throw new CodedError('BAD_ADDRESS', { to: conversation.address });
    }
    const id = messageId(account.id, conversation.id, '', input.waId);
    if (copy.message(id)) throw new CodedError('COMMAND_REUSED');
    const { kind, body, text, bears } = sayingOf(copy, input, conversation);
    const file = outgoing(copy, id, input.media) ?? passedOn(copy, id, input.forward);
    // Told at once: a refusal stands on the notice.
    const home = withTimer(copy, row, bears.timer);
    const quoted = quotedBy(copy, row, input);
    const mentioned = mentionedBy(copy, input);
    const message: Message = {
      id,
      account: account.id,
      conversation: conversation.id,
      stream: account.stream,
      seq: copy.nextSeq,
      from: me.id,
      to: conversation.address,
      fromMe: true,
      kind,
      // As one that comes in: what has no words is found by the name of its file.
      body: body || (kind === 'document' ? (file?.shown.name ?? '') : ''),
      ...(file && { media: file.shown }),
      timestamp: copy.now,
      status: 'pending',
      ...bearing(copy, conversation.id, { content: bears, timestamp: copy.now }),
      commandId: input.commandId,
      ...(quoted && { quote: quoted.shown }),
      ...(mentioned.shown.length > 0 && { mentions: mentioned.shown }),
    };
    const ord = liveOrd(copy, row, 0);
    copy.count('commanded');
    const { secret } = bears;
    const opens = secret !== undefined && { secret };
    addNewMessage(copy, home, { message, waId: input.waId, author: '', ord, ...opens });
    if (file) copy.putMedia(file.row);
    const jobId = sendJobId(id);
    const job: SendJob = {
      id: jobId,
      account: account.id,
      type: 'send',
      waId: input.waId,
      to: chatOf(row),
      text,
      ...(Object.keys(bears).length > 0 && { bears }),
      ...(file && { media: file.sent }),
      ...(input.forward !== undefined && { forward: input.forward }),
      ...(quoted && { quoted: quoted.sent }),
      ...(mentioned.sent.length > 0 && { mentions: mentioned.sent }),
    };
    copy.putJob({
      id: jobId,
      account: account.id,
      type: job.type,
      state: 'queued',
      body: JSON.stringify(job),
      commandId: input.commandId,
      messageId: id,
      waId: input.waId,
      createdAt: copy.now,
    });
    return copy.decision({ message, repeated: false });
  },
};

/** Errors: MESSAGE_NOT_FOUND unless it is a message of this conversation. */
function quotedBy(copy: WorkingCopy, home: ConversationRow, { quote }: EnqueueSend) {
  if (quote === undefined) return undefined;
  const found = copy.message(quote);
  if (found?.message.conversation !== home.conversation.id) throw new CodedError('MESSAGE_NOT_FOUND', { id: quote });
  const { id, body, fromMe, from, author } = found.message;
  const shown = { id, author: (fromMe ? undefined : author) ?? from, body };
  return { shown, sent: { ...targetOf(home, found), body } };
}

/** Whom a text names, as outsiders see them and as WhatsApp gets them. Errors: BAD_ADDRESS. */
function mentionedBy(copy: WorkingCopy, { mentions = [] }: EnqueueSend) {
  const people = mentions.map((each): Party => {
    const chat = parseRecipient(each);
    if (chat.kind !== 'person') throw new CodedError('BAD_ADDRESS', { to: each.slice(0, 100) });
    return chat;
  });
  const shown = people.flatMap((party) => phoneForm(copy, party) ?? []);
  return { shown, sent: shown };
}

/** Between two logins nothing is taken in: what waits would go out under the next one, which may be somebody else's. */
function hasLogin({ state }: Account): boolean {
  return state !== 'LOGGED_OUT' && state !== 'QR' && state !== 'AUTHENTICATED';
}

/** Errors: CONVERSATION_NOT_FOUND, BAD_ADDRESS. */
function recipient(copy: WorkingCopy, { to }: EnqueueSend): ConversationRow {
  if ('address' in to) return conversationFor(copy, parseRecipient(to.address), copy.now);
  const row = copy.conversation(to.conversation);
  if (row?.conversation.account !== copy.account.id) throw new CodedError('CONVERSATION_NOT_FOUND');
  return row;
}

/** The message of an earlier command with this id. Errors: COMMAND_REUSED if that one said something else. */
function sameMessage(copy: WorkingCopy, earlier: JobRow, input: EnqueueSend): Message {
  const message = earlier.messageId === undefined ? undefined : copy.message(earlier.messageId)?.message;
  const job: SendJob = JSON.parse(earlier.body);
  const same =
    message !== undefined &&
    message.account === input.account &&
    // Of what was taken away nothing is left to compare.
    (message.deleted === true || isSame(copy, job, message, input));
  if (!same) throw new CodedError('COMMAND_REUSED');
  return message;
}

function isSame(copy: WorkingCopy, job: SendJob, message: Message, input: EnqueueSend): boolean {
  return (
    // Not the message's own text: that may have been edited since.
    (input.forward !== undefined || job.text === input.text) &&
    sameSaying(job, input) &&
    job.media?.upload === input.media?.id &&
    job.change === undefined &&
    message.quote?.id === input.quote &&
    (message.mentions?.length ?? 0) === (input.mentions?.length ?? 0) &&
    message.conversation === recipientId(copy, input)
  );
}

/** Whom a command means, without making anything. Errors: BAD_ADDRESS. */
function recipientId(copy: WorkingCopy, { to }: EnqueueSend): string | undefined {
  if ('conversation' in to) return to.conversation;
  return findConversation(copy, parseRecipient(to.address))?.conversation.id;
}

type RetrySend = Commands['retry_send'];

/** The same message again, under the same WhatsApp id. One that is not refused stays as it is: asking twice is harmless. */
export const retrySend: Handler<RetrySend['input'], RetrySend['output']> = {
  reads: ({ messageId: id }) => ({ messages: [id] }),
  decide(rows, { messageId: id }, now) {
    const row = rows.messages.find(({ message }) => message.id === id);
    const job = rows.jobs.find((other) => other.id === sendJobId(id));
    if (row === undefined) throw new CodedError('MESSAGE_NOT_FOUND');
    const copy = new WorkingCopy(rows, row.message.account, now);
    if (row.message.deleted === true) throw new CodedError('MESSAGE_NOT_CHANGEABLE', { detail: 'deleted' });
    if (row.message.status !== 'error') return copy.decision({ message: row.message });
    if (!hasLogin(copy.account)) throw new CodedError('ACCOUNT_NOT_READY', { state: copy.account.state });
    if (job === undefined) throw new CodedError('BAD_REQUEST', { detail: 'this message was not sent from here' });
    setStatus(copy, row, 'pending', copy.now);
    copy.putJob({ ...job, state: 'queued' });
    return copy.decision({ message: copy.message(id)?.message ?? row.message });
  },
};
