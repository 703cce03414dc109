// How an error leaves over HTTP: application/problem+json from the one table, in the reader's language; nothing of the inside (stack, path) goes along.
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { CodedError, type ErrorCode, errors, explain, type Language, shape } from '@pulseline/protocol';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** RFC 9457, with our code, what to do, whether trying again helps, and the parameters of the words. */
export interface Problem extends Readonly<Record<string, string | number | boolean>> {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly fix: string;
  readonly retry: boolean;
}

export function problemOf(error: CodedError, language: Language): Problem {
  const { code, params } = error;
  const { text, fix } = explain(code, language, params);
  const own = {
    type: `urn:pulseline:error:${code}`,
    title: text,
    status: errors[code].status ?? 500,
    code,
    detail: String(params['detail'] ?? text),
    fix,
    retry: errors[code].retry,
  };
  // Ours first, for people who read it, and ours last, since they must not be overwritten.
  return { ...own, ...params, ...own };
}

const ofFastify: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_REFUSED',
  FST_ERR_NOT_FOUND: 'NOT_FOUND',
};

/** Any thrown thing as an error of the table; `id` names the request in the log where the cause must stay inside. */
export function codedError(error: unknown, id: string): CodedError {
  if (error instanceof CodedError) return error;
  if (error instanceof shape.ShapeError) return new CodedError('BAD_REQUEST', { detail: error.message }, error);
  if (!(error instanceof Error)) return new CodedError('INTERNAL', { id });
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = ofFastify[code];
  if (known !== undefined) return new CodedError(known, {}, error);
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (status >= 400 && status < 500)
    return new CodedError('BAD_REQUEST', { detail: error.message.slice(0, 500) }, error);
  return new CodedError('INTERNAL', { id }, error);
}

/** The first of our languages in an Accept-Language header, else the server's own. */
export function languageOf(header: string | undefined, fallback: Language): Language {
  const wanted = (header ?? '')
    .slice(0, 200)
    .split(',')
    .map((part, index) => {
      const [tag = '', ...params] = part.trim().toLowerCase().split(';');
      const q = Number(params.find((param) => param.trim().startsWith('q='))?.split('=')[1] ?? 1);
      return { tag, q: Number.isNaN(q) ? 0 : q, index };
    })
    .sort((a, b) => b.q - a.q || a.index - b.index);
  const first = wanted.find(({ tag, q }) => q > 0 && /^(en|zh)\b/.test(tag));
  if (first === undefined) return fallback;
  return first.tag.startsWith('en') ? 'en' : 'zh';
}

/** Answers on a bare socket, where there is no response object (a refused upgrade, a broken request), and ends it. */
export function writeProblem(socket: Duplex, problem: Problem, headers: Readonly<Record<string, string>> = {}): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify(problem);
  const all = {
    'Content-Type': PROBLEM_TYPE,
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    Connection: 'close',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}

/** What Node could not read as a request: too long a head, too slow, or no HTTP at all. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex, language: Language): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, detail] =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? [408, 'the request did not arrive in time']
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? [431, 'the request head is too long']
        : [400, 'this is not HTTP'];
  writeProblem(socket, { ...problemOf(new CodedError('BAD_REQUEST', { detail }), language), status });
}
