// One seeded run of the real gate, writer loop, decisions, hubs and live clients in a simulated world, with an oracle that is asked after every step.
import type { Bus, Ring } from '../../server/src/bus/port.ts';
import { createHub } from '../../server/src/live/hub.ts';
import type { Hub } from '../../server/src/live/port.ts';
import type { Commit } from '../../server/src/store/port.ts';
import { generator } from '../random.ts';
import { createDashboard, type Dashboard, type Oracle } from './simulated-dashboard.ts';
import { type Fate, simulatedStore } from './simulated-store.ts';
import { simulatedWhatsApp } from './simulated-whatsapp.ts';
import { simulatedClock, simulatedNetwork } from './simulated-world.ts';

/** What happened in one run, or in many: a run is only worth something if what it is about did happen. */
export interface SimulationResult {
  readonly delivered: number;
  /** Comparisons of what a dashboard shows with a snapshot. */
  readonly pictures: number;
  readonly connections: number;
  readonly resyncs: number;
  readonly slow: number;
  readonly healed: number;
  /** Processes that died between COMMIT and everybody who waits for it. */
  readonly kills: number;
  readonly restores: number;
  /** Hours that a dashboard slept, and days in which everything was off. */
  readonly naps: number;
  readonly weeks: number;
}
type Sums = Record<keyof SimulationResult, number>;

export function noSums(): Sums {
  return {
    delivered: 0,
    pictures: 0,
    connections: 0,
    resyncs: 0,
    slow: 0,
    healed: 0,
    kills: 0,
    restores: 0,
    naps: 0,
    weeks: 0,
  };
}

export function addSums(to: Sums, more: SimulationResult): void {
  to.delivered += more.delivered;
  to.pictures += more.pictures;
  to.connections += more.connections;
  to.resyncs += more.resyncs;
  to.slow += more.slow;
  to.healed += more.healed;
  to.kills += more.kills;
  to.restores += more.restores;
  to.naps += more.naps;
  to.weeks += more.weeks;
}

/** Of one run, everywhere. */
export const STEPS = 110;

