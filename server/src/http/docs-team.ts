// What the routes of a team are for, what they take and answer; a part of docs-routes.ts. It registers nothing.
import { cannedReply, conversation, label, note, page, today, type Words } from '@pulseline/protocol';
import type { RouteDoc } from './docs-routes.ts';
import { snapshot } from './docs-shapes.ts';
import {
  assigning,
  changedLabel,
  changedReply,
  freshLabel,
  freshReply,
  notesAsked,
  notesFound,
  noting,
} from './team.ts';
import { changedWorkspace, todayAsked, workspaceAnswer } from './workspace.ts';

const text = (zh: string, en: string): Words => ({ zh, en });

export const teamDocs: Readonly<Record<string, RouteDoc>> = {
  'GET /api/workspace': {
    summary: text(
      '工作区的共同设置，以及文件占用的空间',
      'What holds for the whole workspace, and the space that files take',
    ),
    answers: { 200: workspaceAnswer },
  },
  'PATCH /api/workspace': {
    summary: text(
      '修改共同设置；timeZone 为 null 时各用浏览器的时区',
      'Changes it; timeZone null leaves it to each browser',
    ),
    body: changedWorkspace,
    answers: { 200: workspaceAnswer },
  },
  'GET /api/today': {
    summary: text(
      '各账号今天的收发数，以及 24 小时内的状态',
      'The figures of today and the states of the last 24 hours, by account',
    ),
    query: todayAsked,
    answers: { 200: today },
  },
  'POST /api/conversations/:id/assignment': {
    summary: text('分配会话给某人，null = 无人', 'Gives a conversation to somebody, null = nobody'),
    body: assigning,
    answers: { 200: conversation },
    errors: ['CONVERSATION_NOT_FOUND'],
  },
  'GET /api/conversations/:id/notes': {
    summary: text('会话的内部备注，最新的在前', 'The internal notes of a conversation, the newest first'),
    query: notesAsked,
    answers: { 200: snapshot(note) },
    errors: ['CONVERSATION_NOT_FOUND'],
  },
  'POST /api/conversations/:id/notes': {
    summary: text('写一条内部备注，客户看不到', 'Writes an internal note, which no customer sees'),
    body: noting,
    answers: { 201: note },
    errors: ['CONVERSATION_NOT_FOUND'],
  },
  'GET /api/notes': {
    summary: text('按文字查找内部备注', 'Internal notes by a part of their text'),
    query: notesFound,
    answers: { 200: snapshot(note) },
  },
  'GET /api/labels': { summary: text('全部标签', 'All labels'), answers: { 200: page(label) } },
  'POST /api/labels': {
    summary: text('新建标签', 'Makes a label'),
    body: freshLabel,
    answers: { 201: label },
    errors: ['NAME_TAKEN', 'TOO_MANY'],
  },
  'PATCH /api/labels/:id': {
    summary: text('修改标签', 'Changes a label'),
    body: changedLabel,
    answers: { 200: label },
    errors: ['LABEL_NOT_FOUND', 'NAME_TAKEN'],
  },
  'DELETE /api/labels/:id': {
    summary: text('删除标签', 'Removes a label'),
    answers: { 204: 'nothing' },
    errors: ['LABEL_NOT_FOUND'],
  },
  'GET /api/replies': { summary: text('全部快捷回复', 'All canned replies'), answers: { 200: page(cannedReply) } },
  'POST /api/replies': {
    summary: text('新建快捷回复', 'Makes a canned reply'),
    body: freshReply,
    answers: { 201: cannedReply },
    errors: ['NAME_TAKEN', 'TOO_MANY'],
  },
  'PATCH /api/replies/:id': {
    summary: text('修改快捷回复', 'Changes a canned reply'),
    body: changedReply,
    answers: { 200: cannedReply },
    errors: ['REPLY_NOT_FOUND', 'NAME_TAKEN'],
  },
  'DELETE /api/replies/:id': {
    summary: text('删除快捷回复', 'Removes a canned reply'),
    answers: { 204: 'nothing' },
    errors: ['REPLY_NOT_FOUND'],
  },
};
