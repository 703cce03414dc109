// What one link can do with files: fetch them, ask the phone for them again, and give them to WhatsApp. It decides nothing and remembers nothing.
import { readFile, rm } from 'node:fs/promises';
import type { Agent } from 'node:https';
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { CodedError } from '@pulseline/protocol';
import type { proto as Proto, WASocket } from 'baileys';
import type { MediaFiles } from '../media/files.ts';
import { typeOf } from '../media/kinds.ts';
import { wireAddress } from './address.ts';
import { wordOf } from './compose-media.ts';
import { decryptMediaRetryData, encryptMediaRetryRequest, proto } from './library.ts';
import { MediaBroken, openSealed, type Sealed, seal, sealedLength } from './media-cipher.ts';
import { Transfers } from './media-progress.ts';
import { fetchSealed, isThere, MediaDropped, type MediaWire, sendSealed, type Uploaded } from './media-wire.ts';
import type { AccountSetup, KeyWord, MediaSource, SendMedia, Target, Whisper } from './port.ts';

export interface MediaLinkParts {
  readonly socket: Pick<WASocket, 'refreshMediaConn' | 'sendNode' | 'ev'>;
  readonly files: MediaFiles;
  readonly agent: Agent | undefined;
  /** With a root the emulator is known: then its media host has to show the certificate that it names. */
  readonly setup: Pick<AccountSetup, 'id' | 'url' | 'root'>;
  /** Told how far a file is, by the id of ours. */
  readonly whisper: (whisper: Whisper) => void;
  /** Our own address. */
  readonly me: () => string | undefined;
}

export interface Fetched {
  readonly file: string;
  readonly size: number;
  readonly mime: string;
}

/** Where the hosts take a file, by the word of its keys. */
const PLACES: Readonly<Record<Exclude<KeyWord, 'History'>, string>> = {
  Image: 'image',
  Video: 'video',
  Audio: 'audio',
  Document: 'document',
};
/** Where files lie if nothing else was told. */
const USUAL_HOST = 'mmg.whatsapp.net';
/** Ms that a phone gets to answer; one that is off answers never. */
const PHONE_ANSWERS = 30_000;
const MOST_HISTORY = 256 * 1024 * 1024;

export class MediaLink {
  readonly #parts: MediaLinkParts;
  readonly #usual: MediaWire;
  readonly #transfers: Transfers;

