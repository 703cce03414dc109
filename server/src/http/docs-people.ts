// What the routes of groups and people are for, what they take and answer; a part of docs-routes.ts. It registers nothing.
import { contact, conversation, type Words } from '@pulseline/protocol';
import type { RouteDoc } from './docs-routes.ts';
import {
  groupAnswer,
  groupChange,
  groupList,
  groupListing,
  invite,
  joining,
  memberChange,
  memberResults,
  newGroup,
} from './groups.ts';
import { blocking, contactListing, contactPage, looking, older, olderAnswer, rejecting, typing } from './people.ts';
import { commanded, outcome } from './perform.ts';
import { pictureChange, profileChange } from './profile.ts';

const text = (zh: string, en: string): Words => ({ zh, en });
const ofErrands = [
  'ACCOUNT_NOT_READY',
  'COMMAND_REUSED',
  'WHATSAPP_REFUSED',
  'WHATSAPP_FAILED',
  'OUTCOME_UNKNOWN',
] as const;
const inGroup = ['CONVERSATION_NOT_FOUND', 'NOT_A_GROUP', 'GROUP_NOT_ADMIN', 'GROUP_NOT_MEMBER', ...ofErrands] as const;
const asked = ['ACCOUNT_NOT_READY', 'WHATSAPP_FAILED', 'WORKER_DIED'] as const;

