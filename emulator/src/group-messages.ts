// Messages in groups, both ways: one ciphertext for all, and the key to it for each device that lacks it; it never lets a stranger write.
import type { proto } from 'baileys/WAProto/index.js';
import { parseAddress } from './address.ts';
import { contentOf, markOf, rawOf } from './content.ts';
import type { Device } from './device.ts';
import { bytesOf, childOf, childrenOf, type Node, node, words } from './nodes.ts';
import type { Person } from './person.ts';
import { bundleNodes } from './queries.ts';
import { pushReceipt } from './receipts.ts';
import { readMessages } from './receive.ts';
import { record } from './record.ts';
import { encNode, encryptFor, type Form, seconds } from './send.ts';
import { type DeviceRef, pad, unpad } from './signal.ts';
import { mediaTypeOf } from './summary.ts';
import { wire } from './wire.ts';
import type { World } from './world.ts';

/** Where people post what is to be seen for a day. */
export const STATUS = 'status@broadcast';

/** Groups are addressed by hidden id, as WhatsApp's new ones are. */
const GROUP_FORM: Form = 'lid';

export interface GroupLetter {
  readonly id: string;
  readonly from: Person;
  readonly group: string;
  /** ms since epoch. */
  readonly timestamp: number;
  readonly message: proto.IMessage;
  /** Who gets it; none = the members of the group. */
  readonly readers?: readonly Person[];
}

/** A simulated member writes. The caller has seen to it that it is one. */
export async function sendGroupLetter(world: World, letter: GroupLetter): Promise<void> {
  const { id, from, group, timestamp, message, readers = [...world.groups.get(group).members.keys()] } = letter;
  // Keys are given before the chain moves: who is given it now must be able to read this very message.
  const devices = readers.flatMap((member) => world.devicesOf(member));
  const keys = new Map<Device, Node>();
  for (const device of devices) {
    const key = world.senderKeys.give(from, group, device.id);
    const withheld = key && world.faults.take('withhold-key', ...device.names, from.id, from.pn());
    if (key && !withheld) keys.set(device, encNode(await encryptKey(world, from, group, device, key)));
  }
  const plaintext = pad(wire().Message.encode(message).finish(), world.random);
  const mediatype = mediaTypeOf(message);
  const enc = node('enc', { v: '2', type: 'skmsg', mediatype }, world.senderKeys.encrypt(from, group, plaintext));
  for (const device of devices) {
    const key = keys.get(device);
    device.push(node('message', letterAttrs(letter), key ? [key, enc] : [enc]));
  }
  const said = { ...contentOf(message), ...rawOf(message) };
  const entry = { id, from: from.id, to: group, form: GROUP_FORM, ...said, timestamp };
  world.logOf(from).add({ ...entry, direction: 'out', status: 'sent' });
  for (const member of readers) {
    if (member !== from) world.logOf(member).add({ ...entry, direction: 'in', status: 'delivered' });
  }
}

/** To one device that could not read it: by its own session, with the chain as it stands for what comes later. */
export async function resendToGroupMember(
  world: World,
  letter: GroupLetter,
  device: Device,
  count: number,
): Promise<void> {
  const { from, group } = letter;
  if (group !== STATUS && !world.groups.find(group)?.members.has(device.person)) return;
  const key = {
    groupId: group,
    axolotlSenderKeyDistributionMessage: world.senderKeys.distribution(from, group),
  };
  const message = { ...letter.message, senderKeyDistributionMessage: key };
  const enc = await encryptFor(world, from, device, wire().Message.encode(message).finish());
  device.push(node('message', letterAttrs(letter), [encNode(enc, count)]));
}

function letterAttrs({ id, from, group, timestamp, message }: GroupLetter): Record<string, string> {
  return {
    from: group,
    participant: from.lid(),
    participant_pn: from.pn(),
    addressing_mode: 'lid',
    id,
    t: seconds(timestamp),
    ...markOf(message),
    notify: words(from.name),
  };
}

function encryptKey(world: World, from: Person, group: string, device: Device, key: Buffer) {
  const message = { senderKeyDistributionMessage: { groupId: group, axolotlSenderKeyDistributionMessage: key } };
  return encryptFor(world, from, device, wire().Message.encode(message).finish());
}

/** A linked device writes to a group. @returns the error of its ack, when it may not. */
export async function receiveGroupMessage(
  world: World,
  sender: Device,
  stanza: Node,
  accept: () => void,
): Promise<string | undefined> {
  const { to = '', participant } = stanza.attrs;
  const group = world.groups.find(to);
  if (!group) return '404';
  const role = group.members.get(sender.person);
  if (role === undefined || (group.announce && role === 'member')) return '403';
  accept();
  const one = participant === undefined ? undefined : deviceOf(world, participant);
  const own = new Map<string, Node>();
  for (const { attrs, content } of childrenOf(childOf(stanza, 'participants'))) {
    const target = deviceOf(world, attrs.jid ?? '');
    const enc = Array.isArray(content) ? content.find(({ tag }) => tag === 'enc') : undefined;
    if (target && enc) own.set(idOf(target), enc);
  }
  const shared = childrenOf(stanza).filter(({ tag }) => tag === 'enc');
  for (const member of group.members.keys()) {
    const devices = [0, ...member.companions.keys()].map((device) => ({ person: member, device }));
    for (const target of devices) {
      if (idOf(target) === sender.id || (one && idOf(one) !== idOf(target))) continue;
      const key = own.get(idOf(target));
      await passOn(world, sender, stanza, target, key ? [key, ...shared] : shared);
    }
  }
  return undefined;
}

