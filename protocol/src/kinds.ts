// What messages of some kinds bear beside their text: places, contact cards, polls, link previews. It says nothing of how they come about.
import { address } from './model-words.ts';
import { boolean, integer, list, number, type Of, object, optional, string } from './shape.ts';

/** JPEG bytes in base64, small enough to travel with its message; a larger one is left out. */
const thumbnail = string(32_768);

/** Of the kind location. */
export const location = object({
  /** Degrees, -90 to 90 and -180 to 180. */
  latitude: number(),
  longitude: number(),
  name: optional(string(300)),
  address: optional(string(1_000)),
  url: optional(string(2_000)),
  /** Metres. */
  accuracy: optional(number()),
  thumbnail: optional(thumbnail),
  /** A live location: the place is the newest one that is known. */
  live: optional(
    object({
      /** Rises with each place. */
      sequence: integer(),
      /** When it was there, ms since epoch. */
      at: integer(),
      /** Metres a second, and degrees clockwise from north. */
      speed: optional(number()),
      heading: optional(number()),
    }),
  ),
});
export type Location = Of<typeof location>;

/** One card of the kind contact. */
export const contactCard = object({
  name: string(300),
  phones: list(
    object({
      /** As the card writes it. */
      number: string(64, 1),
      type: optional(string(64)),
      /** Its WhatsApp address, if the card names one. */
      address: optional(address),
    }),
    20,
  ),
  organisation: optional(string(300)),
  emails: optional(list(string(300, 1), 20)),
});
export type ContactCard = Of<typeof contactCard>;
export const contactCards = list(contactCard, 100);

/** Of the kind poll. */
export const poll = object({
  name: string(1_000),
  options: list(
    object({
      name: string(300),
      /** Voters who have chosen it. */
      votes: integer(),
    }),
    100,
  ),
  /** How many may be chosen; 0 = as many as one likes. */
  selectable: integer(),
  /** Who has chosen what, one each; without options by whoever has taken everything back. */
  votes: list(
    object({
      voter: address,
      fromMe: boolean(),
      /** Places in `options`. */
      options: list(integer(), 100),
      /** Ms since epoch. */
      at: integer(),
    }),
    1_024,
  ),
});
export type Poll = Of<typeof poll>;
export type PollVote = Poll['votes'][number];

/** What the sender says of a link in the text. Nobody has checked it, and receiving it fetches nothing. */
export const linkPreview = object({
  /** As it stands in the text. */
  url: string(2_048, 1),
  /** The page's own name for itself. */
  canonicalUrl: optional(string(2_048)),
  title: optional(string(300)),
  description: optional(string(1_000)),
  thumbnail: optional(thumbnail),
});
export type LinkPreview = Of<typeof linkPreview>;

/** The fields that a message has for all this. */
export const contents = {
  location: optional(location),
  contacts: optional(contactCards),
  poll: optional(poll),
  preview: optional(linkPreview),
} as const;

/** The words by which a place, cards or a poll stand in a list, and are the body of their message. */
export function standIn({
  location: place,
  contacts,
  poll: asked,
}: {
  readonly location?: Location;
  readonly contacts?: readonly ContactCard[];
  readonly poll?: { readonly name: string };
}): string {
  if (asked) return asked.name;
  if (contacts) return contacts.map(({ name }) => name).join(', ');
  return place?.name ?? place?.address ?? '';
}

/** A timer in signs that need no language: `⏱ 7 d`, `⏱ –` for none. */
export function timerText(seconds: number): string {
  if (seconds <= 0) return '⏱ –';
  const [day, hour] = [86_400, 3_600];
  return seconds % day === 0 ? `⏱ ${seconds / day} d` : `⏱ ${Math.max(1, Math.round(seconds / hour))} h`;
}
