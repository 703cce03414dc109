// Who is online and who is typing; it never keeps any of it for later.
import type { Device } from './device.ts';
import { type Node, node } from './nodes.ts';
import type { Person } from './person.ts';
import { shows } from './profile.ts';
import { seconds } from './send.ts';
import type { World } from './world.ts';

export const TYPING = ['composing', 'recording', 'paused'] as const;
export type Typing = (typeof TYPING)[number];

/** People whose presence one device may follow. */
const MAX_SUBSCRIPTIONS = 5_000;

export function receivePresence(world: World, device: Device, { attrs }: Node): void {
  if (attrs.type === 'subscribe') {
    const person = world.people.find(attrs.to ?? '');
    if (!person || device.subscriptions.size >= MAX_SUBSCRIPTIONS) return;
    device.subscriptions.add(person.id);
    device.connection?.send(presenceNode(person, attrs.to ?? person.pn()));
    return;
  }
  if (attrs.type === 'available' || attrs.type === 'unavailable') {
    setOnline(world, device.person, attrs.type === 'available');
  }
}

/** Everybody who follows the person is told. */
export function setOnline(world: World, person: Person, online: boolean): void {
  person.settings.online = online;
  if (!online) person.settings.lastSeen = world.clock();
  person.save();
  for (const device of world.devices()) {
    if (device.person !== person && device.subscriptions.has(person.id))
      device.connection?.send(presenceNode(person, person.pn()));
  }
}

/** A device that has lost its socket is online no longer. */
export function forgetPresence(world: World, device: Device): void {
  const others = world.devicesOf(device.person).some(({ phase }) => phase !== 'absent');
  if (!others && device.person.settings.online) setOnline(world, device.person, false);
}

export function receiveChatState(world: World, device: Device, stanza: Node): void {
  const peer = world.people.find(stanza.attrs.to ?? '');
  if (!peer) return;
  const form = stanza.attrs.to?.endsWith('@lid') ? 'lid' : 's.whatsapp.net';
  for (const other of world.devicesOf(peer)) {
    other.connection?.send(node('chatstate', { from: device.person.in(form) }, stanza.content));
  }
}

/** A simulated person types to somebody. */
export function type(world: World, from: Person, to: Person, state: Typing): void {
  const child = state === 'recording' ? node('composing', { media: 'audio' }) : node(state);
  for (const device of world.devicesOf(to)) device.connection?.send(node('chatstate', { from: from.pn() }, [child]));
}

function presenceNode(person: Person, from: string): Node {
  const { online, lastSeen } = person.settings;
  if (online && shows(person, 'online')) return node('presence', { from });
  const last = lastSeen === 0 || !shows(person, 'last') ? 'deny' : seconds(lastSeen);
  return node('presence', { from, type: 'unavailable', last });
}
