// The Chinese words of the dialog that passes a message on, loaded with it.

export const forwardWords = {
  forward: {
    title: '转发给',
    search: '搜索会话',
    most: '一次最多{n}个会话',
    go: '转发',
  },
} as const;
