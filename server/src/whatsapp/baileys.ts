// One link to WhatsApp: an unmodified Baileys socket whose every stanza passes our line first, so that nothing is acknowledged before it is committed.

import type { Account, LinkPreview } from '@pulseline/protocol';
import type { AuthenticationCreds, BinaryNode, ConnectionState, SignalRepositoryWithLIDStore, WASocket } from 'baileys';
import type { MediaFiles } from '../media/files.ts';
import { partyOf, phoneOf, wireAddress } from './address.ts';
import { marksOf } from './changes.ts';
import { classify, type Ending, internalFault, isLateCall, type Phase, silence, unreadableFrame } from './classify.ts';
import { besides, compose, timerIn } from './compose.ts';
import { decodeCredentials, encodeCredentials, isLinked, unreadable } from './credentials.ts';
import { Dealings } from './dealings.ts';
import { endOf } from './end.ts';
import type { Deed } from './errands.ts';
import { attributing, cut, setGate } from './gate.ts';
import { Keyring } from './keyring.ts';
import {
  configureSuccessfulPairing,
  DEFAULT_CONNECTION_CONFIG,
  initAuthCreds,
  makeWASocket,
  proto,
} from './library.ts';
import { libraryLog } from './library-log.ts';
import { Line, type LineLimits } from './line.ts';
import type { Previewer } from './link-preview.ts';
import { MediaLink } from './media-link.ts';
import type { LogLevel } from './orders.ts';
import type { AccountSetup, Batch, Chat, Errand, Fact, Job, Keeper, LinkQuestion, Party, Whisper } from './port.ts';
import { destination } from './proxy.ts';
import { Reader } from './reader.ts';
import { innerRepository, outerRepository, socketKeys } from './repository.ts';
import { ackOf, deliveryOf, factsOf, isTick, pictured, ping, presence, typing, unlinking } from './stanzas.ts';

/** What a link tells. Nothing is told after `ended`, nor after we end it. */
export interface LinkEvents {
  qr(text: string, expiresAt: number): void;
  paired(): void;
  open(me: NonNullable<Account['me']>): void;
  /** The account has another name than it had when the link opened. */
  named(me: NonNullable<Account['me']>): void;
  /** What WhatsApp kept while we were away has been committed. */
  drained(): void;
  /** The server has taken a message, or refuses it. */
  acked(waId: string, error: string | undefined): void;
  /** There may be errands. */
  errands(): void;
  whisper(whisper: Whisper): void;
  ended(ending: Ending): void;
  log(text: string, error?: unknown, level?: LogLevel): void;
}

export interface LinkParts {
  readonly files: MediaFiles;
  readonly committed: (batch: Batch) => void;
  readonly keeper: Keeper;
  /** Ms since epoch with fractions, on a clock that never jumps. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly limits?: Partial<LineLimits>;
  /** Ms that each QR code lives, that a connect may take, and our phone to answer; absent = as WhatsApp and we have it. */
  readonly times?: { readonly qr?: number; readonly connect?: number; readonly phone?: number };
  /** Fetches what links show, through a proxy if there is one; absent = nothing is ever fetched. */
  readonly previewer?: (proxy: string | undefined) => Previewer;
  /** Told of each stage of a message that has just been passed, by name; for tests that kill there. */
  readonly passed?: (stage: string) => void;
}

/** Ms between the library's signs of life; it takes up to twice as long to notice silence. */
const KEEP_ALIVE = 12_000;
/** Ms without a single frame after which we end the link ourselves: the library compares wall clocks. */
const LONGEST_SILENCE = 40_000;
const CONNECT_TIMEOUT = 15_000;
/** A question that is not answered holds up what comes behind it. */
const QUERY_TIMEOUT = 30_000;
/** A QR code's life: the first one, and each further one. */
const FIRST_QR = 60_000;
const NEXT_QR = 20_000;

