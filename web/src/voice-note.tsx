'use client';
// A voice message: play, its waveform to see and to seek by pointer or keys, three speeds. One plays at a time.
import type { Media, Message } from '@pulseline/protocol';
import { Pause, Play } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { mediaAddress, spanText } from './media-address.ts';

const SPEEDS = [1, 1.5, 2] as const;
/** What an arrow key moves, seconds. */
const STEP = 5;
const BARS = 64;
const flat: readonly number[] = Array.from({ length: BARS }, () => 12);

let playing: HTMLAudioElement | undefined;

export interface VoiceNoteProps {
  readonly message: Message;
  readonly media: Media;
}

export function VoiceNote({ message, media }: VoiceNoteProps): ReactNode {
  const t = useTranslations('contents');
  const audio = useRef<HTMLAudioElement>(null);
  const [runs, setRuns] = useState(false);
  const [at, setAt] = useState(0);
  const [broken, setBroken] = useState(false);
  const [speed, setSpeed] = useState<(typeof SPEEDS)[number]>(1);
  const [length, setLength] = useState(media.duration ?? 0);
  const bars = media.waveform !== undefined && media.waveform.length > 0 ? media.waveform : flat;
  useEffect(() => {
    const { current } = audio;
    return () => current?.pause();
  }, []);
  const seek = (to: number): void => {
    const { current } = audio;
    if (current === null) return;
    current.currentTime = Math.min(Math.max(0, to), length);
    setAt(current.currentTime);
  };
  const toggle = (): void => {
    const { current } = audio;
    if (current === null) return;
    if (!current.paused) return current.pause();
    if (playing !== current) playing?.pause();
    playing = current;
    current.playbackRate = speed;
    current.play().catch(() => setBroken(true));
  };
  const press = (event: KeyboardEvent): void => {
    const to = { ArrowRight: at + STEP, ArrowLeft: at - STEP, Home: 0, End: length }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    seek(to);
  };
  const name = t(message.kind === 'voice' ? 'voiceFrom' : 'audioFrom', {
    name: message.authorName ?? '',
    time: spanText(length),
  });
  return (
    <div data-testid="voice" className="mb-1 flex h-12 w-72 max-w-full items-center gap-2">
      <audio
        ref={audio}
        src={mediaAddress(media)}
        preload="none"
        onPlay={() => setRuns(true)}
        onPause={() => setRuns(false)}
        onEnded={() => setAt(0)}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onDurationChange={(event) => {
          const { duration } = event.currentTarget;
          if (Number.isFinite(duration)) setLength(duration);
        }}
        onError={() => setBroken(true)}
      />
      <button
        type="button"
        aria-label={`${runs ? t('pause') : t('play')}: ${name}`}
        onClick={toggle}
        className="flex size-10 shrink-0 items-center justify-center rounded-full bg-accent text-on-accent pointer-coarse:size-11"
      >
        {runs ? <Pause aria-hidden size={20} /> : <Play aria-hidden size={20} />}
      </button>
      <div className="min-w-0 flex-1">
        <div
          role="slider"
          tabIndex={0}
          aria-label={t('position')}
          aria-valuemin={0}
          aria-valuemax={Math.round(length)}
          aria-valuenow={Math.round(at)}
          aria-valuetext={`${spanText(at)} / ${spanText(length)}`}
          onKeyDown={press}
          onPointerDown={(event) => {
            const { left, width } = event.currentTarget.getBoundingClientRect();
            seek(((event.clientX - left) / width) * length);
          }}
          className="h-7 cursor-pointer"
        >
          <svg aria-hidden viewBox={`0 0 ${bars.length * 3} 28`} preserveAspectRatio="none" className="size-full">
            {bars.map((loud, index) => {
              const high = Math.max(2, (loud / 100) * 26);
              const heard = length > 0 && index / bars.length < at / length;
              return (
                <rect
                  // Bars stand still.
                  key={`${index} ${loud}`}
                  x={index * 3}
                  y={14 - high / 2}
                  width={2}
                  height={high}
                  className={heard ? 'fill-accent' : 'fill-faint'}
                />
              );
            })}
          </svg>
        </div>
        <p className="text-meta text-soft">{broken ? t('failed') : spanText(at > 0 ? at : length)}</p>
      </div>
      <button
        type="button"
        aria-label={t('speed', { n: String(speed) })}
        onClick={() => {
          const next = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;
          setSpeed(next);
          if (audio.current !== null) audio.current.playbackRate = next;
        }}
        className="h-8 min-w-11 shrink-0 rounded-full bg-bg/60 px-2 text-meta font-semibold text-soft pointer-coarse:h-11"
      >
        {speed}×
      </button>
    </div>
  );
}
