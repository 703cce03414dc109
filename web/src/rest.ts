// The one door from the pages to the REST API: every answer is parsed, every failure becomes a RestError with a code; it never retries.
import { shape } from '@pulseline/protocol';
import { apiBase } from './api-base.ts';

/** How long an answer may take, ms. */
export const PATIENCE = 15_000;

/** A call that failed: told by the server (`code` of the error table), or the way there did not work. */
export class RestError extends Error {
  /** A code of the error table, or UNREACHABLE, TIMEOUT, BAD_ANSWER for what only this side can see. */
  readonly code: string;
  readonly text: string;
  readonly fix: string;
  readonly status: number;
  readonly url: string;
  constructor(code: string, url: string, status = 0, text = '', fix = '') {
    super(`${code} ${url} ${status || ''} ${text}`.trim());
    this.name = 'RestError';
    this.code = code;
    this.url = url;
    this.status = status;
    this.text = text;
    this.fix = fix;
  }
}

const problem = shape.object({
  code: shape.string(64),
  title: shape.string(2_000),
  detail: shape.optional(shape.string(4_000)),
  fix: shape.optional(shape.string(2_000)),
});

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Calls the API and parses the answer by `answer`; with `undefined` the body of the answer is not looked at. */
export async function call<T>(
  method: Method,
  path: string,
  answer: shape.Shape<T>,
  body?: Readonly<Record<string, unknown>>,
): Promise<T> {
  const { response, url } = await ask(method, path, body);
  try {
    return answer.parse(await response.json());
  } catch {
    throw new RestError('BAD_ANSWER', url, response.status);
  }
}

/** How long a file may take to be sent and worked on, ms. */
const FILE_PATIENCE = 600_000;

/** Sends a form with a file and parses the answer. */
export async function sendForm<T>(path: string, answer: shape.Shape<T>, form: FormData): Promise<T> {
  const url = `${apiBase()}${path}`;
  const response = await reach(url, { method: 'POST', body: form, signal: AbortSignal.timeout(FILE_PATIENCE) });
  if (!response.ok) throw await refusal(response, url);
  try {
    return answer.parse(await response.json());
  } catch {
    throw new RestError('BAD_ANSWER', url, response.status);
  }
}

/** Sends JSON and takes the answer as a file. */
export async function fetchFile(path: string, body: Readonly<Record<string, unknown>>): Promise<Blob> {
  const { response } = await ask('POST', path, body);
  return response.blob();
}

/** Calls the API where the answer has no content; answers its status. */
export async function tellServer(
  method: Method,
  path: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<number> {
  return (await ask(method, path, body)).response.status;
}

async function ask(
  method: Method,
  path: string,
  body: Readonly<Record<string, unknown>> | undefined,
): Promise<{ response: Response; url: string }> {
  const url = `${apiBase()}${path}`;
  // Writes are application/json even when there is nothing to say: the server takes no other kind from a browser.
  const write = method !== 'GET' && {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  };
  const response = await reach(url, { method, cache: 'no-store', signal: AbortSignal.timeout(PATIENCE), ...write });
  if (!response.ok) throw await refusal(response, url);
  return { response, url };
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw new RestError(
      error instanceof DOMException && error.name === 'TimeoutError' ? 'TIMEOUT' : 'UNREACHABLE',
      url,
    );
  }
}

async function refusal(response: Response, url: string): Promise<RestError> {
  try {
    const { code, title, detail, fix } = problem.parse(await response.json());
    return new RestError(code, url, response.status, title, fix ?? detail ?? '');
  } catch {
    return new RestError('BAD_ANSWER', url, response.status);
  }
}
