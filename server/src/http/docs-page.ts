// The page at /docs: the routes, frames, errors and close codes as one calm HTML page in Chinese or English. It holds no script and loads nothing.
import {
  clientFrames,
  closeCodes,
  durableEvents,
  ephemeralEvents,
  errorCodes,
  errors,
  type Language,
  type shape,
  type Words,
} from '@pulseline/protocol';
import { clientWords, durableWords, ephemeralWords } from './docs-asyncapi.ts';
import { tagOf } from './docs-openapi.ts';
import { type Answer, type RouteDoc, routes } from './docs-routes.ts';
import { components, schemaOf } from './docs-schemas.ts';
import { hashOf } from './site.ts';

const words = {
  zh: {
    lang: 'zh-CN',
    title: 'Pulseline 接口',
    intro: '名称和结构只会增加，不会更改或删除。机器可读：',
    other: 'English',
    routes: 'REST',
    frames: 'WebSocket /ws',
    durable: '持久事件：带 stream 和 seq，会补发',
    ephemeral: '即时帧：不带位置，不补发',
    client: '客户端可以发送的帧',
    things: '对象',
    errors: '错误码',
    closeCodes: '关闭码',
    query: '查询',
    header: '请求头',
    body: '请求体',
    answer: '回答',
    fails: '错误',
    retry: '可重试',
  },
  en: {
    lang: 'en',
    title: 'Pulseline API',
    intro: 'Names and shapes may grow; none is ever changed or dropped. For machines:',
    other: '中文',
    routes: 'REST',
    frames: 'WebSocket /ws',
    durable: 'Durable events: they bear stream and seq, and are replayed',
    ephemeral: 'Frames of the moment: no position, never replayed',
    client: 'Frames that a client may send',
    things: 'Things',
    errors: 'Errors',
    closeCodes: 'Close codes',
    query: 'Query',
    header: 'Header',
    body: 'Body',
    answer: 'Answer',
    fails: 'Errors',
    retry: 'retry helps',
  },
} as const satisfies Readonly<Record<Language, object>>;

const style = `:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 16%,transparent);--soft:color-mix(in srgb,currentColor 64%,transparent)}
body{margin:0 auto;max-width:60rem;padding:2rem 1.25rem 4rem;font:15px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif}
header{display:flex;flex-wrap:wrap;gap:0 1rem;align-items:baseline;justify-content:space-between}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2.5rem 0 .5rem}h3{font-size:.95rem;margin:1.25rem 0 .25rem;color:var(--soft)}
code{font:13px/1.5 ui-monospace,SFMono-Regular,Consolas,monospace;overflow-wrap:anywhere}
details{border-top:1px solid var(--line)}summary{padding:.5rem 0;cursor:pointer}summary span,.soft{color:var(--soft)}summary code{margin-inline-end:.75rem}
dl{display:grid;grid-template-columns:6rem 1fr;gap:.25rem 1rem;margin:0 0 1rem 1rem}dt{color:var(--soft)}dd{margin:0}
table{border-collapse:collapse;width:100%}td{border-top:1px solid var(--line);padding:.35rem .75rem .35rem 0;vertical-align:top}
a{color:inherit}@media(max-width:40rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}`;

