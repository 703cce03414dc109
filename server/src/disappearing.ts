// Sees to it that messages disappear when their time comes: asks the store which are due, and when the next one is. It decides nothing about a message.
import type { Commands } from './inbox/commands.ts';
import type { Log } from './log.ts';
import type { Queries, Writer } from './store/port.ts';

/** Ms between two looks; one that is due sooner is not waited for. */
const EVERY_MS = 1_000;
const SOON_MS = 100;
/** Messages of one transaction. */
const AT_ONCE = 100;

export interface Disappearing {
  /** Looks now. Resolves when nothing that is due is left. */
  look(): Promise<void>;
  close(): Promise<void>;
}

export interface DisappearingParts {
  readonly queries: Pick<Queries, 'due'>;
  readonly writer: Pick<Writer<Commands>, 'run'>;
  readonly log: Pick<Log, 'warn'>;
  /** Ms since epoch. */
  readonly now: () => number;
}

export function openDisappearing({ queries, writer, log, now }: DisappearingParts): Disappearing {
  let closed = false;
  let running: Promise<number> = Promise.resolve(EVERY_MS);
  let timer: NodeJS.Timeout | undefined;

  /** Answers ms until the next look. */
  const lookOnce = async (): Promise<number> => {
    for (let first = ''; !closed; ) {
      const { messages, next } = await queries.due(now(), AT_ONCE);
      // The writer's clock may be behind ours.
      if (messages[0]?.id === first) return SOON_MS;
      first = messages[0]?.id ?? '';
      if (messages.length === 0)
        return Math.min(EVERY_MS, next === undefined ? EVERY_MS : Math.max(SOON_MS, next - now()));
      const byAccount = new Map<string, string[]>();
      for (const { id, account } of messages) byAccount.set(account, [...(byAccount.get(account) ?? []), id]);
      for (const [account, ids] of byAccount) await writer.run('disappear', { account, messages: ids });
    }
    return EVERY_MS;
  };
  const look = async (): Promise<void> => {
    running = running.then(lookOnce).catch((error: unknown) => {
      // An account was removed meanwhile, or the disk is full: the next look tries again.
      log.warn({ err: error }, 'messages did not disappear');
      return EVERY_MS;
    });
    await running;
  };
  const next = (afterMs: number): void => {
    timer = setTimeout(() => void look().then(async () => !closed && next(await running)), afterMs).unref();
  };
  next(EVERY_MS);
  return {
    look,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
