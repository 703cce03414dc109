// The whole product as a user has it: a process of its own on free ports with a data folder, its REST API in words, and the ways it can be ended.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Account,
  account,
  type Conversation,
  conversation,
  type Heads,
  heads,
  type Message,
  message,
  page,
  type Stage,
  shape,
  stages,
} from '@pulseline/protocol';
import { type Child, root, source, startChild } from './child.ts';
import { until } from './until.ts';

const { object, string, integer, number, list, optional, boolean, record } = shape;

const status = object({
  product: string(),
  instanceId: string(),
  nonce: optional(string()),
  startedAt: integer(),
  ws: object({ path: string(), clients: integer() }),
  store: object({ kind: string(), ok: boolean() }),
  heads,
  accounts: list(account),
  counters: record(record(number())),
});
const qr = object({ qr: string(), expiresAt: integer() });
const sent = object({ commandId: string(), message });
const trace = object({ id: string(), stamps: record(number()) });
const withHeads = <T>(item: shape.Shape<T>) => object({ ...page(item).fields, heads });

export type Status = shape.Of<typeof status>;

export interface ProductOptions {
  /** Kept when the product is closed; absent = a folder that goes with it. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** PORT and WEB_PORT; absent = free ones. */
  readonly ports?: readonly [number, number];
  /** Of a built copy of the project that is started in place of this one. */
  readonly copy?: string;
}

/** Where the built product and the sources differ, the tests take what users run; PULSELINE_TEST_SOURCES=1 takes the sources. */
const script = process.env['PULSELINE_TEST_SOURCES']
  ? source('server/src/main.ts')
  : [join(root, 'scripts', 'start.mjs')];

export class Product {
  readonly port: number;
  readonly webPort: number;
  readonly dataDir: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #keepsData: boolean;
  readonly #script: readonly string[];
  #child: Child | undefined;

