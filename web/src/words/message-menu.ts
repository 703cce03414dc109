// The Chinese words of the menu of a message, loaded with it.

export const messageMenuWords = {
  messageMenu: {
    forward: '转发…',
    react: '表情回应',
    reply: '回复',
    edit: '编辑',
    delete: '为所有人撤回',
    deleteTitle: '撤回这条消息？',
    deleteText: '对方和你的所有设备都会看到“此消息已撤回”，无法恢复。',
    info: '消息详情',
    star: '加星标',
    unstar: '取消星标',
    pin: '置顶消息',
    unpin: '取消置顶',
    deleteForMe: '仅为自己删除',
    deleteForMeTitle: '删除这条消息？',
    deleteForMeText: '只在这里和你的手机上删除，对方仍能看到。',
    path: '路径',
  },
} as const;
