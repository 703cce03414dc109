// One emulator with one phone and one linked bare Baileys for a whole file of tests, and every event it emits; it never comes back by itself.
import { beforeAll, expect } from 'vitest';
import type { Contact, Emulator, Phone } from '../src/index.ts';
import { type Bare, type BareConfig, eventually, pair } from './bare.ts';
import { startOnce } from './setup.ts';

export interface Desk {
  readonly server: Emulator;
  readonly phone: Phone;
  readonly contact: Contact;
  readonly bare: Bare;
  /** Every event of the library since it was linked, by name. */
  readonly events: { readonly name: string; readonly data: unknown }[];
  /** Waits for an event that has this in it. */
  told(name: string, part: object): Promise<unknown>;
  /** Waits until every stanza is acknowledged. */
  quiet(): Promise<void>;
}

/** Call it at the top of a file. What it returns is filled in before the first test. */
export function desk(config: (server: Emulator) => Promise<BareConfig> = async () => ({})): Desk {
  const events: { name: string; data: unknown }[] = [];
  let made: { server: Emulator; phone: Phone; contact: Contact; bare: Bare } | undefined;
  const get = () => {
    if (!made) throw new Error('not before the first test');
    return made;
  };
  const quiet = async (): Promise<void> => {
    await eventually(() => Object.values(get().server.state().pending).every((count) => count === 0), 'every ack');
  };
  beforeAll(async () => {
    const server = await startOnce();
    const phone = server.phone({ name: 'Desk' });
    const bare = await pair(server.plainUrl, (qr) => phone.scan(qr), await config(server));
    bare.sock.ev.process((batch) => {
      for (const [name, data] of Object.entries(batch)) events.push({ name, data });
    });
    made = { server, phone, contact: server.contact({ name: '王芳' }), bare };
    await quiet();
    return () => bare.close();
  });
  return {
    events,
    quiet,
    get server() {
      return get().server;
    },
    get phone() {
      return get().phone;
    },
    get contact() {
      return get().contact;
    },
    get bare() {
      return get().bare;
    },
    told: (name, part) => told(events, name, part),
  };
}

async function told(events: Desk['events'], name: string, part: object): Promise<unknown> {
  const found = () =>
    events
      .filter((event) => event.name === name)
      .flatMap(({ data }) => (Array.isArray(data) ? data : [data]))
      .find((each) => matches(each, part));
  return eventually(found, `${name} with ${JSON.stringify(part)}`, 10_000);
}

function matches(value: unknown, part: object): boolean {
  try {
    expect(value).toMatchObject(part);
    return true;
  } catch {
    return false;
  }
}
