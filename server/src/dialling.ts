// How each account reaches its WhatsApp: real ones dial it themselves, sandbox ones an emulator. It decides the setup and starts and stops links; it holds no link.
import type { Way } from './diagnosis/egress.ts';
import type { EmulatorReach } from './emulator.ts';
import type { Dialling, DoorLog } from './http/parts.ts';
import type { AccountRow } from './store/port.ts';
import type { AccountSetup, Batch, Fleet } from './whatsapp/port.ts';

/** `waProxy` is for WhatsApp; an emulator is on this machine and needs none, unless the account has its own. */
function setupOf({ account, proxy }: AccountRow, waProxy: string | undefined, reach?: EmulatorReach): AccountSetup {
  const { id, label, kind } = account;
  const via = proxy ?? (kind === 'phone' ? waProxy : undefined);
  return {
    id,
    label,
    kind,
    ...(kind === 'sandbox' && reach),
    ...(via !== undefined && { proxy: via }),
  };
}

/** States that a start does not change: a link would not end them. */
const lasting: ReadonlySet<string> = new Set(['INITIALIZING', 'LOGGED_OUT', 'FAILED']);

/**
 * What has to become true before the doors open: a server that was killed has left its links' last words behind, and
 * READY without a link would be a lie.
 */
export function unlinked(rows: readonly AccountRow[], now: number): readonly Batch[] {
  return rows
    .filter(({ account }) => !lasting.has(account.state))
    .map(({ account }) => ({
      account: account.id,
      facts: [{ type: 'state', state: 'INITIALIZING', raw: 'close', since: now }],
      keys: [],
      seen: [],
    }));
}

/** Where a real account dials, and the states in which one has not got there. */
const WHATSAPP = 'wss://web.whatsapp.com/ws/chat';
const seeking: ReadonlySet<string> = new Set(['INITIALIZING', 'DISCONNECTED', 'DEGRADED']);

/** Accounts that dial at once when the process starts, and ms between the further ones: so many at a time would look like an attack. */
const AT_ONCE = 20;
const SPREAD = 100;

export function openDialling(
  fleet: Pick<Fleet, 'start' | 'stop'>,
  reach: Promise<EmulatorReach>,
  waProxy: string | undefined,
  log: DoorLog,
): Dialling & { connectAll(rows: readonly AccountRow[]): void; ways(rows: readonly AccountRow[]): readonly Way[] } {
  let started: EmulatorReach | undefined;
  // Sandbox accounts that wait for the emulator: one that is removed meanwhile must not start any more.
  const waiting = new Map<string, AccountRow>();
  reach
    .then((known) => {
      started = known;
      for (const row of waiting.values()) fleet.start(setupOf(row, waProxy, known));
      waiting.clear();
    })
    .catch((error: unknown) =>
      log.error({ err: error, accounts: [...waiting.keys()] }, 'sandbox accounts cannot connect'),
    );
  // Accounts whose turn at a start has not come yet.
  const turns = new Map<string, NodeJS.Timeout>();
  const cancel = (account: string): void => {
    clearTimeout(turns.get(account));
    turns.delete(account);
  };
  const connect = (row: AccountRow): void => {
    cancel(row.account.id);
    if (row.account.kind === 'sandbox' && started === undefined) waiting.set(row.account.id, row);
    else fleet.start(setupOf(row, waProxy, started));
  };
  return {
    connect,
    connectAll(rows) {
      for (const [index, row] of rows.entries()) {
        if (index < AT_ONCE) connect(row);
        else turns.set(row.account.id, setTimeout(() => connect(row), (index - AT_ONCE + 1) * SPREAD).unref());
      }
    },
    ways(rows) {
      const found = new Map<string, Way>();
      for (const row of rows.filter(({ account }) => seeking.has(account.state))) {
        const { kind, url, proxy } = setupOf(row, waProxy, started);
        if (kind === 'sandbox' && url === undefined) continue;
        const way = {
          url: new URL(url ?? WHATSAPP),
          emulated: url !== undefined,
          ...(proxy !== undefined && { proxy }),
        };
        found.set(`${way.url.host} ${proxy ?? ''}`, way);
      }
      return [...found.values()];
    },
    async stop(account) {
      cancel(account);
      waiting.delete(account);
      await fleet.stop(account);
    },
  };
}
