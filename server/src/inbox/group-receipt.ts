// Receipts in groups: each member has one of his own, and a message has come as far as with the slowest of them.
import { type MessageStatus, messageStatuses, statusRises } from '@pulseline/protocol';
import type { MessageRow, RecipientRow } from '../store/port.ts';
import type { FactOf, Party } from '../whatsapp/port.ts';
import { bareAddress } from './address.ts';
import { canonicalAddress, personForms } from './find.ts';
import { othersIn } from './notice.ts';
import type { WorkingCopy } from './working-copy.ts';

const SLOT = 'receipt ';

/** Who gets a message: as it was when it left, so that nobody who comes later holds it up. */
export function setRecipients(copy: WorkingCopy, message: string, recipients: readonly Party[]): void {
  const { me } = copy.account;
  const rows = recipients.flatMap((party): readonly RecipientRow[] => {
    const address = canonicalAddress(party);
    const own = [party.pn, party.lid].some(
      (each) => each !== undefined && (bareAddress(each) === me?.id || bareAddress(each) === me?.lid),
    );
    return address === '' || own ? [] : [{ address, ...(party.pn && { pn: bareAddress(party.pn) }) }];
  });
  if (rows.length > 0 && copy.recipients(message) === undefined) copy.putRecipients(message, rows);
}

/** One member's receipt of a message of ours. Answers how far the whole message has come by it; undefined if that is not known. */
export function receive(
  copy: WorkingCopy,
  row: MessageRow,
  { chat, reader, status, at }: Pick<FactOf<'status'>, 'chat' | 'reader' | 'status' | 'at'>,
): MessageStatus | undefined {
  if (chat.kind === 'person' || reader === undefined) return undefined;
  const known = copy.recipients(row.message.id);
  const before: readonly RecipientRow[] | undefined = known ?? membersAsRecipients(copy, chat.address);
  if (before === undefined) return undefined;
  const forms = personForms(copy, reader);
  const place = before.findIndex(({ address, pn }) => forms.has(address) || (pn !== undefined && forms.has(pn)));
  const found = before[place];
  const rises = found !== undefined && statusRises(statusOf(found.status), status);
  const after = rises ? before.with(place, { ...found, status, at: Math.max(0, Math.floor(at)) }) : before;
  if (after !== known) copy.putRecipients(row.message.id, after);
  return lowest(after);
}

/** For what our own phone sent: whoever is in the group when the first receipt comes. */
function membersAsRecipients(copy: WorkingCopy, group: string): readonly RecipientRow[] | undefined {
  return othersIn(copy, bareAddress(group))?.map(({ address, pn }) => ({ address, ...(pn !== undefined && { pn }) }));
}

/** A receipt whose message is not here yet. */
export function keepReceipt(copy: WorkingCopy, waId: string, { reader, status, at }: FactOf<'status'>): void {
  const slot = SLOT + canonicalAddress(reader);
  const known = statusOf(copy.early(waId).find((row) => row.slot === slot)?.data);
  if (statusRises(known, status)) copy.putEarly({ waId, slot, data: status, at: Math.max(0, Math.floor(at)) });
}

/** The receipts that came before their message. Answers how far it has come by all of them. */
export function takeReceipts(
  copy: WorkingCopy,
  row: MessageRow,
  chat: FactOf<'status'>['chat'],
): MessageStatus | undefined {
  let reached: MessageStatus | undefined;
  for (const { slot, data, at } of copy.early(row.waId)) {
    const status = statusOf(data);
    if (!slot.startsWith(SLOT) || status === undefined || status === 'error' || status === 'pending') continue;
    const address = slot.slice(SLOT.length);
    const reader = address.endsWith('@lid') ? { lid: address } : { pn: address };
    copy.removeEarly(row.waId, slot);
    reached = receive(copy, row, { chat, reader, status, at });
  }
  return reached;
}

/** The slowest; `sent` while anybody has not told anything. */
function lowest(rows: readonly RecipientRow[]): MessageStatus | undefined {
  const ranks = rows.map(({ status }) =>
    Math.max(messageStatuses.indexOf('sent'), messageStatuses.indexOf(statusOf(status) ?? 'sent')),
  );
  return rows.length === 0 ? undefined : messageStatuses[Math.min(...ranks)];
}

function statusOf(text: string | undefined): MessageStatus | undefined {
  return messageStatuses.find((word) => word === text);
}
