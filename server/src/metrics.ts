// Which numbers of the parts Prometheus gets to see, by the words of the message path; it only reads.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Counters } from './counters.ts';
import type { Commands } from './inbox/commands.ts';
import type { Hub, HubStats } from './live/port.ts';
import type { Measured } from './store/open.ts';
import type { Store } from './store/port.ts';

/** Observes one delivery: ms from the commit to the write on the first socket. */
export type Deliveries = (type: string, ms: number) => void;

export function measureDeliveries(registry: Registry): Deliveries {
  const seconds = new Histogram({
    name: 'pulseline_committed_to_written_seconds',
    help: "Time from an event's commit until it was written to the first socket",
    labelNames: ['type'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    registers: [registry],
  });
  return (type, ms) => seconds.observe({ type }, ms / 1_000);
}

/** What the account workers hold, as of their last sign of life. */
export interface Workers {
  measure(): object;
}

export function measureWorkers(registry: Registry, workers: Workers): void {
  gauges(
    registry,
    'workers',
    'Account workers: threads, accounts, steps that wait, bytes of cached keys',
    ['what'],
    async () => byWhat(workers.measure()),
  );
}

/** What the process for pictures does. */
export function measureDecoder(registry: Registry, decoder: { measure(): object }): void {
  gauges(
    registry,
    'pictures',
    'Pictures that wait for the decoder, that it has decoded or not, and how often it was killed for one',
    ['what'],
    async () => byWhat(decoder.measure()),
  );
}

/** Counts that hang together as counters.ts tells; "lost" and "untold" are where they do not. */
export function measureCounters(registry: Registry, counters: Pick<Counters, 'read'>): void {
  gauges(
    registry,
    'account_flow',
    'Messages on their way through an account: wire, stored, delivered, and what explains where they differ',
    ['account', 'what'],
    async () =>
      Object.entries(await counters.read()).flatMap(([account, counts]) =>
        Object.entries(counts).map(([what, value]) => [{ account, what }, value] as const),
      ),
  );
}

export function measureParts(registry: Registry, hub: Hub, store: Store<Commands> & Measured): void {
  for (const [name, [help, read]] of Object.entries(ofHub)) {
    new (name.endsWith('_total') ? Counter : Gauge)({
      name: `pulseline_${name}`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read(hub.stats()));
      },
    });
  }
  new Counter({
    name: 'pulseline_closed_by_us_total',
    help: 'Sockets that the server closed, by close code',
    labelNames: ['code'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [code, count] of Object.entries(hub.stats().closedByCode)) this.inc({ code }, count);
    },
  });
  measureStore(registry, store);
}

const ofHub: Readonly<Record<string, readonly [help: string, read: (stats: HubStats) => number]>> = {
  ws_clients: ['Open sockets', ({ clients }) => clients],
  ws_accepted_total: ['Sockets accepted', ({ accepted }) => accepted],
  events_total: ['Events taken in by the hub', ({ events }) => events],
  deliveries_total: ['Event frames written to sockets', ({ deliveries }) => deliveries],
  written_bytes_total: ['Bytes written to sockets', ({ bytesWritten }) => bytesWritten],
  replayed_total: ['Events sent again to resuming clients', ({ replayed }) => replayed],
  log_reads_total: ['Pages read from the log because the ring was too short', ({ logReads }) => logReads],
  healed_total: ['Events found by the head check alone', ({ healed }) => healed],
  slow_total: ['Times a socket fell behind', ({ slow }) => slow],
  resyncs_total: ['Clients told to fetch afresh', ({ resyncs }) => resyncs],
  bad_frames_total: ['Client frames that could not be read', ({ badFrames }) => badFrames],
  ephemeral_dropped_total: [
    'Frames of the moment not sent to slow sockets',
    ({ ephemeralDropped }) => ephemeralDropped,
  ],
  ring_events: ['Events in the ring', ({ ringEvents }) => ringEvents],
  ring_bytes: ['Bytes in the ring', ({ ringBytes }) => ringBytes],
};

function measureStore(registry: Registry, store: Store<Commands> & Measured): void {
  gauges(registry, 'writer', "The store's writer: requests that wait, groups committed, refusals", ['what'], async () =>
    byWhat(await store.stats()),
  );
  gauges(registry, 'rows', 'What lies in the store', ['what'], async () => byWhat(await store.queries.counts()));
  gauges(registry, 'media', 'Files that lie here, their bytes, and how many wait to be fetched', ['what'], async () =>
    byWhat(await store.queries.mediaUse()),
  );
  gauges(registry, 'account_state', '1 for the state that an account is in', ['account', 'state'], async () =>
    (await store.queries.accounts()).map(({ account: { id, state } }) => [{ account: id, state }, 1]),
  );
  const messages = new Counter({
    name: 'pulseline_account_messages_total',
    help: 'New messages in either direction, by account',
    labelNames: ['account'],
    registers: [registry],
  });
  store.onCommit(({ events }) => {
    for (const { type, stream } of events) if (type === 'new_message') messages.inc({ account: stream });
  });
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** One series for each sample of the moment. A part that does not answer leaves its own out and keeps no other back. */
function gauges(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  read: () => Promise<readonly Sample[]>,
): void {
  new Gauge({
    name: `pulseline_${name}`,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      const samples = await read().catch(() => []);
      this.reset();
      for (const [labels, value] of samples) this.set(labels, value);
    },
  });
}

function byWhat(counts: object): readonly Sample[] {
  return Object.entries(counts).flatMap(([what, value]) =>
    typeof value === 'number' ? [[{ what }, value] as const] : [],
  );
}
