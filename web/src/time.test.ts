// Times in the reader’s language and time zone.
import { describe, expect, it } from 'vitest';
import { clockTime, dayLabel, dayOf, exactTime, rowTime, span } from './time.ts';

const zh = { locale: 'zh-CN', timeZone: 'Asia/Shanghai' };
const en = { locale: 'en', timeZone: 'UTC' };
// Sunday, 22 November 2026, 14:03:22.041 in Shanghai.
const now = Date.parse('2026-11-22T06:03:22.041Z');
const DAY = 86_400_000;

describe('times', () => {
  it('are told on a 24-hour clock in the reader’s time zone', () => {
    expect(clockTime(now, zh)).toBe('14:03');
    expect(clockTime(now, en)).toBe('06:03');
    expect(exactTime(now, zh)).toBe('14:03:22.041');
    expect(clockTime(Date.parse('2026-11-22T16:00:00Z'), zh)).toBe('00:00');
  });

  it('are cut into the reader’s days, not into days of UTC', () => {
    const late = Date.parse('2026-11-21T17:00:00Z');
    expect(dayOf(late, zh)).toBe('2026-11-22');
    expect(dayOf(late, en)).toBe('2026-11-21');
    expect(dayLabel(late, now, zh)).toBe('今天');
    expect(dayLabel(late, now, en)).toBe('Yesterday');
  });

  it('name the day: today, yesterday, weekday, date', () => {
    expect([0, 1, 3, 40].map((days) => dayLabel(now - days * DAY, now, zh))).toEqual([
      '今天',
      '昨天',
      '星期四',
      '2026年10月13日',
    ]);
    expect([0, 1, 3].map((days) => rowTime(now - days * DAY, now, zh))).toEqual(['14:03', '昨天', '周四']);
  });

  it('of tomorrow (a clock ahead of ours) are told as a date', () => {
    expect(dayLabel(now + 2 * DAY, now, zh)).toBe('2026年11月24日');
  });

  it('have lengths in their largest whole unit', () => {
    expect([-5, 59_999, 60_000, 3_599_000, 7_200_000, 3 * DAY].map(span)).toEqual([
      { unit: 'seconds', value: 0 },
      { unit: 'seconds', value: 59 },
      { unit: 'minutes', value: 1 },
      { unit: 'minutes', value: 59 },
      { unit: 'hours', value: 2 },
      { unit: 'days', value: 3 },
    ]);
  });
});
