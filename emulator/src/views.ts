// How people, devices, messages and the whole state look from outside; it never changes anything.
import type { Device } from './device.ts';
import type { Group, GroupKind } from './groups.ts';
import type { Entry, FileRecord, Status } from './log.ts';
import type { Person } from './person.ts';
import { stanzaOf } from './queue.ts';
import type { World } from './world.ts';

export interface PersonView {
  readonly id: string;
  readonly name: string;
  /** E.164 with a plus sign. */
  readonly number: string;
  readonly pn: string;
  readonly lid: string;
}

export interface DeviceView {
  readonly jid: string;
  readonly lid: string;
  readonly device: number;
  readonly linkedAt: number;
  readonly online: boolean;
  readonly phase: string;
  readonly pending: number;
  readonly preKeys: number;
}

export interface MessageView {
  readonly id: string;
  readonly direction: 'in' | 'out';
  /** Address by phone number. */
  readonly from: string;
  /** Address by phone number, or of a group. */
  readonly to: string;
  readonly kind: string;
  readonly text: string;
  /** The id of the message that it quotes, reacts to, edits or withdraws. */
  readonly about?: string;
  /** Addresses. */
  readonly mentions?: readonly string[];
  /** Of a file that came: whether it is what its message says. */
  readonly file?: FileRecord;
  /** ms since epoch. */
  readonly timestamp: number;
  readonly status: Status;
}

export interface GroupView {
  readonly id: string;
  readonly kind: GroupKind;
  /** The community that it is linked to. */
  readonly parent?: string;
  readonly subject: string;
  readonly owner: string;
  /** Numbers of those whom an admin has still to let in. */
  readonly waiting: readonly string[];
  readonly members: readonly {
    readonly pn: string;
    readonly lid: string;
    readonly name: string;
    readonly role: string;
  }[];
}

export interface StateView {
  /** Undelivered stanzas by address of the device. */
  readonly pending: Readonly<Record<string, number>>;
  readonly devices: readonly (DeviceView & { readonly phone: string; readonly stanzas: readonly StanzaView[] })[];
  readonly connections: number;
  readonly waitingForScan: number;
  readonly people: number;
  readonly groups: number;
  readonly faults: readonly object[];
}

export interface StanzaView {
  readonly tag: string;
  readonly id: string;
  readonly from: string;
  readonly type: string;
}

/** Stanzas of one device that /state lists. */
const LISTED_STANZAS = 100;

export function personView(person: Person): PersonView {
  return { id: person.id, name: person.name, number: `+${person.number}`, pn: person.pn(), lid: person.lid() };
}

export function groupView({ id, kind, parent, subject, creator, members, requests }: Group): GroupView {
  const view = ([person, role]: readonly [Person, string]) => ({
    pn: person.pn(),
    lid: person.lid(),
    name: person.name,
    role,
  });
  return {
    id,
    kind,
    ...(parent !== undefined && { parent }),
    subject,
    owner: creator.pn(),
    members: [...members].map(view),
    waiting: [...requests.keys()].map((person) => person.pn()),
  };
}

export function deviceView(device: Device): DeviceView {
  const { companion, queue, phase } = device;
  return {
    jid: device.pn,
    lid: device.lid,
    device: companion.device,
    linkedAt: companion.linkedAt,
    online: phase !== 'absent',
    phase,
    pending: queue.size,
    preKeys: companion.preKeys.size,
  };
}

export function messageView({ people }: World, entry: Entry): MessageView {
  const { id, direction, from, to, kind, text, about, mentions, timestamp, status, file } = entry;
  const named = (name: string) => people.find(name)?.pn() ?? name;
  const more = {
    ...(about !== undefined && { about }),
    ...(mentions !== undefined && { mentions }),
    ...(file && { file }),
  };
  return { id, direction, from: named(from), to: named(to), kind, text, ...more, timestamp, status };
}

export function stateView(world: World): StateView {
  const devices = [...world.devices()].map((device) => ({
    ...deviceView(device),
    phone: device.person.id,
    stanzas: first(device.queue.entries(), LISTED_STANZAS)
      .map(stanzaOf)
      .map(({ tag, attrs }) => ({
        tag,
        id: attrs.id ?? '',
        from: attrs.from ?? '',
        type: attrs.type ?? '',
      })),
  }));
  return {
    pending: Object.fromEntries(devices.map(({ jid, pending }) => [jid, pending])),
    devices,
    connections: world.connections.size,
    waitingForScan: [...world.pairing.waiting()].length,
    people: [...world.people.all()].length,
    groups: [...world.groups.all()].length,
    faults: world.faults.all().map(({ fault, left }) => ({ ...fault, left: Number.isFinite(left) ? left : null })),
  };
}

function first<T>(all: Iterable<T>, most: number): T[] {
  const taken: T[] = [];
  for (const one of all) {
    taken.push(one);
    if (taken.length >= most) break;
  }
  return taken;
}
