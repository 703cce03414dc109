'use client';
// A file that was sent off and is not at the server yet, as the bubble it will be: how far it is, the way out, another try. It sends nothing.
import clsx from 'clsx';
import { FileText, Mic, RotateCw, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { type Attached, detach, retryUpload } from './attachments.ts';
import { IconButton } from './controls.tsx';
import { useFailure } from './failure.tsx';
import { usePlace, Words } from './language.tsx';
import { boxOf, sizeText } from './media-address.ts';
import { Progress } from './progress.tsx';
import { Tick } from './tick.tsx';
import { clockTime } from './time.ts';
import { attachWords as en } from './words/attach.en.ts';
import { attachWords as zh } from './words/attach.ts';

const words = { zh, en } as const;

export interface SendingBubbleProps {
  readonly file: Attached;
  readonly first: boolean;
}

export function SendingBubble(props: SendingBubbleProps): ReactNode {
  return (
    <Words of={words}>
      <Sending {...props} />
    </Words>
  );
}

function Sending({ file, first }: SendingBubbleProps): ReactNode {
  const t = useTranslations('attach');
  const place = usePlace();
  const { file: bytes, kind, preview, size, part, state, sent, error } = file;
  const failure = useFailure(error);
  const failed = state === 'failed';
  const { width, height } = boxOf(size ?? {});
  const name = kind === 'voice' ? t('voice') : bytes.name;
  const Icon = kind === 'voice' ? Mic : FileText;
  const at = sent?.at ?? 0;
  return (
    <div
      data-testid="sending"
      data-state={state}
      className={clsx('flex flex-col items-end px-4', first ? 'pt-3' : 'pt-0.5')}
    >
      <div className="relative max-w-[85%] rounded-card bg-ours px-3 py-1.5 text-body pointer-coarse:text-title md:max-w-[min(70%,640px)]">
        {preview === undefined ? (
          <div className="relative mb-1 flex h-14 w-64 max-w-full items-center gap-2 overflow-hidden rounded-control bg-bg/60 ps-2 text-second">
            <Icon aria-hidden size={20} strokeWidth={1.75} className="shrink-0 text-accent" />
            <span className="min-w-0 flex-1">
              <bdi className="block truncate font-semibold">{name}</bdi>
              <span className="block truncate text-meta text-soft">{progressText(bytes.size, part)}</span>
            </span>
            <Controls file={file} name={name} />
            <Bar file={file} name={name} />
          </div>
        ) : (
          <div className="-mx-2 mb-1 max-w-[calc(100%+16px)]">
            <div
              className="relative max-w-full overflow-hidden rounded-control bg-sunken"
              style={{ width, aspectRatio: `${width} / ${height}` }}
            >
              <img src={preview} alt="" className="absolute inset-0 size-full object-cover" />
              <span className="absolute inset-0 m-auto flex h-fit w-fit max-w-full items-center gap-1 rounded-full bg-surface/95 ps-3 pe-1 text-second text-soft">
                {progressText(bytes.size, part)}
                <Controls file={file} name={name} />
              </span>
              <Bar file={file} name={name} />
            </div>
          </div>
        )}
        <div dir="auto" className={clsx('whitespace-pre-wrap', preview !== undefined && 'w-0 min-w-full')}>
          {sent?.caption}
          <span aria-hidden className="inline-block h-px w-16" />
        </div>
        <span className="absolute end-2 bottom-1.5 flex h-4 items-center gap-1 text-meta text-soft">
          <time dateTime={new Date(at).toISOString()}>{clockTime(at, place)}</time>
          <Tick status={failed ? 'error' : 'pending'} />
        </span>
      </div>
      {failed && (
        <p role="alert" title={failure?.fix} className="mt-1 max-w-[85%] text-second text-bad">
          {failure?.text ?? t('failed')}
        </p>
      )}
    </div>
  );
}

/** `0.7 MB / 1.4 MB`, and the whole alone when all of it is up. */
function progressText(size: number, part: number): string {
  return part >= 1 ? sizeText(size) : `${sizeText(size * part)} / ${sizeText(size)}`;
}

function Controls({ file, name }: { readonly file: Attached; readonly name: string }): ReactNode {
  const t = useTranslations('attach');
  return (
    <>
      {file.state === 'failed' && (
        <IconButton icon={RotateCw} label={t('retry', { name })} onClick={() => retryUpload(file)} />
      )}
      <IconButton icon={X} label={t('cancel', { name })} onClick={() => detach(file.key)} />
    </>
  );
}

function Bar({ file: { part, state }, name }: { readonly file: Attached; readonly name: string }): ReactNode {
  const t = useTranslations('attach');
  return (
    <Progress
      label={t('progress', { name })}
      part={state === 'failed' ? 0 : part}
      className="absolute inset-x-0 bottom-0"
    />
  );
}