export const peopleDocs: Readonly<Record<string, RouteDoc>> = {
  'GET /api/accounts/:id/groups': {
    summary: text('账号的群', 'The groups of an account'),
    query: groupListing,
    answers: { 200: groupList },
    errors: ['ACCOUNT_NOT_FOUND'],
  },
  'POST /api/accounts/:id/groups': {
    summary: text('建群。同一 commandId 不会重复建', 'Makes a group; the same commandId makes no second one'),
    body: newGroup,
    answers: { 201: groupAnswer, 202: outcome },
    errors: ['ACCOUNT_NOT_FOUND', 'BAD_ADDRESS', ...ofErrands],
  },
  'POST /api/accounts/:id/groups/join': {
    summary: text('用邀请链接入群', 'Joins a group by its invite link'),
    body: joining,
    answers: { 200: groupAnswer, 202: outcome },
    errors: ['ACCOUNT_NOT_FOUND', 'INVITE_INVALID', ...ofErrands],
  },
  'GET /api/groups/:id': {
    summary: text(
      '一个群（会话的 id）：成员、名字和身份',
      'A group, by the id of its conversation: members, names, roles',
    ),
    answers: { 200: groupAnswer },
    errors: ['CONVERSATION_NOT_FOUND', 'NOT_A_GROUP'],
  },
  'PATCH /api/groups/:id': {
    summary: text(
      '改群名、描述；仅管理员发言、仅管理员改资料、入群审批',
      'Changes name, description, and who may write, change it, or come in by the link',
    ),
    body: groupChange,
    answers: { 200: groupAnswer, 202: outcome },
    errors: inGroup,
  },
  'POST /api/groups/:id/members': {
    summary: text(
      '添加、移除成员，设为或取消管理员；逐人给出结果',
      'Adds, removes, promotes, demotes; a result for each person',
    ),
    body: memberChange,
    answers: { 200: memberResults, 202: outcome },
    errors: ['BAD_ADDRESS', ...inGroup],
  },
  'POST /api/groups/:id/leave': {
    summary: text('退群', 'Leaves the group'),
    body: commanded,
    answers: { 202: outcome, 204: 'nothing' },
    errors: inGroup,
  },
  'GET /api/groups/:id/invite': {
    summary: text('邀请链接', 'The invite link'),
    answers: { 200: invite },
    errors: [...inGroup, ...asked],
  },
  'POST /api/groups/:id/invite': {
    summary: text('换一个邀请链接，旧的作废', 'Another invite link; the one before is worth nothing'),
    body: commanded,
    answers: { 200: invite, 202: outcome },
    errors: inGroup,
  },
  'PATCH /api/accounts/:id/profile': {
    summary: text('账号自己的名字和简介', 'The name by which the account calls itself, and the words about it'),
    body: profileChange,
    answers: { 202: outcome, 204: 'nothing' },
    errors: ['ACCOUNT_NOT_FOUND', ...ofErrands],
  },
  'PUT /api/accounts/:id/picture': {
    summary: text('账号自己的头像；null = 没有', 'The picture of the account; null = none'),
    body: pictureChange,
    answers: { 202: outcome, 204: 'nothing' },
    errors: ['ACCOUNT_NOT_FOUND', 'UPLOAD_NOT_FOUND', 'UPLOAD_KIND', ...ofErrands],
  },
  'PUT /api/groups/:id/picture': {
    summary: text('群头像；null = 没有', 'The picture of a group; null = none'),
    body: pictureChange,
    answers: { 202: outcome, 204: 'nothing' },
    errors: ['UPLOAD_NOT_FOUND', 'UPLOAD_KIND', ...inGroup],
  },
  'GET /api/accounts/:id/contacts': {
    summary: text('联系人，按名字；q 是名字或号码的一部分', 'Contacts by name; q is part of a name or a number'),
    query: contactListing,
    answers: { 200: contactPage },
    errors: ['ACCOUNT_NOT_FOUND'],
  },
  'POST /api/accounts/:id/blocked': {
    summary: text('拉黑或取消', 'Blocks a person, or ends it'),
    body: blocking,
    answers: { 200: contact, 202: outcome },
    errors: ['ACCOUNT_NOT_FOUND', 'BAD_ADDRESS', ...ofErrands],
  },
  'GET /api/accounts/:id/contacts/:address/picture': {
    summary: text('联系人的头像', 'The picture of a contact'),
    query: looking,
    answers: { 200: 'image/jpeg', 204: 'nothing' },
    errors: ['ACCOUNT_NOT_FOUND', 'BAD_ADDRESS', 'PICTURE_NOT_FOUND', ...asked],
  },
  'GET /api/conversations/:id/picture': {
    summary: text('会话（人或群）的头像', 'The picture of a conversation: a person’s or a group’s'),
    query: looking,
    answers: { 200: 'image/jpeg', 204: 'nothing' },
    errors: ['CONVERSATION_NOT_FOUND', 'PICTURE_NOT_FOUND', ...asked],
  },
  'POST /api/conversations/:id/watch': {
    summary: text('从现在起得知对方上线和最后上线时间', 'From now on presence tells when the person comes and goes'),
    answers: { 204: 'nothing' },
    errors: ['CONVERSATION_NOT_FOUND', ...asked],
  },
  'POST /api/conversations/:id/typing': {
    summary: text('告诉对方正在输入', 'Tells the person that a reply is being written'),
    body: typing,
    answers: { 204: 'nothing' },
    errors: ['CONVERSATION_NOT_FOUND'],
  },
  'POST /api/accounts/:id/calls/:call/reject': {
    summary: text('拒接来电', 'Rejects a call that rings'),
    body: rejecting,
    answers: { 204: 'nothing' },
    errors: ['ACCOUNT_NOT_FOUND', 'BAD_ADDRESS', ...asked],
  },
  'POST /api/conversations/:id/unread': {
    summary: text('标为未读，手机上也是', 'Marks it as unread, on the phone too'),
    answers: { 200: conversation },
    errors: ['CONVERSATION_NOT_FOUND'],
  },
  'POST /api/conversations/:id/history': {
    summary: text(
      '向手机要更早的消息；它们不产生 new_message',
      'Asks the phone for what came before; it makes no new_message',
    ),
    body: older,
    answers: { 200: olderAnswer, 202: outcome },
    errors: ['CONVERSATION_NOT_FOUND', 'CONVERSATION_READ_ONLY', 'HISTORY_AT_ITS_END', 'PHONE_SILENT', ...ofErrands],
  },
  'DELETE /api/conversations/:id': {
    summary: text('删除会话和其中的消息，手机上也删', 'Deletes a conversation with its messages, on the phone too'),
    answers: { 204: 'nothing' },
    errors: ['CONVERSATION_NOT_FOUND'],
  },
  'GET /api/commands/:id': {
    summary: text('一个命令（commandId）的结果', 'What became of a command, by its commandId'),
    answers: { 200: outcome },
    errors: ['COMMAND_NOT_FOUND'],
  },
};
