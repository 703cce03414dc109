// Where a chaos run takes place: the emulated WhatsApp as a process of its own, its people, the line to it with a fault proxy, the gateway's disk and clock. All of it lies in one folder and can be opened again.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shape } from '@pulseline/protocol';
import { type Emulator, type Person, startEmulator } from '../emulator.ts';
import { type FaultProxy, openFaultProxy } from '../fault-proxy/proxy.ts';
import { type Disk, openDisk } from './disk.ts';
import { type Found, type Lanes, lanesOf, together } from './oracle.ts';
import { type Chat, CONTACTS, GROUPS, type Letters } from './plan.ts';

const { object, string, list } = shape;
const person = object({ id: string(), name: string(), number: string(), pn: string(), lid: string() });
const cast = object({ phone: person, contacts: list(person), groups: list(string()) });
type Cast = shape.Of<typeof cast>;

/** A space without width: three bytes on the disk, nothing to scroll by on a page. */
const FILLER = '\u200b';
/** Ms by which the clock is moved. */
const HOUR = 3_600_000;

export interface Scene extends Cast {
  readonly folder: string;
  readonly emulator: Emulator;
  /** Between the gateway and the emulator. */
  readonly line: FaultProxy;
  /** What the gateway dials. */
  readonly url: string;
  readonly disk: Disk;
  /** Environment of a gateway whose clock can be moved. */
  readonly clockEnv: Readonly<Record<string, string>>;
  moveClock(hours: -1 | 0 | 1): void;
  write(letters: Letters, mark: string): Promise<void>;
  /** What contacts wrote, by the emulator's own record. */
  written(): Promise<Lanes>;
  /** What contacts got from the account, by the emulator's own record. */
  got(): Promise<Lanes>;
  /** Stanzas that WhatsApp still keeps for the account. */
  pending(): Promise<number>;
  /** Ends its processes; the folder stays. */
  close(): Promise<void>;
}

export async function openScene(folder: string, ownDisk: boolean): Promise<Scene> {
  mkdirSync(folder, { recursive: true });
  const emulator = await startEmulator(join(folder, 'emulator'));
  const { hostname, port } = new URL(emulator.url);
  const line = await openFaultProxy({ target: { host: hostname, port: Number(port) } });
  const known = join(folder, 'cast.json');
  const { phone, contacts, groups } = existsSync(known)
    ? cast.parse(JSON.parse(readFileSync(known, 'utf8')))
    : await assemble(emulator);
  writeFileSync(known, JSON.stringify({ phone, contacts, groups }));
  const clock = join(folder, 'clock');
  const preloads = ['../no-internet.mjs', './clock.mjs'].map(
    (path) => `--import=${new URL(path, import.meta.url).href}`,
  );
  const moveClock = (hours: number): void => writeFileSync(clock, String(hours * HOUR));
  moveClock(0);

  return {
    folder,
    emulator,
    phone,
    contacts,
    groups,
    line,
    url: `ws://${line.host}:${line.port}/ws/chat`,
    disk: openDisk(folder, ownDisk),
    clockEnv: { NODE_OPTIONS: preloads.join(' '), CHAOS_CLOCK: clock },
    moveClock,
    async write({ from, to, n, rate, padding }, mark) {
      const writer = at(contacts, from);
      const chat = to === 'account' ? `c${from}` : `g${to.group}`;
      const address = to === 'account' ? phone.pn : at(groups, to.group);
      await emulator.send(writer, address, `${chat}/c${from} ${mark} {n}${FILLER.repeat(padding)}`, { n, rate });
    },
    async written() {
      const letters = await Promise.all(contacts.map((contact) => emulator.letters(contact)));
      return together(
        letters.map((all) =>
          lanesOf(all.filter(({ direction }) => direction === 'out').map(({ text }) => ({ chat: chatOf(text), text }))),
        ),
      );
    },
    async got() {
      const inboxes = await Promise.all(contacts.map((contact) => emulator.inbox(contact)));
      return together(
        inboxes.map((inbox, index) => {
          const ours = inbox.filter(({ from }) => from === phone.pn || from === phone.lid);
          const found = ours.map(({ to, text }): Found => {
            const group = groups.indexOf(to);
            return { chat: group < 0 ? `c${index}` : `g${group}`, text };
          });
          return lanesOf(found, `@c${index}`);
        }),
      );
    },
    pending: () => emulator.pending(),
    async close() {
      await line.close();
      await emulator.close();
    },
  };
}

/** The texts that the account wrote, as each contact has to get them. */
export function dueAt(replies: readonly { readonly chat: Chat; readonly text: string }[]): Lanes {
  const due = Array.from({ length: CONTACTS }, (_, index) => {
    const mine = replies.filter(({ chat }) =>
      'contact' in chat ? chat.contact === index : (GROUPS[chat.group]?.includes(index) ?? false),
    );
    return lanesOf(
      mine.map(({ text }) => ({ chat: chatOf(text), text })),
      `@c${index}`,
    );
  });
  return together(due);
}

function chatOf(text: string): string {
  return text.slice(0, text.indexOf('/'));
}

export function nameOf(chat: Chat): string {
  return 'contact' in chat ? `c${chat.contact}` : `g${chat.group}`;
}

async function assemble(emulator: Emulator): Promise<Cast> {
  const phone = await emulator.phone('Desk');
  const contacts: Person[] = [];
  for (let i = 0; i < CONTACTS; i++) {
    const contact = await emulator.contact(`Contact ${i}`);
    if (i % 2 === 0) await emulator.autoread(contact);
    contacts.push(contact);
  }
  const groups: string[] = [];
  for (const [index, members] of GROUPS.entries()) {
    const [owner, ...others] = members.map((member) => at(contacts, member));
    if (owner === undefined) continue;
    groups.push(await emulator.group(`Group ${index}`, owner, [phone, ...others]));
  }
  return { phone, contacts, groups };
}

export function at<T>(of: readonly T[], index: number): T {
  const found = of[index];
  if (found === undefined) throw new Error(`there is no number ${index}`);
  return found;
}
