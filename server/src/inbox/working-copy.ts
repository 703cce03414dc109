// A decision's working copy: the rows it read, changed in memory and given back as whole rows, each once; it never touches a store.
import {
  type Account,
  CodedError,
  countsAsUnread,
  type DurableData,
  type DurableType,
  type Message,
  statusRises,
  unquoted,
  WORKSPACE_STREAM,
  withMessage,
  workspaceTypes,
} from '@pulseline/protocol';
import type {
  AccountRow,
  Change,
  ContactRow,
  ConversationRow,
  Decision,
  EarlyRow,
  JobRow,
  MediaRow,
  MemberRow,
  MessageRow,
  RecipientRow,
  Rows,
  StoredEvent,
} from '../store/port.ts';
import type { Heard, Party } from '../whatsapp/port.ts';

/** What is counted of an account: see server/src/counters.ts for how the sums hang together. */
export type TallyName =
  | keyof Heard
  | 'stored'
  | 'unreadable'
  | 'filled'
  | 'again'
  | 'changes'
  | 'refused'
  | 'notices'
  | 'commanded'
  /** Of one contact. */
  | `${'unreadable' | 'filled'} ${string}`;

/** A person as far as known: both addresses, and a name. */
export type Person = Party & { readonly name?: string };

export class WorkingCopy {
  /** Ms since epoch, whole. */
  readonly now: number;
  readonly #rows: Rows;
  readonly #accountId: string;
  #account: AccountRow | undefined;
  readonly #conversations: Map<string, ConversationRow>;
  readonly #aliases: Map<string, string>;
  readonly #people = new Map<string, Person>();
  readonly #messages = new Map<string, MessageRow>();
  readonly #messagesByWaId = new Map<string, Set<string>>();
  readonly #jobs = new Map<string, JobRow>();
  readonly #early = new Map<string, EarlyRow>();
  readonly #media: Map<string, MediaRow>;
  readonly #members: Map<string, readonly MemberRow[]>;
  readonly #recipients: Map<string, readonly RecipientRow[]>;
  readonly #contacts: Map<string, ContactRow>;
  readonly #lastOrd: Map<string, number>;
  readonly #unread = new Map<string, MessageRow[]>();
  readonly #seqs = new Map<string, number>();
  readonly #sums: Record<string, number> = {};

