'use client';
// Files that are to be sent: chosen, uploaded with their progress, and, once the reader has sent them off, sent in the order in which they stood. They live as long as the tab.
import { useMemo } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { onMerge } from './desk.ts';
import { sendFile, type Uploaded, type Uploading, upload } from './media-calls.ts';

export type FileKind = 'image' | 'video' | 'audio' | 'voice' | 'document';

export interface Attached {
  /** Also the command: sent again after a lost answer, it is the same message. */
  readonly key: string;
  readonly conversation: string;
  readonly file: File;
  readonly kind: FileKind;
  /** Of a picture, to be shown before the server has it. */
  readonly preview: string | undefined;
  /** Of a picture, points; known a moment after it was chosen. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  /** What is known of a recording, in the words of the upload. */
  readonly more: Readonly<Record<string, string>>;
  readonly caption: string;
  /** Of the upload, 0 to 1. */
  readonly part: number;
  readonly state: 'uploading' | 'ready' | 'failed';
  /** Undefined while it stands in the tray. */
  readonly sent: { readonly at: number; readonly caption: string; readonly quote: string | undefined } | undefined;
  readonly error: unknown;
}

/** So many files stand in a tray at most. */
const MAX_FILES = 20;
/** Files of this tab on their way, over all conversations. */
const MAX_UNDER_WAY = 100;

type Files = ReadonlyMap<string, Attached>;
const store = createStore<{ readonly files: Files }>(() => ({ files: new Map() }));
const uploads = new Map<string, Uploading>();

/** Those in the tray. */
export function useAttached(conversation: string): readonly Attached[] {
  const files = useStore(store, (state) => state.files);
  return useMemo(() => of(files, conversation, false), [files, conversation]);
}

/** Those that were sent off and are not at the server yet, in their order. */
export function useSending(conversation: string): readonly Attached[] {
  const files = useStore(store, (state) => state.files);
  return useMemo(() => of(files, conversation, true), [files, conversation]);
}

const nothing: readonly Attached[] = [];

function of(files: Files, conversation: string, sent: boolean): readonly Attached[] {
  const found = [...files.values()].filter(
    (one) => one.conversation === conversation && (one.sent !== undefined) === sent,
  );
  return found.length === 0 ? nothing : found;
}

function set(key: string, to: Partial<Attached>): void {
  store.setState(({ files }) => {
    const known = files.get(key);
    return known === undefined ? { files } : { files: new Map(files).set(key, { ...known, ...to }) };
  });
}

/** What it is sent as, by what the browser takes it for. */
function kindOf({ type }: Pick<File, 'type'>): FileKind {
  if (/^image\/(jpeg|png|webp)$/.test(type)) return 'image';
  if (/^video\/(mp4|quicktime|webm|3gpp)$/.test(type)) return 'video';
  return type.startsWith('audio/') ? 'audio' : 'document';
}

/** Puts files into the tray and begins to upload them. Answers how many did not fit. */
export function attach(
  conversation: string,
  files: readonly File[],
  as?: FileKind,
  more: Attached['more'] = {},
): number {
  const known = store.getState().files;
  const room = Math.min(MAX_FILES - of(known, conversation, false).length, MAX_UNDER_WAY - known.size);
  const taken = files.slice(0, Math.max(0, room)).map((file): Attached => {
    const kind = as ?? kindOf(file);
    const preview = kind === 'image' ? URL.createObjectURL(file) : undefined;
    const fresh = {
      caption: '',
      part: 0,
      state: 'uploading',
      size: undefined,
      sent: undefined,
      error: undefined,
    } as const;
    return { key: crypto.randomUUID(), conversation, file, kind, preview, more, ...fresh };
  });
  store.setState((state) => ({ files: new Map([...state.files, ...taken.map((one) => [one.key, one] as const)]) }));
  for (const one of taken) {
    void bring(one);
    void measure(one);
  }
  return files.length - taken.length;
}

