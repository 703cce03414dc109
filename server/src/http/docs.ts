// The routes of /docs: OpenAPI, AsyncAPI and a page of both, made from the routes that are registered and the shapes they use.
import type { Language } from '@pulseline/protocol';
import type { FastifyRequest } from 'fastify';
import { asyncApi } from './docs-asyncapi.ts';
import { type DocumentOf, openApi } from './docs-openapi.ts';
import { docsPage, docsPolicy } from './docs-page.ts';
import { docsAsked } from './docs-routes.ts';
import type { Api, Parts } from './parts.ts';
import { languageOf } from './problem.ts';
import { queryOf } from './shapes.ts';

/** `registered` gives `METHOD /path/:id` of every route there is. */
export function docsRoutes(app: Api, { instance, ports, language: own }: Parts, registered: () => readonly string[]) {
  const languageFor = (request: FastifyRequest): Language =>
    queryOf(docsAsked, request).lang ?? languageOf(request.headers['accept-language'], own);
  const documentOf = (request: FastifyRequest): DocumentOf => ({
    version: instance.version,
    port: ports().api,
    language: languageFor(request),
  });

  app.get('/docs', async (request, reply) => {
    reply.type('text/html; charset=utf-8').header('content-security-policy', docsPolicy);
    return docsPage(registered(), languageFor(request));
  });
  app.get('/docs/openapi.json', async (request) => openApi(registered(), documentOf(request)));
  app.get('/docs/asyncapi.json', async (request) => asyncApi(documentOf(request)));
}