  readonly #changed = {
    account: false,
    conversations: new Set<string>(),
    messages: new Set<string>(),
    jobs: new Set<string>(),
    early: new Set<string>(),
    media: new Set<string>(),
    members: new Set<string>(),
    recipients: new Set<string>(),
    contacts: new Set<ContactRow>(),
  };
  readonly #removals: Extract<Change, { readonly remove: 'conversation' }>[] = [];
  readonly #events: StoredEvent[] = [];
  /** Messages whose content this decision takes away. */
  readonly #erased = new Set<string>();
  /** Messages that quote such a one, or one that went before: what is kept of them loses its words too. */
  readonly #unquoted = new Set<string>();

  constructor(rows: Rows, account: string, now: number) {
    this.now = Math.floor(now);
    this.#rows = rows;
    this.#accountId = account;
    this.#account = rows.accounts.get(account);
    this.#conversations = new Map(rows.conversations);
    this.#aliases = new Map(rows.aliases);
    this.#lastOrd = new Map(rows.lastOrd);
    for (const row of rows.messages) this.#keep(row);
    for (const row of rows.jobs) this.#jobs.set(row.id, row);
    for (const row of rows.early) this.#early.set(earlyKey(row), row);
    this.#media = new Map(rows.media);
    this.#members = new Map(rows.members);
    this.#recipients = new Map(rows.recipients);
    this.#contacts = new Map(rows.contacts);
    for (const [id, unread] of rows.unread) this.#unread.set(id, [...unread]);
  }

  /** Errors: ACCOUNT_NOT_FOUND. */
  get accountRow(): AccountRow {
    if (this.#account === undefined) throw new CodedError('ACCOUNT_NOT_FOUND', { account: this.#accountId });
    return this.#account;
  }

  get account(): Account {
    return this.accountRow.account;
  }

  putAccount(row: AccountRow): void {
    this.#account = row;
    this.#changed.account = true;
  }

  conversation(id: string): ConversationRow | undefined {
    return this.#conversations.get(id);
  }

  /** The conversation that an address leads to. */
  conversationAt(address: string | undefined): ConversationRow | undefined {
    const id = address === undefined ? undefined : this.#aliases.get(address);
    return id === undefined ? undefined : this.#conversations.get(id);
  }

  /** Its addresses lead to it from now on. */
  putConversation(row: ConversationRow): void {
    const { id } = row.conversation;
    this.#conversations.set(id, row);
    this.#changed.conversations.add(id);
    for (const address of row.addresses) this.#aliases.set(address, id);
  }

  /** It is gone with its messages; or these belong to `into` from now on, and its addresses lead there. */
  removeConversation(id: string, into?: string): void {
    this.#conversations.delete(id);
    this.#changed.conversations.delete(id);
    for (const [address, owner] of this.#aliases) {
      if (owner !== id) continue;
      if (into === undefined) this.#aliases.delete(address);
      else this.#aliases.set(address, into);
    }
    for (const row of this.#messages.values()) {
      if (row.message.conversation !== id) continue;
      if (into !== undefined) {
        // The same message may have come to both before they were known to be one: it stays twice rather than be lost.
        const twin = this.messagesWith(row.waId).some(
          ({ message, author }) => message.conversation === into && author === row.author,
        );
        const author = twin ? `${row.author} ${id}` : row.author;
        this.#keep({ ...row, author, message: { ...row.message, conversation: into } });
      } else if (this.#messages.delete(row.message.id)) this.#changed.messages.delete(row.message.id);
    }
    if (into !== undefined) {
      this.#lastOrd.set(into, Math.max(this.lastOrd(into), this.lastOrd(id)));
      const both = [...this.unread(into), ...this.unread(id)];
      this.#unread.set(
        into,
        both.map((row) => ({ ...row, message: { ...row.message, conversation: into } })),
      );
    }
    this.#lastOrd.delete(id);
    this.#unread.delete(id);
    this.#removals.push({ remove: 'conversation', id, ...(into !== undefined && { into }) });
  }

  /** What this batch has told of a person who has no conversation yet, by either address. */
  person(address: string | undefined): Person {
    return (address === undefined ? undefined : this.#people.get(address)) ?? {};
  }

  remember(person: Person): void {
    const known = { ...this.person(person.lid), ...this.person(person.pn), ...person };
    if (known.pn) this.#people.set(known.pn, known);
    if (known.lid) this.#people.set(known.lid, known);
  }

  message(id: string): MessageRow | undefined {
    return this.#messages.get(id);
  }

  /** Every message of the account with this id of WhatsApp's. */
  messagesWith(waId: string): readonly MessageRow[] {
    const ids = this.#messagesByWaId.get(waId) ?? [];
    return [...ids].flatMap((id) => this.#messages.get(id) ?? []);
  }

  putMessage(row: MessageRow): void {
    const before = this.#messages.get(row.message.id);
    const isNew = before === undefined;
    if (row.message.deleted === true && before?.message.deleted !== true) this.#erased.add(row.message.id);
    this.#keep(row);
    this.#changed.messages.add(row.message.id);
    if (hasArrived(row.message) && !hasArrived(before?.message) && row.message.quote?.body === '')
      this.#unquoted.add(row.message.id);
    const { conversation } = row.message;
    const its = this.#conversations.get(conversation);
    // Not a change of the conversation's row: that holds only the id of its last message.
    if (its)
      this.#conversations.set(conversation, { ...its, conversation: withMessage(its.conversation, row.message) });
    if (!isNew) return;
    this.#lastOrd.set(conversation, Math.max(this.lastOrd(conversation), row.ord));
    if (!countsAsUnread(row.message)) return;
    const unread = this.#unread.get(conversation) ?? [];
    unread.push(row);
    this.#unread.set(conversation, unread);
  }

  /** The highest order in a conversation, 0 if it has no messages. */
  lastOrd(conversation: string): number {
    return this.#lastOrd.get(conversation) ?? 0;
  }

  /** Inbound messages that may be unread, in no particular order; only of conversations that were named in `unreadOf`. */
  unread(conversation: string): readonly MessageRow[] {
    return this.#unread.get(conversation) ?? [];
  }

  jobs(): readonly JobRow[] {
    return [...this.#jobs.values()];
  }

  job(id: string): JobRow | undefined {
    return this.#jobs.get(id);
  }

  putJob(row: JobRow): void {
    this.#jobs.set(row.id, row);
    this.#changed.jobs.add(row.id);
    // What was taken away while it waited goes when it has been sent.
    const hasEnded = row.state === 'done' || row.state === 'refused';
    const message = row.messageId === undefined ? undefined : this.#messages.get(row.messageId)?.message;
    if (hasEnded && message?.deleted === true) this.#erased.add(message.id);
  }

  /** What came before the message of this id, in no particular order. */
  early(waId: string): readonly EarlyRow[] {
    if (this.#early.size === 0) return [];
    return [...this.#early.values()].filter((row) => row.waId === waId);
  }

  putEarly(row: Omit<EarlyRow, 'account'>): void {
    const whole = { account: this.#accountId, ...row };
    this.#early.set(earlyKey(whole), whole);
    this.#changed.early.add(earlyKey(whole));
  }

  removeEarly(waId: string, slot: string): void {
    const key = earlyKey({ waId, slot });
    if (this.#early.delete(key)) this.#changed.early.add(key);
  }

  /** A file that was asked for by id, or put by this batch. */
  media(id: string): MediaRow | undefined {
    return this.#media.get(id);
  }

  putMedia(row: MediaRow): void {
    this.#media.set(row.id, row);
    this.#changed.media.add(row.id);
  }

  /** Whether or not it was asked for. */
  removeMedia(id: string): void {
    this.#media.delete(id);
    this.#changed.media.add(id);
  }

  /** Of a group that was named in `membersOf`; undefined if nothing is known of them. */
  members(group: string): readonly MemberRow[] | undefined {
    return this.#members.get(group);
  }

  putMembers(group: string, members: readonly MemberRow[]): void {
    this.#members.set(group, members);
    this.#changed.members.add(group);
  }

  /** By either address, as far as it was asked for or leads to no conversation. */
  contact(address: string | undefined): ContactRow | undefined {
    return address === undefined ? undefined : this.#contacts.get(address);
  }

  /** Everybody who is blocked, each once; only if it was asked for. */
  blockedContacts(): readonly ContactRow[] {
    return [...new Set(this.#contacts.values())].filter(({ contact }) => contact.blocked === true);
  }

  putContact(row: ContactRow): void {
    const { address, lid } = row.contact;
    for (const form of [address, lid]) {
      const known = form === undefined ? undefined : this.#contacts.get(form);
      if (known) this.#changed.contacts.delete(known);
      if (form !== undefined) this.#contacts.set(form, row);
    }
    this.#changed.contacts.add(row);
  }

  /** Of a message; undefined if none is known, or they were not asked for. */
  recipients(message: string): readonly RecipientRow[] | undefined {
    return this.#recipients.get(message);
  }

  putRecipients(message: string, rows: readonly RecipientRow[]): void {
    this.#recipients.set(message, rows);
    this.#changed.recipients.add(message);
  }

  /** Adds to the account's running sums. */
  count(name: TallyName, by = 1): void {
    this.#sums[name] = (this.#sums[name] ?? 0) + by;
  }

  /** Messages that wait in the outbox; 0 unless it was asked for. */
  get queued(): number {
    return this.#rows.queued.get(this.#accountId) ?? 0;
  }

  /** The position that the next event of the account's stream gets. */
  get nextSeq(): number {
    return this.#head(this.account.stream).seq + 1;
  }

  /** An event of the account's stream or, for the types that belong there, of the workspace's. */
  emit<T extends DurableType>(type: T, data: DurableData[T], stamps?: StoredEvent['stamps']): void {
    const stream = isOfWorkspace(type) ? WORKSPACE_STREAM : this.account.stream;
    const { epoch, seq } = this.#head(stream);
    this.#seqs.set(stream, seq + 1);
    const about = aboutOf(type, data);
    const erases = type === 'message_update' && 'deleted' in data && data.deleted === true;
    this.#events.push({
      stream,
      epoch,
      seq: seq + 1,
      type,
      data: JSON.stringify(data),
      at: this.now,
      ...(stamps && { stamps }),
      ...(about !== undefined && { about }),
      ...(erases && { erases }),
    });
  }

  /** Everything that has changed: rows first, events last. `more` goes in front. */
  decision<O>(output: O, more: readonly Change[] = []): Decision<O> {
    this.#unquote();
    const changes: Change[] = [...more];
    if (this.#changed.account && this.#account) changes.push({ put: 'account', row: this.#account });
    for (const row of named(this.#changed.conversations, this.#conversations)) {
      changes.push({ put: 'conversation', row });
    }
    for (const row of named(this.#changed.messages, this.#messages)) changes.push({ put: 'message', row });
    for (const row of named(this.#changed.jobs, this.#jobs)) changes.push({ put: 'job', row });
    for (const id of this.#changed.media) {
      const row = this.#media.get(id);
      changes.push(row ? { put: 'media', row } : { remove: 'media', id });
    }
    const account = this.#accountId;
    for (const key of this.#changed.early) {
      const row = this.#early.get(key);
      if (row) changes.push({ put: 'early', row });
      else changes.push({ remove: 'early', account, ...parsedKey(key) });
    }
    for (const row of this.#changed.contacts) changes.push({ put: 'contact', row });
    for (const message of this.#changed.recipients) {
      changes.push({ put: 'recipients', message, rows: this.#recipients.get(message) ?? [] });
    }
    for (const group of this.#changed.members) {
      changes.push({ put: 'members', account, group, members: this.#members.get(group) ?? [] });
    }
    if (Object.values(this.#sums).some((sum) => sum !== 0)) changes.push({ put: 'tally', account, sums: this.#sums });
    // After the rows, since messages of this very batch may go along.
    changes.push(...this.#removals);
    for (const event of this.#events) changes.push({ put: 'event', event });
    // After the events, since some of them may bear the words too.
    for (const id of this.#erased) {
      const message = this.#messages.get(id)?.message;
      if (message) changes.push({ remove: 'words', message: id, stream: message.stream, seq: message.seq });
    }
    for (const id of this.#unquoted) {
      const message = this.#messages.get(id)?.message;
      if (message === undefined || this.#erased.has(id)) continue;
      const isSent = hasArrived(message);
      changes.push({ remove: 'quote', message: id, stream: message.stream, seq: message.seq, isSent });
    }
    return { changes, output };
  }

  /** The words of a message that is taken away go from its answers too. */
  #unquote(): void {
    if (this.#erased.size === 0) return;
    for (const row of this.#messages.values()) {
      const { id, quote } = row.message;
      if (quote?.id === undefined || quote.body === '' || !this.#erased.has(quote.id)) continue;
      const message = unquoted(row.message);
      this.putMessage({ ...row, message });
      this.emit('message_update', message);
      this.#unquoted.add(id);
    }
  }

  #keep(row: MessageRow): void {
    this.#messages.set(row.message.id, row);
    const ids = this.#messagesByWaId.get(row.waId) ?? new Set();
    this.#messagesByWaId.set(row.waId, ids.add(row.message.id));
  }

  #head(stream: string): { readonly epoch: string; readonly seq: number } {
    const head = this.#rows.heads[stream];
    if (head === undefined) throw new CodedError('INTERNAL', { id: `no head of stream ${stream}` });
    return { epoch: head.epoch, seq: this.#seqs.get(stream) ?? head.seq };
  }
}

/** Of ours: nobody can ask for its content any more. */
function hasArrived(message: Message | undefined): boolean {
  return message?.fromMe === true && statusRises('sent', message.status ?? 'pending');
}

function earlyKey({ waId, slot }: Pick<EarlyRow, 'waId' | 'slot'>): string {
  return `${waId}\n${slot}`;
}

function parsedKey(key: string): Pick<EarlyRow, 'waId' | 'slot'> {
  const end = key.indexOf('\n');
  return { waId: key.slice(0, end), slot: key.slice(end + 1) };
}

/** The message whose words an event bears beside `new_message`, of which the message itself knows the place. */
function aboutOf(type: DurableType, data: object): string | undefined {
  if (type === 'message_update') return textAt(data, 'id');
  const last: unknown = type === 'conversation_update' ? Reflect.get(data, 'lastMessage') : undefined;
  return typeof last === 'object' && last !== null ? textAt(last, 'id') : undefined;
}

function textAt(data: object, name: string): string | undefined {
  const value: unknown = Reflect.get(data, name);
  return typeof value === 'string' ? value : undefined;
}

function isOfWorkspace(type: DurableType): boolean {
  return workspaceTypes.some((other) => other === type);
}

function named<T>(ids: Iterable<string>, rows: ReadonlyMap<string, T>): readonly T[] {
  return [...ids].flatMap((id) => rows.get(id) ?? []);
}