export class Link {
  readonly media: MediaLink;
  readonly #setup: AccountSetup;
  readonly #parts: LinkParts;
  readonly #events: LinkEvents;
  readonly #creds: AuthenticationCreds;
  readonly #line: Line;
  readonly #keyring: Keyring;
  readonly #reader: Reader;
  readonly #socket: WASocket;
  readonly #host: string;
  readonly #standing: () => boolean;
  readonly #watchdog: NodeJS.Timeout;
  #phase: Phase = 'connecting';
  #over = false;
  #online = false;
  readonly #dealings: Dealings;
  #errandDue = false;
  #heard: number;
  #codes = 0;
  /** Credentials that the next commit has to hold. */
  #changed: (() => AuthenticationCreds) | undefined;

  /** Reads the credentials and dials. Throws CredentialsUnreadable, or what the keeper throws. */
  static async open(setup: AccountSetup, parts: LinkParts, events: LinkEvents): Promise<Link> {
    const stored = await parts.keeper.credentials(setup.id);
    return new Link(setup, parts, events, stored === undefined ? initAuthCreds() : decodeCredentials(stored));
  }

  private constructor(setup: AccountSetup, parts: LinkParts, events: LinkEvents, creds: AuthenticationCreds) {
    this.#setup = setup;
    this.#parts = parts;
    this.#events = events;
    this.#creds = creds;
    this.#heard = parts.now();
    // Without a name the library never becomes available. WhatsApp tells a real one in the first sync; our label is the last resort.
    const nameless =
      creds.me !== undefined && !creds.me.name && (setup.url !== undefined || creds.accountSyncCounter > 0);
    if (creds.me !== undefined && nameless) creds.me.name = setup.label;
    this.#keyring = new Keyring(setup.id, parts.keeper);
    this.#line = new Line({
      account: setup.id,
      keeper: { commit: (batch) => parts.keeper.commit(batch).then(() => parts.committed(batch)) },
      keyring: this.#keyring,
      now: parts.now,
      sleep: parts.sleep,
      credentials: () => this.#takeCredentials(),
      onRefused: (fact, error) => events.log(`a ${fact.type} could not be kept`, error, 'warn'),
      onDead: (error) =>
        this.#finish(
          unreadable(error) ?? { type: 'retry', code: 'STORE_FAILED', params: { detail: error.message } },
          error,
        ),
      ...(parts.limits !== undefined && { limits: parts.limits }),
    });
    const { url, agent } = destination(setup, DEFAULT_CONNECTION_CONFIG.waWebSocketUrl);
    this.#host = url.hostname;
    let inner: SignalRepositoryWithLIDStore | undefined;
    this.#socket = attributing(() =>
      makeWASocket({
        auth: { creds, keys: socketKeys(this.#keyring, this.#line) },
        waWebSocketUrl: url,
        logger: libraryLog(events.log),
        keepAliveIntervalMs: KEEP_ALIVE,
        connectTimeoutMs: parts.times?.connect ?? CONNECT_TIMEOUT,
        defaultQueryTimeoutMs: QUERY_TIMEOUT,
        syncFullHistory: false,
        ...(parts.times?.qr !== undefined && { qrTimeout: parts.times.qr }),
        emitOwnEvents: false,
        transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
        // An emulator finds the phone of that name by it; a real person's name is not ours to set.
        ...(setup.url !== undefined && { pushName: setup.label }),
        ...(agent !== undefined && { agent, fetchAgent: agent }),
        cachedGroupMetadata: async (group) => this.#dealings.groups.metadata(group),
        getMessage: async ({ id }) => {
          const content = id ? await parts.keeper.sentContent(setup.id, id) : undefined;
          return content && proto.Message.decode(content);
        },
        makeSignalRepository: (_, logger, findLids) => {
          inner = innerRepository(creds, this.#keyring, (pn, lid) => this.#pair(pn, lid), [logger, findLids]);
          return outerRepository(inner, this.#line, () => this.#reader, parts.passed);
        },
      }),
    );
    const whisper = (each: Whisper): void => this.#whisper(each);
    const me = (): string | undefined => creds.me?.id;
    this.media = new MediaLink({ socket: this.#socket, files: parts.files, agent, setup, me, whisper });
    if (inner === undefined) throw new Error('the library made no repository');
    this.#reader = new Reader({
      account: setup.id,
      keeper: parts.keeper,
      keyring: this.#keyring,
      repository: inner,
      creds,
      now: parts.now,
      onCredentials: () => this.#credentialsChanged(),
      onName: (name) => this.#takeName(name),
      onProgress: (done) => this.#whisper({ type: 'sync', account: setup.id, done, total: 100 }),
      onErrand: () => {
        this.#errandDue = true;
      },
      onAnswered: (request, messages) => this.#dealings.requests.answered(request, messages),
      onKeys: () => this.#dealings.keysCame(),
      log: events.log,
    });
    this.#dealings = new Dealings({
      setup,
      socket: this.#socket,
      line: this.#line,
      keyring: this.#keyring,
      creds,
      reader: () => this.#reader,
      now: parts.now,
      download: (told) => this.media.history(told),
      certificate: () => this.media.certificate(),
      phoneAnswersWithin: parts.times?.phone,
      onName: (name) => this.#takeName(name, true),
      onProgress: (done) => this.#whisper({ type: 'sync', account: setup.id, done, total: 100 }),
      log: (text, error) => this.#over || events.log(text, error),
    });
    this.#standing = setGate(this.#socket.ws, {
      hold: (event, node) => this.#hold(event, node),
      opened: () => {
        this.#phase = 'login';
      },
      turnedAway: (status) =>
        this.#finish(classify({ phase: this.#phase, host: this.#host, text: '', error: `HTTP ${status}` }), undefined),
      heard: () => {
        this.#heard = parts.now();
      },
      unreadable: (error) => this.#finish(unreadableFrame, error),
      rejected: (error) => {
        // A call on a link that ends fails as it must.
        if (isLateCall(error)) events.log('a late call on an ended link failed', error);
        else this.#finish(internalFault, error);
      },
      over: () => this.#over,
      depth: () => this.#line.depth,
      durable: () => this.#line.durable(),
    });
    this.#listen();
    this.#watchdog = setInterval(() => this.#watch(), 5_000);
    this.#watchdog.unref();
  }

  /** Ends the link. */
  end(): void {
    this.#over = true;
    this.#close(undefined);
  }

  /** Resolves when nothing of this link is written any more. Only then may another one of the account be opened. */
  settled(): Promise<void> {
    return this.#line.settled();
  }

  /** `listens`: what comes in is still ours to keep. `heard`: when something came last. */
  measure() {
    const listens = this.#line.alive && this.#standing();
    return { waiting: this.#line.depth, cachedBytes: this.#keyring.cachedBytes, listens, heard: this.#heard };
  }

  /** Takes part in the commits of this link, in order with everything else. Resolves when it is durable. */
  commit(facts: readonly Fact[]): Promise<void> {
    return this.#line.run(async (sink) => facts.forEach(sink.fact));
  }

  /** Has the server answered a probe, with our gate in place? */
  async prove(timeout: number): Promise<boolean> {
    const answer: unknown = await this.#socket.query(ping(), timeout).catch(() => undefined);
    return answer !== undefined && this.#line.alive && this.#standing();
  }

  /** Unlinks the device. Rejects if the server cannot be told. */
  async logout(timeout: number): Promise<void> {
    const jid = this.#creds.me?.id;
    if (jid === undefined) return;
    // The library's own logout ends the socket without waiting for the answer, and then nobody knows.
    await this.#socket.query(unlinking(jid), timeout);
  }

  async pairingCode(phone: string): Promise<string> {
    return this.#socket.requestPairingCode(phone.replace(/\D/g, ''));
  }

  async lookUp(phone: string): Promise<Party | undefined> {
    const [found] = (await this.#socket.onWhatsApp(phone.replace(/\D/g, ''))) ?? [];
    if (found?.exists !== true) return undefined;
    const lids = await this.#socket.signalRepository.lidMapping.getLIDsForPNs([found.jid]);
    return partyOf(found.jid, lids?.[0]?.lid);
  }

  async typing(chat: Chat, state: 'composing' | 'paused'): Promise<void> {
    const to = wireAddress(chat);
    if (to !== undefined) await this.#socket.sendPresenceUpdate(state, to);
  }

  /** What a job says as bytes, with its secrets inside, so that a resend is the same message. */
  async content(job: Extract<Job, { type: 'send' }>): Promise<Uint8Array> {
    const sent = (waId: string) => this.#parts.keeper.sentContent(this.#setup.id, waId);
    return compose(job, this.#self(), { give: (media) => this.media.give(media), sent }, this.#parts.now());
  }

  /** What the first link of a text shows; undefined where previews are switched off. */
  async preview(text: string): Promise<LinkPreview | undefined> {
    return this.#parts.previewer?.(this.#setup.proxy).of(text);
  }

  /** Who is in a group: they get what is sent there. Every change of it is heard and asked for anew. */
  recipients(to: Chat): Promise<readonly Party[] | undefined> {
    return this.#dealings.groups.recipients(to);
  }

  /** Errors: those that end the errand are coded. */
  carryOut(errand: Errand, done: Fact): Promise<Deed> {
    return this.#dealings.carryOut(errand, done);
  }

  answer(question: LinkQuestion): Promise<unknown> {
    return this.#dealings.answer(question);
  }

  /**
   * Resolves when the bytes are on their way: they leave in the order of the calls, when `facts` and the keys of their
   * encryption are durable. The server's word on it comes by `acked`.
   */
  async send(to: Chat, waId: string, content: Uint8Array, facts: readonly Fact[]): Promise<void> {
    const address = wireAddress(to);
    if (address === undefined) throw new Error('the conversation has no address');
    for (const fact of facts) this.#line.noteEarly(fact);
    const message = proto.Message.decode(content);
    const timer = to.kind === 'group' ? timerIn(message) : undefined;
    if (timer !== undefined) {
      // A group's timer is a question to the server, whose answer is its word.
      await this.#socket.groupToggleEphemeral(address, timer);
      return this.#acked(waId, undefined);
    }
    const additionalNodes = [...besides(message)];
    const marks = { messageId: waId, additionalAttributes: marksOf(message), additionalNodes };
    await this.#socket.relayMessage(address, message, marks);
  }

  /** Read receipts go out, as the account's privacy settings want them. */
  async read({ chat, keys }: Extract<Job, { type: 'read' }>): Promise<void> {
    const remoteJid = wireAddress(chat);
    if (remoteJid === undefined || keys.length === 0) return;
    await this.#socket.readMessages(
      keys.map(({ waId, author }) => {
        const participant = chat.kind === 'person' ? undefined : (author?.lid ?? author?.pn);
        return { remoteJid, id: waId, ...(participant !== undefined && { participant }) };
      }),
    );
  }

  #hold(event: string, node: BinaryNode): Promise<unknown> | undefined {
    const heard = this.#parts.now();
    switch (event) {
      case 'CB:message':
        this.#parts.passed?.('heard');
        this.#reader.foresee(node);
        return this.#line
          .run(async (sink) => {
            const isOrdinary = await this.#reader.read(node, heard, sink);
            this.#parts.passed?.('normalised');
            return isOrdinary;
          })
          .then((isOrdinary) => {
            this.#parts.passed?.('answered');
            if (this.#errandDue) this.#tell(() => this.#events.errands());
            this.#errandDue = false;
            return !isOrdinary || this.#answer(this.#socket.sendReceipt(...deliveryOf(node, this.#online)));
          });
      case 'CB:receipt':
      case 'CB:notification':
      case 'CB:call': {
        const map = factsOf.get(node.tag);
        if (event === 'CB:notification') this.#dealings.groups.forget(node.attrs['from']);
        if (event === 'CB:notification') this.#whisper(pictured(this.#setup.id, node));
        if (node.attrs['type'] === 'server_sync') return this.#dealings.changedElsewhere(node);
        const facts = map?.(node, { me: this.#self(), now: Math.floor(heard) }) ?? [];
        // In order even if it says nothing: a group's creation must not come after its first message.
        const noted = this.#line.run(async (sink) => {
          for (const fact of facts) sink.fact(await this.#reader.completeFact(fact));
        });
        return isTick(node) ? noted.then(() => this.#answer(this.#socket.sendNode(ackOf(node)))) : noted;
      }
      case 'CB:ib,,offline':
        void this.#line
          .run(async () => {})
          .then(() => this.#dealings.catchUp())
          .catch(() => undefined);
        return this.#line.run(async () => {}).then(() => this.#tell(() => this.#events.drained()));
      case 'CB:iq,,pair-success':
        return this.#line.run(async () => this.#takePairing(node));
      case 'CB:ack,class:message':
        if (node.attrs['id'] !== undefined) this.#acked(node.attrs['id'], node.attrs['error']);
        return undefined;
      case 'CB:chatstate':
        this.#whisper(typing(this.#setup.id, node));
        return undefined;
      case 'CB:presence':
        this.#whisper(presence(this.#setup.id, node));
        return undefined;
      default:
        return undefined;
    }
  }

  /** Sends what the library would, which has nothing else to do with this stanza and does not get to see it. */
  #answer(sending: Promise<void>): false {
    sending.catch((error: unknown) => this.#over || this.#events.log('a receipt was not sent', error));
    return false;
  }

  /** The new identity is durable before WhatsApp hears that we have it. */
  #takePairing(node: BinaryNode): void {
    try {
      const { creds } = configureSuccessfulPairing(node, this.#creds);
      this.#changed = () => ({ ...this.#creds, ...creds });
    } catch (error) {
      // The library comes to the same result right after, and ends the link.
      this.#events.log('a pairing was refused', error);
    }
  }

  #acked(waId: string, error: string | undefined): void {
    this.#parts.passed?.('acked');
    this.#tell(() => this.#events.acked(waId, error));
  }

  #whisper(whisper: Whisper | undefined): void {
    if (whisper !== undefined) this.#tell(() => this.#events.whisper(whisper));
  }

  #pair(pnUser: string, lidUser: string): void {
    this.#line.note({ type: 'same-person', pn: `${pnUser}@s.whatsapp.net`, lid: `${lidUser}@lid` });
  }

  #listen(): void {
    const { ev } = this.#socket;
    ev.on('creds.update', () => this.#credentialsChanged());
    ev.on('connection.update', (update) => this.#connection(update));
  }

  #connection({ connection, qr, isNewLogin, lastDisconnect, isOnline }: Partial<ConnectionState>): void {
    this.#online = isOnline ?? this.#online;
    if (qr !== undefined) {
      this.#phase = 'scanning';
      const expiresAt = Math.floor(
        this.#parts.now() + (this.#parts.times?.qr ?? (this.#codes++ === 0 ? FIRST_QR : NEXT_QR)),
      );
      this.#tell(() => this.#events.qr(qr, expiresAt));
    }
    if (isNewLogin === true) {
      this.#phase = 'paired';
      this.#tell(() => this.#events.paired());
    }
    if (connection === 'open') {
      this.#phase = 'open';
      this.#tell(() => this.#events.open(this.#me()));
    }
    if (connection === 'close') {
      const error = lastDisconnect?.error;
      this.#finish(classify(endOf(error, this.#phase, this.#host)), error);
    }
  }

  #self(): Party {
    return partyOf(this.#creds.me?.id, this.#creds.me?.lid);
  }

  #me(): NonNullable<Account['me']> {
    const { pn = '', lid } = this.#self();
    const name = this.#creds.me?.name;
    return { id: pn, phone: phoneOf(pn), ...(lid !== undefined && { lid }), ...(name ? { name } : {}) };
  }

  #takeName(name: string, isNew = false): void {
    const { me } = this.#creds;
    if (!me || (isNew ? me.name === name : me.name)) return;
    this.#socket.ev.emit('creds.update', { me: { ...me, name } });
    this.#tell(() => this.#events.named({ ...this.#me(), name }));
  }

  #credentialsChanged(): void {
    this.#changed = () => this.#creds;
    this.#line.kick();
  }

  #takeCredentials(): Uint8Array | undefined {
    const creds = this.#changed?.();
    this.#changed = undefined;
    return creds !== undefined && isLinked(creds) ? encodeCredentials(creds) : undefined;
  }

  #watch(): void {
    if (this.#parts.now() - this.#heard < LONGEST_SILENCE) return;
    this.#finish(silence(this.#host), undefined);
  }

  #tell(what: () => void): void {
    if (!this.#over) what();
  }

  #finish(ending: Ending, error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.log(`the link ended: ${ending.type}`, error);
    this.#close(error);
    this.#events.ended(ending);
  }

  #close(error: unknown): void {
    clearInterval(this.#watchdog);
    this.#line.kill(error instanceof Error ? error : new Error('the link has ended'));
    void this.#socket.end(undefined).catch(() => {});
    cut(this.#socket.ws);
  }
}
