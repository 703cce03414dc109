// Carries out a fault that a test orders: ends connections in the ways WhatsApp does, or lets it wait for its moment; it never loses a stored stanza.
import type { Device } from './device.ts';
import { EmulatorError } from './errors.ts';
import { type Fault, IMMEDIATE, MEDIA_PARTS, WAITING } from './faults.ts';
import { node } from './nodes.ts';
import { askForPreKeys } from './queries.ts';
import type { World } from './world.ts';

type Ending = (world: World, device: Device, fault: Fault) => void;

/** How far ahead of the real time the server's clock may be. */
const MAX_SKEW_MS = 10 * 365 * 24 * 3600 * 1000;

const ENDINGS: Readonly<Record<(typeof IMMEDIATE)[number], Ending>> = {
  drop: (_world, { connection }) => connection?.drop(),
  end: (_world, { connection }) => connection?.end(),
  'stream-error': (_world, { connection }, { code, conflict }) => {
    const attrs = { code: code === undefined ? undefined : String(code) };
    const reason = conflict === undefined ? [] : [node('conflict', { type: conflict })];
    const malformed = code === undefined && conflict === undefined ? [node('xml-not-well-formed')] : [];
    connection?.end(node('stream:error', attrs, [...reason, ...malformed]));
  },
  failure: (_world, { connection }, { code = 401 }) => connection?.end(node('failure', { reason: String(code) })),
  'half-frame': (world, { connection }) => connection?.sendHalfFrame(world.random(64)),
  'lose-session': (world, device) => {
    // As when the app is installed anew on every simulated phone: the next message of each opens a new session.
    for (const person of world.people.all()) {
      world.sessions.drop(person, { person: device.person, device: device.companion.device });
    }
  },
  'clock-skew': () => {},
  garbage: (world, { connection }) => connection?.sendGarbage(world.random(64)),
  'low-prekeys': (world, device, { n = 0 }) => askForPreKeys(world, device, n),
};

function isImmediate(kind: Fault['kind']): kind is (typeof IMMEDIATE)[number] {
  return IMMEDIATE.some((known) => known === kind);
}

/** @throws EmulatorError UNKNOWN_PERSON when the target is nobody, BAD_FIELD when there is no such fault. */
export function carryOut(world: World, fault: Fault): void {
  const { target, kind } = fault;
  const nobody = target !== undefined && kind.startsWith('media-') && MEDIA_PARTS.includes(target);
  if (target !== undefined && !nobody && !world.people.find(target.replace(/:\d+$/, ''))) {
    throw new EmulatorError('UNKNOWN_PERSON', target);
  }
  if (!isImmediate(kind)) {
    if (!WAITING.includes(kind)) throw new EmulatorError('BAD_FIELD', 'kind');
    world.faults.add(fault);
    if (kind === 'silence') mute(world, fault);
    if (kind === 'hold' && fault.on === false) for (const device of devicesIn(world, target)) device.pump();
    return;
  }
  if (kind === 'clock-skew') {
    world.skew = Math.max(-MAX_SKEW_MS, Math.min(MAX_SKEW_MS, fault.ms ?? 0));
    return;
  }
  for (const device of devicesIn(world, target)) ENDINGS[kind](world, device, fault);
}

/** Silence begins at once, and for later connections with their first stanza. */
function mute(world: World, { target, on = true }: Fault): void {
  for (const { connection } of devicesIn(world, target)) if (connection) connection.muted = on;
}

function devicesIn(world: World, target: string | undefined): Device[] {
  return [...world.devices()].filter(({ names }) => target === undefined || names.includes(target));
}
