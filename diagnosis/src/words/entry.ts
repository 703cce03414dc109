// The form in which the words of a check stand: what is wrong and what to do, in both languages; a missing one does not compile.
import type { Words } from '@pulseline/protocol';
import type { CheckId } from '../ids.ts';

export interface Entry {
  /** What is wrong. `{name}` is filled from the finding's parameters. */
  readonly title: Words;
  readonly fix: Words;
}

/** The ids of some rungs. */
export type IdsOf<Rung extends string> = Extract<CheckId, `${Rung}.${string}`>;

/** One entry: title and fix, Chinese first. */
export function say(zhTitle: string, enTitle: string, zhFix: string, enFix: string): Entry {
  return { title: { zh: zhTitle, en: enTitle }, fix: { zh: zhFix, en: enFix } };
}
