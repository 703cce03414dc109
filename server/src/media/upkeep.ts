// Sees to the space that files take: unused uploads go, files past the budget go where WhatsApp may still have them, and what nobody names any more is removed. It fetches nothing, and removes no message.
import type { Commands } from '../inbox/commands.ts';
import type { Queries, Writer } from '../store/port.ts';
import type { MediaFiles } from './files.ts';

export interface UpkeepParts {
  readonly files: MediaFiles;
  readonly queries: Pick<
    Queries,
    'accounts' | 'filesInUse' | 'mediaBefore' | 'mediaUse' | 'oldestMedia' | 'oldUploads'
  >;
  readonly writer: Pick<Writer<Commands>, 'run'>;
  readonly log: { info(fields: object, text: string): void; warn(fields: object, text: string): void };
  /** Bytes of all files together; undefined = no limit. Accounts have limits of their own beside it. */
  readonly budget: number | undefined;
  /** Ms since epoch. */
  readonly now: () => number;
}

export interface Upkeep {
  /** Looks now. Resolves when there is nothing left to do. */
  look(): Promise<void>;
  /** Files whose rows have just gone: those that no other row names are removed. */
  forget(files: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;
const EVERY_MS = 10 * 60_000;
const FIRST_MS = 60_000;
/** An upload that nobody has sent by then was given up. */
const UPLOAD_KEPT_MS = 24 * 3_600_000;
const PIECES_KEPT_MS = 7 * 24 * 3_600_000;
/** A file that is younger may be named by a row in a moment. */
const YOUNG_MS = 3_600_000;
const STEP = 100;

export function openUpkeep({ files, queries, writer, log, budget, now }: UpkeepParts): Upkeep {
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let isWaiting = false;
  let timer: NodeJS.Timeout | undefined;

  const expireUploads = async (): Promise<void> => {
    for (;;) {
      const ids = await queries.oldUploads(now() - UPLOAD_KEPT_MS, STEP);
      if (ids.length === 0 || closed) return;
      await writer.run('remove_uploads', { ids });
    }
  };

  const keepAccounts = async (): Promise<void> => {
    for (const { account } of await queries.accounts()) {
      const { id, mediaDays, mediaBudgetMb } = account;
      if (mediaDays !== undefined) await keepDays(id, now() - mediaDays * DAY_MS);
      if (mediaBudgetMb !== undefined) await keepBudget(mediaBudgetMb * 1_048_576, id);
    }
  };

  const keepDays = async (account: string, before: number): Promise<void> => {
    for (let removed = 0; !closed; ) {
      const old = await queries.mediaBefore(account, before, STEP);
      for (const { id, file } of old) {
        await writer.run('drop_media', { id });
        if (file !== undefined) removed += await forget([file]);
      }
      if (old.length > 0) continue;
      if (removed > 0) log.info({ account, before, removed }, 'files that are kept no longer were removed');
      return;
    }
  };

  /** Of one account, or of all together. What several messages share counts once, and stays as long as one of them may keep it. */
  const keepBudget = async (most: number | undefined = budget, account?: string): Promise<void> => {
    if (most === undefined) return;
    const of = account === undefined ? {} : { account };
    let { bytes } = await queries.mediaUse(account);
    const before = bytes;
    while (bytes > most && !closed) {
      const oldest = await queries.oldestMedia(STEP, account);
      if (oldest.length === 0) {
        log.warn({ bytes, most, ...of }, 'what is left of the files cannot be fetched again, and is over the budget');
        break;
      }
      for (const { id, file, media } of oldest) {
        if (bytes <= most || closed) break;
        await writer.run('drop_media', { id });
        if (file === undefined) continue;
        const removed = await forget([file]);
        if (removed > 0) bytes -= media.size;
      }
      ({ bytes } = await queries.mediaUse(account));
    }
    if (bytes < before)
      log.info({ before, bytes, most, ...of }, 'the oldest files were removed to stay within the budget');
  };

  const forget = async (hashes: readonly string[]): Promise<number> => {
    const used = await queries.filesInUse(hashes);
    const unused = hashes.filter((hash) => !used.has(hash));
    await files.remove(unused);
    return unused.length;
  };

  const sweep = async (): Promise<void> => {
    let removed = 0;
    for await (const folder of files.all()) {
      if (closed) return;
      removed += await forget(folder.filter(({ at }) => now() - at > YOUNG_MS).map(({ hash }) => hash));
    }
    await files.forgetPieces(PIECES_KEPT_MS, now());
    if (removed > 0) log.info({ removed }, 'files that no message names were removed');
  };

  const lookAtAll = async (): Promise<void> => {
    for (const step of [expireUploads, keepAccounts, () => keepBudget(), sweep]) {
      // The disk is full, or the store is closing: the next look tries again.
      if (!closed) await step().catch((error: unknown) => log.warn({ err: error }, 'the upkeep of files'));
    }
  };
  const look = (): Promise<void> => {
    if (isWaiting) return running;
    isWaiting = true;
    running = running.then(async () => {
      isWaiting = false;
      await lookAtAll();
    });
    return running;
  };
  const next = (afterMs: number): void => {
    timer = setTimeout(() => void look().finally(() => !closed && next(EVERY_MS)), afterMs).unref();
  };
  next(FIRST_MS);
  return {
    look,
    async forget(hashes) {
      await forget(hashes);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
