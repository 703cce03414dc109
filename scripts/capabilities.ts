// What Pulseline can do with each kind of message: the one table behind docs/capabilities.md. What can be sent is read from the API's own shape; test/house holds every other cell against the code.
import type { MessageKind } from '../protocol/src/index.ts';
import { send } from '../server/src/http/messages.ts';

/** A file, and words that stand in it. */
export type Proof = readonly [path: string, words: string];

export interface Capability {
  readonly name: string;
  readonly en: string;
  readonly zh: string;
  /** Where it is read of what WhatsApp sends; absent = it is not. */
  readonly in?: Proof;
  /** Where it is made for WhatsApp; absent = by the API's shape of a send. */
  readonly out?: Proof;
  /** The field of a message or a conversation that keeps it. */
  readonly stored: string;
  /** Where the pages show it; absent = they do not. */
  readonly shown?: Proof;
  readonly tested: readonly Proof[];
}

const KINDS = 'server/src/whatsapp/kinds.test.ts';
const ENGINE = 'server/src/whatsapp/account-kinds.test.ts';
const CHANGES = 'server/src/whatsapp/account-changes.test.ts';
const CONTRACT = 'test/contract/kinds.test.ts';
const BEARING = 'server/src/inbox/bearing.test.ts';
const MEDIA = 'server/src/whatsapp/normalise-media.test.ts';
const NORMALISE = 'server/src/whatsapp/normalise.ts';
const READABLE = 'server/src/whatsapp/readable.ts';
const CONTENTS = 'server/src/whatsapp/contents.ts';
const CHANGE = 'server/src/whatsapp/changes.ts';
const BUBBLE = 'web/src/bubble.tsx';
const SHOWN = 'web/src/contents.tsx';
const STATES = 'server/src/whatsapp/chat-state.ts';
const SHARED = 'server/src/whatsapp/account-shared-state.test.ts';
const VIEW = 'web/src/media-view.tsx';
const WORDS = 'web/src/words/inbox.ts';
const ROUTES = 'server/src/http/messages.ts';

const file = (name: MessageKind, en: string, zh: string): Capability => ({
  name,
  en,
  zh,
  in: ['server/src/whatsapp/normalise-media.ts', `'${name}'`],
  stored: 'media',
  shown: [VIEW, 'MediaView'],
  tested: [[MEDIA, `kind: '${name}'`]],
});
const readable = (name: string, en: string, zh: string): Capability => ({
  name,
  en,
  zh,
  in: [READABLE, `'${name}'`],
  stored: 'body',
  shown: [BUBBLE, 'body'],
  tested: [[KINDS, name]],
});

/** Kinds of `Message.kind`, in the order of the model. */
export const kinds: readonly Capability[] = [
  {
    name: 'text',
    en: 'text, formatting as typed',
    zh: '文字，格式原样',
    in: [NORMALISE, "kind: 'text'"],
    stored: 'body',
    shown: [BUBBLE, 'body'],
    tested: [
      [ENGINE, 'text: '],
      [CONTRACT, "kind: 'text'"],
    ],
  },
  file('image', 'pictures', '图片'),
  file('video', 'films', '视频'),
  file('gif', 'moving pictures', '动图'),
  file('audio', 'audio files', '音频'),
  file('voice', 'voice messages', '语音'),
  file('document', 'documents', '文件'),
  file('sticker', 'stickers', '贴纸'),
  {
    name: 'location',
    en: 'places, also live ones as they move',
    zh: '位置，实时位置随之更新',
    in: [NORMALISE, "'location'"],
    stored: 'location',
    shown: [SHOWN, 'location !== undefined'],
    tested: [
      [ENGINE, 'location: '],
      [KINDS, 'location: '],
      [CONTRACT, "kind: 'location'"],
    ],
  },
  {
    name: 'contact',
    en: 'contact cards, one or several',
    zh: '名片，一张或多张',
    in: [NORMALISE, "'contact'"],
    stored: 'contacts',
    shown: [SHOWN, 'contacts?.map'],
    tested: [
      [ENGINE, 'contact: '],
      [KINDS, 'contact: '],
      [CONTRACT, "kind: 'contact'"],
    ],
  },
  {
    name: 'poll',
    en: 'polls, their votes opened and counted',
    zh: '投票，选票解密并计数',
    in: [NORMALISE, "'poll'"],
    stored: 'poll',
    shown: [SHOWN, 'poll !== undefined'],
    tested: [
      [ENGINE, 'poll: '],
      [BEARING, 'poll: '],
      [CONTRACT, "kind: 'poll'"],
    ],
  },
  {
    name: 'call',
    en: 'missed calls, and those of the log',
    zh: '未接来电和通话记录',
    in: [NORMALISE, "kind: 'call'"],
    stored: 'notice',
    shown: [WORDS, 'missed_call'],
    tested: [
      [KINDS, 'call: '],
      ['server/src/inbox/notice.test.ts', 'call'],
    ],
  },
  {
    name: 'system',
    en: 'notices: groups, timers, albums',
    zh: '提示：群、限时消息、相册',
    in: [NORMALISE, "kind: 'system'"],
    stored: 'notice',
    shown: [BUBBLE, 'NoticeText'],
    tested: [
      [ENGINE, 'system: '],
      [BEARING, 'system: '],
    ],
  },
  {
    name: 'waiting',
    en: 'what cannot be read yet, filled later',
    zh: '暂时无法解密，之后补上',
    in: [NORMALISE, "kind: 'waiting'"],
    stored: 'body',
    shown: [BUBBLE, "'waiting'"],
    tested: [
      ['server/src/whatsapp/account-messages.test.ts', "kind: 'waiting'"],
      [BEARING, 'waiting'],
    ],
  },
  {
    name: 'unknown',
    en: 'anything else, by its raw type',
    zh: '其他一切，注明原始类型',
    in: [NORMALISE, "kind: 'unknown'"],
    stored: 'rawType',
    shown: ['web/src/words/kinds.ts', 'unknown'],
    tested: [
      [ENGINE, 'unknown: '],
      [KINDS, 'unknown: '],
    ],
  },
];

