// The inbox as a pure reducer: applying the events since a snapshot gives what a fresh snapshot would say; it fetches nothing and changes nothing in place.
import {
  type Account,
  type Conversation,
  type EphemeralData,
  type Label,
  type Message,
  type Note,
  type ServerFrame,
  type ServerFrameOf,
  type Workspace,
  withAssignee,
  withMessage,
  withNewMessage,
  withReaction,
  withStatus,
} from '@pulseline/protocol';

type Typing = EphemeralData['typing'];

/** The messages of one conversation that are loaded: a window without holes, oldest first. */
export interface MessageWindow {
  readonly messages: readonly Message[];
  /** `next` for going back; null = the beginning is here; undefined = no page was loaded yet. */
  readonly before: string | null | undefined;
  /** Does the window end at the newest message? Only then do new ones belong to it. */
  readonly atEnd: boolean;
}

export interface InboxState {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly conversations: ReadonlyMap<string, Conversation>;
  /** Conversation id -> its window; only conversations that were opened have one. */
  readonly windows: ReadonlyMap<string, MessageWindow>;
  /** Account id -> the QR code to scan. */
  readonly qrs: ReadonlyMap<string, { readonly qr: string; readonly expiresAt: number }>;
  /** Conversation id -> who types there. */
  readonly typing: ReadonlyMap<string, Typing>;
  /** Conversation id -> who has it, null = nobody: as the workspace's stream told it, which has no order with the account's. */
  readonly assignees: ReadonlyMap<string, string | null>;
  /** Conversation id -> its notes, oldest first; only conversations that were opened have them. */
  readonly notes: ReadonlyMap<string, readonly Note[]>;
  /** Of the whole workspace, by id, in their order. */
  readonly labels: ReadonlyMap<string, Label>;
  /** What holds for the whole workspace. */
  readonly workspace: Workspace;
}

export const emptyInbox: InboxState = {
  accounts: new Map(),
  conversations: new Map(),
  windows: new Map(),
  qrs: new Map(),
  typing: new Map(),
  assignees: new Map(),
  notes: new Map(),
  labels: new Map(),
  workspace: {},
};

/** Beyond this many loaded messages the window of a conversation gives up its oldest; scrolling back loads them again. */
export const MAX_WINDOW = 5_000;

/** The state after a frame. The same object comes back if the frame changes nothing. */
export function applyFrame(state: InboxState, frame: ServerFrame): InboxState {
  switch (frame.type) {
    case 'new_message':
      return newMessage(state, frame.data);
    case 'message_update':
      return changeMessage(state, frame.data.conversation, frame.data.id, () => frame.data);
    case 'message_status':
      return changeMessage(state, frame.data.conversation, frame.data.messageId, (old) => withStatus(old, frame.data));
    case 'message_reaction':
      return changeMessage(state, frame.data.conversation, frame.data.messageId, (old) =>
        withReaction(old, frame.data),
      );
    case 'conversation_update':
      return conversationUpdate(state, frame.data);
    case 'assignment':
      return assignment(state, frame.data.conversation, frame.data.assignee);
    case 'note':
      return withNotes(state, frame.data.conversation, [frame.data], false);
    case 'labels_update':
      return withLabels(state, frame.data.items);
    case 'workspace_update':
      return { ...state, workspace: frame.data };
    case 'conversation_removed':
      return conversationRemoved(state, frame.data);
    case 'whatsapp_status':
      return whatsappStatus(state, frame.data);
    case 'account_update':
      return accountUpdate(state, frame.data);
    case 'account_removed':
      return accountRemoved(state, frame.data.id);
    case 'qr_update':
      return {
        ...state,
        qrs: put(state.qrs, frame.data.account, { qr: frame.data.qr, expiresAt: frame.data.expiresAt }),
      };
    case 'typing':
      return typing(state, frame.data);
    default:
      return state;
  }
}

