// Receipts and acknowledgements of linked devices: they end a delivery and tell the author; it never makes a message.
import { parseAddress, SERVER } from './address.ts';
import type { Device } from './device.ts';
import { answerMediaRetry } from './media-retry.ts';
import { childOf, childrenOf, type Node, node } from './nodes.ts';
import type { Person } from './person.ts';
import { receiptKey } from './queue.ts';
import { resendToDevice } from './resend.ts';
import { seconds } from './send.ts';
import type { World } from './world.ts';

/** Receipts that concern nobody but the account itself. */
const PRIVATE_TYPES: ReadonlySet<string> = new Set(['sender', 'peer_msg', 'hist_sync', 'read-self']);

export interface Receipt {
  readonly from: string;
  readonly id: string;
  readonly t: string;
  /** None = delivered. */
  readonly type?: string | undefined;
  readonly participant?: string | undefined;
  readonly recipient?: string | undefined;
}

/** Tells every linked device of the author. */
export function pushReceipt(world: World, author: Person, receipt: Receipt, more: readonly string[] = []): void {
  const content =
    more.length === 0
      ? undefined
      : [
          node(
            'list',
            {},
            more.map((id) => node('item', { id })),
          ),
        ];
  for (const device of world.devicesOf(author)) device.push(node('receipt', { ...receipt }, content));
}

export async function receiveReceipt(world: World, device: Device, stanza: Node): Promise<void> {
  const { id, to = '', type = '', participant } = stanza.attrs;
  if (id === undefined) return;
  const ids = [id, ...childrenOf(childOf(stanza, 'list')).flatMap(({ attrs }) => attrs.id ?? [])];
  for (const each of ids) device.queue.acknowledge(`message/${each}`);
  device.connection?.send(
    node('ack', { class: 'receipt', id, from: to || SERVER, type: stanza.attrs.type, participant }),
  );
  if (type === 'retry') {
    // The client ends a retry by an ack with an error; it must not end the delivery of what we send now.
    device.retried.add(id);
    await resendToDevice(world, device, stanza);
    return;
  }
  if (type === 'server-error') {
    answerMediaRetry(world, device, stanza);
    return;
  }
  if (PRIVATE_TYPES.has(type)) {
    if (type === 'read-self') markRead(world, device.person, ids);
    return;
  }
  tellAuthors(world, device, stanza, ids);
}

function tellAuthors(world: World, device: Device, stanza: Node, ids: readonly string[]): void {
  const { to = '', type, participant } = stanza.attrs;
  const author = world.people.find(participant ?? to);
  if (!author || author === device.person) return;
  const group = parseAddress(to)?.server === 'g.us';
  const form = parseAddress(participant ?? to)?.server === 'lid' ? 'lid' : 's.whatsapp.net';
  const status = type === 'read' || type === 'played' ? 'read' : 'delivered';
  const log = world.logOf(author);
  for (const id of ids) {
    const entry = log.find('out', id);
    if (entry) log.raise(entry, status);
  }
  const [first = '', ...more] = ids;
  const reader = device.person.in(form);
  const receipt = { id: first, type, t: seconds(world.clock()) };
  pushReceipt(
    world,
    author,
    group ? { ...receipt, from: to, participant: reader } : { ...receipt, from: reader },
    more,
  );
  if (status !== 'read') return;
  markRead(world, device.person, ids);
  for (const other of world.devicesOf(device.person)) {
    if (other === device) continue;
    const from = device.person.in(form, device.companion.device);
    other.push(node('receipt', { ...receipt, from, type: 'read-self', recipient: to }, undefined));
  }
}

/** On the reader's own phone. */
function markRead(world: World, reader: Person, ids: readonly string[]): void {
  const log = world.logOf(reader);
  for (const id of ids) {
    const entry = log.find('in', id);
    if (entry) log.raise(entry, 'read');
  }
}

export function receiveAck(_world: World, device: Device, stanza: Node): void {
  const { class: of = '', id = '', to = '', type = '', participant = '', error } = stanza.attrs;
  if (of === 'receipt') device.queue.acknowledge(receiptKey(id, type, to, participant));
  else if (of !== 'message') device.queue.acknowledge(`${of}/${id}`);
  else if (error === undefined || !device.retried.delete(id)) device.queue.acknowledge(`message/${id}`);
}
