'use client';
// Records a voice message: asks for the microphone, shows how long it is, and hands it over or throws it away. Nothing is sent before the reader says so.
import { SendHorizontal, Trash2 } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button, IconButton, Notice } from './controls.tsx';
import { spanText } from './media-address.ts';

/** Longer ones are cut off here, ms. */
const LONGEST = 15 * 60_000;
const TYPES = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4'] as const;

export interface VoiceRecorderProps {
  readonly onVoice: (file: File, more: Readonly<Record<string, string>>) => void;
  readonly onEnd: () => void;
}

type State = 'asking' | 'refused' | 'none' | 'recording';

export function VoiceRecorder({ onVoice, onEnd }: VoiceRecorderProps): ReactNode {
  const t = useTranslations('attach');
  const actions = useTranslations('actions');
  const [state, setState] = useState<State>('asking');
  const [seconds, setSeconds] = useState(0);
  const recorder = useRef<MediaRecorder>(undefined);
  const keep = useRef(false);
  const done = useRef({ onVoice, onEnd });
  done.current = { onVoice, onEnd };
  useEffect(() => {
    let stream: MediaStream | undefined;
    let over = false;
    let timer: ReturnType<typeof setInterval> | undefined;
    const begin = async (): Promise<void> => {
      if (navigator.mediaDevices?.getUserMedia === undefined || !('MediaRecorder' in window)) return setState('none');
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      } catch (error) {
        const refused = error instanceof DOMException && error.name === 'NotAllowedError';
        if (!over) setState(refused ? 'refused' : 'none');
        return;
      }
      if (over) return stop(stream);
      const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
      const current = new MediaRecorder(stream, mimeType === undefined ? {} : { mimeType });
      recorder.current = current;
      const parts: Blob[] = [];
      const began = performance.now();
      current.ondataavailable = ({ data }) => parts.push(data);
      current.onstop = () => {
        if (stream !== undefined) stop(stream);
        if (over || !keep.current) return;
        const type = current.mimeType.split(';')[0] ?? 'audio/webm';
        const file = new File(parts, `voice.${type.split('/')[1]}`, { type });
        void soundOf(file).then((more) => {
          done.current.onVoice(file, more);
          done.current.onEnd();
        });
      };
      current.start(1_000);
      setState('recording');
      timer = setInterval(() => {
        const passed = performance.now() - began;
        setSeconds(passed / 1_000);
        if (passed >= LONGEST) {
          keep.current = true;
          current.stop();
        }
      }, 250);
    };
    void begin();
    return () => {
      over = true;
      clearInterval(timer);
      if (recorder.current?.state === 'recording') recorder.current.stop();
      if (stream !== undefined) stop(stream);
    };
  }, []);
  if (state === 'refused' || state === 'none') {
    return (
      <div data-testid="recorder" data-state={state} className="mb-2">
        <Notice tone="warn" text={t(state === 'refused' ? 'micRefused' : 'micNone')} fix={t('micFix')}>
          <Button className="mt-2" onClick={onEnd}>
            {actions('close')}
          </Button>
        </Notice>
      </div>
    );
  }
  return (
    <div
      data-testid="recorder"
      data-state={state}
      className="mb-2 flex items-center gap-3 rounded-control bg-bg px-2 py-1"
    >
      <span aria-hidden className="size-2 shrink-0 rounded-full bg-bad" />
      <p className="min-w-0 flex-1 truncate">
        {state === 'asking' ? t('micAsking') : t('recording')} <span className="font-mono">{spanText(seconds)}</span>
      </p>
      <IconButton icon={Trash2} label={t('throwAway')} onClick={onEnd} />
      <IconButton
        icon={SendHorizontal}
        label={t('sendVoice')}
        disabled={state !== 'recording'}
        className="text-accent"
        onClick={() => {
          keep.current = true;
          recorder.current?.stop();
        }}
      />
    </div>
  );
}

const BARS = 64;

/** Its length and how loud it is along its way, in the words of an upload; nothing where the browser cannot read it. */
async function soundOf(file: File): Promise<Readonly<Record<string, string>>> {
  try {
    const sound = await new OfflineAudioContext(1, 1, 44_100).decodeAudioData(await file.arrayBuffer());
    const samples = sound.getChannelData(0);
    const step = Math.max(1, Math.floor(samples.length / BARS));
    const loud = Array.from({ length: BARS }, (_, bar) => {
      let peak = 0;
      for (let at = bar * step; at < (bar + 1) * step; at += 16) peak = Math.max(peak, Math.abs(samples[at] ?? 0));
      return peak;
    });
    const top = Math.max(...loud, 0.01);
    const waveform = loud.map((one) => Math.round((one / top) * 100)).join(',');
    return { duration: String(Math.max(1, Math.round(sound.duration))), waveform };
  } catch {
    return {};
  }
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
