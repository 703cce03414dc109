// What is done to messages that are there: reactions, edits, withdrawals, votes. What comes before its message waits for it, what comes late undoes nothing, and nobody changes what is not his.
import { type Message, withdrawn, withReaction } from '@pulseline/protocol';
import type { ConversationRow, EarlyRow, MessageRow } from '../store/port.ts';
import type { Chat, FactOf, Party } from '../whatsapp/port.ts';
import { bareAddress } from './address.ts';
import { borne } from './bearing.ts';
import { addressesOf, findConversation, learnPair, partyAddresses } from './conversations.ts';
import { canonicalAddress, findMessage, isAt, personForms, phoneForm } from './find.ts';
import { clip, MAX_BODY } from './text.ts';
import type { WorkingCopy } from './working-copy.ts';

export type ChangeFact = FactOf<'change'>;

/** The contract's limits. */
const MAX_REACTIONS = 1_024;
const MAX_EMOJI = 32;

export function foldChange(copy: WorkingCopy, fact: ChangeFact): void {
  const { target, by } = fact;
  for (const person of [by, target.author]) if (person) learnPair(copy, person);
  copy.count('changes');
  if (!isAllowed(copy, fact)) return copy.count('refused');
  const conversation = findConversation(copy, target.chat);
  const found = conversation && findMessage(copy, conversation, { key: target, fromMe: target.fromMe });
  // What still waits would be filled by the resend as it was first written.
  if (found === undefined || (found.message.kind === 'waiting' && needsContent(fact))) return keepEarly(copy, fact);
  tellChange(copy, found, fact);
}

function needsContent({ change }: ChangeFact): boolean {
  return change.kind === 'edit' || change.kind === 'vote' || change.kind === 'move';
}

/** Does it to the message and tells it, if it changes anything. */
export function tellChange(copy: WorkingCopy, found: MessageRow, fact: ChangeFact): void {
  const message = changed(copy, found.message, fact, found.secret);
  if (message === found.message) return;
  copy.putMessage({ ...found, message });
  if (found.message.media && !message.media) copy.removeMedia(found.message.media.id);
  if (fact.change.kind !== 'reaction') return copy.emit('message_update', message);
  const { id, account, conversation } = message;
  copy.emit('message_reaction', { account, messageId: id, conversation, ...reactionOf(copy, found.message, fact) });
}

/** The message after a change that is allowed; the same object if it changes nothing. `secret` opens votes. */
export function changed(copy: WorkingCopy, message: Message, fact: ChangeFact, secret?: string): Message {
  if (message.deleted === true) return message;
  const { change, at } = fact;
  switch (change.kind) {
    case 'reaction':
      return reacted(copy, message, fact);
    case 'edit': {
      if ((message.editedAt ?? 0) >= Math.floor(at)) return message;
      const { mentions: _, ...rest } = message;
      return { ...rest, ...naming(copy, change.body, change.mentions), edited: true, editedAt: Math.floor(at) };
    }
    case 'revoke':
      return isAuthor(fact) ? withdrawn(message) : withdrawn(message, actorOf(copy, fact));
    default:
      return borne(copy, message, fact, secret);
  }
}

function reacted(copy: WorkingCopy, message: Message, fact: ChangeFact): Message {
  const reaction = reactionOf(copy, message, fact);
  const known = message.reactions?.find(({ author }) => author === reaction.author);
  if (!isLater(reaction, known ?? takenBack(copy, fact))) return message;
  if (known === undefined && (message.reactions?.length ?? 0) >= MAX_REACTIONS) return message;
  if (reaction.emoji === '') {
    // Has to outlast a reaction that comes late; one that stands bears its own time.
    putEarly(copy, fact);
    return known === undefined ? message : withReaction(message, reaction);
  }
  const before = earlyOf(copy, fact);
  if (before !== undefined) copy.removeEarly(fact.target.waId, before.slot);
  return withReaction(message, reaction);
}

