'use client';
// What the whole team shares: labels and prepared replies. Each change is kept at once and reaches everybody.
import type { CannedReply, Label } from '@pulseline/protocol';
import clsx from 'clsx';
import { Plus, Trash2 } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button, Failure, Field, IconButton, inputLook, useAction } from './controls.tsx';
import { useDesk } from './desk.ts';
import { labelColour, labelColours } from './label-chip.tsx';
import { putLabel, putReply, readReplies, removeLabel, removeReply } from './work.ts';

export function TeamSettings(): ReactNode {
  return (
    <>
      <Labels />
      <Replies />
    </>
  );
}

function Labels(): ReactNode {
  const t = useTranslations('settings');
  const labels = useDesk(({ inbox }) => inbox.labels);
  const [name, setName] = useState('');
  const action = useAction();
  return (
    <section
      id="labels"
      data-testid="label-settings"
      className="flex flex-col gap-3 rounded-card border border-line bg-surface p-4"
    >
      <h2 className="text-title font-semibold">{t('labels')}</h2>
      <p className="text-second text-faint">{t('labelsText')}</p>
      <ul className="flex flex-col gap-2">
        {[...labels.values()].map((label) => (
          <LabelRow key={label.id} label={label} run={action.run} />
        ))}
      </ul>
      <form
        className="flex items-end gap-2"
        onSubmit={async (event) => {
          event.preventDefault();
          const done = await action.run(() =>
            putLabel(undefined, { name: name.trim(), colour: labels.size % labelColours }),
          );
          if (done) setName('');
        }}
      >
        <Field
          label={t('labelName')}
          maxLength={40}
          value={name}
          onChange={(event) => setName(event.target.value)}
          className="flex-1"
        />
        <Button type="submit" icon={Plus} disabled={name.trim() === '' || action.busy}>
          {t('labelAdd')}
        </Button>
      </form>
      <Failure error={action.error} />
    </section>
  );
}

interface RowProps {
  readonly run: (action: () => Promise<unknown>) => Promise<boolean>;
}

function LabelRow({ label: { id, name, colour }, run }: RowProps & { readonly label: Label }): ReactNode {
  const t = useTranslations('settings');
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);
  const next = (colour + 1) % labelColours;
  return (
    <li className="flex items-center gap-2">
      <button
        type="button"
        aria-label={`${name}: ${t('labelColour', { n: String((colour % labelColours) + 1) })}`}
        title={t('labelColour', { n: String((colour % labelColours) + 1) })}
        onClick={() => void run(() => putLabel(id, { colour: next }))}
        className="flex size-9 shrink-0 items-center justify-center rounded-control hover:bg-sunken pointer-coarse:size-11"
      >
        <span aria-hidden className={clsx('size-4 rounded-full bg-(--account)', labelColour(colour))} />
      </button>
      <input
        aria-label={t('labelName')}
        maxLength={40}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => {
          const given = text.trim();
          if (given === '' || given === name) return setText(name);
          void run(() => putLabel(id, { name: given })).then((done) => !done && setText(name));
        }}
        className={clsx(inputLook, 'flex-1')}
      />
      <IconButton icon={Trash2} label={t('remove', { name })} onClick={() => void run(() => removeLabel(id))} />
    </li>
  );
}

function Replies(): ReactNode {
  const t = useTranslations('settings');
  const [replies, setReplies] = useState<readonly CannedReply[]>([]);
  const [shortcut, setShortcut] = useState('');
  const [body, setBody] = useState('');
  const action = useAction();
  const read = (): Promise<unknown> => action.run(async () => setReplies(await readReplies()));
  useEffect(() => {
    void read();
    // Once: `read` is another function each time.
  }, []);
  const act = async (what: () => Promise<unknown>): Promise<boolean> =>
    action.run(async () => {
      await what();
      setReplies(await readReplies());
    });
  return (
    <section
      id="replies"
      data-testid="reply-settings"
      className="flex flex-col gap-3 rounded-card border border-line bg-surface p-4"
    >
      <h2 className="text-title font-semibold">{t('replies')}</h2>
      <p className="text-second text-faint">{t('repliesText', { brackets: '{name}', me: '{me}' })}</p>
      <ul className="flex flex-col divide-y divide-line">
        {replies.map((reply) => (
          <li key={reply.id} className="flex items-start gap-2 py-2">
            <div className="min-w-0 flex-1">
              <p className="truncate font-semibold">/{reply.shortcut}</p>
              <p dir="auto" className="text-second break-words whitespace-pre-wrap text-soft">
                {reply.body}
              </p>
            </div>
            <IconButton
              icon={Trash2}
              label={t('remove', { name: reply.shortcut })}
              onClick={() => void act(() => removeReply(reply.id))}
            />
          </li>
        ))}
      </ul>
      <form
        className="flex flex-col gap-2"
        onSubmit={async (event) => {
          event.preventDefault();
          const given = { shortcut: shortcut.trim().replace(/^\//, ''), body: body.trim() };
          // One of that name is changed.
          const known = replies.find((reply) => reply.shortcut === given.shortcut);
          if (!(await act(() => putReply(known?.id, given)))) return;
          setShortcut('');
          setBody('');
        }}
      >
        <Field
          label={t('replyShortcut')}
          maxLength={40}
          value={shortcut}
          onChange={(event) => setShortcut(event.target.value)}
        />
        <label className="flex flex-col gap-1">
          <span className="text-second text-soft">{t('replyBody')}</span>
          <textarea
            rows={3}
            maxLength={4_096}
            dir="auto"
            value={body}
            onChange={(event) => setBody(event.target.value)}
            className="w-full resize-y rounded-control border border-line bg-surface px-3 py-2 text-body text-ink pointer-coarse:text-title"
          />
        </label>
        <Button
          type="submit"
          icon={Plus}
          className="self-start"
          disabled={shortcut.trim().replace(/^\//, '') === '' || body.trim() === '' || action.busy}
        >
          {t('replyAdd')}
        </Button>
      </form>
      <Failure error={action.error} />
    </section>
  );
}
