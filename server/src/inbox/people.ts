// Whom an account has blocked, as WhatsApp says it. Names are told elsewhere.
import type { Contact } from '@pulseline/protocol';
import type { FactOf, Party } from '../whatsapp/port.ts';
import { isLid, isPhoneAddress, phoneOf } from './address.ts';
import { partyAddresses } from './conversations.ts';
import { personForms } from './find.ts';
import type { WorkingCopy } from './working-copy.ts';

/** With `all` whoever is not named is not blocked any more. */
export function foldBlocked(copy: WorkingCopy, { people, on, all }: FactOf<'blocked'>): void {
  const named = new Set(people.flatMap((person) => [...personForms(copy, person), ...partyAddresses(person)]));
  for (const person of people) setBlocked(copy, person, on);
  if (all !== true) return;
  for (const { contact } of copy.blockedContacts()) {
    if (![contact.address, contact.lid].some((form) => form !== undefined && named.has(form)))
      setBlocked(copy, { pn: contact.address, ...(contact.lid && { lid: contact.lid }) }, false);
  }
}

function setBlocked(copy: WorkingCopy, person: Party, on: boolean): void {
  const forms = [...new Set([...partyAddresses(person), ...personForms(copy, person)])];
  const known = forms.map((form) => copy.contact(form)).find((row) => row !== undefined);
  if ((known?.contact.blocked === true) === on) return;
  const pn = forms.find(isPhoneAddress);
  const lid = forms.find(isLid);
  const address = known?.contact.address ?? pn ?? lid;
  if (address === undefined) return;
  const phone = phoneOf(address);
  const name = forms.map((form) => copy.conversationAt(form)?.conversation.name).find((each) => each !== undefined);
  const { blocked: _, ...before }: Contact = known?.contact ?? {
    account: copy.account.id,
    address,
    ...(lid !== undefined && lid !== address && { lid }),
    ...(phone !== undefined && { phone }),
    name: name ?? phone ?? address,
  };
  const contact: Contact = { ...before, ...(on && { blocked: true }) };
  copy.putContact({ contact, isProfile: known?.isProfile ?? true });
  copy.emit('contact_update', contact);
}
