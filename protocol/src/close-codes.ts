// The one table of WebSocket close codes: what each means and what the client does next; it never closes anything itself.
import type { Words } from './language.ts';

/**
 * `reconnect`: come back by back-off, with the cursor. `renew`: get fresh credentials, then come back.
 * `final`: coming back unchanged cannot help; a person or a program has to change something.
 */
export type NextStep = 'reconnect' | 'renew' | 'final';

export interface CloseEntry {
  readonly next: NextStep;
  /** What happened. */
  readonly title: Words;
  /** What to do about it. */
  readonly fix: Words;
}

const nothing: Words = { zh: '无需操作，正在自动重连。', en: 'Nothing to do: reconnecting by itself.' };

const table = {
  1000: {
    next: 'reconnect',
    title: { zh: '对方正常关闭了连接', en: 'The other side closed the connection normally' },
    fix: nothing,
  },
  1001: {
    next: 'reconnect',
    title: { zh: '服务器正在停止，或页面已离开', en: 'The server is stopping, or the page was left' },
    fix: nothing,
  },
  1002: {
    next: 'reconnect',
    title: { zh: 'WebSocket 协议错误', en: 'A breach of the WebSocket protocol' },
    fix: {
      zh: '若反复发生，检查中间的代理是否改动了数据。',
      en: 'If it repeats, check whether a proxy in between alters the data.',
    },
  },
  1005: {
    next: 'reconnect',
    title: { zh: '连接已关闭，没有原因', en: 'The connection was closed without a reason' },
    fix: nothing,
  },
  1006: {
    next: 'reconnect',
    title: { zh: '连接失败或中断，没有收到关闭帧', en: 'The connection failed or broke off without a close frame' },
    fix: {
      zh: '确认后端正在运行且端口正确，防火墙没有阻止；用浏览器打开 /status 检查。',
      en: 'Make sure that the server runs, the port is right and no firewall is in between; open /status in a browser.',
    },
  },
  1007: {
    next: 'reconnect',
    title: { zh: '收到的文字不是 UTF-8', en: 'The text received was not UTF-8' },
    fix: { zh: '只发送 UTF-8 文字帧。', en: 'Send UTF-8 text frames only.' },
  },
  1009: {
    next: 'reconnect',
    title: { zh: '发送的帧超过 64 KiB', en: 'A frame larger than 64 KiB was sent' },
    fix: { zh: '减小内容；媒体请用 POST /api/uploads。', en: 'Send less at once; media go by POST /api/uploads.' },
  },
  1011: {
    next: 'reconnect',
    title: { zh: '服务器内部错误', en: 'An internal error of the server' },
    fix: {
      zh: '正在自动重连；若反复发生，请查看服务器日志。',
      en: 'Reconnecting by itself; if it repeats, read the server log.',
    },
  },
  1012: { next: 'reconnect', title: { zh: '服务器正在重启', en: 'The server is restarting' }, fix: nothing },
  1013: {
    next: 'reconnect',
    title: { zh: '服务器繁忙，请稍后再连', en: 'The server is busy; come back later' },
    fix: nothing,
  },
  4000: {
    next: 'reconnect',
    title: { zh: '25 秒没有收到任何帧，连接已失效', en: 'No frame for 25 seconds: the link is dead' },
    fix: nothing,
  },
  4001: {
    next: 'reconnect',
    title: { zh: '收到的事件不连续，正在补发', en: 'An event was missing; asking for it again' },
    fix: nothing,
  },
  4002: {
    next: 'reconnect',
    title: { zh: '位置过旧，正在重新获取快照', en: 'The position is too old; fetching a fresh snapshot' },
    fix: nothing,
  },
  4008: {
    next: 'reconnect',
    title: { zh: '客户端读取太慢，30 秒没有进展', en: 'The client reads too slowly: 30 seconds without progress' },
    fix: {
      zh: '正在自动重连并补发；若反复发生，检查网络速度或页面是否卡住。',
      en: 'Reconnecting and catching up; if it repeats, check the network or whether the page hangs.',
    },
  },
  4010: {
    next: 'renew',
    title: { zh: '登录已过期', en: 'The login has expired' },
    fix: { zh: '正在更新登录。', en: 'Renewing the login.' },
  },
  4012: {
    next: 'reconnect',
    title: { zh: '客户端没有回应心跳', en: 'The client did not answer the heartbeat' },
    fix: nothing,
  },
  4029: {
    next: 'reconnect',
    title: { zh: '发送过快（每秒最多 20 条）', en: 'Sending too fast (at most 20 frames a second)' },
    fix: { zh: '降低发送频率。', en: 'Send less often.' },
  },
  4500: {
    next: 'final',
    title: { zh: '连续发送了无法理解的帧', en: 'Frame after frame could not be understood' },
    fix: { zh: '按 protocol/PROTOCOL.md 修改客户端。', en: 'Correct the client as protocol/PROTOCOL.md says.' },
  },
  4501: {
    next: 'final',
    title: { zh: '未登录', en: 'Not signed in' },
    fix: { zh: '请先登录。', en: 'Sign in first.' },
  },
  4503: {
    next: 'final',
    title: { zh: '没有权限', en: 'Not permitted' },
    fix: { zh: '请管理员授予权限。', en: 'Ask an administrator for the right.' },
  },
  4505: {
    next: 'final',
    title: { zh: '此登录已被撤销', en: 'This login was revoked' },
    fix: { zh: '请重新登录。', en: 'Sign in again.' },
  },
  4506: {
    next: 'final',
    title: { zh: '协议版本不一致', en: 'The protocol versions do not match' },
    fix: { zh: '刷新页面或升级客户端。', en: 'Reload the page or update the client.' },
  },
  4509: {
    next: 'final',
    title: { zh: '连接数过多', en: 'Too many connections' },
    fix: { zh: '关闭不用的页面后重新连接。', en: 'Close pages that you do not need, then connect again.' },
  },
} as const satisfies Readonly<Record<number, CloseEntry>>;

export type CloseCode = keyof typeof table;
export const closeCodes: Readonly<Record<number, CloseEntry>> = table;

/** A code that is not in the table: 4500 to 4999 are final, all else is worth another try. */
const unknownFinal: CloseEntry = {
  next: 'final',
  title: { zh: '服务器拒绝了连接', en: 'The server refused the connection' },
  fix: { zh: '升级客户端后再试。', en: 'Update the client and try again.' },
};
const unknownReconnect: CloseEntry = {
  next: 'reconnect',
  title: { zh: '连接已关闭', en: 'The connection was closed' },
  fix: nothing,
};

/** The entry of a code; codes of a newer peer are judged by their range. */
export function closeEntry(code: number): CloseEntry {
  return closeCodes[code] ?? (code >= 4500 && code <= 4999 ? unknownFinal : unknownReconnect);
}
