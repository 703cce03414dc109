// /test-ws
import type { ReactNode } from 'react';
import { Diagnosis } from '../../src/diagnosis.tsx';

export default function Page(): ReactNode {
  return <Diagnosis />;
}
