// The API's door: buildApi joins the thin routes, the rules of local mode and the one shape of an error; it opens no port and decides nothing of its own.
import { randomUUID } from 'node:crypto';
import { CodedError } from '@pulseline/protocol';
import Fastify from 'fastify';
import secureJson from 'secure-json-parse';
import { accountRoutes } from './accounts.ts';
import { bundleRoutes } from './bundle.ts';
import { conversationRoutes } from './conversations.ts';
import { diagnosisRoutes } from './diagnosis.ts';
import { docsRoutes } from './docs.ts';
import { eventRoutes } from './events.ts';
import { exportRoutes } from './exports.ts';
import { groupRoutes } from './groups.ts';
import { importRoutes } from './imports.ts';
import { limits } from './limits.ts';
import { openLive } from './live.ts';
import { allowedOrigins, checkHost, checkOrigin, checkWrite, refusedBy } from './local-mode.ts';
import { mediaRoutes } from './media.ts';
import { messageRoutes } from './messages.ts';
import { measureRequests } from './metrics.ts';
import type { Api, Parts } from './parts.ts';
import { peopleRoutes } from './people.ts';
import { answerBrokenRequest, codedError, languageOf, PROBLEM_TYPE, problemOf } from './problem.ts';
import { profileRoutes } from './profile.ts';
import { sandboxRoutes } from './sandbox.ts';
import { searchRoutes } from './search.ts';
import { statusRoutes } from './status.ts';
import { teamRoutes } from './team.ts';
import { workspaceRoutes } from './workspace.ts';

export function buildApi(parts: Parts): Api {
  const app: Api = Fastify({
    ...limits,
    logger: false,
    routerOptions: { maxParamLength: 256 },
    // A request that comes while we close is still answered; the connection ends with it.
    return503OnClosing: false,
    genReqId: () => randomUUID(),
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, parts.language),
    // A path that cannot be decoded: no hook and no route is reached.
    frameworkErrors: (error, request, reply) => {
      const problem = problemOf(codedError(error, String(request.id)), parts.language);
      reply.raw.writeHead(problem.status, { ...secured, 'content-type': PROBLEM_TYPE }).end(JSON.stringify(problem));
    },
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(body));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });

  app.addHook('onRequest', async (request, reply) => {
    const allowed = allowedOrigins(parts.allowedOrigins, parts.ports());
    reply.headers(secured);
    const arrival = { method: request.method, headers: request.headers };
    const refused = checkHost(arrival, parts.ports().api) ?? checkOrigin(arrival, allowed);
    if (refused) {
      parts.diagnosis.refused(refused.code, refusedBy(refused));
      throw refused;
    }
    const { origin } = request.headers;
    if (origin !== undefined) {
      reply.headers({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'Location, Retry-After, Content-Range, Content-Disposition',
      });
    }
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      reply.headers(preflight);
      // Chromium asks before a public page may reach a private address.
      if (request.headers['access-control-request-private-network'] === 'true') {
        reply.header('access-control-allow-private-network', 'true');
      }
      return reply.code(204).send();
    }
    const forged = checkWrite(arrival, allowed);
    if (forged) throw forged;
    return undefined;
  });
  measureRequests(app, parts.metrics);
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions, id } = request;
    const fields = { request: id, method, route: routeOptions.url, status: reply.statusCode, ms: reply.elapsedTime };
    parts.log.debug(fields, 'answered');
  });

  app.setErrorHandler((error, request, reply) => {
    const coded = codedError(error, String(request.id));
    if (coded.code === 'INTERNAL') {
      parts.log.error(
        { err: error, request: request.id, method: request.method, route: request.routeOptions.url },
        'request failed',
      );
    }
    const problem = problemOf(coded, languageOf(request.headers['accept-language'], parts.language));
    if (problem.status === 503 || problem.status === 429) reply.header('retry-after', '1');
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  });

  const known = new Map<string, { readonly path: RegExp; readonly methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const path = new RegExp(`^${url.replace(/:[^/]+/g, '[^/]+')}$`);
    const entry = known.get(url) ?? { path, methods: new Set() };
    for (const name of [method].flat()) entry.methods.add(name);
    known.set(url, entry);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = [...known.values()].filter((route) => route.path.test(path)).flatMap((route) => [...route.methods]);
    if (methods.length === 0) throw new CodedError('NOT_FOUND');
    reply.header('allow', methods.join(', '));
    throw new CodedError('METHOD_NOT_ALLOWED');
  });

  app.get('/', async (request, reply) => {
    const name = (request.headers.host ?? 'localhost').replace(/:\d+$/, '');
    return reply.redirect(`http://${name}:${parts.ports().web}/`, 302);
  });
  statusRoutes(app, parts);
  accountRoutes(app, parts);
  conversationRoutes(app, parts);
  peopleRoutes(app, parts);
  profileRoutes(app, parts);
  groupRoutes(app, parts);
  messageRoutes(app, parts);
  mediaRoutes(app, parts);
  searchRoutes(app, parts);
  teamRoutes(app, parts);
  workspaceRoutes(app, parts);
  importRoutes(app, parts);
  exportRoutes(app, parts);
  eventRoutes(app, parts);
  diagnosisRoutes(app, parts);
  bundleRoutes(app, parts);
  sandboxRoutes(app, parts);
  openLive(app, parts);
  docsRoutes(app, parts, () =>
    [...known].flatMap(([url, { methods }]) =>
      [...methods].filter((method) => method !== 'HEAD').map((method) => `${method} ${url}`),
    ),
  );
  return app;
}

const secured = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  vary: 'Origin, Accept-Language',
};

const preflight = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'Content-Type, Idempotency-Key, Last-Event-ID, Range, Accept-Language, Cache-Control',
  'access-control-max-age': '600',
};

/** JSON in UTF-8, with or without a mark in front; nothing = no body. Keys that reach a prototype are refused. */
function parseJson(body: string | Buffer): unknown {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (bytes.length === 0) return undefined;
  try {
    return secureJson.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), {
      protoAction: 'error',
      constructorAction: 'error',
    });
  } catch (error) {
    throw new CodedError('BAD_REQUEST', { detail: error instanceof Error ? error.message : 'JSON' }, error);
  }
}