/** So that the bubble has the size of the picture from the beginning. */
async function measure({ key, preview }: Attached): Promise<void> {
  if (preview === undefined) return;
  const picture = new Image();
  picture.src = preview;
  try {
    await picture.decode();
    set(key, { size: { width: picture.naturalWidth, height: picture.naturalHeight } });
  } catch {
    // The browser cannot draw it: the server will say what it is.
  }
}

async function bring({ key, file, kind, more }: Attached): Promise<Uploaded | undefined> {
  set(key, { state: 'uploading', part: 0, error: undefined });
  const uploading = upload(file, kind, more, (part) => set(key, { part }));
  uploads.set(key, uploading);
  try {
    const done = await uploading.done;
    set(key, { state: 'ready', part: 1 });
    return done;
  } catch (error) {
    set(key, { state: 'failed', error });
    return undefined;
  }
}

/** Takes it out, wherever it stands; what the server has already is not taken back. */
export function detach(key: string): void {
  uploads.get(key)?.cancel();
  uploads.delete(key);
  store.setState(({ files }) => {
    const preview = files.get(key)?.preview;
    if (preview !== undefined) URL.revokeObjectURL(preview);
    const next = new Map(files);
    next.delete(key);
    return { files: next };
  });
}

/** Uploads it once more; one that was sent off already goes out then. */
export function retryUpload({ key }: Attached): void {
  const one = store.getState().files.get(key);
  if (one === undefined) return;
  // What is up there already is only to be sent.
  if (one.part < 1) void bring(one);
  else set(key, { state: 'ready', error: undefined });
  if (one.sent !== undefined) void work(one.conversation);
}

export function setCaption(key: string, caption: string): void {
  set(key, { caption });
}

/**
 * Sends off what stands in the tray, or only those of one kind; `text` goes under the first file that has no words of its
 * own, the answered message to the first one. Answers the text if no file took it.
 */
export function sendAttached(conversation: string, text: string, quote?: string, only?: FileKind): string {
  let words = text;
  let about = quote;
  for (const { key, kind, caption } of of(store.getState().files, conversation, false)) {
    if (only !== undefined && kind !== only) continue;
    // Under a voice message no words can stand.
    const takes = kind !== 'voice' && caption === '';
    set(key, { sent: { at: Date.now(), caption: takes ? words : caption, quote: about } });
    if (takes) words = '';
    about = undefined;
  }
  void work(conversation);
  return words;
}

const working = new Set<string>();

/** One after the other, in the order in which they stood; one that failed waits for the reader, and lets the others by. */
async function work(conversation: string): Promise<void> {
  if (working.has(conversation)) return;
  working.add(conversation);
  try {
    for (let next = nextOf(conversation); next !== undefined; next = nextOf(conversation)) await sendOne(next);
  } finally {
    working.delete(conversation);
  }
}

function nextOf(conversation: string): Attached | undefined {
  return of(store.getState().files, conversation, true).find(({ state }) => state !== 'failed');
}

async function sendOne({ key, kind, sent }: Attached): Promise<void> {
  const uploaded = await uploads.get(key)?.done.catch(() => undefined);
  const one = store.getState().files.get(key);
  // Taken out in the meantime, or the upload failed and says so itself.
  if (one === undefined || one.state === 'failed' || sent === undefined) return;
  if (uploaded === undefined) return set(key, { state: 'failed' });
  try {
    const { caption, quote } = sent;
    await sendFile({ conversation: one.conversation, commandId: key, kind, media: uploaded.id, caption, quote });
    detach(key);
  } catch (error) {
    set(key, { state: 'failed', error });
  }
}

/** The conversation has become part of another one. */
function moveAttached(from: string, into: string): void {
  store.setState(({ files }) => ({
    files: new Map(
      [...files].map(([key, one]) => [key, one.conversation === from ? { ...one, conversation: into } : one] as const),
    ),
  }));
  void work(into);
}

onMerge(moveAttached);
