// What a team does with conversations: gives them to somebody, puts them off, closes them, labels them, writes notes; and what it keeps for all of them, labels and prepared replies. WhatsApp is told nothing of it.
import {
  type CannedReply,
  CodedError,
  type Conversation,
  type Label,
  MAX_LABELS,
  MAX_REPLIES,
  type Note,
  type Workspace,
  withAssignee,
  workspace,
} from '@pulseline/protocol';
import type { ConversationRow, Handler, Rows, TeamRow } from '../store/port.ts';
import type { Commands } from './commands.ts';
import { announce } from './conversations.ts';
import { WorkingCopy } from './working-copy.ts';

type Of<K extends keyof Commands> = Handler<Commands[K]['input'], Commands[K]['output']>;

/** Errors: CONVERSATION_NOT_FOUND. */
function found(rows: Rows, id: string): ConversationRow {
  const row = rows.conversations.get(id);
  if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id });
  return row;
}

/** Told only if it is somebody else than before. */
export const assign: Of<'assign'> = {
  reads: ({ conversation }) => ({ conversations: [conversation] }),
  decide(rows, { conversation: id, assignee, by }, now) {
    const row = found(rows, id);
    const copy = new WorkingCopy(rows, row.conversation.account, now);
    if ((row.conversation.assignee ?? null) === assignee) return copy.decision(row.conversation);
    const conversation = withAssignee(row.conversation, assignee);
    copy.putConversation({ ...row, conversation });
    copy.emit('assignment', { conversation: id, assignee, ...(by !== undefined && { by }) });
    return copy.decision(conversation);
  },
};

/** Where the work stands and which labels it has. Errors: LABEL_NOT_FOUND for a label that was not there before either. */
export const arrangeWork: Of<'arrange_work'> = {
  reads: ({ conversation }) => ({ conversations: [conversation], team: 'label' }),
  decide(rows, { conversation: id, state, snoozedUntil, labels }, now) {
    const row = found(rows, id);
    const before = row.conversation;
    const copy = new WorkingCopy(rows, before.account, now);
    const { state: oldState, snoozedUntil: oldUntil, labels: oldLabels = [], ...rest } = before;
    if (state === 'snoozed' && (snoozedUntil ?? 0) <= now)
      throw new CodedError('BAD_REQUEST', { detail: 'snoozedUntil: a moment to come' });
    const known = new Set([...rows.team.map((each) => each.id), ...oldLabels]);
    const next = [...new Set(labels ?? oldLabels)];
    for (const label of next) if (!known.has(label)) throw new CodedError('LABEL_NOT_FOUND', { id: label });
    const kept = state ?? oldState ?? 'open';
    const until = state === undefined ? oldUntil : snoozedUntil;
    const conversation: Conversation = {
      ...rest,
      ...(kept !== 'open' && { state: kept }),
      ...(kept === 'snoozed' && until !== undefined && { snoozedUntil: until }),
      ...(next.length > 0 && { labels: next }),
    };
    const same =
      conversation.state === oldState && conversation.snoozedUntil === oldUntil && `${next}` === `${oldLabels}`;
    if (!same) announce(copy, { ...row, conversation });
    return copy.decision(conversation);
  },
};

/** The same id again answers the note that is there. */
export const addNote: Of<'add_note'> = {
  reads: ({ id, conversation }) => ({ conversations: [conversation], notes: [id] }),
  decide(rows, { id, conversation, body, author }, now) {
    const row = found(rows, conversation);
    const copy = new WorkingCopy(rows, row.conversation.account, now);
    const known = rows.notes.get(id);
    if (known !== undefined) return copy.decision(known);
    const note: Note = { id, conversation, body, author, at: copy.now };
    copy.emit('note', note);
    return copy.decision(note, [{ put: 'note', row: note }]);
  },
};

function labelsIn(rows: readonly TeamRow[]): readonly Label[] {
  return rows.map(({ data }): Label => JSON.parse(data));
}

