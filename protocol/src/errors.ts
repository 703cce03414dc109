// The one error table: every code that a person or a program can meet, with its status, whether trying again helps, and its words in both languages.

import { accounts } from './errors-of-accounts.ts';
import { archive } from './errors-of-archive.ts';
import { diagnosis } from './errors-of-diagnosis.ts';
import { doctor } from './errors-of-doctor.ts';
import { doors } from './errors-of-doors.ts';
import { groups } from './errors-of-groups.ts';
import { files } from './errors-of-media.ts';
import { starting } from './errors-of-starting.ts';
import { team } from './errors-of-team.ts';
import type { Language, Words } from './language.ts';

export interface ErrorEntry {
  /** HTTP status, where the code can leave over HTTP. */
  readonly status?: number;
  /** Does the same request help later, unchanged? */
  readonly retry: boolean;
  /** What happened. `{name}` is filled from the parameters. */
  readonly title: Words;
  /** What to do. */
  readonly fix: Words;
}

const table = {
  ...doors,
  ...accounts,
  ...starting,
  ...archive,
  ...team,
  ...doctor,
  ...files,
  ...groups,
  ...diagnosis,
} as const;

export type ErrorCode = keyof typeof table;
export const errors: Readonly<Record<ErrorCode, ErrorEntry>> = table;
export const errorCodes: readonly ErrorCode[] = Object.keys(table).filter((code): code is ErrorCode => code in table);

export type Params = Readonly<Record<string, string | number>>;

/** An error that a person will read: a code of the table and the parameters of its words. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly params: Params;
  constructor(code: ErrorCode, params: Params = {}, cause?: unknown) {
    super(fill(errors[code].title.en, params), cause === undefined ? undefined : { cause });
    this.name = 'CodedError';
    this.code = code;
    this.params = params;
  }
}

/** Puts parameters into `{name}` places; a missing one leaves the place empty. */
export function fill(words: string, params: Params): string {
  return words.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''));
}

/** Title and fix of a code in one language. */
export function explain(code: ErrorCode, language: Language, params: Params = {}): { text: string; fix: string } {
  const entry = errors[code];
  return { text: fill(entry.title[language], params), fix: fill(entry.fix[language], params) };
}
