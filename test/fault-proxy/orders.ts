// The words of the proxy's command line: one line of text becomes one order; it does nothing itself.
import type { Cut, Direction, FaultChange } from './proxy.ts';

export type Order =
  | { readonly do: 'set'; readonly change: FaultChange }
  | { readonly do: 'cut'; readonly how: Cut }
  | { readonly do: 'half-close'; readonly direction: Direction }
  | { readonly do: 'clear' }
  | { readonly do: 'counters' };

export const usage = `orders, one a line:
  up|down|both delay <ms> | rate <bytes a second> | fragment <bytes> | stall [off] | blackhole [off] | strip [off]
  refuse [off] | idle <ms> [rst|fin|silent] | cut rst|fin|silent | half-close up|down | clear | counters
  (up = client to target, down = back; 0 takes delay, rate, fragment and idle back)`;

const words = {
  direction: ['up', 'down', 'both'],
  cut: ['rst', 'fin', 'silent'],
} as const;

/** undefined if the line is no order. */
export function parseOrder(line: string): Order | undefined {
  const [first = '', second = '', third = '', ...rest] = line.trim().split(/\s+/);
  if (rest.length > 0) return undefined;
  const lane = words.direction.find((word) => word === first);
  if (lane !== undefined) {
    const faults = laneChange(second, third);
    return faults && { do: 'set', change: { [lane]: faults } };
  }
  const how = words.cut.find((word) => word === (first === 'idle' ? third : second));
  switch (first) {
    case 'clear':
    case 'counters':
      return second === '' ? { do: first } : undefined;
    case 'refuse': {
      const on = toggle(second);
      return on === undefined || third !== '' ? undefined : { do: 'set', change: { refuse: on } };
    }
    case 'idle': {
      const idleMs = amount(second);
      if (idleMs === undefined || (third !== '' && how === undefined)) return undefined;
      return { do: 'set', change: { idleMs, ...(how && { idleCut: how }) } };
    }
    case 'cut':
      return how === undefined || third !== '' ? undefined : { do: 'cut', how };
    case 'half-close':
      return (second === 'up' || second === 'down') && third === ''
        ? { do: 'half-close', direction: second }
        : undefined;
    default:
      return undefined;
  }
}

function laneChange(fault: string, value: string): FaultChange['both'] | undefined {
  if (fault === 'stall' || fault === 'blackhole' || fault === 'strip') {
    const on = toggle(value);
    if (on === undefined) return undefined;
    if (fault === 'strip') return { stripUpgrade: on };
    return fault === 'stall' ? { stalled: on } : { blackhole: on };
  }
  const number = amount(value);
  if (number === undefined) return undefined;
  if (fault === 'delay') return { delayMs: number };
  if (fault === 'rate') return { bytesPerSecond: number };
  return fault === 'fragment' ? { fragmentBytes: number } : undefined;
}

function toggle(word: string): boolean | undefined {
  if (word === '' || word === 'on') return true;
  return word === 'off' ? false : undefined;
}

function amount(word: string): number | undefined {
  return /^\d{1,9}$/.test(word) ? Number(word) : undefined;
}
