// The bundle for support, as texts by file name: what each collector gave, redacted by type, the findings of what is left, and which collector failed. It packs nothing and asks nobody itself.
import { accountStates, type Language, shape, stages } from '@pulseline/protocol';
import { diagnose } from './diagnose.ts';
import { parseEvidence } from './evidence.ts';
import { factTable } from './facts.ts';
import { checkIds } from './ids.ts';
import { logLines } from './log-lines.ts';
import { type Evidence, type Surroundings, shells, systems, vantages } from './model.ts';
import { type Pseudonym, redact, redactText } from './redact.ts';
import type { Report } from './report.ts';
import { rungIds, rungs } from './rungs.ts';

const { boolean, integer, list, number, object, oneOf, optional, record, string } = shape;

/** What a bundle can hold beside evidence and log, each with the shape that decides what stays. */
export const bundleParts = {
  accounts: list(
    object({
      id: string(200),
      kind: oneOf(['phone', 'sandbox']),
      state: oneOf(accountStates),
      reason: optional(object({ code: string(100) })),
      since: optional(number()),
      nextTryAt: optional(number()),
      attempts: optional(number()),
      stream: optional(string(200)),
    }),
  ),
  config: list(object({ setting: string(100), set: boolean(), value: optional(string(2_000)) })),
  waterfalls: list(object({ id: string(200), stamps: record(number()) }), 200),
  /** The rest is a page's own part: its console, its errors, the state and the picture of /test-ws. */
  console: list(object({ at: number(), level: string(20), text: string(20_000) }), 4_000),
  errors: list(
    object({ at: number(), source: string(40), name: string(200), text: string(20_000), stack: list(string(500)) }),
  ),
  testWs: object({
    at: number(),
    page: string(2_000),
    address: string(2_000),
    language: string(40),
    visible: boolean(),
    viewport: list(number()),
    link: object({
      phase: string(40),
      way: string(40),
      attempts: number(),
      nextTryAt: number(),
      closeCode: number(),
      latency: number(),
      clockOffset: number(),
      counters: record(number()),
    }),
    frames: record(number()),
  }),
  picture: string(500_000),
} as const satisfies Readonly<Record<string, shape.Shape<unknown>>>;
export type BundlePart = keyof typeof bundleParts;

/** Settings whose values may be told: numbers, words and addresses. Of all others only whether they are set. */
const toldSettings: ReadonlySet<string> = new Set([
  'PORT',
  'WEB_PORT',
  'HOST',
  'ALLOWED_ORIGINS',
  'EMULATOR_URL',
  'SEND_PACE',
  'LINK_PREVIEWS',
  'MEDIA_AUTO_MB',
  'MEDIA_MAX_MB',
  'MEDIA_BUDGET_GB',
  'LOG_LEVEL',
  'PULSELINE_LANG',
  'NEXT_PUBLIC_API_BASE_URL',
]);
/** Of these it tells only whether they are set. */
const namedSettings: ReadonlySet<string> = new Set([
  'DATA_DIR',
  'EMULATOR_ROOT',
  'WA_PROXY',
  'PULSELINE_KEY_FILE',
  'PULSELINE_KEY',
  'PULSELINE_OLD_KEY',
  'PULSELINE_KEY_LOST',
]);
/** Every setting that a bundle tells of. */
export const bundleSettings: readonly string[] = [...toldSettings, ...namedSettings];

export interface BundleTask {
  readonly id: BundlePart | 'log';
  /** Its answer is redacted by the part's shape; `log`: JSON lines, the newest last. */
  readonly collect: () => Promise<unknown>;
}

export interface BundleSource {
  readonly version: string;
  readonly lang: Language;
  /** Ms since epoch. */
  readonly at: number;
  readonly around: Surroundings;
  readonly evidence: readonly Evidence[];
  /** Of a recording, in order. */
  readonly recorded?: readonly Report[];
  readonly tasks: readonly BundleTask[];
  readonly hash: Pseudonym;
  /** Ms for one task; `late` resolves after so many. */
  readonly late: (ms: number) => Promise<'late'>;
  /** Called between pieces of long work, where others must be served meanwhile. */
  readonly pause?: () => Promise<void>;
}

/** Characters of the log: its end is what counts. */
const MOST_LOG = 10 * 1_048_576;
const TASK_MS = 5_000;

export const bundleManifest = object({
  bundle: integer(1),
  product: oneOf(['pulseline']),
  version: string(64),
  at: number(),
  system: oneOf(systems),
  shell: oneOf(shells),
  vantage: oneOf(vantages),
  port: integer(),
  webPort: integer(),
  /** The id of the cause, '' = none; `replays`: the redacted evidence gives the same one. */
  cause: string(64),
  replays: boolean(),
});

