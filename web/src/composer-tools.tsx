'use client';
// The row of tools below the composer's field: files, emoji, a voice message; with what they open. It writes and sends through the composer alone.
import { Mic, Paperclip, Smile } from 'lucide-react';
import { Popover } from 'radix-ui';
import { lazy, type ReactNode, Suspense, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { IconButton } from './controls.tsx';

const EmojiPicker = lazy(async () => ({ default: (await import('./emoji-picker.tsx')).EmojiPicker }));

export interface ComposerToolsProps {
  readonly onFiles: (files: readonly File[]) => void;
  readonly onEmoji: (emoji: string) => void;
  readonly onVoice: () => void;
}

export function ComposerTools({ onFiles, onEmoji, onVoice }: ComposerToolsProps): ReactNode {
  const t = useTranslations('attach');
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        data-testid="file-input"
        aria-label={t('files')}
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file can be chosen again.
          event.target.value = '';
        }}
      />
      <IconButton icon={Paperclip} label={t('files')} onClick={() => input.current?.click()} />
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger asChild>
          <IconButton icon={Smile} label={t('emoji')} />
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            aria-label={t('emoji')}
            side="top"
            align="start"
            sideOffset={8}
            collisionPadding={12}
            className="z-30 rounded-card bg-surface shadow-float"
          >
            <Suspense fallback={<div className="h-80 w-80 max-w-[calc(100vw-24px)]" />}>
              <EmojiPicker
                onEmoji={(emoji) => {
                  setOpen(false);
                  onEmoji(emoji);
                }}
              />
            </Suspense>
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      <IconButton icon={Mic} label={t('record')} onClick={onVoice} />
    </>
  );
}
