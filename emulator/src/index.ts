// The package's door: starts an emulator inside this process and hands out its people; it never shows a stanza.
import { randomBytes } from 'node:crypto';
import type { CallEnd, CallRequest } from './calls.ts';
import type { Said } from './compose.ts';
import { startControl } from './control.ts';
import { Driver } from './driver.ts';
import type { Fault } from './faults.ts';
import type { Past } from './past.ts';
import type { Person } from './person.ts';
import type { PhoneChange, PhoneView } from './phone-state.ts';
import type { Typing } from './presence.ts';
import type { ScenarioView, Step } from './scenario.ts';
import { startSockets } from './server.ts';
import { type GroupView, type MessageView, type PersonView, personView, type StateView, stateView } from './views.ts';
import type { CallView, ChannelView } from './views-social.ts';
import { type Log, World } from './world.ts';
import type { ChangeRequest, SendRequest } from './writing.ts';

export type { Said } from './compose.ts';
export { EmulatorError, type RefusalCode } from './errors.ts';
export type { Fault } from './faults.ts';
export type { Past } from './past.ts';
export type { ChatView, PhoneChange, PhoneView } from './phone-state.ts';
export type { Typing } from './presence.ts';
export type { ScenarioView, Step } from './scenario.ts';
export type { DeviceView, GroupView, MessageView, PersonView, StanzaView, StateView } from './views.ts';
export type { CallView, ChannelView } from './views-social.ts';
export type { Log } from './world.ts';
export type { SendRequest } from './writing.ts';

export interface EmulatorOptions {
  /** Loopback ports; 0 or nothing = any free one. */
  readonly ports?: {
    readonly tls?: number | undefined;
    readonly plain?: number | undefined;
    readonly control?: number | undefined;
  };
  /** Where everything is kept; nothing = in memory only. One process at a time may hold it. */
  readonly dir?: string | undefined;
  readonly log?: Log;
  /** ms since epoch. */
  readonly clock?: () => number;
  readonly random?: (bytes: number) => Buffer;
  /**
   * A new device uploads five one-time prekeys instead of the 812 of a first login, and more as they are used: a pairing
   * takes a third of its processor time, so that hundreds of tests can have one each.
   */
  readonly fewPreKeys?: boolean;
  /** Called once when the store can no longer be written. Every socket is cut; the emulator is of no use any more. */
  readonly onStoreFailure?: (error: unknown) => void;
}

/** Where a message stands and who wrote it; needed only while it has not come yet. */
export type Whereabouts = Pick<ChangeRequest, 'to' | 'author'>;

/** Somebody with a phone, without linked devices. */
export interface Contact extends PersonView {
  /** Resolves when the message is stored for every device it is for. @returns the ids. */
  send(request: SendRequest): Promise<readonly string[]>;
  /** '' takes the reaction back. The three name a message by its id, and return that of their own stanza. */
  react(message: string, emoji: string, where?: Whereabouts): Promise<string>;
  edit(message: string, text: string, where?: Whereabouts): Promise<string>;
  /** For everyone. */
  withdraw(message: string, where?: Whereabouts): Promise<string>;
  /** The opened file of a message. @throws EmulatorError NO_FILE */
  file(message: string): Buffer;
  /** WhatsApp has deleted the file of the message: downloads fail until a phone uploads it again. */
  dropFile(message: string): void;
  /** What has reached this person, oldest first. */
  inbox(): readonly MessageView[];
  /** Resolves with the first message that has reached this person and fits, now or within the time. @throws when none comes. */
  received(fits?: (message: MessageView) => boolean, timeoutMs?: number): Promise<MessageView>;
  /** Both directions, with the status of what the person sent. */
  messages(): readonly MessageView[];
  /** Opens the chats: read receipts go out. @returns the ids that are now read. */
  read(ids?: readonly string[]): Promise<readonly string[]>;
  /** Reads everything as it arrives. */
  autoread(on?: boolean): Promise<void>;
  typing(to: string, state?: Typing): void;
  /** Rings at the other one's linked devices. */
  call(to: string, request?: CallRequest): Promise<CallView>;
  /** @param to who may see it; none = everybody with linked devices. @returns its id. */
  postStatus(said: Said, to?: readonly string[]): Promise<string>;
  /** A new picture: JPEG, a sample when nothing is given, none any more with null. */
  picture(bytes?: Buffer | null): Promise<string | undefined>;
  about(text: string): Promise<void>;
  block(other: string, on?: boolean): Promise<void>;
  /** What others may see, by WhatsApp's own words: ('last', 'none'). */
  privacy(name: string, value: string): Promise<void>;
  online(on?: boolean): Promise<void>;
  /** false = the phone is switched off: what is sent to it waits, with one tick. */
  reachable(on: boolean): Promise<void>;
}

