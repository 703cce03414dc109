// The routes of accounts: list, add, change, link, unlink, remove. They hand every change to a command or to the fleet and decide nothing.
import { randomBytes } from 'node:crypto';
import { type Account, CodedError, shape } from '@pulseline/protocol';
import type { FastifyRequest } from 'fastify';
import { isProxy } from '../config.ts';
import { phoneDigits } from '../inbox/address.ts';
import type { AccountRow, Queries } from '../store/port.ts';
import type { Api, Parts } from './parts.ts';
import { bodyOf, idOf, label } from './shapes.ts';

const { integer, nullable, object, oneOf, optional, string } = shape;
export const fresh = object({ label, kind: oneOf(['phone', 'sandbox']) });
export const changes = object({
  label: optional(label),
  proxy: optional(nullable(string(500))),
  /** null = for ever. */
  retentionDays: optional(nullable(integer(1))),
  /** null = one that follows from its id. */
  colour: optional(nullable(integer())),
  /** Of its files; null = no limit, for ever. */
  mediaBudgetMb: optional(nullable(integer(1))),
  mediaDays: optional(nullable(integer(1))),
});
/** What the files of an account take on the disk. */
export const mediaUse = object({ files: integer(), bytes: integer(), pending: integer() });
/** Ten years. */
const MOST_DAYS = 3_650;
export const withPhone = object({ phone: string(64, 5) });

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Ms that WhatsApp gets to hear that the device is gone, before its data goes anyway. */
const UNLINK_TIMEOUT = 5_000;

export function accountRoutes(app: Api, parts: Parts): void {
  const { store, fleet, dialling } = parts;

  const rowOf = (request: FastifyRequest): Promise<AccountRow> => findAccount(store.queries, idOf(request));

  app.get('/api/accounts', async () => ({
    items: (await store.queries.accounts()).map(({ account }) => account),
    next: null,
  }));

  app.post('/api/accounts', async (request, reply): Promise<Account> => {
    const wanted = bodyOf(fresh, request);
    const id = `acc_${Array.from(randomBytes(10), (byte) => base32[byte % 32]).join('')}`;
    const account = await store.writer.run('create_account', { id, ...wanted });
    dialling.connect(await findAccount(store.queries, id));
    reply.code(201).header('location', `/api/accounts/${id}`);
    return account;
  });

  app.get('/api/accounts/:id', async (request) => (await rowOf(request)).account);

  app.patch('/api/accounts/:id', async (request) => {
    const wanted = bodyOf(changes, request);
    const before = await rowOf(request);
    const { id } = before.account;
    const proxy = wanted.proxy === '' ? null : wanted.proxy;
    if (typeof proxy === 'string' && !isProxy(proxy)) {
      throw new CodedError('BAD_REQUEST', { detail: 'proxy: expected http://, https:// or socks5://' });
    }
    const { retentionDays, mediaBudgetMb, mediaDays, colour } = wanted;
    for (const [name, days] of Object.entries({ retentionDays, mediaDays })) {
      if (typeof days === 'number' && days > MOST_DAYS)
        throw new CodedError('BAD_REQUEST', { detail: `${name}: expected 1 to ${MOST_DAYS}` });
    }
    const account = await store.writer.run('change_account', {
      id,
      ...(retentionDays !== undefined && { retentionDays }),
      ...(colour !== undefined && { colour }),
      ...(mediaBudgetMb !== undefined && { mediaBudgetMb }),
      ...(mediaDays !== undefined && { mediaDays }),
      ...(wanted.label !== undefined && { label: wanted.label }),
      ...(proxy !== undefined && { proxy }),
    });
    if (mediaBudgetMb !== undefined || mediaDays !== undefined) void parts.media.look();
    if (proxy !== undefined && (proxy ?? undefined) !== before.proxy)
      dialling.connect(await findAccount(store.queries, id));
    return account;
  });

  app.get('/api/accounts/:id/media', async (request) => store.queries.mediaUse((await rowOf(request)).account.id));

  app.delete('/api/accounts/:id', async (request, reply) => {
    const { id } = (await rowOf(request)).account;
    // A device that stays on the phone's list would go on receiving; but WhatsApp out of reach must not keep the data here.
    await within(UNLINK_TIMEOUT, fleet.logout(id)).catch((error: unknown) =>
      parts.log.warn({ err: error, account: id }, 'the device could not be unlinked before its removal'),
    );
    await dialling.stop(id);
    const files = await store.queries.filesOfAccount(id);
    await store.writer.run('remove_account', { id });
    await parts.media.forget(files);
    return reply.code(204).send();
  });

  app.get('/api/accounts/:id/qr', async (request) => {
    const { account } = await rowOf(request);
    const current = parts.qrCodes.current(account.id);
    if (current === undefined) throw new CodedError('ACCOUNT_NOT_IN_QR', { state: account.state });
    return current;
  });

  app.post('/api/accounts/:id/pairing-code', async (request) => {
    const { phone } = bodyOf(withPhone, request);
    const { account } = await rowOf(request);
    const digits = phoneDigits(phone);
    if (digits === undefined) throw new CodedError('BAD_ADDRESS', { to: phone });
    return { code: await fleet.pairingCode(account.id, digits) };
  });

  app.post('/api/accounts/:id/restart', async (request, reply) => {
    const { account } = await rowOf(request);
    fleet.restart(account.id);
    return reply.code(202).send({ account });
  });

  app.post('/api/accounts/:id/logout', async (request, reply) => {
    const { account } = await rowOf(request);
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
