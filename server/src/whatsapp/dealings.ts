// What a link deals with beside messages: groups, what devices share, errands, what the phone is asked for. It sees no message and ends no link.
import type { AuthenticationCreds, BinaryNode, WASocket } from 'baileys';
import { partyOf } from './address.ts';
import { AppState } from './app-state.ts';
import { openDeeds } from './deeds.ts';
import type { Deed } from './errands.ts';
import type { Keyring } from './keyring.ts';
import { KnownGroups } from './known-groups.ts';
import type { Line } from './line.ts';
import { askForKeys, type DownloadHistory, fetchHistory, PhoneRequests } from './phone.ts';
import type { AccountSetup, Errand, Fact, LinkQuestion, Party } from './port.ts';
import type { Reader } from './reader.ts';

export interface DealingParts {
  readonly setup: AccountSetup;
  readonly socket: WASocket;
  readonly line: Line;
  readonly keyring: Keyring;
  readonly creds: AuthenticationCreds;
  readonly reader: () => Reader;
  /** Ms since epoch, on a clock that never jumps. */
  readonly now: () => number;
  readonly download: DownloadHistory;
  /** The certificate that the hosts of files and pictures show; undefined = a real one. */
  readonly certificate: () => Promise<string | undefined>;
  /** Ms; absent = as long as phones take. */
  readonly phoneAnswersWithin: number | undefined;
  readonly onName: (name: string) => void;
  /** So much of the history has come, in percent. */
  readonly onProgress: (percent: number) => void;
  readonly log: (text: string, error?: unknown) => void;
}

export class Dealings {
  readonly #parts: DealingParts;
  readonly groups: KnownGroups;
  readonly requests: PhoneRequests;
  readonly #appState: AppState;
  readonly #deeds: ReturnType<typeof openDeeds>;

  constructor(parts: DealingParts) {
    this.#parts = parts;
    this.requests = new PhoneRequests(parts.phoneAnswersWithin);
    const { socket, line, keyring, creds, log, now, onName } = parts;
    this.groups = new KnownGroups({
      read: (group) => socket.groupMetadata(group),
      readAll: () => socket.groupFetchAllParticipating(),
      note: (fact) => line.note(fact),
      now,
    });
    const complete = (fact: Fact): Promise<Fact> => parts.reader().completeFact(fact);
    this.#appState = new AppState({
      line,
      keyring,
      creds,
      query: (node) => socket.query(node),
      complete,
      askForKeys: (ids) => askForKeys(socket, ids),
      onName,
      log,
    });
    this.#deeds = openDeeds({
      setup: parts.setup,
      socket,
      appState: this.#appState,
      groups: this.groups,
      fetchHistory: async (notification) => {
        const { facts, progress } = await fetchHistory(notification, this.#self(), this.requests, parts.download);
        if (progress !== undefined) parts.onProgress(progress);
        return facts;
      },
      certificate: parts.certificate,
      historyCame: (request) => this.requests.wait(request),
      complete: (party) => parts.reader().complete(party),
      onName,
      now,
    });
  }

  /** Errors: those that end the errand are coded. */
  carryOut(errand: Errand, done: Fact): Promise<Deed> {
    return this.#deeds.carryOut(errand, done);
  }

  answer(question: LinkQuestion): Promise<unknown> {
    return this.#deeds.answer(question);
  }

  /** Our phone has shared keys. */
  keysCame(): void {
    this.#sync(() => this.#appState.keysCame());
  }

  /** What is asked for once a link, since what changed while we were away is not always told. */
  async catchUp(): Promise<void> {
    const { socket, line, log, reader } = this.#parts;
    this.#sync(() => this.#appState.sync());
    await this.groups.readAll().catch((error: unknown) => log('the groups could not be read', error));
    try {
      const people = (await socket.fetchBlocklist()).flatMap((jid) => (jid ? [partyOf(jid)] : []));
      const whole = await Promise.all(people.map((each) => reader().complete(each)));
      line.note({ type: 'blocked', people: whole, on: true, all: true });
    } catch (error) {
      log('the blocked people could not be read', error);
    }
  }

  /** Another device has arranged something. The library would take note of it without us: it does not get to see this one. */
  async changedElsewhere({ attrs, content }: BinaryNode): Promise<false> {
    const { id = '', from = '@s.whatsapp.net', type = '' } = attrs;
    const names = Array.isArray(content) ? content.flatMap((each) => each.attrs['name'] ?? []) : [];
    this.#sync(() => this.#appState.sync(names));
    await this.#parts.socket.sendNode({ tag: 'ack', attrs: { id, to: from, class: 'notification', type } });
    return false;
  }

  /** What is lost by a crash in between is read with the next link: the version that it leads to is not kept yet. */
  #sync(work: () => Promise<void>): void {
    work().catch((error: unknown) => this.#parts.log('the app state could not be read', error));
  }

  #self(): Party {
    const { me } = this.#parts.creds;
    return partyOf(me?.id, me?.lid);
  }
}