/** The phone of an account: what links bots and browsers. */
export interface Phone extends Contact {
  /** Takes the text of a QR code. Resolves with the address of the device once it is linked. */
  scan(qr: string): Promise<string>;
  /** Resolves when a linked device is online and has all that was kept for it. @throws when that takes longer. */
  linked(timeoutMs?: number): Promise<void>;
  /** The user types the code that the device shows. */
  enterPairingCode(code: string): Promise<string>;
  /** Drops the linked devices' sockets and refuses new ones. */
  offline(): void;
  /** Lets them in again. */
  back(): void;
  /** The user changes something on the phone: chats, names, labels. Linked devices are told. */
  change(change: PhoneChange): Promise<void>;
  /** What the phone knows of its chats, names and labels, whoever changed them. */
  shared(): PhoneView;
  /** An invented past that the next linked device is told of, inline or by the media host. */
  past(past: Partial<Past>, by?: 'inline' | 'media'): Promise<void>;
  /** Unlinks one device or all of them. */
  logout(device?: string): Promise<void>;
}

export interface Emulator {
  /** wss, self-signed. */
  readonly url: string;
  /** ws, for `waWebSocketUrl`. */
  readonly plainUrl: string;
  readonly controlUrl: string;
  /** Public key of the certificate root, 32 bytes: `WA_CERT_DETAILS.PUBLIC_KEY` of Baileys. */
  readonly root: Buffer;
  /** PEM of the certificate of `url` and of the media host, self-signed: what makes a client trust both. */
  certificate(): Promise<string>;
  phone(options: { readonly name: string; readonly number?: string | undefined }): Phone;
  contact(options: { readonly name: string; readonly number?: string | undefined }): Contact;
  group(options: {
    readonly subject: string;
    readonly owner: string;
    readonly members: readonly string[];
  }): Promise<GroupView>;
  /** A member joins, goes, rises or falls. @param by none = the group's creator. */
  changeGroup(
    group: string,
    how: 'add' | 'remove' | 'promote' | 'demote',
    members: readonly string[],
    by?: string,
  ): Promise<GroupView>;
  /** A group of groups, with one for announcements that all are in. @param options.groups of the owner, linked to it. */
  community(options: {
    readonly subject: string;
    readonly owner: string;
    readonly members: readonly string[];
    readonly groups?: readonly string[] | undefined;
  }): Promise<GroupView>;
  /** People come by the link: where admins decide, they wait. */
  askToJoin(group: string, members: readonly string[]): Promise<GroupView>;
  /** Somebody who exists already, by id, number or address. @throws EmulatorError UNKNOWN_PERSON */
  person(text: string): Phone;
  /** How a ringing call ends. @throws EmulatorError UNKNOWN_CALL */
  endCall(id: string, how: CallEnd): Promise<CallView>;
  calls(): readonly CallView[];
  channel(options: {
    readonly name: string;
    readonly description?: string | undefined;
    readonly followers: readonly string[];
  }): Promise<ChannelView>;
  channels(): readonly ChannelView[];
  /** @returns the number of the post within its channel. */
  postToChannel(channel: string, said: Said): Promise<number>;
  reactInChannel(channel: string, post: number, emoji: string): Promise<void>;
  groupPicture(group: string, bytes?: Buffer | null): Promise<string | undefined>;
  /** Scans for the phone that the connection's push name means, as POST /scan does. */
  scan(qr: string, phone?: string): Promise<{ readonly phone: PersonView; readonly device: string }>;
  fault(fault: Fault): void;
  /** Faults by timetable; the same seed makes the same one. */
  scenario(steps: readonly Step[], seed?: number): ScenarioView;
  state(): StateView;
  /** Resolves when everything promised so far is stored. */
  stored(): Promise<void>;
  close(): Promise<void>;
}

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Starts an emulator. @throws when a port is taken or another process holds `dir`. */
export async function createEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { ports = {}, dir, log = SILENT, clock = Date.now, random = randomBytes, fewPreKeys = false } = options;
  let connections: World['connections'] | undefined;
  const world = new World({
    dir,
    log,
    clock,
    random,
    fewPreKeys,
    onStoreFailure: (error) => {
      log.error({ error: String(error) }, 'the store failed: nothing is promised any more');
      // The store can fail while the world is being made.
      for (const connection of connections ?? []) connection.drop();
      options.onStoreFailure?.(error);
    },
  });
  ({ connections } = world);
  const driver = new Driver(world);
  const sockets = await startSockets(world, { tls: ports.tls ?? 0, plain: ports.plain ?? 0 });
  const control = await startControl(driver, ports.control ?? 0);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    driver.close();
    await control.close();
    await sockets.close();
    world.close();
  };
  return {
    url: sockets.url,
    plainUrl: sockets.plainUrl,
    controlUrl: control.url,
    root: world.authority.root,
    certificate: async () => (await world.tlsFiles()).cert,
    phone: ({ name, number }) => handle(driver, driver.createPerson('phone', name, number)),
    contact: ({ name, number }) => handle(driver, driver.createPerson('contact', name, number)),
    group: ({ subject, owner, members }) => driver.createGroup(subject, owner, members),
    community: ({ subject, owner, members, groups }) => driver.createCommunity(subject, owner, members, groups),
    askToJoin: (group, members) => driver.askToJoin(group, members),
    changeGroup: (group, how, members, by) => driver.changeGroup(group, how, members, by),
    person: (text) => handle(driver, world.people.get(text)),
    scan: (qr, phone) => driver.scan(qr, phone),
    endCall: (id, how) => driver.social.endCall(id, how),
    calls: () => driver.social.calls(),
    channel: ({ name, description = '', followers }) => driver.social.createChannel(name, description, followers),
    channels: () => driver.social.channels(),
    postToChannel: (channel, said) => driver.social.postToChannel(channel, said),
    reactInChannel: (channel, post, emoji) => driver.social.reactInChannel(channel, post, emoji),
    groupPicture: (group, bytes) => driver.social.picture(group, bytes),
    fault: (fault) => driver.fault(fault),
    scenario: (steps, seed) => driver.scenarios.start(steps, seed),
    state: () => stateView(world),
    stored: () => world.store.stored(),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

const POLL_MS = 10;

/** Looks until it finds something. */
async function soon<T>(look: () => T | undefined, what: string, timeoutMs: number): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function handle(driver: Driver, person: Person): Phone {
  return {
    ...personView(person),
    send: (request) => driver.writing.send(person, request),
    react: (message, emoji, where) =>
      driver.writing.change(person, { message, change: { do: 'react', emoji }, ...where }),
    edit: (message, text, where) => driver.writing.change(person, { message, change: { do: 'edit', text }, ...where }),
    withdraw: (message, where) => driver.writing.change(person, { message, change: { do: 'delete' }, ...where }),
    file: (message) => driver.writing.file(person, message),
    dropFile: (message) => driver.writing.dropFile(person, message),
    inbox: () => driver.messages(person).filter(({ direction }) => direction === 'in'),
    received: (fits = () => true, timeoutMs = 10_000) =>
      soon(
        () => driver.messages(person).find((message) => message.direction === 'in' && fits(message)),
        `a message for ${person.name}`,
        timeoutMs,
      ),
    linked: async (timeoutMs = 30_000) => {
      const ready = () => driver.devicesOf(person).some(({ phase, pending }) => phase === 'live' && pending === 0);
      await soon(() => ready() || undefined, `${person.name} to be linked`, timeoutMs);
    },
    messages: () => driver.messages(person),
    read: (ids) => driver.read(person, ids),
    autoread: (on = true) => driver.autoread(person, on),
    typing: (to, state = 'composing') => driver.typing(person, to, state),
    call: (to, request) => driver.social.call(person, to, request),
    postStatus: (said, to) => driver.social.postStatus(person, said, to),
    picture: (bytes) => driver.social.picture(person, bytes),
    about: (text) => driver.social.about(person, text),
    block: (other, on = true) => driver.social.block(person, other, on),
    privacy: (name, value) => driver.social.privacy(person, name, value),
    past: (past, by) => driver.social.past(person, past, by),
    online: (on = true) => driver.online(person, on),
    reachable: (on) => driver.reachable(person, on),
    scan: async (qr) => (await driver.scan(qr, person.id)).device,
    enterPairingCode: async (code) => (await driver.enterPairingCode(person, code)).device,
    offline: () => driver.phoneOffline(person),
    back: () => driver.phoneOnline(person),
    change: (change) => driver.changeOnPhone(person, change),
    shared: () => driver.world.phoneStates.view(person),
    logout: (device) => driver.logout(person, device),
  };
}
