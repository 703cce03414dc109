// A message on an open session: byte for byte what libsignal's own cipher makes, and the same session afterwards.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateKeyPair, typed } from './keys.ts';
import { libsignal, type SignalKeyPair, type SignalRecord, type SignalStorage, silenceLibsignal } from './libsignal.ts';
import { encryptOn } from './ratchet.ts';

silenceLibsignal();

interface Side {
  readonly own: SignalKeyPair;
  readonly signed: SignalKeyPair;
  readonly once: SignalKeyPair;
  readonly registrationId: number;
  readonly storage: SignalStorage;
  readonly address: InstanceType<typeof libsignal.ProtocolAddress>;
  record: SignalRecord | undefined;
}

function signalPair(): SignalKeyPair {
  const pair = generateKeyPair();
  return { pubKey: typed(pair.public), privKey: pair.private };
}

function side(name: string): Side {
  const [own, signed, once] = [signalPair(), signalPair(), signalPair()];
  const self: Side = {
    own,
    signed,
    once,
    registrationId: 4_711,
    address: new libsignal.ProtocolAddress(`${name} ${randomBytes(4).toString('hex')}`, 0),
    record: undefined,
    storage: {
      loadSession: () => self.record,
      storeSession: (_address, record) => {
        self.record = record;
      },
      isTrustedIdentity: () => true,
      loadPreKey: () => once,
      removePreKey: () => {},
      loadSignedPreKey: () => signed,
      getOurRegistrationId: () => self.registrationId,
      getOurIdentity: () => own,
    },
  };
  return self;
}

async function opened(): Promise<readonly [Side, Side]> {
  const [a, b] = [side('a'), side('b')];
  await new libsignal.SessionBuilder(a.storage, a.address).initOutgoing({
    registrationId: b.registrationId,
    identityKey: b.own.pubKey,
    signedPreKey: {
      keyId: 9,
      publicKey: b.signed.pubKey,
      signature: libsignal.curve.calculateSignature(b.own.privKey, b.signed.pubKey),
    },
    preKey: { keyId: 300, publicKey: b.once.pubKey },
  });
  return [a, b];
}

/** Writes the same by both, on two copies of the session. */
async function compared({ record, own, registrationId, storage, address }: Side, text: Buffer) {
  if (!record) throw new Error('no session');
  const copy = libsignal.SessionRecord.deserialize(record.serialize());
  const ours = encryptOn(copy, own, registrationId, text);
  const theirs = await new libsignal.SessionCipher(storage, address).encrypt(text);
  expect(ours?.type).toBe(theirs.type === 3 ? 'pkmsg' : 'msg');
  expect(ours?.bytes.equals(theirs.body)).toBe(true);
  expect(copy.serialize()).toEqual(record.serialize());
  return theirs;
}

describe('encryptOn', () => {
  it('writes what libsignal writes, before the first answer and after it, short and long', async () => {
    const [a, b] = await opened();
    const first = await compared(a, Buffer.from('one'));
    for (const size of [0, 1, 15, 16, 17, 200, 20_000]) await compared(a, randomBytes(size));
    const reader = new libsignal.SessionCipher(b.storage, b.address);
    // The record of who has never written is made by the first message that comes.
    expect((await reader.decryptPreKeyWhisperMessage(first.body)).toString()).toBe('one');
    const answer = await compared(b, Buffer.from('two'));
    expect(answer.type).toBe(1);
    const back = await new libsignal.SessionCipher(a.storage, a.address).decryptWhisperMessage(answer.body);
    expect(back.toString()).toBe('two');
    for (let i = 0; i < 150; i++) await compared(a, randomBytes(i));
    expect((await compared(a, Buffer.from('last'))).type).toBe(1);
  });

  it('leaves it to libsignal where there is no open session', () => {
    const empty = libsignal.SessionRecord.deserialize({ _sessions: {}, version: 'v1' });
    expect(encryptOn(empty, signalPair(), 1, Buffer.from('x'))).toBeUndefined();
  });
});
