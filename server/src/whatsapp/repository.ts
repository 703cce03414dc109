// The Signal repository that the library is given: it computes as the library's own does, on our keys, and every change of them passes the account's line.
import type { SignalAuthState, SignalDataSet, SignalKeyStore, SignalRepositoryWithLIDStore } from 'baileys';
import type { Keyring, KeyType } from './keyring.ts';
import { DEFAULT_CONNECTION_CONFIG } from './library.ts';
import type { Line } from './line.ts';
import type { Reader } from './reader.ts';

type MakeRepository = typeof DEFAULT_CONNECTION_CONFIG.makeSignalRepository;

/** The library's repository over the keyring. Call its methods within steps of the line only. */
export function innerRepository(
  creds: SignalAuthState['creds'],
  keyring: Keyring,
  onPair: (pn: string, lid: string) => void,
  [logger, findLids]: readonly [Parameters<MakeRepository>[1], Parameters<MakeRepository>[2]],
): SignalRepositoryWithLIDStore {
  const keys = {
    get: <T extends KeyType>(type: T, ids: string[]) => keyring.get(type, ids),
    set: (data: SignalDataSet): void => {
      const { 'lid-mapping': pairs, ...rest } = data;
      keyring.set(rest);
      if (pairs === undefined) return;
      // Pairs are also told from outside any step, while another step runs; they are true whatever becomes of it.
      keyring.setAside({ 'lid-mapping': pairs });
      for (const [pn, lid] of Object.entries(pairs)) if (lid !== null && !pn.endsWith('_reverse')) onPair(pn, lid);
    },
    // The line is the lock and the commit.
    isInTransaction: () => true,
    transaction: <T>(work: () => Promise<T>): Promise<T> => work(),
  };
  return DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds, keys }, logger, findLids);
}

/** What the library calls. Ciphertexts have been decrypted by the reader before the library sees their stanza. */
export function outerRepository(
  inner: SignalRepositoryWithLIDStore,
  line: Line,
  reader: () => Reader,
  passed: (stage: string) => void = () => {},
): SignalRepositoryWithLIDStore {
  /** The keys of an encryption are durable before its bytes can leave: the gate holds them. Until then the next ones are made. */
  const encrypt = async <T>(work: () => Promise<T>): Promise<T> => {
    const encrypted = await line.runEarly(async () => {
      const result = await work();
      passed('sending');
      return result;
    });
    line.durable()?.then(
      () => passed('sent'),
      () => {},
    );
    return encrypted;
  };
  const answer = async (ciphertext: Uint8Array): Promise<Uint8Array> => reader().answerTo(ciphertext);
  return {
    decryptMessage: ({ ciphertext }) => answer(ciphertext),
    decryptGroupMessage: ({ msg }) => answer(msg),
    // The reader has processed it, in the commit of the message that brought it.
    processSenderKeyDistributionMessage: async () => {},
    encryptMessage: (message) => encrypt(() => inner.encryptMessage(message)),
    encryptGroupMessage: (message) => encrypt(() => inner.encryptGroupMessage(message)),
    getSenderKeyDistributionMessage: (of) => line.run(() => inner.getSenderKeyDistributionMessage(of)),
    injectE2ESession: (session) => line.run(() => inner.injectE2ESession(session)),
    deleteSession: (addresses) => line.run(() => inner.deleteSession(addresses)),
    migrateSession: (from, to) => line.run(() => inner.migrateSession(from, to)),
    hasSenderKey: (of) => inner.hasSenderKey(of),
    getSessionInfo: (address) => inner.getSessionInfo(address),
    validateSession: (address) => inner.validateSession(address),
    jidToSignalProtocolAddress: (address) => inner.jidToSignalProtocolAddress(address),
    lidMapping: inner.lidMapping,
    close: () => inner.close?.(),
  };
}

/** The socket's own view of the keys: device lists, pre-keys, app state. Each write is a step of the line. */
export function socketKeys(keyring: Keyring, line: Line): SignalKeyStore {
  return {
    get: (type, ids) => keyring.get(type, ids),
    set: (data) => line.run(async () => keyring.set(data)),
  };
}
