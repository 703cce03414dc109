// How the contract's tests ask the running product: bare HTTP with any header, each answer held against what /docs says of its route; it never starts anything.
import { type IncomingMessage, request } from 'node:http';
import { type Account, errors, shape } from '@pulseline/protocol';
import { expect } from 'vitest';
import { type Answer as Documented, errorsOfAll, errorsOfWrites, routes } from '../../server/src/http/docs-routes.ts';
import { person, problem } from '../../server/src/http/docs-shapes.ts';
import type { Product } from '../product.ts';
import { until } from '../until.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body, if it is JSON. */
  readonly json: unknown;
  /** The code of a problem, else ''. */
  readonly code: string;
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'OPTIONS';

export interface Ask {
  readonly headers?: Readonly<Record<string, string>>;
  /** Text and bytes go as they are, all else as JSON. */
  readonly body?: unknown;
}

export type Api = (method: Method, path: string, ask?: Ask) => Promise<Answer>;

/** Asks the server at `port`; every answer of a documented route must be as it is documented. */
export function apiAt(port: number, hostname = '127.0.0.1'): Api {
  return async (method, path, ask = {}) => {
    const answer = await send(port, hostname, method, path, ask);
    hold(method, path, answer);
    return answer;
  };
}

/** The same without any expectation, for what is no API. */
export function send(port: number, hostname: string, method: Method, path: string, ask: Ask = {}): Promise<Answer> {
  const raw = typeof ask.body === 'string' || Buffer.isBuffer(ask.body) ? ask.body : undefined;
  const body = raw ?? (ask.body === undefined ? undefined : JSON.stringify(ask.body));
  const headers = {
    ...(body !== undefined && raw === undefined && { 'content-type': 'application/json' }),
    // As browsers and fetch do; Node's client says no length for a DELETE with a body.
    ...((body !== undefined || !['GET', 'HEAD'].includes(method)) && {
      'content-length': String(Buffer.byteLength(body ?? '')),
    }),
    ...ask.headers,
  };
  return new Promise((resolve, reject) => {
    const sending = request({ port, hostname, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const isJson = /\bjson\b/.test(response.headers['content-type'] ?? '') && text !== '';
        const json: unknown = isJson ? JSON.parse(text) : undefined;
        const code = shape.fits(problem, json) ? json.code : '';
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json, code });
      });
    });
    sending.on('error', (error) =>
      reject(new Error(`${method} ${path.slice(0, 200)}: ${error.message}`, { cause: error })),
    );
    sending.end(body);
  });
}

const patterns = Object.keys(routes).map((key) => {
  const [method = '', path = ''] = key.split(' ');
  return { key, method, path: new RegExp(`^${path.replace(/:\w+/g, '[^/?]+').replaceAll('.', '\\.')}(\\?|$)`) };
});

/** Status, shape and codes as /docs has them. A shape leaves out what it does not know, so equality finds undocumented fields. */
function hold(method: Method, path: string, answer: Answer): void {
  const { status, json, code } = answer;
  if (status >= 400 && status !== 426) {
    expect([path, answer.headers['content-type']]).toEqual([path, 'application/problem+json; charset=utf-8']);
    const told = problem.parse(json);
    expect(told.status).toBe(status);
    expect(told.status).toBe(errors[told.code].status ?? 500);
  }
  const found = patterns.find((each) => each.method === method && each.path.test(path));
  const doc = found && routes[found.key];
  if (doc === undefined) return;
  const documented = doc.answers[status];
  if (documented === undefined) {
    const codes: readonly string[] = [
      ...errorsOfAll,
      ...(method === 'GET' ? [] : errorsOfWrites),
      ...(doc.errors ?? []),
    ];
    expect({ route: found?.key, codes, answer: answer.text }).toMatchObject({ codes: expect.arrayContaining([code]) });
    return;
  }
  const accepted = [documented].flat().some((one) => isAs(one, answer));
  expect({ key: found?.key, accepted, text: accepted ? '' : answer.text }).toMatchObject({ accepted: true });
}

function isAs(documented: Documented, { headers, text, json }: Answer): boolean {
  if (documented === 'nothing') return text === '';
  if (typeof documented === 'string') return headers['content-type']?.startsWith(documented) === true;
  expect(documented.parse(json)).toEqual(json);
  return true;
}

/** The body of an answer as this shape; what else came is told. */
export function read<T>(of: shape.Shape<T>, answer: Answer): T {
  if (answer.status >= 400) throw new Error(`${answer.status} ${answer.text}`);
  return of.parse(answer.json);
}

/** Asks until the answer fits. */
export async function eventually(what: string, ask: () => Promise<Answer>, fits: (answer: Answer) => boolean) {
  return until(
    what,
    async () => {
      const answer = await ask();
      return fits(answer) && answer;
    },
    30_000,
  );
}

/** An account of the built-in sandbox, linked and READY. */
export async function linked(product: Product, label: string): Promise<Account> {
  const { id } = await product.addAccount(label);
  await product.qr(id);
  await product.call('POST', `/api/sandbox/accounts/${id}/scan`);
  return product.inState(id, 'READY');
}

/** A contact of the built-in sandbox. */
export async function contactNamed(product: Product, name: string): Promise<shape.Of<typeof person>> {
  return person.parse(await product.call('POST', '/api/sandbox/contacts', { name }));
}

/** As that contact; `n` of them, each with its number in place of `{n}`. */
export async function write(product: Product, contact: { id: string }, account: Account, text: string, n = 1) {
  await product.call('POST', `/api/sandbox/contacts/${contact.id}/messages`, { account: account.id, text, n });
}
