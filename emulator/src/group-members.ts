// Who joins and leaves a group, and what its members are told of that and of other changes; it never answers a query.
import type { Group, Role } from './groups.ts';
import { type Node, node, words } from './nodes.ts';
import type { Person } from './person.ts';
import { seconds } from './send.ts';
import type { World } from './world.ts';

export const MEMBER_CHANGES = ['add', 'remove', 'promote', 'demote'] as const;
export type MemberChange = (typeof MEMBER_CHANGES)[number];

/** @returns one node for each that was asked for, with an error where it did not work. */
export function changeMembers(
  world: World,
  group: Group,
  actor: Person,
  how: MemberChange,
  wanted: readonly string[],
): Node[] {
  return wanted.map((jid) => {
    const person = world.people.find(jid);
    if (!person) return node('participant', { jid, error: '404' });
    const known = group.members.get(person);
    if (how === 'add') {
      if (known !== undefined) return node('participant', { jid, error: '409' });
      addMember(world, group, actor, person);
    } else {
      if (known === undefined) return node('participant', { jid, error: '404' });
      if (how === 'remove') removeMember(world, group, actor, person);
      else {
        group.members.set(person, how === 'promote' ? 'admin' : 'member');
        world.groups.save(group);
        notifyMembers(world, group, actor, node(how, {}, [memberNode(person, group.members.get(person) ?? 'member')]));
      }
    }
    return node('participant', { jid });
  });
}

/** Who is in a group of a community is in the community and hears its announcements. */
export function addMember(world: World, group: Group, actor: Person, person: Person): void {
  if (group.members.has(person)) return;
  notifyMembers(world, group, actor, node('add', {}, [memberNode(person, 'member')]));
  group.members.set(person, 'member');
  group.requests.delete(person);
  world.groups.save(group);
  for (const device of world.devicesOf(person)) device.push(createNotification(world, group, actor));
  const community = group.parent === undefined ? undefined : world.groups.find(group.parent);
  if (community) addMember(world, community, actor, person);
  if (group.kind !== 'community') return;
  const [announcements] = world.groups.linkedTo(group);
  if (announcements) addMember(world, announcements, actor, person);
}

/** The last thing that a removed member hears of the group. Who leaves a community leaves all its groups. */
export function removeMember(world: World, group: Group, actor: Person, person: Person): void {
  notifyMembers(world, group, actor, node('remove', {}, [memberNode(person, 'member')]));
  group.members.delete(person);
  world.groups.save(group);
  for (const member of group.members.keys()) world.senderKeys.rotate(member, group.id);
  world.senderKeys.rotate(person, group.id);
  if (group.kind !== 'community') return;
  for (const linked of world.groups.linkedTo(group)) {
    if (linked.members.has(person)) removeMember(world, linked, actor, person);
  }
}

/** Tells every member's devices that they are in. Comes before the first message. */
export function announceGroup(world: World, group: Group): void {
  for (const member of group.members.keys()) {
    for (const device of world.devicesOf(member)) device.push(createNotification(world, group, group.creator));
  }
}

function createNotification(world: World, group: Group, actor: Person): Node {
  return notification(world, group, actor, node('create', { type: 'new', key: world.messageId() }, [groupNode(group)]));
}

export function notifyMembers(world: World, group: Group, actor: Person, change: Node): void {
  for (const member of group.members.keys()) {
    for (const device of world.devicesOf(member)) device.push(notification(world, group, actor, change));
  }
}

export function notification(world: World, group: Group, actor: Person, change: Node): Node {
  const attrs = {
    from: group.id,
    type: 'w:gp2',
    id: world.messageId(),
    t: seconds(world.clock()),
    participant: actor.lid(),
    participant_pn: actor.pn(),
    addressing_mode: 'lid',
    notify: words(actor.name),
  };
  return node('notification', attrs, [change]);
}

export function groupNode(group: Group): Node {
  const attrs = {
    id: group.id.replace('@g.us', ''),
    subject: words(group.subject),
    creation: String(group.creation),
    s_t: String(group.creation),
    s_o: group.creator.lid(),
    creator: group.creator.lid(),
    creator_pn: group.creator.pn(),
    addressing_mode: 'lid',
    size: String(group.members.size),
  };
  const description =
    group.description === ''
      ? []
      : [
          node('description', { id: 'd1', t: String(group.creation) }, [
            node('body', {}, Buffer.from(group.description)),
          ]),
        ];
  return node('group', attrs, [
    ...[...group.members].map(([person, role]) => memberNode(person, role)),
    ...description,
    ...(group.ephemeral > 0 ? [node('ephemeral', { expiration: String(group.ephemeral) })] : []),
    ...(group.announce ? [node('announcement')] : []),
    ...(group.locked ? [node('locked')] : []),
    ...(group.approval ? [node('membership_approval_mode', {}, [node('group_join', { state: 'on' })])] : []),
    ...(group.memberAdd ? [node('member_add_mode', {}, Buffer.from('all_member_add'))] : []),
    ...(group.kind === 'community' ? [node('parent')] : []),
    ...(group.kind === 'announcements' ? [node('default_sub_group'), node('default_sub_community')] : []),
    ...(group.parent === undefined ? [] : [node('linked_parent', { jid: group.parent })]),
  ]);
}

function memberNode(person: Person, role: Role): Node {
  return node('participant', {
    jid: person.lid(),
    phone_number: person.pn(),
    type: role === 'member' ? undefined : role,
  });
}
