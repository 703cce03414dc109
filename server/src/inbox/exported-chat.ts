// What WhatsApp writes when a chat is exported (`_chat.txt`; Android and iOS, Chinese and English, 12 and 24 hours), read line by line. It keeps nothing and knows no account.
import { type MessageKind, messageKinds } from '@pulseline/protocol';
import { kindLabels } from './kind-labels.ts';
import { clip, MAX_BODY } from './text.ts';

export type DateOrder = 'ymd' | 'dmy' | 'mdy';

/** One message as it stands in the file. */
export interface ExportedMessage {
  /** Year, month, day, hour, minute, second, by the clock of the phone that exported. */
  readonly clock: readonly [number, number, number, number, number, number];
  /** Absent for what the app itself said. */
  readonly author?: string;
  readonly kind: MessageKind;
  readonly body: string;
  readonly deleted?: boolean;
}

export interface ExportedChat {
  readonly messages: readonly ExportedMessage[];
  /** Who wrote, in the order of their first message, and how many. */
  readonly people: ReadonlyMap<string, number>;
  readonly dateOrder: DateOrder;
  /** The dates can be read in more than one order: `dateOrder` is the likelier. */
  readonly ambiguous: boolean;
  /** Lines before the first message that say nothing to us. */
  readonly skipped: number;
}

/** Numbers of one head, as they stand. */
interface Head {
  readonly date: readonly [string, string, string];
  readonly time: readonly [hour: number, minute: number, second: number];
  readonly rest: string;
}

const DATE = '(\\d{1,4})[./\\-年](\\d{1,2})[./\\-月](\\d{1,4})日?';
const HALF = '上午|下午|凌晨|清晨|早上|中午|傍晚|晚上|半夜|午夜|[ap]\\.?\\s?m\\.?';
const TIME = `(${HALF})?\\s?(\\d{1,2})[:.](\\d{2})(?:[:.](\\d{2}))?\\s?(${HALF})?`;
/** Between date and time stand a comma, a blank, or a day of the week. */
const BETWEEN = '[,，]?\\s?(?:星期.|周.)?\\s?';
const IOS = new RegExp(`^\\[${DATE}${BETWEEN}${TIME}\\]\\s?(.*)$`, 'iu');
const ANDROID = new RegExp(`^${DATE}${BETWEEN}${TIME}\\s[-–]\\s(.*)$`, 'iu');
/** Signs without a width, and the narrow blanks that newer phones put before AM and PM. */
const INVISIBLE = /[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const BLANKS = /[\u00a0\u2007\u202f]/g;
/** A name is not longer; a colon further on belongs to a sentence. */
const LONGEST_NAME = 100;

/** Reads a file piece by piece: give it the lines in order, then ask for the chat. */
export class ChatReader {
  readonly #heads: { readonly head: Head; readonly lines: string[]; readonly marked: boolean }[] = [];
  #skipped = 0;

  /** How many messages were begun so far. */
  get count(): number {
    return this.#heads.length;
  }

  line(line: string): void {
    const text = line.replace(/\r$/, '');
    const head = headOf(text.replace(INVISIBLE, '').replace(BLANKS, ' '));
    if (head !== undefined) {
      // iOS marks what the app itself said, and stands for media, by a sign without a width.
      const marked = /[\]:]\s?\u200e/.test(text);
      this.#heads.push({ head, lines: [head.rest], marked });
      return;
    }
    const last = this.#heads.at(-1);
    if (last !== undefined) last.lines.push(text.replace(/[\u200e\u200f]/g, ''));
    else if (text.trim() !== '') this.#skipped++;
  }

  /** `order` where a person has said it. */
  chat(order?: DateOrder): ExportedChat {
    const dates = this.#heads.map(({ head }) => head.date);
    const read = orderOf(dates);
    const dateOrder = order ?? read.order;
    const people = new Map<string, number>();
    const messages = this.#heads.flatMap(({ head, lines, marked }) => {
      const day = dayOf(head.date, dateOrder);
      if (day === undefined) return [];
      const message = messageOf(lines, marked);
      if (message.author !== undefined) people.set(message.author, (people.get(message.author) ?? 0) + 1);
      return [{ ...message, clock: [...day, ...head.time] as const }];
    });
    const { length } = this.#heads;
    return {
      messages,
      people,
      dateOrder,
      ambiguous: read.ambiguous,
      skipped: this.#skipped + length - messages.length,
    };
  }
}

