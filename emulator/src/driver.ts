// What people do, in their own words: send, read, type, scan, leave; it never speaks HTTP and never builds a stanza.
import type { proto } from 'baileys/WAProto/index.js';
import { digitsOf, parseAddress } from './address.ts';
import { changeOnPhone } from './app-state.ts';
import { compose, type Said, type Scene } from './compose.ts';
import { editMessage, messageOf, reactionMessage, revokeMessage, textMessage } from './content.ts';
import { carryOut } from './endings.ts';
import { EmulatorError } from './errors.ts';
import type { Fault } from './faults.ts';
import { openGroupMessage, sendGroupLetter } from './group-messages.ts';
import { announceGroup, changeMembers, type MemberChange } from './group-queries.ts';
import type { Group } from './groups.ts';
import type { Entry } from './log.ts';
import { mediaOf } from './media-cipher.ts';
import { fileIdOf } from './media-host.ts';
import { type LinkedDevice, parseQr } from './pairing.ts';
import { enterPairingCode } from './pairing-code.ts';
import type { Kind, Person } from './person.ts';
import type { PhoneChange } from './phone-state.ts';
import { setOnline, type Typing, type } from './presence.ts';
import { unlink } from './queries.ts';
import { stanzaOf } from './queue.ts';
import { openMessage, readMessages } from './receive.ts';
import { openFile } from './record.ts';
import { Scenarios } from './scenario.ts';
import { type Form, logLetter, sendLetter } from './send.ts';
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

/** Messages of one call. */
const MAX_BURST = 100_000;
/** Characters of one text; WhatsApp's own limit is about the same. */
const MAX_TEXT = 65_536;
/** Messages that are made in one turn of the event loop, so that sockets and timers have theirs. */
const PER_TURN = 64;

export interface SendRequest {
  /** Person or group: id, address, phone number, or a phone's name. */
  readonly to: string;
  /** `{n}` becomes 1, 2, 3 … */
  readonly text?: string | undefined;
  /** Anything but a plain text: a file, a place, a poll. */
  readonly said?: Said | undefined;
  /** How many; 1. */
  readonly n?: number | undefined;
  /** Messages per second; as fast as it goes. */
  readonly rate?: number | undefined;
  /** The id of a single message, for tests of duplicates. */
  readonly id?: string | undefined;
  /** The id of a message that it answers. */
  readonly quote?: string | undefined;
  /** People whom it names. */
  readonly mentions?: readonly string[] | undefined;
  /** Seconds after which it disappears. */
  readonly expires?: number | undefined;
}

/** What can be done to a message that is there, or that will only come. */
export type Change =
  | { readonly do: 'react'; readonly emoji: string }
  | { readonly do: 'edit'; readonly text: string }
  | { readonly do: 'delete' };

export interface ChangeRequest {
  /** The id of the message that it is done to. */
  readonly message: string;
  readonly change: Change;
  /** Where the message stands, and who wrote it; the log of the person knows both unless it has not come yet. */
  readonly to?: string | undefined;
  readonly author?: string | undefined;
}

export interface PageRequest {
  readonly direction: 'in' | undefined;
  readonly after: string | undefined;
  readonly limit: number | undefined;
  readonly peer: string | undefined;
}

export class Driver {
  readonly world: World;
  readonly social: Social;
  readonly scenarios = new Scenarios((fault) => this.fault(fault));
  #closed = false;

  constructor(world: World) {
    this.world = world;
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
    const other = peer === undefined ? undefined : this.#target(peer).id;
    let entries = [...this.world.logOf(person).all()];
    if (after !== undefined) {
      const at = entries.findIndex(({ id }) => id === after);
      if (at < 0) throw new EmulatorError('UNKNOWN_MESSAGE', after);
      entries = entries.slice(at + 1);
    }
    if (direction) entries = entries.filter((entry) => entry.direction === direction);
    if (other !== undefined) entries = entries.filter(({ from, to }) => from === other || to === other);
    return entries.slice(0, limit).map((entry) => messageView(this.world, entry));
  }

