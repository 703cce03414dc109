'use client';
// The files above the composer: what they are, how far their upload is, a caption for each, and the way out. It sends nothing.
import { FileText, Mic, RotateCw, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { type Attached, detach, retryUpload, setCaption } from './attachments.ts';
import { IconButton } from './controls.tsx';
import { useFailure } from './failure.tsx';
import { sizeText } from './media-address.ts';
import { Progress } from './progress.tsx';

export interface AttachmentTrayProps {
  readonly files: readonly Attached[];
}

export function AttachmentTray({ files }: AttachmentTrayProps): ReactNode {
  const t = useTranslations('attach');
  return (
    <ul aria-label={t('tray')} data-testid="attachments" className="mb-2 flex max-h-64 flex-col gap-1 overflow-y-auto">
      {files.map((file) => (
        <Item key={file.key} file={file} />
      ))}
    </ul>
  );
}

function Item({ file }: { readonly file: Attached }): ReactNode {
  const t = useTranslations('attach');
  const { key, kind, preview, caption, part, state, error } = file;
  const { name, size } = file.file;
  const failure = useFailure(error);
  const Icon = kind === 'voice' ? Mic : FileText;
  return (
    <li data-state={state} className="flex items-center gap-2 rounded-control border border-line bg-bg p-1.5">
      {preview === undefined ? (
        <span className="flex size-12 shrink-0 items-center justify-center rounded-control bg-sunken text-soft">
          <Icon aria-hidden size={20} strokeWidth={1.75} />
        </span>
      ) : (
        <img src={preview} alt="" className="size-12 shrink-0 rounded-control object-cover" />
      )}
      <div className="min-w-0 flex-1 text-second">
        <p className="flex gap-2">
          <bdi className="min-w-0 truncate font-semibold">{kind === 'voice' ? t('voice') : name}</bdi>
          <span className="shrink-0 text-soft">{sizeText(size)}</span>
        </p>
        {state === 'failed' ? (
          <p role="alert" title={failure?.fix} className="truncate text-bad">
            {failure?.text ?? t('failed')}
          </p>
        ) : kind === 'voice' ? null : (
          <input
            aria-label={t('caption', { name })}
            placeholder={t('captionHint')}
            maxLength={4_096}
            dir="auto"
            value={caption}
            onChange={(event) => setCaption(key, event.target.value)}
            className="w-full min-w-0 border-0 bg-transparent text-body text-ink placeholder:text-soft pointer-coarse:text-title"
          />
        )}
        <Progress label={t('progress', { name })} part={state === 'failed' ? 0 : part} className="mt-1 rounded-full" />
      </div>
      {state === 'failed' && (
        <IconButton icon={RotateCw} label={t('retry', { name })} onClick={() => retryUpload(file)} />
      )}
      <IconButton icon={X} label={t('remove', { name })} onClick={() => detach(key)} />
    </li>
  );
}
