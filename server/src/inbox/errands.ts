// Errands of the outbox: kept before they are tried, with what became of them; how they are done is the engine's business.
import { CodedError } from '@pulseline/protocol';
import type { Handler, JobRow } from '../store/port.ts';
import type { Errand, FactOf } from '../whatsapp/port.ts';
import type { Commands } from './commands.ts';
import { WorkingCopy } from './working-copy.ts';

type EnqueueErrand = Commands['enqueue_errand'];

/** What stands in an errand's row. */
export interface ErrandBody {
  readonly id: string;
  readonly account: string;
  readonly type: 'errand';
  readonly errand: Errand;
  /** Absent until it has ended; `error` is a code. */
  readonly outcome?: { readonly result?: unknown; readonly error?: string };
}

export function putErrand(copy: WorkingCopy, id: string, errand: Errand, commandId?: string): void {
  const account = copy.account.id;
  const body: ErrandBody = { id, account, type: 'errand', errand };
  copy.putJob({
    id,
    account,
    type: 'errand',
    state: 'queued',
    body: JSON.stringify(body),
    ...(commandId !== undefined && { commandId }),
    createdAt: copy.now,
  });
}

/** The same command again answers the same errand. Errors: ACCOUNT_NOT_FOUND, COMMAND_REUSED. */
export const enqueueErrand: Handler<EnqueueErrand['input'], EnqueueErrand['output']> = {
  reads: ({ account, commandId }) => ({ account, commands: [commandId] }),
  decide(rows, { account, commandId, jobId, errand }, now) {
    const copy = new WorkingCopy(rows, account, now);
    const earlier = copy.jobs().find((job) => job.commandId === commandId);
    if (earlier !== undefined) {
      const isSame =
        earlier.type === 'errand' && JSON.stringify(parseErrandBody(earlier).errand) === JSON.stringify(errand);
      if (!isSame || earlier.account !== copy.account.id) throw new CodedError('COMMAND_REUSED');
      return copy.decision({ job: earlier.id });
    }
    putErrand(copy, jobId, errand, commandId);
    return copy.decision({ job: jobId });
  },
};

/** History that lies on the media host: due until its content is stored. */
export function foldHistoryDue(copy: WorkingCopy, { job, notification }: FactOf<'history-due'>): void {
  if (copy.job(job) === undefined) putErrand(copy, job, { do: 'fetch-history', notification });
}

/** The end of an errand; a second one changes nothing. Answers what it was. */
export function endErrand(copy: WorkingCopy, row: JobRow, { error, result }: FactOf<'job-done'>): Errand | undefined {
  if (row.state === 'done' || row.state === 'refused') return undefined;
  const body = parseErrandBody(row);
  const outcome = { ...(error !== undefined && { error }), ...(result !== undefined && { result }) };
  // What was fetched is stored now: its keys need not lie here any longer.
  const errand: Errand = body.errand.do === 'fetch-history' ? { ...body.errand, notification: '' } : body.errand;
  const { content: _, ...rest } = row;
  copy.putJob({
    ...rest,
    state: error === undefined ? 'done' : 'refused',
    body: JSON.stringify({ ...body, errand, outcome }),
  });
  return body.errand;
}

/** The row was written by this file. */
export function parseErrandBody({ body }: Pick<JobRow, 'body'>): ErrandBody {
  const parsed: ErrandBody = JSON.parse(body);
  return parsed;
}
