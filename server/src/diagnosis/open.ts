// The server's own diagnosis: looks at itself on a slow beat, keeps the faults that stand, tells dashboards and the log of them, and answers whoever asks.
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  diagnose,
  type Evidence,
  evidenceOf,
  type Fact,
  judge,
  type Report,
  type Surroundings,
  tell,
} from '@pulseline/diagnosis';
import { CANARY_STREAM, type Language } from '@pulseline/protocol';
import { Gauge, type Registry as Metrics } from 'prom-client';
import type { Bus, Ring } from '../bus/port.ts';
import type { Commands } from '../inbox/commands.ts';
import type { HubLog } from '../live/port.ts';
import type { AccountRow, Commit, Store } from '../store/port.ts';
import { Canary, type CanaryParts, type Flight } from './canary.ts';
import { type EgressParts, tryWays, type Way } from './egress.ts';
import { type Looked, look, type Refusal, refusalOf } from './look.ts';
import { identityOf, processorWait } from './machine.ts';
import { LooksMemory } from './memory-of-looks.ts';
import { Pulse } from './pulse.ts';
import { Refusals } from './refusals.ts';
import { type Registry, step } from './registry.ts';
import { StageTimes } from './stage-times.ts';

export interface DiagnosisParts
  extends Omit<Looked, 'opened' | 'memory' | 'pulse' | 'refusals' | 'stages' | 'salt' | 'store' | 'hub'> {
  readonly store: Looked['store'] & Pick<Store<Commands>, 'writer' | 'onCommit' | 'probe'>;
  readonly hub: Looked['hub'] & CanaryParts['hub'] & Pick<import('../live/port.ts').Hub, 'tell' | 'forget'>;
  readonly bus: Bus;
  /** How the accounts that have no link would go out. */
  readonly ways: (rows: readonly AccountRow[]) => readonly Way[];
  readonly egress: EgressParts;
  readonly tester: CanaryParts['tester'];
  readonly stages: StageTimes;
  readonly metrics: Metrics;
  readonly version: string;
  readonly language: Language;
  readonly log: HubLog;
}

/** What the doors ask. */
export interface Diagnosis {
  /** Looks now, the canary included. */
  ask(): Promise<{ readonly evidence: readonly Evidence[]; readonly report: Report }>;
  /** Errors: CANARY_TOO_SOON. */
  canary(probeId: string, connection?: string): Promise<Flight>;
  refused(code: string, detail?: string): void;
}

/** Ms between looks, and from the start to the first. */
const LOOK_MS = 5_000;
/** Looks between two beats of the canary: one a minute. */
const LOOKS_A_BEAT = 12;
/** The way out is tried at most so often, and by itself only after an account has sought it for so long. */
const EGRESS_APART_MS = 15_000;
/** An answer asked for again within so long is the same. */
const ANSWER_HOLDS_MS = 1_000;

