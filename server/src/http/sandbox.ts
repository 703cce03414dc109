// The routes of the sandbox: they drive the phones and contacts of the built-in emulator through its control API. Real accounts are never touched.

import { readFile } from 'node:fs/promises';
import { type Account, CodedError, shape } from '@pulseline/protocol';
import { findAccount } from './accounts.ts';
import type { Api, Parts } from './parts.ts';
import { bodyOf, id, idOf, label } from './shapes.ts';

const { anything, boolean, integer, list, number, object, optional, string } = shape;
const phone = object({ id: string(200, 1), name: optional(string()), pn: string(200, 1) });
const phones = list(phone);
/** What else a contact can say, in the words of the emulator's control API; ids are those of the contact's own messages. */
const spoken = {
  kind: optional(string(32)),
  /** Of files: the id of an upload; absent = a small sample of the kind. */
  media: optional(id),
  latitude: optional(number()),
  longitude: optional(number()),
  name: optional(string(300)),
  address: optional(string(1_000)),
  /** Of the kind live-location: which in its row. */
  sequence: optional(integer()),
  cards: optional(list(object({ name: string(300, 1), number: string(64, 1) }), 100)),
  question: optional(string(1_000)),
  options: optional(list(string(300), 100)),
  selectable: optional(integer()),
  /** Of the kind vote: the poll; of the kinds forward and pin: the message. */
  poll: optional(string(128)),
  message: optional(string(128)),
  on: optional(boolean()),
  /** Of files, and of the kind disappearing: how long. */
  seconds: optional(number()),
  footer: optional(string(1_000)),
  /** Of the kind link. */
  url: optional(string(2_048)),
  title: optional(string(300)),
  caption: optional(string(65_536)),
  /** Of files: true, or withheld, which is what linked devices really get of it. */
  viewOnce: optional(anything()),
  /** Seconds after which what is said disappears. */
  expires: optional(integer()),
};
/** A file that a contact sends goes through memory. */
const MOST_BYTES = 64 * 1_048_576;

export const withName = object({ name: label });
export const writing = object({
  account: id,
  /** Of a text, and of buttons, template, list and interactive. */
  text: optional(string(65_536, 1)),
  ...spoken,
  /** How many, each with `{n}` in the text replaced; and how many a second. */
  n: optional(integer(1)),
  rate: optional(number()),
});

export function sandboxRoutes(api: Api, parts: Parts): void {
  api.register(async (app) => {
    app.addHook('preValidation', async () => {
      if (parts.sandbox.foreign) throw new CodedError('SANDBOX_IS_FOREIGN');
    });
    addRoutes(app, parts);
  });
}

function addRoutes(app: Api, parts: Parts): void {
  const { store, sandbox, qrCodes } = parts;

  const sandboxAccount = async (accountId: string): Promise<Account> => {
    const { account } = await findAccount(store.queries, accountId);
    if (account.kind !== 'sandbox') throw new CodedError('ACCOUNT_NOT_SANDBOX', { id: accountId });
    return account;
  };

  /** The phone that the account is, or would be, linked to: by its number, else by its label, which is the phone's name. */
  const phoneOf = async ({ label: name, me }: Account): Promise<{ readonly id: string; readonly pn: string }> => {
    const known = me === undefined ? [] : phones.parse(await sandbox.call('GET', '/phones'));
    return known.find(({ pn }) => pn === me?.id) ?? phone.parse(await sandbox.call('POST', '/phones', { name }));
  };

  app.post('/api/sandbox/accounts/:id/scan', async (request) => {
    const account = await sandboxAccount(idOf(request));
    const code = qrCodes.current(account.id);
    if (code === undefined) throw new CodedError('ACCOUNT_NOT_IN_QR', { state: account.state });
    const scanner = await phoneOf(account);
    return sandbox.call('POST', '/scan', { qr: code.qr, phone: scanner.id });
  });

  for (const act of ['offline', 'online', 'logout'] as const) {
    app.post(`/api/sandbox/accounts/:id/${act}`, async (request) => {
      const { id: phoneId } = await phoneOf(await sandboxAccount(idOf(request)));
      return sandbox.call('POST', `/phones/${encodeURIComponent(phoneId)}/${act}`);
    });
  }

  /** An upload, in the words of the emulator's control API. Errors: UPLOAD_NOT_FOUND, UPLOAD_TOO_LARGE. */
  const fileOf = async (upload: string): Promise<object> => {
    const row = await store.queries.media(upload);
    if (row?.file === undefined) throw new CodedError('UPLOAD_NOT_FOUND', { id: upload });
    const { kind, media } = row;
    if (media.size > MOST_BYTES) throw new CodedError('UPLOAD_TOO_LARGE', { limit: MOST_BYTES / 1_048_576 });
    const data = (await readFile(parts.media.files.path(row.file))).toString('base64');
    const { name, mime, duration: seconds, width, height } = media;
    return { kind, data, name, mime, seconds, width, height };
  };

  const contactPath = (contact: string, act: string): string => `/contacts/${encodeURIComponent(contact)}/${act}`;

  app.get('/api/sandbox/contacts', async () => ({ items: await sandbox.call('GET', '/contacts'), next: null }));

  app.post('/api/sandbox/contacts', async (request, reply) => {
    const { name } = bodyOf(withName, request);
    reply.code(201);
    return sandbox.call('POST', '/contacts', { name });
  });

  app.post('/api/sandbox/contacts/:id/messages', async (request, reply) => {
    const { account, media, ...message } = bodyOf(writing, request);
    const { pn } = await phoneOf(await sandboxAccount(account));
    const file = media === undefined ? {} : await fileOf(media);
    reply.code(201);
    return sandbox.call('POST', contactPath(idOf(request), 'send'), { ...file, ...message, to: pn });
  });

  app.get('/api/sandbox/contacts/:id/messages', async (request) => ({
    items: await sandbox.call('GET', contactPath(idOf(request), 'messages')),
    next: null,
  }));

  app.post('/api/sandbox/contacts/:id/read', async (request) =>
    sandbox.call('POST', contactPath(idOf(request), 'read')),
  );
}
