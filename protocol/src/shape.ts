// A shape is one description of a value that serves as type, parser and JSON Schema; it never guesses, coerces or mutates.

/** The subset of JSON Schema (2020-12) that shapes can say. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Parses `unknown` into `T`, or throws a {@link ShapeError} that names the place. */
export interface Shape<T> {
  readonly schema: JsonSchema;
  readonly optional: boolean;
  parse(value: unknown, path?: string): T;
}

/** The type that a shape describes. */
export type Of<S> = S extends Shape<infer T> ? T : never;

/** What was expected, and where (`data.messageId`). */
export class ShapeError extends Error {
  readonly path: string;
  readonly expected: string;
  constructor(path: string, expected: string) {
    super(`${path || 'value'}: expected ${expected}`);
    this.name = 'ShapeError';
    this.path = path;
    this.expected = expected;
  }
}

function shape<T>(schema: JsonSchema, parse: (value: unknown, path: string) => T): Shape<T> {
  return { schema, optional: false, parse: (value, path = '') => parse(value, path) };
}

/** Text of at most `max` UTF-16 units, at least `min`. */
export function string(max = 65_536, min = 0): Shape<string> {
  return shape({ type: 'string', maxLength: max, ...(min > 0 && { minLength: min }) }, (value, path) => {
    if (typeof value !== 'string') throw new ShapeError(path, 'text');
    if (value.length > max || value.length < min) throw new ShapeError(path, `text of ${min} to ${max} characters`);
    return value;
  });
}

/** A finite number. */
export function number(): Shape<number> {
  return shape({ type: 'number' }, (value, path) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new ShapeError(path, 'a number');
    return value;
  });
}

/** A whole number from `min` to 2^53 - 1: counts, positions, ms since epoch. */
export function integer(min = 0): Shape<number> {
  return shape({ type: 'integer', minimum: min }, (value, path) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min) {
      throw new ShapeError(path, `a whole number from ${min}`);
    }
    return value;
  });
}

export function boolean(): Shape<boolean> {
  return shape({ type: 'boolean' }, (value, path) => {
    if (typeof value !== 'boolean') throw new ShapeError(path, 'true or false');
    return value;
  });
}

/** One of the given words. */
export function oneOf<const W extends readonly string[]>(words: W): Shape<W[number]> {
  const known: ReadonlyMap<string, W[number]> = new Map(words.map((word) => [word, word]));
  return shape({ enum: words }, (value, path) => {
    const word = typeof value === 'string' ? known.get(value) : undefined;
    if (word === undefined) throw new ShapeError(path, words.join(' | '));
    return word;
  });
}

/** A value that is carried but not looked into. */
export function anything(): Shape<unknown> {
  return shape({}, (value) => value);
}

export function nullable<T>(inner: Shape<T>): Shape<T | null> {
  return shape({ anyOf: [inner.schema, { type: 'null' }] }, (value, path) =>
    value === null ? null : inner.parse(value, path),
  );
}

/** A list of at most `max` items. */
export function list<T>(inner: Shape<T>, max = 10_000): Shape<readonly T[]> {
  return shape({ type: 'array', items: inner.schema, maxItems: max }, (value, path) => {
    if (!Array.isArray(value)) throw new ShapeError(path, 'a list');
    if (value.length > max) throw new ShapeError(path, `at most ${max} items`);
    return value.map((item, index) => inner.parse(item, `${path}[${index}]`));
  });
}

/** A map with free keys. Keys that reach a prototype are refused. */
export function record<T>(inner: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return shape({ type: 'object', additionalProperties: inner.schema }, (value, path) => {
    const entries = Object.entries(plainObject(value, path));
    return Object.fromEntries(entries.map(([key, item]) => [key, inner.parse(item, join(path, key))]));
  });
}

/** Marks a field of an {@link object} that may be absent. */
export function optional<T>(inner: Shape<T>): OptionalShape<T> {
  return { schema: inner.schema, optional: true, parse: inner.parse };
}

export interface OptionalShape<T> extends Shape<T> {
  readonly optional: true;
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type OptionalKeys<F extends Fields> = { [K in keyof F]: F[K] extends OptionalShape<unknown> ? K : never }[keyof F];
type ObjectOf<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Of<F[K]>;
} & { readonly [K in OptionalKeys<F>]?: Of<F[K]> };
type Flat<T> = { [K in keyof T]: T[K] };

/** An object shape also tells its fields, so that another shape can be built on it. */
export interface ObjectShape<F extends Fields> extends Shape<Flat<ObjectOf<F>>> {
  readonly fields: F;
}

/** Known fields are parsed; unknown ones are left out, so that a newer peer may add some. */
export function object<F extends Fields>(fields: F): ObjectShape<F> {
  const names = Object.keys(fields);
  const schema = {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, fields[name]?.schema])),
    required: names.filter((name) => fields[name]?.optional === false),
  };
  const parse = (value: unknown, path: string): Flat<ObjectOf<F>> => {
    const given = plainObject(value, path);
    const result: Record<string, unknown> = {};
    for (const name of names) {
      const field = fields[name];
      if (field === undefined) continue;
      const item = given[name];
      if (item === undefined) {
        if (!field.optional) throw new ShapeError(join(path, name), 'a value');
        continue;
      }
      result[name] = field.parse(item, join(path, name));
    }
    return result as Flat<ObjectOf<F>>;
  };
  return { ...shape(schema, parse), fields };
}

/** True if `parse` would succeed. */
export function fits<T>(inner: Shape<T>, value: unknown): value is T {
  try {
    inner.parse(value);
    return true;
  } catch (error) {
    if (error instanceof ShapeError) return false;
    throw error;
  }
}

function plainObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ShapeError(path, 'an object');
  if (Object.hasOwn(value, '__proto__')) throw new ShapeError(path, 'an object without __proto__');
  return value as Readonly<Record<string, unknown>>;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
