// What a send may say beside a text, as a request writes it: places, cards, polls. It checks forms; what WhatsApp would not take is the inbox's decision.
import { randomBytes } from 'node:crypto';
import { CodedError, contactCards, location as place, shape } from '@pulseline/protocol';
import { type MediaKind, mediaKinds } from '../media/kinds.ts';
import type { Content } from '../whatsapp/port.ts';

const { integer, list, number, object, oneOf, optional, string } = shape;

/** The kinds that a send names; absent = by what it bears, else text. */
const sendKinds = ['text', 'location', 'contact', 'poll', ...mediaKinds] as const;

export const saying = {
  kind: optional(oneOf(sendKinds)),
  /** Degrees; name, address and url are shown below the map. */
  location: optional(
    object({
      latitude: number(),
      longitude: number(),
      name: place.fields.name,
      address: place.fields.address,
      url: place.fields.url,
    }),
  ),
  contacts: optional(contactCards),
  poll: optional(
    object({
      name: string(1_000, 1),
      options: list(string(300, 1), 100),
      /** How many may be chosen: 1 if nothing is said, 0 = as many as one likes. */
      selectable: optional(integer()),
    }),
  ),
  /** The id of an upload, and the words below it. */
  media: optional(string(128, 1)),
  caption: optional(string(65_536)),
  /** The id of a message of the account that is passed on. */
  forward: optional(string(128, 1)),
};
const whole = object(saying);
const FIELDS: ReadonlyMap<string | undefined, string> = new Map([
  ['location', 'location'],
  ['contact', 'contacts'],
  ['poll', 'poll'],
]);

/** As what a request sends a file; undefined = it sends none. Errors: BAD_REQUEST. */
export function fileOf({ kind, media, caption, ...given }: shape.Of<typeof whole> & { readonly text?: string }):
  | {
      readonly id: string;
      readonly caption: string;
      readonly kind?: MediaKind;
    }
  | undefined {
  const asked = mediaKinds.find((each) => each === kind);
  if (media === undefined) {
    if (asked !== undefined) throw wrong('media: expected the id of an upload');
    if (caption !== undefined) throw wrong('caption: only with media');
    return undefined;
  }
  if (kind !== undefined && asked === undefined) throw wrong(`media: not with the kind ${kind}`);
  const { location, contacts, poll, forward, text } = given;
  const more = Object.entries({ location, contacts, poll, forward, text }).find(([, value]) => value !== undefined);
  if (more !== undefined) throw wrong(`${more[0]}: not with media`);
  return { id: media, caption: caption ?? '', ...(asked !== undefined && { kind: asked }) };
}

/** What the request bears beside its text; undefined = it is a plain text. Errors: BAD_REQUEST if that is not what its kind says. */
export function bearsOf({ kind, location, contacts, poll, forward }: shape.Of<typeof whole>): Content | undefined {
  const given = Object.entries({ location, contacts, poll, forward }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (given.length > 1) throw wrong(`only one of ${given.join(', ')}`);
  const wanted = FIELDS.get(kind);
  if (wanted !== undefined && given[0] !== wanted) throw wrong(`${wanted}: expected a value`);
  if (kind === 'text' && given.length > 0 && forward === undefined) throw wrong(`${given[0]}: not with the kind text`);
  if (forward !== undefined) return { secret: fresh(32) };
  if (location) return { location };
  if (contacts) return { contacts };
  if (poll) return { poll: { ...poll, selectable: poll.selectable ?? 1 }, secret: fresh(32) };
  return undefined;
}

/** Random bytes as hex. */
export function fresh(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

function wrong(detail: string): CodedError {
  return new CodedError('BAD_REQUEST', { detail });
}