/** In doubt the greater text wins, so that every order of coming ends the same. */
function isLater(next: { readonly at: number; readonly emoji: string }, known: typeof next | undefined): boolean {
  return known === undefined || next.at > known.at || (next.at === known.at && next.emoji > known.emoji);
}

/** Under the address by which this person has reacted before, so that nobody has two reactions by his two addresses. */
function reactionOf(copy: WorkingCopy, { reactions = [] }: Message, fact: ChangeFact) {
  const { fromMe, by, at, change } = fact;
  const forms = personForms(copy, by);
  const before = reactions.find((each) => each.fromMe === fromMe && (fromMe || forms.has(each.author)));
  const emoji = change.kind === 'reaction' ? clip(change.emoji, MAX_EMOJI) : '';
  return { author: before?.author ?? actorOf(copy, fact), fromMe, emoji, at: Math.max(0, Math.floor(at)) };
}

function takenBack(copy: WorkingCopy, fact: ChangeFact): { readonly at: number; readonly emoji: string } | undefined {
  const row = earlyOf(copy, fact);
  return row && { at: row.at, emoji: '' };
}

function keepEarly(copy: WorkingCopy, fact: ChangeFact): void {
  const row = earlyOf(copy, fact);
  const known = row && parseEarly(row);
  const isNewer = isLater({ at: fact.at, emoji: textOf(fact) }, known && { at: known.at, emoji: textOf(known) });
  if (isNewer) putEarly(copy, fact);
}

/** What waits of the same kind, to the same message, by the same person, also under the other of his two addresses. */
function earlyOf(copy: WorkingCopy, fact: ChangeFact): EarlyRow | undefined {
  const slot = slotOf(fact);
  const rows = copy.early(fact.target.waId);
  return (
    rows.find((row) => row.slot === slot) ??
    rows.find((row) => {
      const other = parseEarly(row);
      return other !== undefined && isSameDeed(copy, other, fact);
    })
  );
}

function isSameDeed(copy: WorkingCopy, one: ChangeFact, other: ChangeFact): boolean {
  return (
    one.change.kind === other.change.kind &&
    one.fromMe === other.fromMe &&
    one.target.fromMe === other.target.fromMe &&
    isSameChat(copy, one.target.chat, other.target.chat) &&
    (one.fromMe || isSamePerson(copy, one.by, other.by)) &&
    (one.target.fromMe || isSamePerson(copy, one.target.author, other.target.author))
  );
}

function isSameChat(copy: WorkingCopy, one: Chat, other: Chat): boolean {
  if (one.kind === 'person') return other.kind === 'person' && isSamePerson(copy, one, other);
  return other.kind === one.kind && one.address === other.address;
}

/** In a person's chat the other side need not be named. */
function isSamePerson(copy: WorkingCopy, one: Party | undefined, other: Party | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const forms = personForms(copy, one);
  return partyAddresses(other).some((address) => forms.has(address));
}

function putEarly(copy: WorkingCopy, fact: ChangeFact): void {
  const at = Math.max(0, Math.floor(fact.at));
  const before = earlyOf(copy, fact);
  if (before !== undefined && before.slot !== slotOf(fact)) copy.removeEarly(fact.target.waId, before.slot);
  copy.putEarly({ waId: fact.target.waId, slot: slotOf(fact), data: JSON.stringify(fact), at });
}

function textOf({ change }: ChangeFact): string {
  return change.kind === 'reaction' ? change.emoji : change.kind === 'edit' ? change.body : '';
}

/** A message that comes now, with what came before it. That is used up, but for reactions that were taken back. */
export function withEarlyChanges(copy: WorkingCopy, conversation: ConversationRow, row: MessageRow): MessageRow {
  const facts = copy
    .early(row.waId)
    .flatMap((each) => parseEarly(each) ?? [])
    .filter((fact) => speaksOf(copy, conversation, row, fact))
    .sort((a, b) => a.at - b.at);
  let { message } = row;
  for (const fact of facts) {
    if (fact.change.kind === 'reaction' && fact.change.emoji === '') continue;
    if (message.kind === 'waiting' && needsContent(fact)) continue;
    copy.removeEarly(row.waId, slotOf(fact));
    message = changed(copy, message, fact, row.secret);
  }
  return message === row.message ? row : { ...row, message };
}

