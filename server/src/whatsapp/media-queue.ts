// Fetches an account's files, a few at a time, after their messages are committed; what it has not fetched when it ends is asked for again by the next one. It holds up nothing else.

import { CodedError } from '@pulseline/protocol';
import { diskError } from '../media/files.ts';
import { Bell } from './bell.ts';
import { MediaBroken } from './media-cipher.ts';
import { type Fetched, isCancelled } from './media-link.ts';
import { MediaDropped, MediaTooLong } from './media-wire.ts';
import type { Keeper, MediaJob, MediaLimits, MediaOutcome, MediaSource, Target } from './port.ts';

/** What the queue needs of a link. */
export interface MediaFetcher {
  fetch(
    id: string,
    source: MediaSource,
    told: { readonly mime: string; readonly size: number },
    most: number,
    signal: AbortSignal,
  ): Promise<Fetched>;
  askAgain(target: Target, source: MediaSource): Promise<string | undefined>;
}

export interface MediaQueueParts {
  readonly account: string;
  readonly keeper: Pick<Keeper, 'openMedia' | 'commit'>;
  readonly link: MediaFetcher;
  readonly limits: MediaLimits;
  /** Ms on a clock that never jumps. */
  readonly now: () => number;
  /** Calls back after so many ms, unless the returned function is called first. */
  readonly after: (ms: number, call: () => void) => () => void;
  readonly log: (text: string, error?: unknown, level?: 'warn') => void;
}

/** Files of one account at a time. */
const AT_ONCE = 3;
const JOBS_AT_ONCE = 100;
/** Ms before the next attempt, by the number of those that failed; after the last a person has to ask. */
const PAUSES = [2_000, 10_000, 60_000, 300_000];
/** Files of which attempts are counted; more and the count begins anew. */
const MOST_COUNTED = 5_000;

interface Tried {
  readonly failed: number;
  /** No attempt before this moment. */
  readonly notBefore: number;
  /** The phone was asked for it on this link. */
  readonly isAsked: boolean;
  readonly isBroken: boolean;
}
const UNTRIED: Tried = { failed: 0, notBefore: 0, isAsked: false, isBroken: false };

/** Lives as long as its link. */
export class MediaQueue {
  readonly #parts: MediaQueueParts;
  readonly #running = new Set<string>();
  readonly #tried = new Map<string, Tried>();
  readonly #end = new AbortController();
  #waiting = 0;
  readonly #bell: Bell;
  #cancel = (): void => {};

  constructor(parts: MediaQueueParts) {
    this.#parts = parts;
    this.#bell = new Bell(
      () => this.#look(),
      (error) => parts.log('the files to fetch are not known', error),
    );
  }

  /** There may be files to fetch. */
  ring(): void {
    this.#bell.ring();
  }

  close(): void {
    this.#bell.close();
    this.#end.abort();
    this.#cancel();
  }

  measure(): { readonly fetching: number; readonly waiting: number } {
    return { fetching: this.#running.size, waiting: this.#waiting };
  }

  async #look(): Promise<void> {
    const { keeper, account, now, after } = this.#parts;
    const jobs = await keeper.openMedia(account, JOBS_AT_ONCE);
    let next = Number.POSITIVE_INFINITY;
    for (const job of jobs) {
      if (this.#running.size >= AT_ONCE || this.#end.signal.aborted) break;
      if (this.#running.has(job.id)) continue;
      const { notBefore } = this.#tried.get(job.id) ?? UNTRIED;
      // Whoever asks for it now does not wait.
      if (notBefore > now()) next = Math.min(next, notBefore);
      else this.#begin(job);
    }
    this.#waiting = Math.max(0, jobs.length - this.#running.size);
    this.#cancel();
    if (next !== Number.POSITIVE_INFINITY) this.#cancel = after(next - now(), () => this.ring());
  }

  #begin(job: MediaJob): void {
    this.#running.add(job.id);
    void this.#carryOut(job)
      .catch((error: unknown) => {
        this.#parts.log('what became of a file was not kept', error);
        this.#try(job.id, { notBefore: this.#parts.now() + (PAUSES[0] ?? 0) });
      })
      .finally(() => {
        this.#running.delete(job.id);
        this.ring();
      });
  }

  async #carryOut(job: MediaJob): Promise<void> {
    const outcome = await this.#outcomeOf(job);
    if (outcome === undefined || this.#end.signal.aborted) return;
    const { keeper, account } = this.#parts;
    await keeper.commit({ account, facts: [{ type: 'media', id: job.id, outcome }], keys: [], seen: [] });
    if (outcome.state !== 'moved') this.#tried.delete(job.id);
  }

  /** undefined = it is tried again by and by. */
  async #outcomeOf(job: MediaJob): Promise<MediaOutcome | undefined> {
    const { limits, link } = this.#parts;
    const most = job.isWanted ? limits.wanted : limits.unasked;
    if (job.size > most) return { state: 'too-large' };
    try {
      const fetched = await link.fetch(job.id, job.source, job, most, this.#end.signal);
      return { state: 'ready', ...fetched };
    } catch (cause) {
      // Somebody wants it no longer; the store knows it already.
      if (this.#end.signal.aborted || isCancelled(cause)) return undefined;
      const error = diskError(cause);
      if (error instanceof MediaTooLong) return { state: 'too-large' };
      if (error instanceof MediaDropped) return this.#again(job);
      if (error instanceof MediaBroken) return this.#broken(job, error);
      if (error instanceof CodedError && error.code === 'MEDIA_DISK_FULL') {
        this.#parts.log('the disk is nearly full: a file is not fetched', error, 'warn');
        return { state: 'failed', reason: error.code };
      }
      return this.#failed(job, error);
    }
  }

  /** WhatsApp has dropped it: the phone may have it still. */
  async #again(job: MediaJob): Promise<MediaOutcome | undefined> {
    const { link } = this.#parts;
    if ((this.#tried.get(job.id) ?? UNTRIED).isAsked) return { state: 'gone', reason: 'MEDIA_GONE' };
    try {
      const path = await link.askAgain(job.target, job.source);
      if (path === undefined) return { state: 'gone', reason: 'MEDIA_GONE' };
      this.#try(job.id, { isAsked: true });
      return { state: 'moved', path };
    } catch (error) {
      return this.#failed(job, error);
    }
  }

  /** Bytes can be broken on their way: once more, from the beginning. */
  #broken(job: MediaJob, error: MediaBroken): MediaOutcome | undefined {
    this.#parts.log('a file is not what its message speaks of', error);
    if ((this.#tried.get(job.id) ?? UNTRIED).isBroken) return { state: 'failed', reason: 'MEDIA_BROKEN' };
    this.#try(job.id, { isBroken: true });
    return undefined;
  }

  #failed(job: MediaJob, error: unknown): MediaOutcome | undefined {
    this.#parts.log('a file could not be fetched', error);
    const { failed } = this.#tried.get(job.id) ?? UNTRIED;
    const pause = PAUSES[failed];
    if (pause === undefined) return { state: 'failed', reason: 'MEDIA_UNREACHABLE' };
    this.#try(job.id, { failed: failed + 1, notBefore: this.#parts.now() + pause });
    return undefined;
  }

  #try(id: string, what: Partial<Tried>): void {
    if (this.#tried.size >= MOST_COUNTED) this.#tried.clear();
    this.#tried.set(id, { ...(this.#tried.get(id) ?? UNTRIED), ...what });
  }
}
