// Between facts and evidence: each fact seen becomes an entry that says by whom and when; entries from anywhere are parsed back into facts.
import { shape } from '@pulseline/protocol';
import { type FactKey, type Facts, factKeys, factTable, parseFact } from './facts.ts';
import type { Evidence } from './model.ts';

const known: ReadonlyMap<string, FactKey> = new Map(factKeys.map((key) => [key, key]));

/** `at`: ms since epoch. */
export function evidenceOf(seen: Facts, source: string, at: number): readonly Evidence[] {
  return factKeys.flatMap((key) =>
    seen[key] === undefined ? [] : [{ key, value: seen[key], class: factTable[key].class, source, at }],
  );
}

const entry = shape.object({
  key: shape.string(64),
  value: shape.anything(),
  source: shape.string(200),
  at: shape.number(),
});

/** Evidence that came over a wire or out of a file. Entries of a fact that is not known here are left out; their class is ours. */
export function parseEvidence(value: unknown): readonly Evidence[] {
  return shape
    .list(entry, 1_000)
    .parse(value)
    .flatMap(({ key: name, ...rest }) => {
      const key = known.get(name);
      return key === undefined ? [] : [{ key, ...rest, class: factTable[key].class }];
    });
}

export interface ReadFacts {
  readonly facts: Facts;
  /** Entries that do not have their fact's shape. */
  readonly unreadable: readonly { readonly key: FactKey; readonly error: string }[];
}

/** Of several entries of one fact the last one counts. */
export function factsOf(evidence: readonly Evidence[]): ReadFacts {
  let facts: Facts = {};
  const unreadable: { readonly key: FactKey; readonly error: string }[] = [];
  for (const { key, value } of evidence) {
    try {
      facts = { ...facts, ...parseFact(key, value) };
    } catch (error) {
      unreadable.push({ key, error: error instanceof Error ? error.message : String(error) });
    }
  }
  return { facts, unreadable };
}
