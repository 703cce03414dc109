// What the faults that nobody foresaw are written with: a file that is odd, a folder that is gone, a start that is refused; it makes none by itself.
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Need, Standing } from './fault.ts';
import { ENV_FILE, type Lab } from './lab.ts';

export type Making = (lab: Lab) => Promise<Standing>;

/** web/.env.local is this, since before the start. */
export function file(make: (base: string, path: string) => void): Making {
  return async (lab) => {
    await lab.desk();
    make(`http://localhost:${lab.ports[0]}`, join(lab.root, ENV_FILE));
    await lab.restart();
    const back = async (): Promise<void> => {
      lab.remove();
      await lab.restart();
    };
    return { look: () => lab.doctor(), cure: back, end: back };
  };
}

export const holding =
  (text: (base: string) => string | Uint8Array): ((base: string, path: string) => void) =>
  (base, path) =>
    writeFileSync(path, text(base));

/** A folder of the copy is not where it was, with or without a product at work. */
export function without(paths: readonly string[], running: boolean): Making {
  return async (lab) => {
    await lab.desk();
    if (!running) await lab.noDesk();
    const kept = lab.folder();
    for (const [index, path] of paths.entries()) renameSync(join(lab.root, path), join(kept, String(index)));
    const back = async (): Promise<void> => {
      for (const [index, path] of paths.entries()) {
        if (existsSync(join(kept, String(index)))) renameSync(join(kept, String(index)), join(lab.root, path));
      }
      await lab.desk();
    };
    return { look: () => lab.doctor(), cure: back, end: back };
  };
}

/** The product, started with this, which it may refuse. */
export function started(
  env: (lab: Lab) => Readonly<Record<string, string>>,
  wait?: (lab: Lab) => Promise<void>,
): Making {
  return async (lab) => {
    await lab.desk();
    await lab.restart(env(lab));
    await wait?.(lab);
    return { look: () => lab.doctor(), cure: () => lab.restart(), end: () => lab.restart() };
  };
}

export interface Odd {
  readonly id?: string;
  readonly rungs: readonly string[];
  readonly zh: string;
  readonly en: string;
  readonly how: string;
  readonly make: Making;
  readonly needs?: readonly Need[];
  readonly fast?: boolean;
  readonly withinMs?: number;
}