export const docsPolicy = `default-src 'none'; style-src ${hashOf(style)}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** `registered` as openApi takes it. */
export function docsPage(registered: readonly string[], language: Language): string {
  const say = words[language];
  const other = language === 'zh' ? 'en' : 'zh';
  const tags = [...new Set(registered.map(tagOf))];
  const frames = (heading: string, shapes: Shapes, told: Readonly<Record<string, Words>>): string =>
    `<h3>${heading}</h3>${Object.entries(shapes)
      .map(([type, data]) => folded(code(type), told[type]?.[language] ?? '', `<p>${typeOf(schemaOf(data))}</p>`))
      .join('')}`;
  const table = (rows: readonly (readonly string[])[]): string =>
    `<table>${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</table>`;

  return `<!doctype html><html lang="${say.lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${say.title}</title><style>${style}</style></head><body>
<header><h1>${say.title}</h1><a href="/docs?lang=${other}" lang="${words[other].lang}">${say.other}</a></header>
<p>${say.intro} <a href="/docs/openapi.json?lang=${language}">OpenAPI</a> · <a href="/docs/asyncapi.json?lang=${language}">AsyncAPI</a></p>
<main><section><h2>${say.routes}</h2>${tags
    .map(
      (tag) =>
        `<h3>${tag}</h3>${registered
          .filter((key) => tagOf(key) === tag)
          .map((key) => route(key, language))
          .join('')}`,
    )
    .join('')}</section>
<section><h2>${say.frames}</h2>${frames(say.durable, durableEvents, durableWords)}${frames(say.ephemeral, ephemeralEvents, ephemeralWords)}${frames(say.client, clientFrames, clientWords)}</section>
<section><h2>${say.things}</h2>${Object.entries(components())
    .map(([name, schema]) => `<h3 id="${name}">${name}</h3><p>${typeOf(schema)}</p>`)
    .join('')}</section>
<section><h2>${say.errors}</h2>${table(
    errorCodes.map((name) => {
      const { status, retry, title, fix } = errors[name];
      const help = `${escaped(title[language])}<br><span class="soft">${escaped(fix[language])}${retry ? ` · ${say.retry}` : ''}</span>`;
      return [code(name), String(status ?? ''), help];
    }),
  )}</section>
<section><h2>${say.closeCodes}</h2>${table(
    Object.entries(closeCodes).map(([number, { next, title }]) => [number, code(next), escaped(title[language])]),
  )}</section></main></body></html>`;
}

type Shapes = Readonly<Record<string, shape.Shape<unknown>>>;

function route(key: string, language: Language): string {
  const doc = routes[key];
  if (doc === undefined) return folded(code(key), '', '');
  const say = words[language];
  const rows: readonly (readonly [string, string])[] = [
    [say.query, doc.query === undefined ? '' : typeOf(schemaOf(doc.query))],
    [
      say.header,
      Object.entries(doc.headers ?? {})
        .map(([name, told]) => `${code(name)} ${told[language]}`)
        .join('<br>'),
    ],
    [say.body, doc.body === undefined ? '' : typeOf(schemaOf(doc.body))],
    [say.answer, Object.entries(doc.answers).map(answer).join('<br>')],
    [say.fails, failures(doc)],
  ];
  const told = rows.filter(([, text]) => text !== '').map(([name, text]) => `<dt>${name}</dt><dd>${text}</dd>`);
  return folded(code(key), doc.summary[language], `<dl>${told.join('')}</dl>`);
}

function answer([status, given]: readonly [string, Answer | readonly Answer[]]): string {
  const kinds = [given].flat().map((one) => {
    if (one === 'nothing') return '';
    return typeof one === 'string' ? code(one) : typeOf(schemaOf(one));
  });
  return `${status} ${kinds.join(' · ')}`;
}

function failures({ errors: own = [] }: RouteDoc): string {
  return own.map((name) => `${code(name)} ${errors[name].status ?? ''}`).join(' · ');
}

function folded(head: string, told: string, inside: string): string {
  return `<details><summary>${head}<span>${escaped(told)}</span></summary>${inside}</details>`;
}

function code(text: string): string {
  return `<code>${escaped(text)}</code>`;
}

/** A schema in the writing of TypeScript; parts with a name lead to it. */
function typeOf(schema: shape.JsonSchema): string {
  return `<code>${notation(schema)}</code>`;
}

function notation(schema: shape.JsonSchema): string {
  const { $ref, enum: values, anyOf, type, items, properties, required, additionalProperties } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1) ?? '';
    return `<a href="#${name}">${name}</a>`;
  }
  if (Array.isArray(values)) return values.map((value) => escaped(JSON.stringify(value))).join(' | ');
  if (Array.isArray(anyOf)) return anyOf.filter(isSchema).map(notation).join(' | ');
  if (type === 'array' && isSchema(items)) return `[${notation(items)}]`;
  if (isSchema(properties)) {
    const needed = new Set(Array.isArray(required) ? required : []);
    const fields = Object.entries(properties).map(([name, field]) =>
      isSchema(field) ? `${escaped(name)}${needed.has(name) ? '' : '?'}: ${notation(field)}` : '',
    );
    return `{ ${fields.join(', ')} }`;
  }
  if (isSchema(additionalProperties)) return `{ [name]: ${notation(additionalProperties)} }`;
  return typeof type === 'string' ? type : 'any';
}

function isSchema(value: unknown): value is shape.JsonSchema {
  return typeof value === 'object' && value !== null;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
