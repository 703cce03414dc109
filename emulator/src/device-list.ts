// Tells those who write to an account that its list of devices has changed, so that the next message reaches all of them; it never changes the list.
import { node } from './nodes.ts';
import type { Companion, Person } from './person.ts';
import { seconds } from './send.ts';
import type { World } from './world.ts';

export function announceDevice(world: World, person: Person, companion: Companion, change: 'add' | 'remove'): void {
  const { device, keyIndex } = companion;
  // Clients keep their lists by number and by hidden id.
  const devices = [person.pn(device), person.lid(device)].map((jid) =>
    node('device', { jid, 'key-index': String(keyIndex) }),
  );
  for (const other of world.devices()) {
    if (other.companion === companion || !writesTo(world, other.person, person)) continue;
    const attrs = { from: person.pn(), type: 'devices', id: world.messageId(), t: seconds(world.clock()) };
    other.push(node('notification', attrs, [node(change, {}, devices)]));
  }
}

function writesTo(world: World, writer: Person, person: Person): boolean {
  return writer === person || world.logOf(writer).met.has(person.id);
}
