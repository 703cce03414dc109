'use client';
// The dialog that begins something from a chosen account: a conversation with a contact or a number, a new group, a group that one has a link to.
import type { Account } from '@pulseline/protocol';
import { type ReactNode, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button, Failure, Field, inputLook, useAction } from './controls.tsx';
import { startConversation } from './conversation-calls.ts';
import { Dialog } from './dialog.tsx';
import { openConversation } from './open-conversation.ts';
import { createGroup, joinGroup } from './panel/calls.ts';
import { PanelWords } from './panel/panel-words.tsx';
import { type Chosen, PeoplePicker } from './panel/people-picker.tsx';
import { readable } from './phone-number.ts';
import { Segments } from './segments.tsx';

/** As WhatsApp has it. */
const LONGEST_SUBJECT = 100;
const ways = ['chat', 'newGroup', 'join'] as const;
type Way = (typeof ways)[number];

export interface StartConversationProps {
  readonly accounts: readonly Account[];
  readonly onClose: () => void;
}

export function StartConversation(props: StartConversationProps): ReactNode {
  return (
    <PanelWords>
      <Starter {...props} />
    </PanelWords>
  );
}

function Starter({ accounts, onClose }: StartConversationProps): ReactNode {
  const t = useTranslations('start');
  const inbox = useTranslations('inbox');
  const [from, setFrom] = useState((accounts.find(({ state }) => state === 'READY') ?? accounts[0])?.id ?? '');
  const [way, setWay] = useState<Way>('chat');
  const action = useAction();
  const go = (open: () => Promise<string>): void => {
    void action.run(async () => openConversation(await open())).then((done) => done && onClose());
  };
  const panel = useId();
  return (
    <Dialog title={inbox('startTitle')} onClose={onClose}>
      <Segments
        label={inbox('startTitle')}
        value={way}
        options={ways.map((value) => ({ value, label: t(value) }))}
        onChoose={setWay}
        controls={panel}
        className="text-second"
      />
      {accounts.length > 1 && (
        <label className="flex flex-col gap-1">
          <span className="text-second text-soft">{t('from')}</span>
          <select value={from} onChange={(event) => setFrom(event.target.value)} className={inputLook}>
            {accounts.map(({ id, label, me }) => (
              <option key={id} value={id}>
                {[label, me && readable(me.phone)].filter(Boolean).join(' · ')}
              </option>
            ))}
          </select>
        </label>
      )}
      <div id={panel} className="flex flex-col gap-4">
        {way === 'chat' && (
          <PeoplePicker
            key={from}
            account={from}
            busy={action.busy}
            onChoose={({ to }) => go(async () => (await startConversation(from, to)).id)}
          />
        )}
        {way === 'newGroup' && (
          <NewGroup
            key={from}
            account={from}
            busy={action.busy}
            onGo={(name, people) => go(() => createGroup(from, name, people))}
          />
        )}
        {way === 'join' && <Join busy={action.busy} onGo={(link) => go(() => joinGroup(from, link))} />}
        {action.busy && (
          <p role="status" className="text-second text-soft">
            {t('busy')}
          </p>
        )}
        <Failure error={action.error} />
      </div>
    </Dialog>
  );
}

interface NewGroupProps {
  readonly account: string;
  readonly busy: boolean;
  readonly onGo: (subject: string, people: readonly string[]) => void;
}

function NewGroup({ account, busy, onGo }: NewGroupProps): ReactNode {
  const t = useTranslations('start');
  const [subject, setSubject] = useState('');
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const ready = subject.trim() !== '' && chosen.length > 0;
  return (
    <>
      <Field
        label={t('subject')}
        autoFocus
        required
        maxLength={LONGEST_SUBJECT}
        value={subject}
        onChange={(event) => setSubject(event.target.value)}
      />
      <PeoplePicker
        account={account}
        chosen={chosen}
        onChoose={(one) =>
          setChosen((now) =>
            now.some(({ to }) => to === one.to) ? now.filter(({ to }) => to !== one.to) : [...now, one],
          )
        }
      />
      <div className="flex justify-end">
        <Button
          look="primary"
          disabled={!ready || busy}
          onClick={() =>
            onGo(
              subject.trim(),
              chosen.map(({ to }) => to),
            )
          }
        >
          {t('create')}
        </Button>
      </div>
    </>
  );
}

function Join({ busy, onGo }: { readonly busy: boolean; readonly onGo: (link: string) => void }): ReactNode {
  const t = useTranslations('start');
  const [link, setLink] = useState('');
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onGo(link.trim());
      }}
    >
      <Field
        label={t('link')}
        autoFocus
        required
        maxLength={200}
        placeholder="https://chat.whatsapp.com/…"
        value={link}
        onChange={(event) => setLink(event.target.value)}
      />
      <div className="flex justify-end">
        <Button type="submit" look="primary" disabled={busy || link.trim() === ''}>
          {t('joinGo')}
        </Button>
      </div>
    </form>
  );
}