/** Never throws over a collector: one that fails is named in task-result.json. */
export async function assembleBundle(source: BundleSource): Promise<Readonly<Record<string, string>>> {
  const { around, at, evidence, hash, lang, version } = source;
  const safe = redactEvidence(evidence, hash);
  const run = { version: redactText(version, 'version', hash), runId: hash(String(at)).slice(0, 8), lang, at };
  const findings = diagnose(safe, around, run);
  const cause = diagnose(evidence, around, run).cause?.checkId ?? '';
  const files: Record<string, string> = {};
  const results: object[] = [];
  for (const { id, collect } of source.tasks) {
    try {
      const given = await Promise.race([collect(), source.late(TASK_MS)]);
      if (given === 'late') throw new Error('late');
      if (id === 'log') files['server.log'] = await redactLog(String(given), hash, source.pause);
      else {
        const kept = redactPart(id, given, hash);
        files[id === 'picture' ? 'test-ws.svg' : `${id}.json`] = typeof kept === 'string' ? kept : pretty(kept);
      }
      results.push({ id, ok: true });
    } catch (error) {
      results.push({
        id,
        ok: false,
        error: redactText(error instanceof Error ? error.message : String(error), 'error', hash),
      });
    }
  }
  const manifest = {
    bundle: 1,
    product: 'pulseline',
    version: run.version,
    at,
    system: around.system,
    shell: around.shell,
    vantage: around.vantage,
    port: around.port,
    webPort: around.webPort,
    cause,
    replays: (findings.cause?.checkId ?? '') === cause,
  } as const;
  return {
    'manifest.json': pretty(manifest),
    'findings.json': pretty(findings),
    'evidence.json': pretty(safe),
    ...(source.recorded !== undefined && {
      'recorded.json': pretty(
        source.recorded.map(({ at: when, verdict, cause: found }) => ({ at: when, verdict, cause: found?.checkId })),
      ),
    }),
    ...files,
    'task-result.json': pretty(results),
  };
}

/** The diagnosis again, from the files of a bundle. Throws where they are none. */
export function replayBundle(files: Readonly<Record<string, string>>, lang: Language): Report {
  const manifest = bundleManifest.parse(JSON.parse(files['manifest.json'] ?? ''));
  const evidence = parseEvidence(JSON.parse(files['evidence.json'] ?? ''));
  const { at, port, shell, system, vantage, version, webPort } = manifest;
  return diagnose(evidence, { system, shell, vantage, now: at, port, webPort }, { version, runId: 'bundle', lang, at });
}

/** Each fact by its own shape. What does not fit any more is left out. */
export function redactEvidence(evidence: readonly Evidence[], hash: Pseudonym): readonly Evidence[] {
  return evidence.flatMap((one) => {
    const value = redact(factTable[one.key].of.schema, one.value, hash);
    return value === undefined ? [] : [{ ...one, value, source: one.source === 'server' ? one.source : 'collector' }];
  });
}

function redactPart(id: BundlePart, given: unknown, hash: Pseudonym): unknown {
  if (id === 'picture') return typeof given === 'string' ? redactPicture(given) : undefined;
  const value = id === 'config' ? settingsOf(given) : given;
  const kept = redact(bundleParts[id].schema, value, hash);
  return id === 'config' && Array.isArray(kept)
    ? kept.map((one, index) => ({ ...one, setting: nameOf(value, index) }))
    : kept;
}

const givenSettings = list(object({ setting: string(100), set: boolean(), value: optional(string(2_000)) }), 500);

function settingsOf(given: unknown): readonly object[] {
  return givenSettings
    .parse(given)
    .filter(
      ({ setting }) => /^[A-Z_]{2,40}$/.test(setting) && (toldSettings.has(setting) || namedSettings.has(setting)),
    )
    .map(({ setting, set, value }) => ({
      setting,
      set,
      ...(value !== undefined && toldSettings.has(setting) && { value }),
    }));
}

function nameOf(value: unknown, index: number): string {
  return givenSettings.parse(value)[index]?.setting ?? '';
}

const ownWords: ReadonlySet<string> = new Set([
  ...Object.values(rungs).flatMap(({ name }) => Object.values(name)),
  ...rungIds,
  ...checkIds,
  ...stages,
  ...accountStates,
  'Pulseline',
]);
const shapesOfPicture = /^(svg|g|rect|circle|ellipse|line|path|polyline|polygon|text|tspan|title|defs|style)$/;
const attributes =
  /^(x|y|x1|x2|y1|y2|cx|cy|r|rx|ry|d|dx|dy|width|height|viewBox|points|fill|stroke|stroke-width|font-size|font-weight|text-anchor|opacity|transform)$/;

