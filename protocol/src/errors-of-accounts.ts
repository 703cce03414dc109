// The part of the error table that tells why an account is not READY. It is never read but through errors.ts.
import type { ErrorEntry } from './errors.ts';

export const accounts = {
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
} as const satisfies Readonly<Record<string, ErrorEntry>>;
