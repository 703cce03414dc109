'use client';
// Takes files that are dropped anywhere over the page for the open conversation, and names it before they fall.
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { attach } from './attachments.ts';

export function DropTarget({
  conversation,
  name,
}: {
  readonly conversation: string;
  readonly name: string;
}): ReactNode {
  const t = useTranslations('composer');
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  useEffect(() => {
    const carries = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
    const enter = (event: DragEvent): void => {
      if (!carries(event)) return;
      depth.current += 1;
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (!carries(event)) return;
      depth.current = Math.max(0, depth.current - 1);
      if (depth.current === 0) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!carries(event)) return;
      depth.current = 0;
      setOver(false);
      attach(conversation, [...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, [conversation]);
  if (!over) return null;
  return (
    <div
      data-testid="drop-target"
      className="pointer-events-none fixed inset-4 z-40 flex items-center justify-center rounded-card border-2 border-dashed border-accent bg-wash text-title font-semibold text-accent"
    >
      {t('dropHere', { name })}
    </div>
  );
}
