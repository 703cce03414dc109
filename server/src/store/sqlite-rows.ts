// How things lie in SQLite's columns: reads rows back into what the store port speaks of. It runs no statement.
// The JSON is trusted, since this adapter alone writes it, from typed values; what is beside it is checked column by column.
import {
  type Account,
  type Contact,
  type Conversation,
  type DurableType,
  durableEvents,
  type Media,
  type Message,
  type MessageKind,
  messageKinds,
  type Note,
} from '@pulseline/protocol';
import type {
  AccountRow,
  ContactRow,
  ConversationRow,
  EarlyRow,
  JobRow,
  MediaRow,
  MemberRow,
  MessageRow,
  RecipientRow,
  StoredEvent,
  TeamRow,
} from './port.ts';
import { blob, maybeText, type Row, text, whole } from './sqlite.ts';
import { ofProxy } from './sqlite-login.ts';
import type { Vault } from './vault.ts';

export function accountRow(row: Row, vault: Vault): AccountRow {
  const account: Account = JSON.parse(text(row, 'data'));
  const proxy = proxyOf(maybeText(row, 'proxy'), account.id, vault);
  return { account, ...(proxy === undefined ? {} : { proxy }), createdAt: whole(row, 'created_at') };
}

/** What stands for a proxy that cannot be opened: nobody can dial through it, and nobody may dial past it. */
export const UNREADABLE_PROXY = 'unreadable:';

function proxyOf(stored: string | undefined, account: string, vault: Vault): string | undefined {
  if (stored === undefined) return undefined;
  try {
    return vault.openText(ofProxy(account), stored);
  } catch {
    return UNREADABLE_PROXY;
  }
}

/** Of a row that also bears the last message's JSON as `last`. */
export function conversationOf(row: Row): Conversation {
  const conversation: Conversation = JSON.parse(text(row, 'data'));
  const last = maybeText(row, 'last');
  if (last === undefined) return conversation;
  const lastMessage: Message = JSON.parse(last);
  return { ...conversation, lastMessage };
}

export function conversationRow(row: Row): ConversationRow {
  const addresses: readonly string[] = JSON.parse(text(row, 'addresses'));
  return { conversation: conversationOf(row), addresses };
}

export function messageOf(row: Row): Message {
  const message: Message = JSON.parse(text(row, 'data'));
  return message;
}

export function messageRow(row: Row): MessageRow {
  const secret = maybeText(row, 'secret');
  const [waId, author, ord] = [text(row, 'wa_id'), text(row, 'author'), whole(row, 'ord')];
  return { message: messageOf(row), waId, author, ord, ...(secret !== undefined && { secret }) };
}

const jobStates: ReadonlyMap<string, JobRow['state']> = new Map([
  ['queued', 'queued'],
  ['sending', 'sending'],
  ['done', 'done'],
  ['refused', 'refused'],
]);

export function jobRow(row: Row): JobRow {
  const state = jobStates.get(text(row, 'state'));
  if (state === undefined) throw new TypeError(`a job in the state ${text(row, 'state')}`);
  const commandId = maybeText(row, 'command_id');
  const messageId = maybeText(row, 'message_id');
  const waId = maybeText(row, 'wa_id');
  const content = blob(row, 'content');
  return {
    id: text(row, 'id'),
    account: text(row, 'account'),
    type: text(row, 'type'),
    state,
    body: text(row, 'body'),
    ...(commandId === undefined ? {} : { commandId }),
    ...(messageId === undefined ? {} : { messageId }),
    ...(waId === undefined ? {} : { waId }),
    ...(content === undefined ? {} : { content }),
    createdAt: whole(row, 'created_at'),
  };
}

export function earlyRow(row: Row): EarlyRow {
  return {
    account: text(row, 'account'),
    waId: text(row, 'wa_id'),
    slot: text(row, 'slot'),
    data: text(row, 'data'),
    at: whole(row, 'at'),
  };
}

const roles: ReadonlyMap<string, MemberRow['role']> = new Map([
  ['member', 'member'],
  ['admin', 'admin'],
  ['owner', 'owner'],
]);

export function memberRow(row: Row): MemberRow {
  const pn = maybeText(row, 'pn');
  return {
    address: text(row, 'address'),
    ...(pn !== undefined && { pn }),
    role: roles.get(text(row, 'role')) ?? 'member',
  };
}

export function contactRow(row: Row): ContactRow {
  const contact: Contact = JSON.parse(text(row, 'data'));
  return { contact, isProfile: whole(row, 'is_profile') === 1 };
}

const kinds: ReadonlyMap<string, MessageKind> = new Map(messageKinds.map((kind) => [kind, kind]));

export function mediaRow(row: Row): MediaRow {
  const media: Media = JSON.parse(text(row, 'data'));
  const account = maybeText(row, 'account');
  const message = maybeText(row, 'message');
  const file = maybeText(row, 'file');
  const source = maybeText(row, 'source');
  return {
    id: text(row, 'id'),
    ...(account !== undefined && { account }),
    ...(message !== undefined && { message }),
    kind: kinds.get(text(row, 'kind')) ?? 'unknown',
    media,
    ...(file !== undefined && { file }),
    ...(source !== undefined && { source }),
    isWanted: whole(row, 'is_wanted') === 1,
    createdAt: whole(row, 'created_at'),
  };
}

export function recipientRow(row: Row): RecipientRow {
  const pn = maybeText(row, 'pn');
  const status = maybeText(row, 'status');
  return {
    address: text(row, 'address'),
    ...(pn !== undefined && { pn }),
    ...(status !== undefined && { status, at: whole(row, 'at') }),
  };
}

export function noteOf(row: Row): Note {
  const note: Note = JSON.parse(text(row, 'data'));
  return note;
}

export function teamRow(row: Row): TeamRow {
  const kind = text(row, 'kind') === 'label' ? 'label' : 'reply';
  return { kind, id: text(row, 'id'), data: text(row, 'data') };
}

function isDurable(type: string): type is DurableType {
  return Object.hasOwn(durableEvents, type);
}

/** Of a row that also bears its stream's epoch. */
export function storedEvent(row: Row): StoredEvent {
  const type = text(row, 'type');
  if (!isDurable(type)) throw new TypeError(`an event of the type ${type}`);
  return {
    stream: text(row, 'stream'),
    epoch: text(row, 'epoch'),
    seq: whole(row, 'seq'),
    type,
    data: text(row, 'data'),
    at: whole(row, 'at'),
  };
}

/** A name as it is searched for: compatibility forms and letter case make no difference. */
export function folded(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** The digits of a phone number, in any writing (also full-width ones). */
export function digitsOf(phone: string): string {
  return phone.normalize('NFKC').replace(/\D/g, '');
}
