// What people do, in their own words: read, type, scan, leave; it never speaks HTTP and never builds a stanza.
import { digitsOf, parseAddress } from './address.ts';
import { changeOnPhone } from './app-state.ts';
import { createCommunity, linkError, linkGroup } from './communities.ts';
import { carryOut } from './endings.ts';
import { EmulatorError } from './errors.ts';
import type { Fault } from './faults.ts';
import { addMember, announceGroup, changeMembers, type MemberChange } from './group-members.ts';
import { openGroupMessage } from './group-messages.ts';
import { askToJoin } from './join-requests.ts';
import { type LinkedDevice, parseQr } from './pairing.ts';
import { enterPairingCode } from './pairing-code.ts';
import type { Kind, Person } from './person.ts';
import type { PhoneChange } from './phone-state.ts';
import { setOnline, type Typing, type } from './presence.ts';
import { unlink } from './queries.ts';
import { stanzaOf } from './queue.ts';
import { openMessage, readMessages } from './receive.ts';
import { Scenarios } from './scenario.ts';
import { Social } from './social.ts';
import {
  type DeviceView,
  deviceView,
  type GroupView,
  groupView,
  type MessageView,
  messageView,
  type PersonView,
  personView,
} from './views.ts';
import type { World } from './world.ts';
import { targetOf, Writing } from './writing.ts';

export interface PageRequest {
  readonly direction: 'in' | undefined;
  readonly after: string | undefined;
  readonly limit: number | undefined;
  readonly peer: string | undefined;
}

export class Driver {
  readonly world: World;
  readonly writing: Writing;
  readonly social: Social;
  readonly scenarios = new Scenarios((fault) => this.fault(fault));

  constructor(world: World) {
    this.world = world;
    this.writing = new Writing(world);
    this.social = new Social(world);
  }

  createPerson(kind: Kind, name: string, number?: string): Person {
    if (kind === 'phone') {
      const same = this.world.people.phoneNamed(name);
      if (same && (number === undefined || digitsOf(number) === same.number)) return same;
    }
    return this.world.people.create(kind, name, number);
  }

  devicesOf(person: Person): DeviceView[] {
    return this.world.devicesOf(person).map((device) => deviceView(device));
  }

  messages(person: Person): MessageView[] {
    return [...this.world.logOf(person).all()].map((entry) => messageView(this.world, entry));
  }

  /**
   * Part of a log, oldest first.
   * @param after id of a message: only what came later. @param peer only what was exchanged with this person or group.
   * @throws EmulatorError UNKNOWN_MESSAGE, UNKNOWN_PERSON, UNKNOWN_GROUP
   */
  page(person: Person, { direction, after, limit, peer }: PageRequest): MessageView[] {
    const other = peer === undefined ? undefined : targetOf(this.world, peer).id;
    const log = this.world.logOf(person);
    const found = after === undefined ? log.all() : log.after(after);
    if (!found) throw new EmulatorError('UNKNOWN_MESSAGE', after);
    let entries = [...found];
    if (direction) entries = entries.filter((entry) => entry.direction === direction);
    if (other !== undefined) entries = entries.filter(({ from, to }) => from === other || to === other);
    return entries.slice(0, limit).map((entry) => messageView(this.world, entry));
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
    const target = targetOf(this.world, to);
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
      // What is opened leaves the queue.
      for (const entry of Array.from(held.entries())) {
        const stanza = stanzaOf(entry);
        held.acknowledge(entry.key);
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
    return groupView(group);
  }

  /** @throws EmulatorError UNKNOWN_GROUP, UNKNOWN_PERSON */
  async changeGroup(id: string, how: MemberChange, members: readonly string[], by?: string): Promise<GroupView> {
    const { people, groups } = this.world;
    const group = groups.get(id);
    const wanted = members.map((member) => people.get(member).lid());
    changeMembers(this.world, group, by === undefined ? group.creator : people.get(by), how, wanted);
    await this.world.store.stored();
    return groupView(group);
  }

  /** A community with its group for announcements; its groups are linked to it. @throws EmulatorError UNKNOWN_PERSON, UNKNOWN_GROUP, BAD_FIELD */
  async createCommunity(
    subject: string,
    owner: string,
    members: readonly string[],
    groups: readonly string[] = [],
  ): Promise<GroupView> {
    const { people } = this.world;
    const linked = groups.map((id) => this.world.groups.get(id));
    const founder = people.get(owner);
    if (linked.some((group) => linkError(group, founder) !== undefined)) throw new EmulatorError('BAD_FIELD', 'groups');
    const community = createCommunity(
      this.world,
      subject,
      founder,
      members.map((id) => people.get(id)),
    );
    for (const group of linked) linkGroup(this.world, community, founder, group);
    await this.world.store.stored();
    return groupView(community);
  }

  /** People ask to be let in, by the link. @throws EmulatorError UNKNOWN_GROUP, UNKNOWN_PERSON */
  async askToJoin(id: string, members: readonly string[]): Promise<GroupView> {
    const { people, groups } = this.world;
    const group = groups.get(id);
    for (const member of members) {
      const person = people.get(member);
      if (group.approval) askToJoin(this.world, group, person);
      else addMember(this.world, group, person, person);
    }
    await this.world.store.stored();
    return groupView(group);
  }

  fault(fault: Fault): void {
    carryOut(this.world, fault);
  }

  /**
   * The user changes something on the phone: chats, names, labels. People may be named in any way; their number stands in the change.
   * @throws EmulatorError NOT_A_PHONE, UNKNOWN_PERSON, UNKNOWN_GROUP
   */
  async changeOnPhone(phone: Person, change: PhoneChange): Promise<void> {
    if (phone.kind !== 'phone') throw new EmulatorError('NOT_A_PHONE', phone.id);
    const address = (text: string): string => {
      const target = targetOf(this.world, text);
      if ('members' in target) return target.id;
      return parseAddress(text)?.server === 'lid' ? target.lid() : target.pn();
    };
    if (change.do === 'name') {
      const contact = this.world.people.get(change.contact);
      changeOnPhone(this.world, phone, { ...change, contact: contact.pn(), lid: contact.lid() });
    } else if ('chat' in change) changeOnPhone(this.world, phone, { ...change, chat: address(change.chat) });
    else changeOnPhone(this.world, phone, change);
    await this.world.store.stored();
  }

  /** Ends bursts that are under way. */
  close(): void {
    this.writing.close();
    this.scenarios.stop();
  }

  #phoneFor(pushName: string | undefined): Person {
    if (pushName !== undefined) return this.createPerson('phone', pushName);
    const phones = [...this.world.people.all()].filter(({ kind }) => kind === 'phone');
    const free = phones.findLast(({ companions }) => companions.size === 0);
    return free ?? this.world.people.create('phone', `Phone ${phones.length + 1}`);
  }

  #linked({ phone, jid }: LinkedDevice): { phone: PersonView; device: string } {
    return { phone: personView(phone), device: jid };
  }
}
