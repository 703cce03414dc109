// Finds a message again by conversation, author and WhatsApp's id, and a person by either of two addresses; it changes nothing.
import type { ConversationRow, MessageRow } from '../store/port.ts';
import type { Chat, MessageKey, Party } from '../whatsapp/port.ts';
import { isLid, isPhoneAddress } from './address.ts';
import { addressesOf, partyAddresses } from './conversations.ts';
import type { WorkingCopy } from './working-copy.ts';

/** The message of this conversation, author and WhatsApp id, if we have it: a person and an author are known by either address. */
export function findMessage(
  copy: WorkingCopy,
  conversation: ConversationRow,
  { key, fromMe }: { readonly key: Pick<MessageKey, 'waId' | 'author'>; readonly fromMe: boolean },
): MessageRow | undefined {
  const { id, kind } = conversation.conversation;
  const same = copy.messagesWith(key.waId).filter(({ message }) => message.fromMe === fromMe);
  if (kind === 'person') {
    // Before both addresses are known to be one, a second conversation may hold messages of this person.
    const peer = new Set([...conversation.addresses, conversation.conversation.address]);
    return same.find(({ message }) => message.conversation === id || peer.has(fromMe ? message.to : message.from));
  }
  const forms = authorForms(copy, conversation, key.author);
  return same.find(
    ({ message, author }) =>
      message.conversation === id && (fromMe || forms.has(author) || forms.has(message.author ?? '')),
  );
}

/** The author under which a message is stored: in groups the LID, which WhatsApp always tells in groups that use it. */
export function canonicalAuthor({ conversation, addresses }: ConversationRow, author: Party | undefined): string {
  const own = addresses[0] ?? conversation.address;
  return conversation.kind === 'person' ? own : canonicalAddress(author) || own;
}

/** The one of a person's addresses by which he is told from others; '' if none is known. */
export function canonicalAddress(party: Party | undefined): string {
  const forms = partyAddresses(party);
  return forms.find(isLid) ?? forms.find(isPhoneAddress) ?? '';
}

/** Every address under which an author may have been stored. */
function authorForms(copy: WorkingCopy, row: ConversationRow, author: Party | undefined): ReadonlySet<string> {
  const forms = personForms(copy, author);
  return forms.size === 0 ? new Set([canonicalAuthor(row, author)]) : forms;
}

/** Every address by which a person is known. */
export function personForms(copy: WorkingCopy, party: Party | undefined): ReadonlySet<string> {
  const forms = partyAddresses(party);
  return new Set([...forms, ...forms.flatMap((form) => copy.conversationAt(form)?.addresses ?? [])]);
}

/** A person's address as outsiders see it: the phone number where we know it. */
export function phoneForm(copy: WorkingCopy, party: Party | undefined): string | undefined {
  const forms = personForms(copy, party);
  return [...forms].find(isPhoneAddress) ?? [...forms][0];
}

/** Does the chat lead to this conversation? */
export function isAt({ conversation, addresses }: ConversationRow, chat: Chat): boolean {
  return addressesOf(chat).some((each) => each === conversation.address || addresses.includes(each));
}
