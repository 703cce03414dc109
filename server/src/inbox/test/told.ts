// What WhatsApp may tell and people may ask, in any order, as fast-check arbitraries: redelivered, overtaken, by either address, with clocks that jump. It judges nothing.
import fc from 'fast-check';
import type { Chat, Fact, FactOf, HistoryChat, Party } from '../../whatsapp/port.ts';
import { isAuthor } from '../change.ts';
import type { EnqueueChange } from '../commands.ts';
import { ANNA, BORIS, group, person } from './scene.ts';

const T = Date.UTC(2026, 0, 1);

type Change = EnqueueChange['change'];

interface Friend {
  readonly name: string;
  readonly party: { readonly pn: string; readonly lid: string };
}
const friends: readonly Friend[] = [
  { name: 'Anna', party: ANNA },
  { name: 'Boris', party: BORIS },
];
const friend = fc.constantFrom(...friends);

/** One person as WhatsApp may name him: by number, by LID, or both. */
const formOf = ({ pn, lid }: Friend['party']): fc.Arbitrary<Party> => fc.constantFrom({ pn, lid }, { pn }, { lid });

/** Where something is said, and by whom; each place has WhatsApp ids of its own, few enough to come again. */
interface Place {
  readonly chat: Chat;
  readonly author: Party;
  readonly ids: string;
  readonly name: string;
}
const place: fc.Arbitrary<Place> = fc.oneof(
  {
    weight: 3,
    arbitrary: friend.chain(({ name, party }) =>
      formOf(party).map((form) => ({ chat: person(form), author: form, ids: name, name })),
    ),
  },
  {
    weight: 1,
    arbitrary: friend.chain(({ name, party }) =>
      formOf(party).map((author) => ({ chat: group, author, ids: `Team-${name}`, name })),
    ),
  },
);
const number = fc.integer({ min: 0, max: 7 });
const time = fc.integer({ min: -600, max: 600 }).map((second) => T + second * 1_000);

const message: fc.Arbitrary<FactOf<'message'>> = fc
  .record({
    place,
    number,
    fromMe: fc.boolean(),
    waiting: fc.boolean(),
    timestamp: time,
    offline: fc.boolean(),
    answers: fc.option(number, { nil: undefined }),
  })
  .map(({ place: { chat, author, ids, name }, number: n, fromMe, waiting, timestamp, offline, answers }) => ({
    type: 'message',
    // Ids of what our own phone sent and of what Pulseline sends are drawn from one pool, so that sends come back.
    key: { chat, waId: `${ids}-${fromMe ? 'mine' : 'theirs'}-${n}`, ...(!fromMe && { author }) },
    fromMe,
    kind: waiting ? 'waiting' : 'text',
    body: waiting ? '' : `text ${n}`,
    timestamp,
    ...(!fromMe && { pushName: name }),
    ...(answers !== undefined &&
      !waiting && { quoted: { waId: `${ids}-${fromMe ? 'theirs' : 'mine'}-${answers}`, body: `text ${answers}` } }),
    offline,
    stamps: { heard: 1, normalised: 2 },
  }));

const status: fc.Arbitrary<Fact> = fc
  .record({
    place,
    numbers: fc.array(number, { minLength: 1, maxLength: 3 }),
    status: fc.constantFrom('sent', 'delivered', 'read', 'played'),
    at: fc.nat(),
  })
  .map(({ place: { chat, author, ids }, numbers, status: said, at }) => ({
    type: 'status',
    chat,
    waIds: numbers.map((n) => `${ids}-mine-${n}`),
    status: said,
    ...(chat.kind === 'group' && { reader: author }),
    at,
  }));

/** Something done to one of these messages, by its author or by somebody else, in few moments, so that some fall together. */
const change: fc.Arbitrary<FactOf<'change'>> = fc
  .record({
    place,
    number,
    mine: fc.boolean(),
    fromMe: fc.boolean(),
    by: friend,
    what: fc.constantFrom('reaction', 'reaction', 'edit', 'revoke'),
    said: fc.constantFrom('', '👍', '❤️'),
    at: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ place: { chat, author, ids }, number: n, mine, fromMe, by, what, said, at }) => ({
    type: 'change',
    target: { chat, waId: `${ids}-${mine ? 'mine' : 'theirs'}-${n}`, fromMe: mine, ...(!mine && { author }) },
    change:
      what === 'reaction'
        ? { kind: what, emoji: said }
        : what === 'edit'
          ? { kind: what, body: `edited ${at} ${said}` }
          : { kind: 'revoke' },
    fromMe,
    ...(!fromMe && { by: chat.kind === 'group' ? by.party : author }),
    at,
  }));

const acked: fc.Arbitrary<Fact> = fc
  .record({ place, number, refused: fc.boolean(), at: fc.nat(), what: fc.constantFrom('mine', 'change') })
  .map(({ place: { ids }, number: n, refused, at, what }) => ({
    type: 'acked',
    waId: `${ids}-${what}-${n}`,
    ...(refused && { error: '463' }),
    at,
  }));