function headOf(line: string): Head | undefined {
  const found = IOS.exec(line) ?? ANDROID.exec(line);
  if (found === null) return undefined;
  const [, a = '', b = '', c = '', before, hour = '', minute = '', second = '0', after, rest = ''] = found;
  const half = (before ?? after ?? '').toLowerCase().replaceAll(/[.\s]/g, '');
  const time = [hourOf(Number(hour), half), Number(minute), Number(second)] as const;
  if (time[0] > 23 || time[1] > 59 || time[2] > 59) return undefined;
  return { date: [a, b, c], time, rest };
}

function hourOf(hour: number, half: string): number {
  if (half === '' || hour > 12) return hour;
  const isAfternoon = ['pm', '下午', '傍晚', '晚上'].includes(half) || (half === '中午' && hour < 6);
  if (isAfternoon) return hour === 12 ? 12 : hour + 12;
  return hour === 12 && half !== '中午' ? 0 : hour;
}

/** Year, month, day, or undefined for a day that does not exist. */
function dayOf(date: Head['date'], order: DateOrder): readonly [number, number, number] | undefined {
  const [a, b, c] = date.map(Number);
  const places = { ymd: [a, b, c], dmy: [c, b, a], mdy: [c, a, b] } as const;
  const [written = 0, month = 0, day = 0] = places[order];
  const year = written < 100 ? 2000 + written : written;
  const made = new Date(Date.UTC(year, month - 1, day));
  const exists = made.getUTCFullYear() === year && made.getUTCMonth() === month - 1 && made.getUTCDate() === day;
  return exists && year >= 2009 && year < 2100 ? [year, month, day] : undefined;
}

/** The order in which all days exist and never go back; if several do, the likelier by the way dates are written. */
function orderOf(dates: readonly Head['date'][]): { readonly order: DateOrder; readonly ambiguous: boolean } {
  const first = dates[0]?.[0] ?? '';
  if (first.length === 4) return { order: 'ymd', ambiguous: false };
  const faults = (order: DateOrder): number => {
    let last = 0;
    let count = 0;
    for (const date of dates) {
      const day = dayOf(date, order);
      const at = day === undefined ? undefined : Date.UTC(day[0], day[1] - 1, day[2]);
      if (at === undefined || at < last) count++;
      else last = at;
    }
    return count;
  };
  const all = (['dmy', 'mdy', 'ymd'] as const).map((order) => ({ order, faults: faults(order) }));
  const least = Math.min(...all.map((each) => each.faults));
  const [best, other] = all.filter((each) => each.faults === least);
  return { order: best?.order ?? 'dmy', ambiguous: other !== undefined };
}

function messageOf(lines: readonly string[], marked: boolean): Omit<ExportedMessage, 'clock'> {
  const [first = '', ...more] = lines;
  const colon = first.indexOf(': ');
  const end = first.endsWith(':') && colon < 0 ? first.length - 1 : colon;
  const author = end > 0 && end <= LONGEST_NAME ? first.slice(0, end).trim() : undefined;
  const text = (author === undefined ? first : first.slice(end + 1).trimStart()).replace(/^~\s?/, '');
  const body = clip([text, ...more].join('\n').trimEnd(), MAX_BODY);
  if (author === undefined) return { kind: 'system', body };
  const name = author.replace(/^~\s?/, '');
  if (DELETED.test(body)) return { author: name, kind: 'text', body: '', deleted: true };
  const media = mediaOf(body) ?? labelled(body) ?? ownWords(body);
  if (media !== undefined) return { author: name, ...media };
  // iOS says in the chat's own name what the app itself says.
  return marked ? { kind: 'system', body } : { author: name, kind: 'text', body };
}

const DELETED =
  /^(This message was deleted|You deleted this message|(此|该|这条)?消息已(被)?删除|[您你]删除了(此|该|这条)消息)[.。]?$/;

const words: readonly (readonly [RegExp, MessageKind])[] = [
  [/sticker|贴图|贴纸/i, 'sticker'],
  [/image|photo|图像|图片|照片/i, 'image'],
  [/video|gif|视频|影片/i, 'video'],
  [/audio|voice|ptt|音频|语音/i, 'audio'],
  [/contact|联系人|vcf/i, 'contact'],
  [/document|文档|(?<!媒体)文件/i, 'document'],
];
const endings: readonly (readonly [RegExp, MessageKind])[] = [
  [/\.(jpe?g|png|heic|gif)$/i, 'image'],
  [/\.webp$/i, 'sticker'],
  [/\.(mp4|mov|3gp)$/i, 'video'],
  [/\.(opus|m4a|mp3|aac|amr|ogg)$/i, 'audio'],
  [/\.vcf$/i, 'contact'],
];

