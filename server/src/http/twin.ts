// The browser's request for /status once more, made by the pages' own server: what only one of the two can reach tells a dead server from a browser that forbids. It asks that one address and no other.
import type { Api } from './parts.ts';

/** As the page waits for its own request, ms. */
const PATIENCE = 3_000;

export interface TwinParts {
  /** From web/.env.local. */
  readonly apiOrigin: string | undefined;
  readonly ports: () => { readonly api: number };
  /** Monotonic ms. */
  readonly now: () => number;
}

export type TwinOutcome = 'answered' | 'refused' | 'unreachable' | 'timeout' | 'reset' | 'error';

/** Node's code of a failed connection -> what became of it. */
export function twinOutcome(code: string): TwinOutcome {
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'reset';
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'unreachable';
  return code === 'ETIMEDOUT' || code === 'TimeoutError' || code.startsWith('UND_ERR_CONNECT') ? 'timeout' : 'error';
}

export function openTwin(app: Api, { apiOrigin, ports, now }: TwinParts): void {
  app.get('/diagnosis/twin', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    const url = `${apiOrigin ?? `http://localhost:${ports().api}`}/status`;
    const begun = now();
    try {
      const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(PATIENCE) });
      await answer.body?.cancel();
      return { url, outcome: 'answered' satisfies TwinOutcome, status: answer.status, ms: now() - begun };
    } catch (error) {
      const code = codeOf(error);
      return { url, outcome: twinOutcome(code), code, ms: now() - begun };
    }
  });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  const { cause } = error;
  // localhost has two addresses, and each has its own error.
  const inner: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  return inner instanceof Error && 'code' in inner && typeof inner.code === 'string' ? inner.code : error.name;
}
