// The routes of files: taken in to be sent, given out whole or in part, and fetched when somebody asks. A browser is shown only what can run nothing.
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CodedError, shape } from '@pulseline/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PictureReader } from '../media/decoder.ts';
import type { MediaFiles } from '../media/files.ts';
import { isInline, mediaKinds, UNKNOWN_TYPE } from '../media/kinds.ts';
import { safeName } from '../media/name.ts';
import { takeUpload } from '../media/upload.ts';
import type { MediaRow } from '../store/port.ts';
import { readForm } from './multipart.ts';
import type { Api, Parts } from './parts.ts';
import { idOf, queryOf } from './shapes.ts';

const { object, oneOf, optional, string } = shape;

/** What the doors need of the files. */
export interface MediaParts {
  readonly files: MediaFiles;
  readonly pictures: PictureReader;
  /** Bytes of the largest upload. */
  readonly most: number;
  /** Bytes of all files together; absent = no limit. */
  readonly budget?: number;
  /** Removes those of these files that no message names any more. */
  readonly forget: (files: readonly string[]) => Promise<void>;
  /** The limits of an account's files have changed. */
  readonly look: () => Promise<void>;
}

/** Beside the part `file`, and before it. */
export const uploading = object({
  kind: optional(oneOf(mediaKinds)),
  /** Seconds of a recording. */
  duration: optional(string(20)),
  /** Levels of a recording, 0 to 100 each, separated by commas. */
  waveform: optional(string(400)),
});
export const showing = object({ download: optional(string(10)) });

/** Uploads, and thumbnails in the making, at a time. */
const MOST_UPLOADS = 4;
const MOST_THUMBNAILS = 2;
const MOST_WAITING = 64;

