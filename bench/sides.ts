// The two sides of every bench on one emulator: the product and bare Baileys, each a process of its own, linked, fed and listened to in the same words.
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { type Stage, shape } from '@pulseline/protocol';
import WebSocket from 'ws';
import { source, startChild } from '../test/child.ts';
import type { Emulator, Person } from '../test/emulator.ts';
import { Product } from '../test/product.ts';
import { until } from '../test/until.ts';

/** Wall clock with fractions: the same clock in every process of this machine. */
export const now = (): number => performance.timeOrigin + performance.now();

export interface Arrival {
  readonly at: number;
  /** The product: the message's id, whose trace can be asked. Bare: when its handler had it. */
  readonly id?: string | undefined;
  readonly heard?: number | undefined;
}

/** An account that is linked and has nothing left to hear. */
export interface Linked {
  readonly account: string;
  readonly phone: Person;
}

export interface Side {
  readonly name: 'pulseline' | 'bare';
  /** Links one more account. */
  link(): Promise<Linked>;
  /** What a WebSocket client has got, by the text of the message. */
  readonly arrivals: Map<string, Arrival>;
  /** Resolves with the time at which the client has got so many texts in all. */
  heard(count: number): Promise<number>;
  /** Stamps of one message, ms since epoch. */
  stamps(arrival: Arrival): Promise<Readonly<Partial<Record<Stage, number>>>>;
  /** Sends all texts, and resolves with the time at which WhatsApp has taken the last of them. */
  send(from: Linked, to: Person, texts: readonly string[]): Promise<number>;
  /** Bytes of memory that the process holds. */
  memory(): Promise<number>;
  close(): Promise<void>;
}

const { object, string, number, integer, boolean, optional } = shape;
const newMessage = object({ type: string(), data: object({ id: string(), body: string(), fromMe: boolean() }) });
const status = object({ type: string(), data: object({ messageId: string(), status: string() }) });
const accepted = object({ message: object({ id: string() }) });
const frame = object({
  type: string(),
  account: optional(integer()),
  qr: optional(string()),
  heard: optional(number()),
  at: optional(number()),
  rss: optional(number()),
  data: optional(
    object({
      message: optional(
        object({
          conversation: optional(string()),
          extendedTextMessage: optional(object({ text: optional(string()) })),
        }),
      ),
    }),
  ),
});

/** Ms for anything that a side is asked; a burst of ten thousand takes some seconds. */
const WITHIN = 100_000;
/** Commands that are on their way to the product at a time. */
const SENDERS = 16;

/** Counts, and wakes who waits for a number. */
class Heard {
  readonly arrivals = new Map<string, Arrival>();
  #last = 0;
  #wake = (): void => {};

  add(text: string, arrival: Arrival): void {
    this.arrivals.set(text, arrival);
    this.#last = arrival.at;
    this.#wake();
  }

  readonly reach = async (count: number): Promise<number> => {
    const deadline = now() + WITHIN;
    while (this.arrivals.size < count) {
      if (now() > deadline)
        throw new Error(
          `${this.arrivals.size} of ${count} messages came, the last: ${[...this.arrivals.keys()].at(-1) ?? 'none'}`,
        );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#last;
  };
}

/** `env` is added to the product's. */
export async function openProduct(emulator: Emulator, env: Readonly<Record<string, string>> = {}): Promise<Side> {
  const product = await Product.start({ env: { EMULATOR_URL: emulator.url, LOG_LEVEL: 'warn', ...env } });
  const heard = new Heard();
  const taken = new Map<string, number>();
  const socket = new WebSocket(product.wsUrl, { perMessageDeflate: false });
  socket.on('message', (bytes: Buffer) => {
    const at = now();
    const told: unknown = JSON.parse(bytes.toString());
    if (shape.fits(newMessage, told) && told.type === 'new_message') {
      if (!told.data.fromMe) heard.add(told.data.body, { at, id: told.data.id });
    } else if (shape.fits(status, told) && TAKEN.has(told.data.status) && !taken.has(told.data.messageId)) {
      taken.set(told.data.messageId, at);
    }
  });
  await once(socket, 'open');
  return {
    name: 'pulseline',
    arrivals: heard.arrivals,
    heard: heard.reach,
    async link() {
      const { id } = await product.addAccount('bench');
      const phone = await scan(emulator, await product.qr(id));
      await product.inState(id, 'READY');
      return { account: id, phone };
    },
    stamps: async ({ id }) => (id === undefined ? {} : product.trace(id)),
    async send({ account }, to, texts) {
      const ids: string[] = [];
      const agent = new Agent({ keepAlive: true, maxSockets: SENDERS });
      let next = 0;
      const work = async (): Promise<void> => {
        for (let at = next++; at < texts.length; at = next++) {
          const text = texts[at] ?? '';
          const command = { commandId: `bench ${text}`, account, to: to.pn, text };
          const { message } = accepted.parse(await post(agent, `${product.url}/api/messages`, command));
          ids.push(message.id);
        }
      };
      await Promise.all(Array.from({ length: SENDERS }, work));
      agent.destroy();
      return until(
        'the word of WhatsApp on every message',
        () => ids.every((id) => taken.has(id)) && Math.max(...ids.map((id) => taken.get(id) ?? 0)),
        WITHIN,
      );
    },
    async memory() {
      const found = /^process_resident_memory_bytes (\S+)/m.exec(await (await fetch(`${product.url}/metrics`)).text());
      return Number(found?.[1]);
    },
    async close() {
      socket.close();
      await product.close();
    },
  };
}

/** Without `fetch`, whose cost for a request is that of the server: the asker shares the machine with whom it measures. */
function post(agent: Agent, url: string, body: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asking = request(url, { method: 'POST', agent, headers }, (answer) => {
      const parsed = textOf(answer).then((text): unknown => {
        if (answer.statusCode !== 202) throw new Error(`POST ${url}: ${answer.statusCode} ${text}`);
        return JSON.parse(text);
      });
      parsed.then(resolve, reject);
    });
    asking.on('error', reject).end(JSON.stringify(body));
  });
}

