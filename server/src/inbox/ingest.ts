// The only way in which anything from WhatsApp becomes true: the facts of a batch are folded in order over the rows they touch, and all of it is kept, or nothing.
import { CodedError, type Language } from '@pulseline/protocol';
import type { Change, Handler, Reads } from '../store/port.ts';
import { type Batch, type Chat, type Fact, type FactOf, heardKinds, type Party } from '../whatsapp/port.ts';
import { foldState } from './accounts.ts';
import { bareAddress } from './address.ts';
import { foldChatState, foldErrandDone } from './arrangement.ts';
import { foldChange, isAuthor } from './change.ts';
import type { Commands } from './commands.ts';
import { addressesOf, foldContact, foldSamePerson, partyAddresses } from './conversations.ts';
import { foldHistoryDue } from './errands.ts';
import { foldHistory } from './history.ts';
import { mediaOfJob } from './identifiers.ts';
import { foldMedia } from './media.ts';
import { foldMessage } from './message.ts';
import { foldCall, foldGroup } from './notice.ts';
import { foldBlocked } from './people.ts';
import { foldReadElsewhere } from './read.ts';
import { foldAcked, foldJobDone, foldSending, foldStatus } from './status.ts';
import { WorkingCopy } from './working-copy.ts';

/** `language` is that of the reasons that become part of rows. Errors: ACCOUNT_NOT_FOUND, for what a removed account still heard. */
export function ingest(language: Language): Handler<Commands['ingest']['input'], Commands['ingest']['output']> {
  return {
    reads: readsOf,
    decide(rows, batch, now) {
      if (!rows.accounts.has(batch.account)) throw new CodedError('ACCOUNT_NOT_FOUND');
      const copy = new WorkingCopy(rows, batch.account, now);
      for (const kind of heardKinds) copy.count(kind, batch.heard?.[kind] ?? 0);
      const more = batch.facts.flatMap((fact) => fold(copy, fact, language) ?? []);
      return copy.decision(null, [...more, ...unexamined(batch, copy.now)]);
    },
  };
}

/** Facts that can take away what a message says: by itself, as the end of our own change, or as one that came before it. */
const takesAway: ReadonlySet<Fact['type']> = new Set(['change', 'acked', 'message', 'history']);

/** What becomes of each kind of fact. Answers what has to be removed besides. */
function fold(copy: WorkingCopy, fact: Fact, language: Language): readonly Change[] | void {
  switch (fact.type) {
    case 'message':
      return foldMessage(copy, fact);
    case 'change':
      return foldChange(copy, fact);
    case 'status':
      return foldStatus(copy, fact);
    case 'read-elsewhere':
      return foldReadElsewhere(copy, fact);
    case 'chat-state':
      return foldChatState(copy, fact);
    case 'blocked':
      return foldBlocked(copy, fact);
    case 'history-due':
      return foldHistoryDue(copy, fact);
    case 'acked':
      return foldAcked(copy, fact, language);
    case 'sending':
      return foldSending(copy, fact);
    case 'job-done':
      return copy.job(fact.job)?.type === 'errand' ? foldErrandDone(copy, fact) : foldJobDone(copy, fact, language);
    case 'media':
      return foldMedia(copy, fact);
    case 'contact':
      return foldContact(copy, fact);
    case 'same-person':
      return foldSamePerson(copy, fact);
    case 'history':
      return foldHistory(copy, fact);
    case 'group':
      return foldGroup(copy, fact, language);
    case 'call':
      return foldCall(copy, fact, language);
    case 'state':
      return foldState(copy, fact);
  }
}

/** Keys, credentials and seen ciphertexts are the engine's own; they only have to be kept together with the facts. */
function unexamined({ account, keys, seen, credentials }: Batch, at: number): readonly Change[] {
  return [
    ...keys.map((change) => ({ put: 'key', account, ...change }) as const),
    ...seen.map((entry) => ({ put: 'seen', account, ...entry, at }) as const),
    ...(credentials ? [{ put: 'credentials', account, value: credentials } as const] : []),
  ];
}

