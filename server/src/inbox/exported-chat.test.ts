// Tests the formats in which phones export a chat: Android and iOS, Chinese and English, 12 and 24 hours, all orders of a date.
import { describe, expect, it } from 'vitest';
import { ChatReader, chatNameOf, type DateOrder, momentOf } from './exported-chat.ts';

function read(text: string, order?: DateOrder) {
  const reader = new ChatReader();
  for (const line of text.split('\n')) reader.line(line);
  return reader.chat(order);
}

const clockOf = (line: string): string => {
  const [message] = read(line).messages;
  return message === undefined ? '' : `${message.clock.join(' ')} ${message.author ?? '-'}: ${message.body}`;
};

describe('a line', () => {
  it.each([
    ['2023/1/5 15:04 - 张三: 你好', '2023 1 5 15 4 0 张三: 你好'],
    ['2023/1/5 下午3:04 - 张三: 你好', '2023 1 5 15 4 0 张三: 你好'],
    ['2023/1/5 上午12:04 - 张三: 你好', '2023 1 5 0 4 0 张三: 你好'],
    ['2023年1月5日 晚上11:04 - 张三: 你好', '2023 1 5 23 4 0 张三: 你好'],
    ['2023/1/5 中午12:04 - 张三: 你好', '2023 1 5 12 4 0 张三: 你好'],
    ['1/25/23, 3:04 PM - Ann: hi', '2023 1 25 15 4 0 Ann: hi'],
    ['1/25/23, 3:04\u202fPM - Ann: hi', '2023 1 25 15 4 0 Ann: hi'],
    ['25/01/2023, 15:04 - Ann: hi', '2023 1 25 15 4 0 Ann: hi'],
    ['25/01/2023, 3:04 p.m. - Ann: hi', '2023 1 25 15 4 0 Ann: hi'],
    ['[2023/1/5 15:04:05] 张三: 你好', '2023 1 5 15 4 5 张三: 你好'],
    ['[2023/1/5 下午3:04:05] 张三: 你好', '2023 1 5 15 4 5 张三: 你好'],
    ['\u200e[2023/1/5, 下午3:04:05] 张三: 你好', '2023 1 5 15 4 5 张三: 你好'],
    ['[25.01.23, 15:04:05] Ann: hi', '2023 1 25 15 4 5 Ann: hi'],
    ['[1/25/23, 12:04:05 AM] Ann: hi', '2023 1 25 0 4 5 Ann: hi'],
    ['[2023-01-05, 3:04:05\u202fPM] Ann: hi: there', '2023 1 5 15 4 5 Ann: hi: there'],
    ['[2023/1/5 15:04:05] ~ 李四: 你好', '2023 1 5 15 4 5 李四: 你好'],
    ['2023/1/5 15:04 - 消息和通话已进行端到端加密。', '2023 1 5 15 4 0 -: 消息和通话已进行端到端加密。'],
    ['2023/13/45 15:04 - 张三: 你好', ''],
    ['你好', ''],
  ])('%s', (line, understood) => {
    expect(clockOf(line)).toBe(understood);
  });

  it.each([
    ['[2023/1/5 15:04:05] 张三: [位置] 外滩', 'location', '外滩'],
    ['[2023/1/5 15:04:05] 张三: [poll] 几点？\n▸ 9 (1)', 'poll', '几点？\n▸ 9 (1)'],
    ['[2023/1/5 15:04:05] 张三: [contact] 李雷\n李雷: +86', 'contact', '李雷\n李雷: +86'],
    ['[2023/1/5 15:04:05] 张三: [别的] 外滩', 'text', '[别的] 外滩'],
    ['2023/1/5 15:04 - 张三: 位置: https://maps.google.com/?q=1,2', 'location', '位置: https://maps.google.com/?q=1,2'],
    ['1/25/23, 3:04 PM - Ann: POLL:\nTea?\nOPTION: yes (1 vote)', 'poll', 'Tea?\nOPTION: yes (1 vote)'],
    ['2023/1/5 15:04 - 张三: <省略多媒体文件>', 'unknown', ''],
    ['1/25/23, 3:04 PM - Ann: <Media omitted>', 'unknown', ''],
    ['1/25/23, 3:04 PM - Ann: IMG-20230125-WA0001.jpg (file attached)', 'image', 'IMG-20230125-WA0001.jpg'],
    ['[25.01.23, 15:04:05] Ann: \u200eimage omitted', 'image', ''],
    [
      '[25.01.23, 15:04:05] Ann: \u200e<attached: 00000012-AUDIO-2023-01-25.opus>',
      'audio',
      '00000012-AUDIO-2023-01-25.opus',
    ],
    ['[2023/1/5 15:04:05] 张三: \u200e图像已忽略', 'image', ''],
    ['[2023/1/5 15:04:05] 张三: \u200e报价单.pdf • 3 页 \u200e文档已忽略', 'document', '报价单.pdf'],
    ['[2023/1/5 15:04:05] 张三: \u200e<附件：00000002-PHOTO-2023.jpg>', 'image', '00000002-PHOTO-2023.jpg'],
    ['[2023/1/5 15:04:05] 旅行群: \u200e消息和通话已进行端到端加密。', 'system', '消息和通话已进行端到端加密。'],
    ['[25.01.23, 15:04:05] Ann: I like this image', 'text', 'I like this image'],
  ])('%s', (line, kind, body) => {
    expect(read(line).messages[0]).toMatchObject({ kind, body });
  });

  it('that was deleted says so', () => {
    for (const line of ['1/25/23, 3:04 PM - Ann: This message was deleted', '2023/1/5 15:04 - 张三: 此消息已删除']) {
      expect(read(line).messages[0]).toMatchObject({ kind: 'text', body: '', deleted: true });
    }
  });
});

