// /
import type { ReactNode } from 'react';
import { Dashboard } from '../src/accounts-page.tsx';

export default function Page(): ReactNode {
  return <Dashboard />;
}