function speaksOf(
  copy: WorkingCopy,
  conversation: ConversationRow,
  { message, author }: MessageRow,
  { target }: ChangeFact,
): boolean {
  if (target.fromMe !== message.fromMe || !isAt(conversation, target.chat)) return false;
  if (target.fromMe || conversation.conversation.kind === 'person') return true;
  const forms = personForms(copy, target.author);
  return forms.has(author) || forms.has(message.author ?? '');
}

function isAllowed(copy: WorkingCopy, fact: ChangeFact): boolean {
  const { kind } = fact.change;
  // WhatsApp's server has already asked whether a chat lets this person pin or keep.
  if (kind === 'reaction' || kind === 'vote' || kind === 'pin' || kind === 'keep') return true;
  if (kind === 'remove' || kind === 'star') return fact.fromMe;
  return isAuthor(fact) || (kind === 'revoke' && isAdmin(copy, fact));
}

/** Is it done by whoever wrote the message? */
export function isAuthor({ fromMe, by, target }: Pick<ChangeFact, 'fromMe' | 'by' | 'target'>): boolean {
  if (fromMe || target.fromMe) return fromMe && target.fromMe;
  if (target.chat.kind === 'person') return true;
  const writer = partyAddresses(target.author);
  return partyAddresses(by).some((address) => writer.includes(address));
}

/** Whoever runs the group may take back what others wrote. Of a group whose members we do not know, nobody is known to run it. */
export function isAdmin(
  copy: WorkingCopy,
  { fromMe, by, target }: Pick<ChangeFact, 'fromMe' | 'by'> & { readonly target: Pick<ChangeFact['target'], 'chat'> },
): boolean {
  if (target.chat.kind !== 'group') return false;
  const { me } = copy.account;
  const actor = fromMe ? new Set([me?.id, me?.lid]) : personForms(copy, by);
  const members = copy.members(bareAddress(target.chat.address)) ?? [];
  return members.some(({ address, pn, role }) => role !== 'member' && (actor.has(address) || actor.has(pn ?? '')));
}

/** Whoever did it, as outsiders see him. */
function actorOf(copy: WorkingCopy, { fromMe, by }: ChangeFact): string {
  return (fromMe ? copy.account.me?.id : phoneForm(copy, by)) ?? 'unknown@s.whatsapp.net';
}

/** A text and whom it names. WhatsApp writes a person as `@` and the digits of the address it uses: here that is the one outsiders see. */
export function naming(
  copy: WorkingCopy,
  text: string,
  parties: readonly Party[] | undefined,
): { readonly body: string; readonly mentions?: readonly string[] } {
  let body = text;
  const mentions = (parties ?? []).flatMap((party) => {
    const forms = personForms(copy, party);
    const shown = phoneForm(copy, party);
    if (shown === undefined) return [];
    for (const form of forms) if (form !== shown) body = body.replaceAll(`@${userOf(form)}`, `@${userOf(shown)}`);
    return [shown];
  });
  return { body: clip(body, MAX_BODY), ...(mentions.length > 0 && { mentions }) };
}

function userOf(address: string): string {
  return address.slice(0, address.indexOf('@'));
}

/** One for each kind, target and actor: the newest counts. */
function slotOf({ change, target, fromMe, by }: ChangeFact): string {
  const [chat = ''] = addressesOf(target.chat);
  const whose = target.fromMe ? 'me' : canonicalAddress(target.author);
  return `change ${change.kind} ${chat} ${whose} ${fromMe ? 'me' : canonicalAddress(by)}`;
}

/** The row was written from a ChangeFact, here and nowhere else. */
function parseEarly({ slot, data }: EarlyRow): ChangeFact | undefined {
  if (!slot.startsWith('change ')) return undefined;
  const fact: ChangeFact = JSON.parse(data);
  return fact;
}
