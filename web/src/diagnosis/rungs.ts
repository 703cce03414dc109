// The ladder as the page draws it: five parts from the page to WhatsApp, each with its rungs from low to high. It judges nothing.
import type { Report, RungId } from '@pulseline/diagnosis';

export const parts = ['page', 'http', 'socket', 'server', 'whatsapp'] as const;
export type Part = (typeof parts)[number];

const partOf = {
  R00: 'server',
  R01: 'http',
  R02: 'http',
  R03: 'http',
  R04: 'http',
  R05: 'http',
  R06: 'http',
  R07: 'page',
  R08: 'http',
  R09: 'page',
  R10: 'socket',
  R11: 'socket',
  R12: 'socket',
  R13: 'socket',
  R14: 'socket',
  R15: 'socket',
  R16: 'whatsapp',
  R17: 'whatsapp',
  R18: 'whatsapp',
  R19: 'whatsapp',
  R20: 'whatsapp',
  R21: 'server',
  R22: 'server',
  R23: 'server',
  R24: 'server',
  R25: 'page',
  R26: 'page',
  R27: 'server',
  R28: 'server',
} as const satisfies Record<RungId, Part>;

/** Looked at by the doctor alone: a page has no eyes for files and processes. */
const unseenHere: ReadonlySet<string> = new Set(['R00', 'R01', 'R03', 'R04', 'R12', 'R27']);

export type DrawnRung = Report['rungs'][number];

/** What is drawn of a report. What a page cannot see is left out until something was found there. */
export function drawn(rungs: Report['rungs']): ReadonlyMap<Part, readonly DrawnRung[]> {
  const shown = rungs.filter(({ rung, outcome }) => outcome !== 'unknown' || !unseenHere.has(rung));
  return new Map(parts.map((part) => [part, shown.filter(({ rung }) => partFor(rung) === part)]));
}

function partFor(rung: string): Part {
  return Object.entries(partOf).find(([id]) => id === rung)?.[1] ?? 'server';
}

/** The worst of several: how a whole part stands. */
export function worst(rungs: readonly DrawnRung[]): DrawnRung['outcome'] {
  const order = ['fail', 'crash', 'warn', 'skip', 'pass'] as const;
  return order.find((outcome) => rungs.some((rung) => rung.outcome === outcome)) ?? 'unknown';
}
