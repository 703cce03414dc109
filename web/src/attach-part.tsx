'use client';
// Everything about files around the composer, with its words, as one part that is loaded beside the first look: the tray, the recorder, the tools.
import type { ReactNode } from 'react';
import { AttachmentTray, type AttachmentTrayProps } from './attachment-tray.tsx';
import { ComposerTools, type ComposerToolsProps } from './composer-tools.tsx';
import { Words } from './language.tsx';
import { VoiceRecorder, type VoiceRecorderProps } from './voice-recorder.tsx';
import { attachWords as en } from './words/attach.en.ts';
import { attachWords as zh } from './words/attach.ts';

const words = { zh, en } as const;

export function Tray(props: AttachmentTrayProps): ReactNode {
  return (
    <Words of={words}>
      <AttachmentTray {...props} />
    </Words>
  );
}

export function Recorder(props: VoiceRecorderProps): ReactNode {
  return (
    <Words of={words}>
      <VoiceRecorder {...props} />
    </Words>
  );
}

export function Tools(props: ComposerToolsProps): ReactNode {
  return (
    <Words of={words}>
      <ComposerTools {...props} />
    </Words>
  );
}
