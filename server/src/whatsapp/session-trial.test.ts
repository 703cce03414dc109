// Two people over real libsignal: a message of an older session must not spoil the newer one, as libsignal's own trial does.
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { installSessionTrial } from './session-trial.ts';

interface Pair {
  readonly pubKey: Buffer;
  readonly privKey: Buffer;
}
interface SessionRecord {
  serialize(): unknown;
}
interface Storage {
  loadSession(): SessionRecord | undefined;
  storeSession(address: string, record: SessionRecord): void;
  isTrustedIdentity(): boolean;
  loadPreKey(id: number): Pair | undefined;
  removePreKey(id: number): void;
  loadSignedPreKey(): Pair;
  getOurRegistrationId(): number;
  getOurIdentity(): Pair;
}
interface Sealed {
  readonly type: number;
  readonly body: Buffer;
}
interface LibSignal {
  readonly curve: {
    generateKeyPair(): Pair;
    calculateSignature(key: Buffer, message: Buffer): Buffer;
  };
  readonly ProtocolAddress: new (name: string, device: number) => object;
  readonly SessionRecord: { deserialize(data: unknown): SessionRecord };
  readonly SessionBuilder: new (storage: Storage, address: object) => { initOutgoing(bundle: object): Promise<void> };
  readonly SessionCipher: (new (
    storage: Storage,
    address: object,
  ) => {
    encrypt(data: Buffer): Promise<Sealed>;
    decryptWhisperMessage(data: Buffer): Promise<Buffer>;
    decryptPreKeyWhisperMessage(data: Buffer): Promise<Buffer>;
  }) & { readonly prototype: { decryptWithSessions: unknown } };
}

const libsignal: LibSignal = createRequire(import.meta.url)('libsignal');
const original = libsignal.SessionCipher.prototype.decryptWithSessions;
let realms = 0;

/** Somebody with one peer, who keeps the session as text between two uses, as a store does. */
function person(name: string) {
  const { curve } = libsignal;
  const identity = curve.generateKeyPair();
  const signed = curve.generateKeyPair();
  const preKeys = new Map<number, Pair>();
  let kept: string | undefined;
  const storage: Storage = {
    loadSession: () => (kept === undefined ? undefined : libsignal.SessionRecord.deserialize(JSON.parse(kept))),
    storeSession: (_address, record) => {
      kept = JSON.stringify(record.serialize());
    },
    isTrustedIdentity: () => true,
    loadPreKey: (id) => preKeys.get(id),
    removePreKey: (id) => preKeys.delete(id),
    loadSignedPreKey: () => signed,
    getOurRegistrationId: () => 7,
    getOurIdentity: () => identity,
  };
  const address = new libsignal.ProtocolAddress(`${name} ${realms++}`, 0);
  const cipher = new libsignal.SessionCipher(storage, address);
  return {
    /** What a stranger, or somebody who renews, gets from the server. */
    bundle() {
      const id = preKeys.size + 1;
      const pair = curve.generateKeyPair();
      preKeys.set(id, pair);
      return {
        registrationId: 7,
        identityKey: identity.pubKey,
        signedPreKey: {
          keyId: 1,
          publicKey: signed.pubKey,
          signature: curve.calculateSignature(identity.privKey, signed.pubKey),
        },
        preKey: { keyId: id, publicKey: pair.pubKey },
      };
    },
    open: (bundle: object) => new libsignal.SessionBuilder(storage, address).initOutgoing(bundle),
    seal: (text: string) => cipher.encrypt(Buffer.from(text)),
    async read({ type, body }: Sealed) {
      const plain = type === 3 ? cipher.decryptPreKeyWhisperMessage(body) : cipher.decryptWhisperMessage(body);
      return (await plain).toString();
    },
  };
}

/** We renew the session while a message of the contact is still on its way on the old one; then both talk on. */
async function renewalOvertaken(): Promise<readonly string[]> {
  const [we, contact] = [person('we'), person('contact')];
  const read: string[] = [];
  await we.open(contact.bundle());
  read.push(await contact.read(await we.seal('1 we open')));
  read.push(await we.read(await contact.seal('2 the contact answers')));
  read.push(await contact.read(await we.seal('3 we answer')));
  const onItsWay = await contact.seal('4 on its way, on the old session');
  await we.open(contact.bundle());
  read.push(await we.read(onItsWay));
  read.push(await contact.read(await we.seal('5 we go on, on the new one')));
  read.push(await we.read(await contact.seal('6 so does the contact')));
  return read;
}

describe('a message that comes on an older session', () => {
  beforeEach(() => {
    // libsignal prints sessions.
    for (const level of ['info', 'warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => {});
  });
  afterEach(() => {
    vi.restoreAllMocks();
    libsignal.SessionCipher.prototype.decryptWithSessions = original;
  });

  it('is read, and the newer session goes on as if nothing had been tried on it', async () => {
    installSessionTrial();
    expect((await renewalOvertaken()).map((text) => text[0])).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('is read from the chain that the older session already knows, with nothing tried on the newer one', async () => {
    installSessionTrial();
    const [we, contact] = [person('we'), person('contact')];
    await we.open(contact.bundle());
    await contact.read(await we.seal('hello'));
    await we.read(await contact.seal('the chain is known from here'));
    const late = [await contact.seal('late 1'), await contact.seal('late 2')];
    await we.open(contact.bundle());
    for (const sealed of late.reverse()) expect(await we.read(sealed)).toMatch(/^late/);
    expect(await contact.read(await we.seal('on the new one'))).toBe('on the new one');
  });

  it('spoils the newer session by libsignal alone, which is why we replace its trial', async () => {
    await expect(renewalOvertaken()).rejects.toThrow('Bad MAC');
  });

  it('is refused as libsignal refuses it when no session fits', async () => {
    installSessionTrial();
    const [we, contact, stranger] = [person('we'), person('contact'), person('stranger')];
    await we.open(contact.bundle());
    await contact.read(await we.seal('hello'));
    await we.read(await contact.seal('hello'));
    await we.open(contact.bundle());
    await stranger.open(contact.bundle());
    const foreign = { ...(await contact.seal('for somebody else')), type: 1 };
    foreign.body.writeUInt8(foreign.body.readUInt8(20) ^ 1, 20);
    await expect(we.read(foreign)).rejects.toThrow('No matching sessions found for message');
    expect(await contact.read(await we.seal('and all is well'))).toBe('and all is well');
  });
});
