// The Chinese words of pictures and profiles and of what an account keeps, loaded with their dialogs.

export const profileWords = {
  profile: {
    title: 'WhatsApp资料',
    text: '这是客户在WhatsApp里看到的。收件箱里的账号名称在“重命名”里改。',
    name: '名字',
    about: '简介',
    aboutHint: '不填则保持不变',
    pictureChoose: '选择头像',
    pictureBusy: '正在更换…',
    pictureRemove: '移除头像',
  },
  keeping: {
    title: '保留多久、多少',
    messages: '消息',
    messagesText: '超过天数的消息会被彻底删除，无法恢复；留空则永久保留。手机上的消息不受影响。',
    messagesDays: '消息保留天数',
    files: '文件',
    filesText: '只清除这台电脑上的文件，消息留下；先清除WhatsApp还能重新取回的。',
    filesUse: '现有{files}个，共{size}',
    filesDays: '文件保留天数',
    filesMb: '文件最多占用（MB）',
    unlimited: '不限',
  },
} as const;
