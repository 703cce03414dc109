// The schemas that both documents share: a shape that has a name is told once, under that name, and referred to wherever it stands.
import * as protocol from '@pulseline/protocol';
import { errorCode, problem, status } from './docs-shapes.ts';

type Schema = protocol.shape.JsonSchema;

const named: Readonly<Record<string, protocol.shape.Shape<unknown>>> = {
  Account: protocol.account,
  Conversation: protocol.conversation,
  Message: protocol.message,
  Contact: protocol.contact,
  Reason: protocol.reason,
  Heads: protocol.heads,
  Problem: problem,
  ErrorCode: errorCode,
  Status: status,
};

const nameOf: ReadonlyMap<unknown, string> = new Map(Object.entries(named).map(([name, { schema }]) => [schema, name]));

/** `components.schemas` of a document. */
export function components(): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(named).map(([name, { schema }]) => [name, inner(schema)]));
}

/** The schema of a shape, with a reference in place of each part that has a name. */
export function schemaOf({ schema }: Pick<protocol.shape.Shape<unknown>, 'schema'>): Schema {
  return referred(schema);
}

function referred(schema: Schema): Schema {
  const name = nameOf.get(schema);
  return name === undefined ? inner(schema) : { $ref: `#/components/schemas/${name}` };
}

function inner(schema: Schema): Schema {
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, replaced(value)]));
}

function replaced(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(replaced);
  return isSchema(value) ? referred(value) : value;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}