export function openDiagnosis(parts: DiagnosisParts): Diagnosis & { close(): Promise<void> } {
  const { store, bus, hub, log, metrics, version, language } = parts;
  const wall = (): number => performance.timeOrigin + performance.now();
  const memory = new LooksMemory();
  const refusals = new Refusals();
  const pulse = new Pulse({ now: () => performance.now(), wall: Date.now, waited: processorWait() });
  const looked: Looked = {
    ...parts,
    opened: identityOf(join(parts.dataDir, parts.database)),
    memory,
    refusals,
    pulse,
    salt: randomBytes(16).toString('hex'),
  };
  const resources = new Map<string, { count: number; at: number }>();
  let flight: Flight | undefined;
  let refusal: Refusal | undefined;
  let standing: Registry = new Map();
  let looks = 0;
  let way: { readonly at: number; readonly egress: Promise<Fact<'wa.egress'> | undefined> } | undefined;
  let closed = false;
  let running: Promise<void> | undefined;
  let last: { readonly at: number; readonly answer: ReturnType<Diagnosis['ask']> } | undefined;

  const canary = new Canary({
    tester: parts.tester,
    write: (data) => store.writer.run('canary', { data }),
    refused(error) {
      refusal = refusalOf(error, Date.now(), refusal);
    },
    queries: store.queries,
    ring: (ring) => bus.ring(ring),
    hub,
    now: wall,
    after: (ms, call) => {
      const timer = setTimeout(call, ms).unref();
      return () => clearTimeout(timer);
    },
  });
  const silences = [
    store.onCanary((commit) => canary.committed(commit)),
    bus.listen((ring: Ring) => {
      if (ring.stream === CANARY_STREAM) canary.rung(ring);
    }),
    store.onCommit((commit) => noteFlaps(commit, memory)),
    pulse.run(),
  ];

  async function fly(probeId: string, connection?: string): Promise<Flight> {
    flight = await canary.fly(probeId, connection);
    // What was written says that an earlier refusal is over.
    if (flight.stages['committed'] !== undefined) refusal = undefined;
    return flight;
  }

  const around = (now: number): Surroundings => {
    const { api, web } = parts.port();
    const { platform } = process;
    const system = platform === 'win32' || platform === 'darwin' ? platform : 'linux';
    return {
      system,
      shell: system === 'win32' ? 'powershell5' : 'sh',
      vantage: 'server',
      now,
      port: api,
      webPort: web,
    };
  };

  /** Only while an account has no link: otherwise the link itself is the proof. */
  async function goOut(asked: boolean): Promise<Fact<'wa.egress'> | undefined> {
    const rows = await store.queries.accounts().catch(() => []);
    const patience = asked ? 0 : EGRESS_APART_MS;
    const ways = parts.ways(rows.filter(({ account }) => Date.now() - account.since >= patience));
    if (ways.length === 0) return undefined;
    const now = performance.now();
    if (way === undefined || now - way.at >= (asked ? ANSWER_HOLDS_MS : EGRESS_APART_MS))
      way = { at: now, egress: tryWays(ways, parts.egress) };
    return way.egress;
  }

  async function seen(now: number, egress: Fact<'wa.egress'> | undefined): Promise<readonly Evidence[]> {
    return evidenceOf(await look(looked, { flight, egress, refusal, resources }, now), 'server', now);
  }

  /** Now and then the canary flies; at once when something is wrong with the store, so that its end is seen too. */
  async function watch(): Promise<void> {
    if (looks % LOOKS_A_BEAT === 0 || refusal !== undefined || !(await isWritable())) await fly(`beat_${looks}`);
    looks += 1;
    const now = Date.now();
    const evidence = await seen(now, await goOut(false));
    const [after, changes] = step(standing, judge(evidence, around(now)).findings, now);
    standing = after;
    for (const { change, standing: one } of changes) {
      const { id, firstSeen: since } = one;
      const finding = tell(one.finding);
      if (change === 'appeared') {
        log.warn(
          { check: finding.checkId, id, since, fix: finding.fix[language].text, docs: finding.fix[language].docsUrl },
          finding.title[language],
        );
        hub.tell('finding', { id, state: 'standing', since, finding }, { keep: `finding ${id}` });
      } else {
        log.info({ check: finding.checkId, id, since }, 'a fault is over');
        hub.forget(`finding ${id}`);
        hub.tell('finding', { id, state: 'gone', since });
      }
    }
  }

  async function isWritable(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), ANSWER_HOLDS_MS).unref();
    });
    const answer = await Promise.race([store.probe().catch(() => false), late]);
    clearTimeout(timer);
    return answer;
  }

  const timer = setInterval(() => {
    if (closed || running !== undefined) return;
    running = watch()
      .catch((error: unknown) => log.warn({ err: error }, 'the server could not look at itself'))
      .finally(() => {
        running = undefined;
      });
  }, LOOK_MS).unref();

  new Gauge({
    name: 'pulseline_findings',
    help: 'Faults that the server has found in itself and that stand, by check',
    labelNames: ['check'],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { finding, visible } of standing.values()) if (visible) this.inc({ check: finding.checkId });
    },
  });
  new Gauge({
    name: 'pulseline_canaries_flying',
    help: 'Test messages whose end is not known yet',
    registers: [metrics],
    collect() {
      this.set(canary.flying);
    },
  });

  async function answer(): ReturnType<Diagnosis['ask']> {
    const begun = Date.now();
    const [egress] = await Promise.all([goOut(true), fly(`ask_${begun}`)]);
    const now = Date.now();
    const evidence = await seen(now, egress);
    const run = { version, runId: randomUUID(), lang: language, at: begun, ms: now - begun };
    return { evidence, report: diagnose(evidence, around(now), run) };
  }

  return {
    ask() {
      const now = performance.now();
      if (last === undefined || now - last.at > ANSWER_HOLDS_MS) last = { at: now, answer: answer() };
      return last.answer;
    },
    async canary(probeId, connection) {
      flight = await canary.ask(probeId, connection);
      return flight;
    },
    refused: (code, detail) => refusals.count(code, Date.now(), detail),
    async close() {
      closed = true;
      clearInterval(timer);
      for (const silence of silences) silence();
      await running;
    },
  };
}

/** A link that comes up or goes down. */
function noteFlaps({ events }: Commit, memory: LooksMemory): void {
  for (const { type, stream, data, at } of events) {
    const [, status] = type === 'whatsapp_status' ? (/"status":"(READY|DISCONNECTED)"/.exec(data) ?? []) : [];
    if (status !== undefined) memory.flapped(stream, status === 'READY', at);
  }
}
