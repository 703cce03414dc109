// What counts as read: here (mark_read, which also queues the receipts) and on another of our devices. Unread never rises here.
import { CodedError } from '@pulseline/protocol';
import type { ConversationRow, Handler, MessageRow } from '../store/port.ts';
import type { FactOf, Job, Party } from '../whatsapp/port.ts';
import { isLid, isPhoneAddress } from './address.ts';
import { tellWhatsApp } from './arrangement.ts';
import type { Commands } from './commands.ts';
import { announce, chatOf, findConversation } from './conversations.ts';
import { WorkingCopy } from './working-copy.ts';

/** What remains unread is what came after the newest message that was read. No id at all means the whole chat. */
export function foldReadElsewhere(copy: WorkingCopy, { chat, waIds }: FactOf<'read-elsewhere'>): void {
  const row = findConversation(copy, chat);
  if (row === undefined) return;
  const left = unreadAfter(copy, row, waIds);
  if (left < row.conversation.unread) announce(copy, { ...row, conversation: { ...row.conversation, unread: left } });
}

function unreadAfter(copy: WorkingCopy, { conversation }: ConversationRow, waIds: readonly string[]): number {
  if (waIds.length === 0) return 0;
  const read = waIds
    .flatMap((waId) => copy.messagesWith(waId))
    .filter(({ message }) => message.conversation === conversation.id);
  if (read.length === 0) return conversation.unread;
  const newest = Math.max(...read.map(({ ord }) => ord));
  const unread = copy.unread(conversation.id);
  // Older than everything that we know to be unread: it takes nothing away.
  if (unread.length > 0 && unread.every(({ ord }) => ord > newest)) return conversation.unread;
  return unread.filter(({ ord }) => ord > newest).length;
}

type MarkRead = Commands['mark_read'];

export const markRead: Handler<MarkRead['input'], MarkRead['output']> = {
  reads: ({ conversation, newest }) => ({
    conversations: [conversation],
    unreadOf: [conversation],
    ...(newest && { messages: [newest] }),
  }),
  decide(rows, { conversation: id, jobId, newest }, now) {
    const row = rows.conversations.get(id);
    if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND');
    const { markedUnread, ...conversation } = row.conversation;
    const { account, kind, unread } = conversation;
    const copy = new WorkingCopy(rows, account, now);
    if (unread === 0 && markedUnread !== true) return copy.decision({ account, queued: false });
    announce(copy, { ...row, conversation: { ...conversation, unread: 0 } });
    // A mark by hand is taken back by hand; receipts say nothing of it.
    if (markedUnread === true) tellWhatsApp(copy, row, { kind: 'unread', on: false }, `${jobId}_unread`, newest);
    // Channels know no receipts.
    const keys = kind === 'channel' ? [] : copy.unread(id).map((message) => receiptKey(row, message));
    if (keys.length === 0) return copy.decision({ account, queued: markedUnread === true });
    const job: Job = { id: jobId, account, type: 'read', chat: chatOf(row), keys };
    copy.putJob({
      id: jobId,
      account,
      type: job.type,
      state: 'queued',
      body: JSON.stringify(job),
      createdAt: copy.now,
    });
    return copy.decision({ account, queued: true });
  },
};

/** A receipt names the author only where a chat has several. */
function receiptKey({ conversation }: ConversationRow, row: MessageRow): { waId: string; author?: Party } {
  if (conversation.kind === 'person') return { waId: row.waId };
  const forms = [row.author, row.message.author ?? ''];
  const [pn, lid] = [forms.find(isPhoneAddress), forms.find(isLid)];
  return { waId: row.waId, author: { ...(pn && { pn }), ...(lid && { lid }) } };
}
