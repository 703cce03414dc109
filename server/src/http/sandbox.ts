// The routes of the sandbox: they drive the phones and contacts of the built-in emulator through its control API. Real accounts are never touched.
import { type Account, CodedError, shape } from '@pulseline/protocol';
import { Type } from 'typebox';
import { findAccount } from './accounts.ts';
import type { Api, Parts } from './parts.ts';
import { byId, id, label } from './schemas.ts';

const { list, object, optional, string } = shape;
const phone = object({ id: string(200, 1), name: optional(string()), pn: string(200, 1) });
const phones = list(phone);

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

  app.post('/api/sandbox/accounts/:id/scan', { schema: { params: byId } }, async ({ params }) => {
    const account = await sandboxAccount(params.id);
    const code = qrCodes.current(account.id);
    if (code === undefined) throw new CodedError('ACCOUNT_NOT_IN_QR', { state: account.state });
    const scanner = await phoneOf(account);
    return sandbox.call('POST', '/scan', { qr: code.qr, phone: scanner.id });
  });

  for (const act of ['offline', 'online', 'logout'] as const) {
    app.post(`/api/sandbox/accounts/:id/${act}`, { schema: { params: byId } }, async ({ params }) => {
      const { id: phoneId } = await phoneOf(await sandboxAccount(params.id));
      return sandbox.call('POST', `/phones/${encodeURIComponent(phoneId)}/${act}`);
    });
  }

  const contactPath = (contact: string, act: string): string => `/contacts/${encodeURIComponent(contact)}/${act}`;

  app.get('/api/sandbox/contacts', async () => ({ items: await sandbox.call('GET', '/contacts'), next: null }));

  app.post('/api/sandbox/contacts', { schema: { body: Type.Object({ name: label }) } }, async ({ body }, reply) => {
    reply.code(201);
    return sandbox.call('POST', '/contacts', { name: body.name.trim() });
  });

  const text = Type.Object({
    account: id,
    text: Type.String({ minLength: 1, maxLength: 65_536 }),
    /** How many, each with `{n}` in the text replaced; and how many a second. */
    n: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    rate: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  });
  app.post(
    '/api/sandbox/contacts/:id/messages',
    { schema: { params: byId, body: text } },
    async ({ params, body }, reply) => {
      const { account, ...message } = body;
      const { pn } = await phoneOf(await sandboxAccount(account));
      reply.code(201);
      return sandbox.call('POST', contactPath(params.id, 'send'), { ...message, to: pn });
    },
  );

  app.get('/api/sandbox/contacts/:id/messages', { schema: { params: byId } }, async ({ params }) => ({
    items: await sandbox.call('GET', contactPath(params.id, 'messages')),
    next: null,
  }));

  app.post('/api/sandbox/contacts/:id/read', { schema: { params: byId } }, async ({ params }) =>
    sandbox.call('POST', contactPath(params.id, 'read')),
  );
}
