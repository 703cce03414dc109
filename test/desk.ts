// A desk at work: the product, an emulated WhatsApp in a process of its own, one paired account, contacts, and a dashboard that never reloads.
import type { Account, Message } from '@pulseline/protocol';
import { type Dashboard, openDashboard } from './dashboard.ts';
import { type Emulator, type Person, startEmulator } from './emulator.ts';
import { Product } from './product.ts';

export interface Desk {
  readonly emulator: Emulator;
  readonly product: Product;
  readonly account: Account;
  /** The account's own phone, as contacts know it. */
  readonly phone: Person;
  /** Open since before the first message. */
  readonly dashboard: Dashboard;
  close(): Promise<void>;
}

export async function openDesk(env: Readonly<Record<string, string>> = {}): Promise<Desk> {
  const emulator = await startEmulator();
  let product: Product | undefined;
  try {
    product = await Product.start({ env: { EMULATOR_URL: emulator.url, ...env } });
    const { id } = await product.addAccount('Front desk');
    const phone = await emulator.scan(await product.qr(id));
    const account = await product.inState(id, 'READY');
    const dashboard = openDashboard(product.wsUrl, await product.heads());
    await dashboard.live();
    const opened = product;
    return {
      emulator,
      product: opened,
      account,
      phone,
      dashboard,
      async close() {
        dashboard.close();
        await opened.close();
        await emulator.close();
      },
    };
  } catch (error) {
    await product?.close();
    await emulator.close();
    throw error;
  }
}

/** Texts of inbound messages, in order. */
export function inbound(messages: readonly Message[]): readonly string[] {
  return messages.flatMap(({ fromMe, body }) => (fromMe ? [] : [body]));
}

/** What should be there once and is not, what is there more often, and what came before what it follows. */
export function compare(sent: readonly string[], got: readonly string[]) {
  const times = new Map<string, number>();
  for (const text of got) times.set(text, (times.get(text) ?? 0) + 1);
  const places = new Map(sent.map((text, index) => [text, index]));
  const order = got.flatMap((text) => places.get(text) ?? []);
  return {
    lost: sent.filter((text) => !times.has(text)),
    doubled: [...times].filter(([, count]) => count > 1).map(([text]) => text),
    strange: got.filter((text) => !places.has(text)),
    outOfOrder: order.flatMap((place, index) => (place < (order[index - 1] ?? -1) ? [sent[place]] : [])),
  };
}

export const exact = { lost: [], doubled: [], strange: [], outOfOrder: [] };
