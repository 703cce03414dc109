// Asks the server's HTTP doors from the page in three ways that fail differently: with CORS, without it, and through the pages' own server. It judges nothing.
import type { Fact } from '@pulseline/diagnosis';
import { heads, shape } from '@pulseline/protocol';
import type { Tab } from './tab.ts';

const { integer, number, object, oneOf, optional, record, string } = shape;

const status = object({
  product: string(64),
  version: string(64),
  instanceId: string(200),
  nonce: optional(string(200)),
  startedAt: integer(),
  heads,
});
const problem = object({ code: string(64) });
const upgradeAnswer = object({ code: string(64), received: object({ headers: record(string(1_000)) }) });

/** Longer than this is a timeout, ms: what lets packets fall, not what is slow. */
const PROBE_MS = 3_000;

type HttpOutcome = 'answered' | 'timeout' | 'error';

interface Asked {
  readonly url: string;
  readonly outcome: HttpOutcome;
  readonly ms: number;
  readonly code?: string;
  readonly status?: number;
  readonly response?: Response;
}

/** JavaScript is not told why a request failed: refused, blocked and not allowed all look alike, and only time tells them from silence. */
async function ask(tab: Tab, url: string, mode: RequestMode): Promise<Asked> {
  const begun = tab.now();
  const late = new AbortController();
  void tab.sleep(PROBE_MS).then(() => late.abort(new DOMException('', 'TimeoutError')));
  try {
    const response = await tab.fetch(url, {
      mode,
      cache: 'no-store',
      credentials: 'omit',
      signal: late.signal,
    });
    const ms = tab.now() - begun;
    // An answer without CORS is opaque: that it came is all there is to see.
    return { url, outcome: 'answered', ms, response, ...(response.type !== 'opaque' && { status: response.status }) };
  } catch (error) {
    const code = error instanceof Error ? error.name : 'Error';
    return { url, outcome: code === 'TimeoutError' ? 'timeout' : 'error', ms: tab.now() - begun, code };
  }
}

function bare({ url, outcome, ms, code, status: answered }: Asked) {
  return {
    url,
    outcome,
    ms,
    ...(code !== undefined && { code }),
    ...(answered !== undefined && { status: answered }),
  };
}

async function textOf(response: Response | undefined): Promise<string> {
  try {
    return (await response?.text()) ?? '';
  } catch {
    return '';
  }
}

function parsed<T>(kind: shape.Shape<T>, text: string): T | undefined {
  try {
    return kind.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export interface StatusSeen {
  readonly status: Fact<'http.status'>;
  readonly cors: Fact<'http.cors'>;
  readonly heads: shape.Of<typeof heads> | undefined;
}

/** GET /status as the pages ask it. */
export async function askStatus(tab: Tab, base: string): Promise<StatusSeen> {
  const nonce = tab.nonce();
  const asked = await ask(tab, `${base}/status?nonce=${nonce}`, 'cors');
  const text = await textOf(asked.response);
  const told = parsed(status, text);
  const refused = parsed(problem, text)?.code;
  const contentType = asked.response?.headers.get('content-type');
  const probe = { ...bare(asked), url: `${base}/status` };
  return {
    status: {
      ...probe,
      ...(contentType && { contentType }),
      ...(told === undefined && text !== '' && { body: text.slice(0, 200) }),
      ...(told !== undefined && {
        product: told.product,
        version: told.version,
        instanceId: told.instanceId,
        startedAt: told.startedAt,
        nonceMatches: told.nonce === nonce,
      }),
      ...(refused !== undefined && { problem: refused }),
    },
    cors: {
      ...probe,
      origin: new URL(tab.location).origin,
      ...(asked.outcome === 'answered' && { allowed: new URL(tab.location).origin }),
      ...(refused !== undefined && { problem: refused }),
    },
    heads: told?.heads,
  };
}

/** The same without CORS: an answer that may not be read is an answer still. */
export async function askOpaquely(tab: Tab, base: string): Promise<Fact<'http.noCors'>> {
  return { ...bare(await ask(tab, `${base}/status`, 'no-cors')) };
}

export interface PagesSeen {
  readonly page: Fact<'web.page'>;
  readonly twin?: Fact<'http.twin'>;
}

const twinAnswer = object({
  url: string(2_000),
  outcome: oneOf(['answered', 'refused', 'unreachable', 'timeout', 'reset', 'error']),
  status: optional(integer()),
  code: optional(string(64)),
  ms: number(),
});

/**
 * Has the server of the pages the same trouble? It asks /status for us. A page lives on after its server has gone; then the
 * two, which run as one unless they were set up apart, are gone together.
 */
export async function askPages(tab: Tab): Promise<PagesSeen> {
  const asked = await ask(tab, `${new URL(tab.location).origin}/diagnosis/twin`, 'same-origin');
  const page = bare(asked);
  if (asked.outcome !== 'answered') return { page, twin: { ...page, code: 'PAGES_GONE' } };
  const twin = parsed(twinAnswer, await textOf(asked.response));
  // `next dev` has no such address.
  return twin === undefined ? { page } : { page, twin };
}

/** GET /ws without an upgrade: Pulseline answers 426 and says which headers arrived. */
export async function askUpgrade(tab: Tab, base: string): Promise<Fact<'ws.upgrade'>> {
  const asked = await ask(tab, `${base}/ws`, 'cors');
  const text = await textOf(asked.response);
  const told = parsed(upgradeAnswer, text);
  const refused = parsed(problem, text)?.code;
  const by = asked.response?.headers.get('server') ?? asked.response?.headers.get('via');
  return {
    ...bare(asked),
    ...(told !== undefined && { received: told.received.headers }),
    ...(told === undefined && text !== '' && { body: text.slice(0, 200) }),
    ...(refused !== undefined && { problem: refused }),
    ...(by && { by }),
  };
}
