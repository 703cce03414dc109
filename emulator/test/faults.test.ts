// Every ending and failure that a test may order, as bare Baileys sees it.
import { describe, expect, it } from 'vitest';
import type { Fault } from '../src/index.ts';
import { type Bare, connect, eventually, opened, synced, texts } from './bare.ts';
import { desk } from './desk.ts';
import { closing, emulator, paired } from './setup.ts';

const at = desk();

/** The desk's device on a new line; an older one is replaced. */
async function line(): Promise<Bare> {
  return closing(await synced(await opened(connect(at.server.plainUrl, at.bare.memory))));
}

const ENDINGS: readonly (readonly [string, Fault, number])[] = [
  ['restart required', { kind: 'stream-error', code: 515 }, 515],
  ['service unavailable', { kind: 'stream-error', code: 503 }, 503],
  ['replaced', { kind: 'stream-error', conflict: 'replaced' }, 440],
  ['device removed', { kind: 'stream-error', code: 401, conflict: 'device_removed' }, 401],
  ['malformed', { kind: 'stream-error' }, 500],
  ['forbidden', { kind: 'failure', code: 403 }, 403],
  ['outdated', { kind: 'failure', code: 405 }, 405],
  ['the end of the stream', { kind: 'end' }, 428],
  ['a cut socket', { kind: 'drop' }, 428],
];

describe('an open connection', () => {
  it.each(ENDINGS)('ends by %s', async (_name, fault, code) => {
    const bare = await line();
    at.server.fault(fault);
    await eventually(() => bare.ended() === code, `code ${code}`);
  });

  it('survives the fault of another phone', async () => {
    const server = await emulator();
    const [shop, office] = [await paired(server, 'Shop'), await paired(server, 'Office')];
    server.fault({ kind: 'drop', target: server.phone({ name: 'Shop' }).id });
    await eventually(() => shop.ended() === 428, 'the drop');
    await server.contact({ name: 'A' }).send({ to: 'Office', text: 'still here' });
    await eventually(() => texts(office).includes('still here'), 'a text');
  });

  it('falls silent: 408 after two keep-alive ticks, and the queue keeps what was not heard', async () => {
    const server = await emulator();
    const first = await paired(server);
    await first.close();
    const bare = closing(
      await synced(await opened(connect(server.plainUrl, first.memory, { keepAliveIntervalMs: 300 }))),
    );
    server.fault({ kind: 'silence' });
    await server.contact({ name: 'A' }).send({ to: 'Desk', text: 'into the void' });
    await eventually(() => bare.ended() === 408, 'the timeout', 20_000);
    expect(texts(bare)).toEqual([]);
    server.fault({ kind: 'silence', on: false });
    const again = closing(await synced(await opened(connect(server.plainUrl, first.memory))));
    await eventually(() => texts(again).includes('into the void'), 'the text');
  });

  it('holds what is new back until it is told to let go, and then sends all of it in order', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const target = server.phone({ name: 'Desk' }).id;
    server.fault({ kind: 'hold', target });
    const came = () => bare.stanzas.flatMap(({ tag, attrs }) => (tag === 'message' ? [attrs['id']] : []));
    const before = came().length;
    const ids = await server.contact({ name: 'A' }).send({ to: 'Desk', text: 'held {n}', n: 20 });
    expect(server.state().devices[0]?.pending).toBe(20);
    expect(came()).toHaveLength(before);
    server.fault({ kind: 'hold', target, on: false });
    await eventually(() => texts(bare).length === 20, 'twenty texts');
    expect(came().slice(before)).toEqual(ids);
  });

  it('is asked for prekeys when few are left, and uploads five', async () => {
    const server = await emulator();
    await paired(server);
    const count = () => server.state().devices[0]?.preKeys ?? 0;
    const before = count();
    server.fault({ kind: 'low-prekeys', n: 3 });
    await eventually(() => count() === before + 5, 'five more');
  });
});

describe('a login', () => {
  it.each([401, 402, 403, 405, 406, 503])('is refused with %i, once', async (code) => {
    const { server } = at;
    const bare = await line();
    await bare.close();
    server.fault({ kind: 'fail-login', code });
    const refused = closing(connect(server.plainUrl, bare.memory));
    await eventually(() => refused.ended() === code, `code ${code}`);
    closing(await opened(connect(server.plainUrl, bare.memory)));
  });

  it('gets no end of its offline queue', async () => {
    const { server } = at;
    const bare = await line();
    await bare.close();
    server.fault({ kind: 'no-offline-end', n: 1 });
    const again = closing(await opened(connect(server.plainUrl, bare.memory)));
    await again.sock.fetchPrivacySettings(true);
    expect(again.updates.some(({ receivedPendingNotifications }) => receivedPendingNotifications)).toBe(false);
    await again.close();
    closing(await synced(connect(server.plainUrl, bare.memory)));
  });
});

describe('a sent message', () => {
  it.each([463, 479])('is refused with %i and never reaches the contact', async (code) => {
    const { server } = at;
    const bare = await line();
    const contact = server.contact({ name: 'A' });
    const refused: unknown[] = [];
    bare.sock.ws.on('CB:ack,class:message', ({ attrs }: { attrs: Record<string, string> }) =>
      refused.push(attrs.error),
    );
    server.fault({ kind: 'refuse-message', code });
    await bare.sock.sendMessage(contact.pn, { text: 'no' });
    await eventually(() => refused.includes(String(code)), 'the refusal');
    await bare.sock.sendMessage(contact.pn, { text: 'yes' });
    await eventually(() => contact.inbox().length === 1, 'the next one');
    expect(contact.inbox()[0]?.text).toBe('yes');
  });

  it('gets no ack when the server keeps silent about it, and arrives all the same', async () => {
    const { server } = at;
    const bare = await line();
    const contact = server.contact({ name: 'A' });
    const acks: string[] = [];
    bare.sock.ws.on('CB:ack,class:message', ({ attrs }: { attrs: Record<string, string> }) =>
      acks.push(attrs.id ?? ''),
    );
    server.fault({ kind: 'no-ack' });
    const first = await bare.sock.sendMessage(contact.pn, { text: 'one' });
    const second = await bare.sock.sendMessage(contact.pn, { text: 'two' });
    await eventually(() => acks.includes(second?.key.id ?? ''), 'the ack of the second');
    expect(acks).not.toContain(first?.key.id);
    expect(contact.inbox().map(({ text }) => text)).toEqual(['one', 'two']);
  });
});
