// Reads message stanzas ahead of the library: decrypts in order of arrival, inside the line's steps, and says what was read. It answers WhatsApp nothing.
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import type { AuthenticationCreds, BinaryNode, proto as Proto, SignalRepositoryWithLIDStore } from 'baileys';
import { chatOf, isKnown, parseAddress, partyOf, samePerson } from './address.ts';
import { changeOf } from './changes.ts';
import { historyFacts, messagesIn, ownName } from './history.ts';
import type { Keyring } from './keyring.ts';
import { decodeMessageNode, extractAddressingContext, getDecryptionJid, proto, unpadRandomMax16 } from './library.ts';
import type { Sink } from './line.ts';
import { LiveLocations } from './live-location.ts';
import { type Envelope, normalise, unknown, waiting } from './normalise.ts';
import type { Chat, Fact, GroupMember, Keeper, Party } from './port.ts';
import { placeOf, secondsOr } from './stanzas.ts';

export interface ReaderParts {
  readonly account: string;
  readonly keeper: Pick<Keeper, 'seen'>;
  readonly keyring: Keyring;
  readonly repository: SignalRepositoryWithLIDStore;
  readonly creds: AuthenticationCreds;
  /** Ms since epoch with fractions, on a clock that never jumps. */
  readonly now: () => number;
  /** The credentials were changed in place. */
  readonly onCredentials: () => void;
  readonly onName: (name: string) => void;
  /** So much of the history has come, in percent. */
  readonly onProgress: (percent: number) => void;
  /** History that has to be fetched is among the errands once this step is durable. */
  readonly onErrand: () => void;
  /** What we asked our phone for by this id has been read: so many messages. */
  readonly onAnswered: (request: string, messages: number) => void;
  /** Our phone has shared keys of the app state. */
  readonly onKeys: () => void;
  readonly log: (text: string, error: unknown) => void;
}

type Answer = { readonly plaintext: Uint8Array } | { readonly error: Error };
type Encrypted = { readonly type: string; readonly content: Uint8Array; readonly hash: string };

/** Hashes that are asked for at once. */
const HASHES_AT_ONCE = 256;
/** Ids of messages of this link that could not be read at first. */
const TROUBLED = 1_000;
/** Plaintexts of this link that are kept in memory for a ciphertext that comes twice, and their size. */
const RECENT = 500;
const RECENT_BYTES = 65_536;
const LONGEST_HISTORY = 256 * 1024 * 1024;

