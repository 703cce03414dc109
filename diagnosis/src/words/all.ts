// The words of every check, of a broken one, of the verdict and of the guide's six ticks; both languages of each, or it does not compile.
import type { Words } from '@pulseline/protocol';
import type { CheckId } from '../ids.ts';
import { type Entry, say } from './entry.ts';
import { inside } from './inside.ts';
import { network } from './network.ts';
import { start } from './start.ts';

export const words: Readonly<Record<CheckId, Entry>> = { ...start, ...network, ...inside } satisfies Record<
  CheckId,
  Entry
>;

/** For a check that itself broke. */
export const crashed = say(
  '检查 {check} 没有完成：{error}',
  'The check {check} did not complete: {error}',
  '其余检查不受影响；请报告这个错误。',
  'The other checks stand; please report this one.',
);

export const summaries = {
  healthy: { zh: '一切正常：没有发现问题。', en: 'All is well: no fault was found.' },
  warnings: { zh: '可用，但有 {n} 处需要注意。', en: 'It works, with {n} thing(s) to look at.' },
  fault: { zh: '断在 {rung}：{title}', en: 'Broken at {rung}: {title}' },
  incomplete: {
    zh: '没有看到故障，但有 {n} 项检查没有完成。',
    en: 'No fault was seen, but {n} check(s) did not complete.',
  },
} as const satisfies Record<string, Words>;

/** Lines 151 to 156 of the guide. */
export const ticks = {
  server: { zh: '后端服务器运行在端口 {port}', en: 'The server runs on port {port}' },
  web: { zh: '前端可以访问 http://localhost:{webPort}', en: 'The pages can be opened at http://localhost:{webPort}' },
  connected: {
    zh: '浏览器控制台显示 ✅ WebSocket 已连接成功！',
    en: 'The browser’s console shows ✅ WebSocket 已连接成功！',
  },
  'test-ws': { zh: '测试页面 /test-ws 显示连接成功', en: 'The page /test-ws shows that the connection stands' },
  ready: { zh: 'WhatsApp 已扫码登录（状态 = READY）', en: 'WhatsApp is logged in (status = READY)' },
  shown: {
    zh: '发送测试消息后，前端立即收到并显示',
    en: 'A test message is received and shown at once',
  },
} as const satisfies Record<string, Words>;
