// What people show of themselves and to whom: picture, about, privacy, blocked people, default of disappearing; it never carries a message.

import type { Device } from './device.ts';
import { directPathOf } from './media-host.ts';
import { bytesOf, childOf, childrenOf, type Node, node, textOf } from './nodes.ts';
import type { Person } from './person.ts';
import type { Answer } from './queries.ts';
import { seconds } from './send.ts';
import type { World } from './world.ts';

/** WhatsApp's own default of each category. */
const PRIVACY: Readonly<Record<string, string>> = {
  readreceipts: 'all',
  profile: 'all',
  status: 'all',
  online: 'all',
  last: 'all',
  groupadd: 'all',
  calladd: 'all',
  messages: 'all',
};
const MAX_PICTURE_BYTES = 1024 * 1024;
const MAX_ABOUT = 512;
const MAX_BLOCKED = 5_000;
const NOT_FOUND = { error: '404', text: 'item-not-found' } as const;
const BAD_REQUEST = { error: '400', text: 'bad-request' } as const;

export function answerPrivacy(_world: World, { person }: Device, iq: Node): Answer {
  if (childOf(iq, 'tokens')) return [node('tokens')];
  if (iq.attrs.type === 'set') {
    for (const { attrs } of childrenOf(childOf(iq, 'privacy'))) {
      const { name, value } = attrs;
      if (name === undefined || value === undefined || !(name in PRIVACY)) return BAD_REQUEST;
      person.settings.privacy = { ...person.settings.privacy, [name]: value };
    }
    person.save();
  }
  const all = { ...PRIVACY, ...person.settings.privacy };
  return [
    node(
      'privacy',
      {},
      Object.entries(all).map(([name, value]) => node('category', { name, value })),
    ),
  ];
}

/** Does the person let others see this of them? */
export function shows(person: Person, name: 'last' | 'online' | 'profile' | 'status'): boolean {
  return (person.settings.privacy[name] ?? 'all') !== 'none';
}

export function answerBlocklist(world: World, device: Device, iq: Node): Answer {
  const { person } = device;
  const item = childOf(iq, 'item');
  if (item) {
    const other = world.people.find(item.attrs.jid ?? '');
    if (!other) return NOT_FOUND;
    block(world, person, other, item.attrs.action === 'block', device);
  }
  const items = person.settings.blocked.flatMap((id) => {
    const other = world.people.find(id);
    return other ? [node('item', { jid: other.lid(), pn_jid: other.pn() })] : [];
  });
  return [node('list', { dhash: 'emulator' }, items)];
}

/** From now on nothing of the other one reaches the person. @param by the device that is told by its answer. */
export function block(world: World, person: Person, other: Person, on: boolean, by?: Device): void {
  const without = person.settings.blocked.filter((id) => id !== other.id);
  person.settings.blocked = on ? [...without, other.id].slice(-MAX_BLOCKED) : without;
  person.save();
  const item = node('item', { jid: other.lid(), pn_jid: other.pn(), action: on ? 'block' : 'unblock' });
  tellOwn(world, person, by, node('blocklist', { dhash: 'emulator' }, [item]));
}

export function hasBlocked(person: Person, other: Person): boolean {
  return person.settings.blocked.includes(other.id);
}

export function answerPicture(world: World, device: Device, iq: Node): Answer {
  const { target, type } = iq.attrs;
  const group = target?.endsWith('@g.us') ? world.groups.find(target) : undefined;
  const person = target === undefined ? device.person : world.people.find(target);
  if (!group && !person) return NOT_FOUND;
  const asked = childOf(iq, 'picture');
  if (type === 'set') {
    if (group && !group.members.has(device.person)) return { error: '403', text: 'forbidden' };
    if (!group && person !== device.person) return { error: '403', text: 'forbidden' };
    const bytes = bytesOf(asked);
    if (bytes && bytes.length > MAX_PICTURE_BYTES) return BAD_REQUEST;
    if (group) return picked(setPicture(world, group, device.person, bytes, device));
    return picked(setPicture(world, device.person, device.person, bytes, device));
  }
  const file = group ? group.picture : person?.settings.picture;
  const seen = group || person === device.person || (person && shows(person, 'profile'));
  if (!file || !seen) return NOT_FOUND;
  const path = directPathOf(file);
  return [node('picture', { id: file, type: 'image', url: `https://${world.mediaHost}${path}`, direct_path: path })];
}

function picked(id: string | undefined): Answer {
  return id === undefined ? undefined : [node('picture', { id })];
}

/** Anybody whose picture can change: a person or a group. */
type Sitter =
  | Person
  | { readonly id: string; picture?: string | undefined; readonly members: ReadonlyMap<Person, string> };

/** @param bytes none = it is taken away. @returns the id of the new picture. */
export function setPicture(
  world: World,
  of: Sitter,
  author: Person,
  bytes: Buffer | undefined,
  by?: Device,
): string | undefined {
  const id = bytes && world.media.put(bytes);
  const group = 'members' in of;
  if (group) of.picture = id;
  else {
    of.settings.picture = id;
    of.save();
  }
  for (const device of group
    ? [...of.members.keys()].flatMap((each) => world.devicesOf(each))
    : acquainted(world, of)) {
    if (device === by) continue;
    const from = group ? of.id : of.pn();
    const attrs = { from, type: 'picture', id: world.messageId(), t: seconds(world.clock()) };
    const what =
      id === undefined
        ? node('delete', { jid: from, author: author.lid() })
        : node('set', { jid: from, id, author: author.lid() });
    device.push(node('notification', attrs, [what]));
  }
  return id;
}

/** Devices of those who have written with the person, and the person's own. */
function acquainted(world: World, person: Person): Device[] {
  const { met } = world.logOf(person);
  return [...world.devices()].filter((device) => device.person === person || met.has(device.person.id));
}

export function answerAbout(_world: World, { person }: Device, iq: Node): Answer {
  const text = textOf(childOf(iq, 'status'));
  if (iq.attrs.type !== 'set' || text === undefined) return undefined;
  person.settings.about = text.slice(0, MAX_ABOUT);
  person.save();
  return undefined;
}

export function answerDisappearing(world: World, device: Device, iq: Node): Answer {
  const asked = childOf(iq, 'disappearing_mode');
  const { person } = device;
  if (iq.attrs.type === 'set' && asked) {
    person.settings.disappearing = {
      seconds: Number(asked.attrs.duration) || 0,
      since: Math.floor(world.clock() / 1000),
    };
    person.save();
    tellOwn(world, person, device, disappearingNode(person));
  }
  return [disappearingNode(person)];
}

export function disappearingNode({ settings: { disappearing } }: Person): Node {
  return node('disappearing_mode', { duration: String(disappearing.seconds), t: String(disappearing.since) });
}

function tellOwn(world: World, person: Person, by: Device | undefined, what: Node): void {
  for (const device of world.devicesOf(person)) {
    if (device === by) continue;
    const attrs = { from: person.pn(), type: 'account_sync', id: world.messageId(), t: seconds(world.clock()) };
    device.push(node('notification', attrs, [what]));
  }
}
