'use client';
// Files that are to be sent, per conversation: chosen, uploaded with their progress, sent in the order in which they stand. They live as long as the tab.
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { sendFile, type Uploaded, type Uploading, upload } from './media-calls.ts';

export type FileKind = 'image' | 'video' | 'audio' | 'voice' | 'document';

export interface Attached {
  readonly key: string;
  readonly file: File;
  readonly kind: FileKind;
  /** Of a picture, for the tray. */
  readonly preview: string | undefined;
  /** What is known of a recording, in the words of the upload. */
  readonly more: Readonly<Record<string, string>>;
  readonly caption: string;
  /** Of the upload, 0 to 1. */
  readonly part: number;
  readonly state: 'uploading' | 'ready' | 'sending' | 'failed';
  readonly error: unknown;
}

/** So many files stand in a tray at most. */
const MAX_FILES = 20;

type Trays = ReadonlyMap<string, readonly Attached[]>;
const store = createStore<{ readonly trays: Trays }>(() => ({ trays: new Map() }));
const uploads = new Map<string, Uploading>();
const nothing: readonly Attached[] = [];

export function useAttached(conversation: string): readonly Attached[] {
  return useStore(store, ({ trays }) => trays.get(conversation) ?? nothing);
}

function change(conversation: string, to: (files: readonly Attached[]) => readonly Attached[]): void {
  store.setState(({ trays }) => {
    const next = new Map(trays);
    const files = to(next.get(conversation) ?? nothing);
    if (files.length === 0) next.delete(conversation);
    else next.set(conversation, files);
    return { trays: next };
  });
}

function set(conversation: string, key: string, to: Partial<Attached>): void {
  change(conversation, (files) => files.map((one) => (one.key === key ? { ...one, ...to } : one)));
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
  const room = MAX_FILES - (store.getState().trays.get(conversation)?.length ?? 0);
  const taken = files.slice(0, Math.max(0, room)).map((file): Attached => {
    const kind = as ?? kindOf(file);
    const preview = kind === 'image' ? URL.createObjectURL(file) : undefined;
    const fresh = { caption: '', part: 0, state: 'uploading', error: undefined } as const;
    return { key: crypto.randomUUID(), file, kind, preview, more, ...fresh };
  });
  change(conversation, (before) => [...before, ...taken]);
  for (const one of taken) void bring(conversation, one);
  return files.length - taken.length;
}

async function bring(conversation: string, { key, file, kind, more }: Attached): Promise<Uploaded | undefined> {
  set(conversation, key, { state: 'uploading', part: 0, error: undefined });
  const uploading = upload(file, kind, more, (part) => set(conversation, key, { part }));
  uploads.set(key, uploading);
  try {
    const done = await uploading.done;
    set(conversation, key, { state: 'ready', part: 1 });
    return done;
  } catch (error) {
    set(conversation, key, { state: 'failed', error });
    return undefined;
  }
}

export function detach(conversation: string, key: string): void {
  uploads.get(key)?.cancel();
  uploads.delete(key);
  change(conversation, (files) =>
    files.filter((one) => {
      if (one.key === key && one.preview !== undefined) URL.revokeObjectURL(one.preview);
      return one.key !== key;
    }),
  );
}

export function retryUpload(conversation: string, one: Attached): void {
  void bring(conversation, one);
}

export function setCaption(conversation: string, key: string, caption: string): void {
  set(conversation, key, { caption });
}

const sending = new Set<string>();

/** Sends what stands in the tray, one after the other; the first that fails stops it, and stays with its reason. */
export async function sendAttached(conversation: string, text: string, quote: string | undefined): Promise<void> {
  if (sending.has(conversation)) return;
  sending.add(conversation);
  try {
    let words = text;
    let about = quote;
    for (const { key } of store.getState().trays.get(conversation) ?? nothing) {
      // Under a voice message no words can stand.
      const caption = (one: Attached): string => (one.kind === 'voice' ? '' : one.caption || words);
      if (!(await sendOne(conversation, key, caption, about))) return;
      words = '';
      about = undefined;
    }
  } finally {
    sending.delete(conversation);
  }
}

async function sendOne(
  conversation: string,
  key: string,
  caption: (one: Attached) => string,
  quote: string | undefined,
): Promise<boolean> {
  const one = store
    .getState()
    .trays.get(conversation)
    ?.find((each) => each.key === key);
  // Taken out in the meantime.
  if (one === undefined) return true;
  try {
    const { id } = await (uploads.get(key)?.done ?? Promise.reject(one.error));
    set(conversation, key, { state: 'sending' });
    // The key is the command: sent again after a lost answer, it is the same message.
    await sendFile({ conversation, commandId: key, kind: one.kind, media: id, caption: caption(one), quote });
    detach(conversation, key);
    return true;
  } catch (error) {
    set(conversation, key, { state: 'failed', error });
    return false;
  }
}