/** What stands for media that were left out, or names a file beside the text; the caption follows on further lines. */
function mediaOf(body: string): { readonly kind: MessageKind; readonly body: string } | undefined {
  const [line = '', ...caption] = body.split('\n');
  const text = line.trim();
  const rest = caption.join('\n');
  const said = (name: string): string => [name, rest].filter(Boolean).join('\n');
  const attached =
    /^<(?:attached|附件|已添加附件)[:：]\s?(.{1,300})>$/i.exec(text)?.[1] ??
    /^(.{1,300}\.\w{2,5}) [(（](?:file attached|文件附件|附件)[)）]$/i.exec(text)?.[1];
  if (attached !== undefined) {
    return { kind: endings.find(([ending]) => ending.test(attached))?.[1] ?? 'document', body: said(attached) };
  }
  const omitted =
    /^<(?:Media omitted|省略多媒体文件|媒体文件已省略|已省略多媒体文件|省略媒体文件)>$/i.test(text) ||
    /^(?:.{0,120} )?(?:image|photo|video|audio|GIF|sticker|document|Contact card|voice message) omitted$/i.test(text) ||
    /^(?:.{0,120} )?(?:图像|图片|照片|视频|影片|音频|语音|GIF|贴图|贴纸|文档|文件|联系人(?:名片)?)\s?(?:已忽略|已省略|忽略|省略)$/i.test(
      text,
    );
  if (!omitted) return undefined;
  const file = /^(.{1,120}\.\w{2,5})\b/.exec(text)?.[1];
  return { kind: words.find(([word]) => word.test(text))?.[1] ?? 'unknown', body: said(file ?? '') };
}

const labels: ReadonlyMap<string, MessageKind> = new Map(
  messageKinds.flatMap((kind) =>
    Object.values(kindLabels).flatMap((words) => (words[kind] === undefined ? [] : [[words[kind], kind] as const])),
  ),
);

/** As our own export names a kind: `[位置] 外滩`. */
function labelled(body: string): { readonly kind: MessageKind; readonly body: string } | undefined {
  const [whole = '', label = ''] = /^\[([^\]\n]{1,40})\] ?/.exec(body) ?? [];
  const kind = labels.get(label);
  return kind && { kind, body: body.slice(whole.length) };
}

/** How phones write what they have words for: places and polls. */
function ownWords(body: string): { readonly kind: MessageKind; readonly body: string } | undefined {
  if (/^(?:(?:live )?location|(?:实时)?位置)[:：] ?https?:\/\/\S+$/i.test(body)) return { kind: 'location', body };
  return /^(?:poll|投票)[:：]\n/i.test(body) ? { kind: 'poll', body: body.slice(body.indexOf('\n') + 1) } : undefined;
}

/** The name of the chat as the file's own name tells it. */
export function chatNameOf(fileName: string): string | undefined {
  const base = fileName
    .replace(/^.*[\\/]/, '')
    .replace(/\.(txt|zip)$/i, '')
    .replace(INVISIBLE, '')
    .trim();
  const found =
    /^WhatsApp Chat (?:with|-) (.+)$/i.exec(base)?.[1] ??
    /^与\s?(.+?)\s?的\s?WhatsApp\s?(?:聊天|对话).*$/i.exec(base)?.[1] ??
    /^WhatsApp\s?(?:聊天|对话)\s?[-–—:：]\s?(.+)$/i.exec(base)?.[1];
  return found === undefined ? undefined : clip(found.trim(), 300);
}

/** The moment that a clock in a time zone shows. Of an hour that comes twice, the first. */
export function momentOf(clock: ExportedMessage['clock'], timeZone: string): number {
  const [year, month, day, hour, minute, second] = clock;
  const shown = Date.UTC(year, month - 1, day, hour, minute, second);
  const offset = (at: number): number => shownIn(at, timeZone) - at;
  const first = shown - offset(shown);
  return shown - offset(first);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What a clock in the zone shows at that moment, as if it were UTC. Errors: RangeError for a zone that is not known. */
function shownIn(at: number, timeZone: string): number {
  const known = formats.get(timeZone);
  const format =
    known ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  if (known === undefined && formats.size < 16) formats.set(timeZone, format);
  const part = new Map<string, number>(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const of = (type: string): number => part.get(type) ?? 0;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}
