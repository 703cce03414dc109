// What a message bears beside its text, as outsiders see it, and how votes, moves, pins and the like change it. It finds no message and tells nobody.
import { type Message, vanished } from '@pulseline/protocol';
import type { FactOf, Party } from '../whatsapp/port.ts';
import { bareAddress } from './address.ts';
import { personForms, phoneForm } from './find.ts';
import { clip } from './text.ts';
import { type Ballot, openVote, voted } from './votes.ts';
import type { WorkingCopy } from './working-copy.ts';

type ChangeFact = FactOf<'change'>;

/** The fields of a message by what its fact bears. */
export function bearing(
  copy: WorkingCopy,
  conversation: string,
  { content, timestamp }: Pick<FactOf<'message'>, 'content' | 'timestamp'>,
): Partial<Message> {
  if (content === undefined) return {};
  const { location, contacts, poll, preview, forwarded, forwards, viewOnce, expires, partOf, notice } = content;
  const album =
    partOf === undefined
      ? undefined
      : copy.messagesWith(partOf).find(({ message }) => message.conversation === conversation);
  return {
    ...(location && { location }),
    ...(contacts && { contacts }),
    ...(poll && { poll: { ...poll, options: poll.options.map((name) => ({ name, votes: 0 })), votes: [] } }),
    ...(preview && { preview }),
    ...(forwarded && { forwarded }),
    ...(forwards !== undefined && { forwards }),
    ...(viewOnce && { viewOnce }),
    ...(expires !== undefined && expires > 0 && { expiresAt: Math.floor(timestamp) + expires * 1_000 }),
    ...(album && { partOf: album.message.id }),
    ...(notice && { notice: { ...notice, ...(notice.text && { text: clip(notice.text, 2_000) }) } }),
  };
}

/** The message after something that is done to what it bears; the same object if it changes nothing. */
export function borne(copy: WorkingCopy, message: Message, fact: ChangeFact, secret: string | undefined): Message {
  const { change, at } = fact;
  switch (change.kind) {
    case 'remove':
      return vanished(message, 'removed');
    case 'move': {
      const { location } = message;
      const [known, next] = [location?.live?.sequence, change.location.live?.sequence];
      if (location === undefined || known === undefined || next === undefined || next <= known) return message;
      const live = { ...change.location.live, sequence: next, at: Math.max(0, Math.floor(at)) };
      return { ...message, location: { ...location, ...change.location, live } };
    }
    case 'pin': {
      const { pinnedUntil = 0, ...rest } = message;
      if (Math.floor(change.until) === pinnedUntil) return message;
      return change.until > 0 ? { ...rest, pinnedUntil: Math.floor(change.until) } : rest;
    }
    case 'keep': {
      const { kept = false, ...rest } = message;
      if (kept === change.on) return message;
      return change.on ? { ...rest, kept: true } : rest;
    }
    case 'star': {
      const { starred = false, ...rest } = message;
      if (starred === change.on) return message;
      return change.on ? { ...rest, starred: true } : rest;
    }
    case 'vote':
      return withVote(copy, message, fact, secret);
    default:
      return message;
  }
}

function withVote(copy: WorkingCopy, message: Message, fact: ChangeFact, secret: string | undefined): Message {
  const { change, fromMe, by, target, at } = fact;
  if (message.poll === undefined || change.kind !== 'vote') return message;
  const voters = fromMe ? ourForms(copy) : personForms(copy, by);
  const chosen =
    change.chosen ??
    (secret && change.sealed && openVote(change.sealed, ballotsOf(copy, message, target, { voters, secret })));
  if (!chosen) return message;
  const voter = (fromMe ? copy.account.me?.id : phoneForm(copy, by)) ?? 'unknown@s.whatsapp.net';
  const vote = { voter, fromMe, at: Math.max(0, Math.floor(at)) };
  const poll = voted(message.poll, vote, chosen, (one) => one.fromMe === fromMe && (fromMe || voters.has(one.voter)));
  return poll === message.poll ? message : { ...message, poll };
}

/** WhatsApp does not tell which of two addresses a voter's client has used: all pairs are tried, at most sixteen. */
function ballotsOf(
  copy: WorkingCopy,
  message: Message,
  { waId, fromMe, author }: ChangeFact['target'],
  { voters, secret }: { readonly voters: ReadonlySet<string>; readonly secret: string },
): readonly Ballot[] {
  const creators = fromMe ? ourForms(copy) : writerForms(copy, message, author);
  const pairs = [...creators]
    .slice(0, 4)
    .flatMap((creator) => [...voters].slice(0, 4).map((voter) => ({ creator, voter })));
  return pairs.map((pair) => ({ poll: waId, ...pair, secret }));
}

/** Every address under which we may have written. */
export function ourForms(copy: WorkingCopy): ReadonlySet<string> {
  const { me } = copy.account;
  return new Set([me?.id, me?.lid].flatMap((each) => (each ? [bareAddress(each)] : [])));
}

export function writerForms(copy: WorkingCopy, { from, author }: Message, told?: Party): ReadonlySet<string> {
  const shown = author ?? from;
  const party: Party = shown.endsWith('@lid') ? { lid: shown } : { pn: shown };
  return new Set([...personForms(copy, told), ...personForms(copy, party)]);
}