/**
 * The maps that the batch under way has made: nobody else has seen them yet, so it changes them in place. A list of ten
 * thousand conversations would otherwise be copied for every message of a burst.
 */
let own: WeakSet<object> | undefined;

export function applyFrames(state: InboxState, frames: readonly ServerFrame[]): InboxState {
  own = new WeakSet();
  try {
    return frames.reduce(applyFrame, state);
  } finally {
    own = undefined;
  }
}

/** A snapshot replaces what it speaks of; windows go, because it does not say what they missed. */
export function fromSnapshot(
  accounts: readonly Account[],
  conversations: readonly Conversation[],
  labels: readonly Label[] = [],
  workspace: Workspace = {},
): InboxState {
  return {
    ...emptyInbox,
    workspace,
    labels: new Map(labels.map((label) => [label.id, label])),
    assignees: new Map(conversations.map(({ id, assignee }) => [id, assignee ?? null])),
    accounts: new Map(accounts.map((account) => [account.id, account])),
    conversations: new Map(conversations.map((conversation) => [conversation.id, conversation])),
  };
}

/** Adds a page of the list; what an event has told already is newer and stays. */
export function withConversations(state: InboxState, page: readonly Conversation[]): InboxState {
  const conversations = new Map(state.conversations);
  const assignees = new Map(state.assignees);
  for (const conversation of page) {
    if (conversations.has(conversation.id)) continue;
    conversations.set(conversation.id, conversation);
    // It was read after whatever was told before.
    assignees.set(conversation.id, conversation.assignee ?? null);
  }
  return { ...state, conversations, assignees };
}

/** A page of one conversation, as GET …/messages answered it. */
export interface LoadedPage {
  readonly items: readonly Message[];
  readonly next: string | null;
  /** `newest`: no parameter was given · `before`: older than the window · `after`: newer than it · `around`: in place of it. */
  readonly at: 'newest' | 'before' | 'after' | 'around';
}

/** Joins a page to the window. Where both have a message, that of the window has heard the later events. */
export function withPage(state: InboxState, conversation: string, { items, next, at }: LoadedPage): InboxState {
  const known = state.windows.get(conversation);
  const window = known ?? { messages: [], before: undefined, atEnd: false };
  const have = new Map(window.messages.map((message) => [message.id, message]));
  const fresh = items.filter((message) => !have.has(message.id));
  if (at === 'around') {
    // Whether anything is newer shows when somebody reads on.
    return { ...state, windows: put(state.windows, conversation, { messages: items, before: next, atEnd: false }) };
  }
  if (at === 'after') {
    const joined = { ...window, messages: [...window.messages, ...fresh], atEnd: next === null };
    return { ...state, windows: put(state.windows, conversation, joined) };
  }
  // The newest page may be older than events that came while it was fetched: they are in the window already, after it.
  const older = at === 'before' || window.atEnd || window.messages.length === 0;
  const messages = older ? [...fresh, ...window.messages] : items;
  const joined = { messages, before: next, atEnd: at === 'newest' ? true : window.atEnd };
  return { ...state, windows: put(state.windows, conversation, joined) };
}

/** Shows a message that the API has just answered for our own send; the event for it changes nothing more. */
export function withOwnMessage(state: InboxState, message: Message): InboxState {
  return intoWindow(state, message);
}

/** Opens an empty window before its first page is asked for, so that no event between the two is missed. */
export function openWindow(state: InboxState, conversation: string): InboxState {
  if (state.windows.has(conversation)) return state;
  const window: MessageWindow = { messages: [], before: undefined, atEnd: true };
  return { ...state, windows: put(state.windows, conversation, window) };
}

/** Conversations as the list shows them: pinned first, then the newest first. */
export function conversationList(state: InboxState): readonly Conversation[] {
  return [...state.conversations.values()].sort(
    (a, b) => Number(b.pinned) - Number(a.pinned) || b.lastAt - a.lastAt || (a.id < b.id ? 1 : -1),
  );
}

