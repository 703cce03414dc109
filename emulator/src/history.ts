// What a phone tells its linked devices of earlier times: at the first link in pieces, later what they ask for; inline or by the media host. It never tells anybody else.
import { deflateSync } from 'node:zlib';
import type { proto } from 'baileys/WAProto/index.js';
import { upload } from './compose.ts';
import { messageOf } from './content.ts';
import type { Device } from './device.ts';
import { isChange, lastState } from './last-state.ts';
import type { Entry } from './log.ts';
import { pastChat, placeOf } from './past.ts';
import type { Person } from './person.ts';
import { sendPeerMessage } from './send.ts';
import { wire } from './wire.ts';
import type { World } from './world.ts';

const MAX_CHATS = 50;
const MAX_MESSAGES_PER_CHAT = 20;
/** Messages of one answer to a device that asks for more. */
const MAX_ON_DEMAND = 500;

/** The first history: what there is in the log, then the invented past, piece by piece. */
export async function sendFirstHistory(world: World, device: Device): Promise<void> {
  const { person } = device;
  const chats = recentChats(world, person);
  const pushnames = chats.map(({ peer }) => ({ id: peer.pn(), pushname: peer.name }));
  const phoneNumberToLidMappings = chats.map(({ peer }) => ({ pnJid: peer.pn(), lidJid: peer.lid() }));
  const conversations = chats.map(({ peer, entries }) => conversation(person, peer, entries));
  await sendHistory(world, device, {
    syncType: wire().HistorySync.HistorySyncType.INITIAL_BOOTSTRAP,
    conversations,
    phoneNumberToLidMappings,
    chunkOrder: 1,
    progress: 10,
  });
  await sendHistory(world, device, { syncType: wire().HistorySync.HistorySyncType.PUSH_NAME, pushnames });
  await sendPast(world, device);
}

async function sendPast(world: World, device: Device): Promise<void> {
  const { past } = device.person.settings;
  const chunks = past ? Math.ceil(past.chats / past.chunk) : 0;
  for (let piece = 0; past && piece < chunks; piece++) {
    const first = piece * past.chunk + 1;
    const length = Math.min(past.chunk, past.chats - first + 1);
    const window = { before: past.messages + 1, count: past.recent };
    await sendHistory(world, device, {
      syncType: wire().HistorySync.HistorySyncType.RECENT,
      conversations: Array.from({ length }, (_, i) => pastChat(past, first + i, window, world.clock())),
      chunkOrder: piece + 2,
      progress: piece === chunks - 1 ? 100 : Math.floor(10 + (85 * (piece + 1)) / chunks),
    });
    // What has been made must not wait in memory for what is still to be made.
    await world.store.stored();
  }
  if (chunks > 0) return;
  await sendHistory(world, device, {
    syncType: wire().HistorySync.HistorySyncType.RECENT,
    conversations: [],
    chunkOrder: 2,
    progress: 100,
  });
}

async function sendHistory(
  world: World,
  device: Device,
  history: proto.IHistorySync,
  request?: { readonly id: string },
): Promise<void> {
  const payload = deflateSync(wire().HistorySync.encode(history).finish());
  const said = {
    syncType: history.syncType ?? null,
    chunkOrder: history.chunkOrder ?? null,
    progress: history.progress ?? null,
    peerDataRequestSessionId: request?.id ?? null,
  };
  const {
    url: _url,
    bytes: _bytes,
    ...file
  } = device.person.settings.historyBy === 'media' ? upload(world, payload, 'History') : { url: '', bytes: payload };
  await sendPeerMessage(world, device, {
    protocolMessage: {
      type: wire().Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
      historySyncNotification:
        'mediaKey' in file ? { ...said, ...file } : { ...said, initialHistBootstrapInlinePayload: payload },
    },
  });
}

