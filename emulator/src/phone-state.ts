// What an account's phone knows of its chats, names and labels: read out of every patch, and changed by patches of its own; it never talks to a device.
import type { proto } from 'baileys/WAProto/index.js';
import type { AppState } from './app-state.ts';
import { type CollectionState, EMPTY, type Mutation, openPatch, sealPatch } from './mutations.ts';
import type { Person } from './person.ts';

type Collection = 'critical_block' | 'critical_unblock_low' | 'regular_high' | 'regular_low' | 'regular';
const COLLECTIONS: readonly Collection[] = [
  'critical_block',
  'critical_unblock_low',
  'regular_high',
  'regular_low',
  'regular',
];

export interface ChatView {
  readonly archived: boolean;
  readonly pinned: boolean;
  /** ms since epoch; -1 = for ever, 0 = not. */
  readonly mutedUntil: number;
  /** Marked so by hand. */
  readonly unread: boolean;
  readonly deleted: boolean;
  readonly labels: readonly string[];
}

export interface PhoneView {
  /** By address, as the change named it. */
  readonly chats: Readonly<Record<string, ChatView>>;
  /** Names of the address book, by address. */
  readonly contacts: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, { readonly name: string; readonly color: number }>>;
  readonly pushName: string | undefined;
  /** Ids of messages. */
  readonly starred: readonly string[];
  readonly deletedForMe: readonly string[];
  /** Patches that the phone could not open, and why. */
  readonly problems: readonly string[];
}

/** A change that the user makes on the phone. Addresses are by number or by hidden id. */
export type PhoneChange =
  | { readonly do: 'archive' | 'pin' | 'unread'; readonly chat: string; readonly on: boolean }
  /** ms since epoch; -1 = for ever, 0 = no longer. */
  | { readonly do: 'mute'; readonly chat: string; readonly until: number }
  | { readonly do: 'delete-chat' | 'clear-chat'; readonly chat: string }
  | {
      readonly do: 'star';
      readonly chat: string;
      readonly message: string;
      readonly fromMe: boolean;
      readonly on: boolean;
    }
  | { readonly do: 'delete-for-me'; readonly chat: string; readonly message: string; readonly fromMe: boolean }
  /** '' takes it out of the address book. `lid` is filled in. */
  | { readonly do: 'name'; readonly contact: string; readonly lid?: string; readonly name: string }
  | { readonly do: 'push-name'; readonly name: string }
  | {
      readonly do: 'label';
      readonly id: string;
      readonly name: string;
      readonly color: number;
      readonly deleted: boolean;
    }
  | { readonly do: 'label-chat'; readonly id: string; readonly chat: string; readonly on: boolean }
  | { readonly do: 'unarchive-chats'; readonly on: boolean };

interface Known {
  readonly collections: Map<Collection, CollectionState>;
  readonly mutations: Map<string, Mutation>;
  readonly problems: string[];
}

/** Changes of one account that are remembered for the view; the oldest go. */
const MAX_MUTATIONS = 50_000;
const MAX_PROBLEMS = 100;

export class PhoneStates {
  readonly #appState: AppState;
  readonly #random: (bytes: number) => Buffer;
  readonly #known = new Map<string, Known>();

  constructor(appState: AppState, random: (bytes: number) => Buffer) {
    this.#appState = appState;
    this.#random = random;
  }

  /** Makes a patch of its own. @param at ms since epoch. @returns the collection that has a new version. */
  change(phone: Person, change: PhoneChange, at: number): { readonly collection: string; readonly version: number } {
    const { collection, ...mutation } = mutationOf(change, at);
    const known = this.#catchUp(phone);
    const state = known.collections.get(collection) ?? EMPTY;
    const sealed = sealPatch(collection, state, [mutation], this.#appState.keyOf(phone), () => this.#random(16));
    this.#appState.append(phone, collection, state.version, sealed.patch);
    known.collections.set(collection, sealed.state);
    remember(known, mutation);
    return { collection, version: sealed.state.version };
  }

  view(phone: Person): PhoneView {
    const { mutations, problems } = this.#catchUp(phone);
    return viewOf([...mutations.values()], problems);
  }

  /** Reads the patches that linked devices have made since. */
  #catchUp(phone: Person): Known {
    const known: Known = this.#known.get(phone.id) ?? { collections: new Map(), mutations: new Map(), problems: [] };
    this.#known.set(phone.id, known);
    const key = this.#appState.keyOf(phone);
    for (const collection of COLLECTIONS) {
      let state = known.collections.get(collection) ?? EMPTY;
      for (const patch of this.#appState.patchesAfter(phone, collection, state.version)) {
        try {
          const opened = openPatch(collection, state, patch, key);
          for (const mutation of opened.mutations) remember(known, mutation);
          state = opened.state;
        } catch (error) {
          // The version counts on all the same, as it does with the server.
          state = { ...state, version: state.version + 1 };
          known.problems.push(
            `${collection} ${state.version}: ${error instanceof Error ? error.message : String(error)}`,
          );
          if (known.problems.length > MAX_PROBLEMS) known.problems.shift();
        }
      }
      known.collections.set(collection, state);
    }
    return known;
  }
}

