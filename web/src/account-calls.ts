// The calls that make, change and end accounts. What becomes of them comes by the live connection; they decide nothing.
import type { InboxState } from '@pulseline/client';
import { type Account, account, shape } from '@pulseline/protocol';
import { changeInbox } from './desk.ts';
import { call, tellServer } from './rest.ts';

export async function createAccount(label: string, kind: 'phone' | 'sandbox'): Promise<string> {
  const created = await call('POST', '/api/accounts', account, { label, kind });
  changeInbox((inbox) => (inbox.accounts.has(created.id) ? inbox : withAccount(inbox, created)));
  return created.id;
}

export async function changeAccount(
  id: string,
  change: Partial<
    Record<'label', string> &
      Record<'proxy', string | null> &
      Record<'retentionDays' | 'colour' | 'mediaBudgetMb' | 'mediaDays', number | null>
  >,
): Promise<void> {
  const changed = await call('PATCH', `/api/accounts/${id}`, account, change);
  changeInbox((inbox) => {
    const known = inbox.accounts.get(id);
    if (known === undefined) return inbox;
    // What was set to nothing is not in the answer. Its state, and whatever else comes by the live connection, is newer there.
    const { retentionDays: _, colour: __, mediaBudgetMb: ___, mediaDays: ____, ...before } = known;
    const { label, proxy, retentionDays, colour, mediaBudgetMb, mediaDays } = changed;
    return withAccount(inbox, {
      ...before,
      label,
      ...(proxy !== undefined && { proxy }),
      ...(retentionDays !== undefined && { retentionDays }),
      ...(colour !== undefined && { colour }),
      ...(mediaBudgetMb !== undefined && { mediaBudgetMb }),
      ...(mediaDays !== undefined && { mediaDays }),
    });
  });
}

function withAccount(inbox: InboxState, one: Account): InboxState {
  return { ...inbox, accounts: new Map(inbox.accounts).set(one.id, one) };
}

export async function restartAccount(id: string): Promise<void> {
  await tellServer('POST', `/api/accounts/${id}/restart`);
}

export async function logoutAccount(id: string): Promise<void> {
  await tellServer('POST', `/api/accounts/${id}/logout`);
}

export async function removeAccount(id: string): Promise<void> {
  await tellServer('DELETE', `/api/accounts/${id}`);
}

const pairing = shape.object({ code: shape.string(32) });

export async function pairingCode(id: string, phone: string): Promise<string> {
  return (await call('POST', `/api/accounts/${id}/pairing-code`, pairing, { phone })).code;
}
