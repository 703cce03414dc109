// Calls that drive the built-in phones and contacts; answers are parsed as far as the pages use them.
import { shape } from '@pulseline/protocol';
import { call, tellServer } from './rest.ts';

const { integer, list, object, oneOf, optional, string } = shape;

const contact = object({ id: string(200, 1), name: string(200), number: optional(string(32)) });
export type SandboxContact = shape.Of<typeof contact>;

const contacts = object({ items: list(contact) });

const thread = object({
  items: list(
    object({
      id: string(200, 1),
      /** As the contact sees it: `out` is what the contact wrote. */
      direction: oneOf(['in', 'out']),
      from: string(200),
      to: string(200),
      /** text, reaction, edit, revoke … */
      kind: string(64),
      text: string(),
      /** The message that it is done to, or that it quotes. */
      about: optional(string(200)),
      timestamp: integer(),
      status: oneOf(['pending', 'sent', 'delivered', 'read']),
    }),
  ),
});
export type SandboxMessage = shape.Of<typeof thread>['items'][number];

export async function scanWithSandbox(account: string): Promise<void> {
  await tellServer('POST', `/api/sandbox/accounts/${account}/scan`);
}

export async function movePhone(account: string, act: 'offline' | 'online' | 'logout'): Promise<void> {
  await tellServer('POST', `/api/sandbox/accounts/${account}/${act}`);
}

export async function sandboxContacts(): Promise<readonly SandboxContact[]> {
  return (await call('GET', '/api/sandbox/contacts', contacts)).items;
}

export function createContact(name: string): Promise<SandboxContact> {
  return call('POST', '/api/sandbox/contacts', contact, { name });
}

export async function writeAsContact(id: string, account: string, text: string): Promise<void> {
  await tellServer('POST', `/api/sandbox/contacts/${encodeURIComponent(id)}/messages`, { account, text });
}

export async function threadOf(id: string): Promise<readonly SandboxMessage[]> {
  return (await call('GET', `/api/sandbox/contacts/${encodeURIComponent(id)}/messages`, thread)).items;
}

export async function readAsContact(id: string): Promise<void> {
  await tellServer('POST', `/api/sandbox/contacts/${encodeURIComponent(id)}/read`);
}
