// The routes that give a conversation, or all of an account, as a file: JSON lines for programs, text for people (which can be imported again). They are streamed page by page and hold none of it.
import { Readable } from 'node:stream';
import { CodedError, type Conversation, type Language, type Message, shape } from '@pulseline/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { kindLabels } from '../inbox/kind-labels.ts';
import type { Queries } from '../store/port.ts';
import { findAccount } from './accounts.ts';
import { htmlFoot, htmlHead, htmlOf } from './exports-html.ts';
import type { Api, Parts } from './parts.ts';
import { languageOf } from './problem.ts';
import { idOf, queryOf } from './shapes.ts';

const { object, oneOf, optional, string } = shape;
export const exporting = object({
  format: optional(oneOf(['jsonl', 'txt', 'html'])),
  /** Of the times in the text. */
  timeZone: optional(string(64, 1)),
});

/** Messages read at a time: some ms, so that others are served in between. */
const PAGE = 200;

const words = {
  zh: { me: '我', deleted: '此消息已删除', edited: '已编辑' },
  en: { me: 'Me', deleted: 'This message was deleted', edited: 'edited' },
};

export function exportRoutes(
  app: Api,
  { store: { queries }, language: standard, now }: Pick<Parts, 'store' | 'language' | 'now'>,
): void {
  const asFile = (
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    items: (write: Write) => Items,
  ): unknown => {
    const { format = 'jsonl', timeZone } = queryOf(exporting, request);
    const language = languageOf(request.headers['accept-language'], standard);
    const zone = format === 'jsonl' ? '' : zoneOf(timeZone);
    reply.headers(headersOf(name, format));
    if (format === 'html') {
      const how = { language, timeZone: zone, label: labelIn(language) };
      return reply.send(Readable.from(within(htmlHead(name, how, now()), items(htmlOf(how)), htmlFoot)));
    }
    const write = format === 'txt' ? textOf(language, zone) : lineOf;
    return reply.send(Readable.from(items(write)));
  };

  app.get('/api/conversations/:id/export', async (request, reply) => {
    const row = await queries.conversation(idOf(request));
    if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id: idOf(request) });
    const { conversation } = row;
    return asFile(request, reply, conversation.name, (write) => ofConversation(queries, conversation, write));
  });

  app.get('/api/accounts/:id/export', async (request, reply) => {
    const { account } = await findAccount(queries, idOf(request));
    return asFile(request, reply, account.label, (write) => ofAccount(queries, account.id, write));
  });
}

type Items = AsyncGenerator<string>;
/** One thing as text; what has none is ''. */
type Write = (item: { readonly conversation: Conversation } | { readonly message: Message }) => string;

async function* ofAccount(queries: Queries, account: string, write: Write): AsyncGenerator<string> {
  for (let cursor: string | undefined; ; ) {
    const page = await queries.conversations({ account, limit: PAGE, ...(cursor !== undefined && { cursor }) });
    for (const conversation of page.items) yield* ofConversation(queries, conversation, write);
    if (page.next === null) return;
    cursor = page.next;
  }
}

async function* within(head: string, items: Items, foot: string): Items {
  yield head;
  yield* items;
  yield foot;
}

function labelIn(language: Language): (message: Message) => string {
  return ({ kind }) => {
    const label = kindLabels[language][kind];
    return label === undefined ? '' : `[${label}]`;
  };
}

/** The oldest message first. */
async function* ofConversation(queries: Queries, conversation: Conversation, write: Write): AsyncGenerator<string> {
  yield write({ conversation });
  for (let after = '~0'; ; ) {
    const page = await queries.messages({ conversation: conversation.id, after, limit: PAGE });
    yield page.items.map((message) => write({ message })).join('');
    if (page.next === null) return;
    after = page.next;
  }
}

const lineOf: Write = (item) => {
  const [type, thing] =
    'message' in item ? (['message', item.message] as const) : (['conversation', item.conversation] as const);
  return `${JSON.stringify({ type, ...thing })}\n`;
};

/** As a phone exports it, so that it can be read in again. */
function textOf(language: Language, timeZone: string): Write {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const { me, deleted, edited } = words[language];
  let open: Conversation | undefined;
  return (item) => {
    if ('conversation' in item) {
      const isNext = open !== undefined;
      open = item.conversation;
      return `${isNext ? '\n' : ''}# ${oneLine(open.name)}${open.phone !== undefined && open.phone !== open.name ? ` ${open.phone}` : ''}\n`;
    }
    const { timestamp, fromMe, kind, authorName, author, deleted: gone, edited: changed } = item.message;
    const at = clock.format(timestamp).replaceAll('-', '/');
    const name = fromMe ? me : (authorName ?? author ?? open?.name ?? '');
    const label = kindLabels[language][kind];
    const said = gone === true ? deleted : [label && `[${label}]`, spelled(item.message)].filter(Boolean).join(' ');
    const mark = changed === true && gone !== true ? ` (${edited})` : '';
    const who = kind === 'system' ? '' : `${oneLine(name).replaceAll(': ', ' ')}: `;
    return `[${at}] ${who}${said}${mark}\n`;
  };
}

/** The text, and what else the message bears in words: a place to open, numbers to call, what could be chosen. */
function spelled({ body, location, contacts = [], poll }: Message): string {
  const place = location && `https://maps.google.com/?q=${location.latitude},${location.longitude}`;
  const numbers = contacts.flatMap(({ name, phones }) => phones.map(({ number }) => `${name}: ${number}`));
  const options = (poll?.options ?? []).map(({ name, votes }) => `▸ ${name} (${votes})`);
  return [body, place, ...numbers, ...options].filter(Boolean).join('\n');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Errors: BAD_REQUEST for a zone that is not known. */
function zoneOf(timeZone: string | undefined): string {
  try {
    return new Intl.DateTimeFormat('en', timeZone === undefined ? {} : { timeZone }).resolvedOptions().timeZone;
  } catch (error) {
    throw new CodedError('BAD_REQUEST', { detail: `timeZone=${timeZone ?? ''}` }, error);
  }
}

const TYPES = {
  txt: 'text/plain; charset=utf-8',
  html: 'text/html; charset=utf-8',
  jsonl: 'application/x-ndjson; charset=utf-8',
} as const;

/** A file to keep, never a page to show. The name is for people: what a file system or header cannot bear is left out. */
function headersOf(name: string, format: 'jsonl' | 'txt' | 'html'): Readonly<Record<string, string>> {
  const plain =
    oneLine(name)
      .replaceAll(/[\p{C}\\/:*?"<>|]/gu, '')
      .slice(0, 80) || 'chat';
  const file = encodeURIComponent(`${plain}.${format}`).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return {
    'content-type': TYPES[format],
    'content-disposition': `attachment; filename="chat.${format}"; filename*=UTF-8''${file}`,
  };
}
