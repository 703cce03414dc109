// What becomes of the files of messages: what is shown of them, when they are to be fetched, and what was made of that. The bytes are none of its business.
import { CodedError, type Language, type Media, type Message } from '@pulseline/protocol';
import type { Handler, MediaRow } from '../store/port.ts';
import type { FactOf, MediaFact, MediaSource, SendMedia } from '../whatsapp/port.ts';
import type { Commands, EnqueueSend } from './commands.ts';
import { jobOfMedia, mediaId } from './identifiers.ts';
import { cancelSend } from './status.ts';
import { WorkingCopy } from './working-copy.ts';

/** The file as a new message shows it. `fetch`: it is on its way here by itself. */
export function mediaShown(message: string, { source, ...told }: MediaFact, fetch: boolean): Media {
  const id = mediaId(message);
  // WhatsApp gives some files to the phone alone.
  if (source === undefined) return { id, state: 'gone', reason: 'MEDIA_NOT_SHARED', ...told };
  return { id, state: fetch ? 'pending' : 'remote', ...told };
}

/** Keeps where the file of a message that has just been put lies. */
export function keepMedia(copy: WorkingCopy, message: Message, { media }: { readonly media?: MediaFact }): void {
  if (media === undefined || message.media === undefined) return;
  copy.putMedia({
    id: message.media.id,
    account: message.account,
    message: message.id,
    kind: message.kind,
    media: message.media,
    ...(media.source !== undefined && { source: JSON.stringify(media.source) }),
    isWanted: false,
    createdAt: copy.now,
  });
}

/** What became of an attempt to fetch a file. One whose message has gone meanwhile changes nothing. */
export function foldMedia(copy: WorkingCopy, { id, outcome }: FactOf<'media'>): void {
  const row = copy.media(id);
  if (row === undefined || row.media.state === 'ready') return;
  switch (outcome.state) {
    case 'moved': {
      const source = sourceOf(row);
      if (source) copy.putMedia({ ...row, source: JSON.stringify({ ...source, path: outcome.path }) });
      return;
    }
    case 'ready': {
      const { file, size, mime, state } = outcome;
      return show(copy, { ...row, file, isWanted: false }, { state, size, mime });
    }
    case 'too-large':
      return show(copy, row, { state: outcome.state });
    case 'gone':
    case 'failed':
      return show(copy, { ...row, isWanted: false }, { state: outcome.state, reason: outcome.reason });
  }
}

/** The row was written from a source, in this file and nowhere else. */
function sourceOf({ source }: MediaRow): MediaSource | undefined {
  if (source === undefined) return undefined;
  const parsed: MediaSource = JSON.parse(source);
  return parsed;
}

/** Puts the file's new state into its row and its message, and tells it. */
function show(copy: WorkingCopy, row: MediaRow, now: Pick<Media, 'state'> & Partial<Media>): void {
  const found = row.message === undefined ? undefined : copy.message(row.message);
  const { reason: _, ...before } = found?.message.media ?? row.media;
  const media: Media = { ...before, ...now };
  copy.putMedia({ ...row, media });
  if (found?.message.media === undefined) return;
  const message = { ...found.message, media };
  copy.putMessage({ ...found, message });
  copy.emit('message_update', message);
}

export const addUpload: Handler<Commands['add_upload']['input'], null> = {
  reads: () => ({}),
  decide: (_, { id, kind, media, file }, now) => ({
    changes: [{ put: 'media', row: { id, kind, media, file, isWanted: false, createdAt: Math.floor(now) } }],
    output: null,
  }),
};

export const removeUploads: Handler<Commands['remove_uploads']['input'], null> = {
  reads: () => ({}),
  decide: (_, { ids }) => ({ changes: ids.map((id) => ({ remove: 'media', id }) as const), output: null }),
};

/** The file of a message of ours: how it is shown, what is sent, and the row that keeps its bytes here as long as the message. Errors: UPLOAD_NOT_FOUND. */
export function outgoing(copy: WorkingCopy, message: string, asked: EnqueueSend['media']) {
  if (asked === undefined) return undefined;
  const upload = copy.media(asked.id);
  if (upload?.file === undefined || upload.message !== undefined)
    throw new CodedError('UPLOAD_NOT_FOUND', { id: asked.id });
  const { file } = upload;
  const { id: _, state: __, reason: ___, ...told } = upload.media;
  const { kind } = asked;
  const shown: Media = { ...told, id: mediaId(message), state: 'ready' };
  const sent: SendMedia = { ...told, id: shown.id, kind, file, upload: asked.id };
  const row: MediaRow = {
    id: shown.id,
    account: copy.account.id,
    message,
    kind,
    media: shown,
    file,
    isWanted: false,
    createdAt: copy.now,
  };
  return { shown, sent, row };
}

