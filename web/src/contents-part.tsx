'use client';
// The contents of messages together with their words, as one part that is loaded when the first message needs it.
import type { Message } from '@pulseline/protocol';
import type { ReactNode } from 'react';
import { Contents } from './contents.tsx';
import { Words } from './language.tsx';
import { contentsWords as en } from './words/contents.en.ts';
import { contentsWords as zh } from './words/contents.ts';

const words = { zh, en } as const;

export function ContentsPart({ message }: { readonly message: Message }): ReactNode {
  return (
    <Words of={words}>
      <Contents message={message} />
    </Words>
  );
}
