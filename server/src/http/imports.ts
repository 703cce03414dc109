// The route that takes an exported chat: first what was understood of it, then, when somebody has looked, the conversation. The file is read in memory and never kept.
import { createHash } from 'node:crypto';
import { CodedError, dateOrders, type importPreview, MOST_PEOPLE, SAMPLE, shape } from '@pulseline/protocol';
import type { ImportChat, ImportedMessage } from '../inbox/commands.ts';
import { ChatReader, chatNameOf, type ExportedChat, momentOf } from '../inbox/exported-chat.ts';
import { findAccount } from './accounts.ts';
import { readForm } from './multipart.ts';
import type { Api, Parts } from './parts.ts';
import { idOf } from './shapes.ts';
import { entriesOf, isZip, readEntry, ZipError } from './zip.ts';

const { object, oneOf, optional, string } = shape;

/** Bytes of a file, and of the text in it. */
const MOST_BYTES = 67_108_864;
const MOST_TEXT = 33_554_432;
const MOST_MESSAGES = 200_000;
/** Lines read, and messages written, at a time: what others want comes in between. */
const LINES = 2_000;
const LONGEST_NAME = 2_000;
const PART = 200;

/** Beside the part `file`. */
export const importing = object({
  /** Shows what would be imported. */
  preview: optional(oneOf(['true', 'false'])),
  /** Which of the people in the chat is the account's own. */
  me: optional(string(200)),
  name: optional(string(300, 1)),
  dateOrder: optional(oneOf(dateOrders)),
  timeZone: optional(string(64, 1)),
});
export function importRoutes(app: Api, { store }: Pick<Parts, 'store'>): void {
  let busy: object | undefined;
  // A scope of its own: multipart is read into memory here alone.
  void app.register(async (scope) => {
    scope.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    // One at a time, before a byte of the body is read: each may hold a hundred megabytes.
    scope.addHook('onRequest', async (_request, reply) => {
      if (busy !== undefined) throw new CodedError('BUSY');
      busy = reply.raw;
      reply.raw.once('close', () => {
        if (busy === reply.raw) busy = undefined;
      });
    });
    scope.post('/api/accounts/:id/imports', { bodyLimit: MOST_BYTES + 65_536 }, async (request, reply) => {
      const { account } = await findAccount(store.queries, idOf(request));
      if (!Buffer.isBuffer(request.body)) throw new CodedError('BAD_REQUEST', { detail: 'file: expected' });
      const { file, fields } = await formOf(request.body, request.headers['content-type'] ?? '');
      const asked = importing.parse(Object.fromEntries(fields), 'body');
      try {
        const found = await read(file, asked.dateOrder, asked.timeZone, account.me?.name);
        const name = asked.name ?? found.name;
        if (asked.preview === 'true') return { ...previewOf(found), name };
        const me = asked.me ?? found.me;
        let at = 0;
        let added = 0;
        for (;;) {
          const part = found.messages.slice(at, at + PART);
          at += PART;
          const last = at >= found.messages.length;
          const messages = part.map((message) => withSide(message, me));
          const input = {
            account: account.id,
            key: found.key,
            name,
            kind: found.kind,
            messages,
            last,
          } satisfies ImportChat;
          const done = await store.writer.run('import_chat', input);
          added += done.added;
          if (!last) continue;
          const row = await store.queries.conversation(done.conversation.id);
          return await reply
            .code(201)
            .send({ conversation: row?.conversation ?? done.conversation, messages: found.messages.length, added });
        }
      } finally {
        if (busy === reply.raw) busy = undefined;
      }
    });
  });
}

interface ImportFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Errors: a ShapeError, which leaves as BAD_REQUEST. */
async function formOf(
  body: Buffer,
  contentType: string,
): Promise<{ readonly file: ImportFile; readonly fields: ReadonlyMap<string, string> }> {
  const chunks: Buffer[] = [];
  let name = '';
  const whole = async function* () {
    yield body;
  };
  const fields = await readForm(whole(), contentType, async (head, pieces) => {
    name = head.name.slice(0, LONGEST_NAME);
    for await (const piece of pieces) chunks.push(piece);
  });
  const [first] = chunks;
  return { fields, file: { name, bytes: chunks.length === 1 && first ? first : Buffer.concat(chunks) } };
}

function withSide(message: ImportedMessage, me: string | undefined): ImportedMessage {
  const { author, ...rest } = message;
  if (author === undefined) return message;
  return author === me ? { ...rest, fromMe: true } : message;
}

interface Read {
  readonly key: string;
  readonly name: string;
  readonly kind: 'person' | 'group';
  readonly chat: ExportedChat;
  readonly messages: readonly ImportedMessage[];
  readonly me: string | undefined;
}

