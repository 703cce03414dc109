// The content of a message with a file, from what is known of the file and of where its sealed form lies. It seals and sends nothing.
import { randomBytes } from 'node:crypto';
import type { proto as Proto } from 'baileys';
import type { Sealed } from './media-cipher.ts';
import type { Uploaded } from './media-wire.ts';
import type { KeyWord, SendMedia } from './port.ts';

/** The word that the keys of each kind are made with. */
export const wordOf: Readonly<Record<SendMedia['kind'], Exclude<KeyWord, 'History'>>> = {
  image: 'Image',
  sticker: 'Image',
  video: 'Video',
  gif: 'Video',
  audio: 'Audio',
  voice: 'Audio',
  document: 'Document',
};

/** `caption` '' = none. Sounds and stickers have none. */
export function composeMedia(
  media: SendMedia,
  { mediaKey, fileSha256, fileEncSha256, fileLength, url, directPath }: Sealed & Uploaded,
  caption: string,
  contextInfo: Proto.IContextInfo,
  at: number,
): Proto.IMessage {
  const file = {
    url,
    directPath,
    mediaKey,
    fileSha256,
    fileEncSha256,
    fileLength,
    mediaKeyTimestamp: Math.floor(at / 1_000),
    mimetype: media.mime,
    ...(Object.keys(contextInfo).length > 0 && { contextInfo }),
  };
  const size = media.width !== undefined && media.height !== undefined && { width: media.width, height: media.height };
  const jpegThumbnail = media.thumbnail === undefined ? undefined : Buffer.from(media.thumbnail, 'base64');
  const shown = { ...size, ...(jpegThumbnail && { jpegThumbnail }), ...(caption !== '' && { caption }) };
  const seconds = media.duration === undefined ? {} : { seconds: Math.max(1, Math.round(media.duration)) };
  const messageContextInfo = { messageSecret: randomBytes(32) };
  switch (media.kind) {
    case 'image':
      return { imageMessage: { ...file, ...shown }, messageContextInfo };
    case 'video':
    case 'gif':
      return {
        videoMessage: { ...file, ...shown, ...seconds, ...(media.kind === 'gif' && { gifPlayback: true }) },
        messageContextInfo,
      };
    case 'audio':
      return { audioMessage: { ...file, ...seconds, ptt: false }, messageContextInfo };
    case 'voice': {
      const waveform = media.waveform && { waveform: Buffer.from(media.waveform) };
      return { audioMessage: { ...file, ...seconds, ...waveform, ptt: true }, messageContextInfo };
    }
    case 'sticker':
      return { stickerMessage: { ...file, ...size, isAnimated: false }, messageContextInfo };
    case 'document': {
      const fileName = media.name ?? 'file';
      const documentMessage = { ...file, fileName, title: fileName, ...(caption !== '' && { caption }) };
      const message = { documentMessage, messageContextInfo };
      return caption === '' ? message : { documentWithCaptionMessage: { message }, messageContextInfo };
    }
  }
}
