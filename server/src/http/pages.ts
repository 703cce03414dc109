// The web server: the pages' static export on WEB_PORT, told where the API is. It renders nothing and touches no data.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { CodedError, type Language } from '@pulseline/protocol';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { buildingPage, buildingPolicy } from './building.ts';
import { limits } from './limits.ts';
import { allowedOrigins, checkHost, checkOrigin, type Ports } from './local-mode.ts';
import type { Api, DoorLog } from './parts.ts';
import { answerBrokenRequest, codedError, languageOf, PROBLEM_TYPE, problemOf } from './problem.ts';
import { type ApiPlace, loadSite, type Page, type Site } from './site.ts';
import { openTwin } from './twin.ts';

export interface PagesParts {
  /** The static export; it may come later, and be replaced while we run. */
  readonly folder: string;
  readonly language: Language;
  readonly allowedOrigins: readonly string[] | undefined;
  readonly ports: () => Ports;
  /** From web/.env.local. */
  readonly apiOrigin: string | undefined;
  readonly log: DoorLog;
  /** Monotonic ms. */
  readonly now: () => number;
}

/** Ms between two looks whether the export has changed. */
const LOOK_EVERY = 500;

export function buildPages(parts: PagesParts): Api {
  const app: Api = Fastify({
    ...limits,
    logger: false,
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, parts.language),
  });
  const site = siteOf(parts);
  const languageFor = ({ headers }: FastifyRequest): Language => languageOf(headers['accept-language'], parts.language);

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(secured);
    const allowed = allowedOrigins(parts.allowedOrigins, parts.ports());
    const arrival = { method: request.method, headers: request.headers };
    const refused = checkHost(arrival, parts.ports().web) ?? checkOrigin(arrival, allowed);
    if (refused) throw refused;
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new CodedError('METHOD_NOT_ALLOWED');
  });

  app.register(fastifyStatic, {
    root: parts.folder,
    serve: false,
    suppressWarning: true,
    index: false,
    dotfiles: 'ignore',
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const frozen = path.replaceAll('\\', '/').includes('/_next/static/');
      reply.header('cache-control', frozen ? 'public, max-age=31536000, immutable' : 'no-cache');
      reply.header('vary', 'Accept-Encoding');
    },
  });

  openTwin(app, parts);

  app.get('/*', async (request, reply) => {
    const [path = '/', query] = request.url.split('?', 2);
    const search = query === undefined ? '' : `?${query}`;
    const pages = site();
    const page = pages?.pages.get(path);
    const wantsPage = /\btext\/html\b/.test(request.headers.accept ?? '') && !path.startsWith('/_next/');
    if ((page !== undefined || wantsPage) && request.headers.host?.startsWith('[')) {
      return reply.redirect(`http://localhost:${parts.ports().web}${path}${search}`, 302);
    }
    if (page !== undefined) return send(request, reply, page);
    // The folder's own name, never `//host`: that would lead elsewhere.
    const bare = path.replace(/(\/|\.html)$/, '');
    if (bare !== path && pages?.pages.has(bare)) return reply.redirect(`${bare}${search}`, 308);
    if (pages === undefined && wantsPage) {
      reply
        .code(503)
        .headers({ 'retry-after': '2', 'cache-control': 'no-store', 'content-security-policy': buildingPolicy });
      return reply.type('text/html; charset=utf-8').send(buildingPage(languageFor(request)));
    }
    // HTML leaves only with its policy; other files as they lie there.
    if (path !== '/' && !path.endsWith('.html')) return reply.sendFile(decoded(path));
    return reply.callNotFound();
  });

  app.setNotFoundHandler((request, reply) => {
    const page = site()?.notFound;
    const wantsPage = /\btext\/html\b/.test(request.headers.accept ?? '') && !request.url.startsWith('/_next/');
    if (page === undefined || !wantsPage) throw new CodedError('NOT_FOUND');
    return send(request, reply.code(404), page);
  });

  app.setErrorHandler((error, request, reply) => {
    const coded = codedError(error, String(request.id));
    if (coded.code === 'INTERNAL') parts.log.error({ err: error, url: request.url }, 'a page could not be served');
    const problem = problemOf(coded, languageFor(request));
    return reply.code(problem.status).header('cache-control', 'no-store').type(PROBLEM_TYPE).send(problem);
  });
  return app;
}

const secured = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

function send(request: FastifyRequest, reply: FastifyReply, page: Page): FastifyReply {
  reply.headers({
    'cache-control': 'no-cache',
    'content-security-policy': page.policy,
    etag: page.etag,
    vary: 'Accept-Encoding',
  });
  if (request.headers['if-none-match']?.split(/\s*,\s*/).includes(page.etag) && reply.statusCode === 200) {
    return reply.code(304).send();
  }
  reply.type('text/html; charset=utf-8');
  const accepted = request.headers['accept-encoding'] ?? '';
  if (accepts(accepted, 'br')) return reply.header('content-encoding', 'br').send(page.br);
  if (accepts(accepted, 'gzip')) return reply.header('content-encoding', 'gzip').send(page.gz);
  return reply.send(page.raw);
}

function accepts(header: string, encoding: string): boolean {
  return header.split(',').some((part) => {
    const [name, q] = part.trim().split(/\s*;\s*q=/);
    return name === encoding && (q === undefined || Number(q) > 0);
  });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new CodedError('BAD_REQUEST', { detail: 'path' });
  }
}

/** The site as it lies on the disk, read again after a build. */
function siteOf({ folder, ports, apiOrigin, log, now }: PagesParts): () => Site | undefined {
  let looked = Number.NEGATIVE_INFINITY;
  let seen = '';
  let site: Site | undefined;
  return () => {
    if (now() - looked < LOOK_EVERY) return site;
    looked = now();
    const state = `${ports().api} ${modified(join(folder, 'index.html'))} ${modified(join(folder, '.stamp'))}`;
    if (state === seen) return site;
    const api: ApiPlace = { port: ports().api, ...(apiOrigin !== undefined && { origin: apiOrigin }) };
    try {
      site = loadSite(folder, api);
      seen = state;
    } catch (error) {
      // A build is writing there right now: the next look tells.
      log.warn({ err: error }, 'the pages could not be read');
    }
    return site;
  };
}

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
