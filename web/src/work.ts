'use client';
// The team's calls: who has a conversation, where the work stands, labels, notes, prepared replies. Each answer is on the screen at once; the live connection tells the others.
import { withLabels, withNotes } from '@pulseline/client';
import {
  type CannedReply,
  type Conversation,
  cannedReply,
  conversation,
  heads,
  type Label,
  label,
  note,
  page,
  shape,
  type WorkState,
  withAssignee,
} from '@pulseline/protocol';
import { changeInbox, placed } from './desk.ts';
import { preferences } from './preferences.ts';
import { call, tellServer } from './rest.ts';

/** So many notes of a conversation are shown; older ones are found by searching. */
const MOST_NOTES = 1_000;
const NOTES_PAGE = 200;

const notePage = shape.object({ items: shape.list(note, NOTES_PAGE), next: shape.nullable(shape.string(500)), heads });

export async function assign(id: string, assignee: string | null): Promise<void> {
  const { name } = preferences();
  await call('POST', `/api/conversations/${id}/assignment`, conversation, {
    assignee,
    ...(name !== '' && { by: name }),
  });
  changeInbox((inbox) => {
    const known = inbox.conversations.get(id);
    return {
      ...inbox,
      assignees: new Map(inbox.assignees).set(id, assignee),
      conversations:
        known === undefined ? inbox.conversations : new Map(inbox.conversations).set(id, withAssignee(known, assignee)),
    };
  });
}

export interface WorkChange {
  readonly state?: WorkState;
  readonly snoozedUntil?: number;
  readonly labels?: readonly string[];
}

export async function arrangeWork(id: string, change: WorkChange): Promise<void> {
  const value = await call('PATCH', `/api/conversations/${id}`, conversation, { ...change });
  changeInbox((inbox) => {
    const known = inbox.conversations.get(id);
    if (known === undefined) return inbox;
    const { state: _, snoozedUntil: __, labels: ___, ...kept } = known;
    const { state, snoozedUntil, labels } = value;
    const now: Conversation = {
      ...kept,
      ...(state !== undefined && { state }),
      ...(snoozedUntil !== undefined && { snoozedUntil }),
      ...(labels !== undefined && { labels }),
    };
    return { ...inbox, conversations: new Map(inbox.conversations).set(id, now) };
  });
}

/** Reads the notes of a conversation, page by page. */
export async function readNotes(id: string): Promise<void> {
  let cursor: string | null = '';
  for (let read = 0; cursor !== null && read < MOST_NOTES; read += NOTES_PAGE) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const answer: shape.Of<typeof notePage> = await placed(
      () => call('GET', `/api/conversations/${id}/notes?limit=${NOTES_PAGE}${query}`, notePage),
      (inbox, { items }) => withNotes(inbox, id, items, true),
      () => (concerned) => concerned === id,
    );
    cursor = answer.next;
  }
}

export async function addNote(id: string, commandId: string, body: string, author: string): Promise<void> {
  const added = await call('POST', `/api/conversations/${id}/notes`, note, { commandId, body, author });
  changeInbox((inbox) => withNotes(inbox, id, [added], true));
}

export async function putLabel(id: string | undefined, change: Partial<Omit<Label, 'id'>>): Promise<void> {
  const put = await call(id === undefined ? 'POST' : 'PATCH', `/api/labels${id ? `/${id}` : ''}`, label, change);
  changeInbox((inbox) => withLabels(inbox, [...new Map(inbox.labels).set(put.id, put).values()]));
}

export async function removeLabel(id: string): Promise<void> {
  await tellServer('DELETE', `/api/labels/${id}`);
  changeInbox((inbox) =>
    withLabels(
      inbox,
      [...inbox.labels.values()].filter((one) => one.id !== id),
    ),
  );
}

export async function readReplies(): Promise<readonly CannedReply[]> {
  return (await call('GET', '/api/replies', page(cannedReply))).items;
}

export async function putReply(id: string | undefined, change: Omit<CannedReply, 'id'>): Promise<void> {
  await call(id === undefined ? 'POST' : 'PATCH', `/api/replies${id ? `/${id}` : ''}`, cannedReply, change);
}

export async function removeReply(id: string): Promise<void> {
  await tellServer('DELETE', `/api/replies/${id}`);
}

/** A prepared text with the names put in. */
export function filled(body: string, customer: string): string {
  return body.replaceAll('{name}', customer).replaceAll('{me}', preferences().name);
}