function assignment(state: InboxState, id: string, assignee: string | null): InboxState {
  const known = state.conversations.get(id);
  return {
    ...state,
    assignees: put(state.assignees, id, assignee),
    conversations:
      known === undefined ? state.conversations : put(state.conversations, id, withAssignee(known, assignee)),
  };
}

/** Joins notes to those of a conversation that has some here; with `opens` it has from now on. */
export function withNotes(state: InboxState, conversation: string, notes: readonly Note[], opens: boolean): InboxState {
  const known = state.notes.get(conversation);
  if (known === undefined && !opens) return state;
  const all = new Map([...(known ?? []), ...notes].map((each) => [each.id, each]));
  const sorted = [...all.values()].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  return { ...state, notes: put(state.notes, conversation, sorted) };
}

export function withLabels(state: InboxState, labels: readonly Label[]): InboxState {
  return { ...state, labels: new Map(labels.map((label) => [label.id, label])) };
}

function conversationUpdate(state: InboxState, told: Conversation): InboxState {
  const { id, keptFrom = 0 } = told;
  const assignee = state.assignees.get(id);
  const conversation = assignee === undefined ? told : withAssignee(told, assignee);
  const before = state.conversations.get(id)?.keptFrom ?? 0;
  const window = state.windows.get(id);
  // What was removed by age leaves the pages that show it.
  const messages = keptFrom > before ? window?.messages.filter(({ timestamp }) => timestamp >= keptFrom) : undefined;
  const conversations = put(state.conversations, id, conversation);
  if (window === undefined || messages === undefined) return { ...state, conversations };
  return { ...state, conversations, windows: put(state.windows, id, { ...window, messages }) };
}

/** Gone, or become part of another one: then its loaded messages move there, in the order of their coming. */
function conversationRemoved(
  state: InboxState,
  { id, into }: ServerFrameOf<'conversation_removed'>['data'],
): InboxState {
  const moved = state.windows.get(id);
  const home = into === undefined ? undefined : state.windows.get(into);
  const windows = without(state.windows, id);
  const rest = {
    ...state,
    conversations: without(state.conversations, id),
    typing: without(state.typing, id),
    assignees: without(state.assignees, id),
    notes: without(state.notes, id),
  };
  if (into === undefined || (moved === undefined && home === undefined)) return { ...rest, windows };
  // Two loaded ends make one. Whatever else is loaded of them has holes now: it is fetched afresh.
  if (moved?.atEnd !== true || home?.atEnd !== true) return { ...rest, windows: without(windows, into) };
  const all = [...home.messages, ...moved.messages.map((message) => ({ ...message, conversation: into }))];
  const live = all.filter(({ seq }) => seq > 0).sort((one, other) => one.seq - other.seq);
  return { ...rest, windows: put(windows, into, { messages: live, before: live[0]?.id, atEnd: true }) };
}

function newMessage(state: InboxState, message: Message): InboxState {
  const shown = intoWindow(state, message);
  const conversation = shown.conversations.get(message.conversation);
  // Unknown = its page of the list is not loaded yet: a conversation that is new to everybody was told before its message.
  if (conversation === undefined) return shown;
  // A page of the list that was read beside the live connection may be ahead of it: then it has counted this one.
  if (message.seq > 0 && (conversation.lastMessage?.seq ?? 0) >= message.seq) return shown;
  return {
    ...shown,
    conversations: put(shown.conversations, conversation.id, withNewMessage(conversation, message)),
    typing: without(shown.typing, conversation.id),
  };
}

function intoWindow(state: InboxState, message: Message): InboxState {
  const window = state.windows.get(message.conversation);
  if (window === undefined || !window.atEnd || window.messages.some(({ id }) => id === message.id)) return state;
  const all = [...window.messages, message];
  const cut = all.length > MAX_WINDOW;
  const messages = cut ? all.slice(-MAX_WINDOW) : all;
  const before = cut ? (messages[0]?.id ?? window.before) : window.before;
  return { ...state, windows: put(state.windows, message.conversation, { ...window, messages, before }) };
}