const history: fc.Arbitrary<Fact> = fc
  .record({ place, messages: fc.array(message, { maxLength: 4 }), unread: fc.integer({ min: 0, max: 5 }) })
  .map(({ place: { chat, author, ids }, messages, unread }) => {
    const told: HistoryChat['messages'] = messages.map(({ key, fromMe, kind, body, timestamp, pushName, offline }) => ({
      // In a person's chat nobody else writes.
      key: { ...key, chat, waId: key.waId.replace(/^.*-(mine|theirs)/, `${ids}-$1`), ...(key.author && { author }) },
      fromMe,
      kind,
      body,
      timestamp,
      ...(pushName && { pushName }),
      ...(fromMe && { status: 'delivered' }),
      ...(offline && {
        changes: [{ fromMe: true, change: { kind: 'reaction', emoji: '😮' }, at: 5 }],
      }),
    }));
    return { type: 'history', chats: [{ chat, messages: told, unread }] };
  });

/** Who is in the group, and changes of it that are told to people. */
const groupFact: fc.Arbitrary<FactOf<'group'>> = fc
  .record({ of: friend, by: friend, number, what: fc.constantFrom('members', 'add', 'remove', 'promote', 'subject') })
  .map(({ of, by, number: n, what }) => {
    const member = { ...of.party, role: 'member' } as const;
    const notice = { waId: `notice-${n}`, by: by.party, at: T };
    const base = { type: 'group', chat: group } as const;
    if (what === 'members') return { ...base, members: [member, { ...by.party, role: 'admin' }] };
    if (what === 'subject')
      return { ...base, subject: `Team ${n}`, notice: { ...notice, code: what, text: `Team ${n}` } };
    return { ...base, change: { kind: what, members: [member] }, notice: { ...notice, code: what } };
  });

const call: fc.Arbitrary<FactOf<'call'>> = fc
  .record({ place, number, state: fc.constantFrom('ringing', 'accepted', 'rejected', 'ended'), video: fc.boolean() })
  .map(({ place: { chat, author, ids }, number: n, state, video }) => ({
    type: 'call',
    callId: `${ids}-call-${n}`,
    chat,
    from: author,
    state,
    video,
    at: T,
  }));

const readElsewhere: fc.Arbitrary<FactOf<'read-elsewhere'>> = fc
  .record({ place, numbers: fc.array(number, { maxLength: 3 }) })
  .map(({ place: { chat, ids }, numbers }) => ({
    type: 'read-elsewhere',
    chat,
    waIds: numbers.map((n) => `${ids}-theirs-${n}`),
  }));

const samePerson: fc.Arbitrary<Fact> = friend.map(({ party }) => ({ type: 'same-person', ...party }));
const contact: fc.Arbitrary<Fact> = friend.chain(({ name, party }) =>
  formOf(party).map((form) => ({ type: 'contact', party: form, name: `${name} (book)` })),
);
const state: fc.Arbitrary<Fact> = fc.record({
  type: fc.constant('state' as const),
  state: fc.constantFrom('READY', 'DISCONNECTED', 'SYNCING'),
  raw: fc.constant('open'),
  since: fc.nat(),
});

/** Something that happens, one transaction each. */
export type Step =
  | { readonly do: 'hear'; readonly facts: readonly Fact[] }
  | { readonly do: 'send'; readonly place: Place; readonly number: number; readonly command: number }
  | {
      readonly do: 'change';
      readonly nth: number;
      readonly place: Place;
      readonly number: number;
      readonly what: Change;
    }
  | { readonly do: 'retry'; readonly nth: number }
  | { readonly do: 'read'; readonly nth: number }
  | { readonly do: 'clock'; readonly by: number };

export interface Wanted {
  /** History counts by the phone's own number, so rules that count messages leave it out. */
  readonly history: boolean;
}

export function steps({ history: withHistory }: Wanted): fc.Arbitrary<readonly Step[]> {
  const facts = [
    message,
    message,
    message,
    change,
    change,
    status,
    acked,
    groupFact,
    call,
    readElsewhere,
    samePerson,
    contact,
    state,
  ];
  const fact: fc.Arbitrary<Fact> = fc.oneof(...facts, ...(withHistory ? [history] : []));
  return fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ do: fc.constant('hear' as const), facts: fc.array(fact, { maxLength: 8 }) }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('send' as const), place, number, command: number }) },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant('change' as const),
          nth: fc.nat({ max: 9 }),
          place,
          number,
          what: fc.constantFrom<Change>(
            { kind: 'reaction', emoji: '👍' },
            { kind: 'reaction', emoji: '' },
            { kind: 'edit', text: 'ours, edited' },
            { kind: 'revoke' },
          ),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('retry' as const), nth: fc.nat({ max: 9 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('read' as const), nth: fc.nat({ max: 3 }) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant('clock' as const),
          by: fc.integer({ min: -3_600_000, max: 3_600_000 }),
        }),
      },
    ),
    { maxLength: 25 },
  );
}

/** What WhatsApp hands out again after a lost receipt: it changes nothing, in whatever state the first round left us. */
export function isRedelivered(fact: Fact): boolean {
  // The list of a group's members is asked for, not handed out; the next one sets it right.
  if (fact.type === 'group') return fact.notice !== undefined;
  // Whether somebody may withdraw another's message is judged by the members as they are when it comes.
  if (fact.type === 'change' && fact.change.kind === 'revoke' && !isAuthor(fact)) return false;
  return ['message', 'change', 'status', 'history', 'acked', 'call'].includes(fact.type);
}
