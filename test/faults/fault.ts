// The words of the fault lab: a fault that can be made for real, what is expected of the diagnosis, and what it said; it makes and judges nothing.
import type { Words } from '@pulseline/protocol';
import type { Lab } from './lab.ts';

/** What a machine must have for a fault; where it lacks it, the row says so. */
export const needs = {
  linux: 'Linux',
  root: 'root',
  namespaces: 'user and network namespaces',
  chromium: 'Chromium',
  tmpfs: 'the right to mount',
  prlimit: 'prlimit',
  ipv6: 'IPv6 on loopback',
} as const;
export type Need = keyof typeof needs;

/** What the diagnosis said, by whichever face. */
export interface Verdict {
  readonly healthy: boolean;
  /** The report's word: healthy, warnings, fault, incomplete. */
  readonly word: string;
  /** Of the cause; '' where there is none. */
  readonly rung: string;
  readonly checkId: string;
  readonly fix: Words;
  /** Everything that it says about the cause, evidence too. */
  readonly said: Words;
  /** From the question to the answer. */
  readonly ms: number;
  /** Exit code of the command; undefined where another face was asked. */
  readonly exit?: number;
  /** Check ids that were found beside the cause. */
  readonly others: readonly string[];
}

/** A fault that stands now. */
export interface Standing {
  /** Asks the diagnosis. */
  look(): Promise<Verdict>;
  /** Does what the fix says; absent where the remedy lies outside of this machine, or there is none to do. */
  cure?(): Promise<void>;
  /** Asked after the cure, where it is another question than before. */
  lookAgain?(): Promise<Verdict>;
  /** Takes away whatever is left of it. */
  end(): Promise<void>;
}

export interface Expected {
  /** Any of them is right; the first is the catalogue's. */
  readonly ids: readonly string[];
  /** What the fix or the cause must say, in each language. */
  readonly words: { readonly zh: readonly string[]; readonly en: readonly string[] };
}

export interface Fault extends Expected {
  /** The catalogue's number; a `u` stands before those that nobody foresaw. */
  readonly number: string;
  readonly title: Words;
  /** What the user sees. */
  readonly sees: Words;
  /** How it is injected, in English. */
  readonly how: string;
  readonly needs?: readonly Need[];
  /** Also in `npm test`. */
  readonly fast?: boolean;
  /** By recorded evidence in place of the real thing: what belongs to another system. */
  readonly fixture?: boolean;
  /** Ms that physics takes: a kernel's timeout, a heartbeat; 5 s if absent. */
  readonly withinMs?: number;
  /** Rungs that are right where the id is open: for faults that nobody foresaw. */
  readonly rungs?: readonly string[];
  readonly make: (lab: Lab) => Promise<Standing>;
}

/** A fault of the catalogue that no machine of this version can have. */
export interface Absent {
  readonly number: string;
  readonly title: Words;
  readonly why: string;
}

/** A configuration that is healthy, however unusual. */
export interface Healthy {
  readonly name: Words;
  readonly needs?: readonly Need[];
  readonly fast?: boolean;
  readonly make: (lab: Lab) => Promise<Pick<Standing, 'look' | 'end'>>;
}

export interface Pair {
  /** Numbers of faults; the lower one comes first and must be named. */
  readonly lower: string;
  readonly upper: string;
}

export function rungOf(checkId: string): string {
  return checkId.split('.')[0] ?? '';
}
