// The writer across threads: serves the loop on any number of MessagePorts, and is a client's end of one. It decides nothing and opens nothing.
import type { MessagePort } from 'node:worker_threads';
import { CodedError, type ErrorCode, type Params } from '@pulseline/protocol';
import type { CommandMap, Commit, Writer } from './port.ts';
import { type Answer, type Fault, QUEUE_LIMIT, type Request, type WriterLoop, writerOver } from './writer-loop.ts';

// Both ends are this program, in one process: what comes over a port is trusted to be of these types.

/** A client's requests of one microtask. */
export type Asked = readonly { readonly id: number; readonly request: Request }[];

/** A group's answers for one client; whoever opened the writer also hears the commit, in the same message. */
export interface Told {
  readonly commit?: Commit;
  readonly answers: readonly Reply[];
}

type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly code: ErrorCode; readonly params: Params } };

/** What the opener of the writer asks besides requests. */
export type Order =
  | { readonly order: 'ask'; readonly asked: Asked }
  | { readonly order: 'connect'; readonly port: MessagePort }
  | { readonly order: 'close' };

/** What the writer says to its opener. */
export type News =
  | { readonly news: 'ready'; readonly resealed: number }
  | { readonly news: 'failed'; readonly code: ErrorCode; readonly params: Params }
  | { readonly news: 'told'; readonly told: Told }
  | { readonly news: 'fault'; readonly fault: Fault };

/** One client as the writer sees it: what it is told in one turn leaves as one message, in order. */
export class Desk {
  readonly #send: (told: Told) => void;
  #answers: Reply[] = [];
  #commit: Commit | undefined;
  #scheduled = false;

  constructor(send: (told: Told) => void) {
    this.#send = send;
  }

  take(asked: Asked, submit: (request: Request, answer: Answer) => void): void {
    for (const { id, request } of asked) {
      submit(request, {
        resolve: (value) => this.#answer({ id, value }),
        reject: ({ code, params }) => this.#answer({ id, error: { code, params } }),
      });
    }
  }

  tell(commit: Commit): void {
    // Groups run in turns of their own, so that two commits never meet in one message.
    if (this.#commit !== undefined) this.#flush();
    this.#commit = commit;
    this.#schedule();
  }

  #answer(reply: Reply): void {
    this.#answers.push(reply);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const answers = this.#answers;
    const commit = this.#commit;
    this.#answers = [];
    this.#commit = undefined;
    if (answers.length > 0 || commit !== undefined)
      this.#send({ answers, ...(commit === undefined ? {} : { commit }) });
  }
}

/** Serves one client on a port of its own until either end closes it. */
export function servePort<C extends CommandMap>(loop: WriterLoop<C>, port: MessagePort): void {
  const desk = new Desk((told) => port.postMessage(told));
  port.on('message', (asked: Asked) => desk.take(asked, (request, answer) => loop.submit(request, answer)));
}

/** A client's end: numbers requests, sends those of one microtask together, and hands answers back. */
export class Client {
  readonly #send: (asked: Asked) => void;
  readonly #waiting = new Map<number, Answer>();
  #outbox: { readonly id: number; readonly request: Request }[] = [];
  #next = 1;
  #lost: CodedError | undefined;

  constructor(send: (asked: Asked) => void) {
    this.#send = send;
  }

  /** Errors: those of the loop; BUSY with too many under way; STORE_FAILED when the writer is gone. */
  readonly submit = (request: Request, answer: Answer): void => {
    if (this.#lost !== undefined) return answer.reject(this.#lost);
    if (this.#waiting.size >= QUEUE_LIMIT) return answer.reject(new CodedError('BUSY'));
    const id = this.#next++;
    this.#waiting.set(id, answer);
    this.#outbox.push({ id, request });
    if (this.#outbox.length === 1) queueMicrotask(() => this.flush());
  };

  hear({ answers }: Told): void {
    for (const reply of answers) {
      const answer = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if ('error' in reply) answer?.reject(new CodedError(reply.error.code, reply.error.params));
      else answer?.resolve(reply.value);
    }
  }

  /** The writer is gone: whoever waits, and whoever comes, is told so. Whether a commit under way was kept is unknown. */
  lose(error: CodedError): void {
    this.#lost = error;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const answer of waiting) answer.reject(error);
  }

  /** Sends what was asked up to now, without waiting for the end of the microtask. */
  flush(): void {
    const asked = this.#outbox;
    if (asked.length === 0) return;
    this.#outbox = [];
    try {
      this.#send(asked);
    } catch (error) {
      if (asked.length > 1) for (const one of asked) this.#sendOne(one);
      else this.#refuse(asked, error);
    }
  }

  /** One input that cannot cross threads must not cost the others their way. */
  #sendOne(one: Asked[number]): void {
    try {
      this.#send([one]);
    } catch (error) {
      this.#refuse([one], error);
    }
  }

  #refuse(asked: Asked, error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    for (const { id } of asked) {
      this.#waiting.get(id)?.reject(new CodedError('STORE_FAILED', { detail }, error));
      this.#waiting.delete(id);
    }
  }
}

/** The writer, from a port that the store's `connect` gave. `close` ends the port; what waits is rejected. */
export function connectWriter<C extends CommandMap>(port: MessagePort): Writer<C> & { close(): void } {
  const client = new Client((asked) => port.postMessage(asked));
  port.on('message', (told: Told) => client.hear(told));
  port.on('close', () => client.lose(new CodedError('STORE_FAILED', { detail: 'the writer has ended' })));
  return { ...writerOver<C>(client.submit), close: () => port.close() };
}
