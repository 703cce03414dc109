// Which conversations are to be worked on now, for lists and keys. It asks nobody.
import { type Conversation, workStateAt } from '@pulseline/protocol';

/** Is it among what is to be done at this moment? */
export function isOpen(one: Conversation, now: number): boolean {
  return !one.archived && workStateAt(one, now) === 'open';
}
