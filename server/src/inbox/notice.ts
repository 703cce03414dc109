// What happens around messages and is read between them: changes of a group, missed calls. Each is a message of its own, in words and in a code that pages put into their own words.
import { type Conversation, type Language, type Message, timerText, type Words } from '@pulseline/protocol';
import type { ConversationRow, MemberRow } from '../store/port.ts';
import type { Chat, FactOf, Party } from '../whatsapp/port.ts';
import { bareAddress } from './address.ts';
import { announce, conversationFor, findConversation, learnPair } from './conversations.ts';
import { canonicalAddress, phoneForm } from './find.ts';
import { messageId } from './identifiers.ts';
import { addNewMessage, lasting, liveOrd } from './message.ts';
import { clip } from './text.ts';
import type { WorkingCopy } from './working-copy.ts';

type Notice = NonNullable<Message['notice']>;
type Code = NonNullable<FactOf<'group'>['notice']>['code'] | 'leave' | 'missed_call' | 'missed_video_call';

/** `{by}`, `{people}` and `{text}` are filled in. */
const words: Readonly<Record<Code, Words>> = {
  subject: { zh: '{by}将群名改为“{text}”', en: '{by} changed the subject to “{text}”' },
  add: { zh: '{by}添加了{people}', en: '{by} added {people}' },
  remove: { zh: '{by}移除了{people}', en: '{by} removed {people}' },
  leave: { zh: '{people}退出了群', en: '{people} left' },
  promote: { zh: '{people}成为管理员', en: '{people} is now an admin' },
  demote: { zh: '{people}不再是管理员', en: '{people} is no longer an admin' },
  announce: { zh: '现在只有管理员可以发消息', en: 'Only admins can write now' },
  open: { zh: '现在所有成员都可以发消息', en: 'Everybody can write now' },
  locked: { zh: '现在只有管理员可以修改群资料', en: 'Only admins can change the group now' },
  unlocked: { zh: '现在所有成员都可以修改群资料', en: 'Everybody can change the group now' },
  description: { zh: '{by}修改了群描述', en: '{by} changed the description' },
  disappearing: { zh: '{by}更改了限时消息：{text}', en: '{by} changed disappearing messages: {text}' },
  missed_call: { zh: '未接语音通话', en: 'Missed voice call' },
  missed_video_call: { zh: '未接视频通话', en: 'Missed video call' },
};

/** People of one notice that are named. */
const MOST_NAMED = 20;

export function foldGroup(copy: WorkingCopy, fact: FactOf<'group'>, language: Language): void {
  if (fact.chat.kind === 'person') return;
  const group = bareAddress(fact.chat.address);
  const { members, change, notice, subject, settings, since, timer } = fact;
  // A change that comes again must not be done again: what came after it would be undone.
  if (notice !== undefined && copy.messagesWith(notice.waId).length > 0) return;
  for (const party of [...(members ?? []), ...(change?.members ?? []), notice?.by]) if (party) learnPair(copy, party);
  const before = copy.members(group);
  const after = members ? distinct(members.map(rowOf)) : change ? changedMembers(before, change) : before;
  if (after !== undefined && !sameMembers(before ?? [], after)) copy.putMembers(group, after);
  const found = findConversation(copy, fact.chat);
  // What we have set ourselves is told already.
  const isOurs = notice?.code === 'disappearing' && timer === (found?.conversation.disappearing ?? 0);
  if (found) {
    const name = clip(subject ?? '', 300) || found.conversation.name;
    const info = groupInfo(copy, found.conversation.group, after, settings);
    const lastAt = Math.max(found.conversation.lastAt, since ?? 0);
    const timed = lasting(found.conversation, timer);
    const conversation = { ...timed, name, lastAt, ...(info && { group: info }) };
    if (JSON.stringify(conversation) !== JSON.stringify(found.conversation)) announce(copy, { ...found, conversation });
  }
  if (notice === undefined || notice.waId === '' || isOurs) return;
  const by = phoneForm(copy, notice.by);
  const people = (change?.members ?? []).slice(0, MOST_NAMED).flatMap((each) => phoneForm(copy, each) ?? []);
  const left = notice.code === 'remove' && people.length === 1 && people[0] === by;
  const told: Notice & { readonly code: Code } = {
    code: left ? 'leave' : notice.code,
    ...(by !== undefined && { by }),
    ...(people.length > 0 && { people }),
    ...(notice.text && { text: clip(notice.text, 2_000) }),
  };
  addNotice(copy, { chat: fact.chat, waId: notice.waId, at: notice.at, kind: 'system', notice: told, language });
}

/** A call: its states are told as they come, and one that nobody took becomes a message. */
export function foldCall(copy: WorkingCopy, fact: FactOf<'call'>, language: Language): void {
  const { callId, chat, from, at } = fact;
  learnPair(copy, from);
  const [known, seen] =
    copy
      .early(callId)
      .find(({ slot }) => slot === SLOT)
      ?.data.split(' ') ?? [];
  // Only the stanza that offers a call says whether it is one with video.
  const video = fact.video || seen === 'video';
  // Whoever hangs up before anybody answered has been missed; states never go back.
  const state = fact.state === 'ended' && known !== 'accepted' && known !== 'rejected' ? 'missed' : fact.state;
  if (known === state || rank(known) >= rank(state)) return;
  copy.putEarly({ waId: callId, slot: SLOT, data: video ? `${state} video` : state, at: Math.max(0, Math.floor(at)) });
  const caller = phoneForm(copy, from) ?? 'unknown@s.whatsapp.net';
  const home = state === 'missed' ? undefined : findConversation(copy, chat);
  if (state === 'missed') {
    const code = video ? 'missed_video_call' : 'missed_call';
    addNotice(copy, { chat, waId: callId, at, kind: 'call', notice: { code, by: caller }, from, language });
  }
  const conversation = (home ?? findConversation(copy, chat))?.conversation.id;
  const { id: account } = copy.account;
  const more = { video, at: Math.max(0, Math.floor(at)), ...(conversation !== undefined && { conversation }) };
  copy.emit('call', { account, callId, from: caller, state, ...more });
}

