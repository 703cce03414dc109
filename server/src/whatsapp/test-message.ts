// A test message as a worker takes it in: made into WhatsApp's bytes, read back and put into our words like what a contact writes. It belongs to no account and reaches no link.
import { proto } from './library.ts';
import { normalise } from './normalise.ts';

export interface TakenIn {
  /** Ms since epoch with fractions. */
  readonly heard: number;
  readonly normalised: number;
}

/** Throws if what came out is not what went in. */
export function takeIn(text: string, now: () => number): TakenIn {
  const bytes = proto.Message.encode({ conversation: text }).finish();
  const heard = now();
  const key = { waId: 'TEST', chat: { kind: 'person', pn: '0@s.whatsapp.net' } } as const;
  const envelope = { key, fromMe: false, timestamp: Math.round(heard), offline: false, heard };
  const normalised = now();
  const fact = normalise(envelope, proto.Message.decode(bytes), normalised);
  if (fact?.body !== text) throw new Error('a test message was not read as it was written');
  return { heard, normalised };
}
