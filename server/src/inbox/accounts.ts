// Accounts: made, named, given a proxy, removed, and the state in which WhatsApp's link is. What others see of them changes nowhere else.
import { type Account, CodedError } from '@pulseline/protocol';
import type { Handler } from '../store/port.ts';
import type { FactOf } from '../whatsapp/port.ts';
import type { Commands } from './commands.ts';
import { WorkingCopy } from './working-copy.ts';

type Of<K extends keyof Commands> = Handler<Commands[K]['input'], Commands[K]['output']>;

const MAX_LABEL = 200;

/** Making it again answers the account that is there. */
export const createAccount: Of<'create_account'> = {
  reads: ({ id }) => ({ account: id }),
  decide(rows, { id, label, kind }, now) {
    const copy = new WorkingCopy(rows, id, now);
    const existing = rows.accounts.get(id);
    if (existing) return copy.decision(existing.account);
    const account: Account = {
      id,
      label: parseLabel(label),
      kind,
      state: 'INITIALIZING',
      since: copy.now,
      stream: id,
    };
    copy.putAccount({ account, createdAt: copy.now });
    copy.emit('account_update', account);
    return copy.decision(account);
  },
};

export const changeAccount: Of<'change_account'> = {
  reads: ({ id }) => ({ account: id }),
  decide(rows, { id, label, proxy, retentionDays, mediaBudgetMb, mediaDays, colour }, now) {
    const copy = new WorkingCopy(rows, id, now);
    const row = copy.accountRow;
    const { proxy: shown, retentionDays: keptBefore, mediaBudgetMb: budgetBefore, ...rest } = row.account;
    const { mediaDays: daysBefore, colour: colourBefore, ...before } = rest;
    const secret = proxy === undefined || isShown(proxy, row.proxy) ? row.proxy : (proxy ?? undefined);
    const visible = secret === undefined ? undefined : withoutPassword(secret);
    const name = label === undefined ? before.label : parseLabel(label);
    const kept = given(retentionDays, keptBefore);
    const budget = given(mediaBudgetMb, budgetBefore);
    const days = given(mediaDays, daysBefore);
    const worn = given(colour, colourBefore);
    const account: Account = {
      ...before,
      label: name,
      ...(visible && { proxy: visible }),
      ...(kept !== undefined && { retentionDays: kept }),
      ...(budget !== undefined && { mediaBudgetMb: budget }),
      ...(days !== undefined && { mediaDays: days }),
      ...(worn !== undefined && { colour: worn }),
    };
    const isLimited = kept !== keptBefore || budget !== budgetBefore || days !== daysBefore;
    const isOther = name !== before.label || visible !== (shown ?? undefined) || isLimited || worn !== colourBefore;
    if (!isOther && secret === row.proxy) {
      return copy.decision(row.account);
    }
    copy.putAccount({ account, createdAt: row.createdAt, ...(secret && { proxy: secret }) });
    if (isOther) copy.emit('account_update', account);
    return copy.decision(account);
  },
};

/** null takes it away, undefined leaves it as it was. */
function given(value: number | null | undefined, before: number | undefined): number | undefined {
  return value === undefined ? before : (value ?? undefined);
}

/** How many messages wait in the outbox, told when it is another number than before. Asked at most a few times a second, so a burst is not told one by one. */
export const countQueue: Of<'count_queue'> = {
  reads: ({ account }) => ({ account, queueLength: true }),
  decide(rows, { account: id }, now) {
    const copy = new WorkingCopy(rows, id, now);
    const row = rows.accounts.get(id);
    const { queued } = copy;
    if (row === undefined || (row.account.queued ?? 0) === queued) return copy.decision({ queued });
    const { queued: _, ...rest } = row.account;
    const account: Account = { ...rest, ...(queued > 0 && { queued }) };
    copy.putAccount({ ...row, account });
    copy.emit('account_update', account);
    return copy.decision({ queued });
  },
};

