'use client';
// The faults that the server has found in itself and that have lasted, as `finding` frames tell them, and those that the reader has put away. It judges nothing.
import { shape } from '@pulseline/protocol';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { shelf } from './kept.ts';

const { anything, integer, object, oneOf, optional, record, string } = shape;

const told = object({
  id: string(300),
  state: oneOf(['standing', 'gone']),
  /** When the fault began, ms since epoch. */
  since: integer(),
  finding: optional(record(anything())),
});

export interface StandingFault {
  readonly id: string;
  readonly since: number;
  /** As GET /api/diagnosis has it; parsed by what shows it. */
  readonly finding: Readonly<Record<string, unknown>>;
}

export type Faults = ReadonlyMap<string, StandingFault>;

const MAX_FAULTS = 100;
const MAX_DISMISSED = 50;
const DISMISSED = 'pulseline.dismissed';

const store = createStore<{ readonly faults: Faults; readonly dismissed: readonly string[] }>(() => ({
  faults: new Map(),
  dismissed: [],
}));

/** A frame's data -> the faults that stand now; pure. What cannot be read changes nothing. */
export function withFinding(faults: Faults, data: unknown): Faults {
  if (!shape.fits(told, data)) return faults;
  const { id, state, since, finding } = data;
  const next = new Map(faults);
  next.delete(id);
  if (state === 'standing' && finding !== undefined && next.size < MAX_FAULTS) next.set(id, { id, since, finding });
  return next;
}

const severities = ['critical', 'error', 'warning'] as const;

/** A fault that changed, or came back, is another one than was put away. */
export function dismissalOf({ id, since, finding }: StandingFault): string {
  return `${id} ${since} ${String(finding['severity'])}`;
}

/** The one that people are told: the most severe, then the oldest. What only informs is no reason to interrupt. */
export function foremost(faults: Faults, dismissed: readonly string[]): StandingFault | undefined {
  const rank = ({ finding }: StandingFault): number => severities.findIndex((one) => one === finding['severity']);
  return [...faults.values()]
    .filter((fault) => rank(fault) >= 0 && !dismissed.includes(dismissalOf(fault)))
    .sort((a, b) => rank(a) - rank(b) || a.since - b.since)[0];
}

export function hearFinding(data: unknown): void {
  store.setState(({ faults }) => ({ faults: withFinding(faults, data) }));
}

/** A new connection is told everything that stands. */
export function forgetFindings(): void {
  if (store.getState().faults.size > 0) store.setState({ faults: new Map() });
}

export function dismiss(fault: StandingFault): void {
  const dismissed = [...readDismissed(), dismissalOf(fault)].slice(-MAX_DISMISSED);
  store.setState({ dismissed });
  try {
    shelf().setItem(DISMISSED, JSON.stringify(dismissed));
  } catch {
    // A browser that keeps nothing asks again in the next tab.
  }
}

const dismissals = shape.list(string(500), MAX_DISMISSED);

function readDismissed(): readonly string[] {
  try {
    return dismissals.parse(JSON.parse(shelf().getItem(DISMISSED) ?? '[]'));
  } catch {
    return [];
  }
}

export function loadDismissed(): void {
  store.setState({ dismissed: readDismissed() });
}

export function useForemostFault(): StandingFault | undefined {
  return useStore(store, ({ faults, dismissed }) => foremost(faults, dismissed));
}
