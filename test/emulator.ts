// The emulated WhatsApp as a process of its own, and its control API in words; it never touches the product.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shape } from '@pulseline/protocol';
import { bundled } from './bundled.ts';
import { type Child, startChild } from './child.ts';
import { until } from './until.ts';

const { object, string, integer, number, list, record, optional } = shape;

const started = object({ url: string(), plainUrl: string(), controlUrl: string() });
const person = object({ id: string(), name: string(), number: string(), pn: string(), lid: string() });
const letter = object({
  id: string(),
  direction: shape.oneOf(['in', 'out']),
  from: string(),
  to: string(),
  kind: string(),
  text: string(),
  about: optional(string()),
  timestamp: number(),
  status: string(),
});
const sent = object({ ids: list(string(), 100_000), sentAt: optional(list(number(), 100_000)) });
const group = object({ id: string() });
const state = object({ pending: record(integer()), connections: integer() });

const COMMAND = 'emulator/src/command.ts';

export type Person = shape.Of<typeof person>;
export type Letter = shape.Of<typeof letter>;
export type Sent = shape.Of<typeof sent>;

export interface Emulator {
  readonly child: Child;
  /** What goes into EMULATOR_URL. */
  readonly url: string;
  readonly controlUrl: string;
  contact(name: string): Promise<Person>;
  phone(name: string): Promise<Person>;
  scan(qr: string): Promise<Person>;
  send(from: Person, to: string, text: string, burst?: { readonly n: number; readonly rate?: number }): Promise<Sent>;
  group(subject: string, owner: Person, members: readonly Person[]): Promise<string>;
  /** What has reached the contact, oldest first. */
  inbox(of: Person): Promise<readonly Letter[]>;
  /** Both directions, with the status of what the contact sent. */
  letters(of: Person): Promise<readonly Letter[]>;
  read(by: Person): Promise<void>;
  autoread(by: Person): Promise<void>;
  fault(fault: Readonly<Record<string, unknown>>): Promise<void>;
  /** Stanzas that wait for a receipt, over all devices. */
  pending(): Promise<number>;
  control(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** `dir` makes its state outlast it; without one it is kept in a folder that goes with it, with an empty one in memory alone. */
export async function startEmulator(dir?: string): Promise<Emulator> {
  const folder = dir ?? mkdtempSync(join(tmpdir(), 'pulseline-emulator-'));
  const program = (await bundled(COMMAND))(COMMAND);
  const child = startChild([fileURLToPath(program)], { EMULATOR_DIR: folder, EMULATOR_FEW_PREKEYS: '1' });
  const line = await until(
    'the first line of the emulator',
    () => {
      if (!child.running()) throw new Error(child.output());
      return child.stdout().includes('\n') && child.stdout().split('\n')[0];
    },
    30_000,
  );
  const { plainUrl, controlUrl } = started.parse(JSON.parse(line));

  async function control(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${controlUrl}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  const named = (id: string) => encodeURIComponent(id);
  return {
    child,
    url: plainUrl,
    controlUrl,
    control,
    contact: async (name) => person.parse(await control('POST', '/contacts', { name })),
    phone: async (name) => person.parse(await control('POST', '/phones', { name })),
    scan: async (qr) => person.parse(await control('POST', '/scan', { qr })),
    send: async (from, to, text, burst) =>
      sent.parse(await control('POST', `/contacts/${named(from.id)}/send`, { to, text, ...burst })),
    group: async (subject, owner, members) => {
      const ids = members.map(({ id }) => id);
      return group.parse(await control('POST', '/groups', { subject, owner: owner.id, members: ids })).id;
    },
    inbox: async ({ id }) => list(letter, 200_000).parse(await control('GET', `/contacts/${named(id)}/inbox`)),
    letters: async ({ id }) => list(letter, 200_000).parse(await control('GET', `/contacts/${named(id)}/messages`)),
    read: async ({ id }) => {
      await control('POST', `/contacts/${named(id)}/read`, {});
    },
    autoread: async ({ id }) => {
      await control('POST', `/contacts/${named(id)}/autoread`, { on: true });
    },
    fault: async (fault) => {
      await control('POST', '/faults', fault);
    },
    pending: async () => {
      const { pending } = state.parse(await control('GET', '/state'));
      return Object.values(pending).reduce((sum, count) => sum + count, 0);
    },
    async close() {
      await child.end('SIGKILL');
      if (dir === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
