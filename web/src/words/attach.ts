// The Chinese words of files, emoji and voice around the composer, loaded with it.

export const attachWords = {
  attach: {
    tray: '要发送的文件',
    files: '添加文件',
    emoji: '表情',
    emojiSearch: '搜索表情',
    emojiLoading: '正在读取表情',
    emojiNone: '没有找到',
    record: '录制语音',
    voice: '语音消息',
    caption: '{name}的说明',
    captionHint: '添加说明',
    progress: '{name}的上传进度',
    retry: '重试{name}',
    remove: '移除{name}',
    cancel: '取消发送{name}',
    failed: '上传失败',
    recording: '正在录音',
    micAsking: '正在请求麦克风',
    micRefused: '浏览器没有允许使用麦克风',
    micNone: '没有可用的麦克风',
    micFix: '在地址栏左侧的网站设置中允许麦克风，或接上麦克风后再试。',
    throwAway: '取消录音',
    sendVoice: '发送语音',
  },
} as const;