const SLOT = 'call';
const ORDER = ['ringing', 'accepted', 'rejected', 'missed', 'ended'];

function rank(state: string | undefined): number {
  return state === undefined
    ? -1
    : Math.min(ORDER.indexOf(state), state === 'ringing' ? 0 : 1) + Number(state === 'ended');
}

interface Told {
  readonly chat: Chat;
  readonly waId: string;
  readonly at: number;
  readonly kind: 'system' | 'call';
  readonly notice: Notice & { readonly code: Code };
  readonly from?: Party;
  readonly language: Language;
}

function addNotice(copy: WorkingCopy, { chat, waId, at, kind, notice, from, language }: Told): void {
  const home: ConversationRow = conversationFor(copy, chat, at);
  const { conversation } = home;
  const author = canonicalAddress(from) || NOBODY;
  const id = messageId(copy.account.id, conversation.id, author, waId);
  if (copy.message(id)) return;
  const message: Message = {
    id,
    account: copy.account.id,
    conversation: conversation.id,
    stream: copy.account.stream,
    seq: copy.nextSeq,
    from: conversation.address,
    to: copy.account.me?.id ?? conversation.address,
    ...(notice.by !== undefined && conversation.kind !== 'person' && { author: notice.by }),
    fromMe: false,
    kind,
    body: say(notice, language),
    timestamp: Math.max(0, Math.floor(at)),
    notice,
  };
  copy.count('notices');
  addNewMessage(copy, home, { message, waId, author, ord: liveOrd(copy, home, message.timestamp) });
}

/** Stands for the author of what WhatsApp itself says. */
const NOBODY = 'notice';

function say({ code, by, people = [], text = '' }: Notice & { readonly code: Code }, language: Language): string {
  const name = (address: string): string => address.replace(/@.*$/, '').replace(/^(?=\d{7,15}$)/, '+');
  return words[code][language]
    .replace('{by}', by === undefined ? '' : name(by))
    .replace('{people}', people.map(name).join(language === 'zh' ? '、' : ', '))
    .replace('{text}', code === 'disappearing' ? timerText(Number(text)) : text)
    .trim();
}

function rowOf(member: Party & { readonly role: MemberRow['role'] }): MemberRow {
  const { pn, role } = member;
  return { address: canonicalAddress(member), ...(pn !== undefined && { pn: bareAddress(pn) }), role };
}

/** Undefined while nothing is known of the others: half a list would pass for a whole one. */
function changedMembers(
  before: readonly MemberRow[] | undefined,
  { kind, members }: NonNullable<FactOf<'group'>['change']>,
): readonly MemberRow[] | undefined {
  if (before === undefined) return undefined;
  const named = members.map(rowOf);
  const others = before.filter((row) => !named.some((each) => isSame(row, each)));
  switch (kind) {
    case 'remove':
      return others;
    case 'add':
      return [...others, ...named];
    case 'promote':
      return [...others, ...named.map((row) => ({ ...row, role: 'admin' as const }))];
    case 'demote':
      return [...others, ...named.map((row) => ({ ...row, role: 'member' as const }))];
  }
}

/** What a list shows of a group; undefined while its members are not known. */
function groupInfo(
  copy: WorkingCopy,
  before: Conversation['group'],
  members: readonly MemberRow[] | undefined,
  settings: FactOf<'group'>['settings'],
): Conversation['group'] {
  if (members === undefined) return before;
  const { me } = copy.account;
  const own = members.find(({ address, pn }) =>
    [address, pn].some((form) => form !== undefined && (form === me?.id || form === me?.lid)),
  );
  const description = settings?.description ?? before?.description;
  return {
    ...(description && { description }),
    announce: settings?.announce ?? before?.announce ?? false,
    locked: settings?.locked ?? before?.locked ?? false,
    approval: settings?.approval ?? before?.approval ?? false,
    size: members.length,
    admins: members.filter(({ role }) => role !== 'member').length,
    role: own?.role ?? 'none',
  };
}

/** Nobody is in a group twice. */
function distinct(rows: readonly MemberRow[]): readonly MemberRow[] {
  return [...new Map(rows.map((row) => [row.address, row])).values()];
}

function isSame(one: MemberRow, other: MemberRow): boolean {
  return one.address === other.address || (one.pn !== undefined && one.pn === other.pn);
}

function sameMembers(one: readonly MemberRow[], other: readonly MemberRow[]): boolean {
  const key = ({ address, pn, role }: MemberRow): string => `${address} ${pn ?? ''} ${role}`;
  const known = new Set(one.map(key));
  return one.length === other.length && other.every((row) => known.has(key(row)));
}

/** Everybody in a group but ourselves; undefined if its members are not known. */
export function othersIn(copy: WorkingCopy, group: string): readonly MemberRow[] | undefined {
  const { me } = copy.account;
  return copy
    .members(group)
    ?.filter(({ address, pn }) => ![address, pn].some((each) => each && (each === me?.id || each === me?.lid)));
}
