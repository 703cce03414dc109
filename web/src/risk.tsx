'use client';
// The warning that stands before the first QR code of a real phone, with the box that accepts it.
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';

export interface RiskProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Risk({ checked, onChange }: RiskProps): ReactNode {
  const t = useTranslations('risk');
  return (
    <div className="flex flex-col gap-2 rounded-control bg-note p-3 text-on-note">
      <p className="font-semibold">{t('title')}</p>
      <p className="text-second">{t('text')}</p>
      <label className="flex min-h-9 items-center gap-2 font-semibold pointer-coarse:min-h-11">
        <input
          type="checkbox"
          className="size-4 accent-(--accent)"
          checked={checked}
          onChange={(event) => onChange(event.target.checked)}
        />
        {t('accept')}
      </label>
    </div>
  );
}