  constructor(parts: MediaLinkParts) {
    this.#parts = parts;
    this.#transfers = new Transfers(
      (media, direction, done, total) =>
        parts.whisper({ type: 'transfer', account: parts.setup.id, media, direction, done, total }),
      () => performance.now(),
    );
    this.#usual = { agent: parts.agent, isStrict: parts.setup.url === undefined };
  }

  /** Resolves when the file lies here, whole and as the message says. Pieces of an attempt that broke off are kept for the next. */
  async fetch(
    id: string,
    source: MediaSource,
    told: { readonly mime: string; readonly size: number },
    most: number,
    signal: AbortSignal,
  ): Promise<Fetched> {
    const { files } = this.#parts;
    const pieces = files.pieces(id);
    const making = files.making();
    try {
      const { wire, host } = await this.#host();
      await this.#transfers.run(id, 'down', signal, (until, passed) =>
        fetchSealed(wire, host, source.path, pieces, sealedLength(most), until, passed),
      );
      const { hash, size } = await openSealed(pieces, making, source);
      const mime = await typeOf(making, told.mime);
      await files.adopt(making, hash);
      await rm(pieces, { force: true });
      return { file: hash, size, mime };
    } catch (error) {
      await rm(making, { force: true });
      if (error instanceof MediaBroken || error instanceof MediaDropped) await rm(pieces, { force: true });
      throw error;
    }
  }

  /** The phone gives the file to WhatsApp once more; resolves to its new path, undefined if the phone has it no longer. Rejects if the phone does not answer. */
  async askAgain({ chat, waId, fromMe, author }: Target, source: MediaSource): Promise<string | undefined> {
    const remoteJid = wireAddress(chat);
    const me = this.#parts.me();
    if (remoteJid === undefined || me === undefined) return undefined;
    const participant = chat.kind === 'person' ? undefined : (author?.lid ?? author?.pn);
    const key = { remoteJid, id: waId, fromMe, ...(participant !== undefined && { participant }) };
    const mediaKey = Buffer.from(source.key, 'base64');
    const { ev, sendNode } = this.#parts.socket;
    return new Promise((resolve, reject) => {
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        ev.off('messages.media-update', hear);
        then();
      };
      const hear = (updates: readonly MediaUpdate[]): void => {
        const answer = updates.find((update) => update.key.id === waId);
        if (answer === undefined) return;
        settle(() => resolve(pathIn(answer, mediaKey, waId)));
      };
      const timer = setTimeout(() => settle(() => reject(new Error('the phone does not answer'))), PHONE_ANSWERS);
      timer.unref();
      ev.on('messages.media-update', hear);
      sendNode(encryptMediaRetryRequest(key, mediaKey, me)).catch((error: unknown) => settle(() => reject(error)));
    });
  }

  /**
   * Gives WhatsApp the file of a message, unless it has it already: then it is passed on under the key and at the place that
   * it has there. Errors: MEDIA_GONE if it is neither there nor here.
   */
  async give({ id, source, size, file, kind }: SendMedia): Promise<Sealed & Uploaded> {
    const known = source && sealedBy(source, size);
    if (known !== undefined) {
      const { wire, host } = await this.#host();
      const there = await isThere(wire, host, known.directPath).catch(() => file === undefined);
      if (there) return { ...known, url: `https://${host}${known.directPath}` };
    }
    if (file === undefined || (await this.#parts.files.size(file)) === undefined) throw new CodedError('MEDIA_GONE');
    return this.send(file, wordOf[kind], id);
  }

  /** Seals a file of ours and gives it to WhatsApp. */
  async send(file: string, word: Exclude<KeyWord, 'History'>, id = file): Promise<Sealed & Uploaded> {
    const { files } = this.#parts;
    const making = files.making();
    try {
      const sealed = await seal(files.path(file), making, word);
      const name = sealed.fileEncSha256.toString('base64url');
      const place = async (force: boolean): Promise<Uploaded> => {
        const { auth, wire, host } = await this.#host(force);
        const path = `/mms/${PLACES[word]}/${name}?auth=${encodeURIComponent(auth)}&token=${name}`;
        return this.#transfers.run(id, 'up', AbortSignal.timeout(UPLOAD_WITHIN), (until, passed) =>
          sendSealed(wire, host, path, making, until, passed),
        );
      };
      // The right to upload may have run out.
      const again = (error: unknown): Promise<Uploaded> => (isCancelled(error) ? Promise.reject(error) : place(true));
      return { ...sealed, ...(await place(false).catch(again)) };
    } finally {
      await rm(making, { force: true });
    }
  }

  /** Breaks off the transfer of a file, by the id of ours. */
  cancel(id: string): void {
    this.#transfers.cancel(id);
  }

  /** A piece of history that travels as a file. */
  async history(notification: Proto.Message.IHistorySyncNotification): Promise<Proto.HistorySync> {
    const { directPath, mediaKey, fileSha256, fileEncSha256 } = notification;
    if (!directPath || !mediaKey) throw new MediaBroken('its path');
    const source: MediaSource = {
      word: 'History',
      path: directPath,
      key: Buffer.from(mediaKey).toString('base64'),
      ...(fileSha256 && { sha256: Buffer.from(fileSha256).toString('base64') }),
      ...(fileEncSha256 && { sealedSha256: Buffer.from(fileEncSha256).toString('base64') }),
    };
    const { files } = this.#parts;
    const [pieces, making] = [files.making(), files.making()];
    try {
      const signal = AbortSignal.timeout(UPLOAD_WITHIN);
      const { wire, host } = await this.#host();
      await fetchSealed(wire, host, source.path, pieces, MOST_HISTORY, signal);
      await openSealed(pieces, making, source);
      return proto.HistorySync.decode(
        await promisify(inflate)(await readFile(making), { maxOutputLength: MOST_HISTORY }),
      );
    } finally {
      await Promise.all([rm(pieces, { force: true }), rm(making, { force: true })]);
    }
  }

  /** The certificate that an emulator's hosts show; undefined for WhatsApp's, which have real ones. */
  async certificate(): Promise<string | undefined> {
    return this.#parts.setup.url !== undefined ? (await this.#host()).wire.pin : undefined;
  }

  /** The host that WhatsApp names, never one that a sender does. */
  async #host(force = false): Promise<{ readonly host: string; readonly auth: string; readonly wire: MediaWire }> {
    const { socket, setup } = this.#parts;
    const { auth, hosts } = await socket.refreshMediaConn(force);
    const pin = setup.url !== undefined ? /\.([0-9a-f]{64})$/.exec(auth)?.[1] : undefined;
    if (setup.root !== undefined && pin === undefined)
      throw new Error('the emulator does not say which certificate its media host has');
    return { host: hosts[0]?.hostname ?? USUAL_HOST, auth, wire: { ...this.#usual, ...(pin && { pin }) } };
  }
}

export function isCancelled(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'SEND_CANCELLED';
}

/** As a message tells it; undefined if its sender has left out a hash, which no message of ours does. */
export function sealedBy(
  { key, path, sha256, sealedSha256 }: MediaSource,
  size: number,
): (Sealed & Uploaded) | undefined {
  if (sha256 === undefined || sealedSha256 === undefined) return undefined;
  const [mediaKey, fileSha256, fileEncSha256] = [key, sha256, sealedSha256].map((text) => Buffer.from(text, 'base64'));
  if (!mediaKey || !fileSha256 || !fileEncSha256) return undefined;
  return {
    mediaKey,
    fileSha256,
    fileEncSha256,
    fileLength: size,
    directPath: path,
    url: `https://${USUAL_HOST}${path}`,
  };
}

const UPLOAD_WITHIN = 15 * 60_000;

interface MediaUpdate {
  readonly key: { readonly id?: string | null };
  readonly media?: { readonly ciphertext: Uint8Array; readonly iv: Uint8Array };
  readonly error?: unknown;
}

function pathIn({ media, error }: MediaUpdate, mediaKey: Uint8Array, waId: string): string | undefined {
  if (error !== undefined || media === undefined) return undefined;
  try {
    const said = decryptMediaRetryData(media, mediaKey, waId);
    const succeeded = said.result === proto.MediaRetryNotification.ResultType.SUCCESS;
    return succeeded && said.directPath ? said.directPath : undefined;
  } catch {
    return undefined;
  }
}
