// Sees to it that accounts keep messages only as long as they are told to: looks now and then, and removes little by little. It decides nothing about a message.
import type { Commands } from './inbox/commands.ts';
import type { Log } from './log.ts';
import type { Queries, Writer } from './store/port.ts';

const DAY_MS = 86_400_000;
/** How often is looked, and how long after the start. */
const EVERY_MS = 3_600_000;
const FIRST_MS = 60_000;
/** Between two transactions, so that messages go first. */
const PAUSE_MS = 20;

export interface Retention {
  /** Looks now, as after a change of an account. Resolves when nothing is left to remove. */
  look(): Promise<void>;
  close(): Promise<void>;
}

export interface RetentionParts {
  readonly queries: Pick<Queries, 'accounts' | 'expired' | 'events'>;
  readonly writer: Pick<Writer<Commands>, 'run'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Ms since epoch. */
  readonly now: () => number;
  readonly pauseMs?: number;
}

export function openRetention({ queries, writer, log, now, pauseMs = PAUSE_MS }: RetentionParts): Retention {
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let isWaiting = false;
  let timer: NodeJS.Timeout | undefined;
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, pauseMs));

  const account = async (id: string, stream: string, before: number): Promise<void> => {
    let steps = 0;
    // The log first: what it tells of old messages need not be said anew before it goes.
    while (!closed) {
      const [oldest] = await queries.events(stream, 0, 1);
      if (oldest === undefined || oldest.at >= before) break;
      await writer.run('expire_events', { stream, before });
      steps++;
      await pause();
    }
    for (let after: string | undefined = ''; after !== undefined && !closed; ) {
      const page: Awaited<ReturnType<Queries['expired']>> = await queries.expired(id, before * 1_000, after);
      for (const conversation of page.conversations) {
        if (closed) return;
        await writer.run('expire_messages', { conversation, before });
        steps++;
        await pause();
      }
      // The same page again until there is nothing left in it.
      if (page.conversations.length === 0) after = page.next;
    }
    if (steps > 0) log.info({ account: id, before, steps }, 'what is kept no longer was removed');
  };

  const lookAtAll = async (): Promise<void> => {
    for (const { account: of } of await queries.accounts()) {
      if (of.retentionDays === undefined) continue;
      await account(of.id, of.stream, now() - of.retentionDays * DAY_MS).catch((error: unknown) =>
        // Removed meanwhile, or the disk is full: the next look tries again.
        log.warn({ err: error, account: of.id }, 'retention'),
      );
    }
  };
  const look = (): Promise<void> => {
    // One that has not begun yet will see everything.
    if (isWaiting) return running;
    isWaiting = true;
    running = running.then(async () => {
      isWaiting = false;
      if (!closed) await lookAtAll().catch((error: unknown) => log.warn({ err: error }, 'retention'));
    });
    return running;
  };
  const next = (afterMs: number): void => {
    timer = setTimeout(() => void look().finally(() => !closed && next(EVERY_MS)), afterMs).unref();
  };
  next(FIRST_MS);
  return {
    look,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
