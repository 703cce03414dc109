// The mark: a heartbeat line that becomes the edge of a speech bubble, one stroke. Flat, it says that nothing beats.
import clsx from 'clsx';
import type { ReactNode } from 'react';

const BEATING = 'M6.5 12h2.2l1.8-4 3 8 1.8-4H21A9 9 0 1 0 4 16.1L2.5 21.5 7.9 20';
const FLAT = 'M6.5 12H21A9 9 0 1 0 4 16.1L2.5 21.5 7.9 20';

export interface MarkProps {
  readonly size?: number;
  readonly flat?: boolean;
  /** Changes with each message that passes: one beat travels along the line. */
  readonly beat?: number;
  readonly className?: string;
}

export function Mark({ size = 24, flat = false, beat, className }: MarkProps): ReactNode {
  return (
    <svg
      aria-hidden
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={clsx('shrink-0', className)}
    >
      <path d={flat ? FLAT : BEATING} />
      {beat !== undefined && beat > 0 && !flat && (
        <circle key={beat} cx="7" cy="12" r="1.6" fill="currentColor" className="animate-beat opacity-0" />
      )}
    </svg>
  );
}
