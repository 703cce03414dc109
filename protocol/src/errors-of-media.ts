// The part of the error table that files can end with: fetching them, uploading them, giving them out. It is never read but through errors.ts.
import type { ErrorEntry } from './errors.ts';

export const files = {
  MEDIA_NOT_FOUND: {
    status: 404,
    retry: false,
    title: { zh: '没有文件 {id}', en: 'There is no file {id}' },
    fix: { zh: '它的消息可能已被移除。', en: 'Its message may have been removed.' },
  },
  MEDIA_NOT_READY: {
    status: 409,
    retry: true,
    title: { zh: '文件还没有下载到这里（{state}）', en: 'The file is not here yet ({state})' },
    fix: {
      zh: '用 POST /api/media/:id/fetch 让它下载，完成后会有 message_update。',
      en: 'Have it fetched with POST /api/media/:id/fetch; a message_update tells when it is here.',
    },
  },
  MEDIA_GONE: {
    status: 410,
    retry: false,
    title: { zh: 'WhatsApp 和手机上都已没有这个文件', en: 'Neither WhatsApp nor the phone has this file any more' },
    fix: { zh: '请对方重新发送。', en: 'Ask for it to be sent again.' },
  },
  MEDIA_NOT_SHARED: {
    status: 410,
    retry: false,
    title: { zh: 'WhatsApp 只把这个文件给了手机', en: 'WhatsApp has given this file to the phone alone' },
    fix: { zh: '在手机上查看，例如“仅查看一次”的照片。', en: 'Look at it on the phone, as with photos to view once.' },
  },
  MEDIA_UNREACHABLE: {
    retry: true,
    title: { zh: '文件没能下载', en: 'The file could not be fetched' },
    fix: {
      zh: '检查网络和代理，然后再点一次下载。',
      en: 'Check the network and the proxy, then have it fetched once more.',
    },
  },
  MEDIA_BROKEN: {
    retry: false,
    title: {
      zh: '下载到的内容与消息所说的不符，已丢弃',
      en: 'What was fetched is not what the message speaks of, and was thrown away',
    },
    fix: { zh: '请对方重新发送。', en: 'Ask for it to be sent again.' },
  },
  UPLOAD_NOT_FOUND: {
    status: 404,
    retry: false,
    title: { zh: '没有上传 {id}，或已过期', en: 'There is no upload {id}, or it has expired' },
    fix: { zh: '重新上传文件再发送。', en: 'Upload the file again, then send it.' },
  },
  UPLOAD_TOO_LARGE: {
    status: 413,
    retry: false,
    title: { zh: '文件超过 {limit} MB', en: 'The file is larger than {limit} MB' },
    fix: { zh: '发送较小的文件；上限由 MEDIA_MAX_MB 设置。', en: 'Send a smaller file; MEDIA_MAX_MB sets the limit.' },
  },
  UPLOAD_KIND: {
    status: 415,
    retry: false,
    title: { zh: '文件内容是 {mime}，不能作为 {kind} 发送', en: 'The file is {mime} and cannot be sent as {kind}' },
    fix: { zh: '作为 document 发送，或换一个文件。', en: 'Send it as document, or choose another file.' },
  },
  SEND_CANCELLED: {
    retry: true,
    title: { zh: '已取消上传', en: 'The upload was cancelled' },
    fix: { zh: '需要时重试这条消息。', en: 'Try the message again whenever you like.' },
  },
  RANGE_REFUSED: {
    status: 416,
    retry: false,
    title: { zh: '文件没有所要的部分', en: 'The file has no such part' },
    fix: { zh: '按 Content-Range 所说的长度请求。', en: 'Ask within the length that Content-Range tells.' },
  },
  MEDIA_DISK_FULL: {
    status: 507,
    retry: true,
    title: {
      zh: '磁盘空间不足，文件没有保存；消息不受影响',
      en: 'The disk is nearly full: the file was not kept; messages go on',
    },
    fix: {
      zh: '清理磁盘，或用 MEDIA_BUDGET_GB 限制文件占用。',
      en: 'Make room on the disk, or limit the files with MEDIA_BUDGET_GB.',
    },
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
