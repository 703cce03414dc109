// The calls of what others see of an account and of its groups: picture, name, words about it; and how much of the disk an account's files take. They decide nothing.
import { shape } from '@pulseline/protocol';
import { upload } from './media-calls.ts';
import { pictureChanged } from './picture-address.ts';
import { call, RestError, tellServer } from './rest.ts';

const { integer, object } = shape;
const use = object({ files: integer(), bytes: integer(), pending: integer() });
export type FileUse = shape.Of<typeof use>;

/** Whose picture it is. */
export type Portrayed = 'accounts' | 'groups';

/** How often what takes long is asked after, and the pause between, ms. */
const TRIES = 30;
const PAUSE = 1_000;
/** Not done yet. */
const WAITING = 202;

/** The same command again is done once; it is asked until it is done. */
async function settle(method: 'PUT' | 'PATCH', path: string, body: Readonly<Record<string, unknown>>): Promise<void> {
  const commandId = crypto.randomUUID();
  for (let tried = 0; tried < TRIES; tried += 1) {
    if ((await tellServer(method, path, { commandId, ...body })) !== WAITING) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw new RestError('TIMEOUT', path);
}

const of = (whose: Portrayed, id: string): string => `/api/${whose}/${encodeURIComponent(id)}`;

/** Without a file the picture is taken away. Errors: UPLOAD_KIND for what is no picture, what WhatsApp refuses. */
export async function setPicture(whose: Portrayed, id: string, file: File | undefined): Promise<void> {
  const media = file === undefined ? null : (await upload(file, 'image', {}, () => undefined).done).id;
  await settle('PUT', `${of(whose, id)}/picture`, { media });
  pictureChanged();
}

export async function changeProfile(
  account: string,
  change: { readonly name?: string; readonly about?: string },
): Promise<void> {
  await settle('PATCH', `${of('accounts', account)}/profile`, change);
}

export async function readFileUse(account: string): Promise<FileUse> {
  return call('GET', `${of('accounts', account)}/media`, use);
}