/** The file of a message that is passed on: under the key and at the place that it has at WhatsApp already, or anew from the bytes here. */
export function passedOn(copy: WorkingCopy, message: string, of: string | undefined) {
  const from = of === undefined ? undefined : copy.message(of)?.message;
  if (from?.media === undefined) return undefined;
  const row = copy.media(from.media.id);
  const kind = mediaKinds.find((each) => each === from.kind);
  if (row === undefined || kind === undefined || (row.file === undefined && row.source === undefined))
    throw new CodedError('MESSAGE_NOT_FORWARDABLE', { detail: 'its file is gone' });
  const { id: _, state: __, reason: ___, ...told } = from.media;
  const { file, source: kept } = row;
  const source = sourceOf(row);
  const shown: Media = { ...told, id: mediaId(message), state: file === undefined ? 'remote' : 'ready' };
  const sent: SendMedia = { ...told, id: shown.id, kind, ...(file && { file }), ...(source && { source }) };
  const next: MediaRow = {
    id: shown.id,
    account: copy.account.id,
    message,
    kind,
    media: shown,
    ...(file && { file }),
    ...(kept && { source: kept }),
    isWanted: false,
    createdAt: copy.now,
  };
  return { shown, sent, row: next };
}

/** The file of a message whose caption is changed, by the place that it has at WhatsApp; undefined for a message without one. */
export function captioned(copy: WorkingCopy, { kind: of, media }: Message): SendMedia | undefined {
  const kind = mediaKinds.find((each) => each === of);
  if (kind === undefined || media === undefined) return undefined;
  const row = copy.media(media.id);
  const source = row && sourceOf(row);
  const { id: _, state: __, reason: ___, ...told } = media;
  return { ...told, kind, ...(source && { source }) };
}

const mediaKinds = ['image', 'video', 'gif', 'audio', 'voice', 'document', 'sticker'] as const;

type Want = Commands['want_media'];

export const wantMedia: Handler<Want['input'], Want['output']> = {
  reads: ({ id }) => ({ media: [id] }),
  decide(rows, { id }, now) {
    const row = rows.media.get(id);
    if (row === undefined) throw new CodedError('MEDIA_NOT_FOUND', { id });
    const { account } = row;
    if (account === undefined || row.source === undefined || row.media.state === 'ready') {
      return { changes: [], output: { media: row.media } };
    }
    const copy = new WorkingCopy(rows, account, now);
    const wanted = { ...row, isWanted: true };
    if (row.media.state === 'pending') copy.putMedia(wanted);
    else show(copy, wanted, { state: 'pending' });
    return copy.decision({ media: copy.media(id)?.media ?? row.media, account });
  },
};

/** Errors: MEDIA_NOT_FOUND. What is here or gone already stays as it is. */
export function cancelMedia(language: Language): Handler<Cancel['input'], Cancel['output']> {
  return {
    reads: ({ id }) => ({ media: [id], jobs: [jobOfMedia(id)] }),
    decide(rows, { id }, now) {
      const row = rows.media.get(id);
      if (row === undefined) throw new CodedError('MEDIA_NOT_FOUND', { id });
      const { account } = row;
      if (account === undefined) return { changes: [], output: { media: row.media } };
      const copy = new WorkingCopy(rows, account, now);
      const job = copy.job(jobOfMedia(id));
      const message = row.message === undefined ? undefined : copy.message(row.message);
      if (row.media.state === 'pending') show(copy, { ...row, isWanted: false }, { state: 'remote' });
      else if (job?.state === 'queued' && job.content === undefined && message?.message.status === 'pending')
        cancelSend(copy, job, message, language);
      else return copy.decision({ media: row.media });
      return copy.decision({ media: copy.media(id)?.media ?? row.media, account });
    },
  };
}

type Cancel = Commands['cancel_media'];

export const dropMedia: Handler<Commands['drop_media']['input'], null> = {
  reads: ({ id }) => ({ media: [id] }),
  decide(rows, { id }, now) {
    const row = rows.media.get(id);
    if (row?.account === undefined || row.file === undefined) return { changes: [], output: null };
    const copy = new WorkingCopy(rows, row.account, now);
    const { file: _, ...rest } = row;
    const state =
      row.source === undefined ? ({ state: 'gone', reason: 'MEDIA_GONE' } as const) : { state: 'remote' as const };
    show(copy, rest, state);
    return copy.decision(null);
  },
};
