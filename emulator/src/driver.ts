// What people do, in their own words: send, read, type, scan, leave; it never speaks HTTP and never builds a stanza.
import { digitsOf, parseAddress } from './address.ts';
import type { Device } from './device.ts';
import { carryOut } from './endings.ts';
import { EmulatorError } from './errors.ts';
import type { Fault } from './faults.ts';
import { openGroupMessage, sendGroupLetter } from './group-messages.ts';
import { announceGroup, changeMembers, type MemberChange } from './group-queries.ts';
import type { Group } from './groups.ts';
import type { Entry, Status } from './log.ts';
import { type LinkedDevice, parseQr } from './pairing.ts';
import { enterPairingCode } from './pairing-code.ts';
import type { Kind, Person } from './people.ts';
import { setOnline, type Typing, type } from './presence.ts';
import { unlink } from './queries.ts';
import { openMessage, readMessages } from './receive.ts';
import { type Form, logLetter, sendLetter, textMessage } from './send.ts';
import type { World } from './world.ts';

/** Messages of one call. */
export const MAX_BURST = 100_000;
/** Characters of one text; WhatsApp's own limit is about the same. */
export const MAX_TEXT = 65_536;
/** Messages that are made in one turn of the event loop, so that sockets and timers have theirs. */
const PER_TURN = 64;

export interface SendRequest {
  /** Person or group: id, address, phone number, or a phone's name. */
  readonly to: string;
  /** `{n}` becomes 1, 2, 3 … */
  readonly text: string;
  /** How many; 1. */
  readonly n?: number | undefined;
  /** Messages per second; as fast as it goes. */
  readonly rate?: number | undefined;
  /** The id of a single message, for tests of duplicates. */
  readonly id?: string | undefined;
}

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
  /** ms since epoch. */
  readonly timestamp: number;
  readonly status: Status;
}

export interface GroupView {
  readonly id: string;
  readonly subject: string;
  readonly owner: string;
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

export class Driver {
  readonly world: World;
  #closed = false;

  constructor(world: World) {
    this.world = world;
  }

  createPerson(kind: Kind, name: string, number?: string): Person {
    if (kind === 'phone') {
      const same = this.world.people.phoneNamed(name);
      if (same && (number === undefined || digitsOf(number) === same.number)) return same;
    }
    return this.world.people.create(kind, name, number);
  }

  view(person: Person): PersonView {
    return { id: person.id, name: person.name, number: `+${person.number}`, pn: person.pn(), lid: person.lid() };
  }

