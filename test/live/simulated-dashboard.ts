// One dashboard of a simulated world: the real client, the real reducer, and an oracle that holds every event, position and picture against the log.
import { isDeepStrictEqual } from 'node:util';
import {
  applyFrame,
  createLiveClient,
  emptyInbox,
  fromSnapshot,
  type LiveClient,
  type SocketConstructor,
} from '@pulseline/client';
import { type Conversation, cursorOf, type Heads, parsePositions } from '@pulseline/protocol';
import type { SimulatedStore } from './simulated-store.ts';
import type { SimulatedMachine } from './simulated-world.ts';

export interface Oracle {
  readonly store: SimulatedStore;
  /** How often the log was restored from a backup. */
  readonly restores: number;
  fail(problem: string): void;
  delivered(): void;
  pictured(): void;
}

export interface Dashboard {
  readonly client: LiveClient;
  readonly machine: SimulatedMachine;
  /** Asked after every step: is what it shows what a snapshot of its position said? */
  check(): void;
  /** Live, and at the head of every stream. */
  isThere(): boolean;
  finish(): void;
}

/** The third one chose types, and is held by their seqs alone. */
const CHOSEN = ['new_message', 'typing'];

export function createDashboard(
  index: number,
  Socket: SocketConstructor,
  machine: SimulatedMachine,
  chance: (share: number) => boolean,
  oracle: Oracle,
): Dashboard {
  const { store, fail } = oracle;
  const name = `dashboard ${index}`;
  const types = index === 2 ? CHOSEN : undefined;
  const changed = new Set<string>();
  /** Everything up to there is known, by snapshot or event by event. */
  let known = new Map<string, number>();
  let inbox = emptyInbox;
  /** Heads that the present connection promised to reach before it is live. */
  let promised: Heads = {};

  const client = createLiveClient(`ws://simulated/ws${index}`, {
    WebSocket: Socket,
    eventStream: Socket,
    environment: machine.environment,
    ...(types !== undefined && { types }),
    async onResync(): Promise<Heads> {
      if (chance(0.2)) throw new Error('no snapshot today');
      const { heads, conversations } = await store.snapshot();
      known = new Map(Object.entries(heads).map(([stream, { seq }]) => [stream, seq]));
      inbox = fromSnapshot([], conversations);
      for (const stream of known.keys()) changed.add(stream);
      return heads;
    },
  });

  /** The next event that this dashboard has to be given. */
  function nextOf(stream: string, last: number): number | undefined {
    if (types === undefined) return last + 1;
    const next = store.history(stream).find(({ seq, type }) => seq > last && types.includes(type));
    return next?.seq;
  }

  client.onEvent((frame) => {
    const { stream, seq, type, timestamp } = frame;
    const last = known.get(stream) ?? 0;
    const expected = nextOf(stream, last);
    if (seq !== expected) fail(`${name} was given ${stream}:${seq} after ${last}, expected ${expected}`);
    const written = store.history(stream)[seq - 1];
    if (written?.type !== type || Math.round(written.at) !== timestamp) {
      fail(`${name} was given ${type} of ${timestamp} at ${stream}:${seq}, where the log has ${written?.type}`);
    }
    known.set(stream, seq);
    inbox = applyFrame(inbox, frame);
    changed.add(stream);
    oracle.delivered();
  });
  client.subscribe(() => {
    if (client.snapshot().phase !== 'live') return;
    const at = positions();
    for (const [stream, { seq }] of Object.entries(promised)) {
      if ((at.get(stream) ?? 0) < seq) fail(`${name} is live at ${stream}:${at.get(stream)}, ${seq} was promised`);
    }
    promised = {};
  });
  client.observe((observation) => {
    if (observation.type === 'frame' && observation.frame?.type === 'connected')
      promised = observation.frame.data.heads;
    if (observation.type === 'gap') fail(`${name} found a gap: ${JSON.stringify(observation)}`);
    if (observation.type === 'duplicate') fail(`${name} got again: ${JSON.stringify(observation)}`);
    if (observation.type !== 'resync') return;
    const { stream, reason } = observation.data;
    const isLost = (known.get(stream) ?? 0) + 1 < store.firstSeq(stream);
    const allowed = oracle.restores > 0 || (reason === 'expired' && isLost);
    const behind = store.head(stream) - (known.get(stream) ?? 0) > 400;
    if (!allowed && !behind) fail(`${name} was sent back: ${JSON.stringify(observation)}`);
  });

  function positions(): Map<string, number> {
    return new Map((parsePositions(client.snapshot().cursor) ?? []).map(({ stream, seq }) => [stream, seq]));
  }

  function shown(account: string): readonly Conversation[] {
    return [...inbox.conversations.values()].filter((conversation) => conversation.account === account);
  }

  return {
    client,
    machine,
    check() {
      if (types !== undefined) return;
      for (const stream of changed) {
        const seq = known.get(stream) ?? 0;
        const fresh = store.picture(stream, seq);
        // Inside a transaction there is no snapshot to compare with, and in a restored log none of the old positions.
        if (fresh === undefined || (oracle.restores > 0 && client.snapshot().phase !== 'live')) continue;
        oracle.pictured();
        if (!isDeepStrictEqual(byId(shown(stream)), byId(fresh))) {
          fail(`${name} shows another picture of ${stream} than a snapshot at ${seq}`);
        }
      }
      changed.clear();
    },
    isThere() {
      const at = positions();
      const heads = cursorOf(store.heads());
      return client.snapshot().phase === 'live' && [...heads].every(([stream, { seq }]) => at.get(stream) === seq);
    },
    finish() {
      const { phase } = client.snapshot();
      if (phase !== 'live') fail(`${name} is ${phase} and not live at the end`);
      const at = positions();
      for (const [stream, { seq }] of Object.entries(store.heads())) {
        if (at.get(stream) !== seq) fail(`${name} stands at ${stream}:${at.get(stream)}, the log at ${seq}`);
        const next = nextOf(stream, known.get(stream) ?? 0);
        if (next !== undefined && next <= seq) fail(`${name} missed ${stream}:${next}`);
        if (types === undefined) changed.add(stream);
      }
      this.check();
      client.stop();
    },
  };
}

function byId(conversations: readonly Conversation[]): Readonly<Record<string, Conversation>> {
  return Object.fromEntries(conversations.map((conversation) => [conversation.id, conversation]));
}