export class Reader {
  readonly #parts: ReaderParts;
  /** Stanzas that the library holds keep their answers alive, and nothing else does. */
  readonly #answers = new WeakMap<Uint8Array, Answer>();
  readonly #encrypted = new WeakMap<BinaryNode, readonly Encrypted[]>();
  readonly #foreseen = new Set<string>();
  readonly #asked = new Map<string, Uint8Array | undefined>();
  readonly #recent = new Map<string, Uint8Array>();
  readonly #moves: LiveLocations;
  /** The library asks for them again, and has to hear that they came. */
  readonly #troubled = new Set<string>();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.#moves = new LiveLocations(parts.keyring);
  }

  /** What the library's decrypt call has to return or throw for a ciphertext of a stanza that was read. */
  answerTo(ciphertext: Uint8Array): Uint8Array {
    const answer = this.#answers.get(ciphertext);
    if (answer === undefined) throw new Error('This ciphertext was not read ahead');
    if ('error' in answer) throw answer.error;
    return answer.plaintext;
  }

  /** The stanza will be read soon: if it may be a redelivery, its ciphertexts are looked up together with others. */
  foresee(node: BinaryNode): void {
    const parts = encrypted(node);
    this.#encrypted.set(node, parts);
    if (mayBeKnown(node))
      for (const { hash } of parts) if (this.#foreseen.size < HASHES_AT_ONCE) this.#foreseen.add(hash);
  }

  /**
   * A step of the line. Rejects only when the keeper cannot be read. Each stanza is counted once, with what became of it unless it
   * made a fact. True for an ordinary message of somebody else: all of it is in the fact, and the library has nothing left to do.
   */
  async read(node: BinaryNode, heard: number, sink: Sink): Promise<boolean> {
    sink.count('wire');
    const outcome = await this.#read(node, heard, sink);
    if (typeof outcome === 'string') {
      sink.count(outcome);
      return false;
    }
    sink.fact(outcome);
    return isOrdinary(node, outcome) && !this.#troubled.has(node.attrs['id'] ?? '');
  }

  async #read(node: BinaryNode, heard: number, sink: Sink): Promise<Fact | 'redelivered' | 'control'> {
    const { creds, keyring, now, log } = this.#parts;
    const frame = this.#frameOf(node);
    if (frame === undefined) return 'control';
    const { fromMe, author } = frame;
    await this.#learnAddresses(node, author).catch((error: unknown) => log('an address pair was not stored', error));
    const envelope = await this.#envelope(node, fromMe, heard);
    const peer = node.attrs['category'] === 'peer';
    const parts = this.#encrypted.get(node) ?? encrypted(node);
    if (parts.length === 0 || parts.some(({ type }) => type === 'msmsg')) {
      return envelope === undefined || peer ? 'control' : this.#unencrypted(node, envelope);
    }
    let content: Proto.IMessage | undefined;
    let failed = false;
    for (const part of parts) {
      let plaintext = this.#recent.get(part.hash);
      if (plaintext === undefined && mayBeKnown(node)) plaintext = await this.#seen(part.hash);
      if (plaintext !== undefined) {
        this.#answers.set(part.content, { plaintext });
        continue;
      }
      try {
        const read = await keyring.attempt(() => this.#decrypt(node, part, author, fromMe));
        this.#answers.set(part.content, { plaintext: read.plaintext });
        sink.seen({ hash: part.hash, plaintext: read.plaintext });
        this.#keep(part.hash, read.plaintext);
        content = { ...content, ...read.message };
      } catch (cause) {
        const error = cause instanceof Error ? cause : new Error(String(cause));
        // A ciphertext is decrypted once, so a redelivery without a mark ends here.
        const known = mayBeKnown(node) ? undefined : await this.#seen(part.hash);
        if (known !== undefined) {
          this.#answers.set(part.content, { plaintext: known });
          continue;
        }
        log('a message could not be decrypted', error);
        this.#answers.set(part.content, { error });
        this.#trouble(node.attrs['id'] ?? '');
        failed = true;
      }
    }
    if (keyring.failure !== undefined) throw keyring.failure;
    if (content !== undefined && fromMe) await this.#own(content, creds, sink, heard);
    if (content === undefined && !failed) return 'redelivered';
    if (envelope === undefined || peer) return 'control';
    const fact = content && (await this.#factOf(envelope, content));
    return fact ?? (failed ? waiting(envelope, now()) : 'control');
  }

  /** Something done to another message, or a message of its own; undefined for what only carries keys or orders. */
  async #factOf(envelope: Envelope, content: Proto.IMessage): Promise<Fact | undefined> {
    const { creds, now } = this.#parts;
    const change = changeOf(envelope, content, partyOf(creds.me?.id, creds.me?.lid));
    if (change !== undefined) return this.completeFact(change);
    const said = normalise(envelope, content, now());
    const fact = said && (await this.#moves.follow(said));
    if (fact?.type === 'change') return this.completeFact(fact);
    if (fact?.mentions === undefined) return fact;
    return { ...fact, mentions: await Promise.all(fact.mentions.map((each) => this.complete(each))) };
  }

  /** Who wrote it, with device; undefined for a stanza that the library will refuse. */
  #frameOf(node: BinaryNode): { readonly fromMe: boolean; readonly author: string } | undefined {
    const { me } = this.#parts.creds;
    if (me === undefined) return undefined;
    try {
      const { fullMessage, author } = decodeMessageNode(node, me.id, me.lid ?? '');
      return { fromMe: fullMessage.key.fromMe === true, author };
    } catch (error) {
      this.#parts.log('a stanza is no message', error);
      return undefined;
    }
  }

  async #envelope(node: BinaryNode, fromMe: boolean, heard: number): Promise<Envelope | undefined> {
    const place = placeOf(node, fromMe);
    const { id, notify, t, offline } = node.attrs;
    if (place === undefined || id === undefined) return undefined;
    const author = place.author && (await this.complete(place.author));
    const chat: Chat =
      place.chat.kind === 'person' ? { kind: 'person', ...(await this.complete(place.chat)) } : place.chat;
    return {
      key: { chat, ...(author !== undefined && { author }), waId: id },
      fromMe,
      timestamp: secondsOr(t, Math.floor(heard)),
      ...(notify !== undefined && !fromMe && { pushName: notify }),
      offline: offline !== undefined,
      heard,
    };
  }

  /** Adds the other form of a person's address, if it is known here; asks nobody. */
  async complete({ pn, lid }: Party): Promise<Party> {
    if ((pn === undefined) === (lid === undefined)) return partyOf(pn, lid);
    const user = parseAddress(pn ?? lid)?.user ?? '';
    const id = pn === undefined ? `${user}_reverse` : user;
    const found = (await this.#parts.keyring.get('lid-mapping', [id]))[id];
    return partyOf(pn, lid, found && `${found}@${pn === undefined ? 's.whatsapp.net' : 'lid'}`);
  }

  /** What the library does before it decrypts (handleMessage and decode-wa-message of rc14): pairs first, then the session moves. */
  async #learnAddresses(node: BinaryNode, author: string): Promise<void> {
    const { senderAlt } = extractAddressingContext(node);
    const { repository, creds } = this.#parts;
    if (!senderAlt || samePerson(partyOf(author), partyOf(creds.me?.id, creds.me?.lid))) return;
    const [pn, lid] = senderAlt.endsWith('@lid') ? [author, senderAlt] : [senderAlt, author];
    if (!isKnown(partyOf(pn)) || (await repository.lidMapping.getPNForLID(lid)) !== null) return;
    await repository.lidMapping.storeLIDPNMappings([{ pn, lid }]);
    await repository.migrateSession(pn, lid);
  }

  /** The same for a fact that names persons. */
  async completeFact(fact: Fact): Promise<Fact> {
    if (fact.type === 'change') {
      const { by, target } = fact;
      const author = target.author && { author: await this.complete(target.author) };
      return { ...fact, ...(by && { by: await this.complete(by) }), target: { ...target, ...author } };
    }
    if (fact.type === 'group') {
      const complete = async (party: GroupMember): Promise<GroupMember> => ({
        ...(await this.complete(party)),
        role: party.role,
      });
      const { members, change, notice } = fact;
      const by = notice?.by && { by: await this.complete(notice.by) };
      return {
        ...fact,
        ...(members && { members: await Promise.all(members.map(complete)) }),
        ...(change && { change: { ...change, members: await Promise.all(change.members.map(complete)) } }),
        ...(notice && { notice: { ...notice, ...by } }),
      };
    }
    if (fact.type === 'call') {
      const from = await this.complete(fact.from);
      return { ...fact, from, chat: fact.chat.kind === 'person' ? { kind: 'person', ...from } : fact.chat };
    }
    if (fact.type === 'blocked')
      return { ...fact, people: await Promise.all(fact.people.map((each) => this.complete(each))) };
    if (!('chat' in fact) || fact.type === 'job-done') return fact;
    const chat: Chat =
      fact.chat.kind === 'person' ? { kind: 'person', ...(await this.complete(fact.chat)) } : fact.chat;
    const reader = fact.type === 'status' && fact.reader ? { reader: await this.complete(fact.reader) } : {};
    return { ...fact, chat, ...reader };
  }

  async #seen(hash: string): Promise<Uint8Array | undefined> {
    if (!this.#asked.has(hash)) {
      this.#foreseen.add(hash);
      const hashes = [...this.#foreseen];
      this.#foreseen.clear();
      const found = await this.#parts.keeper.seen(this.#parts.account, hashes);
      for (const each of hashes) this.#asked.set(each, found.get(each));
    }
    const known = this.#asked.get(hash);
    this.#asked.delete(hash);
    return known;
  }

  #trouble(id: string): void {
    this.#troubled.add(id);
    const [oldest] = this.#troubled;
    if (this.#troubled.size > TROUBLED && oldest !== undefined) this.#troubled.delete(oldest);
  }

  #keep(hash: string, plaintext: Uint8Array): void {
    if (plaintext.byteLength > RECENT_BYTES) return;
    this.#recent.set(hash, plaintext);
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= RECENT) break;
      this.#recent.delete(oldest);
    }
  }

  async #decrypt(node: BinaryNode, { type, content }: Encrypted, author: string, fromMe: boolean) {
    const { repository, log } = this.#parts;
    const plaintext = await this.#open(node, type, content, author);
    const whole = proto.Message.decode(unpadRandomMax16(plaintext));
    const inner = whole.deviceSentMessage?.message;
    // The secrets of what our own phone sent stand outside.
    const beside = { ...whole.messageContextInfo, ...inner?.messageContextInfo };
    const message: Proto.IMessage = inner ? { ...inner, messageContextInfo: beside } : whole;
    const item = message.senderKeyDistributionMessage;
    if (item) {
      await this.#parts.keyring
        .attempt(() => repository.processSenderKeyDistributionMessage({ authorJid: author, item }))
        .catch((error: unknown) => log('a sender key was not taken', error));
    }
    if (fromMe) this.#takeKeys(message);
    return { plaintext, message };
  }

  async #open(node: BinaryNode, type: string, ciphertext: Uint8Array, author: string): Promise<Uint8Array> {
    const { repository } = this.#parts;
    switch (type) {
      case 'skmsg':
        return repository.decryptGroupMessage({ group: node.attrs['from'] ?? '', authorJid: author, msg: ciphertext });
      case 'pkmsg':
      case 'msg':
        return repository.decryptMessage({ jid: await getDecryptionJid(author, repository), type, ciphertext });
      default:
        throw new Error(`Unknown e2e type: ${type}`);
    }
  }

  /** App-state keys become durable with the message that shares them. */
  #takeKeys(message: Proto.IMessage): void {
    const { keyring, creds, onCredentials } = this.#parts;
    for (const { keyId, keyData } of message.protocolMessage?.appStateSyncKeyShare?.keys ?? []) {
      if (!keyId?.keyId || !keyData) continue;
      const id = Buffer.from(keyId.keyId).toString('base64');
      keyring.set({ 'app-state-sync-key': { [id]: keyData } });
      creds.myAppStateKeyId = id;
      onCredentials();
      this.#parts.onKeys();
    }
  }

  /** What our own phone tells its devices: history that travels inline, and messages that it had to repeat. */
  async #own(content: Proto.IMessage, creds: AuthenticationCreds, sink: Sink, heard: number): Promise<void> {
    const me = partyOf(creds.me?.id, creds.me?.lid);
    const notification = content.protocolMessage?.historySyncNotification;
    const inline = notification?.initialHistBootstrapInlinePayload;
    try {
      if (notification && !inline?.length) {
        const bytes = proto.Message.HistorySyncNotification.encode(notification).finish();
        const job = `h_${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}`;
        sink.fact({ type: 'history-due', job, notification: Buffer.from(bytes).toString('base64') });
        this.#parts.onErrand();
      }
      if (inline?.length) {
        const sync = proto.HistorySync.decode(await promisify(inflate)(inline, { maxOutputLength: LONGEST_HISTORY }));
        for (const fact of historyFacts(sync, me)) sink.fact(fact);
        const request = notification?.peerDataRequestSessionId;
        if (request) this.#parts.onAnswered(request, messagesIn(sync));
        if (typeof sync.progress === 'number') this.#parts.onProgress(sync.progress);
        const name = ownName(sync, me);
        if (name) this.#parts.onName(name);
      }
      const { peerDataOperationResult = [] } = content.protocolMessage?.peerDataOperationRequestResponseMessage ?? {};
      for (const { placeholderMessageResendResponse } of peerDataOperationResult ?? []) {
        const bytes = placeholderMessageResendResponse?.webMessageInfoBytes;
        if (bytes) await this.#repeated(proto.WebMessageInfo.decode(bytes), me, sink, heard);
      }
    } catch (error) {
      this.#parts.log('a message of our own phone could not be read', error);
    }
  }

  async #repeated(info: Proto.IWebMessageInfo, me: Party, sink: Sink, heard: number): Promise<void> {
    const waId = info.key?.id;
    const fromMe = info.key?.fromMe === true;
    const found = chatOf(info.key?.remoteJid);
    if (!waId || found === undefined) return;
    const chat: Chat = found.kind === 'person' ? { kind: 'person', ...(await this.complete(found)) } : found;
    const person = partyOf(chat.kind === 'person' ? info.key?.remoteJid : info.key?.participant);
    const author = fromMe || samePerson(person, me) ? undefined : await this.complete(person);
    const key = { chat, ...(author !== undefined && isKnown(author) && { author }), waId };
    const timestamp = Number(info.messageTimestamp ?? 0) * 1_000;
    const pushName = info.pushName ? { pushName: info.pushName } : {};
    const envelope = { key, fromMe, timestamp, ...pushName, offline: false, heard };
    const fact = info.message && (await this.#factOf(envelope, info.message));
    if (!fact) return;
    sink.count('aside');
    sink.fact(fact);
  }

  #unencrypted(node: BinaryNode, envelope: Envelope) {
    const now = this.#parts.now();
    const children = Array.isArray(node.content) ? node.content : [];
    const plain = children.find(({ tag, content }) => tag === 'plaintext' && content instanceof Uint8Array)?.content;
    if (plain instanceof Uint8Array) {
      try {
        return normalise(envelope, proto.Message.decode(plain), now) ?? unknown(envelope, 'empty', now);
      } catch (error) {
        this.#parts.log('a plaintext message could not be decoded', error);
        return unknown(envelope, 'plaintext', now);
      }
    }
    // A bot's answer to its own key, or a message whose content only the phone has.
    if (children.some(({ attrs }) => attrs['type'] === 'msmsg')) return unknown(envelope, 'msmsg', now);
    const withheld = children.find(({ tag }) => tag === 'unavailable')?.attrs['type'];
    // Linked devices never get it: to wait would be in vain.
    if (withheld === 'view_once') return { ...unknown(envelope, withheld, now), content: { viewOnce: true } as const };
    return waiting(envelope, now);
  }
}

/** WhatsApp marks what it has kept. To ask about every live stanza would cost each message a way to the keeper and back. */
function mayBeKnown({ attrs }: BinaryNode): boolean {
  return attrs['offline'] !== undefined;
}

/** Text, pictures and the like, in the chat of a person or a group, encrypted: neither an order nor a change, nor what only our phone can open. */
function isOrdinary(node: BinaryNode, fact: Fact): boolean {
  if (fact.type !== 'message' || fact.fromMe || fact.kind === 'waiting' || fact.content?.timer !== undefined)
    return false;
  const { kind } = fact.key.chat;
  const children = Array.isArray(node.content) ? node.content : [];
  const types = children.flatMap(({ tag, attrs }) => (tag === 'enc' ? [attrs['type']] : []));
  return (kind === 'person' || kind === 'group') && types.length > 0 && !types.includes('msmsg');
}

function encrypted(node: BinaryNode): readonly Encrypted[] {
  const children = Array.isArray(node.content) ? node.content : [];
  return children.flatMap(({ tag, attrs, content }) =>
    tag === 'enc' && content instanceof Uint8Array
      ? [{ type: attrs['type'] ?? '', content, hash: createHash('sha256').update(content).digest('hex').slice(0, 32) }]
      : [],
  );
}
