// The ids of conversations, messages and send jobs: hashes of what makes them unique, so that a decision needs no randomness and a redelivery finds the id it already has.
import { createHash } from 'node:crypto';

/** `address` is the canonical one at the time when the conversation is made. */
export function conversationId(account: string, address: string): string {
  return `c_${digest(account, address)}`;
}

/** `author` is the canonical address, '' for ourselves. */
export function messageId(account: string, conversation: string, author: string, waId: string): string {
  return `m_${digest(account, conversation, author, waId)}`;
}

/** The outbox job that sends a message of ours. */
export function sendJobId(message: string): string {
  return `j_${digest(message)}`;
}

/** The file of a message. */
export function mediaId(message: string): string {
  return `f_${digest(message)}`;
}

/** The file of the message that an outbox job sends. */
export function mediaOfJob(job: string): string {
  return `f_${job.slice(2)}`;
}

export function jobOfMedia(media: string): string {
  return `j_${media.slice(2)}`;
}

/** 128 bits, hex. JSON keeps the parts apart whatever they contain. */
function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