export function mediaRoutes(app: Api, { store, fleet, media: { files, most, pictures } }: Parts): void {
  let uploads = 0;
  void app.register(async (scope) => {
    // The route reads the stream itself; nothing of it is held.
    scope.addContentTypeParser('multipart/form-data', (_request, payload, done) => done(null, payload));
    scope.post('/api/uploads', { bodyLimit: most + 65_536 }, async (request, reply) => {
      if (uploads >= MOST_UPLOADS) throw new CodedError('BUSY');
      uploads += 1;
      try {
        let taken: Awaited<ReturnType<typeof takeUpload>> | undefined;
        await readForm(request.raw, request.headers['content-type'] ?? '', async (head, pieces, fields) => {
          const { kind, duration, waveform } = uploading.parse(Object.fromEntries(fields), 'body');
          const seconds = Number(duration);
          const levels = waveform?.split(',').map((level) => Math.round(Number(level)));
          const asked = {
            name: safeName(head.name),
            type: head.type,
            ...(kind !== undefined && { kind }),
            ...(seconds > 0 && seconds < 86_400 && { duration: seconds }),
            ...(levels?.every((level) => level >= 0 && level <= 100) && { waveform: levels }),
          };
          taken = await takeUpload(files, asked, pieces, { most, pictures });
        });
        if (taken === undefined) throw new CodedError('BAD_REQUEST', { detail: 'file: expected' });
        const { upload, file } = taken;
        const { kind, ...shown } = upload;
        await store.writer.run('add_upload', { id: upload.id, kind, media: shown, file });
        return await reply.code(201).header('location', `/api/media/${upload.id}`).send(upload);
      } finally {
        uploads -= 1;
        // Whoever is still sending hears the answer only if he gets rid of the rest.
        request.raw.resume();
      }
    });
  });

  /** Errors: MEDIA_NOT_FOUND, and what keeps its bytes from being here. */
  const found = async (
    request: FastifyRequest,
  ): Promise<MediaRow & { readonly file: string; readonly size: number }> => {
    const id = idOf(request);
    const row = await store.queries.media(id);
    if (row === undefined) throw new CodedError('MEDIA_NOT_FOUND', { id });
    const { state, reason } = row.media;
    if (state === 'gone') throw new CodedError(reason === 'MEDIA_NOT_SHARED' ? reason : 'MEDIA_GONE');
    if (row.file === undefined) throw new CodedError('MEDIA_NOT_READY', { state });
    const size = await files.size(row.file);
    if (size !== undefined) return { ...row, file: row.file, size };
    // Somebody has removed it from the folder: it is fetched again, or said to be gone.
    await store.writer.run('drop_media', { id });
    throw new CodedError(row.source === undefined ? 'MEDIA_GONE' : 'MEDIA_NOT_READY', { state: 'remote' });
  };

  app.get('/api/media/:id', async (request, reply) => {
    const { download } = queryOf(showing, request);
    const { file, size, media } = await found(request);
    const isShown = isInline(media.mime) && download === undefined;
    reply.headers({
      ...safe,
      etag: `"${file}"`,
      'accept-ranges': 'bytes',
      'content-type': isShown || isInline(media.mime) ? media.mime : UNKNOWN_TYPE,
      'content-disposition': `${isShown ? 'inline' : 'attachment'}; ${named(media.name ?? 'file')}`,
    });
    if (request.headers['if-none-match'] === `"${file}"`) return reply.code(304).send();
    const asked = request.headers['if-range'] === undefined || request.headers['if-range'] === `"${file}"`;
    const range = asked ? rangeOf(request.headers.range, size) : undefined;
    if (range === 'unsatisfiable') {
      reply.header('content-range', `bytes */${size}`);
      throw new CodedError('RANGE_REFUSED');
    }
    // A stranger may send an empty file, of which there is no byte to read from.
    if (size === 0) return reply.header('content-length', 0).send('');
    const { start, end } = range ?? { start: 0, end: size - 1 };
    reply.code(range ? 206 : 200).header('content-length', end - start + 1);
    if (range) reply.header('content-range', `bytes ${start}-${end}/${size}`);
    return reply.send(createReadStream(files.path(file), { start, end }));
  });

  const queue = new Queue(MOST_THUMBNAILS, MOST_WAITING);
  app.get('/api/media/:id/thumbnail', async (request, reply): Promise<FastifyReply> => {
    const { file, media } = await found(request);
    const etag = `"t-${file}"`;
    reply.headers({ ...safe, etag, 'content-type': 'image/jpeg' });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    const place = files.thumbnail(file);
    const known = await readFile(place).catch(() => undefined);
    const bytes = known ?? (await queue.run(() => pictures.thumbnail(files.path(file), media.mime)));
    if (bytes === undefined) throw new CodedError('MEDIA_NOT_FOUND', { id: idOf(request) });
    if (known === undefined) await keep(files, place, bytes);
    return reply.send(bytes);
  });

  app.post('/api/media/:id/fetch', async (request, reply) => {
    const { media, account } = await store.writer.run('want_media', { id: idOf(request) });
    if (account !== undefined) fleet.ring(account);
    return reply.code(202).send({ media });
  });

  app.post('/api/media/:id/cancel', async (request, reply) => {
    const id = idOf(request);
    const { media, account } = await store.writer.run('cancel_media', { id });
    if (account !== undefined) await tellLink(fleet, account, id);
    return reply.code(202).send({ media });
  });
}

/** Errors do not matter: the store has decided, and a link that cannot be told has nothing on its way. */
async function tellLink(fleet: Parts['fleet'], account: string, media: string): Promise<void> {
  await fleet.ask(account, { do: 'cancel-transfer', media }).catch(() => undefined);
}

const safe = {
  // The bytes of an id never change; whoever removes the message does not reach a browser's cache.
  'cache-control': 'private, max-age=604800, immutable',
  'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'cross-origin',
};

/** Losing a thumbnail costs making it once more. */
async function keep(files: MediaFiles, place: string, bytes: Buffer): Promise<void> {
  const making = files.making();
  await mkdir(dirname(place), { recursive: true })
    .then(() => writeFile(making, bytes))
    .then(() => rename(making, place))
    .catch(() => undefined);
}

function named(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const coded = encodeURIComponent(name).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `filename="${plain}"; filename*=UTF-8''${coded}`;
}

/** One range of bytes, both ends included; undefined = the whole file, also for what is no range that we know. */
export function rangeOf(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | 'unsatisfiable' | undefined {
  const [whole, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (whole === undefined || (from === '' && to === '')) return undefined;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return start > end || start >= size ? 'unsatisfiable' : { start, end };
}

/** Runs a few at a time. Errors: BUSY when too many wait. */
class Queue {
  readonly #most: number;
  readonly #mostWaiting: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) {
      if (this.#waiting.length >= this.#mostWaiting) throw new CodedError('BUSY');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}
