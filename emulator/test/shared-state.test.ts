// What an account's devices share, through bare Baileys with every MAC checked: the phone changes it, and a device does.

import type { ChatModification, SignalDataTypeMap } from 'baileys';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Contact, Emulator, Phone, PhoneChange } from '../src/index.ts';
import { type Bare, connect, eventually, opened, pair, synced } from './bare.ts';
import { startOnce } from './setup.ts';

let server: Emulator;
let phone: Phone;
let bare: Bare;
let contact: Contact;
/** Every event of the library that tells of shared state, by name. */
const seen: { readonly name: string; readonly data: unknown }[] = [];

const CHECKED = { appStateMacVerification: { patch: true, snapshot: true } };

beforeAll(async () => {
  server = await startOnce();
  phone = server.phone({ name: 'Desk' });
  contact = server.contact({ name: '王芳' });
  bare = await pair(server.plainUrl, (qr) => phone.scan(qr), CHECKED);
  listen();
  await eventually(() => Object.values(server.state().pending).every((count) => count === 0), 'the first sync');
  return () => bare.close();
});

function listen(): void {
  bare.sock.ev.process((events) => {
    for (const [name, data] of Object.entries(events)) seen.push({ name, data });
  });
}

async function told(name: string, part: object): Promise<void> {
  await eventually(
    () => {
      const found = seen
        .filter((event) => event.name === name)
        .flatMap(({ data }) => (Array.isArray(data) ? data : [data]));
      return found.some((each) => {
        try {
          expect(each).toMatchObject(part);
          return true;
        } catch {
          return false;
        }
      });
    },
    `${name} with ${JSON.stringify(part)}`,
    10_000,
  );
}

describe('a change on the phone', () => {
  it('archives a chat and takes it out again', async () => {
    await phone.change({ do: 'archive', chat: contact.id, on: true });
    await told('chats.update', { id: contact.pn, archived: true });
    await phone.change({ do: 'archive', chat: contact.id, on: false });
    await told('chats.update', { id: contact.pn, archived: false });
  });

  it('mutes a chat until a time, for ever, and no longer', async () => {
    await phone.change({ do: 'mute', chat: contact.id, until: 1_900_000_000_000 });
    await told('chats.update', { id: contact.pn, muteEndTime: 1_900_000_000_000 });
    await phone.change({ do: 'mute', chat: contact.id, until: -1 });
    await told('chats.update', { id: contact.pn, muteEndTime: -1 });
    await phone.change({ do: 'mute', chat: contact.id, until: 0 });
    await told('chats.update', { id: contact.pn, muteEndTime: null });
  });

  it('pins a chat', async () => {
    await phone.change({ do: 'pin', chat: contact.id, on: true });
    await told('chats.update', { id: contact.pn, pinned: expect.any(Number) });
  });

  it('marks a chat unread, and read', async () => {
    await phone.change({ do: 'unread', chat: contact.id, on: true });
    await told('chats.update', { id: contact.pn, unreadCount: -1 });
    await phone.change({ do: 'unread', chat: contact.id, on: false });
    await told('chats.update', { id: contact.pn, unreadCount: 0 });
  });

  it('names a contact in the address book, with both addresses', async () => {
    await phone.change({ do: 'name', contact: contact.id, name: '王芳 供应商' });
    await told('contacts.upsert', { id: contact.pn, name: '王芳 供应商', lid: contact.lid });
    expect(phone.shared().contacts[contact.pn]).toBe('王芳 供应商');
    await phone.change({ do: 'name', contact: contact.id, name: '' });
    expect(phone.shared().contacts).not.toHaveProperty([contact.pn]);
  });

  it('makes a label and puts it on a chat', async () => {
    await phone.change({ do: 'label', id: '7', name: '重要', color: 3, deleted: false });
    await told('labels.edit', { id: '7', name: '重要', color: 3 });
    await phone.change({ do: 'label-chat', id: '7', chat: contact.id, on: true });
    await told('labels.association', { type: 'add', association: { chatId: contact.pn, labelId: '7' } });
    expect(phone.shared().chats[contact.pn]?.labels).toEqual(['7']);
  });

  it('stars a message, deletes one for me, deletes a chat', async () => {
    const [id = ''] = await contact.send({ to: 'Desk', text: 'to be starred' });
    const message = { chat: contact.id, message: id, fromMe: false };
    await phone.change({ do: 'star', ...message, on: true });
    await told('messages.update', { key: { id }, update: { starred: true } });
    await phone.change({ do: 'delete-for-me', ...message });
    await told('messages.delete', { keys: [{ id, remoteJid: contact.pn, fromMe: false }] });
    await phone.change({ do: 'delete-chat', chat: contact.id });
    await eventually(
      () => seen.some(({ name, data }) => name === 'chats.delete' && String(data) === contact.pn),
      'it gone',
    );
  });

  it('changes the account\u2019s name and its settings', async () => {
    await phone.change({ do: 'push-name', name: '前台二号' });
    await eventually(() => bare.memory.auth.creds.me?.name === '前台二号', 'the name');
    await phone.change({ do: 'unarchive-chats', on: true });
    await told('creds.update', { accountSettings: { unarchiveChats: true } });
  });

  it('reaches a device that was away', async () => {
    const memory = bare.memory;
    await bare.close();
    await phone.change({ do: 'pin', chat: contact.id, on: false });
    bare = connect(server.plainUrl, memory, CHECKED);
    listen();
    await synced(await opened(bare));
    await told('chats.update', { id: contact.pn, pinned: null });
  });
});

