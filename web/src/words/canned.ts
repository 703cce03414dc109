// The Chinese words of prepared replies, loaded with their list.

export const cannedWords = {
  canned: {
    title: '快捷回复',
    none: '还没有快捷回复。',
    noMatch: '没有匹配的快捷回复。',
    manage: '去设置中管理',
  },
} as const;
