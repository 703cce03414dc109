// The map of the server: opens each part in the order of a message's way, joins them, and closes them in reverse. It decides nothing itself.
import { randomUUID } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CANARY_STREAM, CodedError, durableEvents, shape } from '@pulseline/protocol';
import { createMemoryBus } from './bus/memory.ts';
import { type Config, repositoryRoot } from './config.ts';
import { Counters } from './counters.ts';
import { openDiagnosis } from './diagnosis/open.ts';
import { StageTimes } from './diagnosis/stage-times.ts';
import { openDialling, unlinked } from './dialling.ts';
import { openDisappearing } from './disappearing.ts';
import { foreignEmulator, openEmulator } from './emulator.ts';
import { openForgetting } from './forgetting.ts';
import { buildApi } from './http/app.ts';
import { readApiBase } from './http/env-file.ts';
import { listen } from './http/listen.ts';
import type { Ports } from './http/local-mode.ts';
import { openMetrics } from './http/metrics.ts';
import { buildPages } from './http/pages.ts';
import type { Commands } from './inbox/commands.ts';
import { readKeys } from './key-file.ts';
import { aimAt, killPoint } from './kill-point.ts';
import { createHub } from './live/hub.ts';
import { type Log, logStates, openLog } from './log.ts';
import { Decoder } from './media/decoder.ts';
import { MediaFiles } from './media/files.ts';
import { openUpkeep } from './media/upkeep.ts';
import { measureCounters, measureDecoder, measureDeliveries, measureParts, measureWorkers } from './metrics.ts';
import { openPictures } from './pictures.ts';
import { type Choices, type Pulseline, run } from './process.ts';
import { QueueLengths } from './queue-lengths.ts';
import { keepSmall } from './quiet-memory.ts';
import { openRetention } from './retention.ts';
import { tellRunning } from './running.ts';
import { openSightings } from './sightings.ts';
import { DATABASE, openStore } from './store/open-thread.ts';
import { calledAfter, spawnThread, startDecoder } from './threads.ts';
import { openFleet } from './whatsapp/fleet.ts';
import { destination, ProxyFailed } from './whatsapp/proxy.ts';
import { openWhispers, passTyping } from './whispers.ts';

const manifest = shape.object({ version: shape.string() });

/** What is young dies young here: V8 would let each thread have 48 MB of it before it looks. */
const THREAD_MEMORY = { maxYoungGenerationSizeMb: 12 };

/** Ms that dashboards get to take what was written to them. */
const DRAIN = 2_000;