  /**
   * Stored for every device when it resolves.
   * @param onPen called before each message is encrypted: when, in ms since epoch with fractions.
   * @throws EmulatorError
   */
  async send(
    from: Person,
    { to, text = '', said, n = 1, rate, id, quote, mentions = [], expires }: SendRequest,
    onPen: (at: number) => void = () => {},
  ): Promise<string[]> {
    if (text.length > MAX_TEXT) throw new EmulatorError('BAD_FIELD', 'text');
    if (!Number.isInteger(n) || n < 1 || n > MAX_BURST) throw new EmulatorError('BAD_FIELD', 'n');
    if (rate !== undefined && !(rate > 0)) throw new EmulatorError('BAD_FIELD', 'rate');
    const target = this.#target(to);
    const form: Form = parseAddress(to)?.server === 'lid' ? 'lid' : 's.whatsapp.net';
    const inside: Form = 'members' in target ? 'lid' : form;
    const named = mentions.map((each) => this.world.people.get(each).in(inside));
    const quoted = quote === undefined ? undefined : this.#quoted(from, quote, inside);
    const context = { quoted, mentions: named, expires };
    const withheld = said !== undefined && 'viewOnce' in said && said.viewOnce === 'withheld';
    const ids: string[] = [];
    const started = performance.now();
    for (let i = 1; i <= n && !this.#closed; i++) {
      const each = n === 1 && id !== undefined ? id : this.world.messageId();
      onPen(performance.timeOrigin + performance.now());
      const message =
        said || expires !== undefined
          ? compose(this.world, this.#scene(from, target, inside), said ?? { kind: 'text', text }, context)
          : textMessage(text.replaceAll('{n}', String(i)), { quoted, mentions: named });
      await this.#sendOne(from, target, form, each, message, withheld);
      ids.push(each);
      if (rate !== undefined) await until(started + (i * 1000) / rate);
      else if (i % PER_TURN === 0) await this.world.store.stored();
    }
    await this.world.store.stored();
    return ids;
  }

  /**
   * A reaction, an edit or a withdrawal goes out. Who may do what is the clients' business, as it is with WhatsApp.
   * @returns the id of the stanza. @throws EmulatorError
   */
  async change(person: Person, { message: id, change, to, author }: ChangeRequest): Promise<string> {
    const log = this.world.logOf(person);
    const entry = log.find('in', id) ?? log.find('out', id);
    const place = to ?? (entry?.direction === 'in' && !entry.to.endsWith('@g.us') ? entry.from : entry?.to);
    if (place === undefined) throw new EmulatorError('UNKNOWN_MESSAGE', id);
    const target = this.#target(place);
    const form: Form = 'members' in target ? 'lid' : (entry?.form ?? 's.whatsapp.net');
    const key = keyOf(person, target, form, this.world.people.get(author ?? entry?.from ?? person.id), id);
    const at = this.world.clock();
    const content =
      change.do === 'react'
        ? reactionMessage(key, change.emoji, at)
        : change.do === 'edit'
          ? editMessage(key, change.text, at)
          : revokeMessage(key);
    const own = this.world.messageId();
    await this.#sendOne(person, target, form, own, content);
    await this.world.store.stored();
    return own;
  }

  /** The opened file of a message. @throws EmulatorError UNKNOWN_MESSAGE, NO_FILE */
  file(person: Person, id: string): Buffer {
    const bytes = openFile(this.world, messageOf(this.#entry(person, id)));
    if (!bytes) throw new EmulatorError('NO_FILE', id);
    return bytes;
  }

  /** WhatsApp has deleted the file: downloads fail until a phone uploads it again. @throws EmulatorError UNKNOWN_MESSAGE, NO_FILE */
  dropFile(person: Person, id: string): void {
    const path = mediaOf(messageOf(this.#entry(person, id)))?.directPath;
    const file = path === undefined ? undefined : fileIdOf(path);
    if (file === undefined || !this.world.media.drop(file)) throw new EmulatorError('NO_FILE', id);
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
      const target = this.#target(text);
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
    this.#closed = true;
    this.scenarios.stop();
  }

  async #sendOne(
    from: Person,
    target: Person | Group,
    form: Form,
    id: string,
    message: proto.IMessage,
    withheld = false,
  ): Promise<void> {
    const timestamp = this.world.clock();
    if ('members' in target) {
      if (!target.members.has(from)) throw new EmulatorError('NOT_A_MEMBER', from.id);
      await sendGroupLetter(this.world, { id, from, group: target.id, timestamp, message });
      return;
    }
    const letter = { id, from, to: target, form, timestamp, message, withheld };
    const known = target.companions.size > 0 ? 'sent' : 'delivered';
    logLetter(this.world, letter, known);
    await sendLetter(this.world, letter);
  }

  #scene(from: Person, target: Person | Group, form: Form): Scene {
    return {
      from,
      at: this.world.clock(),
      addressOf: (person) => person.in(form),
      keyOf: (id) => {
        const entry = this.#entry(from, id);
        const author = this.world.people.get(entry.from);
        return { key: keyOf(from, target, form, author, id), message: messageOf(entry), author };
      },
    };
  }

  #entry(person: Person, id: string): Entry {
    const log = this.world.logOf(person);
    const entry = log.find('in', id) ?? log.find('out', id);
    if (!entry) throw new EmulatorError('UNKNOWN_MESSAGE', id);
    return entry;
  }

  #quoted(by: Person, id: string, form: Form) {
    const entry = this.#entry(by, id);
    return { id, author: this.world.people.get(entry.from).in(form), text: entry.text };
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
    return { phone: personView(phone), device: jid };
  }
}

/** The name of a message as the person's own clients would give it. */
function keyOf(person: Person, target: Person | Group, form: Form, author: Person, id: string): proto.IMessageKey {
  const group = 'members' in target;
  return {
    remoteJid: group ? target.id : target.in(form),
    fromMe: author === person,
    id,
    ...(group && { participant: author.lid() }),
  };
}

function until(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}
