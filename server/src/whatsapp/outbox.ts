// Carries out an account's jobs: written oldest first, one after the other and at a pace, several of them unanswered at a time; what was not acknowledged goes again with the same id and content. It decides no status.

import { CodedError, type LinkPreview } from '@pulseline/protocol';
import { Bell } from './bell.ts';
import { sourceIn } from './compose.ts';
import { isLinkGone } from './end.ts';
import type { Meter } from './pace.ts';
import type { Chat, Fact, Job, Keeper, Party } from './port.ts';

/** What the outbox needs of a link. */
export interface Sender {
  commit(facts: readonly Fact[]): Promise<void>;
  content(job: Extract<Job, { type: 'send' }>): Promise<Uint8Array>;
  /** What the first link of a text shows, if that is wanted. Never rejects. */
  preview?(text: string): Promise<LinkPreview | undefined>;
  /** Who is in a group; undefined for a person. Rejects if WhatsApp cannot be asked. */
  recipients(to: Chat): Promise<readonly Party[] | undefined>;
  /** Resolves when the bytes are on their way, in the order of the calls. They leave when the facts are durable, and not before. */
  send(to: Chat, waId: string, content: Uint8Array, facts: readonly Fact[]): Promise<void>;
  read(job: Extract<Job, { type: 'read' }>): Promise<void>;
}

export interface OutboxParts {
  readonly account: string;
  readonly keeper: Pick<Keeper, 'jobs'>;
  readonly link: Sender;
  /** Ms since epoch on a clock that never jumps. */
  readonly now: () => number;
  /** Calls back after so many ms, unless the returned function is called first. */
  readonly after: (ms: number, call: () => void) => () => void;
  /** The account's own: it outlives this link. */
  readonly meter?: Meter;
  readonly log: (text: string, error?: unknown) => void;
}

/** Jobs that are fetched at once; more than may be unanswered, so that each fetch brings something new. */
const JOBS_AT_ONCE = 50;
/** Messages that are written and wait for the server's word; more wait unwritten. */
const MOST_UNANSWERED = 16;
/** Ms to wait for the server's word on a message before it goes again. */
const ACK_WITHIN = 20_000;
/** How often a message is tried on one link before it counts as refused. */
const TRIES = 3;
const PAUSE_BETWEEN_TRIES = 1_000;

type Acked = { readonly error: string | undefined } | 'no answer';
type SendJob = Extract<Job, { type: 'send' }>;
interface Expected {
  readonly answer: () => Promise<Acked>;
  readonly forget: () => void;
}

/** A text, and nothing that makes it another kind of message. */
function isPlain({ change, bears = {}, text }: SendJob): boolean {
  const { location, contacts, poll, timer, preview } = bears;
  const other = location ?? contacts ?? poll ?? timer ?? preview;
  return change === undefined && other === undefined && text !== '';
}

/** What no further try changes. */
function isFinal(error: unknown): boolean {
  return error instanceof CodedError && (error.code === 'MEDIA_GONE' || error.code === 'SEND_CANCELLED');
}

