// Calls as far as signs go: an offer rings, and somebody accepts, rejects, hangs up or is not there; it never carries a voice.
import type { Device } from './device.ts';
import { EmulatorError } from './errors.ts';
import { childrenOf, type Node, node } from './nodes.ts';
import type { Person } from './person.ts';
import { seconds } from './send.ts';
import type { World } from './world.ts';

/** Calls that are remembered; the oldest go. */
const MAX_CALLS = 10_000;

export const CALL_ENDS = ['accept', 'reject', 'terminate', 'timeout'] as const;
export type CallEnd = (typeof CALL_ENDS)[number];

export interface Call {
  readonly id: string;
  readonly from: Person;
  readonly to: Person;
  readonly video: boolean;
  /** Address of a group that is called. */
  readonly group: string | undefined;
  /** ringing, or how it ended. */
  state: 'ringing' | CallEnd;
}

export interface CallRequest {
  readonly video?: boolean | undefined;
  readonly group?: string | undefined;
}

/** Rings at every linked device of the callee. */
export function offerCall(world: World, from: Person, to: Person, { video = false, group }: CallRequest): Call {
  const call: Call = { id: world.random(16).toString('hex').toUpperCase(), from, to, video, group, state: 'ringing' };
  world.calls.set(call.id, call);
  const [oldest] = world.calls.keys();
  if (world.calls.size > MAX_CALLS && oldest !== undefined) world.calls.delete(oldest);
  const media = [node('audio', { enc: 'opus', rate: '16000' }), ...(video ? [node('video', { enc: 'vp8' })] : [])];
  const more = { caller_pn: from.pn(), 'group-jid': group, type: group === undefined ? undefined : 'group' };
  tell(world, call, 'offer', more, media);
  return call;
}

/** The caller hangs up, nobody answers, or the callee's phone takes or refuses it. @throws EmulatorError UNKNOWN_CALL */
export function endCall(world: World, id: string, how: CallEnd): Call {
  const call = world.calls.get(id);
  if (call?.state !== 'ringing') throw new EmulatorError('UNKNOWN_CALL', id);
  call.state = how;
  if (how === 'timeout') tell(world, call, 'terminate', { reason: 'timeout' });
  else tell(world, call, how, {});
  return call;
}

function tell(
  world: World,
  { id, from, to }: Call,
  tag: string,
  more: Readonly<Record<string, string | undefined>>,
  content?: Node[],
): void {
  for (const device of world.devicesOf(to)) {
    const attrs = { from: from.pn(), id: world.messageId(), t: seconds(world.clock()), sender_lid: from.lid() };
    device.push(node('call', attrs, [node(tag, { 'call-id': id, 'call-creator': from.pn(), ...more }, content)]));
  }
}

/** A linked device refuses a call, or wants a link to one. It waits for the answer. */
export function receiveCall(world: World, device: Device, stanza: Node): void {
  const { id, to } = stanza.attrs;
  const [said] = childrenOf(stanza);
  if (said?.tag === 'link_create') {
    const token = world.random(12).toString('base64url');
    device.connection?.send(node('ack', { class: 'call', id, from: to }, [node('link_create', { token })]));
    return;
  }
  device.connection?.send(node('ack', { class: 'call', id, from: to }));
  const call = world.calls.get(said?.attrs['call-id'] ?? '');
  if (said?.tag !== 'reject' || call?.state !== 'ringing') return;
  call.state = 'reject';
  // The account's other devices stop ringing.
  for (const other of world.devicesOf(device.person)) {
    if (other === device) continue;
    const attrs = { from: call.from.pn(), id: world.messageId(), t: seconds(world.clock()) };
    const what = { 'call-id': call.id, 'call-creator': call.from.pn(), reason: 'rejected_elsewhere' };
    other.push(node('call', attrs, [node('terminate', what)]));
  }
}
