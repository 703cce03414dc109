// What each route is for, what it takes and what it answers: words beside the very shapes that the routes parse with. The one source of /docs/openapi.json; it registers nothing.
import {
  account,
  conversation,
  type ErrorCode,
  imported,
  importPreview,
  languages,
  message,
  searchPage,
  shape,
  type Words,
} from '@pulseline/protocol';
import { changes, fresh, mediaUse, withPhone } from './accounts.ts';
import { browserPart } from './bundle.ts';
import { arrangement, listing, place, sharing, withNumber } from './conversations.ts';
import { probing } from './diagnosis.ts';
import { mediaDocs } from './docs-media.ts';
import { peopleDocs } from './docs-people.ts';
import * as answers from './docs-shapes.ts';
import { teamDocs } from './docs-team.ts';
import { asked as eventsAsked, said as eventsSaid } from './events.ts';
import { exporting } from './exports.ts';
import { importing } from './imports.ts';
import { deleting, editing, pinning, reacting, send, starring, timing, voting } from './messages.ts';
import { withName, writing } from './sandbox.ts';
import { searching } from './search.ts';
import { asked as statusAsked } from './status.ts';

export interface RouteDoc {
  readonly summary: Words;
  readonly query?: shape.ObjectShape<Readonly<Record<string, shape.Shape<unknown>>>>;
  readonly headers?: Readonly<Record<string, Words>>;
  readonly body?: shape.Shape<unknown>;
  /** The texts of a multipart form beside its part `file`. */
  readonly form?: shape.Shape<unknown>;
  readonly answers: Readonly<Record<number, Answer | readonly Answer[]>>;
  /** Beside those that every route can give. */
  readonly errors?: readonly ErrorCode[];
}

/** JSON of a shape, nothing, or text of a type. */
export type Answer =
  | shape.Shape<unknown>
  | 'nothing'
  | `${'text' | 'application' | 'image' | 'audio' | 'video'}/${string}`;

/** Every request can meet these, and every write the second. */
export const errorsOfAll = ['BAD_REQUEST', 'HOST_REFUSED', 'ORIGIN_REFUSED', 'INTERNAL', 'STORE_FAILED'] as const;
export const errorsOfWrites = ['MEDIA_TYPE_REFUSED', 'BODY_TOO_LARGE', 'BUSY'] as const;

const text = (zh: string, en: string): Words => ({ zh, en });
const ofSandbox = ['SANDBOX_IS_FOREIGN', 'SANDBOX_FAILED'] as const;
const ofSandboxAccount = [...ofSandbox, 'ACCOUNT_NOT_FOUND', 'ACCOUNT_NOT_SANDBOX'] as const;
const throughWhatsApp = ['ACCOUNT_NOT_READY', 'WHATSAPP_FAILED', 'WORKER_DIED'] as const;

/** Asked for by its own commandId, true when WhatsApp has taken it. */
const change = (summary: Words, body: shape.Shape<unknown>): RouteDoc => ({
  summary,
  headers: { 'Idempotency-Key': text('代替 commandId', 'In place of commandId') },
  body,
  answers: { 202: answers.sent },
  errors: ['MESSAGE_NOT_FOUND', 'MESSAGE_NOT_CHANGEABLE', 'COMMAND_REUSED', 'SEND_QUEUE_FULL'],
});
const phoneAct = (summary: Words): RouteDoc => ({ summary, answers: { 200: answers.ok }, errors: ofSandboxAccount });

/** What the routes of /docs take: the language, where it is not that of the request. */
export const docsAsked = shape.object({ lang: shape.optional(shape.oneOf(languages)) });

