// /settings
import type { ReactNode } from 'react';
import { Settings } from '../../src/settings.tsx';

export default function Page(): ReactNode {
  return <Settings />;
}
