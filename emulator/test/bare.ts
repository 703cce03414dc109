// Bare Baileys against an emulator, with its credentials in memory: what any bot does, and nothing more; it never imports the emulator.
import makeWASocket, {
  type AuthenticationState,
  type BinaryNode,
  Browsers,
  type ConnectionState,
  initAuthCreds,
  makeCacheableSignalKeyStore,
  type SignalDataTypeMap,
  type UserFacingSocketConfig,
  type WAMessage,
  type WASocket,
} from 'baileys';
import ownLogger from 'baileys/lib/Utils/logger.js';

type Update = Partial<ConnectionState>;

/** Everything Baileys keeps, in memory; it outlives the socket, so that a test can come back. */
export interface Memory {
  readonly auth: AuthenticationState;
}

type Buckets = { readonly [T in keyof SignalDataTypeMap]: Map<string, SignalDataTypeMap[T]> };
type Values<T extends keyof SignalDataTypeMap> = Readonly<Record<string, SignalDataTypeMap[T] | null>>;

export function memory(): Memory {
  const data: Buckets = {
    'pre-key': new Map(),
    session: new Map(),
    'sender-key': new Map(),
    'sender-key-memory': new Map(),
    'app-state-sync-key': new Map(),
    'app-state-sync-version': new Map(),
    'lid-mapping': new Map(),
    'device-list': new Map(),
    tctoken: new Map(),
    'identity-key': new Map(),
  };
  const isType = (type: string): type is keyof SignalDataTypeMap => type in data;
  function setAll<T extends keyof SignalDataTypeMap>(type: T, values: Values<T>): void {
    for (const [id, value] of Object.entries(values)) {
      if (value) data[type].set(id, value);
      else data[type].delete(id);
    }
  }
  return {
    auth: {
      creds: initAuthCreds(),
      keys: {
        get: (type, ids) => {
          const found: Record<string, SignalDataTypeMap[typeof type]> = {};
          for (const id of ids) {
            const value = data[type].get(id);
            if (value) found[id] = value;
          }
          return found;
        },
        set: (changes) => {
          for (const type of Object.keys(changes)) {
            if (isType(type)) setAll(type, changes[type] ?? {});
          }
        },
      },
    },
  };
}

export interface Bare {
  readonly sock: WASocket;
  readonly memory: Memory;
  /** Every message of `messages.upsert`, with its type. */
  readonly upserts: { readonly type: string; readonly message: WAMessage }[];
  readonly updates: Update[];
  /** The highest status seen of a sent message, by id; Baileys folds it into the upsert while it buffers. */
  readonly statuses: Map<string, number>;
  /** Members who sent a receipt for a group message of this device. */
  readonly readers: Set<string>;
  /** Every stanza of the server, as it came. */
  readonly stanzas: BinaryNode[];
  /** Status code of the end, once it has ended. */
  ended(): number | undefined;
  /** Ends the socket without logging out and waits until it is gone. */
  close(): Promise<void>;
}

/** Baileys reads `pushName` and does not declare it. */
export type BareConfig = Partial<UserFacingSocketConfig> & { readonly pushName?: string };

/** A silent logger of the kind Baileys wants. */
export const silent: NonNullable<UserFacingSocketConfig['logger']> = {
  level: 'silent',
  child: () => silent,
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

// Some of the library's own functions print past the logger that they were given.
ownLogger.level = 'silent';

/** One socket. It does not come back by itself. */
export function connect(url: string, kept: Memory = memory(), config: BareConfig = {}): Bare {
  const { creds, keys } = kept.auth;
  const sock = makeWASocket({
    waWebSocketUrl: url,
    auth: { creds, keys: makeCacheableSignalKeyStore(keys, silent) },
    logger: silent,
    browser: Browsers.ubuntu('Bare'),
    keepAliveIntervalMs: 5_000,
    ...config,
  });
  const upserts: { type: string; message: WAMessage }[] = [];
  const updates: Update[] = [];
  const statuses = new Map<string, number>();
  const readers = new Set<string>();
  const rise = (id: string | null | undefined, status: number | null | undefined): void => {
    if (id) statuses.set(id, Math.max(statuses.get(id) ?? 0, status ?? 0));
  };
  const stanzas: BinaryNode[] = [];
  let code: number | undefined;
  sock.ev.on('creds.update', (update) => Object.assign(creds, update));
  sock.ev.on('messages.upsert', ({ messages, type }) => {
    for (const message of messages) {
      upserts.push({ type, message });
      rise(message.key.id, message.status);
      for (const { userJid } of message.userReceipt ?? []) if (userJid) readers.add(userJid);
    }
  });
  sock.ev.on('message-receipt.update', (changes) => {
    for (const { receipt } of changes) if (receipt.userJid) readers.add(receipt.userJid);
  });
  sock.ev.on('messages.update', (changes) => {
    for (const { key, update } of changes) rise(key.id, update.status);
  });
  sock.ev.on('connection.update', (update) => {
    updates.push(update);
    if (update.connection === 'close') code = statusOf(update.lastDisconnect?.error);
  });
  sock.ws.on('frame', (frame: unknown) => {
    if (isNode(frame)) stanzas.push(frame);
  });
  return {
    sock,
    memory: kept,
    upserts,
    updates,
    statuses,
    readers,
    stanzas,
    ended: () => code,
    close: async () => {
      sock.end(undefined);
      await eventually(() => code !== undefined || sock.ws.isClosed, 'the socket to close');
    },
  };
}

function isNode(value: unknown): value is BinaryNode {
  return typeof value === 'object' && value !== null && 'tag' in value && 'attrs' in value;
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('output' in error)) return 0;
  const { output } = error;
  if (typeof output !== 'object' || output === null || !('statusCode' in output)) return 0;
  return typeof output.statusCode === 'number' ? output.statusCode : 0;
}

/** The QR text that the socket shows. */
export async function qrOf(bare: Bare): Promise<string> {
  return eventually(() => bare.updates.findLast(({ qr }) => qr)?.qr, 'a QR code');
}

export async function opened(bare: Bare): Promise<Bare> {
  await eventually(() => bare.updates.some(({ connection }) => connection === 'open'), 'the connection to open');
  return bare;
}

export async function synced(bare: Bare): Promise<Bare> {
  await eventually(
    () => bare.updates.some(({ receivedPendingNotifications }) => receivedPendingNotifications),
    'the offline queue to end',
  );
  return bare;
}

/**
 * Pairs by QR: shows a code, has it scanned, comes back with the credentials.
 * @param scan gives the QR text to a phone and resolves when the device is linked.
 */
export async function pair(
  url: string,
  scan: (qr: string) => Promise<unknown>,
  config: BareConfig = {},
): Promise<Bare> {
  const first = connect(url, memory(), config);
  await scan(await qrOf(first));
  await eventually(() => first.ended() === 515, 'the restart after pairing');
  return synced(await opened(connect(url, first.memory, config)));
}

/** Texts of the messages that came, in order. */
export function texts(bare: Bare): string[] {
  return bare.upserts.flatMap(({ message }) => {
    const { message: content } = message;
    const text = content?.conversation ?? content?.extendedTextMessage?.text;
    return text ? [text] : [];
  });
}

/** Waits until the probe gives something else than undefined or false. @throws after 40 s, naming what was waited for. */
export async function eventually<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  timeoutMs = 40_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
