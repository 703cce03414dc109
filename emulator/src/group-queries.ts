// What a linked device asks of groups (w:g2) and what their members are told of changes; it never carries messages.
import { answerCommunity, COMMUNITY_REQUESTS, createIn, twoForms } from './communities.ts';
import type { Device } from './device.ts';
import { addMember, changeMembers, groupNode, MEMBER_CHANGES, notifyMembers, removeMember } from './group-members.ts';
import type { Group, Role } from './groups.ts';
import { answerJoinRequests, askToJoin, JOIN_REQUESTS } from './join-requests.ts';
import { childOf, childrenOf, type Node, node, textOf, words } from './nodes.ts';
import type { Person } from './person.ts';
import type { Answer } from './queries.ts';
import { seconds } from './send.ts';
import type { World } from './world.ts';

const FORBIDDEN = { error: '403', text: 'forbidden' } as const;
const NOT_FOUND = { error: '404', text: 'item-not-found' } as const;
const BAD_REQUEST = { error: '400', text: 'bad-request' } as const;

/** Switches of a group: the field they set and to what. */
const SWITCHES: ReadonlyMap<string, readonly ['announce' | 'locked', boolean]> = new Map([
  ['announcement', ['announce', true]],
  ['not_announcement', ['announce', false]],
  ['locked', ['locked', true]],
  ['unlocked', ['locked', false]],
]);

const ADMINS_ONLY: ReadonlySet<string> = new Set([
  ...SWITCHES.keys(),
  'member_add_mode',
  'membership_approval_mode',
  'revoke',
]);

export function answerGroupQuery(world: World, device: Device, iq: Node): Answer {
  const actor = device.person;
  const [request] = childrenOf(iq);
  if (!request) return BAD_REQUEST;
  if (request.tag === 'create') return createIn(world, actor, request);
  if (request.tag === 'participating') return participating(world, actor);
  if (request.tag === 'leave') return leave(world, actor, request);
  if (request.tag === 'invite' && request.attrs.code) return useInvite(world, actor, request.attrs.code, iq.attrs.type);
  const group = world.groups.find(iq.attrs.to ?? '');
  if (!group) return NOT_FOUND;
  if (request.tag === 'accept') return useInvite(world, actor, request.attrs.code ?? '', 'set');
  const role = group.members.get(actor);
  if (role === undefined) return FORBIDDEN;
  if (request.tag === 'query') return twoForms(group);
  if (request.tag === 'invite') {
    if (role === 'member') return FORBIDDEN;
    if (iq.attrs.type === 'set') {
      group.invites += 1;
      world.groups.save(group);
    }
    return [node('invite', { code: inviteCode(group) })];
  }
  if (COMMUNITY_REQUESTS.has(request.tag)) return answerCommunity(world, group, actor, request);
  if (JOIN_REQUESTS.has(request.tag)) return answerJoinRequests(world, group, actor, request);
  return change(world, group, actor, role, request);
}

function change(world: World, group: Group, actor: Person, role: Role, request: Node): Answer {
  const admin = role !== 'member';
  const members = MEMBER_CHANGES.find((each) => each === request.tag);
  if (members) {
    if (!admin && !(members === 'add' && group.memberAdd)) return FORBIDDEN;
    const wanted = childrenOf(request).flatMap(({ attrs }) => attrs.jid ?? []);
    return [node(members, {}, changeMembers(world, group, actor, members, wanted))];
  }
  if (!admin && (group.locked || ADMINS_ONLY.has(request.tag))) return FORBIDDEN;
  const setting = SWITCHES.get(request.tag);
  if (setting) group[setting[0]] = setting[1];
  else if (request.tag === 'ephemeral') group.ephemeral = Number(request.attrs.expiration) || 0;
  else if (request.tag === 'not_ephemeral') group.ephemeral = 0;
  else if (request.tag === 'subject') group.subject = textOf(request) ?? group.subject;
  else if (request.tag === 'description') group.description = textOf(childOf(request, 'body')) ?? '';
  else if (request.tag === 'member_add_mode') group.memberAdd = textOf(request) === 'all_member_add';
  else if (request.tag === 'membership_approval_mode') {
    const [joining] = childrenOf(request);
    group.approval = joining?.attrs.state === 'on';
  }
  // What else there is is told to the members and forgotten.
  world.groups.save(group);
  const told =
    request.tag === 'subject'
      ? node('subject', { subject: words(group.subject), s_t: seconds(world.clock()) })
      : request;
  notifyMembers(world, group, actor, told);
  return undefined;
}

/** Baileys asks for groups and for communities by the same words. */
function participating(world: World, actor: Person): Answer {
  const mine = world.groups.of(actor);
  const communities = mine
    .filter(({ kind }) => kind === 'community')
    .map((group) => ({ ...groupNode(group), tag: 'community' }));
  return [node('groups', {}, mine.map(groupNode)), node('communities', {}, communities)];
}

function leave(world: World, actor: Person, request: Node): Answer {
  const answers = childrenOf(request).map(({ attrs: { id = '' } }) => {
    const group = world.groups.find(id);
    if (!group?.members.has(actor)) return node('group', { id, error: '404' });
    removeMember(world, group, actor, actor);
    return node('group', { id });
  });
  return [node('leave', {}, answers)];
}

/** Somebody looks at a group by its link, or joins by it. */
function useInvite(world: World, actor: Person, code: string, type: string | undefined): Answer {
  const group = [...world.groups.all()].find((each) => inviteCode(each) === code);
  if (!group) return { error: '406', text: 'not-acceptable' };
  if (type !== 'set') return [groupNode(group)];
  if (group.members.has(actor)) return { error: '409', text: 'conflict' };
  if (group.approval) {
    askToJoin(world, group, actor);
    return [node('membership_approval_request', { jid: group.id })];
  }
  addMember(world, group, actor, actor);
  return [
    node('group', { jid: group.id }),
    ...(group.kind === 'community' ? [node('community', { jid: group.id })] : []),
  ];
}

function inviteCode({ id, invites }: Group): string {
  return Buffer.from(`${id.slice(6, 18)}/${invites}`)
    .toString('base64url')
    .padEnd(22, 'A');
}