/** What businesses and services send, which becomes `text` with its `rawType`. */
export const services: readonly Capability[] = [
  readable('buttonsMessage', 'buttons', '按钮'),
  readable('buttonsResponseMessage', 'the button that was pressed', '按下的按钮'),
  readable('listMessage', 'lists', '列表'),
  readable('listResponseMessage', 'the row that was chosen', '选中的一行'),
  readable('templateMessage', 'templates', '模板'),
  readable('templateButtonReplyMessage', 'the template button that was pressed', '按下的模板按钮'),
  readable('highlyStructuredMessage', 'older templates', '旧式模板'),
  readable('interactiveMessage', 'interactive messages and carousels', '交互消息和轮播'),
  readable('interactiveResponseMessage', 'answers to them', '对它们的回复'),
  readable('productMessage', 'products', '商品'),
  readable('orderMessage', 'orders', '订单'),
  readable('invoiceMessage', 'invoices', '账单'),
  readable('sendPaymentMessage', 'payments', '付款'),
  readable('requestPaymentMessage', 'requests for payment', '收款请求'),
  readable('groupInviteMessage', 'invitations to a group', '群邀请'),
  readable('newsletterAdminInviteMessage', 'invitations to run a channel', '频道管理邀请'),
  readable('newsletterFollowerInviteMessageV2', 'invitations to follow a channel', '频道关注邀请'),
  readable('eventMessage', 'events', '活动'),
  readable('scheduledCallCreationMessage', 'planned calls', '预约通话'),
  readable('bcallMessage', 'broadcast calls', '广播通话'),
  readable('stickerPackMessage', 'packs of stickers', '贴纸包'),
  readable('pollResultSnapshotMessage', 'results of a poll', '投票结果'),
  readable('questionResponseMessage', 'answers to a question', '问答回复'),
  readable('statusQuestionAnswerMessage', 'answers to a status question', '动态问答回复'),
];

