// What WhatsApp says of groups in our words: who is in, what they are called, what somebody changed. Pure; it asks nobody.
import type { BinaryNode, GroupMetadata } from 'baileys';
import { chatOf, isKnown, partyOf } from './address.ts';
import type { Fact, FactOf, GroupMember, GroupSettings } from './port.ts';

type GroupFact = FactOf<'group'>;

/** WhatsApp allows 1,024. */
const MAX_MEMBERS = 2_000;
const MAX_TEXT = 2_000;

/** All that a group's own record says. */
export function groupFact(metadata: GroupMetadata): GroupFact | undefined {
  const { id, subject, participants, desc, announce, restrict, joinApprovalMode, ephemeralDuration } = metadata;
  const chat = chatOf(id);
  if (chat?.kind !== 'group') return undefined;
  const members = participants.slice(0, MAX_MEMBERS).flatMap((each): readonly GroupMember[] => {
    const party = partyOf(each.id, each.lid, each.phoneNumber);
    return isKnown(party) ? [{ ...party, role: roleOf(each.admin) }] : [];
  });
  const settings = {
    description: (desc ?? '').slice(0, MAX_TEXT),
    announce: announce === true,
    locked: restrict === true,
    approval: joinApprovalMode === true,
  };
  const timer = Math.max(0, Math.floor(Number(ephemeralDuration ?? 0)) || 0);
  return { type: 'group', chat, ...(subject && { subject }), settings, timer, members };
}

/** A notification of a group: who changed what. The name of a new one is told as a piece of history too: a conversation without messages. */
export function groupNotification({ attrs, content }: BinaryNode, now: number): readonly Fact[] {
  const chat = chatOf(attrs['from']);
  if (attrs['type'] !== 'w:gp2' || chat?.kind !== 'group' || !Array.isArray(content)) return [];
  const by = partyOf(attrs['participant'], attrs['participant_pn'], attrs['participant_lid']);
  const seconds = Number(attrs['t']);
  const at = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : now;
  const notice = { waId: attrs['id'] ?? '', at, ...(isKnown(by) && { by }) };
  return content.flatMap((child): readonly Fact[] => {
    switch (child.tag) {
      case 'create': {
        const group = children(child).find(({ tag }) => tag === 'group');
        const subject = group?.attrs['subject'];
        const members = membersIn(group);
        return [
          ...(subject ? [{ type: 'history', chats: [{ chat, name: subject, messages: [] }] } as const] : []),
          { type: 'group', chat, ...(subject && { subject }), since: at, ...(members.length > 0 && { members }) },
        ];
      }
      case 'subject': {
        const subject = (child.attrs['subject'] ?? '').slice(0, MAX_TEXT);
        return [
          { type: 'history', chats: [{ chat, name: subject, messages: [] }] },
          { type: 'group', chat, subject, notice: { ...notice, code: 'subject', text: subject } },
        ];
      }
      case 'add':
      case 'remove':
      case 'promote':
      case 'demote': {
        const members = membersIn(child);
        if (members.length === 0) return [];
        const code = child.tag;
        return [{ type: 'group', chat, change: { kind: code, members }, notice: { ...notice, code } }];
      }
      case 'ephemeral':
      case 'not_ephemeral': {
        const timer = child.tag === 'ephemeral' ? Math.max(0, Math.floor(Number(child.attrs['expiration'])) || 0) : 0;
        return [{ type: 'group', chat, timer, notice: { ...notice, code: 'disappearing', text: String(timer) } }];
      }
      default: {
        if (child.tag === 'membership_approval_mode') {
          const state = children(child).find(({ tag }) => tag === 'group_join')?.attrs['state'];
          return [{ type: 'group', chat, settings: { approval: state === 'on' } }];
        }
        const code = SETTINGS.get(child.tag);
        const settings = code && settingsBy(code, child);
        return code === undefined
          ? []
          : [{ type: 'group', chat, notice: { ...notice, code }, ...(settings && { settings }) }];
      }
    }
  });
}

const SETTINGS: ReadonlyMap<string, NonNullable<GroupFact['notice']>['code']> = new Map([
  ['announcement', 'announce'],
  ['not_announcement', 'open'],
  ['locked', 'locked'],
  ['unlocked', 'unlocked'],
  ['description', 'description'],
] as const);

function settingsBy(code: NonNullable<GroupFact['notice']>['code'], node: BinaryNode): GroupSettings | undefined {
  switch (code) {
    case 'announce':
    case 'open':
      return { announce: code === 'announce' };
    case 'locked':
    case 'unlocked':
      return { locked: code === 'locked' };
    case 'description': {
      const body = children(node).find(({ tag }) => tag === 'body')?.content;
      const text = typeof body === 'string' ? body : body instanceof Uint8Array ? Buffer.from(body).toString() : '';
      return { description: text.slice(0, MAX_TEXT) };
    }
    default:
      return undefined;
  }
}

function membersIn(node: BinaryNode | undefined): readonly GroupMember[] {
  return children(node)
    .filter(({ tag }) => tag === 'participant')
    .slice(0, MAX_MEMBERS)
    .flatMap(({ attrs }): readonly GroupMember[] => {
      const party = partyOf(attrs['jid'], attrs['phone_number'], attrs['lid']);
      return isKnown(party) ? [{ ...party, role: roleOf(attrs['type']) }] : [];
    });
}

function children(node: BinaryNode | undefined): readonly BinaryNode[] {
  return Array.isArray(node?.content) ? node.content : [];
}

function roleOf(word: string | null | undefined): GroupMember['role'] {
  return word === 'superadmin' ? 'owner' : word === 'admin' ? 'admin' : 'member';
}
