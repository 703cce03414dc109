// What a phone gives to a device that it has just linked: the app-state key and a short history; it never syncs a device twice.
import { deflateSync } from 'node:zlib';
import { proto } from 'baileys/WAProto/index.js';
import { messageOf } from './content.ts';
import type { Device } from './device.ts';
import type { Entry } from './log.ts';
import type { Person } from './person.ts';
import { sendPeerMessage } from './send.ts';
import type { World } from './world.ts';

const MAX_CHATS = 50;
const MAX_MESSAGES_PER_CHAT = 20;

const { HistorySyncType } = proto.HistorySync;
const { Type } = proto.Message.ProtocolMessage;

export function syncNewDevice(world: World, device: Device): void {
  if (device.companion.synced) return;
  device.companion.synced = true;
  device.person.save();
  sendAll(world, device).catch((error: unknown) => {
    world.log.error({ device: device.id, error: String(error) }, 'the first sync failed');
  });
}

async function sendAll(world: World, device: Device): Promise<void> {
  const { id, data } = world.appState.keyOf(device.person);
  const key = {
    keyId: { keyId: id },
    keyData: {
      keyData: data,
      fingerprint: { rawId: world.random(4).readUInt32BE() >>> 1, currentIndex: 0, deviceIndexes: [0] },
      timestamp: world.clock(),
    },
  };
  await sendPeerMessage(world, device, {
    protocolMessage: { type: Type.APP_STATE_SYNC_KEY_SHARE, appStateSyncKeyShare: { keys: [key] } },
  });
  const chats = recentChats(world, device.person);
  const pushnames = chats.map(({ peer }) => ({ id: peer.pn(), pushname: peer.name }));
  const phoneNumberToLidMappings = chats.map(({ peer }) => ({ pnJid: peer.pn(), lidJid: peer.lid() }));
  const conversations = chats.map(({ peer, entries }) => conversation(device.person, peer, entries));
  await sendHistory(world, device, {
    syncType: HistorySyncType.INITIAL_BOOTSTRAP,
    conversations,
    phoneNumberToLidMappings,
    chunkOrder: 1,
    progress: 50,
  });
  await sendHistory(world, device, { syncType: HistorySyncType.PUSH_NAME, pushnames });
  await sendHistory(world, device, {
    syncType: HistorySyncType.RECENT,
    conversations: [],
    chunkOrder: 2,
    progress: 100,
  });
}

async function sendHistory(world: World, device: Device, history: proto.IHistorySync): Promise<void> {
  const payload = deflateSync(proto.HistorySync.encode(history).finish());
  await sendPeerMessage(world, device, {
    protocolMessage: {
      type: Type.HISTORY_SYNC_NOTIFICATION,
      historySyncNotification: {
        syncType: history.syncType ?? null,
        chunkOrder: history.chunkOrder ?? null,
        progress: history.progress ?? null,
        initialHistBootstrapInlinePayload: payload,
      },
    },
  });
}

interface Chat {
  readonly peer: Person;
  readonly entries: readonly Entry[];
}

function recentChats(world: World, phone: Person): Chat[] {
  const byPeer = new Map<Person, Entry[]>();
  for (const entry of world.logOf(phone).all()) {
    const peer = world.people.find(entry.direction === 'out' ? entry.to : entry.from);
    if (!peer || entry.to.endsWith('@g.us')) continue;
    const entries = byPeer.get(peer) ?? [];
    entries.push(entry);
    byPeer.set(peer, entries);
  }
  return [...byPeer]
    .slice(-MAX_CHATS)
    .map(([peer, entries]) => ({ peer, entries: entries.slice(-MAX_MESSAGES_PER_CHAT) }));
}

/** Entries that have no place of their own in a phone's chat: it keeps what became of the messages. */
const CHANGES: ReadonlySet<string> = new Set(['reaction', 'edit', 'revoke']);

function lastState(phone: Person, peer: Person, entry: Entry, entries: readonly Entry[]): proto.IWebMessageInfo {
  const done = entries.filter(({ kind, about }) => about === entry.id && CHANGES.has(kind));
  if (done.some(({ kind }) => kind === 'revoke')) return { messageStubType: proto.WebMessageInfo.StubType.REVOKE };
  const byAuthor = new Map(done.filter(({ kind }) => kind === 'reaction').map((each) => [each.from, each]));
  const reactions = [...byAuthor.values()].flatMap(({ id, from, text, timestamp }) =>
    text === ''
      ? []
      : [{ key: { remoteJid: peer.pn(), fromMe: from === phone.id, id }, text, senderTimestampMs: timestamp }],
  );
  const edit = done.findLast(({ kind }) => kind === 'edit');
  const message = edit ? { editedMessage: { message: { conversation: edit.text } } } : messageOf(entry);
  return { message, ...(reactions.length > 0 && { reactions }) };
}

function conversation(phone: Person, peer: Person, entries: readonly Entry[]): proto.IConversation {
  const newest = entries.at(-1);
  const messages = entries
    .filter(({ kind }) => !CHANGES.has(kind))
    .map((entry) => {
      const message = {
        key: { remoteJid: peer.pn(), fromMe: entry.from === phone.id, id: entry.id },
        messageTimestamp: Math.floor(entry.timestamp / 1000),
        pushName: entry.from === phone.id ? phone.name : peer.name,
      };
      return { message: { ...message, ...lastState(phone, peer, entry, entries) } };
    })
    .reverse();
  const unreadCount = entries.filter(({ direction, status }) => direction === 'in' && status !== 'read').length;
  const conversationTimestamp = newest ? Math.floor(newest.timestamp / 1000) : 0;
  return { id: peer.pn(), lidJid: peer.lid(), name: peer.name, messages, unreadCount, conversationTimestamp };
}
