// The routes of accounts: list, add, change, link, unlink, remove. They hand every change to a command or to the fleet and decide nothing.
import { randomBytes } from 'node:crypto';
import { type Account, CodedError } from '@pulseline/protocol';
import { Type } from 'typebox';
import { isProxy } from '../config.ts';
import { phoneDigits } from '../inbox/address.ts';
import type { AccountRow, Queries } from '../store/port.ts';
import type { Api, Parts } from './parts.ts';
import { byId, label } from './schemas.ts';

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Ms that WhatsApp gets to hear that the device is gone, before its data goes anyway. */
const UNLINK_TIMEOUT = 5_000;

export function accountRoutes(app: Api, parts: Parts): void {
  const { store, fleet, dialling } = parts;

  const rowOf = (id: string): Promise<AccountRow> => findAccount(store.queries, id);

  app.get('/api/accounts', async () => ({
    items: (await store.queries.accounts()).map(({ account }) => account),
    next: null,
  }));

  const fresh = Type.Object({ label, kind: Type.Enum(['phone', 'sandbox']) });
  app.post('/api/accounts', { schema: { body: fresh } }, async ({ body }, reply): Promise<Account> => {
    const id = `acc_${Array.from(randomBytes(10), (byte) => base32[byte % 32]).join('')}`;
    const account = await store.writer.run('create_account', { id, label: body.label.trim(), kind: body.kind });
    dialling.connect(await rowOf(id));
    reply.code(201).header('location', `/api/accounts/${id}`);
    return account;
  });

  app.get('/api/accounts/:id', { schema: { params: byId } }, async ({ params }) => (await rowOf(params.id)).account);

  const changes = Type.Object({
    label: Type.Optional(label),
    proxy: Type.Optional(Type.Union([Type.Null(), Type.String({ maxLength: 500 })])),
  });
  app.patch('/api/accounts/:id', { schema: { params: byId, body: changes } }, async ({ params, body }) => {
    const before = await rowOf(params.id);
    const proxy = body.proxy === '' ? null : body.proxy;
    if (typeof proxy === 'string' && !isProxy(proxy)) {
      throw new CodedError('BAD_REQUEST', { detail: 'proxy: expected http://, https:// or socks5://' });
    }
    const account = await store.writer.run('change_account', {
      id: params.id,
      ...(body.label !== undefined && { label: body.label.trim() }),
      ...(proxy !== undefined && { proxy }),
    });
    if (proxy !== undefined && (proxy ?? undefined) !== before.proxy) dialling.connect(await rowOf(params.id));
    return account;
  });

  app.delete('/api/accounts/:id', { schema: { params: byId } }, async ({ params }, reply) => {
    const { id } = (await rowOf(params.id)).account;
    // A device that stays on the phone's list would go on receiving; but WhatsApp out of reach must not keep the data here.
    await within(UNLINK_TIMEOUT, fleet.logout(id)).catch((error: unknown) =>
      parts.log.warn({ err: error, account: id }, 'the device could not be unlinked before its removal'),
    );
    await dialling.stop(id);
    await store.writer.run('remove_account', { id });
    return reply.code(204).send();
  });

  app.get('/api/accounts/:id/qr', { schema: { params: byId } }, async ({ params }) => {
    const { account } = await rowOf(params.id);
    const current = parts.qrCodes.current(account.id);
    if (current === undefined) throw new CodedError('ACCOUNT_NOT_IN_QR', { state: account.state });
    return current;
  });

  const phone = Type.Object({ phone: Type.String({ minLength: 5, maxLength: 64 }) });
  app.post('/api/accounts/:id/pairing-code', { schema: { params: byId, body: phone } }, async ({ params, body }) => {
    const { account } = await rowOf(params.id);
    const digits = phoneDigits(body.phone);
    if (digits === undefined) throw new CodedError('BAD_ADDRESS', { to: body.phone });
    return { code: await fleet.pairingCode(account.id, digits) };
  });

  app.post('/api/accounts/:id/restart', { schema: { params: byId } }, async ({ params }, reply) => {
    const { account } = await rowOf(params.id);
    fleet.restart(account.id);
    return reply.code(202).send({ account });
  });

  app.post('/api/accounts/:id/logout', { schema: { params: byId } }, async ({ params }, reply) => {
    const { account } = await rowOf(params.id);
    // How it goes on is told by whatsapp_status.
    fleet
      .logout(account.id)
      .catch((error: unknown) => parts.log.error({ err: error, account: account.id }, 'logout failed'));
    return reply.code(202).send({ account });
  });
}

/** Errors: ACCOUNT_NOT_FOUND. */
export async function findAccount(queries: Pick<Queries, 'accounts'>, id: string): Promise<AccountRow> {
  const row = (await queries.accounts()).find(({ account }) => account.id === id);
  if (row === undefined) throw new CodedError('ACCOUNT_NOT_FOUND', { id });
  return row;
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const late = new Promise<never>((_, reject) => {
    const timeout = setTimeout(() => reject(new Error(`not done after ${ms} ms`)), ms);
    timer.signal.addEventListener('abort', () => clearTimeout(timeout));
  });
  try {
    await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
