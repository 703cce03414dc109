'use client';
// Where a message is written. It hands the text over at once and never waits for the network.
import type { Account, Conversation } from '@pulseline/protocol';
import clsx from 'clsx';
import { Check, SendHorizontal, StickyNote, X } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Answering, endAnswer, useAnswering } from './answering.ts';
import { attach, sendAttached, useAttached } from './attachments.ts';
import type { ReplyKeys } from './canned-replies.tsx';
import { useColleaguesAnswer } from './colleague.ts';
import { Failure, IconButton, useAction } from './controls.tsx';
import { draftOf, writeDraft } from './drafts.ts';
import { sends } from './enter.ts';
import { editText } from './message-calls.ts';
import { send } from './outbox.ts';
import { usePreferences } from './preferences.ts';
import { team } from './team.tsx';

// The first look at a conversation does not need them.
const Tools = lazy(async () => ({ default: (await import('./attach-part.tsx')).Tools }));
const Tray = lazy(async () => ({ default: (await import('./attach-part.tsx')).Tray }));
const Recorder = lazy(async () => ({ default: (await import('./attach-part.tsx')).Recorder }));
const NoteComposer = lazy(async () => ({ default: (await import('./note-composer.tsx')).NoteComposer }));
const CannedReplies = lazy(async () => ({ default: (await import('./canned-replies.tsx')).CannedReplies }));

/** WhatsApp's own limit is about this, in UTF-16 units. */
const MAX_TEXT = 65_536;

export interface ComposerProps {
  readonly conversation: Conversation;
  readonly account: Account | undefined;
}

export function Composer({ conversation, account }: ComposerProps): ReactNode {
  const { id } = conversation;
  // A mode of its own, that one leaves only on purpose: what is written as a note is never in the field that sends.
  const [noting, setNoting] = useState(false);
  const [note, setNote] = useState('');
  return (
    <div
      className="contents"
      onKeyDown={(event) => {
        if (event.code !== 'KeyN' || !event.altKey || event.nativeEvent.isComposing) return;
        event.preventDefault();
        setNoting(!noting);
      }}
    >
      {noting ? (
        <Suspense fallback={<div className="h-[105px] shrink-0 bg-note" />}>
          <NoteComposer conversation={id} text={note} onText={setNote} onLeave={() => setNoting(false)} />
        </Suspense>
      ) : (
        <Reply conversation={conversation} account={account} onNote={() => setNoting(true)} />
      )}
    </div>
  );
}

interface ReplyProps extends ComposerProps {
  readonly onNote: () => void;
}

