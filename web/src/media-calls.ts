'use client';
// The calls of files: asking for one that is not here, a vote, sending a file that was uploaded. What becomes of them comes by the live connection.
import { withOwnMessage } from '@pulseline/client';
import { type Media, type Message, message, shape } from '@pulseline/protocol';
import { apiBase } from './api-base.ts';
import { changeInbox } from './desk.ts';
import { call, RestError, tellServer } from './rest.ts';

const sent = shape.object({ message });

/** Fetches it from WhatsApp, or asks the phone for it once more. */
export async function askForMedia({ id }: Media): Promise<void> {
  await tellServer('POST', `/api/media/${encodeURIComponent(id)}/fetch`);
}

export async function vote(of: Message, options: readonly number[]): Promise<void> {
  await call('POST', `/api/messages/${of.id}/votes`, sent, { commandId: crypto.randomUUID(), options });
}

const uploaded = shape.object({ id: shape.string(128, 1), kind: shape.string(32), mime: shape.string(200) });
export type Uploaded = shape.Of<typeof uploaded>;

export interface Uploading {
  readonly done: Promise<Uploaded>;
  readonly cancel: () => void;
}

/** Uploads a file and tells how far it is, 0 to 1. `fetch` tells nothing of an upload's way, so this is the older request. */
export function upload(
  file: File,
  kind: string,
  more: Readonly<Record<string, string>>,
  onProgress: (part: number) => void,
): Uploading {
  const request = new XMLHttpRequest();
  const url = `${apiBase()}/api/uploads`;
  const done = new Promise<Uploaded>((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    request.onerror = () => reject(new RestError('UNREACHABLE', url));
    request.onabort = () => reject(new RestError('ABORTED', url));
    request.onload = () => {
      try {
        const answer: unknown = JSON.parse(request.responseText);
        if (request.status < 300) resolve(uploaded.parse(answer));
        else {
          const { code, title, fix = '' } = refusal.parse(answer);
          reject(new RestError(code, url, request.status, title, fix));
        }
      } catch {
        reject(new RestError('BAD_ANSWER', url, request.status));
      }
    };
    const form = new FormData();
    form.append('kind', kind);
    for (const [name, value] of Object.entries(more)) form.append(name, value);
    form.append('file', file, file.name);
    request.open('POST', url);
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
}

const refusal = shape.object({
  code: shape.string(64),
  title: shape.string(2_000),
  fix: shape.optional(shape.string(2_000)),
});

export interface FileSend {
  readonly conversation: string;
  readonly commandId: string;
  readonly kind: string;
  readonly media: string;
  readonly caption: string;
  readonly quote: string | undefined;
}

/** The same `commandId` again sends nothing twice. */
export async function sendFile({ conversation, commandId, kind, media, caption, quote }: FileSend): Promise<void> {
  const body = {
    commandId,
    conversation,
    kind,
    media,
    ...(caption !== '' && { caption }),
    ...(quote !== undefined && { quote }),
  };
  const answer = await call('POST', '/api/messages', sent, body);
  changeInbox((inbox) => withOwnMessage(inbox, answer.message));
}
