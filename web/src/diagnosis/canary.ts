'use client';
// The canary's last two stages: its frame on this tab's own connection, through the reducer of the inbox, into the document and onto the screen. No list or count ever has it.
import { applyFrame, emptyInbox, openWindow } from '@pulseline/client';
import type { Facts } from '@pulseline/diagnosis';
import { message, shape } from '@pulseline/protocol';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { envelope } from '../frames.ts';
import { live } from '../live.ts';
import { call, RestError } from '../rest.ts';
import type { Tab } from './tab.ts';

const { number, object, optional, oneOf, record, string } = shape;

/** So long after it was asked for the frame or its paint is lost, ms. */
const LOST_MS = 2_500;
/** The server lets nobody ask more often, ms. */
const APART_MS = 1_100;

/** An older server knows no canary; another tab may just have sent one. */
const unasked: ReadonlySet<string> = new Set(['UNREACHABLE', 'TIMEOUT', 'BAD_ANSWER', 'NOT_FOUND', 'CANARY_TOO_SOON']);

const frameOf = object({ probeId: string(64), message, stages: record(number()) });
const flightOf = object({
  id: string(200),
  outcome: oneOf(['arrived', 'lost', 'refused', 'late']),
  stages: record(number()),
  missing: optional(string(64)),
  code: optional(string(64)),
  error: optional(string(4_000)),
  ms: optional(number()),
});

/** The text that is in the document now, and who waits for its paint. */
const store = createStore<{ readonly body: string; readonly painted: () => void; readonly mounted: number }>(() => ({
  body: '',
  painted: () => undefined,
  mounted: 0,
}));

export function useCanary() {
  return useStore(store);
}

/** Something that shows the canary is in the document. Returns the function that takes it back. */
export function mountCanary(): () => void {
  store.setState(({ mounted }) => ({ mounted: mounted + 1 }));
  return () => store.setState(({ mounted }) => ({ mounted: mounted - 1 }));
}

let askedAt = Number.NEGATIVE_INFINITY;

/** Nothing where there is no connection to send it by, or one has just flown. */
export async function flyCanary(tab: Tab): Promise<Facts> {
  const client = live();
  const { connectionId, phase, clockOffset = 0, latency = 0 } = client.snapshot();
  if (connectionId === undefined || phase !== 'live' || tab.now() - askedAt < APART_MS) return {};
  askedAt = tab.now();
  const probeId = tab.nonce();
  // As the stamps of messages: a difference smaller than the error of its measurement is none.
  const shift = Math.abs(clockOffset) > latency / 2 + 1 ? clockOffset : 0;
  const stages: { applied?: number; shown?: number } = {};
  let heard = 0;
  let arrived: () => void = () => undefined;
  let shown: () => void = () => undefined;
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  const paint = new Promise<void>((resolve) => (shown = resolve));
  const stop = client.observe((observation) => {
    if (observation.type !== 'frame' || !observation.text.includes(probeId)) return;
    const { type, data } = envelope(observation.text);
    if (type !== 'canary' || !shape.fits(frameOf, data) || data.probeId !== probeId) return;
    heard = data.stages['heard'] ?? tab.wall() + shift;
    // The inbox's own rules, on an inbox of its own.
    const inbox = applyFrame(openWindow(emptyInbox, data.message.conversation), {
      type: 'new_message',
      data: data.message,
      timestamp: data.message.timestamp,
      stream: data.message.account,
      seq: 1,
    });
    stages.applied = tab.wall() + shift - heard;
    store.setState({
      body: inbox.windows.get(data.message.conversation)?.messages.at(-1)?.body ?? '',
      painted: () => {
        stages.shown ??= tab.wall() + shift - heard;
        shown();
      },
    });
    arrived();
  });
  try {
    const flight = await call('POST', '/api/diagnosis/canary', flightOf, { probeId, connection: connectionId });
    if (flight.outcome !== 'arrived') return { canary: flight };
    await Promise.race([arrival, tab.sleep(LOST_MS)]);
    if (stages.applied === undefined) return { canary: { ...flight, outcome: 'lost', missing: 'applied' } };
    // Where nothing shows it (the strip over another page) its way ends here.
    const watched = store.getState().mounted > 0;
    if (watched && tab.visible()) await Promise.race([paint, tab.sleep(LOST_MS)]);
    const whole = { ...flight, stages: { ...flight.stages, ...stages }, hidden: !tab.visible() };
    if (watched && stages.shown === undefined) return { canary: { ...whole, outcome: 'lost', missing: 'shown' } };
    return { canary: whole };
  } catch (error) {
    // What keeps the question from the server is seen by the other probes; what the server answers to it is told here.
    if (!(error instanceof RestError) || unasked.has(error.code)) return {};
    return { canary: { id: probeId, outcome: 'refused', stages: {}, code: error.code } };
  } finally {
    stop();
    store.setState({ body: '', painted: () => undefined });
  }
}
