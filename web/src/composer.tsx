'use client';
// Where a message is written. It hands the text over at once and never waits for the network.
import type { Account, Conversation } from '@pulseline/protocol';
import clsx from 'clsx';
import { SendHorizontal } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { sends } from './enter.ts';
import { send } from './outbox.ts';
import { usePreferences } from './preferences.ts';
import { team } from './team.tsx';

/** WhatsApp's own limit is about this, in UTF-16 units. */
const MAX_TEXT = 65_536;
const MAX_DRAFTS = 200;

/** What was begun and not sent, per conversation, while the page lives. */
const drafts = new Map<string, string>();

function keepDraft(id: string, text: string): void {
  drafts.delete(id);
  if (text !== '') drafts.set(id, text);
  const [oldest] = drafts.keys();
  if (drafts.size > MAX_DRAFTS && oldest !== undefined) drafts.delete(oldest);
}

export interface ComposerProps {
  readonly conversation: Conversation;
  readonly account: Account | undefined;
}

export function Composer({ conversation: { id }, account }: ComposerProps): ReactNode {
  const t = useTranslations('composer');
  const enter = usePreferences((preferences) => preferences.enter);
  const [text, setText] = useState(() => drafts.get(id) ?? '');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    // On a phone the keyboard would cover the messages one has just opened.
    if (window.matchMedia('(pointer: fine)').matches) field.current?.focus();
  }, []);
  const write = (next: string): void => {
    setText(next);
    keepDraft(id, next);
    team().reply(next !== '');
  };
  const submit = (): void => {
    const trimmed = text.trim();
    if (trimmed === '' || trimmed.length > MAX_TEXT || !send(id, trimmed)) return;
    write('');
    field.current?.focus();
  };
  const ready = account?.state === 'READY';
  const rows = Math.min(8, text.split('\n').length);
  return (
    <form
      className="shrink-0 border-t border-line bg-surface px-3 pt-3 pb-2 md:px-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="flex items-end gap-2">
        <textarea
          ref={field}
          data-testid="composer"
          aria-label={t('label')}
          placeholder={t('placeholder', { label: account?.label ?? '' })}
          rows={rows}
          dir="auto"
          value={text}
          onChange={(event) => write(event.target.value)}
          onKeyDown={(event) => {
            const { key, keyCode, shiftKey, ctrlKey, metaKey, altKey } = event;
            const { isComposing } = event.nativeEvent;
            if (!sends({ key, keyCode, shiftKey, ctrlKey, metaKey, altKey, isComposing }, enter)) return;
            event.preventDefault();
            submit();
          }}
          className="field-sizing-content max-h-[184px] min-h-10 min-w-0 flex-1 resize-none rounded-card border border-line bg-bg px-3 py-[9px] text-body text-ink pointer-coarse:min-h-11 pointer-coarse:text-title"
        />
        <button
          type="submit"
          aria-label={t('send')}
          title={t('send')}
          disabled={text.trim() === '' || text.length > MAX_TEXT}
          className="flex size-10 shrink-0 items-center justify-center rounded-card bg-accent text-on-accent transition hover:opacity-90 disabled:opacity-40 pointer-coarse:size-11"
        >
          <SendHorizontal aria-hidden size={20} strokeWidth={1.75} />
        </button>
      </div>
      <p className={clsx('mt-1 h-4 truncate text-meta', ready ? 'text-faint pointer-coarse:hidden' : 'text-warn')}>
        {text.length > MAX_TEXT
          ? t('tooLong', { n: String(text.length), max: String(MAX_TEXT) })
          : ready
            ? t(enter === 'send' ? 'hintSend' : 'hintNewline')
            : t('offline')}
      </p>
    </form>
  );
}