/** What is done to messages, and what they bear whatever their kind. */
export const abilities: readonly Capability[] = [
  {
    name: 'reaction',
    en: 'reactions',
    zh: '表情回应',
    in: [CHANGE, "kind: 'reaction'"],
    out: [ROUTES, '/reaction'],
    stored: 'reactions',
    shown: [BUBBLE, 'reactions'],
    tested: [[CHANGES, 'reaction']],
  },
  {
    name: 'quote',
    en: 'replies',
    zh: '引用回复',
    in: [NORMALISE, 'quoted'],
    out: [ROUTES, 'quote'],
    stored: 'quote',
    shown: [BUBBLE, 'QuoteBlock'],
    tested: [[CHANGES, 'quoted']],
  },
  {
    name: 'mentions',
    en: 'mentions',
    zh: '提及',
    in: [NORMALISE, 'mentions'],
    out: [ROUTES, 'mentions'],
    stored: 'mentions',
    shown: [BUBBLE, 'NamedText'],
    tested: [[CHANGES, 'mentions']],
  },
  {
    name: 'edit',
    en: 'edits, of captions too',
    zh: '编辑，含图片说明',
    in: [CHANGE, "kind: 'edit'"],
    out: [ROUTES, '/edit'],
    stored: 'edited',
    shown: [BUBBLE, 'edited'],
    tested: [
      [CHANGES, "kind: 'edit'"],
      [KINDS, 'an edit of a caption'],
    ],
  },
  {
    name: 'delete for everyone',
    en: 'withdrawals',
    zh: '撤回',
    in: [CHANGE, "kind: 'revoke'"],
    out: [ROUTES, "kind: 'revoke'"],
    stored: 'deleted',
    shown: [BUBBLE, 'deleted'],
    tested: [[CHANGES, "kind: 'revoke'"]],
  },
  {
    name: 'delete for me',
    en: 'removed for us alone, here and on the phone, both ways',
    zh: '只为自己删除，双向与手机同步',
    in: [STATES, 'deleteMessageForMe'],
    out: [ROUTES, 'remove_message'],
    stored: 'gone',
    shown: [BUBBLE, 'message.gone'],
    tested: [
      [CONTRACT, 'removes it for us alone'],
      [SHARED, 'removed for us alone'],
      [BEARING, 'removed for us alone'],
    ],
  },
  {
    name: 'star',
    en: 'stars, both ways with the phone',
    zh: '加星，双向与手机同步',
    in: [STATES, 'starAction'],
    out: [ROUTES, 'star_message'],
    stored: 'starred',
    shown: [BUBBLE, 'starred'],
    tested: [[SHARED, 'hears of stars']],
  },
  {
    name: 'forward',
    en: 'forwarded, files too, with the count of it; what is seen once is not passed on',
    zh: '转发，含文件和转发次数；仅看一次的不转发',
    in: [CONTENTS, 'forwardingScore'],
    out: [ROUTES, 'forward'],
    stored: 'forwarded',
    shown: [SHOWN, 'forwarded'],
    tested: [
      [ENGINE, "forwarded).toBe('once')"],
      [CONTRACT, '`forward` passes a message on'],
    ],
  },
  {
    name: 'view once',
    en: 'marked; linked devices are seldom given the content',
    zh: '有标记；WhatsApp 通常不给关联设备内容',
    in: [CONTENTS, 'viewOnce'],
    stored: 'viewOnce',
    shown: [SHOWN, 'viewOnce'],
    tested: [
      [ENGINE, 'something to be seen once'],
      [KINDS, 'viewOnce: true'],
    ],
  },
  {
    name: 'disappearing',
    en: 'the timer of a chat, and messages that vanish when due',
    zh: '会话的限时设置，到时消失',
    in: [NORMALISE, 'timer'],
    out: [ROUTES, '/disappearing'],
    stored: 'expiresAt',
    shown: [WORDS, 'disappearing'],
    tested: [
      [ENGINE, 'the timer of a chat'],
      ['server/src/disappearing.test.ts', 'are gone when it is over'],
      [CONTRACT, 'sets `disappearing`'],
    ],
  },
  {
    name: 'link preview',
    en: 'shown as the sender gives it; fetched safely for what is sent',
    zh: '按发送者提供的显示；发送时安全读取',
    in: [CONTENTS, 'previewOf'],
    out: ['server/src/whatsapp/compose.ts', 'linked'],
    stored: 'preview',
    shown: [SHOWN, 'preview !== undefined'],
    tested: [
      [ENGINE, 'what its link shows'],
      ['server/src/whatsapp/outward.test.ts', 'rebind.example'],
    ],
  },
  {
    name: 'votes',
    en: 'votes on polls, ours too, told as they come',
    zh: '投票的选票，双向，实时计数',
    in: [CHANGE, "kind: 'vote'"],
    out: [ROUTES, '/votes'],
    stored: 'poll',
    shown: [SHOWN, 'PollView'],
    tested: [
      [BEARING, 'is counted by person'],
      [CONTRACT, '/votes'],
    ],
  },
  {
    name: 'pin',
    en: 'pinned messages',
    zh: '置顶消息',
    in: [CHANGE, "kind: 'pin'"],
    out: [ROUTES, "kind: 'pin'"],
    stored: 'pinnedUntil',
    shown: [BUBBLE, 'pinnedUntil'],
    tested: [
      [ENGINE, 'and a pin'],
      [BEARING, 'is pinned for a while'],
    ],
  },
  {
    name: 'keep',
    en: 'kept from disappearing',
    zh: '保留限时消息',
    in: [CHANGE, "kind: 'keep'"],
    stored: 'kept',
    tested: [
      [KINDS, 'a message that is kept'],
      [BEARING, 'one that is kept stays'],
    ],
  },
  {
    name: 'album',
    en: 'albums: their parts know them',
    zh: '相册及其各项',
    in: [NORMALISE, 'albumMessage'],
    stored: 'partOf',
    shown: [WORDS, 'album'],
    tested: [
      [KINDS, 'an album that is about to come'],
      [BEARING, 'knows the album'],
    ],
  },
  {
    name: 'comment',
    en: 'comments, as answers',
    zh: '评论，作为回复',
    in: [NORMALISE, 'commentMessage'],
    stored: 'quote',
    shown: [BUBBLE, 'QuoteBlock'],
    tested: [[KINDS, 'a comment answers']],
  },
  {
    name: 'status and channel posts',
    en: 'received, in chats of those kinds',
    zh: '接收动态和频道消息',
    in: ['server/src/whatsapp/stanzas.ts', 'channel'],
    stored: 'kind',
    shown: ['web/src/avatar.tsx', 'kind'],
    tested: [[ENGINE, 'status and channel posts']],
  },
];

/** The kinds that a send of the API takes, by its own shape. */
export const sendable: ReadonlySet<string> = new Set(
  [send.fields.kind.schema['enum']].flatMap((words) => (Array.isArray(words) ? words.map(String) : [])),
);

export function isSent({ name, out }: Capability): boolean {
  return out !== undefined || sendable.has(name);
}
