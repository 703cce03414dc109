'use client';
// The end of the panel: blocking the person, and deleting the conversation. Both ask first.
import type { Contact, Conversation } from '@pulseline/protocol';
import { Ban, Trash2 } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Failure, useAction } from '../controls.tsx';
import { showDetails } from '../details-state.ts';
import { live } from '../live.ts';
import { openConversation } from '../open-conversation.ts';
import { offerUndo } from '../undo.tsx';
import { block, deleteConversation, readContact } from './calls.ts';
import { Confirm } from './confirm.tsx';
import { Act, Section } from './parts.tsx';

export function Ending({ conversation }: { readonly conversation: Conversation }): ReactNode {
  const t = useTranslations('panel');
  const { id, name, kind, account, address, readOnly } = conversation;
  const contact = useContact(conversation);
  const [asking, setAsking] = useState<'block' | 'delete'>();
  const action = useAction();
  const blocked = contact?.blocked === true;
  const close = (): void => setAsking(undefined);
  const set = (on: boolean): Promise<unknown> => block(account, address, on);
  return (
    <Section>
      <div className="-mx-2">
        {kind === 'person' && readOnly !== true && (
          <>
            {blocked && <p className="px-2 pb-1 text-second text-warn">{t('blocked')}</p>}
            <Act
              icon={Ban}
              danger={!blocked}
              text={blocked ? t('unblock') : t('block')}
              disabled={action.busy}
              onPress={() => (blocked ? void action.run(() => set(false)) : setAsking('block'))}
            />
          </>
        )}
        <Act icon={Trash2} danger text={t('delete')} onPress={() => setAsking('delete')} />
      </div>
      <Failure error={action.error} />
      {asking === 'block' && (
        <Confirm
          title={t('blockTitle', { name })}
          text={t('blockText')}
          go={t('block')}
          act={async () => {
            await set(true);
            offerUndo(t('blockedDone', { name }), () => set(false));
          }}
          onClose={close}
        />
      )}
      {asking === 'delete' && (
        <Confirm
          title={t('deleteTitle', { name })}
          text={t('deleteText')}
          go={t('delete')}
          act={async () => {
            await deleteConversation(id);
            showDetails(false);
            openConversation(undefined);
          }}
          onClose={close}
        />
      )}
    </Section>
  );
}

/** What is known of the person, as it changes. */
function useContact(conversation: Conversation): Contact | undefined {
  const { account, address, kind } = conversation;
  const [contact, setContact] = useState<Contact>();
  useEffect(() => {
    if (kind !== 'person') return;
    let current = true;
    const isThis = (one: Contact): boolean =>
      one.account === account && (one.address === address || one.lid === address);
    const stop = live().on('contact_update', ({ data }) => {
      if (isThis(data)) setContact(data);
    });
    // Out of reach: the next look asks again.
    readContact(conversation).then(
      (found) => current && setContact(found),
      () => undefined,
    );
    return () => {
      current = false;
      stop();
    };
    // Not on the conversation itself: it changes with every message.
  }, [account, address, kind]);
  return contact;
}
