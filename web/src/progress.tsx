// How far a file is on its way, as a thin line. It moves nothing itself.
import clsx from 'clsx';
import type { ReactNode } from 'react';

/** `part` is 0 to 1. */
export function Progress(props: {
  readonly label: string;
  readonly part: number;
  readonly className?: string;
}): ReactNode {
  const percent = Math.round(props.part * 100);
  return (
    <span
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className={clsx('block h-1 overflow-hidden bg-line', props.className)}
    >
      <span className="block h-full bg-accent" style={{ width: `${percent}%` }} />
    </span>
  );
}
