// The door of /ws: the checks before an upgrade, its refusals as problems, and the answer for a request that came without one. An open socket is the hub's.
import { type IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { CodedError } from '@pulseline/protocol';
import { WebSocketServer } from 'ws';
import { adoptSocket, MAX_CLIENT_FRAME_BYTES } from '../live/socket.ts';
import { arrived } from './diagnosis.ts';
import { allowedOrigins, checkHost, checkOrigin, refusedBy } from './local-mode.ts';
import type { Api, Parts } from './parts.ts';
import { languageOf, PROBLEM_TYPE, problemOf, writeProblem } from './problem.ts';

export function openLive(app: Api, parts: Parts): void {
  const { live } = parts;
  const door = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_CLIENT_FRAME_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
  });

  door.on('wsClientError', (error, socket) => {
    const problem = problemOf(new CodedError('BAD_REQUEST', { detail: error.message }), parts.language);
    writeProblem(socket, problem, { 'Sec-WebSocket-Version': '13' });
  });

  const refusal = (request: IncomingMessage, path: string): CodedError | undefined => {
    const arrival = { method: 'GET', headers: request.headers };
    const refused =
      checkHost(arrival, parts.ports().api) ??
      checkOrigin(arrival, allowedOrigins(parts.allowedOrigins, parts.ports()));
    if (refused) return refused;
    return path === '/ws' ? undefined : new CodedError('NOT_FOUND');
  };

  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Without a listener an error of the socket would end the process.
    socket.on('error', () => socket.destroy());
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return answerPlainly(app, request, socket);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const refused = refusal(request, url.pathname);
    if (refused) {
      const problem = problemOf(refused, languageOf(request.headers['accept-language'], parts.language));
      parts.log.info({ code: refused.code, path: url.pathname }, 'upgrade refused');
      parts.diagnosis.refused(refused.code, refusedBy(refused));
      writeProblem(socket, problem);
      return undefined;
    }
    door.handleUpgrade(request, socket, head, (webSocket) =>
      live.accept(adoptSocket(webSocket, socket), {
        cursor: url.searchParams.get('cursor') ?? undefined,
        types: words(url.searchParams.get('types')),
        streams: words(url.searchParams.get('streams')),
        remote: `${request.socket.remoteAddress}:${request.socket.remotePort}`,
      }),
    );
    return undefined;
  });

  app.get('/ws', async (request, reply) => {
    // With a key it was an upgrade when it left: something on the way took it out.
    // With a key somebody meant a WebSocket, and something on the way took the Upgrade; without one a person looks.
    if (request.headers['sec-websocket-key'] !== undefined) parts.diagnosis.refused('UPGRADE_REQUIRED', 'key');
    const error = new CodedError('UPGRADE_REQUIRED');
    const problem = problemOf(error, languageOf(request.headers['accept-language'], parts.language));
    reply.code(problem.status).headers({ upgrade: 'websocket' }).type(PROBLEM_TYPE);
    return {
      ...problem,
      received: arrived(request.raw),
    };
  });
}

/** An offer of another protocol (curl asks for h2c) may be passed over: the request is answered as if it had not been made. */
function answerPlainly(app: Api, request: IncomingMessage, socket: Duplex): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  if (!(socket instanceof Socket)) return void socket.destroy();
  response.assignSocket(socket);
  response.on('finish', () => socket.end());
  app.routing(request, response);
}

/** `a,b` -> a and b; at most 1,000. */
export function words(list: string | null | undefined): readonly string[] | undefined {
  return list === null || list === undefined ? undefined : list.split(',', 1_000).filter((word) => word !== '');
}
