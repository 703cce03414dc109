// Pulseline as one side of a chaos run: the built product, its store by REST, and a live client behind a line that is cut. It gives it no help a user would not have.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Message, parsePositions, shape } from '@pulseline/protocol';
import { type FaultProxy, openFaultProxy } from '../fault-proxy/proxy.ts';
import { freePorts, Product } from '../product.ts';
import { until } from '../until.ts';
import type { Gateway, View } from './gateway.ts';
import type { Found } from './oracle.ts';
import type { LinkFault } from './plan.ts';
import { at, type Scene } from './scene.ts';
import { openViewer } from './viewer.ts';

const known = shape.object({ account: shape.string() });

export interface PulselineGateway extends Gateway {
  readonly product: Product;
  readonly account: string;
}

export async function openPulseline(scene: Scene): Promise<PulselineGateway> {
  const { folder, emulator, phone, contacts, groups, disk } = scene;
  const ports = await freePorts();
  const product = await Product.start({
    dataDir: join(disk.dir, 'data'),
    ports,
    env: { EMULATOR_URL: scene.url, LOG_LEVEL: 'warn', ...scene.clockEnv },
  });
  const file = join(folder, 'account.json');
  const account = existsSync(file)
    ? known.parse(JSON.parse(readFileSync(file, 'utf8'))).account
    : await link(product, scene);
  writeFileSync(file, JSON.stringify({ account }));
  const line = await openFaultProxy({ target: { host: '127.0.0.1', port: product.port } });
  const viewer = openViewer(folder, line, new URL(product.url).host, await product.heads());
  await until('the live client', () => viewer.cursor() !== '');

  let unticked = 0;

  /** The chat of a conversation by its address; `?` for one that nobody should have. */
  const chats = async (): Promise<ReadonlyMap<string, string>> =>
    new Map(
      (await product.conversations(account)).map(({ id, address }) => {
        const group = groups.indexOf(address);
        const contact = contacts.findIndex(({ pn, lid }) => pn === address || lid === address);
        return [id, group >= 0 ? `g${group}` : contact >= 0 ? `c${contact}` : '?'];
      }),
    );

  return {
    name: 'Pulseline',
    product,
    account,
    get child() {
      return product.child;
    },
    launch(aim) {
      product.launch({ PULSELINE_KILL_AT: aim === undefined ? '' : `${aim.place}:${aim.n}` });
    },
    answers: async () => (await product.status(String(product.child.pid))).nonce === String(product.child.pid),
    async online() {
      viewer.hurry();
      const { state, since } = await product.account(account);
      if (state === 'QR' || state === 'LOGGED_OUT' || state === 'FAILED')
        throw new Error(`the account is in ${state}: a login that nothing ended was lost`);
      return state === 'READY' && since > 0;
    },
    async refuses() {
      const { store, accounts } = await product.status();
      return !store.ok || accounts.some(({ reason }) => reason?.code === 'STORE_FAILED');
    },
    async reply(to, text, command) {
      const address = 'contact' in to ? at(contacts, to.contact).pn : at(groups, to.group);
      await product.reply(account, address, text, command);
    },
    dashboardFault: (fault) => cutDashboard(line, fault),
    async settled() {
      viewer.hurry();
      const heads = await product.heads();
      const seen = new Map((parsePositions(viewer.cursor()) ?? []).map(({ stream, seq }) => [stream, seq]));
      if (!Object.entries(heads).every(([stream, { seq }]) => seen.get(stream) === seq)) {
        viewer.probe();
        return false;
      }
      return viewer.rows().every(({ kind }) => kind !== 'waiting');
    },
    save: () => viewer.save(),
    async views(): Promise<readonly View[]> {
      const chatOf = await chats();
      const found = (messages: readonly Pick<Message, 'conversation' | 'body'>[]): readonly Found[] =>
        messages.map(({ conversation, body }) => ({ chat: chatOf.get(conversation) ?? '?', text: body }));
      const view = (name: string, all: readonly ShownMessage[]): View => {
        const told = all.filter(({ kind }) => kind !== 'system');
        return {
          name,
          inbound: found(told.filter(({ fromMe }) => !fromMe)),
          outbound: found(told.filter(({ fromMe, status }) => fromMe && status !== 'error')),
        };
      };
      const stored = await product.allMessages(account);
      unticked = stored.filter(
        ({ fromMe, to, status = 'pending' }) =>
          fromMe && !to.endsWith('@g.us') && !/delivered|read|played/.test(status),
      ).length;
      return [view('the store', stored), view('the live client', viewer.rows())];
    },
    counts: () => ({
      'replies to a person without a second tick': unticked,
      'live client: breaks of the sequence': viewer.faults().broken,
      'live client: could not resume': viewer.faults().resyncs,
      'live client: connections anew': viewer.reconnects(),
    }),
    async close() {
      viewer.close();
      await line.close();
      await product.close();
    },
  };

  async function link(of: Product, { phone: by }: Scene): Promise<string> {
    const { id } = await of.addAccount(by.name);
    await emulator.control('POST', '/scan', { qr: await of.qr(id), phone: phone.id });
    await of.inState(id, 'READY');
    return id;
  }
}

interface ShownMessage {
  readonly conversation: string;
  readonly body: string;
  readonly fromMe: boolean;
  readonly kind: string;
  readonly status?: string | undefined;
}

function cutDashboard(line: FaultProxy, fault: LinkFault): boolean {
  if (fault === 'dashboard-rst') line.cut('rst');
  else if (fault === 'dashboard-half-open') line.cut('silent');
  else return false;
  return true;
}
