// What a send says: a text, a place, cards, a poll, the timer of a chat, or what another message said. It checks what it is given and sends nothing.
import { CodedError, type Conversation, type Message, type MessageKind, standIn, timerText } from '@pulseline/protocol';
import type { Content } from '../whatsapp/port.ts';
import type { EnqueueSend } from './commands.ts';
import { MAX_BODY } from './text.ts';
import type { WorkingCopy } from './working-copy.ts';

export interface Saying {
  readonly kind: MessageKind;
  readonly body: string;
  /** Of the message that WhatsApp gets. */
  readonly text: string;
  readonly bears: Content;
}

/** WhatsApp's own clients let one choose among these, s; 0 = messages stay. */
const TIMERS: readonly number[] = [0, 86_400, 7 * 86_400, 90 * 86_400];

/** Errors: BAD_REQUEST, MESSAGE_NOT_FOUND, MESSAGE_NOT_FORWARDABLE. */
export function sayingOf(copy: WorkingCopy, input: EnqueueSend, { disappearing = 0 }: Conversation): Saying {
  const said = input.forward === undefined ? anew(input) : again(copy, input.forward, input);
  const { timer } = said.bears;
  // A change of the timer stays, whatever the timer.
  return disappearing > 0 && timer === undefined ? { ...said, bears: { ...said.bears, expires: disappearing } } : said;
}

function anew({ text, bears = {}, media }: EnqueueSend): Saying {
  if (media !== undefined) {
    if (text.length > MAX_BODY) throw wrong(`caption is longer than ${MAX_BODY} characters`);
    if (text !== '' && CAPTIONLESS.has(media.kind)) throw wrong(`caption: not with ${media.kind}`);
    return { kind: media.kind, body: text, text, bears };
  }
  const { location, contacts, poll, timer } = bears;
  const kind = location ? 'location' : contacts ? 'contact' : poll ? 'poll' : timer === undefined ? 'text' : 'system';
  if (kind === 'text') {
    if (text === '') throw wrong('text is empty');
    if (text.length > MAX_BODY) throw wrong(`text is longer than ${MAX_BODY} characters`);
    return { kind, body: text, text, bears };
  }
  if (text !== '') throw wrong(`text: not with a ${kind}`);
  check(bears);
  const notice = timer === undefined ? {} : { notice: { code: 'disappearing', text: String(timer) } };
  const body = timer === undefined ? standIn(bears) : timerText(timer);
  return { kind, body, text, bears: { ...bears, ...notice } };
}

/** WhatsApp shows no words beside these. */
const CAPTIONLESS: ReadonlySet<MessageKind> = new Set<MessageKind>(['audio', 'voice', 'sticker']);

/** WhatsApp's limits of a poll. */
const MOST_OPTIONS = 12;
const LONGEST_QUESTION = 255;
const LONGEST_OPTION = 100;

function check({ location, contacts, poll, timer }: Content): void {
  if (location && !(Math.abs(location.latitude) <= 90 && Math.abs(location.longitude) <= 180)) {
    throw wrong('location: expected latitude of -90 to 90 and longitude of -180 to 180');
  }
  if (
    contacts &&
    (contacts.length === 0 || contacts.some(({ name, phones }) => name.trim() === '' || phones.length === 0))
  ) {
    throw wrong('contacts: expected cards with a name and a number each');
  }
  if (timer !== undefined && !TIMERS.includes(timer)) throw wrong(`seconds: expected one of ${TIMERS.join(', ')}`);
  if (poll === undefined) return;
  const { name, options, selectable } = poll;
  if (name.trim() === '' || name.length > LONGEST_QUESTION) {
    throw wrong(`poll.name: expected text of 1 to ${LONGEST_QUESTION} characters`);
  }
  const seen = new Set(options.map((option) => option.trim()));
  if (options.length < 2 || options.length > MOST_OPTIONS || seen.size < options.length) {
    throw wrong(`poll.options: expected 2 to ${MOST_OPTIONS} that differ`);
  }
  if ([...seen].some((option) => option === '' || option.length > LONGEST_OPTION)) {
    throw wrong(`poll.options: expected text of 1 to ${LONGEST_OPTION} characters`);
  }
  if (selectable > options.length) throw wrong('poll.selectable: more than there are options');
}

/** The same as another message, marked as passed on. */
function again(copy: WorkingCopy, id: string, { text, bears = {} }: EnqueueSend): Saying {
  const found = copy.message(id)?.message;
  if (found === undefined || found.account !== copy.account.id) throw new CodedError('MESSAGE_NOT_FOUND', { id });
  if (text !== '') throw wrong('text: not with forward');
  const no = obstacle(found);
  if (no !== undefined) throw new CodedError('MESSAGE_NOT_FORWARDABLE', { detail: no });
  const { kind, body, location, contacts, poll, preview, forwarded, media } = found;
  const { secret } = bears;
  const forwards = (found.forwards ?? (forwarded === 'many' ? MANY : forwarded === 'once' ? 1 : 0)) + 1;
  // A document without a caption is told by its name.
  const words = media && (CAPTIONLESS.has(kind) || body === media.name) ? '' : body;
  return {
    kind,
    body: words,
    text: kind === 'text' || media ? words : '',
    bears: {
      ...(location && { location: still(location) }),
      ...(contacts && { contacts }),
      ...(poll && secret && { poll: { ...poll, options: poll.options.map(({ name }) => name) }, secret }),
      ...(preview && { preview }),
      forwarded: forwards >= MANY ? 'many' : 'once',
      forwards,
    },
  };
}

/** What is passed on does not move. */
function still(location: NonNullable<Message['location']>): NonNullable<Message['location']> {
  const { live: _, ...place } = location;
  return place;
}

/** WhatsApp calls it "many times" from here on. */
const MANY = 5;
const FORWARDABLE: ReadonlySet<MessageKind> = new Set<MessageKind>(['text', 'location', 'contact', 'poll']);
const FILES: ReadonlySet<MessageKind> = new Set<MessageKind>([
  'image',
  'video',
  'gif',
  'audio',
  'voice',
  'document',
  'sticker',
]);

/** Why a message cannot be passed on; undefined if it can. */
function obstacle({ kind, body, deleted, viewOnce, media }: Message): string | undefined {
  if (deleted === true) return 'deleted';
  // Whoever sent it wanted it seen once.
  if (viewOnce === true) return 'view once';
  if (FILES.has(kind)) return media === undefined || media.state === 'gone' ? 'its file is gone' : undefined;
  if (!FORWARDABLE.has(kind)) return kind;
  return kind === 'text' && body === '' ? 'empty' : undefined;
}

/** Was the same asked for before? Secrets and the chat's timer are not part of the question. */
export function sameSaying(
  earlier: { readonly bears?: Content; readonly forward?: string },
  input: EnqueueSend,
): boolean {
  if (earlier.forward !== input.forward) return false;
  return input.forward !== undefined || asked(earlier.bears) === asked(input.bears);
}

function asked({ location, contacts, poll, timer }: Content = {}): string {
  return JSON.stringify([location, contacts, poll, timer]);
}

function wrong(detail: string): CodedError {
  return new CodedError('BAD_REQUEST', { detail });
}
