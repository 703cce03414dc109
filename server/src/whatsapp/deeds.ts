// How each errand and each question is done on a socket: groups, blocking, arranging chats, asking the phone for history. It keeps nothing.
import { CodedError } from '@pulseline/protocol';
import type { GroupMetadata, WASocket } from 'baileys';
import { partyOf, wireAddress } from './address.ts';
import type { AppState } from './app-state.ts';
import { keyOf } from './changes.ts';
import { messagePatchOf, namePatchOf, patchOf } from './chat-state.ts';
import type { Deed } from './errands.ts';
import { groupFact } from './groups.ts';
import type { KnownGroups } from './known-groups.ts';
import { fetchPicture } from './picture.ts';
import type { AccountSetup, Errand, Fact, GroupSettings, LinkQuestion, Party } from './port.ts';

export interface DeedParts {
  readonly setup: AccountSetup;
  readonly socket: WASocket;
  readonly appState: AppState;
  readonly groups: KnownGroups;
  /** The facts of history that lies on the media host. */
  readonly fetchHistory: (notification: string) => Promise<readonly Fact[]>;
  readonly certificate: () => Promise<string | undefined>;
  /** Resolves when the phone has sent what it was asked for by this id; rejects with PHONE_SILENT. */
  readonly historyCame: (request: string) => Promise<number>;
  readonly complete: (party: Party) => Promise<Party>;
  /** The account calls itself by another name now. */
  readonly onName: (name: string) => void;
  /** Ms since epoch. */
  readonly now: () => number;
}

/** WhatsApp's own address. */
const SERVER = '@s.whatsapp.net';

