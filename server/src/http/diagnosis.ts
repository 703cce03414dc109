// The doors of the diagnosis: what the server finds in itself, a test message on demand, and what of a request's headers arrived here. It judges nothing.
import type { IncomingMessage } from 'node:http';
import { shape } from '@pulseline/protocol';
import type { Api, Parts } from './parts.ts';
import { bodyOf } from './shapes.ts';

export const probing = shape.object({
  /** Comes back in the frame and in the answer. */
  probeId: shape.string(64, 1),
  /** `connectionId` of the connection that gets the frame; without it the way ends at the bus. */
  connection: shape.optional(shape.string(64, 1)),
});

export function diagnosisRoutes(app: Api, { diagnosis }: Parts): void {
  app.get('/api/diagnosis', async () => diagnosis.ask());

  app.post('/api/diagnosis/canary', async (request) => {
    const { probeId, connection } = bodyOf(probing, request);
    return diagnosis.canary(probeId, connection);
  });

  app.get('/diag/echo-headers', async (request) => arrived(request.raw));
}

/** How a request looks after its way here. */
export function arrived(request: IncomingMessage): {
  readonly method: string;
  readonly httpVersion: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  return { method: request.method ?? '', httpVersion: request.httpVersion, headers: seen(request) };
}

/** The headers that tell what happened on the way; none of them is a secret. */
function seen({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  const names = [
    'host',
    'connection',
    'upgrade',
    'sec-websocket-version',
    'sec-websocket-protocol',
    'sec-websocket-extensions',
    'origin',
    'user-agent',
    'via',
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-proto',
    'x-forwarded-host',
  ];
  const entries = names.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, String(value).slice(0, 500)]];
  });
  return Object.fromEntries([
    ...entries,
    ['sec-websocket-key', headers['sec-websocket-key'] === undefined ? 'absent' : 'present'],
  ]);
}
