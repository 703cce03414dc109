// The routes of what others see of an account and of its groups: name, words about it, picture. Everything done at WhatsApp is an errand; they decide nothing.
import { CodedError, shape } from '@pulseline/protocol';
import { findAccount } from './accounts.ts';
import type { Api, Parts } from './parts.ts';
import { commandId, perform } from './perform.ts';
import { bodyOf, idOf } from './shapes.ts';

const { nullable, object, optional, string } = shape;

/** WhatsApp's own limits. */
const LONGEST_NAME = 25;
const LONGEST_ABOUT = 139;

export const profileChange = object({
  commandId,
  name: optional(string(LONGEST_NAME, 1)),
  about: optional(string(LONGEST_ABOUT)),
});
/** The id of an upload; null = no picture. */
export const pictureChange = object({ commandId, media: nullable(string(128, 1)) });

export function profileRoutes(app: Api, parts: Parts): void {
  const { queries } = parts.store;

  app.patch('/api/accounts/:id/profile', async (request, reply) => {
    const { commandId: command, ...profile } = bodyOf(profileChange, request);
    const { account } = await findAccount(queries, idOf(request));
    if (profile.name === undefined && profile.about === undefined)
      throw new CodedError('BAD_REQUEST', { detail: 'name or about: expected a value' });
    const done = await perform(parts, account, command, { do: 'set-profile', ...profile });
    return done.state === 'waiting' ? reply.code(202).send(done) : reply.code(204).send();
  });

  app.put('/api/accounts/:id/picture', async (request, reply) => {
    const { commandId: command, media } = bodyOf(pictureChange, request);
    const { account } = await findAccount(queries, idOf(request));
    const done = await perform(parts, account, command, { do: 'set-picture', jpeg: await jpegOf(media) });
    if (account.me !== undefined) await parts.pictures.forget(account.id, account.me.id);
    return done.state === 'waiting' ? reply.code(202).send(done) : reply.code(204).send();
  });

  app.put('/api/groups/:id/picture', async (request, reply) => {
    const { commandId: command, media } = bodyOf(pictureChange, request);
    const id = idOf(request);
    const row = await queries.conversation(id);
    if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id });
    const { kind, address } = row.conversation;
    if (kind !== 'group') throw new CodedError('NOT_A_GROUP');
    const { account } = await findAccount(queries, row.conversation.account);
    const jpeg = await jpegOf(media);
    const done = await perform(parts, account, command, { do: 'set-picture', group: address, jpeg });
    await parts.pictures.forget(account.id, address);
    return done.state === 'waiting' ? reply.code(202).send(done) : reply.code(204).send();
  });

  /** Errors: UPLOAD_NOT_FOUND, UPLOAD_KIND for what is no picture. */
  async function jpegOf(upload: string | null): Promise<string | null> {
    if (upload === null) return null;
    const row = await queries.media(upload);
    if (row?.file === undefined || row.message !== undefined) throw new CodedError('UPLOAD_NOT_FOUND', { id: upload });
    const bytes = await parts.media.pictures.portrait(parts.media.files.path(row.file), row.media.mime);
    if (bytes === undefined) throw new CodedError('UPLOAD_KIND', { mime: row.media.mime, kind: 'image' });
    return bytes.toString('base64');
  }
}
