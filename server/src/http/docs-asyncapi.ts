// The AsyncAPI 3 document of /ws: every event and frame of the protocol, from its own shapes, with a sentence on when it comes. It keeps nothing.
import {
  type ClientType,
  clientFrames,
  type DurableType,
  durableEvents,
  type EphemeralType,
  ephemeralEvents,
  type shape,
  type Words,
} from '@pulseline/protocol';
import type { DocumentOf } from './docs-openapi.ts';
import { components, schemaOf } from './docs-schemas.ts';

type Json = Readonly<Record<string, unknown>>;

const text = (zh: string, en: string): Words => ({ zh, en });

export const durableWords: Readonly<Record<DurableType, Words>> = {
  new_message: text('一条新消息，收到或发出，只来一次', 'A message in either direction, once'),
  message_update: text('同一条消息的内容变了', 'The same message with other content'),
  message_status: text('消息的发送状态变了', 'The status of a message that we sent'),
  message_reaction: text('对消息的表情回应', 'A reaction to a message'),
  conversation_update: text('会话是新的或变了，给出完整会话', 'A conversation is new or has changed: the whole of it'),
  conversation_removed: text(
    '会话已删除；或者并入了另一个会话（into），消息的 id 不变',
    'A conversation was deleted; or it has become part of another one (into), and its messages keep their ids',
  ),
  contact_update: text('联系人变了', 'A contact has changed'),
  whatsapp_status: text('账号的连接状态变了', 'The state of an account’s link'),
  call: text('来电', 'A call'),
  account_update: text('账号是新的或变了', 'An account is new or has changed'),
  account_removed: text('账号已移除', 'An account was removed'),
  assignment: text('会话分配给了谁', 'Who has a conversation'),
  note: text('内部备注', 'An internal note'),
  labels_update: text('工作区的全部标签', 'All labels of the workspace'),
  workspace_update: text('工作区的共同设置变了', 'What holds for the whole workspace has changed'),
};

export const ephemeralWords: Readonly<Record<EphemeralType, Words>> = {
  connected: text('连接后的第一帧', 'The first frame of a connection'),
  qr_update: text('新的二维码', 'A new QR code'),
  presence: text('联系人在线或离线', 'A contact is online or not'),
  typing: text('联系人正在输入', 'A contact is typing'),
  team_presence: text('谁在这里', 'Who is here'),
  media_progress: text('文件上传或下载到哪里了', 'How far a file is on its way, up or down'),
  sync_progress: text('历史同步进度', 'How far the history has come'),
  finding: text('诊断发现的一处故障，或它的消失', 'A fault that the diagnosis has found, or its end'),
  canary: text('测试消息，只发给提出它的连接', 'A test message, for the connection that asked for it alone'),
  ping: text(
    '每 15 秒一次，带各流的位置；仅发给说过 hello 的客户端，用 pong 回答',
    'Every 15 s, with the heads; to clients that said hello, which answer by pong',
  ),
  skip: text('到此位置为止的事件被客户端自己的筛选略过', 'Events up to here were left out by the client’s own choice'),
  resync: text('此位置无法续传，请重新取快照', 'The position cannot be resumed: fetch a snapshot'),
  draining: text('服务器即将停止，请稍后回来', 'The server is going down: come back in a while'),
  error: text('客户端的帧无法处理', 'A frame of the client could not be used'),
  test_echo: text('对 test 的回答，数据相同', 'The answer to test, with the same data'),
};

export const clientWords: Readonly<Record<ClientType, Words>> = {
  hello: text(
    '选择流和类型，要求心跳，可给出位置',
    'Chooses streams and types, asks for the heartbeat, may give a position',
  ),
  pong: text('回答 ping，可带自己的位置', 'Answers ping, with the own position'),
  trace: text('消息在此处理和显示的时间', 'When messages were applied and shown here'),
  test: text('请服务器原样返回数据', 'Asks for the same data back'),
  typing: text('此处有人正在输入', 'Somebody is typing here'),
  team: text(
    '谁在这里，打开了哪个会话，是否正在回复',
    'Who sits here, which conversation is open, and whether a reply is being written',
  ),
};

export function asyncApi({ version, port, language }: DocumentOf): Json {
  const messages = {
    ...messagesOf(durableEvents, durableWords, '', 'durable'),
    ...messagesOf(ephemeralEvents, ephemeralWords, '', 'ephemeral'),
    // `typing` goes both ways, with other data.
    ...messagesOf(clientFrames, clientWords, 'client.', 'client'),
  };
  const ids = Object.keys(messages);
  const refs = (wanted: (id: string) => boolean) =>
    ids.filter(wanted).map((id) => ({ $ref: `#/channels/live/messages/${id}` }));
  const fromClient = (id: string): boolean => id.startsWith('client.');
  const channel = { $ref: '#/channels/live' };

  function messagesOf(
    shapes: Readonly<Record<string, shape.Shape<unknown>>>,
    words: Readonly<Record<string, Words>>,
    prefix: string,
    kind: FrameKind,
  ): Readonly<Record<string, Json>> {
    return Object.fromEntries(
      Object.entries(shapes).map(([name, data]) => [
        prefix + name,
        {
          name,
          ...(words[name] && { summary: words[name][language] }),
          contentType: 'application/json',
          tags: [{ name: kind }],
          payload: envelope(name, data, kind),
        },
      ]),
    );
  }

  return {
    asyncapi: '3.0.0',
    info: { title: 'Pulseline /ws', version, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers: { local: { host: `localhost:${port}`, protocol: 'ws' } },
    channels: {
      live: {
        address: '/ws',
        messages: Object.fromEntries(ids.map((id) => [id, { $ref: `#/components/messages/${id}` }])),
        bindings: { ws: { method: 'GET', query: connectionQuery } },
      },
    },
    operations: {
      tell: { action: 'send', channel, messages: refs((id) => !fromClient(id)) },
      hear: { action: 'receive', channel, messages: refs(fromClient) },
    },
    components: { messages, schemas: components() },
  };
}

type FrameKind = 'durable' | 'ephemeral' | 'client';

const connectionQuery = {
  type: 'object',
  properties: {
    cursor: { type: 'string', description: '<stream>:<epoch>:<seq>,…' },
    types: { type: 'string', description: 'new_message,…' },
    streams: { type: 'string', description: 'acc_…,workspace' },
  },
} as const;

/** Only durable frames bear a position; a client's frame has no timestamp. */
function envelope(type: string, data: shape.Shape<unknown>, kind: FrameKind): Json {
  return {
    type: 'object',
    properties: {
      type: { const: type },
      data: schemaOf(data),
      ...(kind !== 'client' && { timestamp: { type: 'integer' } }),
      ...(kind === 'durable' && { stream: { type: 'string' }, seq: { type: 'integer', minimum: 1 } }),
    },
    required: [
      'type',
      ...(kind === 'client' ? [] : ['data', 'timestamp']),
      ...(kind === 'durable' ? ['stream', 'seq'] : []),
    ],
  };
}
