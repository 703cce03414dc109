'use client';
// Where an internal note is written: another colour, another button, another call than a message. Nothing in it can send to a customer.
import clsx from 'clsx';
import { Check, Reply } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Failure, IconButton, useAction } from './controls.tsx';
import { sends } from './enter.ts';
import { NameDialog } from './name-dialog.tsx';
import { usePreferences } from './preferences.ts';
import { addNote } from './work.ts';

/** As the server has it. */
const MAX_NOTE = 8_192;

export interface NoteComposerProps {
  readonly conversation: string;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onLeave: () => void;
}

export function NoteComposer({ conversation, text, onText, onLeave }: NoteComposerProps): ReactNode {
  const t = useTranslations('composer');
  const team = useTranslations('team');
  const enter = usePreferences((preferences) => preferences.enter);
  const name = usePreferences((preferences) => preferences.name);
  const [asking, setAsking] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  // The same note again, if the answer to the first try was lost.
  const command = useRef(crypto.randomUUID());
  const action = useAction();
  useEffect(() => field.current?.focus(), []);
  const save = async (author: string): Promise<void> => {
    const body = text.trim();
    if (body === '' || body.length > MAX_NOTE) return;
    if (author === '') return setAsking(true);
    if (!(await action.run(() => addNote(conversation, command.current, body, author)))) return;
    command.current = crypto.randomUUID();
    onText('');
    field.current?.focus();
  };
  return (
    <form
      data-testid="note-form"
      className="shrink-0 border-t border-line bg-note px-3 pt-2 pb-2 text-on-note md:px-[max(16px,calc((100%-1008px)/2))]"
      onSubmit={(event) => {
        event.preventDefault();
        void save(name);
      }}
    >
      <p className="mb-1 flex items-center gap-2 text-second font-semibold">
        {team('note')}
        <span className="min-w-0 flex-1 truncate font-normal">{team('noteHint')}</span>
      </p>
      <Failure error={action.error} />
      <div className="flex items-end gap-2">
        <textarea
          ref={field}
          data-testid="note-field"
          aria-label={t('noteLabel')}
          placeholder={t('notePlaceholder')}
          rows={Math.min(8, text.split('\n').length)}
          dir="auto"
          maxLength={MAX_NOTE}
          value={text}
          onChange={(event) => onText(event.target.value)}
          onKeyDown={(event) => {
            const { key, keyCode, shiftKey, ctrlKey, metaKey, altKey } = event;
            const { isComposing } = event.nativeEvent;
            if (key === 'Escape' && !isComposing && text === '') return onLeave();
            if (!sends({ key, keyCode, shiftKey, ctrlKey, metaKey, altKey, isComposing }, enter)) return;
            event.preventDefault();
            void save(name);
          }}
          className="field-sizing-content max-h-[184px] min-h-10 min-w-0 flex-1 resize-none rounded-card border border-on-note/40 bg-surface px-3 py-[9px] text-body text-ink pointer-coarse:min-h-11 pointer-coarse:text-title"
        />
        <button
          type="submit"
          disabled={text.trim() === '' || action.busy}
          className="flex h-10 shrink-0 items-center gap-2 rounded-card border border-on-note px-3 font-semibold disabled:opacity-50 pointer-coarse:h-11"
        >
          <Check aria-hidden size={16} strokeWidth={1.75} />
          {t('noteSave')}
        </button>
      </div>
      <div className="mt-1 flex h-9 items-center gap-1 pointer-coarse:h-11">
        <IconButton icon={Reply} label={t('replyMode')} onClick={onLeave} className={clsx('text-on-note')} />
        <p className="truncate text-meta pointer-coarse:hidden">{t('noteEnter')}</p>
      </div>
      {asking && <NameDialog onClose={() => setAsking(false)} onName={(own) => void save(own)} />}
    </form>
  );
}
