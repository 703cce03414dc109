// The Chinese words of the work on a conversation, loaded with its bar.

export const workWords = {
  work: {
    assign: '负责人',
    unassigned: '未分配',
    toMe: '分配给我',
    toNobody: '取消分配',
    assignedDone: '已分配给{name}',
    unassignedDone: '已取消分配',
    snooze: '稍后处理',
    snooze1h: '1小时后',
    snooze3h: '3小时后',
    snoozeTomorrow: '明天上午9点',
    snoozeWeek: '下周一上午9点',
    snoozedUntil: '{time}再处理',
    snoozedDone: '已设为稍后处理',
    close: '关闭',
    closed: '已关闭',
    closedDone: '会话已关闭；客户再来消息时会重新打开',
    open: '重新打开',
    openedDone: '已重新打开',
    labels: '标签',
    manageLabels: '管理标签…',
  },
} as const;
