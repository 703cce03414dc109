// What the doors refused since the start, by code, with the last thing that was refused; a small count, never a log.
import type { Fact } from '@pulseline/diagnosis';

const MAX_CODES = 50;
const MAX_DETAIL = 200;

export class Refusals {
  readonly #counts = new Map<string, { count: number; detail?: string; at: number }>();

  /** `detail`: the Origin or Host that was refused, or what else tells why. */
  count(code: string, at: number, detail?: string): void {
    const known = this.#counts.get(code);
    if (known === undefined && this.#counts.size >= MAX_CODES) return;
    this.#counts.set(code, {
      count: (known?.count ?? 0) + 1,
      at,
      ...(detail !== undefined && { detail: detail.slice(0, MAX_DETAIL) }),
    });
  }

  read(): Fact<'doors.refused'> {
    return [...this.#counts].map(([code, counted]) => ({ code, ...counted }));
  }
}
