// The part of the error table that answers whoever asks: over HTTP, on /ws, and for a send. It is never read but through errors.ts.
import type { ErrorEntry } from './errors.ts';

export const doors = {
  // The doors
  BAD_REQUEST: {
    status: 400,
    retry: false,
    title: { zh: '请求无法理解：{detail}', en: 'The request cannot be understood: {detail}' },
    fix: { zh: '按 docs/api.md 修改请求。', en: 'Correct the request as docs/api.md says.' },
  },
  NOT_FOUND: {
    status: 404,
    retry: false,
    title: { zh: '没有这个地址或对象', en: 'There is no such address or thing' },
    fix: { zh: '检查路径和编号。', en: 'Check the path and the id.' },
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retry: false,
    title: { zh: '此地址不支持该方法', en: 'This address does not take that method' },
    fix: { zh: '参见 docs/api.md。', en: 'See docs/api.md.' },
  },
  BODY_TOO_LARGE: {
    status: 413,
    retry: false,
    title: { zh: '请求内容过大', en: 'The request body is too large' },
    fix: { zh: '减小内容后再发。', en: 'Send less at once.' },
  },
  MEDIA_TYPE_REFUSED: {
    status: 415,
    retry: false,
    title: { zh: '写操作只接受 application/json 或 multipart', en: 'Writes are application/json or multipart' },
    fix: { zh: '设置 Content-Type: application/json。', en: 'Set Content-Type: application/json.' },
  },
  HOST_REFUSED: {
    status: 421,
    retry: false,
    title: { zh: '本地模式拒绝 Host：{host}', en: 'Local mode refuses the Host {host}' },
    fix: {
      zh: '请在运行 Pulseline 的电脑上用 http://localhost 打开。',
      en: 'Open it as http://localhost on the computer that runs Pulseline.',
    },
  },
  ORIGIN_REFUSED: {
    status: 403,
    retry: false,
    title: { zh: '不允许来自 {origin} 的网页', en: 'Pages from {origin} are not allowed' },
    fix: { zh: '把 {origin} 加入 ALLOWED_ORIGINS 并重启。', en: 'Add {origin} to ALLOWED_ORIGINS and restart.' },
  },
  UPGRADE_REQUIRED: {
    status: 426,
    retry: false,
    title: {
      zh: '此地址是 WebSocket，到达的请求没有 Upgrade',
      en: 'This address is a WebSocket; the request came without Upgrade',
    },
    fix: {
      zh: '用 ws:// 打开；若经过代理，让它转发 Upgrade 和 Connection。',
      en: 'Open it with ws://; if a proxy is in between, let it pass Upgrade and Connection on.',
    },
  },
  INTERNAL: {
    status: 500,
    retry: true,
    title: { zh: '服务器内部错误，编号 {id}', en: 'Internal error, id {id}' },
    fix: {
      zh: '再试一次；若仍发生，请附上编号和服务器日志。',
      en: 'Try again; if it stays, report the id with the server log.',
    },
  },
  BUSY: {
    status: 503,
    retry: true,
    title: { zh: '服务器繁忙，队列已满', en: 'The server is busy: a queue is full' },
    fix: { zh: '稍后再试。', en: 'Try again in a moment.' },
  },
  STORE_FAILED: {
    status: 503,
    retry: true,
    title: { zh: '无法写入数据：{detail}', en: 'Data cannot be written: {detail}' },
    fix: {
      zh: '检查磁盘空间和数据目录的权限；恢复后会自动继续。',
      en: 'Check disk space and the rights of the data folder; work goes on by itself.',
    },
  },
  // Accounts and messages
  ACCOUNT_NOT_FOUND: {
    status: 404,
    retry: false,
    title: { zh: '没有这个账号', en: 'There is no such account' },
    fix: { zh: '用 GET /api/accounts 查看账号。', en: 'GET /api/accounts lists them.' },
  },
  ACCOUNT_NOT_IN_QR: {
    status: 409,
    retry: true,
    title: { zh: '账号当前不在等待扫码（{state}）', en: 'The account is not waiting for a scan ({state})' },
    fix: { zh: '等待状态变为 QR，或重新连接账号。', en: 'Wait for the state QR, or restart the account.' },
  },
  ACCOUNT_NOT_READY: {
    status: 409,
    retry: true,
    title: { zh: '账号还不能使用（{state}）', en: 'The account cannot be used yet ({state})' },
    fix: { zh: '等待状态变为 READY。', en: 'Wait for the state READY.' },
  },
  SEND_QUEUE_FULL: {
    status: 429,
    retry: true,
    title: { zh: '此账号已有 {max} 条消息在等待发送', en: '{max} messages of this account already wait to be sent' },
    fix: {
      zh: '等待它们发出（account.queued 会减少）再试；Pulseline 用来回复客户，不用于群发。',
      en: 'Try again when some have gone out (account.queued falls); Pulseline answers people and is no bulk sender.',
    },
  },
  ACCOUNT_NOT_SANDBOX: {
    status: 409,
    retry: false,
    title: { zh: '这不是沙盒账号', en: 'This is not a sandbox account' },
    fix: { zh: '沙盒操作只用于 kind 为 sandbox 的账号。', en: 'Sandbox calls are for accounts of kind sandbox.' },
  },
  SANDBOX_IS_FOREIGN: {
    status: 409,
    retry: false,
    title: {
      zh: '沙盒账号连接的是 EMULATOR_URL 指定的模拟器',
      en: 'Sandbox accounts use the emulator that EMULATOR_URL names',
    },
    fix: { zh: '用那个模拟器自己的接口操作。', en: "Drive it by that emulator's own control API." },
  },
  SANDBOX_FAILED: {
    status: 502,
    retry: true,
    title: { zh: '模拟手机没有完成操作：{detail}', en: 'The sandbox phone did not do it: {detail}' },
    fix: { zh: '查看详情后再试。', en: 'Read the detail and try again.' },
  },
  CONTACT_NOT_FOUND: {
    status: 404,
    retry: false,
    title: { zh: '没有这个联系人', en: 'There is no such contact' },
    fix: { zh: '用 GET /api/sandbox/contacts 查看。', en: 'GET /api/sandbox/contacts lists them.' },
  },
  CONVERSATION_NOT_FOUND: {
    status: 404,
    retry: false,
    title: { zh: '没有这个会话', en: 'There is no such conversation' },
    fix: { zh: '用 GET /api/conversations 查看。', en: 'GET /api/conversations lists them.' },
  },
  MESSAGE_NOT_FOUND: {
    status: 404,
    retry: false,
    title: { zh: '没有这条消息', en: 'There is no such message' },
    fix: { zh: '检查消息编号。', en: 'Check the message id.' },
  },
  MESSAGE_NOT_FORWARDABLE: {
    status: 409,
    retry: false,
    title: { zh: '这条消息不能转发：{detail}', en: 'That message cannot be forwarded: {detail}' },
    fix: {
      zh: '已撤回、仅可查看一次、系统提示和无法识别的消息不能转发。',
      en: 'Withdrawn and view-once messages, notices and unknown kinds are not passed on.',
    },
  },
  MESSAGE_NOT_CHANGEABLE: {
    status: 409,
    retry: false,
    title: { zh: '不能对这条消息这样做：{detail}', en: 'That cannot be done to this message: {detail}' },
    fix: {
      zh: '只能编辑自己 15 分钟内的文字，撤回自己 60 小时内的消息；群管理员可撤回他人的消息。',
      en: 'Only own texts of the last 15 minutes can be edited, and own messages of the last 60 hours withdrawn; an admin of a group may withdraw those of others.',
    },
  },
  CHANGE_REFUSED: {
    retry: false,
    title: { zh: 'WhatsApp 拒绝了这次更改：{code}', en: 'WhatsApp refused this change: {code}' },
    fix: { zh: '稍后再试；消息保持原样。', en: 'Try again later; the message is as it was.' },
  },
  NOT_ON_WHATSAPP: {
    status: 404,
    retry: false,
    title: { zh: '该号码没有使用 WhatsApp', en: 'That number is not on WhatsApp' },
    fix: { zh: '检查国家码和号码。', en: 'Check the country code and the number.' },
  },
  BAD_ADDRESS: {
    status: 400,
    retry: false,
    title: { zh: '无法识别收件人：{to}', en: 'The recipient cannot be read: {to}' },
    fix: {
      zh: '使用带国家码的电话号码，或 WhatsApp 地址。',
      en: 'Use a phone number with country code, or a WhatsApp address.',
    },
  },
  COMMAND_REUSED: {
    status: 409,
    retry: false,
    title: { zh: '这个 commandId 已用于另一条消息', en: 'This commandId was used for another message' },
    fix: { zh: '每条新消息使用新的 commandId。', en: 'Take a new commandId for each new message.' },
  },
  BAD_CURSOR: {
    status: 400,
    retry: false,
    title: { zh: '无法识别的位置：{cursor}', en: 'The position cannot be read: {cursor}' },
    fix: {
      zh: '位置写作 <stream>:<epoch>:<seq>，多个用逗号分隔。',
      en: 'A position is <stream>:<epoch>:<seq>, several joined by commas.',
    },
  },
  // On /ws, in `error` frames
  BAD_FRAME: {
    retry: false,
    title: { zh: '无法理解这一帧：{detail}', en: 'The frame cannot be understood: {detail}' },
    fix: {
      zh: '每一帧都是 JSON 文字 {"type": …, "data": …}，见 protocol/PROTOCOL.md。',
      en: 'Every frame is JSON text {"type": …, "data": …}; see protocol/PROTOCOL.md.',
    },
  },
  UNKNOWN_FRAME: {
    retry: false,
    title: { zh: '未知的帧类型：{detail}', en: 'A frame of unknown type: {detail}' },
    fix: {
      zh: '可用的类型：hello、pong、trace、test、typing。',
      en: 'These are known: hello, pong, trace, test, typing.',
    },
  },
  WHATSAPP_FAILED: {
    status: 502,
    retry: true,
    title: { zh: 'WhatsApp 没有完成操作：{detail}', en: 'WhatsApp did not do it: {detail}' },
    fix: {
      zh: '稍后再试；若持续发生，请查看账号状态。',
      en: 'Try again; if it stays, look at the state of the account.',
    },
  },
  SEND_REFUSED: {
    retry: false,
    title: { zh: 'WhatsApp 拒绝了这条消息（{code}）', en: 'WhatsApp refused this message ({code})' },
    fix: {
      zh: '检查对方是否仍可联系；可以重试。',
      en: 'Check that the recipient can still be reached; you can try again.',
    },
  },
  SEND_LOGGED_OUT: {
    retry: false,
    title: {
      zh: '账号在发出之前退出了登录，这条消息没有发送',
      en: 'The account was logged out before this message left; it was not sent',
    },
    fix: { zh: '重新登录后可以重试。', en: 'Log in again, then you can try again.' },
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