function remember({ mutations }: Known, mutation: Mutation): void {
  const name = JSON.stringify(mutation.index);
  mutations.delete(name);
  if (!mutation.remove) mutations.set(name, mutation);
  const [oldest] = mutations.keys();
  if (mutations.size > MAX_MUTATIONS && oldest !== undefined) mutations.delete(oldest);
}

type Draft = Mutation & { readonly collection: Collection };

function mutationOf(change: PhoneChange, at: number): Draft {
  const make = (
    collection: Collection,
    version: number,
    index: readonly string[],
    value: proto.ISyncActionValue,
    remove = false,
  ): Draft => ({ collection, version, index, value: { ...value, timestamp: at }, remove });
  const range = { messageRange: { lastMessageTimestamp: Math.floor(at / 1000) } };
  switch (change.do) {
    case 'archive':
      return make('regular_low', 3, ['archive', change.chat], {
        archiveChatAction: { archived: change.on, ...range },
      });
    case 'pin':
      return make('regular_low', 5, ['pin_v1', change.chat], { pinAction: { pinned: change.on } });
    case 'unread':
      return make('regular_low', 3, ['markChatAsRead', change.chat], {
        markChatAsReadAction: { read: !change.on, ...range },
      });
    case 'mute':
      return make('regular_high', 2, ['mute', change.chat], {
        muteAction: { muted: change.until !== 0, muteEndTimestamp: change.until === 0 ? null : change.until },
      });
    case 'delete-chat':
      return make('regular_high', 6, ['deleteChat', change.chat, '1'], { deleteChatAction: range });
    case 'clear-chat':
      return make('regular_high', 6, ['clearChat', change.chat, '1', '0'], { clearChatAction: range });
    case 'star':
      return make('regular_low', 2, ['star', change.chat, change.message, change.fromMe ? '1' : '0', '0'], {
        starAction: { starred: change.on },
      });
    case 'delete-for-me':
      return make(
        'regular_high',
        3,
        ['deleteMessageForMe', change.chat, change.message, change.fromMe ? '1' : '0', '0'],
        {
          deleteMessageForMeAction: { deleteMedia: true, messageTimestamp: Math.floor(at / 1000) },
        },
      );
    case 'name':
      return make(
        'critical_unblock_low',
        2,
        ['contact', change.contact],
        { contactAction: { fullName: change.name, firstName: change.name, lidJid: change.lid ?? null } },
        change.name === '',
      );
    case 'push-name':
      return make('critical_block', 1, ['setting_pushName'], { pushNameSetting: { name: change.name } });
    case 'label':
      return make('regular', 3, ['label_edit', change.id], {
        labelEditAction: { name: change.name, color: change.color, deleted: change.deleted },
      });
    case 'label-chat':
      return make('regular', 3, ['label_jid', change.id, change.chat], {
        labelAssociationAction: { labeled: change.on },
      });
    case 'unarchive-chats':
      return make('regular_low', 4, ['setting_unarchiveChats'], {
        unarchiveChatsSetting: { unarchiveChats: change.on },
      });
  }
}

const CHAT: ChatView = { archived: false, pinned: false, mutedUntil: 0, unread: false, deleted: false, labels: [] };

function viewOf(mutations: readonly Mutation[], problems: readonly string[]): PhoneView {
  const chats: Record<string, ChatView> = {};
  const contacts: Record<string, string> = {};
  const labels: Record<string, { name: string; color: number }> = {};
  const starred: string[] = [];
  const deletedForMe: string[] = [];
  let pushName: string | undefined;
  for (const { index, value } of mutations) {
    const [kind, object = '', third = ''] = index;
    const set = (chat: string, change: Partial<ChatView>): void => {
      chats[chat] = { ...(chats[chat] ?? CHAT), ...change };
    };
    if (value.archiveChatAction) set(object, { archived: value.archiveChatAction.archived ?? false });
    else if (value.pinAction) set(object, { pinned: value.pinAction.pinned ?? false });
    else if (value.markChatAsReadAction) set(object, { unread: value.markChatAsReadAction.read === false });
    else if (value.muteAction) {
      const { muted, muteEndTimestamp } = value.muteAction;
      set(object, { mutedUntil: muted ? Number(muteEndTimestamp ?? -1) : 0 });
    } else if (kind === 'deleteChat') set(object, { deleted: true });
    else if (value.contactAction) contacts[object] = value.contactAction.fullName ?? '';
    else if (value.pushNameSetting) pushName = value.pushNameSetting.name ?? undefined;
    else if (value.starAction?.starred) starred.push(third);
    else if (kind === 'deleteMessageForMe') deletedForMe.push(third);
    else if (value.labelEditAction && !value.labelEditAction.deleted) {
      labels[object] = { name: value.labelEditAction.name ?? '', color: value.labelEditAction.color ?? 0 };
    } else if (kind === 'label_jid' && value.labelAssociationAction?.labeled) {
      set(third, { labels: [...(chats[third]?.labels ?? []), object] });
    }
  }
  return { chats, contacts, labels, pushName, starred, deletedForMe, problems };
}
