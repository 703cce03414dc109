// /sandbox
import type { ReactNode } from 'react';
import { Sandbox } from '../../src/sandbox.tsx';

export default function Page(): ReactNode {
  return <Sandbox />;
}
