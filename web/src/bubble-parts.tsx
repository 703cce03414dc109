'use client';
// Parts of a bubble: what it answers, its words with names in them, the reactions below it. They decide nothing.
import type { Message } from '@pulseline/protocol';
import clsx from 'clsx';
import { createContext, type ReactNode, useContext } from 'react';
import { useTranslations } from 'use-intl';
import { useDesk } from './desk.ts';
import { reactTo } from './message-calls.ts';
import { inboxWords } from './words/inbox.ts';

/** Brings a message into view, loading what is between if need be. */
export const Jump = createContext<(message: string) => void>(() => undefined);

export type Quoted = NonNullable<Message['quote']>;

/** The answered message, as it was quoted; a press leads to it. */
export function QuoteBlock({ quote }: { readonly quote: Quoted }): ReactNode {
  const t = useTranslations('message');
  const jump = useContext(Jump);
  const name = useName(quote.author);
  const { id } = quote;
  const look =
    'mb-1 block w-full max-w-full rounded-control border-s-[3px] border-accent bg-bg/60 px-2 py-1 text-start text-second text-soft';
  const inner = (
    <>
      {name !== undefined && (
        <span dir="auto" className="block truncate font-semibold">
          {name}
        </span>
      )}
      <span dir="auto" className="line-clamp-2 break-words whitespace-pre-wrap">
        {quote.body || t('quoted')}
      </span>
    </>
  );
  if (id === undefined) return <span className={look}>{inner}</span>;
  return (
    <button type="button" data-testid="quote" title={t('jump')} className={look} onClick={() => jump(id)}>
      {inner}
    </button>
  );
}

/** The name that the desk knows for an address: ours, that of a conversation, else the number. */
function useName(address: string | undefined): string | undefined {
  const t = useTranslations('message');
  const known = useDesk(({ inbox }) => (address === undefined ? undefined : nameIn(inbox, address)));
  if (known === '') return t('you');
  return known ?? (address === undefined ? undefined : numberOf(address));
}

function numberOf(address: string): string {
  return address.replace(/@.*$/, '').replace(/^(?=\d{7,15}$)/, '+');
}

type Inbox = Parameters<Parameters<typeof useDesk>[0]>[0]['inbox'];

/** '' = ourselves. */
function nameIn({ accounts, conversations }: Inbox, address: string): string | undefined {
  for (const { me } of accounts.values()) if (me?.id === address || me?.lid === address) return '';
  for (const { address: at, name } of conversations.values()) if (at === address) return name;
  return undefined;
}

/** A text in which people are named: `@` and digits become `@` and the name, where it is known. */
export function NamedText({
  body,
  mentions,
}: {
  readonly body: string;
  readonly mentions: readonly string[];
}): ReactNode {
  const t = useTranslations('message');
  const names = useDesk(({ inbox }) => mentions.map((each) => nameIn(inbox, each) ?? '\u0000').join('\n')).split('\n');
  const parts: ReactNode[] = [];
  let rest = body;
  for (let found = firstOf(rest, mentions); found !== undefined; found = firstOf(rest, mentions)) {
    const { at, index, length } = found;
    const known = names[index];
    const word = known === '\u0000' || known === undefined ? rest.slice(at + 1, at + length) : known || t('you');
    parts.push(
      rest.slice(0, at),
      <span key={parts.length} className="font-semibold text-accent">
        @{word}
      </span>,
    );
    rest = rest.slice(at + length);
  }
  return (
    <>
      {parts}
      {rest}
    </>
  );
}

function firstOf(text: string, mentions: readonly string[]) {
  const all = mentions.flatMap((mention, index) => {
    const word = `@${mention.replace(/@.*$/, '')}`;
    const at = text.indexOf(word);
    return at < 0 ? [] : [{ at, index, length: word.length }];
  });
  return all.sort((a, b) => a.at - b.at)[0];
}

type NoticeCode = Exclude<keyof typeof inboxWords.notice, 'somebody'>;
const codes: ReadonlySet<string> = new Set(Object.keys(inboxWords.notice));

function isKnown(code: string): code is NoticeCode {
  return codes.has(code) && code !== 'somebody';
}

/** What happened, in the reader's words; in the server's where the code is newer than this page. */
export function NoticeText({ message: { notice, body } }: { readonly message: Message }): ReactNode {
  const t = useTranslations('notice');
  const you = useTranslations('message');
  const { by, people = [], text = '' } = notice ?? {};
  const named = useDesk(({ inbox }) =>
    [by ?? '', ...people].map((each) => nameIn(inbox, each) ?? `\u0000${each}`).join('\n'),
  ).split('\n');
  const shown = named.map((name) =>
    name === '' ? you('you') : name.startsWith('\u0000') ? numberOf(name.slice(1)) || t('somebody') : name,
  );
  if (notice === undefined || !isKnown(notice.code)) return body;
  return t(notice.code, { by: shown[0] ?? '', people: shown.slice(1).join(', '), text });
}

export interface ReactionsProps {
  readonly message: Message;
  readonly run: (action: () => Promise<unknown>) => Promise<boolean>;
}

/** One chip for each emoji with how many; a press on ours takes it back, on another's gives the same. */
export function Reactions({ message, run }: ReactionsProps): ReactNode {
  const t = useTranslations('message');
  const counts = new Map<string, { n: number; own: boolean }>();
  for (const { emoji, fromMe } of message.reactions ?? []) {
    const count = counts.get(emoji) ?? { n: 0, own: false };
    counts.set(emoji, { n: count.n + 1, own: count.own || fromMe });
  }
  if (counts.size === 0) return null;
  return (
    <span data-testid="reactions" className="relative z-10 -mt-1 flex flex-wrap gap-1 px-2">
      {[...counts].map(([emoji, { n, own }]) => (
        <button
          key={emoji}
          type="button"
          aria-pressed={own}
          aria-label={t('reacted', { emoji, n: String(n) })}
          title={own ? t('unreact', { emoji }) : t('reactWith', { emoji })}
          onClick={() => void run(() => reactTo(message, own ? '' : emoji))}
          className={clsx(
            'flex h-6 items-center gap-1 rounded-full border px-1.5 text-second pointer-coarse:h-8 pointer-coarse:px-2.5',
            own ? 'border-accent bg-wash' : 'border-line bg-surface',
          )}
        >
          {emoji}
          {n > 1 && <span className="text-meta text-soft">{n}</span>}
        </button>
      ))}
    </span>
  );
}
