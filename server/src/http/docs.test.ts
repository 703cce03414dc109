// /docs: its documents and the app, the protocol and the error table say the same, both ways.
import { clientFrames, durableEvents, ephemeralEvents, errorCodes, errors } from '@pulseline/protocol';
import { afterAll, describe, expect, it } from 'vitest';
import { aWorld, fakeParts, PORT } from '../../test/fake-parts.ts';
import { buildApi } from './app.ts';
import { errorsOfAll, errorsOfWrites, routes } from './docs-routes.ts';

const app = buildApi(fakeParts(aWorld()));
afterAll(() => app.close());

async function get(url: string, language = 'en') {
  const headers = { host: `localhost:${PORT}`, 'accept-language': language };
  return app.inject({ url, headers });
}

/** `GET /path/:id` of each operation. */
function operationsOf(document: { paths: Record<string, Record<string, object>> }): string[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  );
}

/** Every `$ref` in a document leads to something in it. */
function danglingRefs(document: object): string[] {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
  return [...new Set(refs)].filter((path) => {
    const found = path.split('/').reduce<unknown>((node, key) => Object(node)[key], document);
    return found === undefined;
  });
}

describe('/docs/openapi.json', () => {
  it('tells every route that is registered, and no other, each with words, answers and its shapes', async () => {
    const document = (await get('/docs/openapi.json')).json();
    const told = operationsOf(document);
    expect(told.toSorted()).toEqual(Object.keys(routes).toSorted());
    expect(document.openapi).toBe('3.1.0');
    expect(danglingRefs(document)).toEqual([]);
  });

  it('tells the body, the query and the answer from the shapes that the routes parse with', async () => {
    const { paths, components } = (await get('/docs/openapi.json')).json();
    const body = paths['/api/messages'].post.requestBody.content['application/json'].schema;
    expect(Object.keys(body.properties)).toEqual([
      'commandId',
      'account',
      'to',
      'conversation',
      'kind',
      'location',
      'contacts',
      'poll',
      'media',
      'caption',
      'forward',
      'text',
      'quote',
      'mentions',
    ]);
    expect(body.required).toEqual([]);
    expect(body.properties.poll.required).toEqual(['name', 'options']);
    const query = paths['/api/conversations'].get.parameters.map(({ name }: { name: string }) => name);
    expect(query).toEqual(['account', 'q', 'filter', 'assignee', 'label', 'cursor', 'limit']);
    const answer = paths['/api/accounts/{id}'].get.responses['200'].content['application/json'].schema;
    expect(answer).toEqual({ $ref: '#/components/schemas/Account' });
    expect(components.schemas.Account.properties.state.enum).toContain('SYNCING');
  });

  it('tells the error codes of each route, all of which can leave over HTTP', async () => {
    const { paths } = (await get('/docs/openapi.json')).json();
    expect(paths['/api/conversations'].post.responses['404'].description).toContain('NOT_ON_WHATSAPP');
    const named = new Set([
      ...errorsOfAll,
      ...errorsOfWrites,
      ...Object.values(routes).flatMap(({ errors: own = [] }) => own),
    ]);
    expect([...named].filter((code) => errors[code].status === undefined)).toEqual([]);
    // The rest is answered where there is no route.
    const withStatus = errorCodes.filter((code) => errors[code].status !== undefined);
    expect(withStatus.filter((code) => !named.has(code))).toEqual(['NOT_FOUND', 'METHOD_NOT_ALLOWED']);
  });
});

describe('/docs/asyncapi.json', () => {
  it('tells every event and frame of the protocol, and no other', async () => {
    const document = (await get('/docs/asyncapi.json')).json();
    const expected = [
      ...Object.keys({ ...durableEvents, ...ephemeralEvents }),
      ...Object.keys(clientFrames).map((type) => `client.${type}`),
    ];
    expect(Object.keys(document.components.messages)).toEqual(expected);
    expect(Object.keys(document.channels.live.messages)).toEqual(expected);
    const { tell, hear } = document.operations;
    expect(tell.messages.length + hear.messages.length).toBe(expected.length);
    expect(danglingRefs(document)).toEqual([]);
  });

  it('gives a position to durable types alone', async () => {
    const { messages } = (await get('/docs/asyncapi.json')).json().components;
    for (const type of Object.keys(durableEvents))
      expect(messages[type].payload.required).toEqual(['type', 'data', 'timestamp', 'stream', 'seq']);
    for (const type of Object.keys(ephemeralEvents))
      expect(messages[type].payload.required).toEqual(['type', 'data', 'timestamp']);
    expect(messages['client.typing'].payload.properties.data.properties.state.enum).toEqual(['composing', 'paused']);
  });
});

describe('/docs', () => {
  it('is one page without script that loads nothing, in the language that is asked for', async () => {
    for (const [url, language, lang] of [
      ['/docs', 'en-GB', 'en'],
      ['/docs', 'zh-TW', 'zh-CN'],
      ['/docs?lang=en', 'zh', 'en'],
    ] as const) {
      const { payload, headers } = await get(url, language);
      expect(payload).toContain(`<html lang="${lang}">`);
      const loading = /<(script|img|link|iframe|base|form)\b|\s(src|srcset|style|on\w+)=|href="(?!#|\/docs)|url\(/g;
      expect(payload.match(loading)).toBeNull();
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-\S+'; frame-anc/);
    }
  });

  it('has every route, frame and error code', async () => {
    const { payload } = await get('/docs');
    const names = [...Object.keys(routes), ...Object.keys({ ...durableEvents, ...ephemeralEvents, ...clientFrames })];
    expect([...names, ...errorCodes].filter((name) => !payload.includes(`<code>${name}</code>`))).toEqual([]);
  });

  it('refuses a language that it has not', async () => {
    expect((await get('/docs?lang=fr')).statusCode).toBe(400);
  });
});
