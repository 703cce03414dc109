// The words of the diagnosis: evidence, checks, findings and their degrees; types and small tables alone, nothing is judged here.
import type { Params } from '@pulseline/protocol';
import type { FactKey, Facts } from './facts.ts';
import type { RungId } from './rungs.ts';

/** `crash`: the check itself broke. `unknown`: nothing was seen that would tell. */
export const outcomes = ['pass', 'warn', 'fail', 'skip', 'unknown', 'crash'] as const;
export type Outcome = (typeof outcomes)[number];

/** Where one looks from: the command, the server itself, the web server, a browser page. */
export const vantages = ['cli', 'server', 'web-server', 'browser'] as const;
export type Vantage = (typeof vantages)[number];

export const severities = ['critical', 'error', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** `proven`: what was seen excludes every other candidate. */
export const confidences = ['proven', 'likely', 'possible'] as const;
export type Confidence = (typeof confidences)[number];

export const impacts = ['connect', 'receive', 'send', 'render'] as const;
export type Impact = (typeof impacts)[number];

export const costs = ['instant', 'fast', 'slow'] as const;
export type Cost = (typeof costs)[number];

export const systems = ['win32', 'darwin', 'linux'] as const;
export type System = (typeof systems)[number];
export const shells = ['powershell5', 'powershell7', 'cmd', 'sh'] as const;
export type Shell = (typeof shells)[number];

/** `public` may be shown to anybody, `pseudonym` names a person or account and is hashed in a bundle, `secret` never leaves. */
export const evidenceClasses = ['public', 'pseudonym', 'secret'] as const;
export type EvidenceClass = (typeof evidenceClasses)[number];

/** One thing seen: a fact of {@link Facts}, by whom and when. */
export interface Evidence {
  readonly key: FactKey;
  /** As the key's shape in facts.ts says; parsed before any check sees it. */
  readonly value: unknown;
  readonly class: EvidenceClass;
  /** The collector, or `server` for what /api/diagnosis told. */
  readonly source: string;
  /** Ms since epoch. */
  readonly at: number;
}

/** What a check may know besides evidence: where it is read, and with which addresses. */
export interface Surroundings {
  readonly system: System;
  readonly shell: Shell;
  readonly vantage: Vantage;
  /** Ms since epoch. */
  readonly now: number;
  /** Ports that are wanted. */
  readonly port: number;
  readonly webPort: number;
}

export interface Command {
  readonly shell: Shell;
  readonly text: string;
}

/** What a check found; `undefined` in its stead: this fault is not there. */
export interface Suspicion {
  /** Default: as the check's severity says. */
  readonly outcome?: 'warn' | 'fail';
  /** Default: proven. */
  readonly confidence?: Confidence;
  readonly params?: Params;
  /** The facts that it rests on. */
  readonly seen: readonly FactKey[];
  /** Other checks' ids that the same evidence allows, the likeliest first. */
  readonly rivals?: readonly string[];
  /** What it is about, where there are several: an account, a client. */
  readonly subject?: string;
  /** Rungs whose faults are only this one's effect, though they are lower. */
  readonly explains?: readonly RungId[];
}

/** One fault that can be told from evidence alone. */
export interface Check<Id extends string = string> {
  /** Stable for ever: `R10.upgrade-stripped`. */
  readonly id: Id;
  readonly severity: Severity;
  readonly impacts: readonly Impact[];
  readonly vantage: readonly Vantage[];
  readonly cost: Cost;
  /** Ms that a live fault must last before people are told. */
  readonly timeToVisibleMs: number;
  /** Looked at only when no other check of its rung found anything: it names what no other check knows. */
  readonly fallback: boolean;
  /** Pure. One or several suspicions (one for each account, say). */
  readonly analyse: (facts: Facts, around: Surroundings) => Suspicion | readonly Suspicion[] | undefined;
}

/** A check's whole answer, before it is put into words. */
export interface Finding {
  readonly checkId: string;
  readonly rung: RungId;
  readonly outcome: 'warn' | 'fail' | 'skip' | 'crash';
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly evidence: readonly Evidence[];
  /** Key of the words in words/; the check's id. */
  readonly messageKey: string;
  readonly params: Params;
  /** Check ids, the likeliest first; the finding's own comes first. */
  readonly causes: readonly { readonly checkId: string; readonly confidence: Confidence }[];
  readonly remediation: { readonly commands: readonly Command[]; readonly textKey: string; readonly docsUrl: string };
  readonly impacts: readonly Impact[];
  readonly timeToVisibleMs: number;
  readonly subject?: string;
  /** The check of the lower fault whose effect this is. */
  readonly blockedBy?: string;
  readonly explains?: readonly RungId[];
}
