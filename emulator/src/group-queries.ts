// What a linked device asks of groups (w:g2) and what their members are told of changes; it never carries messages.
import type { Device } from './device.ts';
import type { Group, Role } from './groups.ts';
import { childOf, childrenOf, type Node, node, textOf, words } from './nodes.ts';
import type { Person } from './person.ts';
import type { Answer } from './queries.ts';
import { seconds } from './send.ts';
import type { World } from './world.ts';

const FORBIDDEN = { error: '403', text: 'forbidden' } as const;
const NOT_FOUND = { error: '404', text: 'item-not-found' } as const;
const BAD_REQUEST = { error: '400', text: 'bad-request' } as const;

export const MEMBER_CHANGES = ['add', 'remove', 'promote', 'demote'] as const;
export type MemberChange = (typeof MEMBER_CHANGES)[number];

/** Switches of a group: the field they set and to what. */
const SWITCHES: ReadonlyMap<string, readonly ['announce' | 'locked', boolean]> = new Map([
  ['announcement', ['announce', true]],
  ['not_announcement', ['announce', false]],
  ['locked', ['locked', true]],
  ['unlocked', ['locked', false]],
]);

export function answerGroupQuery(world: World, device: Device, iq: Node): Answer {
  const actor = device.person;
  const [request] = childrenOf(iq);
  if (!request) return BAD_REQUEST;
  if (request.tag === 'create') return create(world, actor, request);
  if (request.tag === 'participating') return [node('groups', {}, world.groups.of(actor).map(groupNode))];
  if (request.tag === 'leave') return leave(world, actor, request);
  if (request.tag === 'invite' && request.attrs.code) return useInvite(world, actor, request.attrs.code, iq.attrs.type);
  const group = world.groups.find(iq.attrs.to ?? '');
  if (!group) return NOT_FOUND;
  const role = group.members.get(actor);
  if (role === undefined) return FORBIDDEN;
  if (request.tag === 'query') return [groupNode(group)];
  if (request.tag === 'invite') {
    if (role === 'member') return FORBIDDEN;
    if (iq.attrs.type === 'set') {
      group.invites += 1;
      world.groups.save(group);
    }
    return [node('invite', { code: inviteCode(group) })];
  }
  return change(world, group, actor, role, request);
}

function change(world: World, group: Group, actor: Person, role: Role, request: Node): Answer {
  const admin = role !== 'member';
  const members = MEMBER_CHANGES.find((each) => each === request.tag);
  if (members) {
    if (!admin) return FORBIDDEN;
    const wanted = childrenOf(request).flatMap(({ attrs }) => attrs.jid ?? []);
    return [node(members, {}, changeMembers(world, group, actor, members, wanted))];
  }
  if (!admin && (group.locked || SWITCHES.has(request.tag))) return FORBIDDEN;
  const setting = SWITCHES.get(request.tag);
  if (setting) group[setting[0]] = setting[1];
  else if (request.tag === 'ephemeral') group.ephemeral = Number(request.attrs.expiration) || 0;
  else if (request.tag === 'not_ephemeral') group.ephemeral = 0;
  else if (request.tag === 'subject') group.subject = textOf(request) ?? group.subject;
  else if (request.tag === 'description') group.description = textOf(childOf(request, 'body')) ?? '';
  // What else there is (member_add_mode ...) is told to the members and forgotten.
  world.groups.save(group);
  const told =
    request.tag === 'subject'
      ? node('subject', { subject: words(group.subject), s_t: seconds(world.clock()) })
      : request;
  notifyMembers(world, group, actor, told);
  return undefined;
}

function create(world: World, actor: Person, request: Node): Answer {
  const subject = request.attrs.subject ?? '';
  const members = childrenOf(request).flatMap(({ attrs }) => world.people.find(attrs.jid ?? '') ?? []);
  const group = world.groups.create(subject, actor, members, Math.floor(world.clock() / 1000));
  announceGroup(world, group);
  return [groupNode(group)];
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

function addMember(world: World, group: Group, actor: Person, person: Person): void {
  notifyMembers(world, group, actor, node('add', {}, [memberNode(person, 'member')]));
  group.members.set(person, 'member');
  world.groups.save(group);
  for (const device of world.devicesOf(person)) device.push(createNotification(world, group, actor));
}

/** The last thing that a removed member hears of the group. */
function removeMember(world: World, group: Group, actor: Person, person: Person): void {
  notifyMembers(world, group, actor, node('remove', {}, [memberNode(person, 'member')]));
  group.members.delete(person);
  world.groups.save(group);
  for (const member of group.members.keys()) world.senderKeys.rotate(member, group.id);
  world.senderKeys.rotate(person, group.id);
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

function notifyMembers(world: World, group: Group, actor: Person, change: Node): void {
  for (const member of group.members.keys()) {
    for (const device of world.devicesOf(member)) device.push(notification(world, group, actor, change));
  }
}

function notification(world: World, group: Group, actor: Person, change: Node): Node {
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

function groupNode(group: Group): Node {
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
  ]);
}

function memberNode(person: Person, role: Role): Node {
  return node('participant', {
    jid: person.lid(),
    phone_number: person.pn(),
    type: role === 'member' ? undefined : role,
  });
}

/** Somebody looks at a group by its link, or joins by it. */
function useInvite(world: World, actor: Person, code: string, type: string | undefined): Answer {
  const group = [...world.groups.all()].find((each) => inviteCode(each) === code);
  if (!group) return { error: '406', text: 'not-acceptable' };
  if (type !== 'set') return [groupNode(group)];
  if (group.members.has(actor)) return { error: '409', text: 'conflict' };
  addMember(world, group, actor, actor);
  return [node('group', { jid: group.id })];
}

function inviteCode({ id, invites }: Group): string {
  return Buffer.from(`${id.slice(6, 18)}/${invites}`)
    .toString('base64url')
    .padEnd(22, 'A');
}
