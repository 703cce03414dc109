// What the log can say, by the text that the code logs: a code for programs, the words in both languages, and what to do. It logs nothing itself.
import type { Words } from '@pulseline/protocol';

export interface LogLine {
  readonly code: string;
  readonly zh: string;
  /** On every line from `warn` up. */
  readonly fix?: Words;
}

const nothing: Words = { zh: '无需操作：会自动重试', en: 'Nothing to do: it is tried again' };
const restart: Words = {
  zh: '重启 Pulseline；若再次出现，运行 npm run doctor',
  en: 'Restart Pulseline; if it comes back, run npm run doctor',
};
const look: Words = { zh: '运行 npm run doctor 查看原因', en: 'npm run doctor tells the cause' };
const report: Words = {
  zh: '若反复出现，用 npm run doctor -- --bundle 打包后反馈',
  en: 'If it repeats, report it with npm run doctor -- --bundle',
};

/** By the English text. */
export const logLines: Readonly<Record<string, LogLine>> = {
  'what is kept no longer was removed': { code: 'RETENTION_DONE', zh: '超过保留期的内容已删除' },
  retention: { code: 'RETENTION_FAILED', zh: '按保留期清理失败', fix: nothing },
  'a state was not remembered': { code: 'STATE_NOT_KEPT', zh: '账号状态未能记录，24 小时状态条会缺一段', fix: look },
  'the states of accounts were not read': { code: 'STATES_NOT_READ', zh: '未能读取账号状态', fix: look },
  'what is left of the files cannot be fetched again, and is over the budget': {
    code: 'MEDIA_OVER_BUDGET',
    zh: '剩下的文件无法再次下载，已超出磁盘预算',
    fix: {
      zh: '提高 MEDIA_BUDGET_GB 或该账号的文件预算，或缩短文件保留天数',
      en: 'Raise MEDIA_BUDGET_GB or the account’s budget for files, or keep files for fewer days',
    },
  },
  closing: { code: 'CLOSING', zh: '正在停止' },
  'closing failed': { code: 'CLOSING_FAILED', zh: '停止时有一部分没有正常关闭', fix: report },
  'an error that nobody caught; closing': { code: 'UNCAUGHT', zh: '未捕获的错误，正在停止', fix: restart },
  'a rejection that nobody handled': { code: 'UNHANDLED', zh: '未处理的异步错误', fix: report },
  'the device could not be unlinked before its removal': {
    code: 'UNLINK_FAILED',
    zh: '删除账号前未能解除手机上的关联设备',
    fix: {
      zh: '在手机的“已关联的设备”里手动移除它',
      en: 'Remove it by hand on the phone, under Linked devices',
    },
  },
  'logout failed': {
    code: 'LOGOUT_FAILED',
    zh: '退出登录失败',
    fix: { zh: '在手机的“已关联的设备”里手动移除它', en: 'Remove it by hand on the phone, under Linked devices' },
  },
  'upgrade refused': { code: 'UPGRADE_REFUSED', zh: '拒绝了一个 WebSocket 连接' },
  'a page could not be served': { code: 'PAGE_FAILED', zh: '页面发送失败', fix: report },
  'the pages could not be read': { code: 'PAGES_UNREADABLE', zh: '页面文件读取失败（可能正在构建）', fix: nothing },
  'a fault is over': { code: 'FAULT_OVER', zh: '一处故障已消失' },
  'the server could not look at itself': { code: 'LOOK_FAILED', zh: '自我检查没有完成', fix: report },
  'request failed': { code: 'REQUEST_FAILED', zh: '请求处理出错', fix: report },
  'sandbox accounts cannot connect': { code: 'SANDBOX_UNREACHABLE', zh: '沙盒账号无法连接模拟器', fix: restart },
  'the emulator failed': { code: 'EMULATOR_FAILED', zh: '模拟器出错', fix: restart },
  'the emulator has ended': { code: 'EMULATOR_ENDED', zh: '模拟器已停止', fix: restart },
  'an account worker died': { code: 'WORKER_DIED', zh: '账号线程意外结束，正在重启', fix: nothing },
  'the death of a worker was not written down': {
    code: 'WORKER_UNRECORDED',
    zh: '账号线程结束的状态未能保存',
    fix: look,
  },
  'an account did not stop': { code: 'ACCOUNT_STUCK', zh: '账号没有正常停止', fix: restart },
  'a worker did not close': { code: 'WORKER_STUCK', zh: '账号线程没有正常关闭', fix: nothing },
  'the heads could not be read': { code: 'HEADS_UNREAD', zh: '读取事件日志的位置失败', fix: nothing },
  'the log could not be read for a replay; it is tried again': {
    code: 'REPLAY_UNREAD',
    zh: '补发时读取事件日志失败',
    fix: nothing,
  },
  'events were cut from the log before they were read; clients are told to fetch anew': {
    code: 'LOG_CUT',
    zh: '事件日志在被读取前已被裁剪；客户端会重新拉取',
    fix: nothing,
  },
  'an event could not be taken in': { code: 'EVENT_SKIPPED', zh: '一个事件未能分发；客户端会从日志补取', fix: report },
  'the log could not be read; the next head check tries again': {
    code: 'LOG_UNREAD',
    zh: '读取事件日志失败',
    fix: nothing,
  },
  'events were committed that nobody rang for; reading them from the log': {
    code: 'RING_LOST',
    zh: '有事件已保存但没有通知；正在从日志补读',
    fix: nothing,
  },
  'a decision failed': { code: 'DECISION_FAILED', zh: '写入前的处理出错', fix: report },
  'the key file could be read by others': {
    code: 'KEY_FILE_OPEN',
    zh: '密钥文件可被其他用户读取',
    fix: { zh: '把它的权限改为 600', en: 'Set its mode to 600' },
  },
  'login credentials were encrypted anew by the current key': {
    code: 'KEYS_CHANGED',
    zh: '登录凭据已用新密钥重新加密',
  },
  'the store is gone; nothing is accepted until a restart': {
    code: 'STORE_LOST',
    zh: '存储已不可用，重启前不再接收任何内容',
    fix: restart,
  },
  typing: { code: 'TYPING_FAILED', zh: '“正在输入”未能送达 WhatsApp', fix: nothing },
  'an outbox was not counted': { code: 'OUTBOX_UNCOUNTED', zh: '发件箱长度统计失败', fix: nothing },
  'a whisper was lost': { code: 'WHISPER_LOST', zh: '一条即时通知（输入状态、二维码等）丢失', fix: nothing },
  'NEXT_PUBLIC_API_BASE_URL is no address and is ignored': {
    code: 'API_BASE_REFUSED',
    zh: 'NEXT_PUBLIC_API_BASE_URL 不是网址，已忽略',
    fix: {
      zh: '写成 http://主机:端口，不带路径；npm run doctor -- --fix 可改写它',
      en: 'Write http://host:port, no path; npm run doctor -- --fix rewrites it',
    },
  },
  'an env file that Next cannot read was read as meant': {
    code: 'ENV_FILE_REPAIRED',
    zh: 'web 的环境文件编码或引号不对，Next.js 读不到；Pulseline 已按原意读取',
    fix: { zh: 'npm run doctor -- --fix 可改写为 UTF-8', en: 'npm run doctor -- --fix rewrites it as UTF-8' },
  },
  'the log file cannot be written': {
    code: 'LOG_FILE_FAILED',
    zh: '日志文件无法写入，只写到终端',
    fix: { zh: '检查磁盘空间和数据目录的权限', en: "Check the disk's space and the rights of the data folder" },
  },
  'the disk is nearly full: a file is not fetched': {
    code: 'MEDIA_NO_ROOM',
    zh: '磁盘将满，一个文件暂不下载；消息不受影响',
    fix: {
      zh: '释放磁盘空间，或用 MEDIA_BUDGET_GB 限制文件所占空间；之后在消息上点下载',
      en: 'Free space on the disk, or bound the files by MEDIA_BUDGET_GB; then fetch the file from its message',
    },
  },
  'the upkeep of files': { code: 'MEDIA_UPKEEP_FAILED', zh: '清理媒体文件失败', fix: nothing },
  'messages did not disappear': { code: 'DISAPPEAR_FAILED', zh: '到期的限时消息未能删除', fix: nothing },
  'the log keeps texts': {
    code: 'TEXTS_KEPT',
    zh: '删除会话后，事件日志里的内容未能清除',
    fix: look,
  },
  'a retention look failed': { code: 'RETENTION_LOOK_FAILED', zh: '检查保留期失败', fix: nothing },
  'no link could be made': { code: 'LINK_FAILED', zh: '无法建立到 WhatsApp 的连接', fix: look },
  'what waits in the outbox was not refused': { code: 'OUTBOX_STUCK', zh: '等待中的消息未能标记为失败', fix: report },
  'a state was not committed': { code: 'STATE_UNSAVED', zh: '账号状态未能保存', fix: look },
  'an error that nobody caught: all links of this worker are renewed': {
    code: 'WORKER_UNCAUGHT',
    zh: '账号线程中有未捕获的错误，正在重新连接',
    fix: nothing,
  },
  'WhatsApp: DEGRADED': { code: 'WHATSAPP_DEGRADED', zh: 'WhatsApp：DEGRADED 已连接，但不完全正常', fix: look },
  'WhatsApp: DISCONNECTED': { code: 'WHATSAPP_DISCONNECTED', zh: 'WhatsApp：DISCONNECTED 连接中断', fix: nothing },
  'WhatsApp: LOGGED_OUT': {
    code: 'WHATSAPP_LOGGED_OUT',
    zh: 'WhatsApp：LOGGED_OUT 已退出登录',
    fix: { zh: '在仪表盘页面重新扫码', en: 'Scan again on the dashboard' },
  },
  'WhatsApp: FAILED': { code: 'WHATSAPP_FAILED', zh: 'WhatsApp：FAILED 已停止，需要人处理', fix: look },
};

/** Where every fix is told at length. */
export const DOCS = 'docs/guide.zh.md';
