// Which conversation an address means, how it is made, named, and gets its phone number; one person is one conversation, whichever of the two addresses WhatsApp uses.
import { CodedError, type Contact, type Conversation, type Message, withAssignee } from '@pulseline/protocol';
import type { ConversationRow, Handler } from '../store/port.ts';
import type { Chat, FactOf, Party } from '../whatsapp/port.ts';
import { bareAddress, bareParty, isLid, isPhoneAddress, phoneOf } from './address.ts';
import type { Commands } from './commands.ts';
import { conversationId } from './identifiers.ts';
import { clip } from './text.ts';
import { type Person, WorkingCopy } from './working-copy.ts';

/** Errors: CONVERSATION_READ_ONLY for an imported one: it leads to nobody. */
export function checkWritable({ conversation }: ConversationRow): void {
  if (conversation.readOnly === true) throw new CodedError('CONVERSATION_READ_ONLY');
}

/** Every address of a chat, without device, the canonical one first: the phone number where it is known. */
export function addressesOf(chat: Chat): readonly string[] {
  if (chat.kind !== 'person') return [bareAddress(chat.address)];
  return partyAddresses(chat);
}

export function partyAddresses(party: Party | undefined): readonly string[] {
  return [party?.pn, party?.lid].flatMap((address) => (address ? [bareAddress(address)] : []));
}

/** The chat that reaches a conversation. */
export function chatOf({ conversation, addresses }: ConversationRow): Chat {
  if (conversation.kind !== 'person') return { kind: conversation.kind, address: conversation.address };
  // A conversation that has lost its addresses to another one of the same person is still reached by the one it shows.
  const known = addresses.length > 0 ? addresses : [conversation.address];
  const [pn, lid] = [known.find(isPhoneAddress), known.find(isLid)];
  return { kind: 'person', ...(pn && { pn }), ...(lid && { lid }) };
}

/** The conversation of a chat if there is one; a pairing that the chat tells is learnt on the way. */
export function findConversation(copy: WorkingCopy, chat: Chat): ConversationRow | undefined {
  if (chat.kind === 'person') learnPair(copy, chat);
  return addressesOf(chat)
    .map((address) => copy.conversationAt(address))
    .find((row) => row !== undefined);
}

/**
 * The conversation of a chat, made and told if it is not there. `name` is used where we have no better one; `at` is the
 * time (ms since epoch) by which a new one is sorted. Errors: BAD_ADDRESS for a chat without any address.
 */
export function conversationFor(copy: WorkingCopy, chat: Chat, at: number, name?: string): ConversationRow {
  const found = findConversation(copy, chat);
  if (found === undefined) return announce(copy, newConversation(copy, chat, at, name));
  const named = withSuggestedName(found, name);
  return named === found ? found : announce(copy, named);
}

/** A conversation that is not there yet, with nothing in it. Errors: BAD_ADDRESS for a chat without any address. */
export function newConversation(copy: WorkingCopy, chat: Chat, at: number, name?: string): ConversationRow {
  const person = chat.kind === 'person' ? personOf(copy, chat) : undefined;
  const addresses = person ? partyAddresses(person) : addressesOf(chat);
  const [address] = addresses;
  if (address === undefined) throw new CodedError('BAD_ADDRESS', { to: '' });
  const phone = phoneOf(address);
  const conversation: Conversation = {
    id: conversationId(copy.account.id, address),
    account: copy.account.id,
    address,
    ...(phone && { phone }),
    name: person?.name ?? fallbackName(address),
    kind: chat.kind,
    unread: 0,
    lastAt: at,
    archived: false,
    pinned: false,
    muted: false,
  };
  return withSuggestedName({ conversation, addresses }, name);
}

