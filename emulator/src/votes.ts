// Votes on polls, sealed with a secret that only those who have the poll know; it never counts them.
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import type { proto } from 'baileys/WAProto/index.js';
import { wire } from './wire.ts';

export interface Ballot {
  /** Id of the poll. */
  readonly poll: string;
  /** Addresses, as the chat addresses people. */
  readonly creator: string;
  readonly voter: string;
  /** `messageContextInfo.messageSecret` of the poll. */
  readonly secret: Uint8Array;
}

const TAG_BYTES = 16;

function keyOf({ poll, creator, voter, secret }: Ballot): Buffer {
  const base = createHmac('sha256', Buffer.alloc(32)).update(secret).digest();
  const what = Buffer.concat([Buffer.from(poll + creator + voter + 'Poll Vote'), Buffer.from([1])]);
  return createHmac('sha256', base).update(what).digest();
}

function hashOf(option: string): Buffer {
  return createHash('sha256').update(option).digest();
}

export function sealVote(ballot: Ballot, options: readonly string[], iv: Buffer): proto.Message.IPollEncValue {
  const vote = wire()
    .Message.PollVoteMessage.encode({ selectedOptions: options.map(hashOf) })
    .finish();
  const cipher = createCipheriv('aes-256-gcm', keyOf(ballot), iv).setAAD(
    Buffer.from(`${ballot.poll}\0${ballot.voter}`),
  );
  return { encPayload: Buffer.concat([cipher.update(vote), cipher.final(), cipher.getAuthTag()]), encIv: iv };
}

/** @returns the names of the chosen options. @throws when the vote is not sealed for this ballot. */
export function openVote(
  ballot: Ballot,
  { encPayload, encIv }: proto.Message.IPollEncValue,
  offered: readonly string[],
): string[] {
  if (!encPayload || !encIv) throw new Error('no vote in it');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(ballot), encIv);
  decipher.setAAD(Buffer.from(`${ballot.poll}\0${ballot.voter}`));
  decipher.setAuthTag(encPayload.subarray(-TAG_BYTES));
  const plain = Buffer.concat([decipher.update(encPayload.subarray(0, -TAG_BYTES)), decipher.final()]);
  const chosen = wire()
    .Message.PollVoteMessage.decode(plain)
    .selectedOptions.map((hash) => Buffer.from(hash));
  return offered.filter((option) => chosen.some((hash) => hash.equals(hashOf(option))));
}
