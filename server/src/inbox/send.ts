// Sending: a message is in the log as pending, and its job in the outbox, before anything is tried; one command makes one message, however often it comes.
import { CodedError, type Message } from '@pulseline/protocol';
import type { ConversationRow, Handler, JobRow } from '../store/port.ts';
import type { Job } from '../whatsapp/port.ts';
import { parseRecipient, recipientOf } from './address.ts';
import type { Commands, EnqueueSend } from './commands.ts';
import { addressesOf, chatOf, conversationFor, findConversation } from './conversations.ts';
import { messageId, sendJobId } from './identifiers.ts';
import { addNewMessage, liveOrd, MAX_BODY } from './message.ts';
import { setStatus } from './status.ts';
import { WorkingCopy } from './working-copy.ts';

export const enqueueSend: Handler<EnqueueSend, Commands['enqueue_send']['output']> = {
  reads({ account, commandId, waId, to }) {
    const named = { account, commands: [commandId], waIds: [waId] };
    if ('conversation' in to) return { ...named, conversations: [to.conversation] };
    const chat = recipientOf(to.address);
    return { ...named, addresses: chat ? addressesOf(chat) : [] };
  },

  decide(rows, input, now) {
    const copy = new WorkingCopy(rows, input.account, now);
    const { account } = copy;
    if (input.text === '') throw new CodedError('BAD_REQUEST', { detail: 'text is empty' });
    if (input.text.length > MAX_BODY) {
      throw new CodedError('BAD_REQUEST', { detail: `text is longer than ${MAX_BODY} characters` });
    }
    const earlier = copy.jobs().find((job) => job.commandId === input.commandId);
    if (earlier) return copy.decision({ message: sameMessage(copy, earlier, input), repeated: true });

    const me = account.me;
    if (me === undefined) throw new CodedError('ACCOUNT_NOT_READY', { state: account.state });
    const row = recipient(copy, input);
    const { conversation } = row;
    if (conversation.kind !== 'person' && conversation.kind !== 'group') {
      throw new CodedError('BAD_ADDRESS', { to: conversation.address });
    }
    const id = messageId(account.id, conversation.id, '', input.waId);
    if (copy.message(id)) throw new CodedError('COMMAND_REUSED');
    const message: Message = {
      id,
      account: account.id,
      conversation: conversation.id,
      stream: account.stream,
      seq: copy.nextSeq,
      from: me.id,
      to: conversation.address,
      fromMe: true,
      kind: 'text',
      body: input.text,
      timestamp: copy.now,
      status: 'pending',
      commandId: input.commandId,
    };
    const ord = liveOrd(copy, row, 0);
    addNewMessage(copy, row, { message, waId: input.waId, author: '', ord });
    const jobId = sendJobId(id);
    const job: Job = {
      id: jobId,
      account: account.id,
      type: 'send',
      waId: input.waId,
      to: chatOf(row),
      text: input.text,
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
  const same =
    message !== undefined &&
    message.account === input.account &&
    message.body === input.text &&
    message.conversation === recipientId(copy, input);
  if (!same) throw new CodedError('COMMAND_REUSED');
  return message;
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
    const job = rows.jobs.find((other) => other.messageId === id);
    if (row === undefined) throw new CodedError('MESSAGE_NOT_FOUND');
    const copy = new WorkingCopy(rows, row.message.account, now);
    if (row.message.status !== 'error') return copy.decision({ message: row.message });
    if (job === undefined) throw new CodedError('BAD_REQUEST', { detail: 'this message was not sent from here' });
    setStatus(copy, row, 'pending', copy.now);
    copy.putJob({ ...job, state: 'queued' });
    return copy.decision({ message: copy.message(id)?.message ?? row.message });
  },
};
