// The few icons that stand on every message, each as one path whose look is in the style sheet: a log draws hundreds of them in a second, and every attribute costs.
import clsx from 'clsx';
import type { ReactNode } from 'react';

/** Of lucide, as the other icons. */
const paths = {
  pending: 'M22 12a10 10 0 1 1-20 0a10 10 0 0 1 20 0M12 6v6l4 2',
  sent: 'M20 6 9 17l-5-5',
  twice: 'M18 6 7 17l-5-5m20-2-7.5 7.5L13 16',
  error: 'M22 12a10 10 0 1 1-20 0a10 10 0 0 1 20 0M12 8v4m0 4h.01',
  down: 'm6 9 6 6 6-6',
} as const;

export type GlyphName = keyof typeof paths;

/** 16 px. */
export function Glyph({ name, className }: { readonly name: GlyphName; readonly className?: string }): ReactNode {
  return (
    <svg aria-hidden viewBox="0 0 24 24" className={clsx('glyph', className)}>
      <path d={paths[name]} />
    </svg>
  );
}