/** With what this batch has told before. */
function personOf(copy: WorkingCopy, party: Party): Person {
  const { pn, lid } = bareParty(party);
  const kept = (copy.contact(pn) ?? copy.contact(lid))?.contact;
  const name = kept && { name: kept.name };
  return { ...name, ...copy.person(lid), ...copy.person(pn), ...(pn && { pn }), ...(lid && { lid }) };
}

/** Puts the row and tells it. */
export function announce(copy: WorkingCopy, row: ConversationRow): ConversationRow {
  copy.putConversation(row);
  copy.emit('conversation_update', row.conversation);
  return row;
}

/**
 * Two addresses are one person. If only the phone number's conversation is there, it takes the LID too; if only the
 * LID's is there, it gets the number. If both are there (each address wrote before we knew that they are one), the LID's
 * becomes part of the phone number's.
 */
export function learnPair(copy: WorkingCopy, party: Party): void {
  const { pn, lid } = bareParty(party);
  if (pn === undefined || lid === undefined) return;
  const [ofNumber, ofLid] = [copy.conversationAt(pn), copy.conversationAt(lid)];
  if (ofNumber === undefined && ofLid === undefined) return copy.remember({ pn, lid });
  if (ofNumber === undefined) {
    if (ofLid) takeNumber(copy, ofLid, pn);
    return;
  }
  if (ofLid?.conversation.id === ofNumber.conversation.id) return;
  const addresses = [...ofNumber.addresses.filter((address) => address !== lid), lid];
  if (ofLid) return join(copy, { ...ofNumber, addresses }, ofLid);
  copy.putConversation({ ...ofNumber, addresses });
}

/** One conversation takes the other's messages, under the ids that they have. Told in this order, so that nobody sees both. */
function join(copy: WorkingCopy, kept: ConversationRow, other: ConversationRow): void {
  const [own, gone] = [kept.conversation, other.conversation];
  const isNewer = copy.lastOrd(own.id) >= copy.lastOrd(gone.id);
  copy.removeConversation(gone.id, own.id);
  copy.emit('conversation_removed', { account: own.account, id: gone.id, into: own.id });
  const moved = gone.lastMessage && { ...gone.lastMessage, conversation: own.id };
  const lastMessage = newer(own.lastMessage, moved, isNewer);
  const labels = [...new Set([...(own.labels ?? []), ...(gone.labels ?? [])])];
  const { state, snoozedUntil, ...rest } = own;
  // Work on one of them is work on both.
  const isOpen = state === undefined || gone.state === undefined;
  announce(copy, {
    addresses: [...new Set([...kept.addresses, ...other.addresses])],
    conversation: {
      ...(isOpen ? rest : { ...rest, state, ...(snoozedUntil !== undefined && { snoozedUntil }) }),
      name: isUnnamed(own) && !isUnnamed(gone) ? gone.name : own.name,
      unread: own.unread + gone.unread,
      lastAt: Math.max(own.lastAt, gone.lastAt),
      ...(lastMessage && { lastMessage }),
      archived: own.archived && gone.archived,
      pinned: own.pinned || gone.pinned,
      ...((own.markedUnread || gone.markedUnread) && { markedUnread: true }),
      ...(labels.length > 0 && { labels }),
    },
  });
  // On the workspace's stream, which alone says who has a conversation.
  if (own.assignee === undefined && gone.assignee !== undefined) {
    const row = copy.conversation(own.id);
    if (row) copy.putConversation({ ...row, conversation: withAssignee(row.conversation, gone.assignee) });
    copy.emit('assignment', { conversation: own.id, assignee: gone.assignee });
  }
}

/** Live messages by the order of their events, and they are newer than any of the history; `otherwise` decides within that. */
function newer(one: Message | undefined, other: Message | undefined, otherwise: boolean): Message | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const isOne = one.seq === other.seq ? otherwise : one.seq > other.seq;
  return isOne ? one : other;
}

