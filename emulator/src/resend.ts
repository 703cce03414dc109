// What happens when a device could not decrypt a message and asks for it again; it never resends to anybody else.
import { parseAddress } from './address.ts';
import { messageOf } from './content.ts';
import type { Device } from './device.ts';
import { resendToGroupMember } from './group-messages.ts';
import { childOf, type Node, node } from './nodes.ts';
import type { Person } from './person.ts';
import { seconds, sendToDevice } from './send.ts';
import type { World } from './world.ts';

/** Past this many attempts a message stays unreadable, as with WhatsApp's own clients. */
const MAX_RETRIES = 5;

export async function resendToDevice(world: World, device: Device, receipt: Node): Promise<void> {
  const { id = '', to = '', participant, recipient } = receipt.attrs;
  const address = parseAddress(participant ?? to);
  const author = world.people.find(participant ?? to);
  if (!address || !author) return;
  if (address.device !== 0) {
    forwardRetry(world, device, receipt, author, address.device, recipient);
    return;
  }
  const count = Number(childOf(receipt, 'retry')?.attrs.count ?? 1);
  const entry = world.logOf(author).find('out', id);
  if (!entry || !(count <= MAX_RETRIES)) return;
  world.sessions.drop(author, { person: device.person, device: device.companion.device });
  const message = messageOf(entry);
  const base = { id, from: author, timestamp: entry.timestamp, message };
  if (entry.to.endsWith('@g.us')) {
    await resendToGroupMember(world, { ...base, group: entry.to }, device, count);
    return;
  }
  const peer = world.people.find(entry.to);
  if (peer) await sendToDevice(world, { ...base, to: peer, form: entry.form }, device, count);
}

/** The author is a linked device itself: exactly that one must send again. */
function forwardRetry(
  world: World,
  device: Device,
  receipt: Node,
  author: Person,
  authorDevice: number,
  recipient: string | undefined,
): void {
  const { id, to = '', participant } = receipt.attrs;
  const form = parseAddress(participant ?? to)?.server === 'lid' ? 'lid' : 's.whatsapp.net';
  const reader = device.person.in(form, device.companion.device);
  const where = parseAddress(to)?.server === 'g.us' ? { from: to, participant: reader } : { from: reader, recipient };
  const attrs = { ...where, id, type: 'retry', t: seconds(world.clock()) };
  world.device(author, authorDevice)?.push(node('receipt', attrs, receipt.content));
}
