// What routes take: shapes of bodies, queries and ids, and how they are read from a request. Unknown fields are ignored, nothing is guessed.
import { shape } from '@pulseline/protocol';
import type { FastifyRequest } from 'fastify';

const { object, optional, string, ShapeError } = shape;

export const id = string(128, 1);
/** `next` of the page before. */
export const cursor = string(500);
/** Text with something to see in it. */
export const text = seen(string(65_536, 1));
/** A name that people give; blanks around it do not count. */
export const label = trimmed(seen(string(200, 1)));
/** How many items a page has: 50 if nothing is said, never more than 200. */
export const limit = optional(digits());

const byId = object({ id });

export function pageSize(wanted: number | undefined): number {
  return Math.min(wanted ?? 50, 200);
}

/** Errors (as everywhere here): a ShapeError, which leaves as BAD_REQUEST. No body counts as an empty object. */
export function bodyOf<T>(of: shape.Shape<T>, { body }: FastifyRequest): T {
  return of.parse(body ?? {}, 'body');
}

export function queryOf<T>(of: shape.Shape<T>, { query }: FastifyRequest): T {
  return of.parse(query, 'query');
}

export function idOf({ params }: FastifyRequest): string {
  return byId.parse(params, 'path').id;
}

function seen(inner: shape.Shape<string>): shape.Shape<string> {
  return checked(inner, (value, path) => {
    if (value.trim() === '') throw new ShapeError(path, 'text that is not blank');
    return value;
  });
}

function trimmed(inner: shape.Shape<string>): shape.Shape<string> {
  return checked(inner, (value) => value.trim());
}

/** A whole number from 1, as a query writes it; its schema says what is meant, since in a query all is text. */
function digits(): shape.Shape<number> {
  const read = checked(string(9, 1), (value, path) => {
    if (!/^\d+$/.test(value) || Number(value) < 1) throw new ShapeError(path, 'a whole number from 1');
    return Number(value);
  });
  return { ...read, schema: { type: 'integer', minimum: 1 } };
}

function checked<A, B>(inner: shape.Shape<A>, check: (value: A, path: string) => B): shape.Shape<B> {
  return { schema: inner.schema, optional: false, parse: (value, path = '') => check(inner.parse(value, path), path) };
}
