// The rows of a message log: days, the unread line, bubbles in groups by sender; pure, in the order of the messages.
import { countsAsUnread, type Message, type Note } from '@pulseline/protocol';
import type { Attached } from './attachments.ts';
import type { Unanswered } from './outbox.ts';
import { dayOf, type Place } from './time.ts';

/** A message, the pictures of an album, a text or a file that the server has not answered yet, or a note that colleagues left between them. */
export type Entry =
  | { readonly type: 'message'; readonly message: Message }
  | AlbumEntry
  | { readonly type: 'note'; readonly note: Note }
  | { readonly type: 'unanswered'; readonly message: Unanswered }
  | { readonly type: 'sending'; readonly file: Attached };

/** What one sent at once, never empty; `id` begins with that of the message which announced it. */
export interface AlbumEntry {
  readonly type: 'album';
  readonly id: string;
  readonly messages: readonly Message[];
}

export type MessageEntry = Extract<Entry, { readonly type: 'message' | 'unanswered' }>;

export type LogRow =
  | { readonly type: 'start'; readonly key: string }
  | { readonly type: 'day'; readonly key: string; readonly at: number }
  | { readonly type: 'unread'; readonly key: string; readonly count: number }
  | {
      readonly type: 'bubble';
      readonly key: string;
      readonly entry: Entry;
      /** First and last of a group of one sender. */
      readonly first: boolean;
      readonly last: boolean;
    };

/** Messages of one sender that are nearer than this stand together, ms. */
const GROUP_WITHIN = 5 * 60_000;

export interface LogRowsInput {
  readonly messages: readonly Message[];
  /** Oldest first. */
  readonly notes?: readonly Note[];
  readonly unanswered: readonly Unanswered[];
  /** Files that are on their way to the server. */
  readonly sending?: readonly Attached[];
  /** Is the beginning of the conversation here, is its end? */
  readonly whole: boolean;
  readonly atEnd?: boolean;
  /** Over which message the unread line stands, and how many it counts. */
  readonly unread: { readonly id: string; readonly count: number } | undefined;
  readonly place: Place;
}

export function logRows(input: LogRowsInput): readonly LogRow[] {
  const { messages, unanswered, sending = [], whole, unread, place } = input;
  const answered = new Set(messages.map(({ commandId }) => commandId));
  const all: readonly Entry[] = [
    ...albumsOf(withNotesBetween(input)),
    ...onTheirWay(
      unanswered.filter(({ commandId }) => !answered.has(commandId)),
      sending.filter(({ key }) => !answered.has(key)),
    ),
  ];
  const rows: LogRow[] = whole ? [{ type: 'start', key: 'start' }] : [];
  let day = '';
  all.forEach((entry, index) => {
    const at = timeOf(entry);
    const newDay = dayOf(at, place) !== day;
    if (newDay) {
      day = dayOf(at, place);
      rows.push({ type: 'day', key: `day ${day} ${keyOf(entry)}`, at });
    }
    const line = unread !== undefined && holds(entry, unread.id);
    if (line) rows.push({ type: 'unread', key: 'unread', count: unread.count });
    const before = all[index - 1];
    const after = all[index + 1];
    rows.push({
      type: 'bubble',
      key: keyOf(entry),
      entry,
      first: newDay || line || before === undefined || !together(before, entry),
      last:
        after === undefined ||
        !together(entry, after) ||
        dayOf(timeOf(after), place) !== day ||
        (unread !== undefined && holds(after, unread.id)),
    });
  });
  return rows;
}

/** Texts and files in the order in which they were sent off. */
function onTheirWay(texts: readonly Unanswered[], files: readonly Attached[]): readonly Entry[] {
  const all: readonly Entry[] = [
    ...texts.map((message) => ({ type: 'unanswered', message }) as const),
    ...files.map((file) => ({ type: 'sending', file }) as const),
  ];
  return files.length === 0 ? all : [...all].sort((a, b) => timeOf(a) - timeOf(b));
}

/** The pictures and videos of an album that follow each other become one; what announced them has then done its work. */
function albumsOf(entries: readonly Entry[]): readonly Entry[] {
  if (!entries.some((entry) => entry.type === 'message' && albumIn(entry.message) !== undefined)) return entries;
  const all: Entry[] = [];
  const begun = new Set<string>();
  let parts: Message[] = [];
  const end = (): void => {
    const [first] = parts;
    const id = first?.partOf;
    if (first !== undefined && id !== undefined) {
      const before = all.at(-1);
      if (before?.type === 'message' && before.message.id === id) all.pop();
      // What others said in between parts an album; each part has a name of its own.
      all.push(albumOf(first, begun.has(id) ? `${id} ${first.id}` : id, parts));
      begun.add(id);
    }
    parts = [];
  };
  for (const entry of entries) {
    const album = entry.type === 'message' ? albumIn(entry.message) : undefined;
    if (album !== parts[0]?.partOf) end();
    if (entry.type === 'message' && album !== undefined) parts.push(entry.message);
    else all.push(entry);
  }
  end();
  return all;
}