  private constructor(port: number, webPort: number, options: ProductOptions) {
    this.port = port;
    this.webPort = webPort;
    this.#keepsData = options.dataDir !== undefined;
    this.dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'pulseline-data-'));
    this.#env = options.env ?? {};
    this.#script = options.copy === undefined ? script : [join(options.copy, 'scripts', 'start.mjs')];
  }

  /** Starts it and waits until it answers. */
  static async start(options: ProductOptions = {}): Promise<Product> {
    const [port, webPort] = options.ports ?? (await freePorts());
    const product = new Product(port, webPort, options);
    try {
      await product.start();
    } catch (error) {
      // One that nobody can end would hold its ports.
      await product.close();
      throw error;
    }
    return product;
  }

  get url(): string {
    return `http://${this.#env['HOST'] === '::1' ? '[::1]' : '127.0.0.1'}:${this.port}`;
  }

  get webUrl(): string {
    return `http://localhost:${this.webPort}`;
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  get child(): Child {
    if (this.#child === undefined) throw new Error('the product was not started');
    return this.#child;
  }

  /** Begins a start on the same ports and data; `env` is added for this start alone. */
  launch(env: Readonly<Record<string, string>> = {}): void {
    if (this.#child?.running()) throw new Error('the product runs already');
    this.#child = startChild(this.#script, {
      PORT: String(this.port),
      WEB_PORT: String(this.webPort),
      DATA_DIR: this.dataDir,
      PULSELINE_LANG: 'en',
      LOG_LEVEL: 'info',
      WA_PROXY: '',
      // What the pages do by default, said aloud: a tester's own web/.env.local would lead them elsewhere.
      NEXT_PUBLIC_API_BASE_URL: `http://localhost:${this.port}`,
      NODE_OPTIONS: `--import=${new URL('no-internet.mjs', import.meta.url).href}`,
      ...this.#env,
      ...env,
    });
  }

  /** Starts it on the same ports and data, and waits until it answers. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<Status> {
    this.launch(env);
    const nonce = String(this.child.pid);
    const child = this.child;
    const answer = await until(
      'GET /status of the product',
      async () => {
        if (!child.running()) return 'ended';
        const status = await this.status(nonce);
        return status.nonce === nonce && status;
      },
      60_000,
    ).catch((error: unknown) => this.#explain(String(error)));
    return answer === 'ended' ? this.#explain('the product ended instead of starting') : answer;
  }

  /** SIGKILL: nothing of it gets a chance to tidy up. */
  async kill(): Promise<void> {
    await this.child.end('SIGKILL');
  }

  /** As Ctrl+C does it. Returns the exit code. */
  async stop(signal: 'SIGINT' | 'SIGTERM' = 'SIGINT'): Promise<number | string> {
    return this.child.end(signal);
  }

  /** Waits until the process has ended by itself, as by a kill point. */
  async ended(): Promise<number | string> {
    return until('the end of the product', () => this.child.ended(), 30_000).catch((error: unknown) =>
      this.#explain(String(error)),
    );
  }

  /** Ends it, and forgets its data unless the folder was given. */
  async close(): Promise<void> {
    if (this.#child?.running()) await this.kill();
    if (this.#keepsData) return;
    rmSync(this.dataDir, { recursive: true, force: true });
    rmSync(`${this.dataDir}.key`, { force: true });
  }

  async call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async status(nonce = ''): Promise<Status> {
    return status.parse(await this.call('GET', `/status?nonce=${nonce}`));
  }

  async addAccount(label: string, kind: Account['kind'] = 'sandbox'): Promise<Account> {
    return account.parse(await this.call('POST', '/api/accounts', { label, kind }));
  }

  async account(id: string): Promise<Account> {
    return account.parse(await this.call('GET', `/api/accounts/${id}`));
  }

  /** The QR code of an account, as soon as there is one. */
  async qr(id: string): Promise<string> {
    const answer = await until(
      'a QR code',
      async () => qr.parse(await this.call('GET', `/api/accounts/${id}/qr`)),
      30_000,
    );
    return answer.qr;
  }

  async inState(id: string, wanted: Account['state'], withinMs = 30_000): Promise<Account> {
    let last: Account | undefined;
    return until(
      `${wanted} of ${id}`,
      async () => {
        last = await this.account(id);
        return last.state === wanted && last;
      },
      withinMs,
    ).catch((error: unknown) => this.#explain(`${String(error)}\nlast: ${JSON.stringify(last)}`));
  }

  async conversations(of?: string): Promise<readonly Conversation[]> {
    const items: Conversation[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = new URLSearchParams({ limit: '200', ...(of && { account: of }), ...(cursor && { cursor }) });
      const answer = withHeads(conversation).parse(await this.call('GET', `/api/conversations?${query}`));
      items.push(...answer.items);
      cursor = answer.next;
    }
    return items;
  }

  /** All messages of a conversation, oldest first. */
  async messages(of: string): Promise<readonly Message[]> {
    let items: readonly Message[] = [];
    for (let before: string | null = ''; before !== null; ) {
      const query = new URLSearchParams({ limit: '200', ...(before && { before }) });
      const answer = withHeads(message).parse(await this.call('GET', `/api/conversations/${of}/messages?${query}`));
      items = [...answer.items, ...items];
      before = answer.next;
    }
    return items;
  }

  /** Every message of an account's conversations, each conversation oldest first. */
  async allMessages(of: string): Promise<readonly Message[]> {
    const chats = await this.conversations(of);
    return (await Promise.all(chats.map(({ id }) => this.messages(id)))).flat();
  }

  async heads(): Promise<Heads> {
    return (await this.status()).heads;
  }

  async reply(from: string, to: string, text: string, commandId: string): Promise<Message> {
    return sent.parse(await this.call('POST', '/api/messages', { commandId, account: from, to, text })).message;
  }

  async trace(messageId: string): Promise<Readonly<Partial<Record<Stage, number>>>> {
    const { stamps } = trace.parse(await this.call('GET', `/api/messages/${messageId}/trace`));
    return Object.fromEntries(stages.flatMap((stage) => (stamps[stage] === undefined ? [] : [[stage, stamps[stage]]])));
  }

  #explain(what: string): never {
    throw new Error(`${what}\n--- output of the product ---\n${this.#child?.output().slice(-6_000)}`);
  }
}

/**
 * Two ports below the range that the system gives to dialling sockets, so that nobody takes them while the product is
 * down between a kill and its restart.
 */
export async function freePorts(): Promise<readonly [number, number]> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if ((await isFree(port)) && (await isFree(port + 1))) return [port, port + 1];
  }
  throw new Error('no free ports');
}

async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '::1']) {
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRNOTAVAIL'));
      server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
    });
    if (!free) return false;
  }
  return true;
}
