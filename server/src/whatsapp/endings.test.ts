// Every known ending of a link, played for real: by the emulator, a fault proxy, or a server that is none. What follows must be what docs/endings.md says.
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFaultProxy } from '../../../test/fault-proxy/proxy.ts';
import { EngineRig } from '../../test/engine-rig.ts';
import { httpProxy } from '../../test/proxies.ts';
import { consequenceOf, type KnownEnding, knownEndings } from './endings.ts';
import { trustEmulator } from './library.ts';
import type { AccountSetup, FactOf } from './port.ts';

let rig: EngineRig;
beforeAll(async () => {
  rig = await EngineRig.open();
});
afterAll(() => rig.close());

const after: (() => Promise<unknown> | void)[] = [];

/** An account of its own for each ending, since an account has only so many connects a minute. */
async function linked(id: string, setup: Partial<AccountSetup> = {}): Promise<void> {
  const account = await rig.runReady({ id: `acc_${id}`, label: id, ...setup });
  after.push(() => account.stop());
}

function dial(id: string, setup: Partial<AccountSetup>): void {
  const account = rig.run({ id: `acc_${id}`, label: id, ...setup });
  after.push(() => account.stop());
}

const fault = (rest: Parameters<EngineRig['emulator']['fault']>[0]) => async (id: string) => {
  await linked(id);
  rig.emulator.fault(rest);
};

/** Refused at the next login. */
const refused = (code: number, expire?: number) => async (id: string) => {
  await linked(id);
  rig.emulator.fault({ kind: 'fail-login', code, expire });
  rig.emulator.fault({ kind: 'drop' });
};

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after.push(() => new Promise((resolve) => server.close(resolve)));
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function faultProxy() {
  const proxy = await openFaultProxy({
    target: { host: '127.0.0.1', port: Number(new URL(rig.emulator.plainUrl).port) },
  });
  after.push(() => proxy.close());
  return { proxy, url: `ws://127.0.0.1:${proxy.port}/ws/chat` };
}

const plays: Readonly<Record<string, (id: string) => Promise<void>>> = {
  'logged-out': refused(401),
  'device-removed': fault({ kind: 'stream-error', code: 401, conflict: 'device_removed' }),
  replaced: fault({ kind: 'stream-error', conflict: 'replaced' }),
  suspended: refused(402, 7_200),
  locked: refused(403),
  banned: refused(406),
  outdated: refused(405),
  'refused-login': refused(418),
  'unavailable-login': refused(503),
  'pairing-done': (id) => linked(id),
  'qr-used-up': async (id) => {
    rig.scans = false;
    rig.times = { qr: 40 };
    after.push(() => {
      rig.scans = true;
      rig.times = undefined;
    });
    dial(id, {});
  },
  malformed: fault({ kind: 'stream-error' }),
  unavailable: fault({ kind: 'stream-error', code: 503 }),
  'restart-asked': fault({ kind: 'stream-error', code: 515 }),
  'stream-end': fault({ kind: 'end' }),
  'unreadable-frame': fault({ kind: 'garbage' }),
  closed: fault({ kind: 'drop' }),
  reset: async (id) => {
    const { proxy, url } = await faultProxy();
    await linked(id, { url });
    proxy.cut('rst');
  },
  'half-open': async (id) => {
    const { proxy, url } = await faultProxy();
    await linked(id, { url });
    proxy.set({ both: { stalled: true } });
    rig.ahead += 60_000;
    after.push(() => proxy.clear());
  },
  dns: async (id) => dial(id, { url: 'ws://whatsapp.invalid/ws/chat' }),
  refused: async (id) => dial(id, { url: 'ws://127.0.0.1:1/ws/chat' }),
  timeout: async (id) => {
    const port = await listening(createServer((socket) => after.push(() => void socket.destroy())));
    rig.times = { connect: 100 };
    after.push(() => {
      rig.times = undefined;
    });
    dial(id, { url: `ws://127.0.0.1:${port}/ws/chat` });
  },
  tls: async (id) => {
    const { url, close } = await httpProxy();
    after.push(close);
    // Through a proxy nothing but a certificate that the system trusts is taken.
    dial(id, { url: rig.emulator.url, proxy: url });
  },
  'not-tls': async (id) => dial(id, { url: rig.emulator.plainUrl.replace('ws:', 'wss:') }),
  unproven: async (id) => {
    trustEmulator('07'.repeat(32));
    after.push(() => trustEmulator(rig.emulator.root.toString('hex')));
    dial(id, {});
  },
  http: async (id) => {
    const server = createHttpServer((_, response) => response.writeHead(403).end());
    dial(id, { url: `ws://127.0.0.1:${await listening(server)}/ws/chat` });
  },
  proxy: async (id) => dial(id, { proxy: 'http://127.0.0.1:1' }),
  credentials: async (id) => {
    rig.keeper.setCredentials(`acc_${id}`, Buffer.from('{"half": '));
    dial(id, {});
  },
  store: async (id) => {
    await linked(id);
    rig.keeper.beforeCommit = ({ facts }) => {
      if (facts.some(({ type }) => type === 'message')) throw new Error('disk full');
    };
    after.push(() => {
      rig.keeper.beforeCommit = () => {};
    });
    await rig.emulator.contact({ name: `to ${id}` }).send({ to: id, text: 'kept' });
  },
};

/** The emulator's phones sign as they should. */
const unplayed: ReadonlySet<string> = new Set(['pairing-refused']);

/** State and code of what was told from then on; a pairing goes on to READY, and has passed AUTHENTICATED. */
async function told({ id, ...known }: KnownEnding, before: number): Promise<FactOf<'state'>> {
  const { state, code } = consequenceOf({ id, ...known });
  const fits = (fact: FactOf<'state'>) => fact.state === state && fact.reason?.code === code;
  const since = () => rig.keeper.of('state').slice(before);
  await rig.until(() => since().some(fits), `${state} ${code}: ${JSON.stringify(since().at(-1))}`);
  const found = since().find(fits);
  if (found === undefined) throw new Error('it was there');
  return found;
}

describe('the end of a link', () => {
  it('is played for each that is known', () => {
    expect([...Object.keys(plays), ...unplayed].sort()).toEqual(knownEndings.map(({ id }) => id).sort());
  });

  it.each(knownEndings.filter(({ id }) => id in plays).map((known) => [known.id, known] as const))(
    '%s leads to the state, the code and the next step of docs/endings.md',
    async (id, known) => {
      const before = rig.keeper.of('state').length;
      await plays[id]?.(id);
      const state = await told(known, before);
      const { next, code } = consequenceOf(known);
      expect(state.nextTryAt !== undefined).toBe(next === 'retry');
      expect(state.reason?.text === undefined).toBe(code === undefined);
      expect(state.reason?.fix).not.toBe('');
      for (const undo of after.splice(0).reverse()) await undo();
    },
  );
});
