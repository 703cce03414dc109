// What a control request carries, read out of its JSON field by field; it never asks the driver anything.
import type { Driver } from './driver.ts';
import { EmulatorError } from './errors.ts';

export interface Call {
  /** The path's second part. */
  readonly id: string;
  readonly query: URLSearchParams;
  readonly text: string;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly pattern: readonly string[];
  readonly run: (driver: Driver, call: Call) => unknown;
  /** Of the body; 1 MB. */
  readonly maxBytes?: number;
}

/** An answer that is no JSON. */
export class RawAnswer {
  readonly type: string;
  readonly bytes: Buffer;
  constructor(type: string, bytes: Buffer) {
    this.type = type;
    this.bytes = bytes;
  }
}

export const OK = { ok: true };

export function post(path: string, run: Route['run'], maxBytes?: number): Route {
  return { method: 'POST', pattern: path.split('/'), run, ...(maxBytes !== undefined && { maxBytes }) };
}

export function get(path: string, run: Route['run']): Route {
  return { method: 'GET', pattern: path.split('/'), run };
}

export type Body = Readonly<Record<string, unknown>>;

/** @throws EmulatorError BAD_JSON; an empty body is an empty object. */
export function bodyOf({ text }: Call): Body {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new EmulatorError('BAD_JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new EmulatorError('BAD_JSON');
  return { ...value };
}

export function optional(body: Body, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new EmulatorError('BAD_FIELD', name);
}

export function required(body: Body, name: string): string {
  const value = optional(body, name);
  if (value === undefined) throw new EmulatorError('BAD_FIELD', name);
  return value;
}

export function number(body: Body, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new EmulatorError('BAD_FIELD', name);
}

/** A switch: `{on}`, or the route's own word, or nothing = on. */
export function flag(body: Body, ...names: readonly string[]): boolean | undefined {
  for (const name of ['on', ...names]) {
    const value = body[name];
    if (typeof value === 'boolean') return value;
    if (value !== undefined) throw new EmulatorError('BAD_FIELD', name);
  }
  return undefined;
}

export function list(body: Body, name: string): readonly string[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw new EmulatorError('BAD_FIELD', name);
  return value.map((item: unknown) => {
    if (typeof item !== 'string') throw new EmulatorError('BAD_FIELD', name);
    return item;
  });
}
