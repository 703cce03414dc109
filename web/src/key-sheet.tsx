'use client';
// Every key there is, in one sheet.
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Dialog } from './dialog.tsx';
import { Words } from './language.tsx';
import { usePreferences } from './preferences.ts';
import { keysWords as keysEn } from './words/keys.en.ts';
import { keysWords } from './words/keys.ts';

const words = { zh: keysWords, en: keysEn } as const;

export function KeySheet(props: { readonly onClose: () => void }): ReactNode {
  return (
    <Words of={words}>
      <Sheet {...props} />
    </Words>
  );
}

function Sheet({ onClose }: { readonly onClose: () => void }): ReactNode {
  const t = useTranslations('keys');
  const single = usePreferences((preferences) => preferences.keys);
  const enter = usePreferences((preferences) => preferences.enter);
  const ctrl = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';
  const rows = [
    { keys: [[ctrl, 'K']], text: t('palette') },
    { keys: [['Alt', '↓'], ...(single ? [['J']] : [])], text: t('next') },
    { keys: [['Alt', '↑'], ...(single ? [['K']] : [])], text: t('previous') },
    { keys: [['Alt', 'I'], ...(single ? [[']']] : [])], text: t('details') },
    { keys: [enter === 'send' ? ['Enter'] : [ctrl, 'Enter']], text: t('send') },
    { keys: [[enter === 'send' ? 'Shift' : '', 'Enter'].filter(Boolean)], text: t('newline') },
    { keys: [['Esc']], text: t('close') },
    { keys: [[ctrl, '/'], ...(single ? [['?']] : [])], text: t('sheet') },
  ];
  return (
    <Dialog title={t('title')} onClose={onClose}>
      <dl className="grid grid-cols-[1fr_auto] items-center gap-x-6 gap-y-2">
        {rows.map(({ keys, text }) => (
          <div key={text} className="contents">
            <dt>{text}</dt>
            <dd className="flex items-center gap-2">
              {keys.map((chord) => (
                <span key={chord.join()} className="flex gap-1">
                  {chord.map((key) => (
                    <kbd
                      key={key}
                      className="min-w-7 rounded-control border border-line bg-sunken px-1.5 py-0.5 text-center font-mono text-meta"
                    >
                      {key}
                    </kbd>
                  ))}
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <p className="text-second text-faint">{t('typing')}</p>
    </Dialog>
  );
}
