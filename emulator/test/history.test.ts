// What a phone tells of earlier times: in pieces at the first link, inline and by the media host, and later on demand.
import { connect as tlsConnect } from 'node:tls';
import type { WAMessage } from 'baileys';
import { describe, expect, it } from 'vitest';
import type { Emulator } from '../src/index.ts';
import { type Bare, type BareConfig, connect, eventually, memory, opened, qrOf } from './bare.ts';
import { closing, emulator } from './setup.ts';
import { dispatcherBy } from './trust.ts';

interface Piece {
  readonly chats: number;
  readonly messages: readonly WAMessage[];
  readonly progress: number | null | undefined;
  readonly session: string | null | undefined;
}

/** Links a device and collects the history until it is complete. */
async function linked(server: Emulator, config: BareConfig = {}): Promise<{ bare: Bare; pieces: Piece[] }> {
  const kept = memory();
  const first = connect(server.plainUrl, kept, config);
  await server.phone({ name: 'Desk' }).scan(await qrOf(first));
  await eventually(() => first.ended() === 515, 'the restart');
  const bare = closing(connect(server.plainUrl, kept, config));
  const pieces: Piece[] = [];
  bare.sock.ev.on('messaging-history.set', ({ chats, messages, progress, peerDataRequestSessionId }) => {
    pieces.push({ chats: chats.length, messages, progress, session: peerDataRequestSessionId });
  });
  await opened(bare);
  return { bare, pieces };
}

/** History notifications carry no host, so that Baileys asks WhatsApp's own: its line is led to the media host. */
async function ledToMedia(server: Emulator): Promise<BareConfig> {
  const ca = await server.certificate();
  const { port } = new URL(server.url);
  const dispatcher = await dispatcherBy((_options, done) => {
    const socket = tlsConnect({ host: '127.0.0.1', port: Number(port), ca, servername: 'mmg.whatsapp.net' });
    socket.once('secureConnect', () => done(null, socket));
    socket.once('error', (error) => done(error, null));
  });
  return { options: { dispatcher } };
}

describe('the first link', () => {
  it.each(['inline', 'media'] as const)('brings 1,200 chats in pieces, %s, with rising progress', async (by) => {
    const server = await emulator();
    await server.phone({ name: 'Desk' }).past({ chats: 1_200, messages: 40, recent: 3, chunk: 500 }, by);
    const { pieces } = await linked(server, by === 'media' ? await ledToMedia(server) : {});
    await eventually(() => pieces.some(({ progress }) => progress === 100), 'the last piece');
    expect(pieces.reduce((sum, { chats }) => sum + chats, 0)).toBe(1_200);
    expect(pieces.reduce((sum, { messages }) => sum + messages.length, 0)).toBe(3_600);
    const progress = pieces.flatMap((piece) => piece.progress ?? []);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it('brings what was written before, of every kind', async () => {
    const server = await emulator();
    const contact = server.contact({ name: '王芳' });
    await contact.send({ to: server.phone({ name: 'Desk' }).id, text: 'earlier' });
    await contact.send({ to: 'Desk', said: { kind: 'location', latitude: 31.2, longitude: 121.5 } });
    const { pieces } = await linked(server);
    const messages = await eventually(() => pieces.find((piece) => piece.messages.length === 2)?.messages, 'both');
    expect(messages.map(({ message }) => Object.keys(message ?? {})[0])).toEqual(['locationMessage', 'conversation']);
  });
});

describe('history on demand', () => {
  it('goes back page by page through a past that was invented', async () => {
    const server = await emulator();
    await server.phone({ name: 'Desk' }).past({ chats: 2, messages: 100, recent: 2, chunk: 10 });
    const { bare, pieces } = await linked(server);
    const newest = await eventually(() => pieces.find(({ chats }) => chats === 2)?.messages, 'the first piece');
    let oldest = newest.filter(({ key }) => key.remoteJid === newest[0]?.key.remoteJid).at(-1);
    for (const expected of [50, 48]) {
      if (!oldest) throw new Error('no message');
      const session = await bare.sock.fetchMessageHistory(50, oldest.key, Number(oldest.messageTimestamp));
      const page = await eventually(() => pieces.find((piece) => piece.session === session), 'a page');
      expect(page.messages).toHaveLength(expected);
      oldest = page.messages.at(-1);
    }
    expect(oldest?.message?.conversation).toContain('第 1 条');
  });

  it('goes back through what was really written', async () => {
    const server = await emulator();
    const contact = server.contact({ name: '王芳' });
    await contact.send({ to: server.phone({ name: 'Desk' }).id, text: 'nr {n}', n: 30 });
    const { bare, pieces } = await linked(server);
    const known = await eventually(() => pieces.find(({ messages }) => messages.length === 20)?.messages, 'the newest');
    const oldest = known.at(-1);
    if (!oldest) throw new Error('no message');
    const session = await bare.sock.fetchMessageHistory(50, oldest.key, Number(oldest.messageTimestamp));
    const page = await eventually(() => pieces.find((piece) => piece.session === session), 'the page');
    expect(page.messages.map(({ message }) => message?.conversation)).toEqual(
      Array.from({ length: 10 }, (_, i) => `nr ${10 - i}`),
    );
  });
});
