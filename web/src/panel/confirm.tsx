'use client';
// Asks before something that cannot be undone, or that others will see.
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button, Failure, useAction } from '../controls.tsx';
import { Dialog } from '../dialog.tsx';

export interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  readonly go: string;
  readonly act: () => Promise<unknown>;
  readonly onClose: () => void;
}

export function Confirm({ title, text, go, act, onClose }: ConfirmProps): ReactNode {
  const actions = useTranslations('actions');
  const action = useAction();
  return (
    <Dialog title={title} onClose={onClose}>
      <p className="text-soft">{text}</p>
      <Failure error={action.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{actions('cancel')}</Button>
        <Button
          look="danger"
          disabled={action.busy}
          onClick={() => void action.run(act).then((done) => done && onClose())}
        >
          {go}
        </Button>
      </div>
    </Dialog>
  );
}