/** Shapes, numbers and colours; of the words our own alone. */
function redactPicture(svg: string): string {
  return svg
    .slice(0, 500_000)
    .replace(
      /<!--[\s\S]*?-->|<(\/?)([\w:-]*)([^>]*)>|[^<]+/g,
      (part, end: string | undefined, name: string | undefined, inside: string | undefined) => {
        if (name === undefined) return part.startsWith('<') ? '' : wordsOf(part);
        if (!shapesOfPicture.test(name) || name === 'style') return '';
        const kept = [...(inside ?? '').matchAll(/([\w:-]+)="([^"]*)"/g)].filter(
          ([, key = '', value = '']) =>
            attributes.test(key) &&
            /^(#[0-9a-f]{3,8}|none|start|middle|end|[MLHVCSQTAZmlhvcsqtaz\d\s.,()-]*|translate\([\d\s.,-]+\))$/.test(
              value,
            ),
        );
        return `<${end ?? ''}${name}${kept.map(([all]) => ` ${all}`).join('')}${inside?.endsWith('/') === true ? '/' : ''}>`;
      },
    );
}

function wordsOf(text: string): string {
  const bare = text.trim();
  return bare === '' || ownWords.has(bare) || /^[\d\s.:,%/–-]{1,20}( ?ms| ?s)?$/.test(bare) ? text : '…';
}

const numbers = new Set([
  'level',
  'time',
  'port',
  'pid',
  'seq',
  'after',
  'head',
  'steps',
  'attempts',
  'pause',
  'ms',
  'status',
  'values',
]);
const coded = new Set(['code', 'cause', 'reason', 'signal']);
const signals = new Set(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']);
const texts: ReadonlyMap<string, string> = new Map(
  Object.entries(logLines).flatMap(([en, { code, zh }]) => [
    [en, code],
    [zh, code],
  ]),
);
const logLine = record(shape.anything());
/** A place in our own sources. */
const frame =
  /(?:server|protocol|client|emulator|diagnosis)\/src\/[a-z/-]{1,60}\.ts:\d{1,5}|dist\/server\/[\w-]{1,40}\.js:\d{1,6}/g;

/** Lines between two pauses. */
const AT_ONCE = 500;

/** Line by line: times, codes and numbers; the words only where they are our own. */
async function redactLog(text: string, hash: Pseudonym, pause?: () => Promise<void>): Promise<string> {
  const lines = text
    .slice(-MOST_LOG)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const kept: string[] = [];
  for (const [index, line] of lines.entries()) {
    kept.push(redactedLine(line, hash));
    if (index % AT_ONCE === AT_ONCE - 1) await pause?.();
  }
  return kept.join('\n');
}

function redactedLine(line: string, hash: Pseudonym): string {
  try {
    return JSON.stringify(redactLine(logLine.parse(JSON.parse(line)), hash));
  } catch {
    return JSON.stringify({ unread: line.length });
  }
}

function redactLine(fields: Readonly<Record<string, unknown>>, hash: Pseudonym): object {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (numbers.has(name) && typeof value === 'number') kept[name] = value;
    else if (coded.has(name) && typeof value === 'string')
      kept[name] = signals.has(value) || value === 'STARTED' ? value : redactText(value, name, hash);
    else if ((name === 'account' || name === 'stream') && typeof value === 'string')
      kept[name] = redactText(value, name, hash);
    else if (name === 'err') kept['err'] = redactError(value, hash);
    else if (name === 'msg' && typeof value === 'string') kept['msg'] = isOurs(value) ? value : `…${value.length}`;
  }
  return kept;
}

function isOurs(text: string): boolean {
  const state = text.startsWith('WhatsApp: ') ? text.slice(10) : '';
  if (accountStates.some((known) => known === state)) return true;
  return (
    texts.has(text) || /^(Fastify server started on port \d{1,5}|WebSocket service initialized|answered)$/.test(text)
  );
}

function redactError(value: unknown, hash: Pseudonym): object {
  if (typeof value !== 'object' || value === null) return {};
  const {
    message,
    stack,
    code,
    type,
  }: { readonly message?: unknown; readonly stack?: unknown; readonly code?: unknown; readonly type?: unknown } = value;
  return {
    ...(typeof type === 'string' && { type: redactText(type, 'error', hash) }),
    ...(typeof code === 'string' && { code: redactText(code, 'code', hash) }),
    ...(typeof message === 'string' && { message: redactText(message, 'error', hash) }),
    ...(typeof stack === 'string' && { stack: (stack.match(frame) ?? []).slice(0, 30) }),
  };
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}
