// The words by which an export names what is no text, and an import knows it again. Nothing else may be said by them.
import type { Language, MessageKind } from '@pulseline/protocol';

export const kindLabels: Readonly<Record<Language, Readonly<Partial<Record<MessageKind, string>>>>> = {
  zh: {
    image: '图片',
    video: '视频',
    gif: '动图',
    audio: '音频',
    voice: '语音',
    document: '文档',
    sticker: '贴图',
    location: '位置',
    contact: '联系人',
    poll: '投票',
    call: '通话',
    waiting: '等待此消息',
    unknown: '未知类型',
  },
  en: {
    image: 'image',
    video: 'video',
    gif: 'gif',
    audio: 'audio',
    voice: 'voice message',
    document: 'document',
    sticker: 'sticker',
    location: 'location',
    contact: 'contact',
    poll: 'poll',
    call: 'call',
    waiting: 'waiting for this message',
    unknown: 'unknown',
  },
};