export const removeAccount: Of<'remove_account'> = {
  reads: ({ id }) => ({ account: id }),
  decide(rows, { id }, now) {
    const copy = new WorkingCopy(rows, id, now);
    const { account } = copy;
    copy.emit('account_removed', { id: account.id });
    return copy.decision(null, [{ remove: 'account', id: account.id }]);
  },
};

/** Told to nobody: what was seen is what everybody was told. */
export const seeState: Of<'see_state'> = {
  reads: ({ account }) => ({ account }),
  decide: (rows, { account, state, at }) => ({
    changes: rows.accounts.has(account) ? [{ put: 'sighting', account, state, at }] : [],
    output: null,
  }),
};

/** Who the account was stays known: its messages name that address. An account that is gone has no login either. */
export const forgetLogin: Of<'forget_login'> = {
  reads: ({ account }) => ({ account }),
  decide: (rows, { account }) => ({
    changes: rows.accounts.has(account) ? [{ remove: 'login', account }] : [],
    output: null,
  }),
};

/**
 * A state of the link. Every change makes `whatsapp_status` on the account's stream; only a change of who the account is
 * (`me`) also makes `account_update` on the workspace's, so that a list of accounts is not rewritten by each reconnect.
 * A state that differs from the present one in `since` or the raw word alone is no change.
 */
export function foldState(copy: WorkingCopy, fact: FactOf<'state'>): void {
  const row = copy.accountRow;
  const { reason: _, nextTryAt: __, attempts: ___, ...kept } = row.account;
  const me = fact.me ?? kept.me;
  const account: Account = {
    ...kept,
    state: fact.state,
    since: Math.floor(fact.since),
    ...(fact.reason && { reason: fact.reason }),
    ...(fact.nextTryAt !== undefined && { nextTryAt: Math.floor(fact.nextTryAt) }),
    ...(fact.attempts !== undefined && { attempts: fact.attempts }),
    ...(me && { me }),
  };
  const isOther = !sameMe(row.account.me, me);
  if (!isOther && sameState(row.account, account)) return;
  copy.putAccount({ ...row, account });
  const { id, state, since, reason, nextTryAt, attempts } = account;
  copy.emit('whatsapp_status', {
    account: id,
    status: state,
    state: fact.raw,
    since,
    ...(reason && { reason }),
    ...(nextTryAt !== undefined && { nextTryAt }),
    ...(attempts !== undefined && { attempts }),
    ...(me && { me }),
  });
  if (isOther) copy.emit('account_update', account);
}

function sameState(a: Account, b: Account): boolean {
  return (
    a.state === b.state &&
    a.nextTryAt === b.nextTryAt &&
    a.attempts === b.attempts &&
    a.reason?.code === b.reason?.code &&
    a.reason?.text === b.reason?.text &&
    a.reason?.fix === b.reason?.fix
  );
}

function sameMe(a: Account['me'], b: Account['me']): boolean {
  return a?.id === b?.id && a?.phone === b?.phone && a?.lid === b?.lid && a?.name === b?.name;
}

/** Errors: BAD_REQUEST. */
function parseLabel(label: string): string {
  const text = label.trim();
  if (text === '' || text.length > MAX_LABEL) {
    throw new CodedError('BAD_REQUEST', { detail: `label: text of 1 to ${MAX_LABEL} characters` });
  }
  return text;
}

/** Is it what people see of the stored one? Then it is not changed: they cannot see its password. */
function isShown(proxy: string | null, stored: string | undefined): boolean {
  if (proxy === null || stored === undefined || !URL.canParse(proxy) || !URL.canParse(stored)) return false;
  return new URL(proxy).password === '' && new URL(proxy).href === withoutPassword(stored);
}

/** Errors: BAD_REQUEST. */
function withoutPassword(proxy: string): string {
  if (!URL.canParse(proxy)) throw new CodedError('BAD_REQUEST', { detail: 'proxy: an address like http://host:port' });
  const url = new URL(proxy);
  url.password = '';
  return url.href;
}
