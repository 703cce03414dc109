// What a simulated person's phone keeps of a message that came: its words, its vote, its file once that is fetched and checked; it never answers anybody.
import type { proto } from 'baileys/WAProto/index.js';
import { contentOf, messageOf, rawOf } from './content.ts';
import type { Entry, FileRecord } from './log.ts';
import { mediaOf, openMedia, unwrap } from './media-cipher.ts';
import { fileIdOf } from './media-host.ts';
import type { Person } from './person.ts';
import { pollOf } from './summary.ts';
import { openVote } from './votes.ts';
import type { World } from './world.ts';

/** Larger files are kept unopened: checking holds a file in memory twice. */
const MAX_CHECKED_BYTES = 256 * 1024 * 1024;

type Kept = Pick<Entry, 'id' | 'direction' | 'from' | 'to' | 'form' | 'status'>;

export function record(world: World, person: Person, kept: Kept, message: proto.IMessage): void {
  const log = world.logOf(person);
  const content = contentOf(message);
  const chosen = content.kind === 'vote' ? choiceOf(world, person, kept, message) : undefined;
  const entry = log.add({
    ...kept,
    ...content,
    ...(chosen !== undefined && { text: chosen }),
    ...rawOf(message),
    timestamp: world.clock(),
  });
  if (entry && mediaOf(message)) {
    log.keepFile(entry, fetchFile(world, message));
  }
}

/** The options that a vote names, or undefined when it cannot be opened. */
function choiceOf(world: World, person: Person, { from }: Kept, message: proto.IMessage): string | undefined {
  const update = unwrap(message).pollUpdateMessage;
  const poll = update?.pollCreationMessageKey?.id;
  const log = world.logOf(person);
  const entry = poll ? (log.find('in', poll) ?? log.find('out', poll)) : undefined;
  const creator = entry && world.people.find(entry.from);
  const voter = world.people.find(from);
  if (!poll || !update?.vote || !entry || !creator || !voter) return undefined;
  const asked = messageOf(entry);
  const secret = asked.messageContextInfo?.messageSecret;
  if (!secret) return undefined;
  const offered = (pollOf(asked)?.options ?? []).map(({ optionName }) => optionName ?? '');
  // Clients seal by number or by hidden id, as their chat is addressed.
  for (const form of ['s.whatsapp.net', 'lid'] as const) {
    try {
      const ballot = { poll, creator: creator.in(form), voter: voter.in(form), secret };
      return openVote(ballot, update.vote, offered).join(', ');
    } catch {
      // The other form then.
    }
  }
  return undefined;
}

/** Fetches and opens the file of a message as a phone would. It never throws: what is wrong is the outcome. */
function fetchFile(world: World, message: proto.IMessage): FileRecord {
  const ref = mediaOf(message);
  if (!ref) return { ok: false, problem: 'no file', mime: '', size: 0 };
  const media = unwrap(message)[ref.field];
  const said = { mime: media?.mimetype ?? '', size: ref.fileLength ?? 0 };
  try {
    const plain = openFile(world, message);
    if (!plain) return { ...said, ok: false, problem: 'it is not on the media host' };
    const sha256 = Buffer.from(ref.fileSha256 ?? []).toString('hex');
    return { ...said, size: plain.length, sha256, ok: true };
  } catch (error) {
    return { ...said, ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** The file itself. @returns undefined when the media host never had it. @throws when it is not what the message says. */
export function openFile(world: World, message: proto.IMessage): Buffer | undefined {
  const ref = mediaOf(message);
  const id = ref?.directPath === undefined ? undefined : fileIdOf(ref.directPath);
  if (!ref || id === undefined) return undefined;
  const size = world.media.sizeOf(id);
  if (size === undefined) return undefined;
  if (size > MAX_CHECKED_BYTES) throw new Error('it is too large to be checked');
  const bytes = world.media.bytes(id);
  return bytes && openMedia(bytes, ref);
}