const CHANGES: readonly (readonly [string, (jid: string) => [ChatModification, string], object])[] = [
  ['archives', (jid) => [{ archive: true, lastMessages: [] }, jid], { archived: true }],
  ['mutes', (jid) => [{ mute: 1_900_000_000_000 }, jid], { mutedUntil: 1_900_000_000_000 }],
  ['pins', (jid) => [{ pin: true }, jid], { pinned: true }],
  ['marks unread', (jid) => [{ markRead: false, lastMessages: [] }, jid], { unread: true }],
];

describe('a change by a linked device', () => {
  it.each(CHANGES)('%s a chat on the phone, which opens and checks the patch', async (_does, of, view) => {
    const other = server.contact({ name: 'Other' });
    await bare.sock.chatModify(...of(other.pn));
    await eventually(() => phone.shared().chats[other.pn], 'the change');
    expect(phone.shared().chats[other.pn]).toMatchObject(view);
    expect(phone.shared().problems).toEqual([]);
  });

  it('stars a message on the phone, takes the star back, and deletes the message for the account alone', async () => {
    const other = server.contact({ name: 'Other' });
    const [id = ''] = await other.send({ to: 'Desk', text: 'kept, then not' });
    const messages = [{ id, fromMe: false }];
    await bare.sock.chatModify({ star: { messages, star: true } }, other.pn);
    await eventually(() => phone.shared().starred.includes(id), 'the star');
    await bare.sock.chatModify({ star: { messages, star: false } }, other.pn);
    await eventually(() => !phone.shared().starred.includes(id), 'its end');
    const key = { id, remoteJid: other.pn, fromMe: false };
    await bare.sock.chatModify({ deleteForMe: { key, timestamp: 1_700_000_000, deleteMedia: true } }, other.pn);
    await eventually(() => phone.shared().deletedForMe.includes(id), 'the removal');
    expect(phone.shared().problems).toEqual([]);
  });

  it('follows one of the phone on the same hash, and the other way round', async () => {
    await phone.change({ do: 'archive', chat: contact.id, on: true });
    await bare.sock.chatModify({ archive: false, lastMessages: [] }, contact.pn);
    await phone.change({ do: 'archive', chat: contact.id, on: true });
    await bare.sock.chatModify({ pin: true }, contact.pn);
    expect(phone.shared().chats[contact.pn]).toMatchObject({ archived: true, pinned: true });
    expect(phone.shared().problems).toEqual([]);
    const kept = await versionOf('regular_low');
    expect(kept).toBeGreaterThan(4);
  });
});

async function versionOf(name: string): Promise<number> {
  const found: { [id: string]: SignalDataTypeMap['app-state-sync-version'] } = await bare.memory.auth.keys.get(
    'app-state-sync-version',
    [name],
  );
  return found[name]?.version ?? 0;
}

describe('reading on the phone', () => {
  it('tells the sender, and the linked device that it was read elsewhere', async () => {
    const [id = ''] = await contact.send({ to: 'Desk', text: 'read me' });
    await eventually(() => bare.upserts.some(({ message }) => message.key.id === id), 'the text');
    await phone.read([id]);
    await told('messages.update', { key: { id, remoteJid: contact.pn, fromMe: false }, update: { status: 4 } });
    expect(contact.messages().find((each) => each.id === id)?.status).toBe('read');
    await eventually(() => Object.values(server.state().pending).every((count) => count === 0), 'the ack');
  });
});

const UNKNOWN: PhoneChange = { do: 'archive', chat: 'nobody', on: true };

it('refuses a change of nobody\u2019s chat, and one by who has no phone', async () => {
  await expect(phone.change(UNKNOWN)).rejects.toMatchObject({ code: 'UNKNOWN_PERSON' });
  const nobody = server.person(contact.id);
  await expect(nobody.change({ do: 'push-name', name: 'x' })).rejects.toMatchObject({ code: 'NOT_A_PHONE' });
});
