// A test message becomes true: one event on a stream of its own, with those of before swept away. It touches no conversation, count or index.
import { CANARY_STREAM } from '@pulseline/protocol';
import type { Handler } from '../store/port.ts';
import type { Commands } from './commands.ts';

/** Ms for which one stays in the log: long enough to be read back. */
const KEPT_MS = 300_000;
const MOST_SWEPT = 1_000;

export const canary: Handler<Commands['canary']['input'], Commands['canary']['output']> = {
  reads: () => ({ account: CANARY_STREAM }),
  decide({ heads }, { data }, now) {
    const head = heads[CANARY_STREAM];
    if (head === undefined) throw new Error('the stream of test messages was not read');
    const place = { epoch: head.epoch, seq: head.seq + 1 };
    return {
      changes: [
        { put: 'event', event: { stream: CANARY_STREAM, ...place, type: 'new_message', data, at: now } },
        { remove: 'events', stream: CANARY_STREAM, before: now - KEPT_MS, most: MOST_SWEPT },
      ],
      output: place,
    };
  },
};
