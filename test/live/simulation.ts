// One seeded run of the real hub, ring, client sessions and live clients in a simulated world, with an oracle that is asked after every step.
import { createLiveClient, type LiveClient } from '@pulseline/client';
import { type Heads, parsePositions } from '@pulseline/protocol';
import { createHub } from '../../server/src/live/hub.ts';
import { createMemoryLog } from './memory-log.ts';
import type { Hub } from '../../server/src/live/port.ts';
import type { Commit } from '../../server/src/store/port.ts';
import { generator } from '../random.ts';
import { type Network, simulatedClock, simulatedNetwork } from './simulated-world.ts';

/** What a dashboard has come to know of a stream: everything up to `seq`, by snapshot or event by event. */
interface Dashboard {
  readonly name: string;
  readonly client: LiveClient;
  readonly known: Map<string, number>;
  /** Events of types that it did not choose are not told. */
  readonly types: readonly string[] | undefined;
}

export interface SimulationResult {
  readonly delivered: number;
  readonly connections: number;
  readonly resyncs: number;
  readonly slow: number;
  readonly healed: number;
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Runs `steps` random steps, then lets everything heal. Throws, with the seed in the text, if a promise was broken. */
export async function simulate(seed: number, steps: number): Promise<SimulationResult> {
  const random = generator(seed);
  const upTo = (n: number) => Math.floor(random() * n);
  const chance = (p: number) => random() < p;
  const clock = simulatedClock(random);
  const network: Network = simulatedNetwork(() => (chance(0.5) ? 200_000 : 5_000));
  const log = createMemoryLog('e1', clock.wall);
  const streams = ['acc_1', 'acc_2', 'workspace'];
  const late: Commit[] = [];
  const totals = { delivered: 0, resyncs: 0, slow: 0, healed: 0, accepted: 0 };
  const trail: string[] = [];
  let hub = await openHub();

  /** The first broken promise; listeners cannot throw it themselves, the step they run in does. */
  let broken: string | undefined;
  /** Only a log that was cut is a reason to send anybody back to a snapshot. */
  let wasCut = false;
  function fail(problem: string): void {
    broken ??= `seed ${seed}: ${problem}\nlast steps: ${trail.slice(-25).join(' ')}`;
  }
  function judge(): void {
    if (broken !== undefined) throw new Error(broken);
  }

  async function openHub(): Promise<Hub> {
    const small = chance(0.5);
    const opened = createHub({
      queries: { heads: () => log.heads(), events: (stream, after, limit) => log.events(stream, after, limit) },
      log: { info() {}, warn() {} },
      language: 'en',
      clock,
      limits: { ringEvents: small ? 8 : 1_000, pageEvents: small ? 3 : 100, logReads: 2, replayLimit: 400 },
    });
    const opening = opened.open();
    await settle();
    await opening;
    network.accept = (socket, url) =>
      opened.accept(socket, {
        cursor: url.searchParams.get('cursor') ?? undefined,
        types: url.searchParams.get('types')?.split(','),
        remote: 'simulated',
      });
    return opened;
  }

  function closeHub(): void {
    network.accept = undefined;
    const { resyncs, slow, healed, accepted } = hub.stats();
    totals.resyncs += resyncs;
    totals.slow += slow;
    totals.healed += healed;
    totals.accepted += accepted;
    void hub.close();
    for (const wire of network.wires) wire.cut();
  }

  function dashboard(index: number): Dashboard {
    const known = new Map<string, number>();
    const types = index === 2 ? ['note', 'typing'] : undefined;
    const client = createLiveClient('ws://simulated/ws', {
      WebSocket: network.Socket,
      environment: clock.environment,
      ...(types !== undefined && { types }),
      onResync: async (): Promise<Heads> => {
        if (log.broken || chance(0.2)) throw new Error('no snapshot today');
        const heads = await log.heads();
        known.clear();
        for (const [stream, { seq }] of Object.entries(heads)) known.set(stream, seq);
        return heads;
      },
    });
    const self: Dashboard = { name: `dashboard ${index}`, client, known, types };
    client.onEvent(({ stream, seq, type, data }) => {
      const last = known.get(stream) ?? 0;
      const expected = types === undefined ? last + 1 : nextOf(stream, last, types);
      if (seq !== expected) fail(`${self.name} was given ${stream}:${seq} after ${last}, expected ${expected}`);
      if (types !== undefined && !types.includes(type)) fail(`${self.name} did not choose ${type}`);
      const told = 'body' in data ? data.body : 'assignee' in data ? data.assignee : undefined;
      if (told?.split(' ')[0] !== `${stream}:${seq}`) fail(`${stream}:${seq} bears other data: ${told?.slice(0, 40)}`);
      known.set(stream, seq);
      totals.delivered += 1;
    });
    client.observe((observation) => {
      if (observation.type === 'gap') fail(`${self.name} found a gap: ${JSON.stringify(observation)}`);
      if (observation.type === 'resync' && !wasCut) fail(`${self.name} was sent back: ${JSON.stringify(observation)}`);
      if (observation.type === 'duplicate') fail(`${self.name} got again: ${JSON.stringify(observation)}`);
    });
    return self;
  }

  /** All events ever, for the oracle. */
  const written = new Map<string, string[]>();
  function nextOf(stream: string, last: number, types: readonly string[]): number {
    const all = written.get(stream) ?? [];
    const index = all.findIndex((type, at) => at >= last && types.includes(type));
    return index + 1;
  }

  function write(): void {
    const stream = streams[upTo(streams.length)] ?? 'workspace';
    const seq = (written.get(stream)?.length ?? 0) + 1;
    const type = chance(0.7) ? 'note' : 'assignment';
    written.set(stream, [...(written.get(stream) ?? []), type]);
    const padding = chance(0.01) ? ` ${'x'.repeat(60_000)}` : '';
    const place = `${stream}:${seq}`;
    const note = { id: 'n', conversation: 'c', body: `${place}${padding}`, author: 'a', at: 1 };
    const commit = log.append(stream, type, type === 'note' ? note : { conversation: 'c', assignee: place });
    if (chance(0.05)) return;
    if (chance(0.1)) return void late.push(commit);
    hub.publish(commit);
    if (chance(0.05)) hub.publish(commit);
  }

  const dashboards = [0, 1, 2].map(dashboard);
  for (const { client } of dashboards) client.start();

  for (let step = 0; step < steps; step++) {
    const dice = upTo(100);
    const wire = network.wires[upTo(network.wires.length)];
    const say = (word: string) => void trail.push(word);
    if (dice < 30) {
      say('write');
      for (let n = upTo(6); n >= 0; n--) write();
    } else if (dice < 55) {
      say('down');
      wire?.down(1 + upTo(20));
    } else if (dice < 70) {
      say('up');
      wire?.up(1 + upTo(5));
    } else if (dice < 80) {
      const ms = chance(0.1) ? upTo(40_000) : upTo(1_500);
      say(`+${ms}ms`);
      await clock.advance(ms, settle);
    } else if (dice < 85) {
      say('late');
      const commit = late.splice(upTo(late.length), 1)[0];
      if (commit !== undefined) hub.publish(commit);
    } else if (dice < 88) {
      say('cut');
      wire?.cut();
    } else if (dice < 90) {
      say('blackhole');
      wire?.blackhole();
    } else if (dice < 91) {
      say('restart');
      closeHub();
      if (chance(0.5)) await clock.advance(upTo(3_000), settle);
      log.broken = false;
      hub = await openHub();
    } else if (dice < 93) {
      log.broken = chance(0.5);
      say(`broken=${log.broken}`);
    } else if (dice < 94) {
      say('cut log');
      wasCut = true;
      for (const stream of streams) log.cut(stream, upTo((written.get(stream)?.length ?? 0) + 1));
    } else if (dice < 96) {
      say('signal');
      clock.signal((['online', 'offline', 'visible', 'hidden'] as const)[upTo(4)] ?? 'online');
    } else if (dice < 97) {
      say('ephemeral');
      hub.tell('typing', { account: 'acc_1', conversation: 'c', author: 'a', state: 'composing' }, { keep: 'k' });
    } else {
      say('soon');
      clock.runSoon();
    }
    if (chance(0.7)) clock.runSoon();
    await settle();
    network.sweep();
    judge();
  }

  // From here on nothing breaks any more: everything must heal by itself.
  log.broken = false;
  for (let round = 0; round < 200; round++) {
    for (const wire of network.wires) {
      wire.down(1_000);
      wire.up(1_000);
    }
    await clock.advance(1_000, settle);
    network.sweep();
    if (round > 5 && (await allThere(dashboards, await log.heads()))) break;
  }
  const heads = await log.heads();
  for (const { name, client, known, types } of dashboards) {
    const { phase, cursor } = client.snapshot();
    if (phase !== 'live') fail(`${name} is ${phase} and not live at the end`);
    for (const [stream, { seq }] of Object.entries(heads)) {
      const at = parsePositions(cursor)?.find((position) => position.stream === stream)?.seq;
      if (at !== seq) fail(`${name} stands at ${stream}:${at}, the log at ${seq}`);
      if (types === undefined && known.get(stream) !== seq) fail(`${name} knows ${stream}:${known.get(stream)}`);
      if (types !== undefined && nextOf(stream, known.get(stream) ?? 0, types) > 0) {
        fail(`${name} missed an event of ${stream} after ${known.get(stream)}`);
      }
    }
    client.stop();
  }
  closeHub();
  judge();
  const { delivered, resyncs, slow, healed, accepted: connections } = totals;
  return { delivered, connections, resyncs, slow, healed };
}

async function allThere(dashboards: readonly Dashboard[], heads: Heads): Promise<boolean> {
  const wanted = Object.entries(heads);
  return dashboards.every(({ client }) => {
    const { phase, cursor } = client.snapshot();
    const at = new Map((parsePositions(cursor) ?? []).map(({ stream, seq }) => [stream, seq]));
    return phase === 'live' && wanted.every(([stream, { seq }]) => at.get(stream) === seq);
  });
}
