// A message that a linked device sends: opened by the simulated person it is for, passed on to other linked devices; it never reads what is not addressed to a phone.
import type { proto } from 'baileys/WAProto/index.js';
import { parseAddress, SERVER } from './address.ts';
import { receiveChannelMessage } from './channels.ts';
import type { Device } from './device.ts';
import { receiveGroupMessage, receiveStatus, STATUS } from './group-messages.ts';
import { answerPeer } from './history.ts';
import { bytesOf, childOf, childrenOf, type Node, node, words } from './nodes.ts';
import type { Person } from './person.ts';
import { hasBlocked } from './profile.ts';
import { bundleNodes } from './queries.ts';
import { pushReceipt } from './receipts.ts';
import { record } from './record.ts';
import { type Form, seconds } from './send.ts';
import { unpad } from './signal.ts';
import { shareKey } from './sync.ts';
import { wire } from './wire.ts';
import type { World } from './world.ts';

/** WhatsApp's word for a recipient that does not exist. */
const NO_SUCH_RECIPIENT = '404';

export async function receiveMessage(world: World, device: Device, stanza: Node): Promise<void> {
  const { id, to } = stanza.attrs;
  if (id === undefined || to === undefined) return;
  const refusal = world.faults.take('refuse-message', ...device.names);
  if (refusal) {
    acknowledge(world, device, stanza, String(refusal.code ?? 463));
    return;
  }
  const address = parseAddress(to);
  if (address?.server === 'g.us') {
    const error = await receiveGroupMessage(world, device, stanza, () => acknowledge(world, device, stanza));
    if (error !== undefined) acknowledge(world, device, stanza, error);
    return;
  }
  if (to === STATUS) {
    acknowledge(world, device, stanza);
    await receiveStatus(world, device, stanza);
    return;
  }
  if (to.endsWith('@newsletter')) {
    receiveChannelMessage(world, device, stanza);
    return;
  }
  if (address?.server !== 's.whatsapp.net' && address?.server !== 'lid') {
    acknowledge(world, device, stanza);
    return;
  }
  if (!world.people.find(to)) {
    acknowledge(world, device, stanza, NO_SUCH_RECIPIENT);
    return;
  }
  // The tick comes before the receipts; all of them leave only after the commit of this turn.
  acknowledge(world, device, stanza);
  for (const { jid, enc } of copiesOf(stanza, to)) await passOn(world, device, stanza, jid, enc);
}

function acknowledge(world: World, device: Device, stanza: Node, error?: string): void {
  if (world.faults.take('no-ack', ...device.names)) return;
  const { id, to } = stanza.attrs;
  const { connection } = device;
  const ack = node('ack', { class: 'message', id, from: to ?? SERVER, t: seconds(world.clock()), error });
  const late = world.faults.take('late-ack', ...device.names);
  if (late) setTimeout(() => connection?.send(ack), Math.min(600_000, late.ms ?? 1_000)).unref();
  else connection?.send(ack);
}

interface Copy {
  readonly jid: string;
  readonly enc: Node;
}

/** One ciphertext for each device: listed for a new message, bare for a peer message or a retry. */
function copiesOf(stanza: Node, to: string): Copy[] {
  const bare = childOf(stanza, 'enc');
  if (bare) return [{ jid: to, enc: bare }];
  return childrenOf(childOf(stanza, 'participants')).flatMap((participant) => {
    const enc = childOf(participant, 'enc');
    return enc && participant.attrs.jid ? [{ jid: participant.attrs.jid, enc }] : [];
  });
}

async function passOn(world: World, sender: Device, stanza: Node, jid: string, enc: Node): Promise<void> {
  const address = parseAddress(jid);
  const person = world.people.find(jid);
  if (!address || !person) return;
  const form: Form = address.server === 'lid' ? 'lid' : 's.whatsapp.net';
  const passed = forwarded(world, sender, stanza, person, form, enc);
  if (address.device === 0) {
    if (person.settings.reachable) await openMessage(world, person, passed);
    else world.heldFor(person).push(passed);
    return;
  }
  const target = world.device(person, address.device);
  if (target && target !== sender) target.push(passed);
}

/** The stanza as the recipient's device gets it. */
function forwarded(world: World, sender: Device, stanza: Node, person: Person, form: Form, enc: Node): Node {
  const { id, to = '', type, edit, category, recipient } = stanza.attrs;
  const own = person === sender.person;
  const chat = world.people.find(recipient ?? to);
  const attrs: Record<string, string | undefined> = {
    from: sender.person.in(form, sender.companion.device),
    id,
    t: seconds(world.clock()),
    type,
    edit,
    category,
    notify: words(sender.person.name),
  };
  if (!own)
    attrs[form === 'lid' ? 'sender_pn' : 'sender_lid'] = form === 'lid' ? sender.person.pn() : sender.person.lid();
  else if (category !== 'peer') {
    attrs.recipient = recipient ?? to;
    attrs[form === 'lid' ? 'peer_recipient_pn' : 'peer_recipient_lid'] = form === 'lid' ? chat?.pn() : chat?.lid();
  }
  const identity = enc.attrs.type === 'pkmsg' ? [node('device-identity', {}, sender.companion.deviceIdentity)] : [];
  return node('message', attrs, [enc, ...identity]);
}

