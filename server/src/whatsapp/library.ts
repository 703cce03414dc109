// The one place that loads Baileys: after our own parts have been put into libsignal, and with nobody else's console.
import { installSessionTrial } from './session-trial.ts';
import { installSharedContext } from './shared-context.ts';
import { insistOnSignatures, installSignatureCheck } from './signature.ts';

installSignatureCheck();
installSessionTrial();
installSharedContext();
// A dynamic import, since a bundler would hoist a static one above the lines before.
const baileys = await import('baileys');

export const {
  BufferJSON,
  configureSuccessfulPairing,
  decodeMessageNode,
  decodePatches,
  decodeSyncdSnapshot,
  decryptMediaRetryData,
  encodeSyncdPatch,
  encryptMediaRetryRequest,
  extractAddressingContext,
  extractSyncdPatches,
  generateWAMessageContent,
  getDecryptionJid,
  initAuthCreds,
  makeWASocket,
  newLTHashState,
  proto,
  unpadRandomMax16,
  DEFAULT_CONNECTION_CONFIG,
} = baileys;

/**
 * Makes this realm believe in an emulator's certificate root, and in no other. It is global to the realm, so only a worker
 * that serves emulated accounts and nothing else may call it.
 */
export function trustEmulator(root: string): void {
  const key = Buffer.from(root, 'hex');
  if (key.byteLength !== 32) throw new Error('A certificate root has 32 bytes');
  baileys.WA_CERT_DETAILS.PUBLIC_KEY = key;
  insistOnSignatures();
}

/**
 * libsignal prints whole session records, private keys included. Nothing of this realm may reach the console:
 * what is worth saying goes through the log.
 */
export function silenceConsole(): void {
  const nothing = (): void => {};
  for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'] as const) console[name] = nothing;
}