  devicesOf(person: Person): DeviceView[] {
    return this.world.devicesOf(person).map((device) => this.#deviceView(device));
  }

  messages(person: Person): MessageView[] {
    return [...this.world.logOf(person).all()].map((entry) => this.#messageView(entry));
  }

  /**
   * Stored for every device when it resolves.
   * @param onPen called before each message is encrypted: when, in ms since epoch with fractions.
   * @throws EmulatorError
   */
  async send(
    from: Person,
    { to, text, n = 1, rate, id }: SendRequest,
    onPen: (at: number) => void = () => {},
  ): Promise<string[]> {
    if (text.length > MAX_TEXT) throw new EmulatorError('BAD_FIELD', 'text');
    if (!Number.isInteger(n) || n < 1 || n > MAX_BURST) throw new EmulatorError('BAD_FIELD', 'n');
    if (rate !== undefined && !(rate > 0)) throw new EmulatorError('BAD_FIELD', 'rate');
    const target = this.#target(to);
    const form: Form = parseAddress(to)?.server === 'lid' ? 'lid' : 's.whatsapp.net';
    const ids: string[] = [];
    const started = performance.now();
    for (let i = 1; i <= n && !this.#closed; i++) {
      const each = n === 1 && id !== undefined ? id : this.world.messageId();
      onPen(performance.timeOrigin + performance.now());
      await this.#sendOne(from, target, form, each, text.replaceAll('{n}', String(i)));
      ids.push(each);
      if (rate !== undefined) await until(started + (i * 1000) / rate);
      else if (i % PER_TURN === 0) await this.world.store.stored();
    }
    await this.world.store.stored();
    return ids;
  }

  async read(person: Person, ids?: readonly string[]): Promise<string[]> {
    const read = readMessages(this.world, person, ids);
    await this.world.store.stored();
    return read;
  }

  async autoread(person: Person, on: boolean): Promise<void> {
    person.settings.autoread = on;
    person.save();
    if (on) readMessages(this.world, person);
    await this.world.store.stored();
  }

  typing(person: Person, to: string, state: Typing): void {
    const target = this.#target(to);
    if ('members' in target) throw new EmulatorError('BAD_FIELD', 'to');
    type(this.world, person, target, state);
  }

  async online(person: Person, on: boolean): Promise<void> {
    setOnline(this.world, person, on);
    await this.world.store.stored();
  }

  async reachable(person: Person, on: boolean): Promise<void> {
    person.settings.reachable = on;
    person.save();
    const held = this.world.heldFor(person);
    if (on) {
      for (const { key, stanza } of [...held.entries()]) {
        held.acknowledge(key);
        if (stanza.attrs.from?.endsWith('@g.us')) await openGroupMessage(this.world, person, stanza);
        else await openMessage(this.world, person, stanza);
      }
    }
    await this.world.store.stored();
  }

  /** @param phone none = the phone that the connection's push name means, else the newest one that has no device, else a new one. */
  async scan(text: string, phone?: string): Promise<{ phone: PersonView; device: string }> {
    const { candidate } = this.world.pairing.registrationOf(parseQr(text));
    const person = phone === undefined ? this.#phoneFor(candidate.pushName) : this.world.people.get(phone);
    return this.#linked(await this.world.pairing.scan(person, text));
  }

  async enterPairingCode(phone: Person, code: string): Promise<{ phone: PersonView; device: string }> {
    return this.#linked(await enterPairingCode(this.world, phone, code));
  }

  phoneOffline(phone: Person): void {
    this.world.offline.add(phone.id);
    for (const device of this.world.devicesOf(phone)) device.connection?.drop();
  }

  phoneOnline(phone: Person): void {
    this.world.offline.delete(phone.id);
  }

  async logout(phone: Person, device?: string): Promise<void> {
    const devices = this.world.devicesOf(phone);
    const meant =
      device === undefined
        ? devices
        : devices.filter(({ names, companion }) => names.includes(device) || String(companion.device) === device);
    if (device !== undefined && meant.length === 0) throw new EmulatorError('UNKNOWN_DEVICE', device);
    for (const each of meant) unlink(this.world, each);
    await this.world.store.stored();
  }

  async createGroup(subject: string, owner: string, members: readonly string[]): Promise<GroupView> {
    const { people, groups, clock } = this.world;
    const group = groups.create(
      subject,
      people.get(owner),
      members.map((id) => people.get(id)),
      Math.floor(clock() / 1000),
    );
    announceGroup(this.world, group);
    await this.world.store.stored();
    return this.groupView(group);
  }

  /** @throws EmulatorError UNKNOWN_GROUP, UNKNOWN_PERSON */
  async changeGroup(id: string, how: MemberChange, members: readonly string[], by?: string): Promise<GroupView> {
    const { people, groups } = this.world;
    const group = groups.get(id);
    const wanted = members.map((member) => people.get(member).lid());
    changeMembers(this.world, group, by === undefined ? group.creator : people.get(by), how, wanted);
    await this.world.store.stored();
    return this.groupView(group);
  }

  groupView({ id, subject, creator, members }: Group): GroupView {
    const view = ([person, role]: readonly [Person, string]) => ({
      pn: person.pn(),
      lid: person.lid(),
      name: person.name,
      role,
    });
    return { id, subject, owner: creator.pn(), members: [...members].map(view) };
  }

  fault(fault: Fault): void {
    carryOut(this.world, fault);
  }

  state(): StateView {
    const devices = [...this.world.devices()].map((device) => ({
      ...this.#deviceView(device),
      phone: device.person.id,
      stanzas: [...device.queue.entries()].slice(0, LISTED_STANZAS).map(({ stanza: { tag, attrs } }) => ({
        tag,
        id: attrs.id ?? '',
        from: attrs.from ?? '',
        type: attrs.type ?? '',
      })),
    }));
    return {
      pending: Object.fromEntries(devices.map(({ jid, pending }) => [jid, pending])),
      devices,
      connections: this.world.connections.size,
      waitingForScan: [...this.world.pairing.waiting()].length,
      people: [...this.world.people.all()].length,
      groups: [...this.world.groups.all()].length,
      faults: this.world.faults
        .all()
        .map(({ fault, left }) => ({ ...fault, left: Number.isFinite(left) ? left : null })),
    };
  }

  /** Ends bursts that are under way. */
  close(): void {
    this.#closed = true;
  }

  async #sendOne(from: Person, target: Person | Group, form: Form, id: string, text: string): Promise<void> {
    const timestamp = this.world.clock();
    const message = textMessage(text);
    if ('members' in target) {
      if (!target.members.has(from)) throw new EmulatorError('NOT_A_MEMBER', from.id);
      await sendGroupLetter(this.world, { id, from, group: target.id, timestamp, message }, text);
      return;
    }
    const letter = { id, from, to: target, form, timestamp, message };
    const known = target.companions.size > 0 ? 'sent' : 'delivered';
    logLetter(this.world, letter, text, known);
    await sendLetter(this.world, letter);
  }

  #target(to: string): Person | Group {
    const { people, groups } = this.world;
    const found = groups.find(to) ?? people.find(to) ?? people.phoneNamed(to);
    if (!found) throw new EmulatorError(to.endsWith('@g.us') ? 'UNKNOWN_GROUP' : 'UNKNOWN_PERSON', to);
    return found;
  }

  #phoneFor(pushName: string | undefined): Person {
    if (pushName !== undefined) return this.createPerson('phone', pushName);
    const phones = [...this.world.people.all()].filter(({ kind }) => kind === 'phone');
    const free = phones.findLast(({ companions }) => companions.size === 0);
    return free ?? this.world.people.create('phone', `Phone ${phones.length + 1}`);
  }

  #linked({ phone, jid }: LinkedDevice): { phone: PersonView; device: string } {
    return { phone: this.view(phone), device: jid };
  }

  #deviceView(device: Device): DeviceView {
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

  #messageView({ id, direction, from, to, kind, text, timestamp, status }: Entry): MessageView {
    const { people } = this.world;
    const named = (text: string) => people.find(text)?.pn() ?? text;
    return { id, direction, from: named(from), to: named(to), kind, text, timestamp, status };
  }
}

function until(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}
