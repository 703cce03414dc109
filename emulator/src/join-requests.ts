// Who asks to be let into a group whose admins decide, and what they decide; it never lets anybody in by itself.
import { addMember, notification } from './group-members.ts';
import type { Group } from './groups.ts';
import { childrenOf, type Node, node } from './nodes.ts';
import type { Person } from './person.ts';
import type { Answer } from './queries.ts';
import type { World } from './world.ts';

const FORBIDDEN = { error: '403', text: 'forbidden' } as const;
const BAD_REQUEST = { error: '400', text: 'bad-request' } as const;
/** Who waits for one group at a time; later ones are not heard. */
const MAX_REQUESTS = 1_024;

export const JOIN_REQUESTS: ReadonlySet<string> = new Set([
  'membership_approval_requests',
  'membership_requests_action',
]);

/** By a link. The admins are told. */
export function askToJoin(world: World, group: Group, person: Person): void {
  if (group.members.has(person) || group.requests.has(person) || group.requests.size >= MAX_REQUESTS) return;
  group.requests.set(person, Math.floor(world.clock() / 1000));
  world.groups.save(group);
  tellAdmins(
    world,
    group,
    person,
    node('created_membership_requests', { request_method: 'invite_link' }, [of(person)]),
  );
}

export function answerJoinRequests(world: World, group: Group, actor: Person, request: Node): Answer {
  if (group.members.get(actor) === 'member') return FORBIDDEN;
  if (request.tag === 'membership_approval_requests') {
    const waiting = [...group.requests].map(([person, at]) => {
      const attrs = { jid: person.lid(), phone_number: person.pn(), request_method: 'invite_link' };
      return node('membership_approval_request', { ...attrs, request_time: String(at) });
    });
    return [node(request.tag, {}, waiting)];
  }
  const [action] = childrenOf(request);
  if (action?.tag !== 'approve' && action?.tag !== 'reject') return BAD_REQUEST;
  const done = childrenOf(action).map(({ attrs: { jid = '' } }) => {
    const person = world.people.find(jid);
    if (!person || !group.requests.has(person)) return node('participant', { jid, error: '404' });
    if (action.tag === 'approve') addMember(world, group, actor, person);
    else {
      group.requests.delete(person);
      world.groups.save(group);
      tellAdmins(world, group, actor, node('revoked_membership_requests', {}, [of(person)]));
    }
    return node('participant', { jid });
  });
  return [node(request.tag, {}, [node(action.tag, {}, done)])];
}

function tellAdmins(world: World, group: Group, actor: Person, change: Node): void {
  for (const [member, role] of group.members) {
    if (role === 'member') continue;
    for (const device of world.devicesOf(member)) device.push(notification(world, group, actor, change));
  }
}

function of(person: Person): Node {
  return node('participant', { jid: person.lid(), phone_number: person.pn() });
}