function takeNumber(copy: WorkingCopy, row: ConversationRow, pn: string): void {
  const phone = phoneOf(pn);
  const { phone: _, ...conversation } = row.conversation;
  announce(copy, {
    addresses: [pn, ...row.addresses.filter((address) => address !== pn)],
    conversation: {
      ...conversation,
      address: pn,
      ...(phone && { phone }),
      name: isUnnamed(conversation) ? fallbackName(pn) : conversation.name,
    },
  });
}

/** A name from the address book beats every other; one from a profile is only used while there is no better. */
export function foldContact(copy: WorkingCopy, { party, name, isProfile }: FactOf<'contact'>): void {
  const row = findConversation(copy, { kind: 'person', ...party });
  const given = clip(name.trim(), 300);
  if (given === '') return;
  const kept = keepContact(copy, party, given, isProfile === true);
  if (row === undefined) return copy.remember({ ...bareParty(party), name: kept });
  const named = isProfile ? withSuggestedName(row, given) : withName(row, given);
  if (named !== row) announce(copy, named);
}

/** The person's row in the contacts, told if it is another than before. Answers the name that holds. */
function keepContact(copy: WorkingCopy, party: Party, given: string, isProfile: boolean): string {
  const forms = [
    ...partyAddresses(party),
    ...partyAddresses(party).flatMap((each) => copy.conversationAt(each)?.addresses ?? []),
  ];
  const known = forms.map((each) => copy.contact(each)).find((row) => row !== undefined);
  const pn = forms.find(isPhoneAddress) ?? [known?.contact.address].find((each) => each && isPhoneAddress(each));
  const lid = forms.find(isLid) ?? known?.contact.lid;
  const address = pn ?? lid;
  if (address === undefined) return given;
  // A name from the address book beats every other.
  const stays = known !== undefined && isProfile && !known.isProfile;
  const phone = phoneOf(address);
  const profile = stays ? false : isProfile;
  const contact: Contact = {
    account: copy.account.id,
    address,
    ...(lid !== undefined && { lid }),
    ...(phone && { phone }),
    name: stays ? known.contact.name : given,
    ...(!profile && { saved: true }),
    ...(known?.contact.blocked && { blocked: true }),
  };
  const before = known?.contact;
  const fields = ['name', 'address', 'lid', 'saved'] as const;
  const isSame = fields.every((field) => before?.[field] === contact[field]);
  if (!isSame || known?.isProfile !== profile) copy.putContact({ contact, isProfile: profile });
  if (!isSame) copy.emit('contact_update', contact);
  return contact.name;
}

export function foldSamePerson(copy: WorkingCopy, { pn, lid }: FactOf<'same-person'>): void {
  learnPair(copy, { pn, lid });
}

/** A name that people gave themselves: used only while we have none, so that it never replaces one from the address book. */
export function withSuggestedName(row: ConversationRow, name: string | undefined): ConversationRow {
  const given = clip(name?.trim() ?? '', 300);
  return given === '' || !isUnnamed(row.conversation) ? row : withName(row, given);
}

function withName(row: ConversationRow, name: string): ConversationRow {
  return name === row.conversation.name ? row : { ...row, conversation: { ...row.conversation, name } };
}

function isUnnamed({ name, address }: Pick<Conversation, 'name' | 'address'>): boolean {
  return name === fallbackName(address);
}

function fallbackName(address: string): string {
  return phoneOf(address) ?? clip(address, 300);
}

export const openConversation: Handler<
  Commands['open_conversation']['input'],
  Commands['open_conversation']['output']
> = {
  reads: ({ account, pn, lid }) => ({ account, addresses: partyAddresses({ ...(pn && { pn }), ...(lid && { lid }) }) }),
  decide(rows, { account, pn, lid, name }, now) {
    const copy = new WorkingCopy(rows, account, now);
    const chat: Chat = { kind: 'person', ...(pn && { pn }), ...(lid && { lid }) };
    const { conversation } = conversationFor(copy, chat, copy.now, name);
    return copy.decision({ conversation: conversation.id });
  },
};