/** Errors: PORT_TAKEN, DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE, SCHEMA_NEWER, STORE_FAILED; nothing stays open behind them. */
export async function open(
  config: Config,
  { apiOnly = false, log = openLog({ level: config.logLevel }).log, keepLog, onLost }: Choices = {},
): Promise<Pulseline> {
  const closers: (() => Promise<unknown>)[] = [];
  const atEnd = (close: () => Promise<unknown>): void => {
    closers.unshift(close);
  };
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= closeAll(closers, log);
    return closed;
  };
  const web = join(repositoryRoot, 'web');
  const metrics = openMetrics();
  let ports: Ports = { api: config.port, web: config.webPort };

  try {
    const letGrow = keepSmall();
    atEnd(async () => letGrow());

    // 3. remember
    const store = await openStore<Commands>({
      dir: config.dataDir,
      language: config.language,
      spawn: (data) => spawnThread('writer', { workerData: data, resourceLimits: THREAD_MEMORY }),
      onFault: (fault) => log.error({ fault }, 'a decision failed'),
      keys: (sealedBy) =>
        readKeys(config, sealedBy, (file) => log.warn({ file }, 'the key file could be read by others')),
      onResealed: (values) => log.info({ values }, 'login credentials were encrypted anew by the current key'),
      onLost: (error) => {
        log.fatal({ err: error }, 'the store is gone; nothing is accepted until a restart');
        onLost?.(new CodedError('STORE_LOST', error.params, error));
      },
    });
    atEnd(() => store.close());
    if (keepLog !== undefined) atEnd(await keepLog(join(config.dataDir, 'logs')));
    const { queries } = store;

    // 4. wake, 5. tell
    const stages = new StageTimes(metrics, () => performance.now());
    const bus = createMemoryBus();
    atEnd(() => bus.close());
    const made = createHub({
      queries,
      log,
      language: config.language,
      ...buildOf(web),
      onTyping: (typing) =>
        passTyping(typing, queries, fleet).catch((error: unknown) => log.warn({ err: error }, 'typing')),
      onLatency: measureDeliveries(metrics),
      onStage: (stage, ms) => stages.passed(stage, ms),
    });
    const hub = killPoint === undefined ? made : aimAt(made, killPoint);
    atEnd(() => hub.close());
    await hub.open();
    const silence = bus.listen((ring) => {
      if (ring.stream !== CANARY_STREAM) hub.rung(ring);
    });
    atEnd(async () => silence());
    const counters = new Counters(queries, () => hub.heads());
    await counters.open();
    const forgetting = openForgetting({ queries, writer: store.writer, log });
    atEnd(() => forgetting.close());
    const queues = new QueueLengths({
      count: async (account) => (await store.writer.run('count_queue', { account })).queued,
      after: calledAfter,
      onError: (error) => log.warn({ err: error }, 'an outbox was not counted'),
    });
    atEnd(async () => queues.close());
    const sightings = openSightings({
      queries,
      writer: store.writer,
      log,
      now: Date.now,
      every: (ms, call) => {
        const timer = setInterval(call, ms).unref();
        return () => clearInterval(timer);
      },
    });
    atEnd(async () => sightings.close());
    store.onCommit((commit) => {
      counters.committed(commit);
      hub.publish(commit);
      queues.committed(commit);
      sightings.committed(commit);
      forgetting.committed(commit);
      logStates(commit.events, log);
      for (const { stream, epoch, seq } of commit.events) bus.ring({ stream, epoch, seq });
    });
    measureParts(metrics, hub, store);
    measureCounters(metrics, counters);

    // 1. hear
    const emulator =
      config.emulatorUrl === undefined
        ? openEmulator(
            (ports) =>
              spawnThread('emulator', {
                workerData: { dir: join(config.dataDir, 'emulator'), fewPreKeys: true, ports },
              }),
            log,
          )
        : foreignEmulator({
            url: config.emulatorUrl,
            ...(config.emulatorRoot !== undefined && { root: config.emulatorRoot }),
          });
    atEnd(() => emulator.close());
    const whispers = openWhispers(
      hub,
      queries,
      Date.now,
      (error) => log.warn({ err: error }, 'a whisper was lost'),
      (account, address) => void pictures.forget(account, address).catch(() => undefined),
    );
    const mediaDir = join(config.dataDir, 'media');
    const files = new MediaFiles(mediaDir);
    await files.open();
    const decoder = new Decoder({ start: startDecoder, after: calledAfter });
    atEnd(async () => decoder.close());
    measureDecoder(metrics, decoder);
    const upkeep = openUpkeep({
      files,
      queries,
      writer: store.writer,
      log,
      budget: config.mediaBudget,
      now: Date.now,
    });
    atEnd(() => upkeep.close());
    const fleet = openFleet({
      media: { dir: mediaDir, unasked: config.mediaAuto, wanted: config.mediaMax },
      spawn: (data, transfer) =>
        spawnThread('worker', { workerData: data, transferList: [...transfer], resourceLimits: THREAD_MEMORY }),
      connect: () => store.connect(),
      commit: (batch) => store.writer.run('ingest', batch),
      whisper: whispers.hear,
      language: config.language,
      ...(config.pace !== undefined && { pace: config.pace }),
      previews: config.previews,
      log,
    });
    atEnd(() => fleet.close());
    const pictures = openPictures({
      folder: join(config.dataDir, 'pictures'),
      fetch: (account, chat) => fleet.ask(account, { do: 'picture', chat }),
      now: Date.now,
    });
    const retention = openRetention({ queries, writer: store.writer, log, now: Date.now });
    atEnd(() => retention.close());
    const disappearing = openDisappearing({ queries, writer: store.writer, log, now: Date.now });
    atEnd(() => disappearing.close());
    store.onCommit(({ events }) => {
      if (events.some(({ type }) => type === 'account_update')) void retention.look();
      for (const { type, data } of events) if (type === 'account_removed') void pictures.forgetAccount(idIn(data));
    });
    measureWorkers(metrics, fleet);
    const dialling = openDialling(fleet, emulator.reach, config.proxy, log);
    const left = unlinked(await queries.accounts(), Date.now());
    await Promise.all(left.map((batch) => store.writer.run('ingest', batch)));

    const instance = { id: randomUUID(), version: version(), startedAt: Date.now() };
    const diagnosis = openDiagnosis({
      store,
      hub,
      bus,
      counters,
      stages,
      metrics,
      log,
      language: config.language,
      version: instance.version,
      dataDir: config.dataDir,
      database: DATABASE,
      port: () => ports,
      hosts: config.hosts,
      ways: dialling.ways,
      hearing: fleet.hearing,
      tester: fleet.tester,
      egress: {
        agentOf: ({ url, emulated, proxy }) =>
          destination({ ...(emulated && { url: url.href }), ...(proxy !== undefined && { proxy }) }, url).agent,
        isProxyFault: (error) => error instanceof ProxyFailed,
      },
    });
    atEnd(() => diagnosis.close());

    // the doors
    const shared = { language: config.language, allowedOrigins: config.allowedOrigins, ports: () => ports, log };
    const api = buildApi({
      ...shared,
      instance,
      store,
      fleet: {
        ...fleet,
        ring: (account, queue) => {
          fleet.ring(account, queue);
          queues.mark(account);
        },
      },
      dialling,
      media: {
        files,
        pictures: decoder,
        most: config.mediaMax,
        ...(config.mediaBudget !== undefined && { budget: config.mediaBudget }),
        forget: upkeep.forget,
        look: upkeep.look,
      },
      qrCodes: whispers.qrCodes,
      pictures,
      sandbox: emulator,
      live: hub,
      metrics,
      counters,
      diagnosis,
      ...(keepLog !== undefined && { logFolder: join(config.dataDir, 'logs') }),
      now: Date.now,
    });
    atEnd(() => api.close());
    atEnd(() => hub.drain(DRAIN));
    ports = { ...ports, api: await listen(api, config.hosts, config.port, 'PORT') };
    if (!apiOnly) {
      const { origin, refused, repaired, source } = readApiBase(web, process.env);
      if (refused !== undefined)
        log.warn({ source, value: refused }, 'NEXT_PUBLIC_API_BASE_URL is no address and is ignored');
      if (repaired !== undefined)
        log.warn({ source, repaired, origin }, 'an env file that Next cannot read was read as meant');
      const pages = buildPages({
        ...shared,
        folder: join(web, 'out'),
        apiOrigin: origin,
        now: () => performance.now(),
      });
      atEnd(() => pages.close());
      ports = { ...ports, web: await listen(pages, config.hosts, config.webPort, 'WEB_PORT') };
    }
    const { id: instanceId, ...rest } = instance;
    const told = { pid: process.pid, instanceId, ...rest, port: ports.api, ...(!apiOnly && { webPort: ports.web }) };
    const untell = tellRunning(config.dataDir, told);
    atEnd(async () => untell());
    // Only now: its thread would take the processor from the first answer.
    emulator.begin();
    const rows = await queries.accounts();
    dialling.connectAll(rows);
    for (const { account } of rows) queues.mark(account.id);
  } catch (error) {
    await close();
    throw error;
  }
  return { ports, apiUrl: `http://localhost:${ports.api}`, webUrl: `http://localhost:${ports.web}`, close };
}

function idIn(data: string): string {
  return durableEvents.account_removed.parse(JSON.parse(data)).id;
}

/** In order; what cannot be closed does not keep the rest open. */
async function closeAll(closers: readonly (() => Promise<unknown>)[], log: Log): Promise<void> {
  for (const close of closers) await close().catch((error: unknown) => log.error({ err: error }, 'closing failed'));
}

function version(): string {
  const { version } = manifest.parse(JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')));
  return version;
}

/** The build of the pages, told to open tabs so that old ones can offer a reload. */
function buildOf(web: string): { build?: string } {
  try {
    return { build: readFileSync(join(web, 'out', '.stamp'), 'utf8').slice(0, 16) };
  } catch {
    return {};
  }
}

/** Runs the product as this process until it is ended. */
export async function start(): Promise<void> {
  await run(open);
}

const executed = process.argv[1];
if (executed !== undefined && realpathSync(executed) === fileURLToPath(import.meta.url)) await start();
