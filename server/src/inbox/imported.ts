// An exported chat as a conversation that can only be read: its messages are history, told by one `conversation_update`. Nothing of it ever leads to WhatsApp.
import { createHash } from 'node:crypto';
import type { Message } from '@pulseline/protocol';
import type { ConversationRow, Handler } from '../store/port.ts';
import type { Commands, ImportChat, ImportedMessage } from './commands.ts';
import { announce } from './conversations.ts';
import { conversationId, messageId } from './identifiers.ts';
import { clip } from './text.ts';
import { WorkingCopy } from './working-copy.ts';

export const importChat: Handler<ImportChat, Commands['import_chat']['output']> = {
  reads: (input) => ({
    account: input.account,
    conversations: [conversationOf(input)],
    messages: input.messages.map((message) => idOf(input, message)),
  }),
  decide(rows, input, now) {
    const copy = new WorkingCopy(rows, input.account, now);
    const id = conversationOf(input);
    const found = copy.conversation(id);
    const row = found ?? announce(copy, newConversation(copy, input));
    const added = input.messages.filter((message) => copy.message(idOf(input, message)) === undefined);
    for (const message of added) {
      const ord = Math.max(message.at * 1_000, copy.lastOrd(id) + 1);
      copy.putMessage({ message: messageOf(copy, row, input, message), waId: waIdOf(message), author: '', ord });
    }
    // Told once, when all is there: until then the conversation stays as it was told.
    const newest = input.last ? added.at(-1) : undefined;
    if (newest === undefined) return copy.decision({ conversation: row.conversation, added: added.length });
    const lastMessage = messageOf(copy, row, input, newest);
    const whole = announce(copy, { ...row, conversation: { ...row.conversation, lastMessage, lastAt: newest.at } });
    return copy.decision({ conversation: whole.conversation, added: added.length });
  },
};

function newConversation(copy: WorkingCopy, input: ImportChat): ConversationRow {
  const conversation = {
    id: conversationOf(input),
    account: copy.account.id,
    address: addressOf(input.key),
    name: clip(input.name, 300),
    kind: input.kind,
    unread: 0,
    lastAt: input.messages.at(-1)?.at ?? copy.now,
    archived: false,
    pinned: false,
    muted: false,
    readOnly: true,
  };
  return { conversation, addresses: [] };
}

function messageOf(
  copy: WorkingCopy,
  { conversation }: ConversationRow,
  input: ImportChat,
  told: ImportedMessage,
): Message {
  const me = copy.account.me?.id ?? addressOf('me');
  const { author, fromMe, kind, body, at, deleted } = told;
  return {
    id: idOf(input, told),
    account: conversation.account,
    conversation: conversation.id,
    stream: copy.account.stream,
    seq: 0,
    from: fromMe ? me : conversation.address,
    to: fromMe ? conversation.address : me,
    ...(conversation.kind === 'group' && author !== undefined && { author: addressOf(author) }),
    fromMe,
    kind,
    body,
    timestamp: at,
    ...(author !== undefined && { authorName: clip(author, 200) }),
    ...(deleted === true && { deleted }),
  };
}

function conversationOf({ account, key }: Pick<ImportChat, 'account' | 'key'>): string {
  return conversationId(account, addressOf(key));
}

function idOf(input: ImportChat, message: ImportedMessage): string {
  return messageId(input.account, conversationOf(input), '', waIdOf(message));
}

function waIdOf({ index }: ImportedMessage): string {
  return `IMPORT${index}`;
}

/** No address of WhatsApp's, so that it can be mistaken for none. */
function addressOf(name: string): string {
  return `${createHash('sha256').update(name).digest('hex').slice(0, 20)}@import`;
}
