// Where the bytes of a file lie, and how large it stands on the screen before they are here; it fetches nothing.
import type { Media } from '@pulseline/protocol';
import { apiBase } from './api-base.ts';

export function mediaAddress({ id }: Pick<Media, 'id'>): string {
  return `${apiBase()}/api/media/${encodeURIComponent(id)}`;
}

/** The same to be kept as a file: a browser heeds `download` only where the page itself lies. */
export function downloadAddress(media: Pick<Media, 'id'>): string {
  return `${mediaAddress(media)}?download=1`;
}

/** The tiny picture that came with the message. */
export function thumbnailAddress(base64: string | undefined): string | undefined {
  return base64 !== undefined && /^[A-Za-z0-9+/=]+$/.test(base64) ? `data:image/jpeg;base64,${base64}` : undefined;
}

const WIDEST = 320;
const HIGHEST = 360;
/** Words stand below it, so it is no narrower than a line of them. */
const NARROWEST = 200;
const LOWEST = 120;

/** The box of a picture, px: known before it is loaded, so that nothing moves when it comes. A small picture is enlarged to it, a long one cut. */
export function boxOf({ width = 0, height = 0 }: Pick<Media, 'width' | 'height'>): {
  readonly width: number;
  readonly height: number;
} {
  if (width <= 0 || height <= 0) return { width: 240, height: 180 };
  const fits = Math.min(WIDEST / width, HIGHEST / height);
  const scale = Math.min(fits, Math.max(1, NARROWEST / width));
  return {
    width: Math.max(NARROWEST, Math.round(width * scale)),
    height: Math.max(LOWEST, Math.round(height * scale)),
  };
}

const UNITS = ['B', 'KB', 'MB', 'GB'] as const;

/** `1.4 MB` */
export function sizeText(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log(bytes) / Math.log(1_024)));
  const value = bytes / 1_024 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[step]}`;
}

/** `1:05` of seconds. */
export function spanText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
