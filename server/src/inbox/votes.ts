// Votes on polls: opened with the poll's secret, sealed with it, and counted. It trusts no vote that it cannot open, and knows neither store nor clock.
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import type { Poll, PollVote } from '@pulseline/protocol';

/** What a vote is bound to, as WhatsApp's clients derive its key. */
export interface Ballot {
  /** WhatsApp's id of the poll. */
  readonly poll: string;
  /** Addresses without device, in the form that the voter's client used. */
  readonly creator: string;
  readonly voter: string;
  /** 32 bytes as hex. */
  readonly secret: string;
}
export interface Sealed {
  readonly payload: string;
  readonly iv: string;
}

const TAG_BYTES = 16;
const HASH_BYTES = 32;
/** The contract's limit. */
const MOST_VOTES = 1_024;

/** Hashes of the chosen options (hex) by the first ballot that fits; undefined if none does. Who wrote by which of two addresses is not told. */
export function openVote({ payload, iv }: Sealed, ballots: readonly Ballot[]): readonly string[] | undefined {
  const bytes = Buffer.from(payload, 'base64');
  if (bytes.length < TAG_BYTES) return undefined;
  for (const ballot of ballots) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', keyOf(ballot), Buffer.from(iv, 'base64'));
      decipher.setAAD(boundTo(ballot)).setAuthTag(bytes.subarray(-TAG_BYTES));
      const plain = Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]);
      return hashesIn(plain);
    } catch {
      // Sealed under another pair of addresses, or by somebody who does not know the secret.
    }
  }
  return undefined;
}

/** `iv`: 12 bytes as hex that were never used before. */
export function sealVote(ballot: Ballot, options: readonly string[], iv: string): Sealed {
  const nonce = Buffer.from(iv, 'hex');
  const cipher = createCipheriv('aes-256-gcm', keyOf(ballot), nonce).setAAD(boundTo(ballot));
  // PollVoteMessage: the hashes, each as field 1.
  const plain = Buffer.concat(options.flatMap((name) => [Buffer.of(0x0a, HASH_BYTES), sha256(name)]));
  const payload = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
  return { payload, iv: nonce.toString('base64') };
}

/** By which a vote names an option; hex. */
export function hashOf(option: string): string {
  return sha256(option).toString('hex');
}

/** The poll with this vote in place of the voter's earlier one; the same object if that is not older. */
export function voted(
  poll: Poll,
  vote: Omit<PollVote, 'options'>,
  chosen: readonly string[],
  isVoter: (one: PollVote) => boolean,
): Poll {
  const before = poll.votes.find(isVoter);
  if (before !== undefined && before.at >= vote.at) return poll;
  if (before === undefined && poll.votes.length >= MOST_VOTES) return poll;
  const wanted = new Set(chosen);
  const found = poll.options.flatMap(({ name }, index) => (wanted.has(hashOf(name)) ? [index] : []));
  const options = poll.selectable > 0 ? found.slice(0, poll.selectable) : found;
  const voter = before?.voter ?? vote.voter;
  const votes = [...poll.votes.filter((each) => each !== before), { ...vote, voter, options }];
  return {
    ...poll,
    options: poll.options.map(({ name }, index) => ({
      name,
      votes: votes.filter((each) => each.options.includes(index)).length,
    })),
    votes,
  };
}

function keyOf({ poll, creator, voter, secret }: Ballot): Buffer {
  const base = createHmac('sha256', Buffer.alloc(32)).update(Buffer.from(secret, 'hex')).digest();
  const what = Buffer.concat([Buffer.from(`${poll}${creator}${voter}Poll Vote`), Buffer.of(1)]);
  return createHmac('sha256', base).update(what).digest();
}

function boundTo({ poll, voter }: Ballot): Buffer {
  return Buffer.from(`${poll}\0${voter}`);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function hashesIn(bytes: Buffer): readonly string[] | undefined {
  const hashes: string[] = [];
  for (let at = 0; at < bytes.length; at += 2 + HASH_BYTES) {
    if (bytes[at] !== 0x0a || bytes[at + 1] !== HASH_BYTES || at + 2 + HASH_BYTES > bytes.length) return undefined;
    hashes.push(bytes.subarray(at + 2, at + 2 + HASH_BYTES).toString('hex'));
  }
  return hashes;
}
