'use client';
// What the reader can choose, each effective at once, and what runs here.
import clsx from 'clsx';
import { PackageOpen } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { apiBase } from './api-base.ts';
import { AttentionSettings } from './attention-settings.tsx';
import { Choice } from './choice.tsx';
import { useLinkState } from './connection.tsx';
import { Button, Failure, inputLook } from './controls.tsx';
import { usePlace, Words } from './language.tsx';
import { choose, chooseName, usePreferences } from './preferences.ts';
import { useServerStatus } from './server-status.ts';
import { PageBody, PageHeader } from './shell.tsx';
import { TeamSettings } from './team-settings.tsx';
import { fullTime } from './time.ts';
import { settingsWords as settingsEn } from './words/settings.en.ts';
import { settingsWords } from './words/settings.ts';
import { WorkspaceSettings } from './workspace-settings.tsx';

const words = { zh: settingsWords, en: settingsEn } as const;

export function Settings(): ReactNode {
  return (
    <Words of={words}>
      <Body />
    </Words>
  );
}

function Body(): ReactNode {
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
          <AttentionSettings />
          <p className="-mt-3 px-1 text-second text-faint">{t('storage')}</p>
          <WorkspaceSettings />
          <TeamSettings />
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
        onChange={(event) => chooseName(event.target.value)}
        className={clsx(inputLook, 'sm:w-64')}
      />
      <p className="w-full text-second text-faint">{t('nameText')}</p>
    </div>
  );
}

const BundleDialog = lazy(() => import('./diagnosis/bundle-dialog.tsx'));

function About(): ReactNode {
  const t = useTranslations('settings');
  const place = usePlace();
  const link = useLinkState();
  const server = useServerStatus(30_000, link);
  const [bundling, setBundling] = useState(false);
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
      <div className="flex flex-wrap items-center gap-3">
        <Button icon={PackageOpen} onClick={() => setBundling(true)}>
          {t('bundle')}
        </Button>
        <p className="min-w-0 flex-1 basis-60 text-second text-faint">{t('bundleText')}</p>
      </div>
      {bundling && (
        <Suspense>
          <BundleDialog onClose={() => setBundling(false)} />
        </Suspense>
      )}
    </section>
  );
}
