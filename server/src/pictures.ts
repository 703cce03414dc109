// Profile pictures on the disk, fetched when they are first looked at and again when they have grown old or were changed. It knows neither WhatsApp nor HTTP, and forgets the oldest beyond a number.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addressesOf } from './inbox/conversations.ts';
import type { Chat } from './whatsapp/port.ts';

export interface Pictures {
  /** Undefined if there is none to see. Rejects if it cannot be asked for. */
  of(account: string, chat: Chat): Promise<Buffer | undefined>;
  /** It has changed: once this resolves, nobody is given the one before. */
  forget(account: string, address: string): Promise<void>;
  /** The account is gone. */
  forgetAccount(account: string): Promise<void>;
}

export interface PictureParts {
  readonly folder: string;
  /** The bytes as base64, null if there is none to see. */
  readonly fetch: (account: string, chat: Chat) => Promise<unknown>;
  /** Ms since epoch. */
  readonly now: () => number;
}

const FRESH_FOR = 24 * 3_600_000;
/** Who shows no picture is asked again after so many ms. */
const NONE_FOR = 3_600_000;
const MOST_FILES = 5_000;
const MOST_NONE = 10_000;
const LOOK_EVERY = 200;
/** So many are fetched at the same time; whoever comes beyond waits for one of them. */
const AT_ONCE = 4;

/** One that is being read; once it has changed meanwhile, nothing of it is kept. */
interface Flight {
  changed: boolean;
}

export function openPictures({ folder, fetch, now }: PictureParts): Pictures {
  const none = new Map<string, number>();
  const underWay = new Map<string, { readonly flight: Flight; readonly answer: Promise<Buffer | undefined> }>();
  const waiting: (() => void)[] = [];
  let fetching = 0;
  let written = 0;

  const fileOf = (account: string, address: string): string =>
    join(
      folder,
      account.replaceAll(/[^\w-]/g, ''),
      `${createHash('sha256').update(address).digest('hex').slice(0, 40)}.jpg`,
    );

  async function read(account: string, chat: Chat, address: string, flight: Flight): Promise<Buffer | undefined> {
    const file = fileOf(account, address);
    const known = await stat(file).catch(() => undefined);
    if (known !== undefined && now() - known.mtimeMs < FRESH_FOR) return readFile(file);
    const asked = none.get(file);
    if (asked !== undefined && now() - asked < NONE_FOR) return undefined;
    while (fetching >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    fetching++;
    try {
      const answer = await fetch(account, chat);
      if (typeof answer !== 'string') {
        if (flight.changed) return undefined;
        none.set(file, now());
        for (const oldest of none.keys()) {
          if (none.size <= MOST_NONE) break;
          none.delete(oldest);
        }
        await rm(file, { force: true });
        return undefined;
      }
      const bytes = Buffer.from(answer, 'base64');
      if (flight.changed) return bytes;
      await mkdir(join(file, '..'), { recursive: true });
      const begun = `${file}.${++written}`;
      await writeFile(begun, bytes);
      await rename(begun, file);
      if (flight.changed) await rm(file, { force: true });
      if (written % LOOK_EVERY === 0) await bound(join(file, '..'));
      return bytes;
    } catch (error) {
      // An old one is better than none.
      if (known !== undefined) return readFile(file);
      throw error;
    } finally {
      fetching--;
      waiting.shift()?.();
    }
  }

  async function bound(of: string): Promise<void> {
    const names = await readdir(of);
    if (names.length <= MOST_FILES) return;
    const files = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(join(of, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
    );
    files.sort((a, b) => a.at - b.at);
    for (const { name } of files.slice(0, files.length - MOST_FILES)) await rm(join(of, name), { force: true });
  }

  return {
    of(account, chat) {
      const [address] = addressesOf(chat);
      if (address === undefined) return Promise.resolve(undefined);
      const key = fileOf(account, address);
      const current = underWay.get(key);
      if (current !== undefined) return current.answer;
      const flight: Flight = { changed: false };
      const answer = read(account, chat, address, flight).finally(() => {
        if (underWay.get(key)?.flight === flight) underWay.delete(key);
      });
      underWay.set(key, { flight, answer });
      return answer;
    },
    async forget(account, address) {
      const file = fileOf(account, address);
      none.delete(file);
      const current = underWay.get(file);
      if (current !== undefined) current.flight.changed = true;
      underWay.delete(file);
      await rm(file, { force: true });
    },
    forgetAccount: (account) => rm(join(folder, account.replaceAll(/[^\w-]/g, '')), { recursive: true, force: true }),
  };
}
