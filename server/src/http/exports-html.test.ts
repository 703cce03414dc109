// What a conversation looks like as a page of HTML: complete, in both languages, and harmless whatever was written.
import type { Message } from '@pulseline/protocol';
import { expect, it } from 'vitest';
import { aConversation, aMessage } from '../../test/fake-parts.ts';
import { escaped, htmlFoot, htmlHead, htmlOf } from './exports-html.ts';

const how = {
  language: 'zh',
  timeZone: 'Asia/Shanghai',
  label: ({ kind }: Message) => (kind === 'image' ? '[图片]' : ''),
} as const;

it('escapes every text, in names, bodies, quotes and titles', () => {
  const nasty = '"><script>alert(1)</script>&\u0000';
  const write = htmlOf(how);
  const page = [
    htmlHead(nasty, how, 0),
    write({ conversation: aConversation({ name: nasty }) }),
    write({ message: aMessage({ fromMe: false, authorName: nasty, body: nasty, quote: { body: nasty } }) }),
    htmlFoot,
  ].join('');
  expect(page).not.toContain('<script');
  expect(page.match(/&lt;script&gt;/g)).toHaveLength(5);
  expect(page).toContain("default-src 'none'");
  expect(escaped(nasty)).toBe('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;');
});

it('tells the day once, who wrote, what was edited, deleted or a file', () => {
  const write = htmlOf(how);
  write({ conversation: aConversation() });
  const at = Date.UTC(2026, 0, 1, 15, 59);
  const first = write({ message: aMessage({ timestamp: at, body: '你好 👋', edited: true }) });
  expect(first).toContain('2026年1月1日');
  expect(first).toContain(
    '<header>我 · <time datetime="2026-01-01T15:59:00.000Z">23:59</time> · 已编辑</header><p>你好 👋</p>',
  );
  expect(write({ message: aMessage({ timestamp: at, deleted: true, body: '' }) })).toContain('此消息已删除');
  const next = write({ message: aMessage({ timestamp: at + 120_000, kind: 'image', body: '' }) });
  expect(next).toContain('2026年1月2日');
  expect(next).toContain('[图片]');
});