/** Makes it, or changes the one of this id. Errors: NAME_TAKEN, TOO_MANY; LABEL_NOT_FOUND if it should be there. */
export const putLabel: Of<'put_label'> = {
  reads: () => ({ team: 'label' }),
  decide(rows, { id, name, colour, mustExist }, now) {
    const copy = new WorkingCopy(rows, '', now);
    const all = labelsIn(rows.team);
    const known = all.find((each) => each.id === id);
    if (known === undefined && mustExist) throw new CodedError('LABEL_NOT_FOUND', { id });
    if (known === undefined && all.length >= MAX_LABELS) throw new CodedError('TOO_MANY', { max: MAX_LABELS });
    const label: Label = { id, name: name ?? known?.name ?? '', colour: colour ?? known?.colour ?? 0 };
    if (all.some((each) => each.id !== id && each.name === label.name))
      throw new CodedError('NAME_TAKEN', { name: label.name });
    if (known?.name === label.name && known.colour === label.colour) return copy.decision(label);
    const items = known === undefined ? [...all, label] : all.map((each) => (each.id === id ? label : each));
    copy.emit('labels_update', { items });
    return copy.decision(label, [{ put: 'team', row: { kind: 'label', id, data: JSON.stringify(label) } }]);
  },
};

/** Conversations that bear it keep its id, which says nothing any more. Errors: LABEL_NOT_FOUND. */
export const removeLabel: Of<'remove_label'> = {
  reads: () => ({ team: 'label' }),
  decide(rows, { id }, now) {
    const copy = new WorkingCopy(rows, '', now);
    const items = labelsIn(rows.team).filter((each) => each.id !== id);
    if (items.length === rows.team.length) throw new CodedError('LABEL_NOT_FOUND', { id });
    copy.emit('labels_update', { items });
    return copy.decision(null, [{ remove: 'team', kind: 'label', id }]);
  },
};

/** Makes it, or changes the one of this id. Errors: NAME_TAKEN, TOO_MANY; REPLY_NOT_FOUND if it should be there. */
export const putReply: Of<'put_reply'> = {
  reads: () => ({ team: 'reply' }),
  decide(rows, { id, shortcut, body, mustExist }) {
    const all = rows.team.map(({ data }): CannedReply => JSON.parse(data));
    const known = all.find((each) => each.id === id);
    if (known === undefined && mustExist) throw new CodedError('REPLY_NOT_FOUND', { id });
    if (known === undefined && all.length >= MAX_REPLIES) throw new CodedError('TOO_MANY', { max: MAX_REPLIES });
    const reply = { id, shortcut: shortcut ?? known?.shortcut ?? '', body: body ?? known?.body ?? '' };
    if (all.some((each) => each.id !== id && each.shortcut === reply.shortcut))
      throw new CodedError('NAME_TAKEN', { name: reply.shortcut });
    return { output: reply, changes: [{ put: 'team', row: { kind: 'reply', id, data: JSON.stringify(reply) } }] };
  },
};

/** Errors: REPLY_NOT_FOUND. */
export const removeReply: Of<'remove_reply'> = {
  reads: () => ({ team: 'reply' }),
  decide(rows, { id }) {
    if (!rows.team.some((each) => each.id === id)) throw new CodedError('REPLY_NOT_FOUND', { id });
    return { output: null, changes: [{ remove: 'team', kind: 'reply', id }] };
  },
};

/** The one row of its kind. Told only if something is another than before. */
export const changeWorkspace: Of<'change_workspace'> = {
  reads: () => ({ team: 'workspace' }),
  decide(rows, { timeZone }, now) {
    const copy = new WorkingCopy(rows, '', now);
    const before = workspaceIn(rows.team);
    const zone = timeZone === undefined ? before.timeZone : (timeZone ?? undefined);
    const next: Workspace = { ...(zone !== undefined && { timeZone: zone }) };
    if (next.timeZone === before.timeZone) return copy.decision(next);
    copy.emit('workspace_update', next);
    return copy.decision(next, [
      { put: 'team', row: { kind: 'workspace', id: 'workspace', data: JSON.stringify(next) } },
    ]);
  },
};

/** What holds for the whole workspace, out of its rows. */
export function workspaceIn(rows: readonly TeamRow[]): Workspace {
  return workspace.parse(JSON.parse(rows[0]?.data ?? '{}'));
}
