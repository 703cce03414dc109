// What can be seen of a Pulseline, by name and shape: collectors fill these facts, checks read them; a fact says what was seen, never what it means.
import type { shape } from '@pulseline/protocol';
import { reach } from './facts-of-reach.ts';
import { inside } from './facts-of-server.ts';
import type { EvidenceClass } from './model.ts';

/** A fact's shape and the class of what it holds. */
export interface FactForm {
  readonly class: EvidenceClass;
  readonly of: shape.Shape<unknown>;
}

const table = { ...reach, ...inside } as const;

export type FactKey = keyof typeof table;
export type Facts = { readonly [K in FactKey]?: shape.Of<(typeof table)[K]['of']> };
export type Fact<K extends FactKey> = shape.Of<(typeof table)[K]['of']>;

export const factTable: Readonly<
  Record<FactKey, { readonly class: EvidenceClass; readonly of: shape.Shape<unknown> }>
> = table;
export const factKeys: readonly FactKey[] = Object.keys(table).filter((key): key is FactKey => key in table);

/** How a test message fared: the answer of POST /api/diagnosis/canary. */
export const flightShape = table.canary.of;

/** Parses one fact. Throws a ShapeError that names the place. */
export function parseFact(key: FactKey, value: unknown): Facts {
  return { [key]: table[key].of.parse(value, key) } as Facts;
}
