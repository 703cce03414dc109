'use client';
// The dialog that brings in a chat which a phone has exported: choose the file, see what was understood of it, then import. It keeps nothing of the file.
import { type Account, dateOrders, imported, importPreview, type shape } from '@pulseline/protocol';
import { FileText } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button, Failure, Field, inputLook, useAction } from './controls.tsx';
import { Dialog } from './dialog.tsx';
import { usePlace, Words } from './language.tsx';
import { sendForm } from './rest.ts';
import { fullTime } from './time.ts';
import { importingWords as importingEn } from './words/importing.en.ts';
import { importingWords } from './words/importing.ts';
import { kindsWords as kindsEn } from './words/kinds.en.ts';
import { kindsWords } from './words/kinds.ts';

type Preview = shape.Of<typeof importPreview>;

const words = { zh: { ...importingWords, ...kindsWords }, en: { ...importingEn, ...kindsEn } } as const;

export function ImportDialog(props: ImportProps): ReactNode {
  return (
    <Words of={words}>
      <Importing {...props} />
    </Words>
  );
}

interface ImportProps {
  readonly account: Account;
  readonly onClose: () => void;
}

function Importing({ account, onClose }: ImportProps): ReactNode {
  const t = useTranslations('importing');
  const actions = useTranslations('actions');
  const router = useRouter();
  const action = useAction();
  const [file, setFile] = useState<File>();
  const [found, setFound] = useState<Preview>();
  const [name, setName] = useState('');
  const [me, setMe] = useState('');
  const path = `/api/accounts/${account.id}/imports`;
  const formOf = (of: File, more: Readonly<Record<string, string>>): FormData => {
    const form = new FormData();
    form.append('timeZone', Intl.DateTimeFormat().resolvedOptions().timeZone);
    for (const [key, value] of Object.entries(more)) form.append(key, value);
    form.append('file', of);
    return form;
  };
  const look = (of: File, more: Readonly<Record<string, string>> = {}): void => {
    setFile(of);
    setFound(undefined);
    void action.run(async () => {
      const seen = await sendForm(path, importPreview, formOf(of, { preview: 'true', ...more }));
      setFound(seen);
      setName(seen.name);
      setMe(seen.me ?? '');
    });
  };
  const begin = async (): Promise<void> => {
    if (file === undefined || found === undefined) return;
    const chosen = { name, dateOrder: found.dateOrder, me };
    const done = await action.run(async () => {
      const made = await sendForm(path, imported, formOf(file, chosen));
      router.push(`/inbox?c=${encodeURIComponent(made.conversation.id)}`);
    });
    if (done) onClose();
  };
  return (
    <Dialog title={t('title')} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void begin();
        }}
      >
        <p className="text-soft">{t('how')}</p>
        <label className="flex h-9 cursor-pointer items-center gap-2 rounded-control border border-dashed border-line px-3 text-soft focus-within:outline-2 focus-within:outline-accent hover:bg-sunken pointer-coarse:h-11">
          <FileText aria-hidden size={16} strokeWidth={1.75} className="shrink-0" />
          <span dir="auto" className="min-w-0 truncate">
            {file?.name ?? t('file')}
          </span>
          <input
            type="file"
            accept=".zip,.txt"
            aria-label={t('file')}
            className="sr-only"
            onChange={(event) => {
              const chosen = event.target.files?.[0];
              if (chosen !== undefined) look(chosen);
            }}
          />
        </label>
        <Failure error={action.error} />
        {found !== undefined && file !== undefined && (
          <>
            <Understood found={found} />
            {found.ambiguous && (
              <label className="flex flex-col gap-1">
                <span className="text-second text-soft">{t('dateOrder')}</span>
                <select
                  value={found.dateOrder}
                  className={inputLook}
                  onChange={(event) => look(file, { dateOrder: event.target.value })}
                >
                  {dateOrders.map((order) => (
                    <option key={order} value={order}>
                      {t(order)}
                    </option>
                  ))}
                </select>
              </label>
            )}
            <Field
              label={t('name')}
              required
              maxLength={300}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
            <label className="flex flex-col gap-1">
              <span className="text-second text-soft">{t('me')}</span>
              <select value={me} className={inputLook} onChange={(event) => setMe(event.target.value)}>
                <option value="">{t('nobody')}</option>
                {found.people.map((person) => (
                  <option key={person.name} value={person.name}>
                    {t('person', { name: person.name, n: String(person.messages) })}
                  </option>
                ))}
              </select>
            </label>
          </>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{actions('cancel')}</Button>
          <Button type="submit" look="primary" disabled={action.busy || found === undefined}>
            {t('go')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Understood({ found }: { readonly found: Preview }): ReactNode {
  const t = useTranslations('importing');
  const kinds = useTranslations('kind');
  const place = usePlace();
  const { messages, from, to, skipped, sample } = found;
  return (
    <div data-testid="import-preview" className="flex flex-col gap-1 rounded-control bg-sunken p-3 text-second">
      <p className="font-semibold">
        {t('found', { n: String(messages), from: fullTime(from, place), to: fullTime(to, place) })}
      </p>
      {skipped > 0 && <p className="text-warn">{t('skipped', { n: String(skipped) })}</p>}
      {sample.map(({ at, author, kind, body }, index) => (
        <p key={index} dir="auto" className="truncate text-soft">
          {fullTime(at, place)} {author !== undefined && `${author}: `}
          {kind !== 'text' && kind !== 'system' && `[${kinds(kind)}] `}
          {body}
        </p>
      ))}
    </div>
  );
}