describe('a file', () => {
  it('has messages of several lines, also with lines that look a little like heads', () => {
    const chat = read('\ufeff2023/1/5 15:04 - 张三: 第一行\r\n第二行\n\n[待办] 3: 买菜\n2023/1/6 9:00 - 李四: 好\n');
    expect(chat.messages.map(({ author, body }) => [author, body])).toEqual([
      ['张三', '第一行\n第二行\n\n[待办] 3: 买菜'],
      ['李四', '好'],
    ]);
    expect([...chat.people]).toEqual([
      ['张三', 1],
      ['李四', 1],
    ]);
    expect(chat).toMatchObject({ dateOrder: 'ymd', ambiguous: false, skipped: 0 });
  });

  it('tells its order of dates by all of them together', () => {
    const lines = (...dates: string[]) => dates.map((date) => `${date}, 15:04 - Ann: hi`).join('\n');
    expect(read(lines('5/1/23', '6/1/23', '13/1/23'))).toMatchObject({ dateOrder: 'dmy', ambiguous: false });
    expect(read(lines('1/5/23', '1/6/23', '1/13/23'))).toMatchObject({ dateOrder: 'mdy', ambiguous: false });
    // Neither goes beyond 12, but only one never goes back.
    expect(read(lines('1/5/23', '1/9/23', '2/1/23'))).toMatchObject({ dateOrder: 'mdy', ambiguous: false });
    expect(read(lines('1/5/23', '2/5/23'))).toMatchObject({ ambiguous: true });
    expect(read(lines('1/5/23', '2/5/23'), 'mdy').messages[1]?.clock.slice(0, 3)).toEqual([2023, 2, 5]);
  });

  it('that is something else has no messages', () => {
    expect(read('name,phone\nAnn,123\n')).toMatchObject({ messages: [], skipped: 2 });
  });
});

describe('beside the lines', () => {
  it.each([
    ['WhatsApp Chat with Ann O’Neil.txt', 'Ann O’Neil'],
    ['WhatsApp Chat - Ann.zip', 'Ann'],
    ['与王小明的 WhatsApp 聊天.txt', '王小明'],
    ['_chat.txt', undefined],
  ])('the name of the file %s tells the chat', (file, name) => {
    expect(chatNameOf(file)).toBe(name);
  });

  it('a clock is read in its time zone, also where it was moved', () => {
    expect(momentOf([2023, 1, 5, 15, 4, 5], 'Asia/Shanghai')).toBe(Date.UTC(2023, 0, 5, 7, 4, 5));
    expect(momentOf([2023, 7, 5, 15, 4, 5], 'Europe/Berlin')).toBe(Date.UTC(2023, 6, 5, 13, 4, 5));
    expect(momentOf([2023, 3, 26, 3, 30, 0], 'Europe/Berlin')).toBe(Date.UTC(2023, 2, 26, 1, 30, 0));
    expect(() => momentOf([2023, 1, 1, 0, 0, 0], 'Nowhere/Here')).toThrow(RangeError);
  });
});
