// Who has WhatsApp, with which devices and which hidden id; it never changes anything.
import { digitsOf, parseAddress } from './address.ts';
import type { Device } from './device.ts';
import { childOf, childrenOf, type Node, node, textOf } from './nodes.ts';
import type { Person } from './person.ts';
import { disappearingNode, shows } from './profile.ts';
import type { World } from './world.ts';

export function answerUsync(world: World, _device: Device, iq: Node): Node[] {
  const request = childOf(iq, 'usync');
  const protocols = childrenOf(childOf(request, 'query')).map(({ tag }) => tag);
  const users = childrenOf(childOf(request, 'list')).map((user) => answerUser(world, user, protocols));
  const { sid, mode, context } = request?.attrs ?? {};
  return [
    node('usync', { sid, mode, context, index: '0', last: 'true' }, [
      node(
        'result',
        {},
        protocols.map((tag) => node(tag)),
      ),
      node('list', {}, users),
    ]),
  ];
}

function answerUser(world: World, user: Node, protocols: readonly string[]): Node {
  const asked = textOf(childOf(user, 'contact')) ?? '';
  const number = digitsOf(asked);
  const jid = user.attrs.jid ?? (number === undefined ? '@s.whatsapp.net' : `${number}@s.whatsapp.net`);
  const person = world.people.find(jid);
  const answers = protocols.flatMap((protocol) => answerProtocol(world, protocol, person, jid, asked));
  return node('user', { jid }, answers);
}

function answerProtocol(
  world: World,
  protocol: string,
  person: Person | undefined,
  jid: string,
  asked: string,
): Node[] {
  switch (protocol) {
    case 'contact':
      return [node('contact', { type: person ? 'in' : 'out' }, asked === '' ? undefined : asked)];
    case 'devices':
      return person ? [node('devices', {}, [node('device-list', {}, devicesOf(world, person))])] : [];
    case 'lid':
      return person && parseAddress(jid)?.server !== 'lid' ? [node('lid', { val: person.lid() })] : [];
    case 'status':
      return person && shows(person, 'status') ? [node('status', { t: '0' }, Buffer.from(person.settings.about))] : [];
    case 'disappearing_mode':
      return person ? [disappearingNode(person)] : [];
    default:
      return [];
  }
}

function devicesOf(world: World, person: Person): Node[] {
  const companions = world
    .devicesOf(person)
    .map(({ companion }) => node('device', { id: String(companion.device), 'key-index': String(companion.keyIndex) }));
  return [node('device', { id: '0' }), ...companions];
}
