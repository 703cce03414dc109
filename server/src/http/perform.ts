// How a route has something done at WhatsApp: kept as an errand first, then waited for; what became of it is read from the store. It decides nothing.
import { randomUUID } from 'node:crypto';
import { type Account, CodedError, errorCodes, type Params, shape } from '@pulseline/protocol';
import { parseErrandBody } from '../inbox/errands.ts';
import type { JobRow } from '../store/port.ts';
import type { Errand } from '../whatsapp/port.ts';
import type { Parts } from './parts.ts';

const { anything, object, oneOf, optional, record, string } = shape;

/** Names one request: the same id again gives the same outcome, and nothing is done twice. */
export const commandId = optional(string(200, 1));
export const commanded = object({ commandId });

export type Outcome =
  | { readonly state: 'waiting'; readonly commandId: string }
  | { readonly state: 'done'; readonly commandId: string; readonly result: unknown };

export const outcome = object({
  commandId: string(200, 1),
  state: oneOf(['waiting', 'done', 'refused']),
  result: optional(anything()),
  code: optional(oneOf(errorCodes)),
});

/** States in which an errand has a chance. */
const USABLE: ReadonlySet<Account['state']> = new Set(['READY', 'DEGRADED', 'SYNCING']);

/** Errors: ACCOUNT_NOT_READY before anything is kept, COMMAND_REUSED, and what WhatsApp says. */
export async function perform(
  { store, fleet }: Pick<Parts, 'store' | 'fleet'>,
  account: Account,
  id: string | undefined,
  errand: Errand,
): Promise<Outcome> {
  const command = id ?? `e_${randomUUID()}`;
  if (!USABLE.has(account.state) && (await store.queries.jobOfCommand(command)) === undefined) {
    throw new CodedError('ACCOUNT_NOT_READY', { state: account.state });
  }
  const jobId = `j_${randomUUID()}`;
  const { job } = await store.writer.run('enqueue_errand', { account: account.id, commandId: command, jobId, errand });
  const before = await store.queries.jobOfCommand(command);
  if (before !== undefined && before.state !== 'queued' && before.state !== 'sending')
    return outcomeOf(before, command);
  // Only to know when to look: a worker that dies meanwhile costs the waiting, not the errand.
  await fleet.errand(account.id, job).catch(() => undefined);
  const row = await store.queries.jobOfCommand(command);
  if (row === undefined) throw new CodedError('COMMAND_NOT_FOUND');
  return outcomeOf(row, command);
}

/** Throws the coded error of a refused one. */
function outcomeOf(row: JobRow, command: string): Outcome {
  const { outcome: ended } = row.type === 'errand' ? parseErrandBody(row) : {};
  if (ended === undefined) return { state: 'waiting', commandId: command };
  if (ended.error === undefined) return { state: 'done', commandId: command, result: ended.result ?? null };
  const code = errorCodes.find((each) => each === ended.error) ?? 'WHATSAPP_FAILED';
  throw new CodedError(code, paramsOf(ended.result));
}

/** As a status page shows it: a refusal is told, not thrown. */
export function shownOutcome(row: JobRow, command: string): shape.Of<typeof outcome> {
  try {
    return outcomeOf(row, command);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { commandId: command, state: 'refused', code: error.code };
  }
}

function paramsOf(value: unknown): Params {
  const found = record(anything());
  if (typeof value !== 'object' || value === null) return {};
  const pairs = Object.entries(found.parse(value));
  return Object.fromEntries(pairs.map(([name, each]) => [name, typeof each === 'number' ? each : String(each)]));
}