/** Errors: IMPORT_UNREADABLE, IMPORT_TOO_LARGE, BAD_REQUEST for a time zone that is not known. */
async function read(
  file: ImportFile,
  order: (typeof dateOrders)[number] | undefined,
  zone: string | undefined,
  myName: string | undefined,
): Promise<Read> {
  const { text, names } = await textOf(file);
  const reader = new ChatReader();
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += LINES) {
    for (const line of lines.slice(at, at + LINES)) reader.line(line);
    if (reader.count > MOST_MESSAGES) throw new CodedError('IMPORT_TOO_LARGE', { detail: `> ${MOST_MESSAGES}` });
    await new Promise((resolve) => setImmediate(resolve));
  }
  const chat = reader.chat(order);
  const [first] = chat.messages;
  if (first === undefined) throw new CodedError('IMPORT_UNREADABLE', { detail: names[0] ?? '' });
  const timeZone = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const people = [...chat.people.keys()];
  const told = names.map(chatNameOf).find((name) => name !== undefined);
  const me =
    people.find((name) => name === myName) ??
    (people.length === 2 ? people.find((name) => told !== undefined && name !== told) : undefined);
  const others = people.filter((name) => name !== me);
  const name = told ?? (others.slice(0, 3).join('、') || names[0] || 'WhatsApp');
  const messages: ImportedMessage[] = [];
  for (const [index, { clock, ...message }] of chat.messages.entries()) {
    messages.push({ index, at: moment(clock, timeZone), fromMe: false, ...message });
    if (index % LINES === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  // A longer export of the same chat later begins in the same way: it goes on with the same conversation.
  const key = createHash('sha256')
    .update(JSON.stringify([name, first]))
    .digest('hex')
    .slice(0, 32);
  return { key, name, kind: people.length > 2 ? 'group' : 'person', chat, messages, me };
}

function moment(clock: Parameters<typeof momentOf>[0], timeZone: string): number {
  try {
    return momentOf(clock, timeZone);
  } catch {
    throw new CodedError('BAD_REQUEST', { detail: `timeZone=${timeZone}` });
  }
}

/** The chat's text, and the names that may tell what it is called. */
async function textOf({
  name,
  bytes,
}: ImportFile): Promise<{ readonly text: string; readonly names: readonly string[] }> {
  if (bytes.length > MOST_BYTES) throw new CodedError('IMPORT_TOO_LARGE', { detail: `> ${MOST_BYTES}` });
  if (!isZip(bytes)) {
    if (bytes.length > MOST_TEXT) throw new CodedError('IMPORT_TOO_LARGE', { detail: `> ${MOST_TEXT}` });
    return { text: bytes.toString('utf8'), names: [name] };
  }
  try {
    const texts = entriesOf(bytes).filter((entry) => /\.txt$/i.test(entry.name));
    const chat =
      texts.find((entry) => /(^|\/)_chat\.txt$/i.test(entry.name)) ??
      texts.find((entry) => chatNameOf(entry.name) !== undefined) ??
      texts[0];
    if (chat === undefined) throw new CodedError('IMPORT_UNREADABLE', { detail: '_chat.txt' });
    return { text: (await readEntry(bytes, chat, MOST_TEXT)).toString('utf8'), names: [chat.name, name] };
  } catch (error) {
    if (!(error instanceof ZipError)) throw error;
    throw new CodedError(
      error.tooLarge ? 'IMPORT_TOO_LARGE' : 'IMPORT_UNREADABLE',
      { detail: `zip: ${error.message}` },
      error,
    );
  }
}

function previewOf({ name, kind, chat, messages, me }: Read): shape.Of<typeof importPreview> {
  const times = messages.map(({ at }) => at);
  return {
    name,
    kind,
    messages: messages.length,
    people: [...chat.people]
      .slice(0, MOST_PEOPLE)
      .map(([person, count]) => ({ name: person.slice(0, 200), messages: count })),
    ...(me !== undefined && { me }),
    from: times.reduce((least, at) => Math.min(least, at), Number.MAX_SAFE_INTEGER),
    to: times.reduce((most, at) => Math.max(most, at), 0),
    dateOrder: chat.dateOrder,
    ambiguous: chat.ambiguous,
    skipped: chat.skipped,
    sample: messages.slice(0, SAMPLE).map(({ at, author, kind: of, body }) => ({
      at,
      ...(author !== undefined && { author: author.slice(0, 200) }),
      kind: of,
      body: body.slice(0, 300),
    })),
  };
}
