// The Chinese words of the dialog that brings in an exported chat, loaded with it.

export const importingWords = {
  importing: {
    title: '导入聊天',
    how: '在手机WhatsApp的聊天中选“导出聊天”，不含媒体，把得到的文件选到这里。导入的会话只能查看。',
    file: '选择导出的文件（zip或txt）',
    found: '{n}条消息，{from}至{to}',
    skipped: '{n}行没有读懂，将略过',
    dateOrder: '日期的顺序（文件中看不出来）',
    ymd: '年 / 月 / 日',
    dmy: '日 / 月 / 年',
    mdy: '月 / 日 / 年',
    name: '会话名称',
    me: '哪一位是这个账号自己',
    nobody: '都不是',
    person: '{name}（{n}条）',
    go: '导入',
  },
} as const;
