// The browser's part of a support bundle: console, errors, the state of /test-ws, the report. Everything that a person may have written is taken out here, before anything leaves the tab.
import type { LiveStatus } from '@pulseline/client';
import { checkIdOf, type Report, words } from '@pulseline/diagnosis';
import { durableEvents, ephemeralEvents, type Language, type Words } from '@pulseline/protocol';
import { CONNECTED_LINE, CONNECTING_LINE, FAILED_LINE, NEW_MESSAGE_LINE, RECEIVED_LINE } from '../console-lines.ts';
import type { ConsoleLine, PageError, Printed } from '../console-ring.ts';
import type { Proofs } from '../proofs.ts';
import { harmless, place } from './harmless.ts';
import { picture } from './picture.ts';

export interface TabState {
  readonly at: number;
  readonly location: string;
  readonly userAgent: string;
  readonly language: string;
  readonly viewport: readonly [number, number];
  readonly visible: boolean;
  readonly lines: readonly ConsoleLine[];
  readonly errors: readonly PageError[];
  readonly status: LiveStatus;
  readonly proofs: Proofs;
  /** Frames received, by type. */
  readonly byType: ReadonlyMap<string, number>;
  readonly report: Report | undefined;
}

export interface BrowserPart {
  readonly console: readonly { readonly at: number; readonly level: string; readonly text: string }[];
  readonly errors: readonly {
    readonly at: number;
    readonly source: string;
    readonly name: string;
    readonly text: string;
    readonly stack: readonly string[];
  }[];
  readonly testWs: Readonly<Record<string, unknown>>;
  readonly report: Report | undefined;
  /** SVG. */
  readonly picture: string;
}

const types: ReadonlySet<string> = new Set([...Object.keys(durableEvents), ...Object.keys(ephemeralEvents)]);

export function browserPart(tab: TabState): BrowserPart {
  const report = tab.report && withoutPersons(tab.report);
  return {
    console: tab.lines.map(({ at, level, parts }) => ({ at, level, text: lineOf(parts) })),
    errors: tab.errors.map(({ at, source, name, text, stack }) => ({
      at,
      source,
      name: harmless(name),
      text: harmless(text),
      stack: placesOf(stack),
    })),
    testWs: testWs(tab),
    report,
    picture: picture(tab, report),
  };
}

function testWs({ at, location, userAgent, language, viewport, visible, status, proofs, byType }: TabState) {
  const { phase, way, attempts, nextTryAt, failure, latency, clockOffset, build, counters } = status;
  return {
    at,
    page: place(location),
    userAgent,
    language,
    viewport,
    visible,
    link: { phase, way, attempts, nextTryAt, closeCode: failure?.code, latency, clockOffset, build, counters },
    address: place(status.url),
    proofs,
    frames: Object.fromEntries([...byType].filter(([type]) => types.has(type))),
  };
}

/**
 * The report to give away: what names a person, an account or an address stays here. Titles and fixes stand as the catalogue has
 * them, with their parameters left open; evidence that is not public is left out.
 */
export function withoutPersons(report: Report): Report {
  return {
    ...report,
    cause: report.cause && nobodys(report.cause),
    findings: report.findings.map(nobodys),
    summary: report.cause === null ? report.summary : titleOf(report.cause.checkId),
  };
}

type Told = Report['findings'][number];

function nobodys(told: Told): Told {
  const { subject: _, ...finding } = told;
  const id = checkIdOf(finding.checkId);
  const fix = (language: Language) => ({
    text: id === undefined ? '' : words[id].fix[language],
    commands: [],
    docsUrl: finding.fix[language].docsUrl,
  });
  return {
    ...finding,
    title: titleOf(finding.checkId),
    params: {},
    fix: { zh: fix('zh'), en: fix('en') },
    causes: finding.causes.map((cause) => ({ ...cause, title: titleOf(cause.checkId) })),
    evidence: finding.evidence.filter((seen) => seen.class === 'public'),
  };
}

function titleOf(checkId: string): Words {
  const id = checkIdOf(checkId);
  return id === undefined ? { zh: checkId, en: checkId } : words[id].title;
}

const ownLines: readonly string[] = [CONNECTED_LINE, RECEIVED_LINE, NEW_MESSAGE_LINE, CONNECTING_LINE];

function lineOf(parts: ConsoleLine['parts']): string {
  return parts.map((part) => (typeof part === 'string' ? textOf(part) : printedAs(part))).join(' ');
}

function printedAs({ type, seq }: Printed): string {
  if (!types.has(type)) return '{…}';
  return seq === undefined ? `{${type}}` : `{${type} ${seq}}`;
}

/** Our own lines stay as they are, but for addresses. */
function textOf(text: string): string {
  if (ownLines.includes(text)) return text;
  const failed = text.startsWith(FAILED_LINE) ? /\((\S+), (\d{4})\)/.exec(text) : null;
  if (failed !== null) return `${FAILED_LINE} (${place(failed[1] ?? '')}, ${failed[2]})`;
  return harmless(text);
}

/** Where in our scripts it happened. */
function placesOf(stack: string): readonly string[] {
  return [...stack.matchAll(/(\/_next\/static\/[\w/.~-]+):(\d+):(\d+)/g)]
    .slice(0, 30)
    .map(
      ([, path = '', line, column]) =>
        `${place(`http://localhost${path}`).replace('http://localhost', '')}:${line}:${column}`,
    );
}
