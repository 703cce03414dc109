'use client';
// Where a message is written. It hands the text over at once and never waits for the network.
import type { Account, Conversation } from '@pulseline/protocol';
import clsx from 'clsx';
import { Check, SendHorizontal, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Answering, endAnswer, useAnswering } from './answering.ts';
import { Failure, IconButton, useAction } from './controls.tsx';
import { editText } from './desk.ts';
import { draftOf, writeDraft } from './drafts.ts';
import { sends } from './enter.ts';
import { send } from './outbox.ts';
import { usePreferences } from './preferences.ts';
import { team } from './team.tsx';

/** WhatsApp's own limit is about this, in UTF-16 units. */
const MAX_TEXT = 65_536;

export interface ComposerProps {
  readonly conversation: Conversation;
  readonly account: Account | undefined;
}

export function Composer({ conversation: { id }, account }: ComposerProps): ReactNode {
  const t = useTranslations('composer');
  const enter = usePreferences((preferences) => preferences.enter);
  const [text, setText] = useState(() => draftOf(id));
  const field = useRef<HTMLTextAreaElement>(null);
  const answering = useAnswering(id);
  const editing = answering?.how === 'edit' ? answering.message : undefined;
  const action = useAction();
  const begun = useRef<Answering>(undefined);
  useEffect(() => {
    if (begun.current === answering) return;
    // The draft waits while an edit has the field, and comes back after it.
    if (answering?.how === 'edit') setText(answering.message.body);
    else if (begun.current?.how === 'edit') setText(draftOf(id));
    begun.current = answering;
    // The menu that it was chosen in gives the focus back to its button first.
    if (answering !== undefined) setTimeout(() => field.current?.focus(), 0);
  }, [answering, id]);
  useEffect(() => {
    // On a phone the keyboard would cover the messages one has just opened.
    if (window.matchMedia('(pointer: fine)').matches) field.current?.focus();
  }, []);
  const write = (next: string): void => {
    setText(next);
    if (editing === undefined) writeDraft(id, next);
    team().reply(next !== '');
  };
  const submit = (): void => {
    const trimmed = text.trim();
    if (trimmed === '' || trimmed.length > MAX_TEXT) return;
    if (editing !== undefined) {
      endAnswer(id);
      if (trimmed === editing.body) return;
      void action.run(() => editText(editing, trimmed));
      return;
    }
    if (!send(id, trimmed, answering?.message)) return;
    endAnswer(id);
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
      {answering !== undefined && <About answering={answering} onEnd={() => endAnswer(id)} />}
      {action.error !== undefined && (
        <div className="mb-2">
          <Failure error={action.error} />
        </div>
      )}
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
            if (key === 'Escape' && answering !== undefined && !isComposing) {
              event.preventDefault();
              endAnswer(id);
              return;
            }
            if (!sends({ key, keyCode, shiftKey, ctrlKey, metaKey, altKey, isComposing }, enter)) return;
            event.preventDefault();
            submit();
          }}
          className="field-sizing-content max-h-[184px] min-h-10 min-w-0 flex-1 resize-none rounded-card border border-line bg-bg px-3 py-[9px] text-body text-ink pointer-coarse:min-h-11 pointer-coarse:text-title"
        />
        <button
          type="submit"
          aria-label={editing === undefined ? t('send') : t('saveEdit')}
          title={editing === undefined ? t('send') : t('saveEdit')}
          disabled={text.trim() === '' || text.length > MAX_TEXT}
          className="flex size-10 shrink-0 items-center justify-center rounded-card bg-accent text-on-accent transition hover:opacity-90 disabled:opacity-40 pointer-coarse:size-11"
        >
          {editing === undefined ? (
            <SendHorizontal aria-hidden size={20} strokeWidth={1.75} />
          ) : (
            <Check aria-hidden size={20} strokeWidth={1.75} />
          )}
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

/** The message that the field is about, above it. */
function About({
  answering: { how, message },
  onEnd,
}: {
  readonly answering: Answering;
  readonly onEnd: () => void;
}): ReactNode {
  const t = useTranslations('composer');
  const kinds = useTranslations('kind');
  const { kind, body } = message;
  return (
    <div
      data-testid="answering"
      className="mb-2 flex items-center gap-2 rounded-control border-s-[3px] border-accent bg-bg ps-2 text-second"
    >
      <p className="min-w-0 flex-1">
        <span className="block font-semibold text-accent">{t(how === 'edit' ? 'editing' : 'replying')}</span>
        <span dir="auto" className="block truncate text-soft">
          {kind === 'text' ? body : `[${kinds(kind)}] ${body}`}
        </span>
      </p>
      <IconButton icon={X} label={t('stop')} onClick={onEnd} />
    </div>
  );
}