function readsOf({ account, facts }: Batch): Reads {
  const named = {
    addresses: new Set<string>(),
    waIds: new Set<string>(),
    jobs: new Set<string>(),
    unreadOf: new Set<string>(),
    membersOf: new Set<string>(),
    contacts: new Set<string>(),
    media: new Set<string>(),
  };
  let withRecipients = false;
  let withBlocked = false;
  const chat = (where: Chat) => {
    for (const address of addressesOf(where)) named.addresses.add(address);
  };
  const party = (who: Party | undefined) => {
    for (const address of partyAddresses(who)) named.addresses.add(address);
  };
  const message = ({
    key,
    quoted,
    mentions,
    content,
  }: Pick<FactOf<'message'>, 'key' | 'quoted' | 'mentions' | 'content'>) => {
    chat(key.chat);
    party(key.author);
    named.waIds.add(key.waId);
    if (quoted) named.waIds.add(quoted.waId);
    if (content?.partOf !== undefined) named.waIds.add(content.partOf);
    party(quoted?.author);
    for (const each of mentions ?? []) party(each);
  };
  for (const fact of facts) {
    switch (fact.type) {
      case 'message':
        message(fact);
        if (fact.fromMe && fact.key.chat.kind === 'group') named.membersOf.add(bareAddress(fact.key.chat.address));
        break;
      case 'group':
        chat(fact.chat);
        party(fact.notice?.by);
        for (const each of [...(fact.members ?? []), ...(fact.change?.members ?? [])]) party(each);
        if (fact.notice) named.waIds.add(fact.notice.waId);
        if (fact.chat.kind !== 'person') named.membersOf.add(bareAddress(fact.chat.address));
        break;
      case 'call':
        chat(fact.chat);
        party(fact.from);
        named.waIds.add(fact.callId);
        break;
      case 'change':
        chat(fact.target.chat);
        party(fact.target.author);
        party(fact.by);
        named.waIds.add(fact.target.waId);
        if (fact.change.kind === 'revoke' && !isAuthor(fact) && fact.target.chat.kind === 'group')
          named.membersOf.add(bareAddress(fact.target.chat.address));
        if (fact.change.kind === 'edit') for (const each of fact.change.mentions ?? []) party(each);
        break;
      case 'read-elsewhere':
        for (const address of addressesOf(fact.chat)) named.unreadOf.add(address);
        chat(fact.chat);
        for (const waId of fact.waIds) named.waIds.add(waId);
        break;
      case 'status':
        if (fact.chat.kind !== 'person' && fact.reader) {
          named.membersOf.add(bareAddress(fact.chat.address));
          party(fact.reader);
          withRecipients = true;
        }
        chat(fact.chat);
        for (const waId of fact.waIds) named.waIds.add(waId);
        break;
      case 'acked':
        named.waIds.add(fact.waId);
        break;
      case 'sending':
        withRecipients ||= fact.recipients !== undefined;
        named.jobs.add(fact.job);
        if (fact.source) named.media.add(mediaOfJob(fact.job));
        break;
      case 'job-done':
        named.jobs.add(fact.job);
        if (fact.chat) chat(fact.chat);
        if (fact.target) {
          chat(fact.target.chat);
          party(fact.target.author);
          named.waIds.add(fact.target.waId);
        }
        break;
      case 'history-due':
        named.jobs.add(fact.job);
        break;
      case 'chat-state':
        for (const address of addressesOf(fact.chat)) named.unreadOf.add(address);
        chat(fact.chat);
        break;
      case 'blocked':
        withBlocked = true;
        for (const each of fact.people) {
          party(each);
          for (const address of partyAddresses(each)) named.contacts.add(address);
        }
        break;
      case 'contact':
        party(fact.party);
        for (const address of partyAddresses(fact.party)) named.contacts.add(address);
        break;
      case 'same-person':
        party(fact);
        break;
      case 'media':
        named.media.add(fact.id);
        break;
      case 'history':
        for (const { chat: where, messages } of fact.chats) {
          chat(where);
          if (where.kind === 'group') {
            named.membersOf.add(bareAddress(where.address));
            withRecipients = true;
          }
          for (const each of messages) {
            message(each);
            for (const { by } of each.changes ?? []) party(by);
          }
        }
        break;
      case 'state':
        break;
    }
  }
  return {
    account,
    addresses: [...named.addresses],
    waIds: [...named.waIds],
    jobs: [...named.jobs],
    unreadOf: [...named.unreadOf],
    membersOf: [...named.membersOf],
    contacts: [...named.contacts],
    media: [...named.media],
    ...(facts.some(({ type }) => takesAway.has(type)) && { quoting: true }),
    ...(withRecipients && { recipients: true }),
    ...(withBlocked && { blocked: true }),
  };
}