function Reply({ conversation, account, onNote }: ReplyProps): ReactNode {
  const { id, name } = conversation;
  const t = useTranslations('composer');
  const words = useTranslations('team');
  const enter = usePreferences((preferences) => preferences.enter);
  const [text, setText] = useState(() => draftOf(id));
  const field = useRef<HTMLTextAreaElement>(null);
  const answering = useAnswering(id);
  const editing = answering?.how === 'edit' ? answering.message : undefined;
  const action = useAction();
  const files = useAttached(id);
  const [recording, setRecording] = useState(false);
  const canned = useRef<ReplyKeys>(null);
  const [closed, setClosed] = useState(false);
  const answer = useColleaguesAnswer(id, text !== '' && editing === undefined);
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
    if (window.matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true });
  }, []);
  const shown = useRef(id);
  useEffect(() => {
    if (shown.current === id) return;
    shown.current = id;
    // It has become part of another conversation: what was begun there stands here too.
    if (begun.current?.how !== 'edit') setText(draftOf(id));
  }, [id]);
  const write = (next: string): void => {
    setText(next);
    if (!next.startsWith('/')) setClosed(false);
    if (editing === undefined) writeDraft(id, next);
    team().reply(next !== '');
  };
  const submit = (): void => {
    const trimmed = text.trim();
    if ((trimmed === '' && files.length === 0) || trimmed.length > MAX_TEXT) return;
    if (editing !== undefined) {
      endAnswer(id);
      if (trimmed === editing.body) return;
      void action.run(() => editText(editing, trimmed));
      return;
    }
    if (answer.holds()) return;
    if (files.length > 0) {
      const left = sendAttached(id, trimmed, answering?.message.id);
      if (left !== '') send(id, left);
      endAnswer(id);
      write('');
      return;
    }
    if (!send(id, trimmed, answering?.message)) return;
    endAnswer(id);
    write('');
    field.current?.focus();
  };
  const sendWords =
    editing !== undefined ? t('saveEdit') : answer.by === undefined ? t('send') : words('answeredAgain');
  const ready = account?.state === 'READY';
  const choosing = editing === undefined && !closed && /^\/[^\n]{0,40}$/.test(text);
  const rows = Math.min(8, text.split('\n').length);
  return (
    <form
      className="relative shrink-0 border-t border-line bg-surface px-3 pt-3 pb-2 md:px-[max(16px,calc((100%-1008px)/2))]"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {choosing && (
        <Suspense>
          <CannedReplies
            query={text.slice(1)}
            customer={name}
            keys={canned}
            onChoose={(chosen) => {
              write(chosen);
              field.current?.focus();
            }}
            onClose={() => setClosed(true)}
          />
        </Suspense>
      )}
      {answer.by !== undefined && (
        <p data-testid="answered" role="alert" className="mb-2 text-second font-semibold text-warn">
          {words('answered', { name: answer.by || words('somebody') })}
        </p>
      )}
      {files.length > 0 && (
        <Suspense>
          <Tray files={files} />
        </Suspense>
      )}
      {recording && (
        <Suspense>
          <Recorder
            onVoice={(voice, more) => {
              attach(id, [voice], 'voice', more);
              sendAttached(id, '', undefined, 'voice');
            }}
            onEnd={() => setRecording(false)}
          />
        </Suspense>
      )}
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
          onPaste={(event) => {
            const pasted = [...event.clipboardData.files];
            if (pasted.length === 0 || editing !== undefined) return;
            event.preventDefault();
            attach(id, pasted);
          }}
          onKeyDown={(event) => {
            const { key, keyCode, shiftKey, ctrlKey, metaKey, altKey } = event;
            const { isComposing } = event.nativeEvent;
            if (choosing && !isComposing && keyCode !== 229 && !shiftKey && canned.current?.press(key) === true) {
              event.preventDefault();
              return;
            }
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
          aria-label={sendWords}
          title={sendWords}
          disabled={(text.trim() === '' && (files.length === 0 || editing !== undefined)) || text.length > MAX_TEXT}
          className="flex size-10 shrink-0 items-center justify-center rounded-card bg-accent text-on-accent transition hover:opacity-90 disabled:opacity-40 pointer-coarse:size-11"
        >
          {editing === undefined ? (
            <SendHorizontal aria-hidden size={20} strokeWidth={1.75} />
          ) : (
            <Check aria-hidden size={20} strokeWidth={1.75} />
          )}
        </button>
      </div>
      <div className="mt-1 flex h-9 items-center gap-1 pointer-coarse:h-11">
        {editing === undefined && (
          <Suspense fallback={<span className="w-[108px] shrink-0 pointer-coarse:w-[132px]" />}>
            <Tools
              onFiles={(chosen) => attach(id, chosen)}
              onEmoji={(emoji) => {
                const { selectionStart: from = text.length, selectionEnd: to = text.length } = field.current ?? {};
                write(text.slice(0, from) + emoji + text.slice(to));
                setTimeout(() => {
                  field.current?.focus();
                  field.current?.setSelectionRange(from + emoji.length, from + emoji.length);
                }, 0);
              }}
              onVoice={() => setRecording(true)}
            />
          </Suspense>
        )}
        <IconButton icon={StickyNote} label={t('noteMode')} onClick={onNote} />
        <p
          className={clsx(
            'ms-1 min-w-0 flex-1 truncate text-meta',
            ready ? 'text-faint pointer-coarse:hidden' : 'text-warn',
          )}
        >
          {text.length > MAX_TEXT
            ? t('tooLong', { n: String(text.length), max: String(MAX_TEXT) })
            : ready
              ? t(enter === 'send' ? 'hintSend' : 'hintNewline')
              : t('offline')}
        </p>
      </div>
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
