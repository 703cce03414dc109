// Errands and questions as they are kept and cross threads, parsed into the engine's words; it carries none out.
import { shape } from '@pulseline/protocol';
import { parseChat, party } from './orders.ts';
import type { ChatChange, Errand, LinkQuestion, Newest, Target } from './port.ts';

const { anything, boolean, integer, list, nullable, object, oneOf, optional, string } = shape;

const ERRANDS = [
  'chat-state',
  'message-state',
  'set-profile',
  'set-picture',
  'history',
  'fetch-history',
  'block',
  'create-group',
  'change-group',
  'change-members',
  'leave-group',
  'renew-invite',
  'join-group',
] as const;

const target = object({ chat: anything(), waId: string(256, 1), fromMe: boolean(), author: optional(party) });
const newest = object({ ...target.fields, at: integer() });
const group = object({ group: string(256, 1) });
const people = list(party, 2_000);
const settings = object({
  description: optional(string(2_100)),
  announce: optional(boolean()),
  locked: optional(boolean()),
  approval: optional(boolean()),
});

/** Throws a ShapeError on anything else. */
export function parseErrand(value: unknown): Errand {
  const { do: what } = object({ do: oneOf(ERRANDS) }).parse(value);
  switch (what) {
    case 'chat-state': {
      const read = object({ chat: anything(), change: anything(), newest: optional(anything()) }).parse(value);
      return {
        do: what,
        chat: parseChat(read.chat),
        change: parseChange(read.change),
        ...(read.newest !== undefined && { newest: parseNewest(read.newest) }),
      };
    }
    case 'message-state': {
      const read = object({ target: anything(), change: anything() }).parse(value);
      return { do: what, target: parseTarget(read.target), change: parseMessageState(read.change) };
    }
    case 'set-profile':
      return { do: what, ...object({ name: optional(string(200, 1)), about: optional(string(1_000)) }).parse(value) };
    case 'set-picture': {
      const picture = object({ group: optional(string(256, 1)), jpeg: nullable(string(1_000_000)) });
      return { do: what, ...picture.parse(value) };
    }
    case 'history': {
      const read = object({ chat: anything(), oldest: anything(), count: integer(1) }).parse(value);
      return { do: what, chat: parseChat(read.chat), oldest: parseNewest(read.oldest), count: read.count };
    }
    case 'fetch-history':
      return { do: what, ...object({ notification: string() }).parse(value) };
    case 'block':
      return { do: what, ...object({ person: party, on: boolean() }).parse(value) };
    case 'create-group':
      return { do: what, ...object({ subject: string(200), people }).parse(value) };
    case 'change-group':
      return { do: what, ...group.parse(value), ...object({ subject: optional(string(200)), settings }).parse(value) };
    case 'change-members':
      return {
        do: what,
        ...group.parse(value),
        ...object({ how: oneOf(['add', 'remove', 'promote', 'demote']), people }).parse(value),
      };
    case 'leave-group':
    case 'renew-invite':
      return { do: what, ...group.parse(value) };
    case 'join-group':
      return { do: what, ...object({ code: string(64, 1) }).parse(value) };
  }
}

function parseNewest(value: unknown): Newest {
  const read = newest.parse(value);
  return { ...read, chat: parseChat(read.chat) };
}

function parseTarget(value: unknown): Target {
  const read = target.parse(value);
  return { ...read, chat: parseChat(read.chat) };
}

function parseMessageState(value: unknown): Extract<Errand, { do: 'message-state' }>['change'] {
  const { kind } = object({ kind: oneOf(['star', 'remove']) }).parse(value);
  if (kind === 'star') return { kind, ...object({ on: boolean() }).parse(value) };
  return { kind, ...object({ at: integer() }).parse(value) };
}

function parseChange(value: unknown): ChatChange {
  const { kind } = object({ kind: oneOf(['archive', 'pin', 'unread', 'mute', 'delete', 'clear']) }).parse(value);
  switch (kind) {
    case 'mute':
      return { kind, ...object({ until: integer(-1) }).parse(value) };
    case 'delete':
    case 'clear':
      return { kind };
    default:
      return { kind, ...object({ on: boolean() }).parse(value) };
  }
}

/** Throws a ShapeError on anything else. */
export function parseQuestion(value: unknown): LinkQuestion {
  const { do: what } = object({ do: oneOf(['picture', 'invite', 'watch', 'reject-call', 'cancel-transfer']) }).parse(
    value,
  );
  switch (what) {
    case 'picture':
    case 'watch':
      return { do: what, chat: parseChat(object({ chat: anything() }).parse(value).chat) };
    case 'invite':
      return { do: what, ...group.parse(value) };
    case 'cancel-transfer':
      return { do: what, ...object({ media: string(128, 1) }).parse(value) };
    case 'reject-call':
      return { do: what, ...object({ callId: string(200, 1), from: party }).parse(value) };
  }
}
