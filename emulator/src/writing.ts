// What people write: a letter, many of them, something about an earlier one, a file of theirs; it never speaks HTTP and never builds a stanza.
import type { proto } from 'baileys/WAProto/index.js';
import { parseAddress } from './address.ts';
import { compose, type Said, type Scene } from './compose.ts';
import { editMessage, messageOf, reactionMessage, revokeMessage, textMessage } from './content.ts';
import { EmulatorError } from './errors.ts';
import { sendGroupLetter } from './group-messages.ts';
import type { Group } from './groups.ts';
import type { Entry } from './log.ts';
import { mediaOf } from './media-cipher.ts';
import { fileIdOf } from './media-host.ts';
import type { Person } from './person.ts';
import { openFile } from './record.ts';
import { type Form, logLetter, sendLetter } from './send.ts';
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

/** A person or group by id, address or number; a phone also by its name. @throws EmulatorError UNKNOWN_PERSON, UNKNOWN_GROUP */
export function targetOf({ people, groups }: World, to: string): Person | Group {
  const found = groups.find(to) ?? people.find(to) ?? people.phoneNamed(to);
  if (!found) throw new EmulatorError(to.endsWith('@g.us') ? 'UNKNOWN_GROUP' : 'UNKNOWN_PERSON', to);
  return found;
}

export class Writing {
  readonly world: World;
  #closed = false;

  constructor(world: World) {
    this.world = world;
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
    const target = targetOf(this.world, to);
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
    const target = targetOf(this.world, place);
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

  /** Ends bursts that are under way. */
  close(): void {
    this.#closed = true;
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