async function passOn(world: World, sender: Device, stanza: Node, target: DeviceRef, encs: Node[]): Promise<void> {
  const { to, id, type, edit } = stanza.attrs;
  const attrs = {
    from: to,
    participant: sender.lid,
    participant_pn: sender.person.pn(),
    addressing_mode: 'lid',
    id,
    t: seconds(world.clock()),
    type,
    edit,
    notify: words(sender.person.name),
  };
  const identity = encs.some(({ attrs: { type } }) => type === 'pkmsg')
    ? [node('device-identity', {}, sender.companion.deviceIdentity)]
    : [];
  const passed = node('message', attrs, [...encs, ...identity]);
  if (target.device !== 0) world.device(target.person, target.device)?.push(passed);
  else if (target.person.settings.reachable) await openGroupMessage(world, target.person, passed);
  else world.heldFor(target.person).push(passed);
}

/** A linked device posts a status: to everybody whom its list of participants names. */
export async function receiveStatus(world: World, sender: Device, stanza: Node): Promise<void> {
  const shared = childrenOf(stanza).filter(({ tag }) => tag === 'enc');
  const { participant } = stanza.attrs;
  const one = participant === undefined ? undefined : deviceOf(world, participant);
  if (one) {
    await passOn(world, sender, stanza, one, shared);
    return;
  }
  for (const { attrs, content } of childrenOf(childOf(stanza, 'participants'))) {
    const target = deviceOf(world, attrs.jid ?? '');
    if (!target || idOf(target) === sender.id) continue;
    const own = Array.isArray(content) ? content.filter(({ tag }) => tag === 'enc') : [];
    await passOn(world, sender, stanza, target, [...own, ...shared]);
  }
}

/** A simulated member's phone takes the stanza. */
export async function openGroupMessage(world: World, person: Person, stanza: Node): Promise<void> {
  const { from: group = '', participant = '', id = '' } = stanza.attrs;
  const author = deviceOf(world, participant);
  if (!author) return;
  const message = await decryptAll(world, person, group, author, stanza).catch((error: unknown) => {
    world.log.info({ person: person.id, group, error: String(error) }, 'cannot decrypt: asks for it again');
    return undefined;
  });
  if (!message) {
    askAgain(world, person, author, stanza);
    return;
  }
  const own = author.person === person;
  const kept = {
    id,
    direction: own ? ('out' as const) : ('in' as const),
    from: author.person.id,
    to: group,
    form: GROUP_FORM,
    status: own ? ('sent' as const) : ('delivered' as const),
  };
  record(world, person, kept, message);
  if (own) return;
  pushReceipt(world, author.person, { from: group, participant: person.lid(), id, t: seconds(world.clock()) });
  if (person.settings.autoread) readMessages(world, person, [id]);
}

async function decryptAll(
  world: World,
  person: Person,
  group: string,
  author: DeviceRef,
  stanza: Node,
): Promise<proto.IMessage> {
  let content: proto.IMessage | undefined;
  for (const enc of childrenOf(stanza)) {
    const bytes = bytesOf(enc);
    if (enc.tag !== 'enc' || !bytes) continue;
    const { type } = enc.attrs;
    const plain =
      type === 'skmsg'
        ? world.senderKeys.decrypt(person, group, author, bytes)
        : await world.sessions.decrypt(person, author, { type: type === 'pkmsg' ? 'pkmsg' : 'msg', bytes });
    const message = wire().Message.decode(unpad(plain));
    const key = message.senderKeyDistributionMessage?.axolotlSenderKeyDistributionMessage;
    if (key) world.senderKeys.learn(person, group, author, key);
    if (type === 'skmsg' || enc.attrs.count !== undefined) content = message.deviceSentMessage?.message ?? message;
  }
  if (!content) throw new Error('nothing to read in it');
  return content;
}

function askAgain(world: World, person: Person, author: DeviceRef, stanza: Node): void {
  const { id, from, t } = stanza.attrs;
  const bundle = person.takeBundle(0);
  const target = world.device(author.person, author.device);
  if (!bundle || !target) return;
  const [registration, ...keys] = bundleNodes(bundle);
  target.push(
    node('receipt', { from, participant: person.lid(), id, type: 'retry', t: seconds(world.clock()) }, [
      node('retry', { count: '1', id, t, v: '1', error: '0' }),
      ...(registration ? [registration] : []),
      node('keys', {}, keys),
    ]),
  );
}

function deviceOf(world: World, jid: string): DeviceRef | undefined {
  const person = world.people.find(jid);
  const address = parseAddress(jid);
  return person && address ? { person, device: address.device } : undefined;
}

function idOf({ person, device }: DeviceRef): string {
  return `${person.id}:${device}`;
}
