// The one error table: every code that a person or a program can meet, with its status, whether trying again helps, and its words in both languages.

import type { Language, Words } from './language.ts';

export interface ErrorEntry {
  /** HTTP status, where the code can leave over HTTP. */
  readonly status?: number;
  /** Does the same request help later, unchanged? */
  readonly retry: boolean;
  /** What happened. `{name}` is filled from the parameters. */
  readonly title: Words;
  /** What to do. */
  readonly fix: Words;
}

const table = {
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
  // Why an account is not READY
  QR_EXPIRED: {
    retry: false,
    title: { zh: '二维码已全部过期', en: 'All QR codes have expired' },
    fix: { zh: '点击“重新生成二维码”。', en: 'Press “New QR code”.' },
  },
  LOGGED_OUT: {
    retry: false,
    title: { zh: '手机端已移除此设备', en: 'The phone removed this device' },
    fix: { zh: '重新扫码登录。', en: 'Scan a new QR code.' },
  },
  REPLACED: {
    retry: false,
    title: { zh: '同一登录在别处运行', en: 'The same login runs elsewhere' },
    fix: { zh: '停掉另一个实例，然后重新连接。', en: 'Stop the other instance, then reconnect.' },
  },
  ACCOUNT_BANNED: {
    retry: false,
    title: { zh: 'WhatsApp 封禁了此账号', en: 'WhatsApp has banned this account' },
    fix: {
      zh: '已停止重试。请在手机上的 WhatsApp 中申请复核；解封后重新连接。',
      en: 'Retries have stopped. Ask for a review in WhatsApp on the phone; reconnect when it is lifted.',
    },
  },
  ACCOUNT_LOCKED: {
    retry: false,
    title: {
      zh: 'WhatsApp 锁定了此账号，或手机上的主设备已退出',
      en: 'WhatsApp has locked this account, or its phone is logged out',
    },
    fix: {
      zh: '已停止重试。请在手机上打开 WhatsApp 并按提示验证，然后重新连接。',
      en: 'Retries have stopped. Open WhatsApp on the phone and do what it asks, then reconnect.',
    },
  },
  ACCOUNT_SUSPENDED: {
    retry: false,
    title: {
      zh: 'WhatsApp 暂时封禁了此账号，约 {hours} 小时后解除（{code}）',
      en: 'WhatsApp has banned this account for a time, about {hours} hours ({code})',
    },
    fix: {
      zh: '已停止重试。解除后重新连接；请放慢发送，避免向陌生人群发相同内容。',
      en: 'Retries have stopped. Reconnect when it is over; send more slowly, and not the same text to many strangers.',
    },
  },
  ACCOUNT_RESTRICTED: {
    retry: false,
    title: { zh: 'WhatsApp 拒绝了此账号登录（{code}）', en: 'WhatsApp refused the login of this account ({code})' },
    fix: {
      zh: '已停止重试。请在手机上查看账号，然后重新连接。',
      en: 'Retries have stopped. Look at the account on the phone, then reconnect.',
    },
  },
  CLIENT_OUTDATED: {
    retry: false,
    title: {
      zh: 'WhatsApp 不再接受此客户端版本（{code}）',
      en: 'WhatsApp no longer accepts this client version ({code})',
    },
    fix: { zh: '升级 Pulseline。', en: 'Update Pulseline.' },
  },
  PROBE_UNANSWERED: {
    retry: true,
    title: {
      zh: 'WhatsApp 没有回应检测，连接可能已失效',
      en: 'WhatsApp did not answer a probe; the link may be dead',
    },
    fix: {
      zh: '稍等片刻，失效的连接会自动重连；若持续发生，请检查网络或代理。',
      en: 'Wait a moment, a dead link is renewed by itself; if it stays, check the network or the proxy.',
    },
  },
  RESTART_REQUIRED: {
    retry: true,
    title: { zh: '已扫码，正在重新连接', en: 'Scanned; connecting again' },
    fix: { zh: '无需操作。', en: 'Nothing to do.' },
  },
  NETWORK_DNS: {
    retry: true,
    title: { zh: '无法解析 {host}（{error}）', en: '{host} cannot be resolved ({error})' },
    fix: {
      zh: '检查网络和 DNS；若此网络无法访问 WhatsApp，请设置代理 WA_PROXY。',
      en: 'Check the network and DNS; if this network cannot reach WhatsApp, set a proxy with WA_PROXY.',
    },
  },
  NETWORK_REFUSED: {
    retry: true,
    title: { zh: '{host} 拒绝连接（{error}）', en: '{host} refused the connection ({error})' },
    fix: {
      zh: '检查防火墙；若此网络无法访问 WhatsApp，请设置代理 WA_PROXY。',
      en: 'Check the firewall; if this network cannot reach WhatsApp, set a proxy with WA_PROXY.',
    },
  },
  NETWORK_TIMEOUT: {
    retry: true,
    title: { zh: '连接 {host} 超时', en: 'Connecting to {host} timed out' },
    fix: {
      zh: '检查网络；若此网络无法访问 WhatsApp，请设置代理 WA_PROXY。',
      en: 'Check the network; if this network cannot reach WhatsApp, set a proxy with WA_PROXY.',
    },
  },
  NETWORK_TLS: {
    retry: true,
    title: { zh: '与 {host} 的加密连接失败（{error}）', en: 'The TLS connection to {host} failed ({error})' },
    fix: {
      zh: '检查系统时间，以及代理或安全软件是否拦截 HTTPS。',
      en: 'Check the clock, and whether a proxy or security software intercepts HTTPS.',
    },
  },
  NETWORK_LOST: {
    retry: true,
    title: { zh: '与 {host} 的连接中断（{error}）', en: 'The link to {host} was lost ({error})' },
    fix: {
      zh: '正在自动重连；若持续发生，请检查网络或设置代理 WA_PROXY。',
      en: 'Reconnecting by itself; if it stays, check the network or set a proxy with WA_PROXY.',
    },
  },
  NETWORK_HTTP: {
    retry: true,
    title: {
      zh: '到 {host} 的途中有设备用 {error} 回答，连接没有到达 WhatsApp',
      en: 'Something on the way to {host} answered with {error}; the connection did not reach WhatsApp',
    },
    fix: {
      zh: '检查代理、防火墙或需要网页登录的网络；必要时设置代理 WA_PROXY。',
      en: 'Check proxies, firewalls and networks that want a login page; if need be set a proxy with WA_PROXY.',
    },
  },
  SERVER_UNPROVEN: {
    retry: true,
    title: {
      zh: '{host} 不能证明自己是 WhatsApp（{error}）',
      en: '{host} could not prove that it is WhatsApp ({error})',
    },
    fix: {
      zh: '没有发送任何凭据。检查是否有设备在中间拦截；使用模拟器时检查 EMULATOR_ROOT。',
      en: 'No credentials were sent. Check whether something in between intercepts; with an emulator check EMULATOR_ROOT.',
    },
  },
  PAIRING_REFUSED: {
    retry: true,
    title: { zh: '配对没有完成（{detail}）', en: 'The pairing was not completed ({detail})' },
    fix: { zh: '用新的二维码再扫一次。', en: 'Scan the next QR code.' },
  },
  PROXY_FAILED: {
    retry: true,
    title: { zh: '代理 {proxy} 不可用（{error}）', en: 'The proxy {proxy} does not work ({error})' },
    fix: {
      zh: '检查代理地址、端口和密码（WA_PROXY 或账号设置）。',
      en: 'Check address, port and password of the proxy (WA_PROXY or the account).',
    },
  },
  STREAM_ERROR: {
    retry: true,
    title: { zh: 'WhatsApp 结束了连接（{code}）', en: 'WhatsApp ended the connection ({code})' },
    fix: { zh: '正在自动重连。', en: 'Reconnecting by itself.' },
  },
  CREDENTIALS_UNREADABLE: {
    retry: false,
    title: { zh: '登录凭据无法读取（{detail}）', en: 'The login credentials cannot be read ({detail})' },
    fix: {
      zh: '恢复数据目录或密钥文件的备份，然后重新连接；或退出账号后重新扫码。',
      en: 'Restore the data folder or the key file from a backup, then reconnect; or log the account out and scan again.',
    },
  },
  STORE_LOST: {
    retry: false,
    title: { zh: '写入数据的线程已终止（{detail}）', en: 'The thread that writes the data has ended ({detail})' },
    fix: {
      zh: '进程以退出码 75 结束，由守护程序或你重新启动；已确认的数据都在磁盘上。',
      en: 'The process ends with code 75, for a supervisor or you to start it again; everything that was promised is on the disk.',
    },
  },
  WORKER_DIED: {
    status: 503,
    retry: true,
    title: { zh: '账号进程异常退出，正在恢复', en: 'The account worker ended unexpectedly; it is coming back' },
    fix: { zh: '无需操作；若反复发生，请提交服务器日志。', en: 'Nothing to do; if it repeats, report the server log.' },
  },
  // Starting
  PORT_TAKEN: {
    retry: false,
    title: { zh: '端口 {port} 已被占用{holder}', en: 'Port {port} is taken{holder}' },
    fix: {
      zh: '结束该程序，或用环境变量 {setting} 换一个端口。',
      en: 'Stop that program, or choose another port with {setting}.',
    },
  },
  DATA_DIR_LOCKED: {
    retry: false,
    title: { zh: '数据目录 {dir} 正被进程 {pid} 使用', en: 'The data folder {dir} is in use by process {pid}' },
    fix: {
      zh: '先停止那个进程，或用 DATA_DIR 换一个目录。',
      en: 'Stop that process, or choose another folder with DATA_DIR.',
    },
  },
  DATA_DIR_UNWRITABLE: {
    retry: false,
    title: { zh: '数据目录 {dir} 不可写（{error}）', en: 'The data folder {dir} cannot be written ({error})' },
    fix: {
      zh: '修改目录权限，或用 DATA_DIR 换一个目录。',
      en: 'Change its rights, or choose another folder with DATA_DIR.',
    },
  },
  DISK_FULL: {
    retry: false,
    title: { zh: '数据目录 {dir} 所在的磁盘已满', en: 'The disk of the data folder {dir} is full' },
    fix: {
      zh: '释放空间后再启动，或用 DATA_DIR 换到另一个磁盘。',
      en: 'Free some space and start again, or choose a folder on another disk with DATA_DIR.',
    },
  },
  SCHEMA_NEWER: {
    retry: false,
    title: {
      zh: '数据由更新版本的 Pulseline 写成（结构 {found}，本程序到 {known}）',
      en: 'A newer Pulseline wrote the data (schema {found}, this program knows {known})',
    },
    fix: {
      zh: '升级 Pulseline，或用 DATA_DIR 换一个目录。',
      en: 'Update Pulseline, or choose another folder with DATA_DIR.',
    },
  },
  KEY_MISSING: {
    retry: false,
    title: {
      zh: '登录凭据已加密，但密钥文件 {file} 不存在（密钥编号 {known}）',
      en: 'The login credentials are encrypted, and the key file {file} is not there (key {known})',
    },
    fix: {
      zh: '从备份恢复该文件，或用 PULSELINE_KEY_FILE、PULSELINE_KEY 指定密钥。若密钥已永久丢失，用 PULSELINE_KEY_LOST=yes 启动一次，再为每个账号重新扫码；消息不受影响。',
      en: 'Restore that file from a backup, or name the key with PULSELINE_KEY_FILE or PULSELINE_KEY. If it is lost for good, start once with PULSELINE_KEY_LOST=yes and scan again for each account; messages are not affected.',
    },
  },
  KEY_WRONG: {
    retry: false,
    title: {
      zh: '密钥不对：登录凭据由密钥 {known} 加密，给出的是 {found}',
      en: 'The key is the wrong one: the login credentials are encrypted by key {known}, the one given is {found}',
    },
    fix: {
      zh: '恢复原来的密钥文件。若要更换密钥，用 PULSELINE_OLD_KEY 同时给出原来的密钥。若它已永久丢失，用 PULSELINE_KEY_LOST=yes 启动一次，再为每个账号重新扫码。',
      en: 'Restore the former key file. To change keys, give the former one too, with PULSELINE_OLD_KEY. If it is lost for good, start once with PULSELINE_KEY_LOST=yes and scan again for each account.',
    },
  },
  KEY_UNREADABLE: {
    retry: false,
    title: { zh: '密钥文件 {file} 无法使用（{detail}）', en: 'The key file {file} cannot be used ({detail})' },
    fix: {
      zh: '它应为 64 位十六进制数字，且运行 Pulseline 的用户可读写其目录；可用 PULSELINE_KEY_FILE 换一个位置。',
      en: 'It holds 64 hex digits, in a folder that the user who runs Pulseline can read and write; choose another place with PULSELINE_KEY_FILE.',
    },
  },
  HOST_NOT_LOOPBACK: {
    retry: false,
    title: { zh: 'HOST={host} 不是本机地址', en: 'HOST={host} is not a loopback address' },
    fix: {
      zh: '有登录功能之前只监听 127.0.0.1 或 ::1。',
      en: 'Until there are logins only 127.0.0.1 or ::1 is served.',
    },
  },
  SETTING_INVALID: {
    retry: false,
    title: { zh: '设置 {name}={value} 无效', en: 'The setting {name}={value} is not valid' },
    fix: { zh: '参见 docs/settings.md。', en: 'See docs/settings.md.' },
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export type ErrorCode = keyof typeof table;
export const errors: Readonly<Record<ErrorCode, ErrorEntry>> = table;
export const errorCodes: readonly ErrorCode[] = Object.keys(table).filter((code): code is ErrorCode => code in table);

export type Params = Readonly<Record<string, string | number>>;

/** An error that a person will read: a code of the table and the parameters of its words. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly params: Params;
  constructor(code: ErrorCode, params: Params = {}, cause?: unknown) {
    super(fill(errors[code].title.en, params), cause === undefined ? undefined : { cause });
    this.name = 'CodedError';
    this.code = code;
    this.params = params;
  }
}

/** Puts parameters into `{name}` places; a missing one leaves the place empty. */
export function fill(words: string, params: Params): string {
  return words.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''));
}

/** Title and fix of a code in one language. */
export function explain(code: ErrorCode, language: Language, params: Params = {}): { text: string; fix: string } {
  const entry = errors[code];
  return { text: fill(entry.title[language], params), fix: fill(entry.fix[language], params) };
}
