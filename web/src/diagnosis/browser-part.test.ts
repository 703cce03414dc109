// The browser's part of a support bundle holds nothing that a person wrote: 200 markers in every field that could carry one.
import type { LiveStatus } from '@pulseline/client';
import { diagnose, evidenceOf } from '@pulseline/diagnosis';
import { describe, expect, it } from 'vitest';
import { type ConsoleLine, printed } from '../console-ring.ts';
import { browserPart, type TabState } from './browser-part.ts';

const markers = Array.from({ length: 200 }, (_, n) => `Mk${n}qZ${n * 31}x`);
let used = 0;
const marker = (): string => markers[used++ % markers.length] ?? '';

function line(...values: readonly unknown[]): ConsoleLine {
  return { at: 1, level: 'log', parts: values.map(printed) };
}

const status: LiveStatus = {
  phase: 'live',
  url: `ws://${marker()}.example:4000/ws`,
  way: 'websocket',
  connectionId: marker(),
  attempts: 0,
  nextTryAt: undefined,
  failure: undefined,
  latency: 2,
  clockOffset: 0,
  build: 'abc',
  cursor: `${marker()}:e:4`,
  counters: { received: 4, duplicates: 0, gaps: 0, reconnects: 0, resyncs: 0, unknown: 0 },
};

function tab(): TabState {
  const report = diagnose(
    evidenceOf(
      {
        'page.cursor': [{ stream: marker(), seq: 1, head: 9, behindMs: 9_000 }],
        accounts: [{ id: marker(), kind: 'sandbox', state: 'LOGGED_OUT', since: 1, raw: marker() }],
      },
      'test',
      1,
    ),
    { system: 'linux', shell: 'sh', vantage: 'browser', now: 1, port: 4_000, webPort: 3_000 },
    { version: '1', runId: 'r', lang: 'en', at: 1 },
  );
  const lines = Array.from({ length: 60 }, () => [
    line('收到 WebSocket 消息:', { type: 'new_message', seq: 4, data: { body: marker(), from: marker() } }),
    line(`failed http://localhost:4000/api/conversations?q=${marker()}`, { [marker()]: marker() }),
    line(marker(), new Error(marker()), [marker()]),
    line('🔌 尝试连接 WebSocket:', `ws://localhost:4000/ws?${marker()}=${marker()}`),
    line(`WebSocket connection failed (ws://${marker()}:4000/ws, 1006): ${marker()} → ${marker()}`),
    line('收到新消息，刷新会话列表:', { type: marker(), seq: 3 }),
  ]).flat();
  return {
    at: 1_000,
    location: `http://localhost:3000/inbox?c=${marker()}&m=${marker()}#${marker()}`,
    userAgent: 'test',
    language: 'zh',
    viewport: [1_440, 900],
    visible: true,
    lines,
    errors: Array.from({ length: 40 }, () => ({
      at: 1,
      source: 'script' as const,
      name: marker(),
      text: `Cannot read properties of undefined (reading '${marker()}') of ${marker()}@s.whatsapp.net`,
      stack: `Error: ${marker()}\n    at ${marker()} (http://localhost:3000/_next/static/chunks/0f1e.js:1:2)\n    at http://localhost:3000/${marker()}.js:3:4`,
    })),
    status,
    proofs: { openedAt: 1, echoMs: 2, shown: undefined, closings: [{ at: 1, code: 1006, ageMs: 5 }] },
    byType: new Map([
      ['connected', 1],
      [marker(), 2],
    ]),
    report,
  };
}

describe('the browser’s part of a support bundle', () => {
  const part = browserPart(tab());

  it('holds none of 200 markers, read as text, percent-encoded, base64 or hex', () => {
    expect(used).toBeGreaterThan(400);
    const text = JSON.stringify(part);
    const read = [text, safely(() => decodeURIComponent(text))];
    for (const [found] of text.matchAll(/[A-Za-z0-9+/]{12,}={0,2}/g))
      read.push(atob(found.slice(0, found.length - (found.length % 4))));
    const all = read.join('\n').toLowerCase();
    const hex = (marked: string): string => [...marked].map((letter) => letter.charCodeAt(0).toString(16)).join('');
    const hits = markers.filter((one) => all.includes(one.toLowerCase()) || all.includes(hex(one)));
    expect(hits).toEqual([]);
  });

  it('still tells what finding a fault takes', () => {
    expect(part.console.map(({ text }) => text)).toContain('收到 WebSocket 消息: {new_message 4}');
    expect(part.console.map(({ text }) => text)).toContain('🔌 尝试连接 WebSocket: ws://localhost:4000/ws');
    expect(part.errors[0]).toMatchObject({ source: 'script', stack: ['/_next/static/chunks/0f1e.js:1:2'] });
    expect(part.testWs).toMatchObject({ frames: { connected: 1 }, link: { phase: 'live' } });
    expect(part.report?.cause).not.toBeNull();
    expect(part.picture).toMatch(/^<svg .*R18.*<\/svg>$/);
  });
});

function safely(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
