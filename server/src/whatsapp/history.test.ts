// What the pieces of the first sync become: conversations with their messages, names, address pairs.
import { describe, expect, it } from 'vitest';
import { historyFacts, ownName } from './history.ts';
import { proto } from './library.ts';

const me = { pn: '4911@s.whatsapp.net', lid: '99@lid' };
const decoded = (sync: Parameters<typeof proto.HistorySync.encode>[0]) =>
  proto.HistorySync.decode(proto.HistorySync.encode(sync).finish());
const bootstrap = proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP;

describe('history', () => {
  it('tells conversations with their messages in both directions, without what nobody sees', () => {
    const sync = decoded({
      syncType: bootstrap,
      progress: 40,
      conversations: [
        {
          id: '4922@s.whatsapp.net',
          lidJid: '22@lid',
          displayName: 'Ana',
          unreadCount: 2,
          archived: true,
          pinned: 5,
          messages: [
            {
              message: {
                key: { id: 'A', remoteJid: '4922@s.whatsapp.net', fromMe: false },
                messageTimestamp: 50,
                message: { conversation: 'hi' },
                pushName: 'Ana',
              },
            },
            {
              message: {
                key: { id: 'B', remoteJid: '4922@s.whatsapp.net', fromMe: true },
                messageTimestamp: 60,
                message: { conversation: 'yo' },
                status: 4,
              },
            },
            {
              message: {
                key: { id: 'C', remoteJid: '4922@s.whatsapp.net' },
                message: { protocolMessage: { type: 6 } },
              },
            },
          ],
        },
      ],
    });
    const chat = { kind: 'person', pn: '4922@s.whatsapp.net', lid: '22@lid' };
    const author = { pn: '4922@s.whatsapp.net', lid: '22@lid' };
    expect(historyFacts(sync, me)).toEqual([
      { type: 'same-person', pn: '4922@s.whatsapp.net', lid: '22@lid' },
      {
        type: 'history',
        progress: 40,
        chats: [
          {
            chat,
            name: 'Ana',
            unread: 2,
            archived: true,
            pinned: true,
            messages: [
              {
                kind: 'text',
                body: 'hi',
                key: { chat, author, waId: 'A' },
                fromMe: false,
                timestamp: 50_000,
                pushName: 'Ana',
              },
              { kind: 'text', body: 'yo', key: { chat, waId: 'B' }, fromMe: true, timestamp: 60_000, status: 'read' },
            ],
          },
        ],
      },
    ]);
  });

  it('tells the authors of a group’s messages', () => {
    const sync = decoded({
      syncType: bootstrap,
      conversations: [
        {
          id: '1@g.us',
          name: '小组',
          messages: [
            {
              message: {
                key: { id: 'A', participant: '22@lid' },
                messageTimestamp: 1,
                message: { imageMessage: { caption: 'c' } },
              },
            },
          ],
        },
      ],
    });
    expect(historyFacts(sync, me)).toMatchObject([
      {
        chats: [
          {
            name: '小组',
            chat: { kind: 'group', address: '1@g.us' },
            messages: [{ kind: 'image', key: { author: { lid: '22@lid' } } }],
          },
        ],
      },
    ]);
  });

  it('tells names and pairs, and keeps our own name apart', () => {
    const sync = decoded({
      syncType: proto.HistorySync.HistorySyncType.PUSH_NAME,
      phoneNumberToLidMappings: [{ pnJid: '4933@s.whatsapp.net', lidJid: '33@lid' }],
      pushnames: [
        { id: '4922@s.whatsapp.net', pushname: 'Ana' },
        { id: '4911@s.whatsapp.net', pushname: 'Me' },
      ],
    });
    expect(historyFacts(sync, me)).toEqual([
      { type: 'same-person', pn: '4933@s.whatsapp.net', lid: '33@lid' },
      { type: 'contact', party: { pn: '4922@s.whatsapp.net' }, name: 'Ana', isProfile: true },
    ]);
    expect(ownName(sync, me)).toBe('Me');
  });
});
