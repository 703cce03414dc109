// Random SIGKILLs in a burst both ways: what the contacts sent and got, against the store and a dashboard. The seed is printed; PULSELINE_SEED repeats it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare, type Desk, exact, inbound, openDesk } from '../desk.ts';
import type { Person } from '../emulator.ts';
import { generator } from '../random.ts';
import { until } from '../until.ts';

const CONTACTS = 3;
const PER_CONTACT = 100;
const RATE = 40;
const REPLIES = 24;
const KILLS = 3;

const seed = Number(process.env['PULSELINE_SEED'] ?? Math.floor(Math.random() * 1_000_000));

describe('random SIGKILLs during a burst', () => {
  let desk: Desk;
  const contacts: Person[] = [];

  beforeAll(async () => {
    console.log(`seed ${seed} (PULSELINE_SEED=${seed} repeats it)`);
    desk = await openDesk();
    for (let i = 0; i < CONTACTS; i++) contacts.push(await desk.emulator.contact(`Contact ${i}`));
  });
  afterAll(() => desk.close());

  it(`[G1] [G2] [G7] [G16] lose nothing, double nothing and keep the order of each chat, both ways, and the counts agree`, {
    timeout: 120_000,
  }, async () => {
    const { product, emulator, dashboard, account, phone } = desk;
    const random = generator(seed);
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

    const writing = contacts.map((contact, index) =>
      emulator.send(contact, phone.pn, `${index}-{n}`, { n: PER_CONTACT, rate: RATE }),
    );
    const replying = (async () => {
      for (let i = 0; i < REPLIES; i++) {
        const contact = contacts[i % CONTACTS];
        if (contact === undefined) continue;
        const command = `burst-${i}`;
        await until(
          `an answer to ${command}`,
          () => product.reply(account.id, contact.pn, `reply ${i}`, command),
          60_000,
        );
        await pause(random() * 200);
      }
    })();
    const killing = (async () => {
      for (let kill = 0; kill < KILLS; kill++) {
        await pause(200 + random() * 900);
        await product.kill();
        await product.start();
      }
    })();
    await Promise.all([...writing, replying, killing]);

    await product.inState(account.id, 'READY');
    await until('all receipts at the emulator', async () => (await emulator.pending()) === 0, 30_000);
    const expected = contacts.map((_, index) => Array.from({ length: PER_CONTACT }, (_, i) => `${index}-${i + 1}`));
    await until(
      'everything at the dashboard',
      () => new Set(inbound(dashboard.messages())).size >= CONTACTS * PER_CONTACT,
      30_000,
    ).catch(async (error: unknown) => {
      // What is missing decides whose fault it is: a store that lacks it too has lost it, else the way to the dashboard has.
      const stored = inbound(await product.allMessages(account.id));
      const shown = inbound(dashboard.messages());
      console.log({ stored: compare(expected.flat(), stored), shown: compare(expected.flat(), shown) });
      console.log(dashboard.status(), await product.heads(), product.child.output().slice(-3_000));
      throw error;
    });
    const replies = Array.from({ length: REPLIES }, (_, i) => `reply ${i}`);
    await until(
      'all replies at the contacts',
      async () => {
        const inboxes = await Promise.all(contacts.map((contact) => emulator.inbox(contact)));
        return inboxes.flat().length >= REPLIES;
      },
      30_000,
    );

    // Nothing had to be asked for again either: keys and messages are of one piece, and a sender who is gone resends nothing.
    expect(dashboard.messages().filter(({ kind }) => kind === 'waiting')).toEqual([]);
    expect(emulator.child.output()).not.toContain('cannot decrypt');
    const chats = await product.conversations(account.id);
    for (const [index, contact] of contacts.entries()) {
      const chat = chats.find(({ address }) => address === contact.pn || address === contact.lid);
      const stored = inbound(await product.messages(chat?.id ?? ''));
      const shown = inbound(dashboard.messages().filter(({ conversation }) => conversation === chat?.id));
      const mine = expected[index] ?? [];
      expect({ contact: index, ...compare(mine, stored) }).toEqual({ contact: index, ...exact });
      expect({ contact: index, ...compare(mine, shown) }).toEqual({ contact: index, ...exact });
      const toMe = replies.filter((_, i) => i % CONTACTS === index);
      const arrived = (await emulator.inbox(contact)).map(({ text }) => text);
      expect({ contact: index, ...compare(toMe, arrived) }).toEqual({ contact: index, ...exact });
    }
    expect(
      new Set((await Promise.all(contacts.map((each) => emulator.inbox(each)))).flat().map(({ id }) => id)).size,
    ).toBe(REPLIES);
    expect(dashboard.status().counters).toMatchObject({ gaps: 0, resyncs: 0 });

    const counts = (await product.status()).counters[account.id];
    console.log(counts);
    const stored = CONTACTS * PER_CONTACT;
    expect(counts).toMatchObject({
      stored,
      commanded: REPLIES,
      delivered: stored + REPLIES,
      waiting: 0,
      lost: 0,
      untold: 0,
    });
    expect(counts?.['wire']).toBeGreaterThanOrEqual(stored);
    await until('an empty outbox, told', async () => (await product.status()).accounts[0]?.queued === undefined);
  });
});
