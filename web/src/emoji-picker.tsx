'use client';
// The picker of emoji, with names in Chinese or English to search by; its data comes from our own server.
import { EmojiPicker as Picker } from 'frimousse';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useLanguage } from './language.tsx';

export interface EmojiPickerProps {
  readonly onEmoji: (emoji: string) => void;
}

export function EmojiPicker({ onEmoji }: EmojiPickerProps): ReactNode {
  const t = useTranslations('attach');
  const language = useLanguage();
  return (
    <Picker.Root
      data-testid="emoji-picker"
      locale={language}
      emojibaseUrl="/emojibase"
      columns={8}
      onEmojiSelect={({ emoji }) => onEmoji(emoji)}
      className="isolate flex h-80 w-80 max-w-[calc(100vw-24px)] flex-col rounded-card bg-surface text-ink"
    >
      <Picker.Search
        autoFocus
        aria-label={t('emojiSearch')}
        placeholder={t('emojiSearch')}
        className="m-2 h-9 rounded-control border border-line bg-bg px-3 text-body pointer-coarse:text-title"
      />
      <Picker.Viewport className="relative min-h-0 flex-1 outline-none">
        <Picker.Loading className="absolute inset-0 flex items-center justify-center text-second text-soft">
          {t('emojiLoading')}
        </Picker.Loading>
        <Picker.Empty className="absolute inset-0 flex items-center justify-center text-second text-soft">
          {t('emojiNone')}
        </Picker.Empty>
        <Picker.List
          className="pb-2 select-none"
          components={{
            CategoryHeader: ({ category, ...props }) => (
              <div {...props} className="bg-surface px-3 py-1 text-meta font-semibold text-soft">
                {category.label}
              </div>
            ),
            // The library counts from 0 and finds its rows by that; ARIA counts from 1, and 0 is no place in it.
            Row: ({ children, ...props }) => (
              <div {...props} aria-rowindex={props['aria-rowindex'] || undefined} className="px-2">
                {children}
              </div>
            ),
            Emoji: ({ emoji, ...props }) => (
              <button
                type="button"
                {...props}
                aria-colindex={(props['aria-colindex'] ?? 0) + 1}
                className="flex size-9 items-center justify-center rounded-control text-title data-active:bg-sunken"
              >
                {emoji.emoji}
              </button>
            ),
          }}
        />
      </Picker.Viewport>
    </Picker.Root>
  );
}
