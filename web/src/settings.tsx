'use client';
// What the reader can choose, each effective at once, and what runs here.
import clsx from 'clsx';
import { type ReactNode, useId } from 'react';
import { useTranslations } from 'use-intl';
import { apiBase } from './api-base.ts';
import { useLinkState } from './connection.tsx';
import { Failure, inputLook } from './controls.tsx';
import { usePlace } from './language.tsx';
import { choose, usePreferences } from './preferences.ts';
import { useServerStatus } from './server-status.ts';
import { PageBody, PageHeader } from './shell.tsx';
import { fullTime } from './time.ts';

export function Settings(): ReactNode {
  const t = useTranslations('settings');
  const language = usePreferences((preferences) => preferences.language);
  const theme = usePreferences((preferences) => preferences.theme);
  const enter = usePreferences((preferences) => preferences.enter);
  return (
    <>
      <PageHeader title={t('title')} />
      <PageBody>
        <div className="flex max-w-2xl flex-col gap-6 p-4 md:p-6">
          <div className="divide-y divide-line rounded-card border border-line bg-surface">
            <Name />
            <Choice
              name={t('language')}
              text={t('languageText')}
              value={language}
              options={[
                { value: 'zh', label: '中文' },
                { value: 'en', label: 'English' },
              ]}
              onChoose={(value) => choose({ language: value })}
            />
            <Choice
              name={t('theme')}
              text={t('themeText')}
              value={theme}
              options={[
                { value: 'system', label: t('themeSystem') },
                { value: 'light', label: t('themeLight') },
                { value: 'dark', label: t('themeDark') },
              ]}
              onChoose={(value) => choose({ theme: value })}
            />
            <Choice
              name={t('enter')}
              text={t('enterText')}
              value={enter}
              stacked
              options={[
                { value: 'send', label: t('enterSend') },
                { value: 'newline', label: t('enterNewline') },
              ]}
              onChoose={(value) => choose({ enter: value })}
            />
          </div>
          <p className="-mt-3 px-1 text-second text-faint">{t('storage')}</p>
          <About />
        </div>
      </PageBody>
    </>
  );
}

/** What the team calls the reader of this browser. */
function Name(): ReactNode {
  const t = useTranslations('settings');
  const field = useId();
  const name = usePreferences((preferences) => preferences.name);
  const person = usePreferences((preferences) => preferences.person);
  const choice = (given: string) => ({ name: given, person: person || crypto.randomUUID() });
  return (
    <div className="flex flex-wrap items-center gap-x-6 gap-y-3 p-4">
      <label htmlFor={field} className="w-full font-semibold sm:w-48">
        {t('name')}
      </label>
      <input
        id={field}
        value={name}
        maxLength={80}
        autoComplete="nickname"
        onChange={(event) => choose(choice(event.target.value))}
        className={clsx(inputLook, 'sm:w-64')}
      />
      <p className="w-full text-second text-faint">{t('nameText')}</p>
    </div>
  );
}

interface ChoiceProps<T extends string> {
  readonly name: string;
  readonly text: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChoose: (value: T) => void;
  /** One option a line, for long ones. */
  readonly stacked?: boolean;
}

function Choice<T extends string>({
  name,
  text,
  value,
  options,
  onChoose,
  stacked = false,
}: ChoiceProps<T>): ReactNode {
  const group = useId();
  const textId = useId();
  return (
    <fieldset aria-describedby={textId} className="flex flex-wrap items-center gap-x-6 gap-y-3 p-4">
      <legend className="float-left w-full font-semibold sm:w-48">{name}</legend>
      <div
        className={clsx(
          'flex rounded-control border border-line bg-sunken p-0.5',
          stacked ? 'w-full flex-col sm:w-auto' : 'w-full sm:w-auto',
        )}
      >
        {options.map((option) => (
          <label
            key={option.value}
            className={clsx(
              'flex h-8 min-w-0 items-center rounded-control px-3 whitespace-nowrap transition has-focus-visible:outline-2 has-focus-visible:outline-accent pointer-coarse:h-11',
              !stacked && 'flex-1 justify-center',
              option.value === value ? 'bg-surface font-semibold text-accent' : 'text-soft hover:text-ink',
            )}
          >
            <input
              type="radio"
              className="sr-only"
              name={group}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
      <p id={textId} className="w-full text-second text-faint">
        {text}
      </p>
    </fieldset>
  );
}

function About(): ReactNode {
  const t = useTranslations('settings');
  const place = usePlace();
  const link = useLinkState();
  const server = useServerStatus(30_000, link);
  const rows =
    server.state === 'good'
      ? [
          { name: t('version'), value: server.status.version },
          { name: t('server'), value: apiBase() },
          { name: t('instance'), value: server.status.instanceId },
          { name: t('started'), value: fullTime(server.status.startedAt, place) },
        ]
      : [{ name: t('server'), value: apiBase() }];
  return (
    <section className="flex flex-col gap-3 rounded-card border border-line bg-surface p-4">
      <h2 className="text-title font-semibold">{t('about')}</h2>
      <p className="text-soft">{t('aboutText')}</p>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1">
        {rows.map(({ name, value }) => (
          <div key={name} className="contents">
            <dt className="text-soft">{name}</dt>
            <dd className="font-mono text-second">{value}</dd>
          </div>
        ))}
      </dl>
      {server.state === 'bad' && <Failure error={server.error} />}
    </section>
  );
}
