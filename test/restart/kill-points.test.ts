// SIGKILL of the whole product between each two stages of a message's way, one message each: afterwards it is there, once, and acknowledged.
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DurableFrame } from '@pulseline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, inbound, openDesk } from '../desk.ts';
import type { Person } from '../emulator.ts';
import { until } from '../until.ts';

/** Where the product dies, by the words of server/src/kill-point.ts, and what that place means. */
const inboundPoints = [
  ['heard', 'the stanza is there, nothing is decrypted'],
  ['normalised', 'it is a fact in our words, nothing is committed'],
  ['committed', 'it is durable, nobody knows: neither the worker nor a dashboard'],
  ['answered', 'the worker knows that it is durable, WhatsApp has no receipt'],
  ['rung', 'the main thread has the event, no session has been fed'],
  ['fed', 'the frame is made, not written'],
  ['written', 'the frame is on the wire'],
] as const;

const outboundPoints = [
  ['commanded', 'the command is durable, its caller has no answer'],
  ['sending', 'the keys have moved in memory, nothing is durable and no byte has left'],
  ['sent', 'keys and content are durable, no byte has left'],
  ['acked', 'WhatsApp has taken it, we have not written that down'],
] as const;

/** Holds the name of the next point at which the product dies; every start of it looks there. */
const aim = join(tmpdir(), `pulseline-aim-${process.pid}`);

// A start of the product is in each test.
describe('a SIGKILL of the whole product', { timeout: 60_000 }, () => {
  let desk: Desk;
  let contact: Person;

  beforeAll(async () => {
    desk = await openDesk({ PULSELINE_KILL_AT: `@${aim}` });
    contact = await desk.emulator.contact('Wang Fang');
    await desk.emulator.send(contact, desk.phone.pn, 'the first message opens the session');
    await until('the first message', () => desk.dashboard.messages().length === 1);
  });
  afterAll(async () => {
    rmSync(aim, { force: true });
    await desk?.close();
  });

  async function armed(point: string): Promise<void> {
    // What WhatsApp still holds would come again, and be the one that is killed for.
    await until('every receipt', async () => (await desk.emulator.pending()) === 0);
    await desk.dashboard.live();
    writeFileSync(aim, point);
  }

  async function back(): Promise<void> {
    expect(await desk.product.ended()).toBe('SIGKILL');
    rmSync(aim);
    await started();
  }

  async function started(): Promise<void> {
    const { accounts, startedAt } = await desk.product.start();
    // READY is evidence: what the killed process left behind is none.
    for (const { state, since } of accounts) expect(state !== 'READY' || since >= startedAt, state).toBe(true);
    await desk.product.inState(desk.account.id, 'READY');
  }

  it.each(inboundPoints)('[G2] at "%s" (%s) loses and doubles nothing that a contact wrote', async (point) => {
    const { product, emulator, dashboard, account } = desk;
    const text = `killed at ${point} 你好 🙂`;
    await armed(point);
    await emulator.send(contact, desk.phone.pn, text);
    await back();
    await until('the receipt at the emulator', async () => (await emulator.pending()) === 0);
    await until('the message at the dashboard', () => inbound(dashboard.messages()).includes(text));
    await dashboard.live();
    const stored = inbound(await product.allMessages(account.id));
    expect(stored.filter((body) => body === text)).toEqual([text]);
    expect(inbound(dashboard.messages()).filter((body) => body === text)).toEqual([text]);
    expect(contiguous(dashboard.events)).toBe(true);
    const letters = await emulator.letters(contact);
    expect(letters.find((letter) => letter.text === text)?.status).not.toBe('sent');
  });

  it.each(outboundPoints)('[G7] at "%s" (%s) sends a reply once', async (point) => {
    const { product, emulator, dashboard, account } = desk;
    const text = `reply killed at ${point} 好的`;
    const command = `command-${point}`;
    const ask = () => product.reply(account.id, contact.pn, text, command);
    await armed(point);
    // The caller may get no answer; then it asks again with the same command, as everybody should.
    await ask().catch(() => undefined);
    await back();
    const message = await until('an answer to the command', () => ask());
    await until('the tick', async () => {
      const messages = await product.messages(message.conversation);
      const status = messages.find(({ id }) => id === message.id)?.status;
      return status === 'delivered' || status === 'read';
    });
    const arrived = (await emulator.inbox(contact)).filter((letter) => letter.text === text);
    expect(arrived.length).toBe(1);
    await until('the ticks at the dashboard', () =>
      dashboard.statuses().some(({ messageId, status }) => messageId === message.id && status === 'delivered'),
    );
    expect(dashboard.messages().filter(({ id }) => id === message.id).length).toBe(1);
    expect((await product.messages(message.conversation)).filter(({ body }) => body === text).length).toBe(1);
    expect(contiguous(dashboard.events)).toBe(true);
  });

  it('[G2] right after the receipt loses and doubles nothing that a contact wrote', async () => {
    const { product, emulator, dashboard, account } = desk;
    const text = 'killed after the receipt';
    await emulator.send(contact, desk.phone.pn, text);
    await until('the receipt at the emulator', async () => (await emulator.pending()) === 0);
    await product.kill();
    await started();
    await dashboard.live();
    await until('the message at the dashboard', () => inbound(dashboard.messages()).includes(text));
    expect(inbound(await product.allMessages(account.id)).filter((body) => body === text)).toEqual([text]);
    expect(inbound(dashboard.messages()).filter((body) => body === text)).toEqual([text]);
  });

  it('[G7] while the tick of a reply is awaited sends it again under the same id, which folds into one', async () => {
    const { product, emulator, account } = desk;
    const text = 'killed while the tick was awaited';
    const arrived = (body: string) =>
      until(`"${body}" at the contact`, async () =>
        (await emulator.inbox(contact)).some((letter) => letter.text === body),
      );
    // Jobs go one at a time: when this one has arrived, no earlier one can take the fault for itself.
    await product.reply(account.id, contact.pn, 'the outbox is empty behind this', 'command-before');
    await arrived('the outbox is empty behind this');
    await emulator.fault({ kind: 'no-ack', n: 1 });
    const message = await product.reply(account.id, contact.pn, text, 'command-no-ack');
    await arrived(text);
    await product.kill();
    await started();
    await until('the tick', async () => {
      const messages = await product.messages(message.conversation);
      return messages.find(({ id }) => id === message.id)?.status === 'delivered';
    });
    expect((await emulator.inbox(contact)).filter((letter) => letter.text === text).length).toBe(1);
  });

  it('leaves the account paired throughout: it never showed a QR code again', () => {
    const states = desk.dashboard.events.flatMap((event) =>
      event.type === 'whatsapp_status' ? [event.data.status] : [],
    );
    expect(states).not.toContain('QR');
    expect(states).not.toContain('LOGGED_OUT');
    expect(desk.dashboard.status().counters).toMatchObject({ gaps: 0, resyncs: 0 });
  });
});

/** Each stream's events one after another, none missing, none twice. */
function contiguous(events: readonly DurableFrame[]): boolean {
  const last = new Map<string, number>();
  return events.every(({ stream, seq }) => {
    const before = last.get(stream);
    last.set(stream, seq);
    return before === undefined || seq === before + 1;
  });
}