/** Lives as long as its link. */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #waits = new Map<string, (acked: Acked) => void>();
  readonly #tries = new Map<string, number>();
  /** Ids of the jobs between their first byte and the commit of their end. */
  readonly #underWay = new Set<string>();
  #roomMade = (): void => {};
  readonly #bell: Bell;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#bell = new Bell(
      () => this.#work(),
      (error) => parts.log('the outbox stopped', error),
    );
  }

  /** There may be jobs. */
  ring(): void {
    this.#bell.ring();
  }

  /** The server's word on a message, wanted or not. */
  acked(waId: string, error: string | undefined): void {
    this.#waits.get(waId)?.({ error });
  }

  close(): void {
    this.#bell.close();
    this.#roomMade();
  }

  async #work(): Promise<void> {
    // One that ends while we ask may still be in the answer.
    const before = new Set(this.#underWay);
    const jobs = await this.#parts.keeper.jobs(this.#parts.account, JOBS_AT_ONCE);
    if (jobs.length === JOBS_AT_ONCE) this.ring();
    for (const job of jobs) {
      if (before.has(job.id) || job.type === 'errand') continue;
      await this.#room();
      if (this.#bell.closed) return;
      const gone = await (job.type === 'send' ? this.#send(job) : this.#read(job));
      // The order of the rest depends on this one: try it again first.
      if (!gone) {
        this.ring();
        return this.#sleep(PAUSE_BETWEEN_TRIES);
      }
    }
  }

  /** True when the message has been written, or is given up. The next one is written after it, whatever the server says to this one. */
  async #send(job: SendJob): Promise<boolean> {
    const { link, now } = this.#parts;
    await this.#keepPace();
    const tries = (this.#tries.get(job.id) ?? 0) + 1;
    this.#tries.set(job.id, tries);
    const acked = this.#expect(job.waId);
    try {
      const fresh = job.content === undefined;
      const preview = fresh && isPlain(job) ? await link.preview?.(job.text) : undefined;
      const whole = preview === undefined ? job : { ...job, bears: { ...job.bears, preview } };
      const content = job.content ?? (await link.content(whole));
      const source = fresh && job.media && job.change === undefined ? sourceIn(content) : undefined;
      const recipients = fresh && job.change === undefined ? await link.recipients(job.to) : undefined;
      const facts: readonly Fact[] = fresh
        ? [
            {
              type: 'sending',
              job: job.id,
              content,
              ...(recipients && { recipients }),
              ...(preview && { preview }),
              ...(source && { source }),
            },
          ]
        : [];
      await link.send(job.to, job.waId, content, facts);
    } catch (error) {
      acked.forget();
      if (this.#bell.closed) return false;
      this.#parts.log('a message was not sent', error);
      if (!isFinal(error) && (this.#uncounted(job, error) || tries < TRIES)) return false;
      const text = error instanceof CodedError ? error.code : error instanceof Error ? error.message : String(error);
      await link.commit([{ type: 'acked', waId: job.waId, error: text.slice(0, 200), at: now() }]);
      this.#tries.delete(job.id);
      return true;
    }
    this.#underWay.add(job.id);
    void this.#settle(job, tries, acked);
    return true;
  }

  /** Waits for the server's word on a written message. Without one it goes again, before all that has not been written yet. */
  async #settle(job: SendJob, tries: number, acked: Expected): Promise<void> {
    const { link, now, log } = this.#parts;
    let again = false;
    try {
      const answer = await acked.answer();
      again = answer === 'no answer' && tries < TRIES;
      const error = answer === 'no answer' ? 'NO_ACK' : answer.error;
      if (!again)
        await link.commit([{ type: 'acked', waId: job.waId, ...(error !== undefined && { error }), at: now() }]);
    } catch (error) {
      if (!this.#bell.closed) log('the end of a message was not committed', error);
      again = true;
    }
    acked.forget();
    if (!again) this.#tries.delete(job.id);
    this.#underWay.delete(job.id);
    this.#roomMade();
    if (again) this.ring();
  }

  async #room(): Promise<void> {
    while (this.#underWay.size >= MOST_UNANSWERED && !this.#bell.closed) {
      await new Promise<void>((resolve) => {
        this.#roomMade = resolve;
      });
    }
  }

  async #read(job: Extract<Job, { type: 'read' }>): Promise<boolean> {
    const { link } = this.#parts;
    const tries = (this.#tries.get(job.id) ?? 0) + 1;
    this.#tries.set(job.id, tries);
    let failure: string | undefined;
    try {
      await link.read(job);
    } catch (error) {
      if (this.#bell.closed) return false;
      this.#parts.log('read receipts were not sent', error);
      if (this.#uncounted(job, error) || tries < TRIES) return false;
      failure = error instanceof Error ? error.message.slice(0, 200) : String(error);
    }
    await link.commit([{ type: 'job-done', job: job.id, ...(failure !== undefined && { error: failure }) }]);
    this.#tries.delete(job.id);
    return true;
  }

  /** A try on a dead link is none: a link can be dead for seconds before that is known, and nobody has refused anything. */
  #uncounted({ id }: Job, error: unknown): boolean {
    if (!isLinkGone(error)) return false;
    this.#tries.delete(id);
    return true;
  }

  /** Registered before the bytes leave, since the answer may come before the write is reported. */
  #expect(waId: string): Expected {
    let resolve: (acked: Acked) => void = () => {};
    let cancel = (): void => {};
    const promise = new Promise<Acked>((settle) => {
      resolve = settle;
    });
    this.#waits.set(waId, resolve);
    return {
      answer: () => {
        cancel = this.#parts.after(ACK_WITHIN, () => resolve('no answer'));
        return promise;
      },
      forget: () => {
        cancel();
        this.#waits.delete(waId);
      },
    };
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.after(ms, resolve);
    });
  }

  async #keepPace(): Promise<void> {
    const wait = this.#parts.meter?.book(this.#parts.now()) ?? 0;
    if (wait > 0) await this.#sleep(wait);
  }
}
