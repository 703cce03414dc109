// A login's credentials as bytes and back; what cannot be read is refused, never replaced by a new identity.
import { CodedError } from '@pulseline/protocol';
import type { AuthenticationCreds } from 'baileys';
import type { Ending } from './classify.ts';
import { BufferJSON } from './library.ts';

/** Stored credentials that are there but cannot be read. */
class CredentialsUnreadable extends Error {
  constructor(cause: unknown) {
    super('The stored credentials cannot be read', { cause });
    this.name = 'CredentialsUnreadable';
  }
}

/** What an error means for the account if it says that a login cannot be read; undefined if it says something else. */
export function unreadable(error: unknown): Extract<Ending, { readonly type: 'halt' }> | undefined {
  const told = error instanceof CodedError && error.code === 'CREDENTIALS_UNREADABLE' ? error : undefined;
  const cause = error instanceof CredentialsUnreadable ? error.cause : undefined;
  if (told === undefined && cause === undefined) return undefined;
  const detail = told?.params['detail'] ?? (cause instanceof Error ? cause.message : String(cause));
  return { type: 'halt', code: 'CREDENTIALS_UNREADABLE', params: { detail } };
}

/** A linked device; before the scan there is nothing worth keeping, and half an identity must not be kept. */
export function isLinked(creds: AuthenticationCreds): boolean {
  return creds.account !== undefined && creds.me !== undefined;
}

export function encodeCredentials(creds: AuthenticationCreds): Uint8Array {
  return Buffer.from(JSON.stringify(creds, BufferJSON.replacer));
}

/** Throws CredentialsUnreadable. */
export function decodeCredentials(stored: Uint8Array): AuthenticationCreds {
  try {
    const value: unknown = JSON.parse(Buffer.from(stored).toString(), BufferJSON.reviver);
    if (isCredentials(value)) return value;
  } catch (error) {
    throw new CredentialsUnreadable(error);
  }
  throw new CredentialsUnreadable('a part is missing');
}

function isCredentials(value: unknown): value is AuthenticationCreds {
  if (!isRecord(value)) return false;
  const { noiseKey, signedIdentityKey, signedPreKey, me, account } = value;
  return (
    isKeyPair(noiseKey) &&
    isKeyPair(signedIdentityKey) &&
    isRecord(signedPreKey) &&
    isKeyPair(signedPreKey['keyPair']) &&
    typeof value['registrationId'] === 'number' &&
    typeof value['nextPreKeyId'] === 'number' &&
    typeof value['advSecretKey'] === 'string' &&
    isRecord(me) &&
    typeof me['id'] === 'string' &&
    isRecord(account)
  );
}

function isKeyPair(value: unknown): boolean {
  return isRecord(value) && value['public'] instanceof Uint8Array && value['private'] instanceof Uint8Array;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