const ACCOUNTS = ['acc_aaaaaaaaaa', 'acc_bbbbbbbbbb'];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The simulated log reaches back so far. */
const WINDOW_MS = 7 * DAY_MS;

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Runs `steps` random steps, then lets everything heal. Throws, with the seed in the text, if a promise was broken. */
export async function simulate(seed: number, steps: number): Promise<SimulationResult> {
  const random = generator(seed);
  const upTo = (n: number) => Math.floor(random() * n);
  const chance = (p: number) => random() < p;
  const clock = simulatedClock(random);
  const network = simulatedNetwork(() => (chance(0.5) ? 200_000 : 5_000));
  const sums = noSums();
  const trail: string[] = [];
  let peace = false;
  /** The first broken promise; listeners cannot throw it themselves, the step they run in does. */
  let broken: string | undefined;
  const fail = (problem: string): void => {
    broken ??= `seed ${seed}: ${problem}\nlast steps: ${trail.slice(-25).join(' ')}`;
  };

  const fate = (): Fate => {
    const dice = peace ? 1 : random();
    return dice < 0.01 ? 'killed' : dice < 0.03 ? 'refused' : 'kept';
  };
  const store = simulatedStore(ACCOUNTS, clock.wall, chance, fate);
  const restored = new Set<string>();
  const whatsapp = simulatedWhatsApp(ACCOUNTS, random, (account, waId) => {
    const kept = [...store.rows.messages.values()].some((row) => row.waId === waId && row.message.account === account);
    if (!kept && !restored.has(waId)) fail(`${waId} was acknowledged before it was committed`);
  });

  // A bus that loses, doubles and delays.
  const rings: Ring[] = [];
  const ears = new Set<(ring: Ring) => void>();
  const bus: Bus = {
    ring: (ring) => void (chance(0.9) && rings.push(ring)),
    listen(listener) {
      ears.add(listener);
      return () => void ears.delete(listener);
    },
    close: async () => undefined,
  };
  function carry(count: number): void {
    for (const ring of rings.splice(0, count)) {
      for (const ear of ears) ear(ring);
      if (chance(0.05)) rings.push(ring);
    }
  }

  // Two nodes on one log: the first has the writer and hears of commits, the second hears the bus alone.
  const late: Commit[] = [];
  const nodes: { hub: Hub; silence: () => void }[] = [];
  async function openNode(index: number): Promise<void> {
    const small = chance(0.5);
    const hub = createHub({
      queries: store.queries,
      log: { info() {}, warn() {} },
      language: 'en',
      clock,
      limits: { ringEvents: small ? 8 : 1_000, pageEvents: small ? 3 : 100, logReads: 2, replayLimit: 400 },
    });
    let open = false;
    let failed = false;
    const opening = hub.open().then(
      () => (open = true),
      () => (failed = true),
    );
    while (!open && !failed) {
      store.answer(100);
      await settle();
    }
    await opening;
    if (failed) {
      store.broken = false;
      return openNode(index);
    }
    nodes[index] = { hub, silence: bus.listen((ring) => hub.rung(ring)) };
  }
  function closeNode(index: number): void {
    const node = nodes[index];
    if (node === undefined) return;
    node.silence();
    const { resyncs, slow, healed, accepted } = node.hub.stats();
    sums.resyncs += resyncs;
    sums.slow += slow;
    sums.healed += healed;
    sums.connections += accepted;
    void node.hub.close();
    for (const wire of network.wires) if (wire.node === index) wire.cut();
    delete nodes[index];
  }
  network.accept = (socket, url) => {
    const up = [0, 1].filter((index) => nodes[index] !== undefined);
    const index = up[upTo(up.length)];
    const node = index === undefined ? undefined : nodes[index];
    if (index === undefined || node === undefined) return undefined;
    node.hub.accept(socket, {
      cursor: url.searchParams.get('cursor') ?? undefined,
      types: url.searchParams.get('types')?.split(','),
      remote: 'simulated',
    });
    return index;
  };

  function committed(commit: Commit): void {
    for (const { stream, epoch, seq } of commit.events) bus.ring({ stream, epoch, seq });
    if (!peace && chance(0.05)) return;
    if (!peace && chance(0.1)) return void late.push(commit);
    nodes[0]?.hub.publish(commit);
    if (chance(0.05)) nodes[0]?.hub.publish(commit);
  }
  function openWriter(): void {
    store.open(committed);
    whatsapp.relink(store.writer);
  }
  async function restart(down: number): Promise<void> {
    closeNode(0);
    late.length = 0;
    if (down > 0) await clock.advance(down, quiet);
    store.broken = false;
    openWriter();
    await openNode(0);
  }
  async function quiet(): Promise<void> {
    if (store.reading > 0) store.answer(100);
    await settle();
  }
  async function restore(): Promise<void> {
    closeNode(1);
    closeNode(0);
    late.length = 0;
    rings.length = 0;
    store.restore();
    for (const waId of whatsapp.acknowledged) restored.add(waId);
    oracle.restored();
    openWriter();
    await openNode(0);
    await openNode(1);
  }

  const oracle: Oracle & { restored(): void; restores: number } = {
    store,
    fail,
    restores: 0,
    restored() {
      this.restores += 1;
      sums.restores += 1;
    },
    delivered: () => void (sums.delivered += 1),
    pictured: () => void (sums.pictures += 1),
  };
  store.broken = false;
  openWriter();
  await openNode(0);
  await openNode(1);
  const dashboards: readonly Dashboard[] = [0, 1, 2].map((index) =>
    createDashboard(index, network.Socket, clock.machine(index === 1), chance, oracle),
  );
  for (const { client } of dashboards) client.start();

  async function step(): Promise<void> {
    const dice = upTo(1_000);
    const say = (word: string) => void trail.push(word);
    const awake = network.wires.filter(({ url }) => !dashboards[Number(url.pathname.slice(-1))]?.machine.asleep);
    const wire = awake[upTo(awake.length)];
    const dashboard = dashboards[upTo(dashboards.length)];
    if (dice < 250) {
      say('write');
      for (let n = upTo(5); n >= 0; n--) whatsapp.happen();
      whatsapp.deliver(1 + upTo(8));
    } else if (dice < 400) {
      say('commit');
      store.turn();
    } else if (dice < 600) {
      say('down');
      wire?.down(1 + upTo(20));
    } else if (dice < 700) {
      say('up');
      wire?.up(1 + upTo(5));
    } else if (dice < 750) {
      say('read');
      store.answer(1 + upTo(3));
    } else if (dice < 800) {
      say('ring');
      carry(1 + upTo(4));
    } else if (dice < 880) {
      const ms = chance(0.1) ? upTo(40_000) : upTo(1_500);
      say(`+${ms}ms`);
      await clock.advance(ms, quiet);
    } else if (dice < 910) {
      say('late');
      const commit = late.splice(upTo(late.length), 1)[0];
      if (commit !== undefined) nodes[0]?.hub.publish(commit);
    } else if (dice < 935) {
      say('cut');
      wire?.cut();
    } else if (dice < 945) {
      say('blackhole');
      wire?.blackhole();
    } else if (dice < 952) {
      say('restart');
      await restart(chance(0.5) ? upTo(3_000) : 0);
    } else if (dice < 957) {
      say('restart node');
      closeNode(1);
      await openNode(1);
    } else if (dice < 965) {
      store.broken = chance(0.5);
      say(`broken=${store.broken}`);
    } else if (dice < 968) {
      say('cut log');
      for (const stream of Object.keys(store.heads())) store.cut(stream, upTo(store.head(stream) + 2));
    } else if (dice < 975) {
      say('relink');
      whatsapp.relink(store.writer);
    } else if (dice < 985) {
      say('signal');
      dashboard?.machine.signal((['online', 'offline', 'visible', 'hidden'] as const)[upTo(4)] ?? 'online');
    } else if (dice < 989) {
      say('ephemeral');
      for (const node of nodes) {
        node?.hub.tell('typing', { account: 'acc_1', conversation: 'c', author: 'a', state: 'composing' });
      }
    } else if (dice < 992) {
      say(dashboard?.machine.asleep ? 'wake' : 'sleep');
      if (dashboard?.machine.asleep) dashboard.machine.wake();
      else dashboard?.machine.sleep();
    } else if (dice < 995) {
      say('backup');
      store.backup();
    } else if (dice < 997) {
      say('restore');
      await restore();
    } else {
      say('soon');
      clock.runSoon();
    }
    if (chance(0.5)) store.turn();
    if (chance(0.7)) clock.runSoon();
    await settle();
    if (store.killed) {
      say('killed');
      sums.kills += 1;
      await restart(0);
    }
    network.sweep();
    for (const one of dashboards) one.check();
    if (broken !== undefined) throw new Error(broken);
  }

  /** A laptop is shut for an hour while everybody works on. */
  async function nap(): Promise<void> {
    trail.push('nap');
    sums.naps += 1;
    const sleeper = dashboards[upTo(dashboards.length)];
    sleeper?.machine.sleep();
    for (let hour = 0; hour < 3; hour++) {
      await clock.advance(HOUR_MS / 3, async () => {
        if (chance(0.01)) {
          whatsapp.happen();
          whatsapp.deliver(10);
          store.turn();
          for (const wire of network.wires) wire.down(100);
        }
        await quiet();
      });
      network.sweep();
    }
    sleeper?.machine.wake();
  }

  /** Everything is off for days: whoever comes back finds what the window still holds, or is told. */
  async function week(): Promise<void> {
    trail.push('week');
    sums.weeks += 1;
    closeNode(1);
    closeNode(0);
    late.length = 0;
    for (const { machine } of dashboards) machine.sleep();
    clock.jump((chance(0.5) ? 5 : 8) * DAY_MS);
    store.expire(clock.wall() - WINDOW_MS);
    openWriter();
    await openNode(0);
    await openNode(1);
    for (const { machine } of dashboards) machine.wake();
  }

  const napAt = seed % 10 === 0 ? upTo(steps) : -1;
  const weekAt = seed % 3 === 0 ? upTo(steps) : -1;
  for (let count = 0; count < steps; count++) {
    if (count === napAt) await nap();
    if (count === weekAt) await week();
    await step();
  }

  // From here on nothing breaks any more: everything must heal by itself.
  peace = true;
  store.broken = false;
  for (const { machine } of dashboards) if (machine.asleep) machine.wake();
  for (let round = 0; round < 200; round++) {
    whatsapp.deliver(100);
    store.turn();
    if (store.killed) await restart(0);
    carry(100);
    for (const wire of network.wires) {
      wire.down(1_000);
      wire.up(1_000);
    }
    await clock.advance(1_000, quiet);
    // What was refused is heard again on the next link.
    if (round % 5 === 4 && whatsapp.waiting > 0) whatsapp.relink(store.writer);
    network.sweep();
    for (const one of dashboards) one.check();
    if (round > 5 && whatsapp.waiting === 0 && dashboards.every((one) => one.isThere())) break;
  }
  for (const one of dashboards) one.finish();
  if (whatsapp.waiting > 0) fail(`${whatsapp.waiting} stanzas were never acknowledged`);
  const times = new Map<string, number>();
  for (const { waId } of store.rows.messages.values()) times.set(waId, (times.get(waId) ?? 0) + 1);
  for (const waId of whatsapp.acknowledged) {
    if (times.get(waId) !== 1 && !restored.has(waId)) fail(`${waId} is there ${times.get(waId) ?? 0} times`);
  }
  for (const account of ACCOUNTS) {
    const told = store
      .history(account)
      .flatMap(({ type, data }) => (type === 'new_message' ? [String(JSON.parse(data).id)] : []));
    if (new Set(told).size !== told.length) fail(`a message of ${account} was told twice`);
  }
  closeNode(1);
  closeNode(0);
  store.close();
  if (broken !== undefined) throw new Error(broken);
  return sums;
}
