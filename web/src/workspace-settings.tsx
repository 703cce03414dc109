'use client';
// What holds for the whole team: the time zone that all times are told in, and how much is kept here. The zone is kept at once and reaches everybody.
import { shape, type Workspace, workspace } from '@pulseline/protocol';
import clsx from 'clsx';
import { Check } from 'lucide-react';
import Link from 'next/link';
import { type ReactNode, useEffect, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button, Failure, inputLook, useAction } from './controls.tsx';
import { changeInbox, useDesk } from './desk.ts';
import { sizeText } from './media-address.ts';
import { call } from './rest.ts';

const { integer, object, optional } = shape;
const answer = object({
  ...workspace.fields,
  media: object({ files: integer(), bytes: integer(), pending: integer(), budget: optional(integer()) }),
});
type Space = shape.Of<typeof answer>['media'];

async function changeTimeZone(timeZone: string | null): Promise<void> {
  const { media: _, ...changed }: Workspace & { readonly media: Space } = await call(
    'PATCH',
    '/api/workspace',
    answer,
    { timeZone },
  );
  changeInbox((inbox) => ({ ...inbox, workspace: changed }));
}

export function WorkspaceSettings(): ReactNode {
  const t = useTranslations('settings');
  return (
    <section
      aria-label={t('workspace')}
      data-testid="workspace-settings"
      className="divide-y divide-line rounded-card border border-line bg-surface"
    >
      <TimeZone />
      <Storage />
    </section>
  );
}

function TimeZone(): ReactNode {
  const t = useTranslations('settings');
  const field = useId();
  const timeZone = useDesk(({ inbox }) => inbox.workspace.timeZone);
  const joined = useDesk((desk) => desk.joined);
  const action = useAction();
  const [saved, setSaved] = useState(false);
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = new Set([...(timeZone === undefined ? [] : [timeZone]), ...Intl.supportedValuesOf('timeZone')]);
  return (
    <div className="flex flex-wrap items-center gap-x-6 gap-y-3 p-4">
      <label htmlFor={field} className="w-full font-semibold sm:w-48">
        {t('timeZone')}
      </label>
      <select
        id={field}
        data-testid="time-zone"
        value={timeZone ?? ''}
        disabled={!joined || action.busy}
        onChange={async ({ target: { value } }) => {
          setSaved(false);
          setSaved(await action.run(() => changeTimeZone(value === '' ? null : value)));
        }}
        className={clsx(inputLook, 'sm:w-80')}
      >
        <option value="">{t('timeZoneOwn', { zone: own })}</option>
        {[...zones].map((zone) => (
          <option key={zone} value={zone}>
            {zone}
          </option>
        ))}
      </select>
      <span role="status" className="text-ok empty:hidden">
        {saved && (
          <span className="flex items-center gap-1">
            <Check aria-hidden size={16} strokeWidth={1.75} />
            {t('saved')}
          </span>
        )}
      </span>
      <p className="w-full text-second text-faint">{t('timeZoneText')}</p>
      <Failure error={action.error} />
    </div>
  );
}

function Storage(): ReactNode {
  const t = useTranslations('settings');
  const actions = useTranslations('actions');
  const accounts = useDesk(({ inbox }) => inbox.accounts);
  const [space, setSpace] = useState<Space>();
  const action = useAction();
  const read = (): Promise<boolean> =>
    action.run(async () => setSpace((await call('GET', '/api/workspace', answer)).media));
  useEffect(() => {
    void read();
    // Once: `read` is another function each time.
  }, []);
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap gap-x-6 gap-y-1">
        <h2 className="w-full font-semibold sm:w-48">{t('files')}</h2>
        <p data-testid="space" className="min-h-5">
          {space !== undefined && told(t, space)}
        </p>
        {space?.budget !== undefined && (
          <progress
            aria-label={t('files')}
            value={Math.min(space.bytes, space.budget)}
            max={space.budget}
            className="h-1 w-full accent-(--accent)"
          />
        )}
        <p className="w-full text-second text-faint">
          {t(space?.budget === undefined ? 'filesNoBudget' : 'filesFull')}
          {space !== undefined && space.pending > 0 && ` ${t('filesPending', { n: String(space.pending) })}`}
        </p>
        <Failure error={action.error}>
          <Button className="mt-2" onClick={() => void read()}>
            {actions('retry')}
          </Button>
        </Failure>
      </div>
      {accounts.size > 0 && (
        <div className="flex flex-wrap gap-x-6 gap-y-1">
          <h2 className="w-full font-semibold sm:w-48">{t('kept')}</h2>
          <ul className="min-w-0">
            {[...accounts.values()].map(({ id, label, retentionDays }) => (
              <li key={id} dir="auto">
                {retentionDays === undefined ? t('keptForEver', { label }) : t('keptDays', { label, n: retentionDays })}
              </li>
            ))}
          </ul>
          <p className="w-full text-second text-faint">
            {t('keptText')}{' '}
            <Link href="/" className="text-info underline">
              {t('keptOpen')}
            </Link>
          </p>
        </div>
      )}
    </div>
  );
}

function told(t: ReturnType<typeof useTranslations<'settings'>>, { files, bytes, budget }: Space): string {
  const words = { files: String(files), size: sizeText(bytes) };
  return budget === undefined ? t('filesText', words) : t('filesBudget', { ...words, budget: sizeText(budget) });
}
