// The routes of the workspace as a whole: what holds for everybody, how much lies here, and what the day comes to. They decide nothing.
import { setImmediate } from 'node:timers/promises';
import { shape, workspace } from '@pulseline/protocol';
import { workspaceIn } from '../inbox/team.ts';
import { calendarOf, createToday } from '../inbox/today.ts';
import type { Api, Parts } from './parts.ts';
import { bodyOf, queryOf } from './shapes.ts';

const { integer, nullable, object, optional, string } = shape;
const zone = string(64, 1);
export const changedWorkspace = object({ timeZone: optional(nullable(zone)) });
export const todayAsked = object({ timeZone: optional(zone) });
/** `media`: the files that lie here, and of how many bytes together they may be; absent = of any number. */
export const workspaceAnswer = object({
  ...workspace.fields,
  media: object({ files: integer(), bytes: integer(), pending: integer(), budget: optional(integer()) }),
});

export function workspaceRoutes(app: Api, { store, media, now }: Pick<Parts, 'store' | 'media' | 'now'>): void {
  const { queries, writer } = store;
  const today = createToday(queries, now, () => setImmediate());
  const kept = async () => workspaceIn(await queries.team('workspace'));
  const answer = async () => ({
    ...(await kept()),
    media: { ...(await queries.mediaUse()), ...(media.budget !== undefined && { budget: media.budget }) },
  });

  app.get('/api/workspace', answer);
  app.patch('/api/workspace', async (request) => {
    const wanted = bodyOf(changedWorkspace, request);
    if (typeof wanted.timeZone === 'string') calendarOf(wanted.timeZone);
    await writer.run('change_workspace', wanted);
    return answer();
  });

  app.get('/api/today', async (request) => {
    const { timeZone } = queryOf(todayAsked, request);
    return today(timeZone ?? (await kept()).timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  });
}
