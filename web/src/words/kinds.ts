// The Chinese names of the kinds of messages, for whatever shows a message.

export const kindsWords = {
  kind: {
    image: '图片',
    video: '视频',
    audio: '音频',
    voice: '语音',
    document: '文件',
    sticker: '贴纸',
    gif: '动图',
    location: '位置',
    contact: '名片',
    poll: '投票',
    call: '通话',
    system: '系统消息',
    waiting: '等待消息',
    unknown: '暂不支持的消息',
  },
} as const;
