// A simulated person's message to somebody's linked devices: one ciphertext each, kept in the device's queue; it never waits for an answer.
import type { proto } from 'baileys/WAProto/index.js';
import { contentOf, markOf, rawOf } from './content.ts';
import type { Device } from './device.ts';
import type { Entry } from './log.ts';
import { type Node, node, words } from './nodes.ts';
import type { Person } from './person.ts';
import { hasBlocked } from './profile.ts';
import { takeBundle } from './queries.ts';
import { type Ciphertext, pad } from './signal.ts';
import { mediaTypeOf } from './summary.ts';
import { wire } from './wire.ts';
import type { World } from './world.ts';

export type Form = 's.whatsapp.net' | 'lid';

/** What is said where: enough to make the stanza anew for a retry. */
export interface Letter {
  readonly id: string;
  readonly from: Person;
  readonly to: Person;
  readonly form: Form;
  /** ms since epoch. */
  readonly timestamp: number;
  readonly message: proto.IMessage;
  /** The phone alone may see it: linked devices are told that there is something. */
  readonly withheld?: boolean;
}

export function seconds(ms: number): string {
  return String(Math.floor(ms / 1000));
}

/** To every linked device of the recipient and every linked device of the sender. */
export async function sendLetter(world: World, letter: Letter): Promise<void> {
  // Who is blocked is not told so: the message stays with the server.
  const unheard = hasBlocked(letter.to, letter.from);
  for (const device of unheard ? [] : world.devicesOf(letter.to)) await sendToDevice(world, letter, device);
  if (letter.from === letter.to) return;
  for (const device of world.devicesOf(letter.from)) await sendToDevice(world, letter, device);
}

/** To one device. @param retry how often this device has asked for it again. */
export async function sendToDevice(world: World, letter: Letter, device: Device, retry?: number): Promise<void> {
  const { from, to, form, id, timestamp } = letter;
  const own = device.person === from;
  const said = own ? { deviceSentMessage: { destinationJid: to.in(form), message: letter.message } } : letter.message;
  const content = letter.withheld
    ? node('unavailable', { type: 'view_once' })
    : encNode(
        await encryptFor(world, from, device, wire().Message.encode(said).finish()),
        retry,
        mediaTypeOf(letter.message),
      );
  // A copy to an own device must never carry sender_lid or sender_pn: the client would take its own id for the peer's.
  const alternative = own
    ? form === 'lid'
      ? { recipient: to.in(form), peer_recipient_pn: to.pn() }
      : { recipient: to.in(form), peer_recipient_lid: to.lid() }
    : form === 'lid'
      ? { sender_pn: from.pn() }
      : { sender_lid: from.lid() };
  const attrs = {
    from: from.in(form),
    id,
    t: seconds(timestamp),
    ...markOf(letter.message),
    notify: words(from.name),
    ...alternative,
  };
  device.push(node('message', attrs, [content]));
}

/** From the phone to its own linked device, beside the chats: keys, history. */
export async function sendPeerMessage(world: World, device: Device, message: proto.IMessage): Promise<void> {
  const enc = await encryptFor(world, device.person, device, wire().Message.encode(message).finish());
  const attrs = {
    from: device.person.pn(),
    id: world.messageId(),
    t: seconds(world.clock()),
    type: 'text',
    category: 'peer',
  };
  device.push(node('message', attrs, [encNode(enc)]));
}

export function encryptFor(world: World, from: Person, device: Device, message: Uint8Array): Promise<Ciphertext> {
  const { person, companion } = device;
  return world.sessions.encrypt(from, { person, device: companion.device }, pad(message, world.random), () =>
    takeBundle(world, person, companion.device),
  );
}

export function encNode({ type, bytes }: Ciphertext, retry?: number, mediatype?: string): Node {
  return node('enc', { v: '2', type, count: retry === undefined ? undefined : String(retry), mediatype }, bytes);
}

/** Puts a sent message into the logs of both; the log of the recipient knows it as received. */
export function logLetter(world: World, letter: Letter, status: Entry['status']): void {
  const { id, from, to, form, timestamp, message } = letter;
  const entry = { id, from: from.id, to: to.id, form, ...contentOf(message), ...rawOf(message), timestamp };
  world.logOf(from).add({ ...entry, direction: 'out', status });
  if (to !== from) world.logOf(to).add({ ...entry, direction: 'in', status: 'delivered' });
}
