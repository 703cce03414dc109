// Knows which place belongs to which live location: WhatsApp sends each as a message of its own. What it has forgotten becomes a new message, so that no place is lost.
import type { FactOf, MessageKey } from './port.ts';

/** The longest time that WhatsApp lets anybody share one, ms. */
const LONGEST = 8 * 3_600_000;
const MOST = 500;

interface Known {
  readonly key: MessageKey;
  readonly since: number;
  sequence: number;
}

export class LiveLocations {
  readonly #known = new Map<string, Known>();

  /** The message as it is, or the move of the one that began this live location. */
  follow(fact: FactOf<'message'>): FactOf<'message'> | FactOf<'change'> {
    const { key, fromMe, timestamp, content } = fact;
    const { location } = content ?? {};
    if (location?.live === undefined) return fact;
    const whose = JSON.stringify([placeOf(key.chat), fromMe ? '' : placeOf({ kind: 'person', ...key.author })]);
    const known = this.#known.get(whose);
    const { sequence } = location.live;
    if (known !== undefined && timestamp - known.since < LONGEST && sequence > known.sequence) {
      known.sequence = sequence;
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
    this.#known.delete(whose);
    this.#known.set(whose, { key, since: timestamp, sequence });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST) break;
      this.#known.delete(oldest);
    }
    return fact;
  }
}

/** People by the address that is more often told. */
function placeOf(chat: MessageKey['chat']): string {
  return chat.kind === 'person' ? (chat.pn ?? chat.lid ?? '') : chat.address;
}
