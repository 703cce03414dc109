// Times as people read them, in a given language and time zone; no clock is read here.

export interface Place {
  readonly locale: string;
  readonly timeZone: string;
}

const DAY = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

// Building a format costs a millisecond; a page uses about ten of them.
function format(name: string, { locale, timeZone }: Place, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name} ${locale} ${timeZone}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(locale, { ...options, timeZone });
    formats.set(key, found);
  }
  return found;
}

/** `14:03` */
export function clockTime(at: number, place: Place): string {
  return format('clock', place, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
}

/** A moment of these days, as `11月24日 09:00`. */
export function momentTime(at: number, place: Place): string {
  const options = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return format('moment', place, options).format(at);
}

/** `14:03:22.041`, for the frame table. */
export function exactTime(at: number, place: Place): string {
  const time = format('exact', place, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  return `${time.format(at)}.${String(Math.floor(at % 1_000)).padStart(3, '0')}`;
}

/** Date and time in full, for tooltips. */
export function fullTime(at: number, place: Place): string {
  return format('full', place, { dateStyle: 'long', timeStyle: 'medium' }).format(at);
}

/** No time zone changes its day, or its offset, within a quarter of an hour. */
const QUARTER = 900_000;
const MAX_DAYS = 10_000;
/** By zone, then by quarter. */
const days = new Map<string, Map<number, string>>();

/** The calendar day in the reader's time zone: `2026-11-22`. Asked for every message of a log, so each quarter is worked out once. */
export function dayOf(at: number, place: Place): string {
  const own = days.get(place.timeZone) ?? new Map<number, string>();
  days.set(place.timeZone, own);
  const quarter = Math.floor(at / QUARTER);
  const known = own.get(quarter);
  if (known !== undefined) return known;
  if (own.size >= MAX_DAYS) own.clear();
  const day = dayText(at, place);
  own.set(quarter, day);
  return day;
}

function dayText(at: number, { timeZone }: Place): string {
  return format('day', { locale: 'en-CA', timeZone }, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);
}

/** Whole calendar days from `at` to `now`; 0 is today. */
function daysAgo(at: number, now: number, place: Place): number {
  return Math.round((Date.parse(dayOf(now, place)) - Date.parse(dayOf(at, place))) / DAY);
}

function today(days: number, locale: string): string {
  const word = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-days, 'day');
  return word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
}

/** Over a day of messages: today, yesterday, a weekday of the last week, else the date. */
export function dayLabel(at: number, now: number, place: Place): string {
  const days = daysAgo(at, now, place);
  if (days === 0 || days === 1) return today(days, place.locale);
  if (days > 1 && days < 7) return format('weekday', place, { weekday: 'long' }).format(at);
  return format('date', place, { year: 'numeric', month: 'long', day: 'numeric' }).format(at);
}

/** In a list row: the time today, else the shortest day that is clear. */
export function rowTime(at: number, now: number, place: Place): string {
  const days = daysAgo(at, now, place);
  if (days === 0) return clockTime(at, place);
  if (days === 1) return today(1, place.locale);
  if (days > 1 && days < 7) return format('short weekday', place, { weekday: 'short' }).format(at);
  return format('numeric date', place, { year: '2-digit', month: 'numeric', day: 'numeric' }).format(at);
}

/** A length of time in its largest whole unit; the dictionary has a word for each. */
export function span(ms: number): { readonly unit: 'seconds' | 'minutes' | 'hours' | 'days'; readonly value: number } {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return { unit: 'seconds', value: seconds };
  if (seconds < 3_600) return { unit: 'minutes', value: Math.floor(seconds / 60) };
  if (seconds < 86_400) return { unit: 'hours', value: Math.floor(seconds / 3_600) };
  return { unit: 'days', value: Math.floor(seconds / 86_400) };
}
