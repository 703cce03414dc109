// The guide's console lines, word for word.
import type { LiveObservation } from '@pulseline/client';
import { describe, expect, it } from 'vitest';
import { writeLine } from './console-lines.ts';

function written(observation: LiveObservation, language: 'zh' | 'en' = 'zh'): readonly (readonly unknown[])[] {
  const lines: unknown[][] = [];
  const keep =
    (level: string) =>
    (...items: unknown[]): void => {
      lines.push([level, ...items]);
    };
  writeLine(observation, language, { log: keep('log'), debug: keep('debug'), error: keep('error') });
  return lines;
}

const url = 'ws://localhost:4000/ws';

describe('the console lines of the guide', () => {
  it('say the attempt with the bare address, and the success', () => {
    const line = ['log', '🔌 尝试连接 WebSocket:', url];
    expect(written({ type: 'connecting', url: `${url}?cursor=a:e:1`, attempt: 1 })).toEqual([line]);
    expect(written({ type: 'open', url }, 'en')).toEqual([['log', '✅ WebSocket 已连接成功！']]);
  });

  it('show every frame as it came, and a new message a second time', () => {
    const frame = { type: 'new_message', data: { body: '你好' }, timestamp: 1, stream: 'acc', seq: 1, extra: true };
    expect(written({ type: 'frame', frame: undefined, text: JSON.stringify(frame) })).toEqual([
      ['log', '收到 WebSocket 消息:', frame],
      ['log', '收到新消息，刷新会话列表:', { body: '你好' }],
    ]);
  });

  it('keep pings at the level that browsers hide at first', () => {
    const frame = { type: 'ping', data: { heads: {} }, timestamp: 1 };
    expect(written({ type: 'frame', frame: undefined, text: JSON.stringify(frame) })).toEqual([
      ['debug', '收到 WebSocket 消息:', frame],
    ]);
  });

  it('say a failure with its cause and its fix in the reader’s language', () => {
    const failure = {
      code: 1006,
      title: { zh: '连接失败', en: 'failed' },
      fix: { zh: '启动后端', en: 'start the server' },
      opened: false,
      final: false,
    };
    expect(written({ type: 'failed', url, failure, nextTryAt: 1 })).toEqual([
      ['error', `WebSocket connection failed (${url}, 1006): 连接失败 → 启动后端`],
    ]);
    expect(written({ type: 'failed', url, failure, nextTryAt: 1 }, 'en')[0]?.[1]).toContain('→ start the server');
  });
});
