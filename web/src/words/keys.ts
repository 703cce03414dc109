// The Chinese words of the palette and the sheet of keys, loaded with them.

export const keysWords = {
  keys: {
    title: '键盘快捷键',
    palette: '查找联系人或命令',
    search: '输入姓名、号码或命令',
    nothing: '没有找到',
    page: '打开页面',
    guide: '诊断指南',
    next: '下一个会话',
    previous: '上一个会话',
    details: '会话资料',
    send: '发送',
    newline: '换行',
    close: '关闭对话框',
    sheet: '显示此表',
    typing: '输入文字或选词时，单键不起作用。可在设置中关闭单键。',
  },
} as const;
