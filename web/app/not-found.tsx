// Any address that is no page.
import type { ReactNode } from 'react';
import { Missing } from '../src/missing.tsx';

export default function NotFound(): ReactNode {
  return <Missing />;
}
