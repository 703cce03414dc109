// Communities: groups that are linked under one roof, with a group for announcements that all are in; it never carries messages.
import { addMember, announceGroup, groupNode, notifyMembers } from './group-members.ts';
import type { Group } from './groups.ts';
import { childOf, childrenOf, type Node, node, words } from './nodes.ts';
import type { Person } from './person.ts';
import type { Answer } from './queries.ts';
import type { World } from './world.ts';

const FORBIDDEN = { error: '403', text: 'forbidden' } as const;
const NOT_FOUND = { error: '404', text: 'item-not-found' } as const;

/** What is asked of a community alone. */
export const COMMUNITY_REQUESTS: ReadonlySet<string> = new Set(['sub_groups', 'links', 'unlink']);

/** A new group, alone or within a community, or a community. */
export function createIn(world: World, actor: Person, request: Node): Answer {
  const subject = request.attrs.subject ?? '';
  const members = childrenOf(request).flatMap(({ attrs }) => world.people.find(attrs.jid ?? '') ?? []);
  const parent = childOf(request, 'parent');
  if (parent) {
    const community = createCommunity(world, subject, actor, members);
    community.approval = parent.attrs.default_membership_approval_mode === 'request_required';
    world.groups.save(community);
    if (childOf(request, 'create_general_chat')) createGroup(world, 'General', actor, [], community);
    return [groupNode(community)];
  }
  const jid = childOf(request, 'linked_parent')?.attrs.jid;
  if (jid === undefined) return [groupNode(createGroup(world, subject, actor, members))];
  const community = world.groups.find(jid);
  if (community?.kind !== 'community') return NOT_FOUND;
  if (!community.members.has(actor)) return FORBIDDEN;
  return [groupNode(createGroup(world, subject, actor, members, community))];
}

export function createCommunity(world: World, subject: string, owner: Person, members: readonly Person[]): Group {
  const at = Math.floor(world.clock() / 1000);
  const community = world.groups.create(subject, owner, members, at, { kind: 'community' });
  const announcements = { kind: 'announcements', parent: community.id } as const;
  announceGroup(world, community);
  announceGroup(world, world.groups.create(subject, owner, members, at, announcements));
  return community;
}

function createGroup(
  world: World,
  subject: string,
  owner: Person,
  members: readonly Person[],
  community?: Group,
): Group {
  const at = Math.floor(world.clock() / 1000);
  const group = world.groups.create(subject, owner, members, at, community && { parent: community.id });
  announceGroup(world, group);
  if (community) for (const member of members) addMember(world, community, owner, member);
  return group;
}

/** Baileys reads what a community is once as a group and once as a community. */
export function twoForms(group: Group): Node[] {
  const asGroup = groupNode(group);
  return group.kind === 'group' ? [asGroup] : [asGroup, { ...asGroup, tag: 'community' }];
}

export function answerCommunity(world: World, community: Group, actor: Person, request: Node): Answer {
  if (community.kind !== 'community') return NOT_FOUND;
  if (request.tag === 'sub_groups') return [node('sub_groups', {}, world.groups.linkedTo(community).map(line))];
  if (community.members.get(actor) === 'member') return FORBIDDEN;
  const links = request.tag === 'links' ? childrenOf(request) : [request];
  const jids = links.flatMap((link) => childrenOf(link)).flatMap(({ attrs }) => attrs.jid ?? []);
  const done = jids.map((jid) => {
    const error = (request.tag === 'links' ? linkGroup : unlinkGroup)(world, community, actor, world.groups.find(jid));
    return node('group', { jid, error });
  });
  return request.tag === 'links'
    ? [node('links', {}, [node('link', { link_type: 'sub_group' }, done)])]
    : [node('unlink', { unlink_type: 'sub_group' }, done)];
}

/** @returns the error, if the group may not be linked by this person. */
export function linkError(group: Group | undefined, actor: Person): string | undefined {
  if (group?.kind !== 'group') return '404';
  if (group.parent !== undefined) return '409';
  return (group.members.get(actor) ?? 'member') === 'member' ? '403' : undefined;
}

/** All members of the group come into the community. @returns the error, if it may not be. */
export function linkGroup(world: World, community: Group, actor: Person, group: Group | undefined): string | undefined {
  const error = linkError(group, actor);
  if (error !== undefined || !group) return error;
  group.parent = community.id;
  world.groups.save(group);
  for (const member of group.members.keys()) addMember(world, community, actor, member);
  notifyMembers(world, community, actor, node('link', { link_type: 'sub_group' }, [line(group)]));
  notifyMembers(world, group, actor, node('link', { link_type: 'parent_group' }, [line(community)]));
  return undefined;
}

/** The group stays as it is, and its members stay in the community. */
function unlinkGroup(world: World, community: Group, actor: Person, group: Group | undefined): string | undefined {
  if (group?.parent !== community.id || group.kind !== 'group') return '404';
  group.parent = undefined;
  world.groups.save(group);
  notifyMembers(world, community, actor, node('unlink', { unlink_type: 'sub_group' }, [line(group)]));
  notifyMembers(world, group, actor, node('unlink', { unlink_type: 'parent_group' }, [line(community)]));
  return undefined;
}

/** A group in a list: without its members. */
function line(group: Group): Node {
  const attrs = {
    id: group.id.replace('@g.us', ''),
    subject: words(group.subject),
    creation: String(group.creation),
    s_t: String(group.creation),
    creator: group.creator.lid(),
    size: String(group.members.size),
  };
  return node('group', attrs, group.kind === 'announcements' ? [node('default_sub_group')] : undefined);
}