let phones = 0;

/** By a phone of its own, whatever the account calls itself. */
async function scan(emulator: Emulator, qr: string): Promise<Person> {
  const phone = await emulator.phone(`Phone ${++phones}`);
  await emulator.control('POST', '/scan', { qr, phone: phone.id });
  return phone;
}

/** A status that says that WhatsApp has the message. */
const TAKEN: ReadonlySet<string> = new Set(['sent', 'delivered', 'read', 'played']);

export async function openBare(emulator: Emulator): Promise<Side> {
  const child = startChild(source('bench/bare.ts', emulator.url));
  const port = await until('the port of bare Baileys', () => {
    if (!child.running()) throw new Error(child.output());
    return /^(\d+)\n/.exec(child.stdout())?.[1];
  });
  const heard = new Heard();
  const told = new Map<string, shape.Of<typeof frame>>();
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  socket.on('message', (bytes: Buffer) => {
    const at = now();
    const line = frame.parse(JSON.parse(bytes.toString()));
    if (line.type !== 'upsert') return void told.set(`${line.type} ${line.account ?? ''}`, line);
    const text = line.data?.message?.conversation ?? line.data?.message?.extendedTextMessage?.text;
    if (text !== undefined) heard.add(text, { at, heard: line.heard });
  });
  await once(socket, 'open');
  const ask = async (order: Readonly<Record<string, unknown>>, answer: string): Promise<shape.Of<typeof frame>> => {
    told.delete(answer);
    socket.send(JSON.stringify(order));
    return await until(
      `"${answer}" of bare Baileys`,
      () => {
        if (!child.running()) throw new Error(child.output());
        return told.get(answer);
      },
      WITHIN,
    );
  };
  let accounts = 0;
  return {
    name: 'bare',
    arrivals: heard.arrivals,
    heard: heard.reach,
    async link() {
      const account = accounts++;
      const { qr = '' } = await ask({ order: 'open' }, `qr ${account}`);
      const phone = await scan(emulator, qr);
      await until('a linked account of bare Baileys', () => told.get(`ready ${account}`));
      return { account: String(account), phone };
    },
    stamps: async ({ heard }) => (heard === undefined ? {} : { heard }),
    async send({ account }, to, texts) {
      const { at } = await ask({ order: 'send', account: Number(account), to: to.pn, texts }, 'sent ');
      return at ?? now();
    },
    memory: async () => (await ask({ order: 'memory' }, 'memory ')).rss ?? Number.NaN,
    async close() {
      socket.close();
      await child.end('SIGKILL');
    },
  };
}

/** Accounts that are linked at a time. */
const AT_ONCE = 4;

/** Links so many accounts more. */
export async function linkMany(side: Side, count: number): Promise<readonly Linked[]> {
  const linked: Linked[] = [];
  let left = count;
  const work = async (): Promise<void> => {
    while (left-- > 0) linked.push(await side.link());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return linked;
}

/**
 * Messages a second of one burst: `write` is called while the account's stanzas are held back, so that nothing is encrypted while
 * the clock runs, from their release until the client has the last one.
 */
export async function burst(
  emulator: Emulator,
  side: Side,
  { phone }: Linked,
  write: () => Promise<readonly string[]>,
): Promise<number> {
  const target = phone.id;
  const before = side.arrivals.size;
  await emulator.fault({ kind: 'hold', target });
  const ids = await write();
  const began = now();
  await emulator.fault({ kind: 'hold', target, on: false });
  const ended = await side.heard(before + ids.length);
  await until('an empty queue', async () => (await emulator.pending()) === 0, WITHIN);
  return (ids.length * 1_000) / (ended - began);
}

/** The order in which the sides take their turn: A B, B A, A B …, so that neither always has the fresher machine. */
export function inTurns<T>(sides: readonly T[], rounds: number): readonly T[] {
  return Array.from({ length: rounds }, (_, round) => (round % 2 === 0 ? sides : [...sides].reverse())).flat();
}