/** By method and path, as they are registered; in the order of docs/api.md. */
export const routes: Readonly<Record<string, RouteDoc>> = {
  'GET /': { summary: text('转到网页（WEB_PORT）', 'Leads to the pages on WEB_PORT'), answers: { 302: 'nothing' } },
  'GET /status': {
    summary: text(
      '产品、存储、各账号的状态；nonce 原样返回',
      'How the product is, and every account; a nonce is echoed',
    ),
    query: statusAsked,
    answers: { 200: answers.status },
  },
  'GET /livez': { summary: text('事件循环是否在转', 'Does the event loop turn?'), answers: { 200: answers.ok } },
  'GET /readyz': { summary: text('存储是否可写', 'Is the store writable?'), answers: { 200: answers.ok } },
  'GET /api/diagnosis': {
    summary: text('服务器在自己身上看到什么，判断出什么', 'What the server sees of itself, and what it makes of it'),
    answers: { 200: answers.diagnosis },
  },
  'POST /api/diagnosis/canary': {
    summary: text(
      '一条测试消息，走完整条路，只有提出它的连接收到',
      'A test message on the whole way, for the connection that asks alone',
    ),
    body: probing,
    answers: { 200: answers.flight },
    errors: ['CANARY_TOO_SOON'],
  },
  'GET /api/diagnosis/bundle': {
    summary: text('给支持人员的诊断包，不含任何个人内容', 'The bundle for support, with nothing personal in it'),
    answers: { 200: 'application/zip' },
  },
  'POST /api/diagnosis/bundle': {
    summary: text('同上，并带上页面自己的部分', 'The same, with the part of a page'),
    body: browserPart,
    answers: { 200: 'application/zip' },
  },
  'GET /diag/echo-headers': {
    summary: text('请求头到达这里时的样子', 'How the headers of a request arrived here'),
    answers: { 200: answers.arrival },
  },
  'GET /metrics': { summary: text('Prometheus 指标', 'Metrics for Prometheus'), answers: { 200: 'text/plain' } },

  'GET /api/accounts': { summary: text('全部账号', 'All accounts'), answers: { 200: answers.accountList } },
  'POST /api/accounts': {
    summary: text('添加账号，随即开始连接', 'Adds an account, which starts connecting'),
    body: fresh,
    answers: { 201: account },
  },
  'GET /api/accounts/:id': {
    summary: text('一个账号', 'One account'),
    answers: { 200: account },
    errors: ['ACCOUNT_NOT_FOUND'],
  },
  'PATCH /api/accounts/:id': {
    summary: text(
      '改名，设置代理、消息和文件的保留期限、文件的磁盘上限（null = 取消）',
      'Renames it, sets its proxy, how long messages and files are kept, and how much disk files may take (null = none)',
    ),
    body: changes,
    answers: { 200: account },
    errors: ['ACCOUNT_NOT_FOUND'],
  },
  'GET /api/accounts/:id/media': {
    summary: text('账号的文件占多少磁盘', 'What the files of an account take on the disk'),
    answers: { 200: mediaUse },
    errors: ['ACCOUNT_NOT_FOUND'],
  },
  'DELETE /api/accounts/:id': {
    summary: text('移除账号及其全部数据', 'Removes it with all its data'),
    answers: { 204: 'nothing' },
    errors: ['ACCOUNT_NOT_FOUND'],
  },
  'GET /api/accounts/:id/unreadable': {
    summary: text('每位联系人无法解密的消息数', 'How many messages of each contact could not be read'),
    answers: { 200: answers.unreadable },
    errors: ['ACCOUNT_NOT_FOUND'],
  },
  'GET /api/accounts/:id/qr': {
    summary: text('当前可扫的二维码文本', 'The text of the QR code that can be scanned now'),
    answers: { 200: answers.qr },
    errors: ['ACCOUNT_NOT_FOUND', 'ACCOUNT_NOT_IN_QR'],
  },
  'POST /api/accounts/:id/pairing-code': {
    summary: text('用手机号获取配对码', 'A pairing code for a phone number'),
    body: withPhone,
    answers: { 200: answers.pairingCode },
    errors: ['ACCOUNT_NOT_FOUND', 'BAD_ADDRESS', 'ACCOUNT_NOT_IN_QR', ...throughWhatsApp],
  },
  'POST /api/accounts/:id/restart': {
    summary: text('重新连接', 'Connects anew'),
    answers: { 202: answers.accountOf },
    errors: ['ACCOUNT_NOT_FOUND'],
  },
  'POST /api/accounts/:id/logout': {
    summary: text('退出登录；之后需要重新扫码', 'Logs out; a new scan is needed afterwards'),
    answers: { 202: answers.accountOf },
    errors: ['ACCOUNT_NOT_FOUND'],
  },

  'POST /api/accounts/:id/imports': {
    summary: text(
      '导入手机导出的聊天（zip 或 _chat.txt），成为只读会话；preview=true 只显示读到了什么',
      'Imports a chat that a phone has exported (zip or _chat.txt) as a conversation to read; preview=true only shows what was understood',
    ),
    form: importing,
    answers: { 200: importPreview, 201: imported },
    errors: ['ACCOUNT_NOT_FOUND', 'IMPORT_UNREADABLE', 'IMPORT_TOO_LARGE'],
  },

  'GET /api/accounts/:id/export': {
    summary: text(
      '导出账号的全部会话：jsonl 给程序，txt 给人看',
      'All conversations of an account as a file: jsonl for programs, txt for people',
    ),
    query: exporting,
    answers: { 200: ['text/plain', 'text/html', 'application/x-ndjson'] },
    errors: ['ACCOUNT_NOT_FOUND'],
  },

  'GET /api/conversations': {
    summary: text('会话列表，最新在前', 'Conversations, newest first'),
    query: listing,
    answers: { 200: answers.snapshot(conversation) },
  },
  'POST /api/conversations': {
    summary: text(
      '与某号码的会话；先向 WhatsApp 查询号码是否存在',
      'The conversation with a number, after asking WhatsApp whether it exists',
    ),
    body: withNumber,
    answers: { 200: conversation },
    errors: ['ACCOUNT_NOT_FOUND', 'BAD_ADDRESS', 'NOT_ON_WHATSAPP', 'CONVERSATION_NOT_FOUND', ...throughWhatsApp],
  },
  'GET /api/conversations/:id': {
    summary: text('一个会话', 'One conversation'),
    answers: { 200: conversation },
    errors: ['CONVERSATION_NOT_FOUND'],
  },
  'PATCH /api/conversations/:id': {
    summary: text(
      '归档、置顶、静音，手机上也是；状态和标签只在这里',
      'Archives, pins, mutes, on the phone too; state and labels are ours alone',
    ),
    body: arrangement,
    answers: { 200: conversation },
    errors: ['CONVERSATION_NOT_FOUND', 'LABEL_NOT_FOUND'],
  },
  ...teamDocs,
  ...peopleDocs,
  ...mediaDocs,
  'GET /api/conversations/:id/export': {
    summary: text('导出一个会话；txt 可以再导入', 'One conversation as a file; txt can be imported again'),
    query: exporting,
    answers: { 200: ['text/plain', 'text/html', 'application/x-ndjson'] },
    errors: ['CONVERSATION_NOT_FOUND'],
  },
  'GET /api/conversations/:id/messages': {
    summary: text(
      '一页消息，页内旧的在前；before、after、around 至多一个',
      'A page of messages, oldest first within it; at most one of before, after, around',
    ),
    query: place,
    answers: { 200: answers.snapshot(message) },
    errors: ['CONVERSATION_NOT_FOUND', 'MESSAGE_NOT_FOUND'],
  },
  'GET /api/conversations/:id/shared': {
    summary: text(
      '会话里的图片与视频、文件、链接或置顶消息，最新在前；每次查看的消息数有上限，可能为空但仍有 next',
      'The pictures and videos, files, links or pinned messages of a conversation, the newest first; a bounded number of messages is looked at, so it may be empty and still have a next',
    ),
    query: sharing,
    answers: { 200: answers.snapshot(message) },
    errors: ['CONVERSATION_NOT_FOUND', 'MESSAGE_NOT_FOUND'],
  },
  'POST /api/conversations/:id/read': {
    summary: text('标为已读，并发出已读回执', 'Marks it as read; receipts go out'),
    answers: { 204: 'nothing' },
    errors: ['CONVERSATION_NOT_FOUND'],
  },

  'POST /api/messages': {
    summary: text(
      '发送文字、文件（kind、media、caption）、位置、名片、投票，或转发消息。同一 commandId 再次请求得到同样的回答，不会重复发送',
      'Sends a text, a file (kind, media, caption), a place, cards or a poll, or passes a message on. The same commandId again gives the same answer and sends nothing twice',
    ),
    headers: { 'Idempotency-Key': text('代替 commandId', 'In place of commandId') },
    body: send,
    answers: { 202: answers.sent },
    errors: [
      'UPLOAD_NOT_FOUND',
      'UPLOAD_KIND',
      'SEND_QUEUE_FULL',
      'CONVERSATION_READ_ONLY',
      'ACCOUNT_NOT_FOUND',
      'ACCOUNT_NOT_READY',
      'BAD_ADDRESS',
      'CONVERSATION_NOT_FOUND',
      'MESSAGE_NOT_FOUND',
      'MESSAGE_NOT_FORWARDABLE',
      'SEND_QUEUE_FULL',
      'COMMAND_REUSED',
      'SEND_QUEUE_FULL',
    ],
  },
  'POST /api/conversations/:id/disappearing': {
    summary: text(
      '设置限时消息：多少秒后消失，0 = 不消失',
      'Sets after how many seconds messages of a chat disappear; 0 = they stay',
    ),
    body: timing,
    answers: { 202: answers.sent },
    errors: ['CONVERSATION_NOT_FOUND', 'CONVERSATION_READ_ONLY', 'ACCOUNT_NOT_READY', 'BAD_ADDRESS', 'COMMAND_REUSED'],
  },
  'POST /api/messages/:id/votes': change(
    text('在投票中选择；空 = 收回', 'Votes on a poll; no options take the vote back'),
    voting,
  ),
  'POST /api/messages/:id/reaction': change(
    text('对消息的表情回应；空 = 收回', 'Reacts to a message; empty takes it back'),
    reacting,
  ),
  'POST /api/messages/:id/edit': change(
    text('编辑自己的文字或文件说明（15 分钟内）', 'Edits a text or a caption of ours, within 15 minutes'),
    editing,
  ),
  'POST /api/messages/:id/delete': change(
    text(
      '为所有人撤回，或只为自己删除（手机上也是）',
      'Withdraws a message for everyone, or removes it for us alone, on the phone too',
    ),
    deleting,
  ),
  'POST /api/messages/:id/star': change(
    text(
      '加星或取消，手机上也是；立即生效',
      'Marks a message with a star, or takes it away, on the phone too; true at once',
    ),
    starring,
  ),
  'POST /api/messages/:id/pin': change(
    text('在会话中置顶消息；0 = 取消', 'Pins a message in its chat; 0 = no longer'),
    pinning,
  ),
  'POST /api/messages/:id/retry': {
    summary: text('重试被拒绝的消息', 'Tries a refused message again'),
    answers: { 202: answers.retried },
    errors: ['MESSAGE_NOT_FOUND'],
  },
  'GET /api/messages/:id/receipts': {
    summary: text('群消息在每位成员处的进度', 'How far a message to a group has come with each member'),
    answers: { 200: answers.receipts },
    errors: ['MESSAGE_NOT_FOUND'],
  },
  'GET /api/messages/:id/trace': {
    summary: text('一条消息经过各阶段的时间', 'When a message passed each stage'),
    answers: { 200: answers.trace },
    errors: ['MESSAGE_NOT_FOUND'],
  },
  'GET /api/search': {
    summary: text(
      '搜索消息和联系人，最新在前。中文任意长度的词、英文词的开头、任何写法的号码；ranges 是正文中的位置',
      'Finds messages and people, the newest first: Chinese words of any length, beginnings of other words, numbers in any writing; ranges are places in the body',
    ),
    query: searching,
    answers: { 200: searchPage },
    errors: ['ACCOUNT_NOT_FOUND', 'CONVERSATION_NOT_FOUND'],
  },
  'GET /api/events': {
    summary: text(
      '某位置之后的事件；Accept: text/event-stream 时持续推送',
      'The events after a position; with Accept: text/event-stream it goes on live',
    ),
    query: eventsAsked,
    headers: { 'Last-Event-ID': text('代替 after', 'In place of after') },
    answers: { 200: [answers.events, 'text/event-stream'] },
    errors: ['BAD_CURSOR', 'BUSY'],
  },
  'POST /api/events/:id': {
    summary: text(
      '事件流连接（connectionId）的客户端帧，与 /ws 上的相同',
      'A frame of the client of an event stream (its connectionId), as on /ws',
    ),
    body: eventsSaid,
    answers: { 204: 'nothing' },
  },

  'POST /api/sandbox/accounts/:id/scan': {
    summary: text('用沙盒手机扫描当前二维码', 'Scans the current QR code with the sandbox phone'),
    answers: { 200: answers.scanned },
    errors: [...ofSandboxAccount, 'ACCOUNT_NOT_IN_QR'],
  },
  'POST /api/sandbox/accounts/:id/offline': phoneAct(text('手机断网', 'Takes the phone offline')),
  'POST /api/sandbox/accounts/:id/online': phoneAct(text('手机联网', 'Brings the phone back online')),
  'POST /api/sandbox/accounts/:id/logout': phoneAct(text('在手机上移除此设备', 'Removes the device on the phone')),
  'GET /api/sandbox/contacts': {
    summary: text('沙盒联系人', 'The contacts of the sandbox'),
    answers: { 200: answers.contactList },
    errors: ofSandbox,
  },
  'POST /api/sandbox/contacts': {
    summary: text('添加联系人', 'Adds a contact'),
    body: withName,
    answers: { 201: answers.person },
    errors: ofSandbox,
  },
  'POST /api/sandbox/contacts/:id/messages': {
    summary: text('以联系人身份给账号发消息', 'Writes to an account as the contact'),
    body: writing,
    answers: { 201: answers.written },
    errors: [...ofSandboxAccount, 'CONTACT_NOT_FOUND', 'UPLOAD_NOT_FOUND', 'UPLOAD_TOO_LARGE'],
  },
  'GET /api/sandbox/contacts/:id/messages': {
    summary: text('联系人手机上的消息', 'The messages on the contact’s phone'),
    answers: { 200: answers.letterList },
    errors: [...ofSandbox, 'CONTACT_NOT_FOUND'],
  },
  'POST /api/sandbox/contacts/:id/read': {
    summary: text('联系人读消息', 'The contact reads its messages'),
    answers: { 200: answers.readLetters },
    errors: [...ofSandbox, 'CONTACT_NOT_FOUND'],
  },

  'GET /ws': {
    summary: text(
      'WebSocket；没有 Upgrade 的请求得到 426 和到达的内容。帧见 /docs/asyncapi.json',
      'The WebSocket; a request without Upgrade gets 426 and what arrived. Frames: /docs/asyncapi.json',
    ),
    answers: { 426: answers.upgradeRequired },
    errors: ['UPGRADE_REQUIRED'],
  },
  'GET /docs': {
    summary: text('本说明的网页', 'This documentation as a page'),
    query: docsAsked,
    answers: { 200: 'text/html' },
  },
  'GET /docs/openapi.json': {
    summary: text('REST 部分的 OpenAPI 3.1', 'The REST part as OpenAPI 3.1'),
    query: docsAsked,
    answers: { 200: answers.anyDocument },
  },
  'GET /docs/asyncapi.json': {
    summary: text('/ws 的 AsyncAPI 3', '/ws as AsyncAPI 3'),
    query: docsAsked,
    answers: { 200: answers.anyDocument },
  },
};
