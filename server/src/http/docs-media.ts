// What the routes of files are for, what they take and answer; a part of docs-routes.ts. It registers nothing.
import { media, shape, type Words } from '@pulseline/protocol';
import { mediaKinds } from '../media/kinds.ts';
import type { RouteDoc } from './docs-routes.ts';
import { showing, uploading } from './media.ts';

const text = (zh: string, en: string): Words => ({ zh, en });
const upload = shape.object({ ...media.fields, kind: shape.oneOf(mediaKinds) });
const missing = ['MEDIA_NOT_FOUND', 'MEDIA_NOT_READY', 'MEDIA_GONE', 'MEDIA_NOT_SHARED'] as const;

export const mediaDocs: Readonly<Record<string, RouteDoc>> = {
  'POST /api/uploads': {
    summary: text(
      '上传一个待发送的文件；类型由内容判断，浏览器录的 webm/opus 变成 ogg/opus。表单字段放在文件之前。24 小时内未发送即删除',
      'Uploads a file that is to be sent; its bytes tell its type, webm/opus as browsers record it becomes ogg/opus. Texts stand before the file. What is not sent within 24 hours is removed',
    ),
    form: uploading,
    answers: { 201: upload },
    errors: ['UPLOAD_TOO_LARGE', 'UPLOAD_KIND', 'MEDIA_DISK_FULL'],
  },
  'GET /api/media/:id': {
    summary: text(
      '消息的文件，或一个上传；支持 Range。download 总是作为附件；只有安全的类型才会直接显示',
      'The file of a message, or an upload; with Range. download = always to be kept; only safe types are shown in place',
    ),
    query: showing,
    answers: {
      200: ['application/', 'image/', 'audio/', 'video/'],
      206: ['application/', 'image/', 'audio/', 'video/'],
      304: 'nothing',
    },
    errors: [...missing, 'RANGE_REFUSED'],
  },
  'GET /api/media/:id/thumbnail': {
    summary: text('图片的小图（JPEG）', 'A small JPEG of a picture'),
    answers: { 200: 'image/jpeg', 304: 'nothing' },
    errors: missing,
  },
  'POST /api/media/:id/fetch': {
    summary: text(
      '让文件下载到这里，多大都可以；完成后有 message_update',
      'Has the file fetched, however large; a message_update tells when it is here',
    ),
    answers: { 202: shape.object({ media }) },
    errors: ['MEDIA_NOT_FOUND'],
  },
  'POST /api/media/:id/cancel': {
    summary: text(
      '中断下载，或还没发出的上传（消息变为 error，可重试）；media_progress 事件告诉进度',
      'Breaks off a download, or an upload that has not been sent (its message becomes error and can be retried); media_progress tells how far it is',
    ),
    answers: { 202: shape.object({ media }) },
    errors: ['MEDIA_NOT_FOUND'],
  },
};