function albumIn({ partOf, kind, deleted }: Message): string | undefined {
  return deleted !== true && (kind === 'image' || kind === 'video') ? partOf : undefined;
}

const albums = new WeakMap<Message, AlbumEntry>();

/** The same object for the same messages, as of a single one. */
function albumOf(first: Message, id: string, messages: readonly Message[]): AlbumEntry {
  const known = albums.get(first);
  if (
    known?.id === id &&
    known.messages.length === messages.length &&
    known.messages.every((one, at) => one === messages[at])
  ) {
    return known;
  }
  const entry: AlbumEntry = { type: 'album', id, messages };
  albums.set(first, entry);
  return entry;
}

/** Is this message shown there? */
export function holds(entry: Entry, message: string): boolean {
  if (entry.type === 'album') return entry.messages.some(({ id }) => id === message);
  return entry.type === 'message' && entry.message.id === message;
}

/** Each note before the first message that is younger. Those beyond what is loaded at either end wait for it. */
function withNotesBetween({ messages, notes = [], whole, atEnd = true }: LogRowsInput): readonly Entry[] {
  if (notes.length === 0) return messages.map(entryOf);
  const from = whole ? Number.NEGATIVE_INFINITY : (messages[0]?.timestamp ?? Number.POSITIVE_INFINITY);
  const to = atEnd ? Number.POSITIVE_INFINITY : (messages.at(-1)?.timestamp ?? 0);
  const shown = notes.filter(({ at }) => at >= from && at <= to);
  const all: Entry[] = [];
  let next = 0;
  for (const message of messages) {
    for (let note = shown[next]; note !== undefined && note.at < message.timestamp; note = shown[next]) {
      all.push(noteEntryOf(note));
      next += 1;
    }
    all.push(entryOf(message));
  }
  return [...all, ...shown.slice(next).map(noteEntryOf)];
}

const entries = new WeakMap<Message, Entry>();
const noteEntries = new WeakMap<Note, Entry>();

/** The same object for the same message, so that a bubble whose message did not change is not drawn again. */
function entryOf(message: Message): Entry {
  const known = entries.get(message);
  if (known !== undefined) return known;
  const entry: Entry = { type: 'message', message };
  entries.set(message, entry);
  return entry;
}

function noteEntryOf(note: Note): Entry {
  const known = noteEntries.get(note);
  if (known !== undefined) return known;
  const entry: Entry = { type: 'note', note };
  noteEntries.set(note, entry);
  return entry;
}

/** Stays the same when the server's message takes the place of the unanswered one. */
function keyOf(entry: Entry): string {
  if (entry.type === 'note') return entry.note.id;
  if (entry.type === 'album') return entry.id;
  if (entry.type === 'sending') return entry.file.key;
  const { message } = entry;
  return message.commandId ?? ('id' in message ? message.id : '');
}

export function timeOf(entry: Entry): number {
  if (entry.type === 'note') return entry.note.at;
  if (entry.type === 'sending') return entry.file.sent?.at ?? 0;
  if (entry.type === 'album') return entry.messages[0]?.timestamp ?? 0;
  return entry.type === 'message' ? entry.message.timestamp : entry.message.at;
}

function together(one: Entry, next: Entry): boolean {
  return senderOf(one) === senderOf(next) && Math.abs(timeOf(next) - timeOf(one)) < GROUP_WITHIN;
}

function senderOf(entry: Entry): string {
  if (entry.type === 'note') return `note ${entry.note.author}`;
  const message = entry.type === 'album' ? entry.messages[0] : entry.type === 'message' ? entry.message : undefined;
  if (message === undefined || message.fromMe) return 'me';
  const { kind, author, from, id } = message;
  return kind === 'system' || kind === 'call' ? id : (author ?? from);
}

/**
 * The message over which the unread line stands: of those up to and with `newest`, the last `count` incoming ones are below it.
 * Undefined while it is further back than what was read.
 */
export function firstUnread(messages: readonly Message[], newest: string, count: number): string | undefined {
  let left = count;
  for (let index = messages.findLastIndex(({ id }) => id === newest); index >= 0 && left > 0; index -= 1) {
    const message = messages[index];
    if (message === undefined || !countsAsUnread(message)) continue;
    left -= 1;
    if (left === 0) return message.id;
  }
  return undefined;
}
