// The OpenAPI 3.1 document of the REST part: every route that the app has registered, described by docs-routes.ts. It is made when it is asked for and keeps nothing.
import { STATUS_CODES } from 'node:http';
import { type ErrorCode, errors, type Language, type shape } from '@pulseline/protocol';
import { type Answer, errorsOfAll, errorsOfWrites, type RouteDoc, routes } from './docs-routes.ts';
import { components, schemaOf } from './docs-schemas.ts';

type Json = Readonly<Record<string, unknown>>;

export interface DocumentOf {
  readonly version: string;
  readonly port: number;
  readonly language: Language;
}

/** `registered` = `METHOD /path/:id` of each route; one without a description is listed bare. */
export function openApi(registered: readonly string[], { version, port, language }: DocumentOf): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const key of registered) {
    const [method = '', path = ''] = key.split(' ');
    const item = (paths[path.replace(/:(\w+)/g, '{$1}')] ??= {});
    item[method.toLowerCase()] = operation(key, path, method !== 'GET', routes[key], language);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Pulseline', version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: `http://localhost:${port}` }],
    tags: [...new Set(registered.map(tagOf))].map((name) => ({ name })),
    paths,
    components: { schemas: components() },
  };
}

/** `/api/accounts/…` -> accounts; what is not under /api is about the product itself. */
export function tagOf(key: string): string {
  return /^\w+ \/api\/(\w+)/.exec(key)?.[1] ?? 'product';
}

function operation(key: string, path: string, writes: boolean, doc: RouteDoc | undefined, language: Language): Json {
  const parameters = [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: textual })),
    ...Object.entries(doc?.query?.fields ?? {}).map(([name, field]) => parameter('query', name, field)),
    ...Object.entries(doc?.headers ?? {}).map(([name, words]) => ({
      ...parameter('header', name, { schema: textual, optional: true }),
      description: words[language],
    })),
  ];
  const codes = [...errorsOfAll, ...(writes ? errorsOfWrites : []), ...(doc?.errors ?? [])];
  return {
    operationId: key.replace(/[^a-z]+/gi, '_').replace(/_$/, ''),
    tags: [tagOf(key)],
    ...(doc && { summary: doc.summary[language] }),
    ...(parameters.length > 0 && { parameters }),
    ...(doc?.form && { requestBody: { required: true, content: multipart(schemaOf(doc.form)) } }),
    ...(doc?.body && { requestBody: { required: true, content: json(schemaOf(doc.body)) } }),
    responses: {
      // A problem of a status first, so that an answer of the same status (426 of /ws) stands over it.
      ...problems(codes, language),
      ...Object.fromEntries(Object.entries(doc?.answers ?? {}).map(([code, answer]) => [code, response(code, answer)])),
    },
  };
}

const textual = { type: 'string' } as const;

function parameter(place: string, name: string, field: Pick<shape.Shape<unknown>, 'schema' | 'optional'>): Json {
  return { name, in: place, required: !field.optional, schema: schemaOf(field) };
}

function response(code: string, answer: Answer | readonly Answer[]): Json {
  const contents = [answer].flat().flatMap((one): Json[] => {
    if (one === 'nothing') return [];
    return typeof one === 'string' ? [{ [one]: { schema: textual } }] : [json(schemaOf(one))];
  });
  const description = STATUS_CODES[code] ?? code;
  return contents.length === 0 ? { description } : { description, content: Object.assign({}, ...contents) };
}

function problems(codes: readonly ErrorCode[], language: Language): Readonly<Record<string, Json>> {
  const statuses = new Set(codes.map(statusOf));
  return Object.fromEntries(
    [...statuses].map((status) => {
      const told = [...new Set(codes)].filter((code) => statusOf(code) === status);
      return [
        String(status),
        {
          description: told.map((code) => `\`${code}\` ${errors[code].title[language]}`).join('\n\n'),
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      ];
    }),
  );
}

/** A code without a status of its own leaves as 500, as problem.ts has it. */
function statusOf(code: ErrorCode): number {
  return errors[code].status ?? 500;
}

/** A form with one file and texts. */
function multipart(schema: shape.JsonSchema): Json {
  const file = { type: 'object', properties: { file: { type: 'string', format: 'binary' } }, required: ['file'] };
  return { 'multipart/form-data': { schema: { allOf: [file, schema] } } };
}

function json(schema: shape.JsonSchema): Json {
  return { 'application/json': { schema } };
}
