// The Chinese words of what stands beside the accounts: the guide's checklist and the latest events, loaded with it.

export const checklistWords = {
  feed: {
    title: '最近事件',
    empty: '有新事件时会出现在这里。',
  },
  checklist: {
    title: '验证清单',
    server: '后端服务器运行在端口 {port}',
    web: '前端可以访问 {origin}',
    console: '浏览器控制台显示 {line}',
    page: '测试页面 /test-ws 显示连接成功',
    whatsapp: 'WhatsApp 已扫码登录（状态 = READY）',
    message: '发送测试消息后，前端立即收到并显示',
    done: '已完成',
    open: '未完成',
    serverProof: '/status用{ms} ms回答，版本{version}',
    serverChecking: '正在询问 /status',
    consoleProof: '已在{time}写入控制台',
    pageProof: '已连接，连接编号{id}',
    whatsappProof: '{label}自{time}起READY',
    whatsappUnknown: '与服务器连接后才能知道',
    whatsappNone: '还没有账号；在账号页添加并扫码',
    whatsappWait: '{label}：{state}',
    echoProof: '测试消息往返{ms} ms',
    messageProof: '{time}的新消息在{ms} ms后已显示',
    messageNone: '在实时诊断页发送测试消息，或让联系人发来一条',
  },
} as const;
