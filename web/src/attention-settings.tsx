'use client';
// What may call the reader, and when not; each choice is effective at once.
import clsx from 'clsx';
import { type ReactNode, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Choice } from './choice.tsx';
import { inputLook } from './controls.tsx';
import { choose, usePreferences } from './preferences.ts';

export function AttentionSettings(): ReactNode {
  const t = useTranslations('settings');
  const { sound, notify, keys } = usePreferences((preferences) => preferences);
  const [permission, setPermission] = useState(() => ('Notification' in window ? Notification.permission : 'denied'));
  const options = [
    { value: 'on', label: t('on') },
    { value: 'off', label: t('off') },
  ] as const;
  const askToNotify = async (): Promise<void> => {
    const answer = permission === 'default' ? await Notification.requestPermission() : permission;
    setPermission(answer);
    choose({ notify: answer === 'granted' });
  };
  return (
    <div className="divide-y divide-line rounded-card border border-line bg-surface">
      <Choice
        name={t('sound')}
        text={t('soundText')}
        value={sound ? 'on' : 'off'}
        options={options}
        onChoose={(value) => choose({ sound: value === 'on' })}
      />
      <Choice
        name={t('notify')}
        text={permission === 'denied' ? t('notifyDenied') : t('notifyText')}
        value={notify && permission === 'granted' ? 'on' : 'off'}
        options={options}
        onChoose={(value) => {
          if (value === 'off') choose({ notify: false });
          else void askToNotify();
        }}
      />
      <QuietHours />
      <Choice
        name={t('keys')}
        text={t('keysText')}
        value={keys ? 'on' : 'off'}
        options={options}
        onChoose={(value) => choose({ keys: value === 'on' })}
      />
    </div>
  );
}

const NIGHT = { quietFrom: '22:00', quietTo: '08:00' } as const;

function QuietHours(): ReactNode {
  const t = useTranslations('settings');
  const { quietFrom, quietTo } = usePreferences((preferences) => preferences);
  const on = quietFrom !== '' && quietTo !== '';
  return (
    <Choice
      name={t('quiet')}
      text={t('quietText')}
      value={on ? 'on' : 'off'}
      options={[
        { value: 'on', label: t('on') },
        { value: 'off', label: t('off') },
      ]}
      onChoose={(value) => choose(value === 'on' ? NIGHT : { quietFrom: '', quietTo: '' })}
    >
      {on && (
        <div className="flex flex-wrap gap-x-4 gap-y-2">
          <Time label={t('quietFrom')} value={quietFrom} onChange={(time) => choose({ quietFrom: time })} />
          <Time label={t('quietTo')} value={quietTo} onChange={(time) => choose({ quietTo: time })} />
        </div>
      )}
    </Choice>
  );
}

interface TimeProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (time: string) => void;
}

function Time({ label, value, onChange }: TimeProps): ReactNode {
  const id = useId();
  return (
    <div className="flex items-center gap-2">
      <label htmlFor={id} className="shrink-0 text-second whitespace-nowrap text-soft">
        {label}
      </label>
      <input
        id={id}
        type="time"
        required
        value={value}
        onChange={(event) => {
          // A field that is being cleared is not a choice.
          if (event.target.value !== '') onChange(event.target.value);
        }}
        className={clsx(inputLook, 'w-auto')}
      />
    </div>
  );
}
