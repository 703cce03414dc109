// Reads the error with which the library closes a link: a Boom whose `data` is a network error, a stanza or its attributes. It judges nothing.
import type { End, Phase } from './classify.ts';
import { LineDead } from './line.ts';
import { ProxyFailed, shownProxy } from './proxy.ts';

/** The library's code for a question to a socket that is not open any more. */
const CONNECTION_CLOSED = 428;

export function endOf(error: unknown, phase: Phase, host: string): End {
  const text = error instanceof Error ? error.message : String(error ?? 'closed');
  const output = field(error, 'output');
  const code = Number(field(output, 'statusCode'));
  const data = field(error, 'data');
  const proxy = data instanceof ProxyFailed ? data : undefined;
  const cause = proxy === undefined ? data : proxy.cause;
  const http = /Unexpected server response: (\d+)/.exec(text)?.[1];
  // A stanza's attributes may have a `code` too: it is WhatsApp's, not the network's.
  const network = (cause instanceof Error ? errorCode(cause) : undefined) ?? (http && `HTTP ${http}`) ?? proxy?.message;
  const tag = field(data, 'tag');
  const attributes = texts(field(data, 'attrs') ?? (data instanceof Error ? undefined : data));
  return {
    phase,
    host,
    text,
    ...(Number.isFinite(code) && { code }),
    ...(typeof tag === 'string' && { tag }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(network !== undefined && { error: network }),
    ...(proxy !== undefined && { failedProxy: shownProxy(proxy.proxy) }),
  };
}

/** Did what was asked of the link fail because there is none any more? Then it says nothing about what was asked. */
export function isLinkGone(error: unknown): boolean {
  return error instanceof LineDead || Number(field(field(error, 'output'), 'statusCode')) === CONNECTION_CLOSED;
}

/** Node's code; several addresses tried at once give an AggregateError that has it too, or its parts do. */
function errorCode(cause: unknown): string | undefined {
  const code = field(cause, 'code');
  if (typeof code === 'string') return code;
  const parts = field(cause, 'errors');
  return Array.isArray(parts) ? parts.map(errorCode).find((each) => each !== undefined) : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
