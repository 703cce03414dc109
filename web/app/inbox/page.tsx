// /inbox
import type { ReactNode } from 'react';
import { Inbox } from '../../src/inbox.tsx';

export default function Page(): ReactNode {
  return <Inbox />;
}
