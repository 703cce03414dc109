'use client';
// Chooses the conversations to which a message is passed on, and passes it on. Only those of the same account can be chosen: a message never changes the number it is sent from.
import { conversationList } from '@pulseline/client';
import { type Message, message, shape } from '@pulseline/protocol';
import clsx from 'clsx';
import { Check } from 'lucide-react';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Avatar } from './avatar.tsx';
import { Button, Failure, Field, useAction } from './controls.tsx';
import { useDesk } from './desk.ts';
import { Dialog } from './dialog.tsx';
import { Words } from './language.tsx';
import { call } from './rest.ts';
import { forwardWords as en } from './words/forward.en.ts';
import { forwardWords as zh } from './words/forward.ts';

const words = { zh, en } as const;
const sent = shape.object({ message });
/** As WhatsApp has it. */
const MOST = 5;
const SHOWN = 50;

export interface ForwardDialogProps {
  readonly message: Message;
  readonly onClose: () => void;
}

export function ForwardDialog(props: ForwardDialogProps): ReactNode {
  return (
    <Words of={words}>
      <Chooser {...props} />
    </Words>
  );
}

function Chooser({ message: { id, account }, onClose }: ForwardDialogProps): ReactNode {
  const t = useTranslations('forward');
  const actions = useTranslations('actions');
  const inbox = useDesk((desk) => desk.inbox);
  const [q, setQ] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  // One command for each: pressed again after a failure, nothing goes out twice.
  const commands = useRef(new Map<string, string>());
  const action = useAction();
  const shown = useMemo(() => {
    const wanted = q.trim().toLocaleLowerCase();
    return conversationList(inbox)
      .filter((one) => one.account === account && one.readOnly !== true && one.kind !== 'status')
      .filter((one) => wanted === '' || one.name.toLocaleLowerCase().includes(wanted) || one.phone?.includes(wanted))
      .slice(0, SHOWN);
  }, [inbox, account, q]);
  const go = async (): Promise<void> => {
    for (const conversation of chosen) {
      const commandId = commands.current.get(conversation) ?? crypto.randomUUID();
      commands.current.set(conversation, commandId);
      await call('POST', '/api/messages', sent, { commandId, conversation, forward: id });
    }
  };
  return (
    <Dialog title={t('title')} onClose={onClose}>
      <Field
        label={t('search')}
        hideLabel
        placeholder={t('search')}
        value={q}
        onChange={(event) => setQ(event.target.value)}
      />
      <ul data-testid="forward-to" className="flex max-h-72 flex-col overflow-y-auto">
        {shown.map((one) => {
          const on = chosen.includes(one.id);
          return (
            <li key={one.id}>
              <button
                type="button"
                aria-pressed={on}
                disabled={!on && chosen.length >= MOST}
                onClick={() => setChosen(on ? chosen.filter((each) => each !== one.id) : [...chosen, one.id])}
                className={clsx(
                  'flex h-12 w-full items-center gap-3 rounded-control px-2 text-start disabled:text-faint',
                  on ? 'bg-wash' : 'hover:bg-sunken',
                )}
              >
                <Avatar name={one.name} kind={one.kind} className="size-8" />
                <span dir="auto" className="min-w-0 flex-1 truncate">
                  {one.name}
                </span>
                {on && <Check aria-hidden size={16} className="shrink-0 text-accent" />}
              </button>
            </li>
          );
        })}
      </ul>
      <p className="text-second text-faint">{t('most', { n: String(MOST) })}</p>
      <Failure error={action.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{actions('cancel')}</Button>
        <Button
          look="primary"
          disabled={chosen.length === 0 || action.busy}
          onClick={async () => {
            if (await action.run(go)) onClose();
          }}
        >
          {t('go')}
        </Button>
      </div>
    </Dialog>
  );
}