/** A simulated person's phone takes the stanza: decrypts it, keeps it, says that it has it. */
export async function openMessage(world: World, person: Person, stanza: Node): Promise<void> {
  const { id = '', from = '' } = stanza.attrs;
  const address = parseAddress(from);
  const author = world.people.find(from);
  const enc = childOf(stanza, 'enc');
  const bytes = bytesOf(enc);
  if (!address || !author || !bytes) return;
  const form: Form = address.server === 'lid' ? 'lid' : 's.whatsapp.net';
  const sender = { person: author, device: address.device };
  if (world.faults.take('forget-session', person.id, person.pn(), person.lid(), person.number)) {
    world.sessions.drop(person, sender);
  }
  const type = enc?.attrs.type === 'pkmsg' ? 'pkmsg' : 'msg';
  const plain = await world.sessions.decrypt(person, sender, { type, bytes }).catch((error: unknown) => {
    world.log.info({ person: person.id, from, error: String(error) }, 'cannot decrypt: asks for it again');
    return undefined;
  });
  if (!plain) {
    askAgain(world, person, stanza, form);
    return;
  }
  const message = wire().Message.decode(unpad(plain));
  const sent = message.deviceSentMessage;
  if (stanza.attrs.category === 'peer') {
    const device = world.device(author, address.device);
    const asked = sent?.message ?? message;
    if (device && author === person && asked.protocolMessage?.appStateSyncKeyRequest) await shareKey(world, device);
    else if (device && author === person) await answerPeer(world, device, id, asked);
    return;
  }
  if (author !== person && hasBlocked(person, author)) return;
  keep(world, person, author, stanza, form, sent?.message ?? message);
  if (author === person) return;
  pushReceipt(world, author, { from: person.in(form), id, t: seconds(world.clock()) });
  if (person.settings.autoread) readMessages(world, person, [id]);
}

function keep(world: World, person: Person, author: Person, stanza: Node, form: Form, message: proto.IMessage): void {
  const { id = '', recipient } = stanza.attrs;
  const own = author === person;
  const chat = own ? world.people.find(recipient ?? '') : person;
  const kept = {
    id,
    direction: own ? ('out' as const) : ('in' as const),
    from: author.id,
    to: chat?.id ?? recipient ?? person.id,
    form,
    status: own ? ('sent' as const) : ('delivered' as const),
  };
  record(world, person, kept, message);
}

/** A retry receipt with fresh keys: the sender must open a new session and send the same id again. */
function askAgain(world: World, person: Person, stanza: Node, form: Form): void {
  const { id, from = '', t } = stanza.attrs;
  const author = world.people.find(from);
  const target = author && world.device(author, parseAddress(from)?.device ?? 0);
  const bundle = person.takeBundle(0);
  if (!target || !bundle) return;
  const [registration, ...keys] = bundleNodes(bundle);
  target.push(
    node('receipt', { from: person.in(form), id, type: 'retry', t: seconds(world.clock()) }, [
      node('retry', { count: '1', id, t, v: '1', error: '0' }),
      ...(registration ? [registration] : []),
      node('keys', {}, keys),
    ]),
  );
}

/** The person opens the chat: read receipts go out. @param ids none = all that are unread. @returns the ids that are now read. */
export function readMessages(world: World, person: Person, ids?: readonly string[]): string[] {
  const log = world.logOf(person);
  const entries = ids ? ids.flatMap((id) => log.find('in', id) ?? []) : [...log.all()];
  const read: string[] = [];
  for (const entry of entries) {
    if (entry.direction !== 'in' || !log.raise(entry, 'read')) continue;
    read.push(entry.id);
    const author = world.people.find(entry.from);
    if (!author) continue;
    const group = entry.to.includes('@');
    const where = group ? { from: entry.to, participant: person.in(entry.form) } : { from: person.in(entry.form) };
    const receipt = { id: entry.id, t: seconds(world.clock()) };
    pushReceipt(world, author, { ...where, ...receipt, type: 'read' });
    if (author === person) continue;
    // The reader's own linked devices hear of it too.
    const recipient = group ? undefined : author.in(entry.form);
    pushReceipt(world, person, { ...where, ...receipt, type: 'read-self', recipient });
    const theirs = world.logOf(author).find('out', entry.id);
    if (theirs) world.logOf(author).raise(theirs, 'read');
  }
  return read;
}
