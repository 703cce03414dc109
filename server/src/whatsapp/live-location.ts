// Knows which place belongs to which live location: WhatsApp sends each as a message of its own. What it knows becomes durable with the place that it was learnt from, so that no restart breaks one in two; what it has not known becomes a new message, and no place is lost.
import { shape } from '@pulseline/protocol';
import type { Keyring } from './keyring.ts';
import { parseChat, party } from './orders.ts';
import type { FactOf, MessageKey } from './port.ts';

/** The longest time that WhatsApp lets anybody share one, ms. */
const LONGEST = 8 * 3_600_000;

interface Known {
  readonly key: MessageKey;
  readonly since: number;
  readonly sequence: number;
}
const { anything, integer, number, object, optional, string } = shape;
const stored = object({
  key: object({ chat: anything(), author: optional(party), waId: string(256, 1) }),
  since: number(),
  sequence: integer(),
});

export class LiveLocations {
  readonly #keyring: Pick<Keyring, 'get' | 'set'>;

  constructor(keyring: Pick<Keyring, 'get' | 'set'>) {
    this.#keyring = keyring;
  }

  /** A step of the line: the message as it is, or the move of the one that began this live location. */
  async follow(fact: FactOf<'message'>): Promise<FactOf<'message'> | FactOf<'change'>> {
    const { key, fromMe, timestamp, content } = fact;
    const { location } = content ?? {};
    if (location?.live === undefined) return fact;
    const writer = fromMe ? '' : placeOf({ kind: 'person', ...key.author });
    // Under a name of our own among the texts that the library's store knows: one for each person in each chat.
    const whose = `live location ${JSON.stringify([placeOf(key.chat), writer])}`;
    const known = parse((await this.#keyring.get('lid-mapping', [whose]))[whose]);
    const { sequence } = location.live;
    const keep = (now: Known): void => this.#keyring.set({ 'lid-mapping': { [whose]: JSON.stringify(now) } });
    if (known !== undefined && timestamp - known.since < LONGEST && sequence > known.sequence) {
      keep({ ...known, sequence });
      const { chat, author, waId } = known.key;
      const target = { chat, waId, fromMe, ...(author && { author }) };
      return {
        type: 'change',
        target,
        change: { kind: 'move', location },
        fromMe,
        ...(author && { by: author }),
        at: timestamp,
      };
    }
    keep({ key, since: timestamp, sequence });
    return fact;
  }
}

function parse(text: string | undefined): Known | undefined {
  if (text === undefined) return undefined;
  const { key, ...rest } = stored.parse(JSON.parse(text));
  return { ...rest, key: { ...key, chat: parseChat(key.chat) } };
}

/** People by the address that is more often told. */
function placeOf(chat: MessageKey['chat']): string {
  return chat.kind === 'person' ? (chat.pn ?? chat.lid ?? '') : chat.address;
}
