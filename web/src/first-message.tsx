'use client';
// One press that lets a sandbox contact write the first message, so that an empty inbox can be seen at work. Real accounts are never written to.
import { MessageCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button, Failure, useAction } from './controls.tsx';
import { createContact, sandboxContacts, writeAsContact } from './sandbox-calls.ts';

/** `account` is a sandbox account that is READY. */
export function FirstMessage({ account }: { readonly account: string }): ReactNode {
  const t = useTranslations('sandbox');
  const action = useAction();
  const write = async (): Promise<void> => {
    const name = t('sampleName');
    const known = (await sandboxContacts()).find((contact) => contact.name === name);
    const { id } = known ?? (await createContact(name));
    await writeAsContact(id, account, t('sampleText'));
  };
  return (
    <>
      <Button
        look="primary"
        icon={MessageCircle}
        data-testid="first-message"
        disabled={action.busy}
        onClick={() => action.run(write)}
      >
        {t('sample')}
      </Button>
      <Failure error={action.error} />
    </>
  );
}
