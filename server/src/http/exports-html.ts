// A conversation as one page of HTML that needs nothing else: it is read, kept and printed. Every text is escaped, nothing in it runs or loads.
import type { Conversation, Language, Message } from '@pulseline/protocol';

/** `label`: what stands for a kind that is no text, '' for a text. */
export interface HtmlWords {
  readonly language: Language;
  readonly timeZone: string;
  readonly label: (message: Message) => string;
}

const words = {
  zh: { me: '我', deleted: '此消息已删除', edited: '已编辑', exported: '导出于', file: '文件' },
  en: { me: 'Me', deleted: 'This message was deleted', edited: 'edited', exported: 'Exported', file: 'File' },
};

const STYLE = `
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem; margin: 2.5rem 0 0 } h1 + p { margin: 0; opacity: .7 }
h2 { font-size: .85rem; font-weight: 500; text-align: center; opacity: .7; margin: 1.5rem 0 .5rem }
article { margin: .4rem 0; padding: .45rem .7rem; border-radius: .6rem; background: #8881; max-width: 80%; width: fit-content; break-inside: avoid }
article.own { margin-left: auto; background: #2a74 }
article.notice { margin: .4rem auto; background: none; font-size: .85rem; opacity: .8 }
header { font-size: .8rem; opacity: .75 } article p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
blockquote { margin: .2rem 0; padding-left: .6rem; border-left: 3px solid #8888; font-size: .9rem }
@media print { body { margin: 0; max-width: none } article { border: 1px solid #8886; background: none } }
`;

export function htmlHead(title: string, { language, timeZone }: HtmlWords, at: number): string {
  const when = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en', {
    timeZone,
    dateStyle: 'long',
    timeStyle: 'short',
  }).format(at);
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style></head><body>
<p>${words[language].exported} ${escaped(when)}</p>
`;
}

export const htmlFoot = '</body></html>\n';

/** One thing after the other, the day before the first message of each. */
export function htmlOf({ language, timeZone, label }: HtmlWords) {
  const locale = language === 'zh' ? 'zh-CN' : 'en';
  const day = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'full' });
  const clock = new Intl.DateTimeFormat(locale, { timeZone, timeStyle: 'short' });
  const { me, deleted, edited, file: fileWord } = words[language];
  let open: Conversation | undefined;
  let last = '';
  return (item: { readonly conversation: Conversation } | { readonly message: Message }): string => {
    if ('conversation' in item) {
      open = item.conversation;
      last = '';
      const phone = open.phone !== undefined && open.phone !== open.name ? open.phone : open.address;
      return `<h1>${escaped(open.name)}</h1><p>${escaped(phone)}</p>\n`;
    }
    const { message } = item;
    const today = day.format(message.timestamp);
    const heading = today === last ? '' : `<h2>${escaped(today)}</h2>\n`;
    last = today;
    const { fromMe, kind, body, authorName, author, quote, media, reactions = [] } = message;
    const isNotice = kind === 'system' || kind === 'call';
    const name = fromMe ? me : (authorName ?? author ?? open?.name ?? '');
    const mark = message.edited === true && message.deleted !== true ? ` · ${edited}` : '';
    const head = isNotice ? '' : `<header>${escaped(name)} · `;
    const time = `<time datetime="${new Date(message.timestamp).toISOString()}">${escaped(clock.format(message.timestamp))}</time>`;
    const quoted = quote && `<blockquote>${escaped(quote.body)}</blockquote>`;
    const what = label(message);
    const fileName = media?.name ?? (media ? `${media.mime}` : undefined);
    const file = fileName === undefined ? '' : `<p>📎 ${fileWord}: ${escaped(fileName)}</p>`;
    const said =
      message.deleted === true
        ? `<p><em>${deleted}</em></p>`
        : `${quoted ?? ''}${what === '' ? '' : `<p><em>${escaped(what)}</em></p>`}${file}${body === '' ? '' : `<p>${escaped(body)}</p>`}`;
    const felt =
      reactions.length === 0 ? '' : `<header>${escaped(reactions.map(({ emoji }) => emoji).join(' '))}</header>`;
    const style = isNotice ? 'notice' : fromMe ? 'own' : 'other';
    const top = isNotice ? time : `${head}${time}${mark}</header>`;
    return `${heading}<article class="${style}">${top}${said}${felt}</article>\n`;
  };
}

/** Text that cannot be taken for markup, in an element or an attribute. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']|(?![\t\n\r])\p{Cc}/gu, (sign) => ENTITIES.get(sign) ?? '');
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);
