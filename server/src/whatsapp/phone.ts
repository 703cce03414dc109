// What we ask our own phone for: keys that we lack, and history, which it sends inline or leaves on the media host. It keeps no message.
import { CodedError } from '@pulseline/protocol';
import type { proto as Proto, WASocket } from 'baileys';
import { historyFacts, messagesIn } from './history.ts';
import { proto } from './library.ts';
import type { Fact, Party } from './port.ts';

/** A phone that is awake answers in a second or two. */
const ANSWER_WITHIN = 30_000;
/** Answers that nobody has waited for yet. */
const MOST_KEPT = 50;

/** Who waits for which answer of the phone. Nothing of it outlives the link. */
export class PhoneRequests {
  readonly #within: number;
  readonly #waiting = new Map<string, (messages: number) => void>();
  readonly #came = new Map<string, number>();

  /** Ms that the phone gets to answer. */
  constructor(within = ANSWER_WITHIN) {
    this.#within = within;
  }

  /** So many messages came for this request. Rejects with PHONE_SILENT if nothing comes. */
  wait(request: string): Promise<number> {
    const came = this.#came.get(request);
    if (came !== undefined) return Promise.resolve(came);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(request);
        reject(new CodedError('PHONE_SILENT'));
      };
      const timer = setTimeout(end, this.#within).unref();
      this.#waiting.set(request, (messages) => {
        clearTimeout(timer);
        this.#waiting.delete(request);
        resolve(messages);
      });
    });
  }

  answered(request: string, messages: number): void {
    const resolve = this.#waiting.get(request);
    if (resolve !== undefined) return resolve(messages);
    this.#came.set(request, messages);
    for (const oldest of this.#came.keys()) {
      if (this.#came.size <= MOST_KEPT) break;
      this.#came.delete(oldest);
    }
  }
}

/** Asks for keys of the app state by their ids. */
export async function askForKeys(socket: WASocket, ids: readonly Uint8Array[]): Promise<void> {
  const { me } = socket.authState.creds;
  if (me === undefined || ids.length === 0) return;
  const message: Parameters<WASocket['relayMessage']>[1] = {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_REQUEST,
      appStateSyncKeyRequest: { keyIds: ids.map((keyId) => ({ keyId })) },
    },
  };
  const own = me.id.replace(/:\d+@/, '@');
  await socket.relayMessage(own, message, {
    additionalAttributes: { category: 'peer', push_priority: 'high_force' },
    additionalNodes: [{ tag: 'meta', attrs: { appdata: 'default' } }],
  });
}

/** Fetches and opens what a notification speaks of. */
export type DownloadHistory = (told: Proto.Message.IHistorySyncNotification) => Promise<Proto.IHistorySync>;

/** History that travels through the media host. Until it is stored only the phone has it, so the errand ends with its facts. */
export async function fetchHistory(
  notification: string,
  me: Party,
  requests: PhoneRequests,
  download: DownloadHistory,
): Promise<{ readonly facts: readonly Fact[]; readonly progress?: number }> {
  const told = proto.Message.HistorySyncNotification.decode(Buffer.from(notification, 'base64'));
  const sync = await download(told);
  if (told.peerDataRequestSessionId) requests.answered(told.peerDataRequestSessionId, messagesIn(sync));
  const { progress } = sync;
  return { facts: historyFacts(sync, me), ...(typeof progress === 'number' && { progress }) };
}