export function openDeeds(parts: DeedParts) {
  const { socket, appState, groups, complete } = parts;

  const jidsOf = (people: readonly Party[]): string[] =>
    people.flatMap((person) => wireAddress({ kind: 'person', ...person }) ?? []);

  /** What WhatsApp refuses becomes a code; who is no member learns that first. */
  async function inGroup<T>(group: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const code = refusalOf(error);
      if (code === undefined) throw error;
      const member = await socket.groupMetadata(group).then(isMember, () => false);
      if (!member) throw new CodedError('GROUP_NOT_MEMBER');
      throw code === '403' || code === '401'
        ? new CodedError('GROUP_NOT_ADMIN')
        : new CodedError('WHATSAPP_REFUSED', { code });
    }
  }

  function isMember({ participants }: GroupMetadata): boolean {
    const { me } = socket.authState.creds;
    const own = partyOf(me?.id, me?.lid);
    return participants.some((each) => {
      const party = partyOf(each.id, each.lid, each.phoneNumber);
      return (own.pn !== undefined && party.pn === own.pn) || (own.lid !== undefined && party.lid === own.lid);
    });
  }

  async function settle(group: string, { announce, locked, approval, description }: GroupSettings): Promise<void> {
    if (announce !== undefined) await socket.groupSettingUpdate(group, announce ? 'announcement' : 'not_announcement');
    if (locked !== undefined) await socket.groupSettingUpdate(group, locked ? 'locked' : 'unlocked');
    if (approval !== undefined) await socket.groupJoinApprovalMode(group, approval ? 'on' : 'off');
    if (description !== undefined) await socket.groupUpdateDescription(group, description || undefined);
  }

  /** A group that is new to us, told as it is. */
  function newGroup(metadata: GroupMetadata): Deed {
    const fact = groupFact(metadata);
    const since = Math.floor(parts.now());
    const chat = { kind: 'group', address: metadata.id } as const;
    const named: Fact = { type: 'history', chats: [{ chat, name: metadata.subject, messages: [], at: since }] };
    return { result: { group: metadata.id }, facts: fact === undefined ? [named] : [named, { ...fact, since }] };
  }

  async function carryOut(errand: Errand, done: Fact): Promise<Deed> {
    switch (errand.do) {
      case 'chat-state': {
        const patch = patchOf(errand.chat, errand.change, errand.newest, Math.floor(parts.now()));
        if (patch === undefined) return {};
        await appState.patch(patch, [done]);
        return { told: true };
      }
      case 'message-state': {
        const patch = messagePatchOf(errand.target, errand.change, Math.floor(parts.now()));
        if (patch === undefined) return {};
        await appState.patch(patch, [done]);
        return { told: true };
      }
      case 'set-profile': {
        const { name, about } = errand;
        if (about !== undefined) await refused(() => socket.updateProfileStatus(about));
        if (name === undefined) return {};
        await appState.patch(namePatchOf(name, Math.floor(parts.now())), [done]);
        parts.onName(name);
        return { told: true };
      }
      case 'set-picture': {
        const { group, jpeg } = errand;
        // The library would decode the picture once more, by a decoder that nobody has shut.
        const picture =
          jpeg === null ? [] : [{ tag: 'picture', attrs: { type: 'image' }, content: Buffer.from(jpeg, 'base64') }];
        const target = group === undefined ? {} : { target: group };
        const attrs = { to: SERVER, type: 'set', xmlns: 'w:profile:picture', ...target };
        const ask = () => socket.query({ tag: 'iq', attrs, content: picture });
        await (group === undefined ? refused(ask) : inGroup(group, ask));
        return {};
      }
      case 'history': {
        const { oldest, count } = errand;
        const request = await socket.fetchMessageHistory(count, keyOf(oldest), oldest.at);
        return { result: { messages: await parts.historyCame(request) } };
      }
      case 'fetch-history':
        return { facts: await parts.fetchHistory(errand.notification) };
      case 'block': {
        const person = await complete(errand.person);
        const [jid] = jidsOf([person]);
        if (jid !== undefined) await refused(() => socket.updateBlockStatus(jid, errand.on ? 'block' : 'unblock'));
        return { facts: [{ type: 'blocked', people: [person], on: errand.on }] };
      }
      case 'create-group':
        return newGroup(await refused(() => socket.groupCreate(errand.subject, jidsOf(errand.people))));
      case 'change-group': {
        const { group, subject, settings } = errand;
        await inGroup(group, async () => {
          if (subject !== undefined) await socket.groupUpdateSubject(group, subject);
          await settle(group, settings);
          await groups.read(group);
        });
        return { result: { group } };
      }
      case 'change-members': {
        const { group, how, people } = errand;
        const answers = await inGroup(group, () => socket.groupParticipantsUpdate(group, jidsOf(people), how));
        await groups.read(group);
        const results = answers.map(({ jid, status }) => ({ address: jid ?? '', ok: status === '200', code: status }));
        return { result: { group, results } };
      }
      case 'leave-group': {
        const { group } = errand;
        await inGroup(group, () => socket.groupLeave(group));
        groups.forget(group);
        return { result: { group } };
      }
      case 'renew-invite': {
        const { group } = errand;
        return { result: { group, code: await inGroup(group, () => socket.groupRevokeInvite(group)) } };
      }
      case 'join-group': {
        const group = await socket.groupAcceptInvite(errand.code).catch((error: unknown) => {
          const code = refusalOf(error);
          if (code === undefined) throw error;
          throw code === '409' ? new CodedError('WHATSAPP_REFUSED', { code }) : new CodedError('INVITE_INVALID');
        });
        if (group === undefined) throw new CodedError('INVITE_INVALID');
        return newGroup(await socket.groupMetadata(group));
      }
    }
  }

  async function answer(question: LinkQuestion): Promise<unknown> {
    switch (question.do) {
      case 'picture': {
        const jid = wireAddress(question.chat);
        const url = jid && (await socket.profilePictureUrl(jid, 'preview').catch(absentIfRefused));
        const bytes = url ? await fetchPicture(url, parts.setup, await parts.certificate()) : undefined;
        return bytes === undefined ? null : bytes.toString('base64');
      }
      case 'invite': {
        const { group } = question;
        return inGroup(group, () => socket.groupInviteCode(group));
      }
      case 'watch': {
        const jid = wireAddress(question.chat);
        if (jid !== undefined && question.chat.kind === 'person') await socket.presenceSubscribe(jid);
        return null;
      }
      case 'cancel-transfer':
        return null;
      case 'reject-call': {
        const [jid] = jidsOf([question.from]);
        if (jid !== undefined) await socket.rejectCall(question.callId, jid);
        return null;
      }
    }
  }

  return { carryOut, answer };
}

async function refused<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = refusalOf(error);
    throw code === undefined ? error : new CodedError('WHATSAPP_REFUSED', { code });
  }
}

function absentIfRefused(error: unknown): undefined {
  if (refusalOf(error) === undefined) throw error;
}

/** WhatsApp's own code in an error of the library; undefined if WhatsApp has said nothing. */
function refusalOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const data: unknown = Reflect.get(error, 'data');
  return typeof data === 'number' ? String(data) : undefined;
}
