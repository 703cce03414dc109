// One message on an open Signal session, at once: the bytes that libsignal's cipher would make, without its queue and its objects; it never opens a session and never reads a message.
import { createCipheriv } from 'node:crypto';
import { hmac, MAC_BYTES } from './hmac.ts';
import type { SignalKeyPair, SignalRecord, SignalSession } from './libsignal.ts';
import type { Ciphertext } from './signal.ts';

/** Version 3 of both the sender and the format. */
const VERSION = 0x33;
const KEY_BYTES = 33;
const SHORT_MAC_BYTES = 8;
const SENDING = 1;
const MESSAGE_SEED = Buffer.from([1]);
const CHAIN_SEED = Buffer.from([2]);
const NO_SALT = Buffer.alloc(MAC_BYTES);

/** What is used up within one call. */
const messageKey = Buffer.alloc(MAC_BYTES);
const extracted = Buffer.alloc(MAC_BYTES);
const cipherKey = Buffer.alloc(MAC_BYTES);
const macKey = Buffer.alloc(MAC_BYTES);
const ivKey = Buffer.alloc(MAC_BYTES);
const mac = Buffer.alloc(MAC_BYTES);
const iv = ivKey.subarray(0, 16);
/** HKDF's steps: what the last step made, the purpose, the number of the step. */
const PURPOSE = Buffer.from('WhisperMessageKeys');
const firstStep = Buffer.concat([PURPOSE, Buffer.from([1])]);
const laterStep = Buffer.concat([Buffer.alloc(MAC_BYTES), PURPOSE, Buffer.from([0])]);

/** Grows with the longest message; what leaves is copied out of it. */
let scratch = Buffer.alloc(4_096);
let at = 0;

function varint(value: number): void {
  let rest = value >>> 0;
  while (rest > 127) {
    scratch[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  scratch[at++] = rest;
}

function bytes(tag: number, value: Uint8Array): void {
  scratch[at++] = tag;
  varint(value.length);
  scratch.set(value, at);
  at += value.length;
}

function number(tag: number, value: number): void {
  scratch[at++] = tag;
  varint(value);
}

/** The three keys of a message, from its own: RFC 5869 with the salt of zeros that Signal takes. */
function derive(): void {
  hmac(NO_SALT, messageKey, extracted);
  hmac(extracted, firstStep, cipherKey);
  laterStep.set(cipherKey);
  laterStep[laterStep.length - 1] = 2;
  hmac(extracted, laterStep, macKey);
  laterStep.set(macKey);
  laterStep[laterStep.length - 1] = 3;
  hmac(extracted, laterStep, ivKey);
}

/** The signed message on the session's own chain, which takes a step. */
function whisper(session: SignalSession, own: SignalKeyPair, plaintext: Buffer): Buffer | undefined {
  const { ephemeralKeyPair, previousCounter } = session.currentRatchet;
  const chain = session.getChain(ephemeralKeyPair.pubKey);
  const key = chain?.chainKey.key;
  if (!chain || !key || chain.chainType !== SENDING) return undefined;
  hmac(key, MESSAGE_SEED, messageKey);
  hmac(key, CHAIN_SEED, key);
  chain.chainKey.counter += 1;
  derive();
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv);
  const [body, end] = [cipher.update(plaintext), cipher.final()];
  const most = 3 * KEY_BYTES + body.length + end.length + 64;
  if (scratch.length < most) scratch = Buffer.alloc(2 * most);
  // What the MAC is over: who writes, to whom, the version, the message.
  at = 0;
  scratch.set(own.pubKey, 0);
  scratch.set(session.indexInfo.remoteIdentityKey, KEY_BYTES);
  at = 2 * KEY_BYTES;
  const start = at;
  scratch[at++] = VERSION;
  bytes(10, ephemeralKeyPair.pubKey);
  number(16, chain.chainKey.counter);
  number(24, previousCounter);
  scratch[at++] = 34;
  varint(body.length + end.length);
  scratch.set(body, at);
  scratch.set(end, at + body.length);
  at += body.length + end.length;
  hmac(macKey, scratch.subarray(0, at), mac);
  scratch.set(mac.subarray(0, SHORT_MAC_BYTES), at);
  return Buffer.from(scratch.subarray(start, at + SHORT_MAC_BYTES));
}

/** @returns undefined when there is no session that could be written on: then libsignal opens one, or says what is wrong. */
export function encryptOn(
  record: SignalRecord,
  own: SignalKeyPair,
  registrationId: number,
  plaintext: Buffer,
): Ciphertext | undefined {
  const session = record.getOpenSession();
  const message = session && whisper(session, own, plaintext);
  if (!message) return undefined;
  const { pendingPreKey } = session;
  if (!pendingPreKey) return { type: 'msg', bytes: message };
  const most = message.length + 4 * KEY_BYTES;
  if (scratch.length < most) scratch = Buffer.alloc(2 * most);
  at = 0;
  scratch[at++] = VERSION;
  if (pendingPreKey.preKeyId) number(8, pendingPreKey.preKeyId);
  bytes(18, pendingPreKey.baseKey);
  bytes(26, own.pubKey);
  bytes(34, message);
  number(40, registrationId);
  number(48, pendingPreKey.signedKeyId);
  return { type: 'pkmsg', bytes: Buffer.from(scratch.subarray(0, at)) };
}