/** Changes one message wherever it stands: in its window and as the last one of its conversation. */
function changeMessage(
  state: InboxState,
  conversationId: string,
  id: string,
  change: (message: Message) => Message,
): InboxState {
  const window = state.windows.get(conversationId);
  const at = window?.messages.findLastIndex((message) => message.id === id) ?? -1;
  const old = window?.messages[at];
  const windows =
    window === undefined || old === undefined
      ? state.windows
      : put(state.windows, conversationId, { ...window, messages: window.messages.with(at, change(old)) });
  const conversation = state.conversations.get(conversationId);
  const last = conversation?.lastMessage;
  const conversations =
    conversation === undefined || last === undefined || last.id !== id
      ? state.conversations
      : put(state.conversations, conversationId, withMessage(conversation, change(last)));
  if (windows === state.windows && conversations === state.conversations) return state;
  return { ...state, windows, conversations };
}

function whatsappStatus(state: InboxState, data: ServerFrameOf<'whatsapp_status'>['data']): InboxState {
  const account = state.accounts.get(data.account);
  if (account === undefined) return state;
  const { reason: _reason, nextTryAt: _nextTryAt, attempts: _attempts, ...kept } = account;
  return withAccount(state, {
    ...kept,
    state: data.status,
    since: data.since,
    ...(data.reason !== undefined && { reason: data.reason }),
    ...(data.nextTryAt !== undefined && { nextTryAt: data.nextTryAt }),
    ...(data.attempts !== undefined && { attempts: data.attempts }),
    ...(data.me !== undefined && { me: data.me }),
  });
}

/** The state in it is a copy, and comes on another stream than `whatsapp_status`: a later one that was heard already stays. */
function accountUpdate(state: InboxState, account: Account): InboxState {
  const known = state.accounts.get(account.id);
  if (known === undefined || known.since <= account.since) return withAccount(state, account);
  const { reason: _reason, nextTryAt: _nextTryAt, attempts: _attempts, ...told } = account;
  return withAccount(state, {
    ...told,
    state: known.state,
    since: known.since,
    ...(known.reason !== undefined && { reason: known.reason }),
    ...(known.nextTryAt !== undefined && { nextTryAt: known.nextTryAt }),
    ...(known.attempts !== undefined && { attempts: known.attempts }),
  });
}

function withAccount(state: InboxState, account: Account): InboxState {
  const accounts = put(state.accounts, account.id, account);
  // A code is of use only while it can be scanned.
  return { ...state, accounts, qrs: account.state === 'QR' ? state.qrs : without(state.qrs, account.id) };
}

function accountRemoved(state: InboxState, id: string): InboxState {
  const gone = new Set([...state.conversations.values()].filter(({ account }) => account === id).map((one) => one.id));
  const keep = <V>(map: ReadonlyMap<string, V>) => new Map([...map].filter(([key]) => !gone.has(key)));
  return {
    ...state,
    accounts: without(state.accounts, id),
    qrs: without(state.qrs, id),
    conversations: keep(state.conversations),
    windows: keep(state.windows),
    typing: keep(state.typing),
    assignees: keep(state.assignees),
    notes: keep(state.notes),
  };
}

function typing(state: InboxState, who: Typing): InboxState {
  if (who.state !== 'paused') return { ...state, typing: put(state.typing, who.conversation, who) };
  return { ...state, typing: without(state.typing, who.conversation) };
}

function put<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
  return changed(map).set(key, value);
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  if (!map.has(key)) return map;
  const rest = changed(map);
  rest.delete(key);
  return rest;
}

/** A copy that may be changed; within a batch the first one serves to its end. */
function changed<V>(map: ReadonlyMap<string, V>): Map<string, V> {
  if (own?.has(map) && map instanceof Map) return map;
  const copy = new Map(map);
  own?.add(copy);
  return copy;
}
