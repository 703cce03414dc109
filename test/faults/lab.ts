// Where faults are made: a copy of the project on the guide's own ports, an emulated WhatsApp behind a line that can be cut, a linked account, a browser. It judges nothing, and leaves nothing behind.
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from '@pulseline/protocol';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../browser.ts';
import { cloneProject } from '../clone.ts';
import { type Emulator, type Person, startEmulator } from '../emulator.ts';
import { type FaultProxy, openFaultProxy } from '../fault-proxy/proxy.ts';
import { freePorts, Product } from '../product.ts';
import { type Asked, askDoctor } from './doctor.ts';
import type { Verdict } from './fault.ts';

/** In the copy: as people name it. */
export const ENV_FILE = join('web', '.env.local');

const HOUR = 3_600_000;

/** A product at work: what most faults happen to. */
export interface Desk {
  readonly product: Product;
  readonly emulator: Emulator;
  /** Between the product and the emulator. */
  readonly line: FaultProxy;
  /** Linked and READY. */
  readonly account: Account;
  readonly phone: Person;
  readonly contact: Person;
}

export interface Lab {
  /** The copy of the project. */
  readonly root: string;
  /** PORT and WEB_PORT of the desk: the defaults where they are ours alone. */
  readonly ports: readonly [number, number];
  readonly dataDir: string;
  /** The desk, running and healthy. */
  desk(): Promise<Desk>;
  /** Ends the desk's product, whose ports and data are free then. */
  noDesk(): Promise<void>;
  /** The desk anew: with fresh data. */
  newDesk(): Promise<Desk>;
  /** After a fault that could only half be made: whatever there is of it is gone. */
  reset(): Promise<void>;
  /** Stops the desk's product and starts it again. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  /** One more linked account at the desk. */
  account(label: string): Promise<{ readonly account: Account; readonly phone: Person }>;
  /** A product of its own, on the desk's ports and data unless others are given; the caller ends it. */
  product(options?: {
    readonly env?: Readonly<Record<string, string>>;
    readonly ports?: readonly [number, number];
    readonly dataDir?: string;
    readonly copy?: string;
  }): Promise<Product>;
  /** `copy`: another copy of the project. */
  doctor(asked?: Asked & { readonly copy?: string }): Promise<Verdict>;
  browser(): Promise<Browser>;
  /** Writes web/.env.local, or another file of the copy. */
  write(bytes: string | Uint8Array, path?: string): void;
  /** The same with a date before the start of the product that runs, which would have read the same address from it. */
  wrote(bytes: string | Uint8Array, path?: string): void;
  remove(path?: string): void;
  /** A folder that goes with the lab. */
  folder(name?: string): string;
  close(): Promise<void>;
}

/** `alone`: nobody else is in this network, so the default ports can be had. */
export async function openLab({ alone }: { readonly alone: boolean }): Promise<Lab> {
  const home = mkdtempSync(join(tmpdir(), 'pulseline-faults-'));
  // Also when the run is ended.
  process.once('exit', () => rmSync(home, { recursive: true, force: true }));
  const root = join(home, 'pulseline');
  cloneProject(root);
  const ports = alone ? ([4000, 3000] as const) : await freePorts();
  const dataDir = join(root, 'data');
  const others = new Set<Product>();
  let desk: Desk | undefined;
  let browser: Promise<Browser> | undefined;

  /** As somebody's shell has them: nothing where the defaults hold. */
  const settings: Readonly<Record<string, string>> = alone
    ? {}
    : { PORT: String(ports[0]), WEB_PORT: String(ports[1]) };

  async function launch(
    env: Readonly<Record<string, string>>,
    at: readonly [number, number] = ports,
    dir = dataDir,
    copy = root,
  ): Promise<Product> {
    return Product.start({
      copy,
      dataDir: dir,
      ports: at,
      // The file alone says where the API is, as with a user.
      env: { NEXT_PUBLIC_API_BASE_URL: '', DATA_DIR: dir, ...env },
    });
  }

  async function openDesk(): Promise<Desk> {
    const emulator = await startEmulator();
    const { hostname, port } = new URL(emulator.url);
    const line = await openFaultProxy({ target: { host: hostname, port: Number(port) } });
    rmSync(dataDir, { recursive: true, force: true });
    const product = await launch({ EMULATOR_URL: `ws://127.0.0.1:${line.port}` });
    const { id } = await product.addAccount('Front desk');
    const phone = await emulator.scan(await product.qr(id));
    const account = await product.inState(id, 'READY');
    const contact = await emulator.contact('Wang Fang');
    return { product, emulator, line, account, phone, contact };
  }

  async function closeDesk(): Promise<void> {
    const open = desk;
    desk = undefined;
    await open?.product.close();
    await open?.line.close();
    await open?.emulator.close();
  }

  async function healthyDesk(): Promise<Desk> {
    if (desk === undefined) {
      desk = await openDesk();
      return desk;
    }
    const { product, account, line } = desk;
    line.clear();
    try {
      if (!product.child.running()) await product.start();
      await product.inState(account.id, 'READY', 20_000);
      return desk;
    } catch {
      await closeDesk();
      desk = await openDesk();
      return desk;
    }
  }

  return {
    root,
    ports,
    dataDir,
    desk: healthyDesk,
    async noDesk() {
      if (desk?.product.child.running()) await desk.product.kill();
    },
    async newDesk() {
      await closeDesk();
      return healthyDesk();
    },
    async reset() {
      rmSync(join(root, ENV_FILE), { recursive: true, force: true });
      for (const product of others) if (product.child.running()) await product.kill();
      await closeDesk();
    },
    async restart(env = {}) {
      if (desk === undefined) throw new Error('there is no desk');
      if (desk.product.child.running()) await desk.product.stop();
      await desk.product.start(env);
    },
    async account(label) {
      const { product, emulator } = await healthyDesk();
      const { id } = await product.addAccount(label);
      const phone = await emulator.scan(await product.qr(id));
      return { account: await product.inState(id, 'READY'), phone };
    },
    async product({ env = {}, ports: at = ports, dataDir: dir = dataDir, copy = root } = {}) {
      const product = await launch(env, at, dir, copy);
      others.add(product);
      return product;
    },
    doctor: ({ copy = root, ...asked } = {}) => askDoctor(copy, { ...asked, env: { ...settings, ...asked.env } }),
    browser() {
      browser ??= openBrowser();
      return browser;
    },
    write: (bytes, path = ENV_FILE) => writeFileSync(join(root, path), bytes),
    wrote(bytes, path = ENV_FILE) {
      writeFileSync(join(root, path), bytes);
      const before = new Date(Date.now() - HOUR);
      utimesSync(join(root, path), before, before);
    },
    remove: (path = ENV_FILE) => rmSync(join(root, path), { recursive: true, force: true }),
    folder: (name = 'folder-') => mkdtempSync(join(home, name)),
    async close() {
      for (const product of others) await product.close();
      await closeDesk();
      await (await browser)?.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