/** A linked device asks its phone for something. @param id of the message that asks. */
export async function answerPeer(world: World, device: Device, id: string, message: proto.IMessage): Promise<void> {
  const request = message.protocolMessage?.peerDataOperationRequestMessage;
  if (!request || world.faults.take('silent-phone', ...device.names)) return;
  const asked = request.historySyncOnDemandRequest;
  if (asked) {
    const conversation = earlier(world, device.person, asked);
    await sendHistory(
      world,
      device,
      { syncType: wire().HistorySync.HistorySyncType.ON_DEMAND, conversations: [conversation] },
      { id },
    );
    return;
  }
  const results = (request.placeholderMessageResendRequest ?? []).flatMap(({ messageKey }) => {
    const entry = messageKey?.id ? world.logOf(device.person).find('in', messageKey.id) : undefined;
    if (!entry || !messageKey) return [];
    const webMessageInfoBytes = wire()
      .WebMessageInfo.encode({
        key: messageKey,
        message: messageOf(entry),
        messageTimestamp: Math.floor(entry.timestamp / 1000),
      })
      .finish();
    return [{ placeholderMessageResendResponse: { webMessageInfoBytes } }];
  });
  if (results.length === 0) return;
  await sendPeerMessage(world, device, {
    protocolMessage: {
      type: wire().Message.ProtocolMessage.Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
      peerDataOperationRequestResponseMessage: {
        peerDataOperationRequestType: wire().Message.PeerDataOperationRequestType.PLACEHOLDER_MESSAGE_RESEND,
        stanzaId: id,
        peerDataOperationResult: results,
      },
    },
  });
}

type Asked = proto.Message.PeerDataOperationRequestMessage.IHistorySyncOnDemandRequest;

/** What came before a message, newest first. */
function earlier(world: World, phone: Person, asked: Asked): proto.IConversation {
  const count = Math.min(MAX_ON_DEMAND, Math.max(1, asked.onDemandMsgCount ?? MAX_MESSAGES_PER_CHAT));
  const place = placeOf(asked.oldestMsgId ?? '');
  const { past } = phone.settings;
  if (place && past) return pastChat(past, place.chat, { before: place.message, count }, world.clock());
  const peer = world.people.find(asked.chatJid ?? '');
  if (!peer) return { id: asked.chatJid ?? '', messages: [], endOfHistoryTransfer: true };
  const entries = entriesOf(world, phone, peer);
  const at = entries.findIndex(({ id }) => id === asked.oldestMsgId);
  const older = entries.slice(0, at < 0 ? undefined : at).slice(-count);
  return { ...conversation(phone, peer, older), endOfHistoryTransfer: older.length < count };
}

function entriesOf(world: World, phone: Person, peer: Person): Entry[] {
  return [...world.logOf(phone).all()].filter(
    ({ from, to, direction }) => (direction === 'out' ? to : from) === peer.id && !to.endsWith('@g.us'),
  );
}

interface Chat {
  readonly peer: Person;
  readonly entries: readonly Entry[];
}

function recentChats(world: World, phone: Person): Chat[] {
  const byPeer = new Map<Person, Entry[]>();
  for (const entry of world.logOf(phone).all()) {
    const peer = world.people.find(entry.direction === 'out' ? entry.to : entry.from);
    if (!peer || entry.to.includes('@')) continue;
    const entries = byPeer.get(peer) ?? [];
    entries.push(entry);
    byPeer.set(peer, entries);
  }
  return [...byPeer]
    .slice(-MAX_CHATS)
    .map(([peer, entries]) => ({ peer, entries: entries.slice(-MAX_MESSAGES_PER_CHAT) }));
}

function conversation(phone: Person, peer: Person, entries: readonly Entry[]): proto.IConversation {
  const newest = entries.at(-1);
  const shown = entries.filter((entry) => !isChange(entry));
  const messages = shown.toReversed().map((entry) => ({
    message: {
      key: { remoteJid: peer.pn(), fromMe: entry.from === phone.id, id: entry.id },
      ...lastState(phone, peer, entry, entries),
      messageTimestamp: Math.floor(entry.timestamp / 1000),
      pushName: entry.from === phone.id ? phone.name : peer.name,
    },
  }));
  const unreadCount = entries.filter(({ direction, status }) => direction === 'in' && status !== 'read').length;
  const conversationTimestamp = newest ? Math.floor(newest.timestamp / 1000) : 0;
  return { id: peer.pn(), lidJid: peer.lid(), name: peer.name, messages, unreadCount, conversationTimestamp };
}
