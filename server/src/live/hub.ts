// The hub: feeds every committed event to every connection that may see it; it never decides what is true and never holds the only copy of anything.
import type { Hub, HubOptions } from './port.ts';

export function createHub(_options: HubOptions): Hub {
  throw new Error('not there yet');
}
