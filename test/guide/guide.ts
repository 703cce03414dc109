// What the diagnosis guide says, as strings, and what its reader has in hand: its two ports, a browser's console, its network list. It judges nothing.
import type { Page } from 'playwright-core';
import { holderOf } from '../../server/src/http/holder.ts';
import { until } from '../until.ts';

/** The guide's own addresses. */
export const PORT = 4000;
export const WEB_PORT = 3000;
export const pagesUrl = `http://localhost:${WEB_PORT}`;
export const apiUrl = `http://localhost:${PORT}`;
export const wsUrl = `ws://localhost:${PORT}/ws`;

/** The guide's lines in the browser's console. */
export const lines = {
  attempt: `🔌 尝试连接 WebSocket: ${wsUrl}`,
  open: '✅ WebSocket 已连接成功！',
  received: '收到 WebSocket 消息:',
  newMessage: '收到新消息，刷新会话列表:',
  failed: 'WebSocket connection failed',
} as const;

/** The guide's lines in the log of the server. */
export const serverLines = `Fastify server started on port ${PORT}\nWebSocket service initialized\n`;

/** The six lines of the guide's checklist. */
export const ticks = [
  '后端服务器运行在端口 4000',
  '前端可以访问 http://localhost:3000',
  '浏览器控制台显示 ✅ WebSocket 已连接成功！',
  '测试页面 /test-ws 显示连接成功',
  'WhatsApp 已扫码登录（状态 = READY）',
  '发送测试消息后，前端立即收到并显示',
] as const;

/** The snippet of the guide's debugging tips, as one types it into the console. */
export const snippet = `const ws = new WebSocket('ws://localhost:4000/ws');
ws.onopen = () => console.log('✅ 连接成功');
ws.onmessage = (e) => console.log('📨 收到消息:', JSON.parse(e.data));
ws.onerror = (e) => console.error('❌ 连接错误:', e);`;

/** The guide's ports belong to these tests alone while they run. Throws, naming who holds one. */
export async function claimPorts(): Promise<readonly [number, number]> {
  for (const port of [PORT, WEB_PORT]) {
    const free = await until(`port ${port}`, () => isFree(port), 3_000).catch(() => false);
    if (free) continue;
    throw new Error(`The guide's tests need its own ports 4000 and 3000: ${port} is taken${await holderOf(port)}`);
  }
  return [PORT, WEB_PORT];
}

async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '[::1]']) {
    // Whoever answers, or is only silent, holds it.
    const code = await fetch(`http://${host}:${port}/`, { signal: AbortSignal.timeout(2_000) }).then(
      () => 'answered',
      (error: unknown) => (error instanceof Error && error.cause instanceof Error ? codeOf(error.cause) : 'silent'),
    );
    if (!['ECONNREFUSED', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETUNREACH'].includes(code)) return false;
  }
  return true;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

export interface ConsoleLine {
  readonly level: string;
  /** As the console prints it. */
  readonly text: string;
  /** What was given to the console, as far as it can leave the page. */
  readonly values: Promise<readonly unknown[]>;
}

export interface BrowserConsole {
  lines(): readonly ConsoleLine[];
  /** The first line since the last `clear` that fits, as soon as there is one. */
  line(fits: string | RegExp): Promise<ConsoleLine>;
  texts(): readonly string[];
  clear(): void;
  /** Forgets what is there as soon as the page goes elsewhere: what the page before it still said does not count. */
  clearOnArrival(): void;
}

/** The Console tab, with every level switched on. */
export function consoleOf(page: Page): BrowserConsole {
  let kept: ConsoleLine[] = [];
  page.on('console', (message) => {
    const values = Promise.all(message.args().map((arg) => arg.jsonValue().catch(() => undefined)));
    kept.push({ level: message.type(), text: message.text(), values });
  });
  return {
    lines: () => kept,
    texts: () => kept.map(({ text }) => text),
    clear: () => {
      kept = [];
    },
    // A page's lines and its arrival come over one connection, in order.
    clearOnArrival: () => {
      kept = [];
      page.once('framenavigated', () => {
        kept = [];
      });
    },
    line: (fits) =>
      until(
        `"${String(fits)}" in the console`,
        () => kept.find(({ text }) => (typeof fits === 'string' ? text === fits : fits.test(text))),
        30_000,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${kept.map(({ level, text }) => `${level}: ${text}`).join('\n')}`);
      }),
  };
}

export interface Socket {
  readonly url: string;
  readonly frames: { readonly sent: string[]; readonly received: string[] };
  status: number | undefined;
  closed: boolean;
}

/** Those of the live link: the page that tests the connection opens others to look at, and names them so. */
export const linksOf = (sockets: readonly Socket[]): readonly Socket[] =>
  sockets.filter(({ url }) => !url.includes('probe=1'));

/** The Network tab, filtered by WS: every WebSocket of the page from now on. */
export async function networkOf(page: Page): Promise<readonly Socket[]> {
  const sockets = new Map<string, Socket>();
  const all: Socket[] = [];
  const session = await page.context().newCDPSession(page);
  session.on('Network.webSocketCreated', ({ requestId, url }) => {
    const socket: Socket = { url, frames: { sent: [], received: [] }, status: undefined, closed: false };
    sockets.set(requestId, socket);
    all.push(socket);
  });
  session.on('Network.webSocketHandshakeResponseReceived', ({ requestId, response }) => {
    const socket = sockets.get(requestId);
    if (socket) socket.status = response.status;
  });
  session.on('Network.webSocketFrameReceived', ({ requestId, response }) =>
    sockets.get(requestId)?.frames.received.push(response.payloadData),
  );
  session.on('Network.webSocketFrameSent', ({ requestId, response }) =>
    sockets.get(requestId)?.frames.sent.push(response.payloadData),
  );
  session.on('Network.webSocketClosed', ({ requestId }) => {
    const socket = sockets.get(requestId);
    if (socket) socket.closed = true;
  });
  await session.send('Network.enable');
  return all;
}

/** What the Network tab shows in its column "Name". */
export function nameOf(url: string): string {
  const { pathname } = new URL(url);
  return pathname.split('/').at(-1) ?? '';
}
