// An account against the emulator, with unmodified Baileys: pairing, commit before receipt, redelivery, sending.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineRig } from '../../test/engine-rig.ts';
import type { MemoryKeeper } from '../../test/memory-keeper.ts';

describe('an account', () => {
  let rig: EngineRig;
  let keeper: MemoryKeeper;
  beforeEach(async () => {
    rig = await EngineRig.open();
    keeper = rig.keeper;
  });
  afterEach(() => rig.close());

  it('pairs by QR and becomes READY under its own name', async () => {
    await rig.runReady();
    expect(keeper.of('state').map(({ state }) => state)).toEqual([
      'INITIALIZING',
      'QR',
      'AUTHENTICATED',
      'SYNCING',
      'READY',
    ]);
    expect(keeper.of('state').at(-1)?.me).toMatchObject({ name: 'Desk' });
  });

  it('takes a contact’s text and gives the receipt', async () => {
    await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    await ana.send({ to: 'Desk', text: '你好' });
    await keeper.until(() => keeper.of('message').length === 1);
    expect(keeper.of('message')[0]).toMatchObject({
      fromMe: false,
      kind: 'text',
      body: '你好',
      pushName: 'Ana',
      offline: false,
      key: { chat: { kind: 'person', pn: ana.pn, lid: ana.lid }, author: { pn: ana.pn, lid: ana.lid } },
    });
    await rig.until(() => rig.pending() === 0);
    expect(ana.messages()[0]?.status).toBe('delivered');
  });

  it('[G2] gives no receipt while the commit of a message hangs', async () => {
    await rig.runReady();
    await rig.until(() => rig.pending() === 0);
    const order: string[] = [];
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const asked = new Promise<void>((resolve) => {
      keeper.beforeCommit = async ({ facts }) => {
        if (!facts.some(({ type }) => type === 'message')) return;
        resolve();
        await held;
        order.push(`committed with ${rig.pending()} pending`);
      };
    });
    const ana = rig.emulator.contact({ name: 'Ana' });
    await ana.send({ to: 'Desk', text: 'held' });
    await asked;
    expect(rig.pending()).toBe(1);
    expect(ana.messages()[0]?.status).toBe('sent');
    release();
    await rig.until(() => rig.pending() === 0);
    expect(order).toEqual(['committed with 1 pending']);
    expect(ana.messages()[0]?.status).toBe('delivered');
  });

  it('[G2] acknowledges nothing if the commit fails, and takes it once when the store works again', async () => {
    await rig.runReady();
    await rig.until(() => rig.pending() === 0);
    const ana = rig.emulator.contact({ name: 'Ana' });
    let refusals = 0;
    keeper.beforeCommit = ({ facts }) => {
      if (facts.some(({ type }) => type === 'message') && refusals++ < 20) throw new Error('disk full');
    };
    await ana.send({ to: 'Desk', text: 'one' });
    await ana.send({ to: 'Desk', text: 'two' });
    await keeper.until(() => keeper.of('state').some(({ reason }) => reason?.code === 'STORE_FAILED'));
    expect(rig.pending()).toBe(2);
    expect(keeper.bodies()).toEqual([]);
    keeper.beforeCommit = () => {};
    await keeper.until(() => keeper.bodies().length === 2);
    await rig.until(() => rig.state?.state === 'READY');
    expect(keeper.bodies()).toEqual(['one', 'two']);
    await rig.until(() => rig.pending() === 0);
    expect(ana.messages().map(({ status }) => status)).toEqual(['delivered', 'delivered']);
  });

  it('[G2] answers a redelivery from what it has seen, without asking for a resend', async () => {
    const account = await rig.runReady();
    await rig.until(() => rig.pending() === 0);
    const ana = rig.emulator.contact({ name: 'Ana' });
    // The commit is durable, and the process is gone before the receipt.
    keeper.beforeCommit = ({ facts }) => {
      if (facts.some(({ type }) => type === 'message')) void account.stop();
    };
    await ana.send({ to: 'Desk', text: 'once' });
    await keeper.until(() => keeper.bodies().length === 1);
    await account.stop();
    expect(rig.pending()).toBe(1);
    keeper.beforeCommit = () => {};
    rig.run();
    await rig.until(() => rig.pending() === 0);
    expect(keeper.redeliveries).toBe(1);
    expect(keeper.of('message').map(({ kind, body }) => [kind, body])).toEqual([['text', 'once']]);
    expect(ana.messages()[0]?.status).toBe('delivered');
    await ana.send({ to: 'Desk', text: 'the ratchet still fits' });
    await keeper.until(() => keeper.bodies().length === 2);
    expect(keeper.bodies()).toEqual(['once', 'the ratchet still fits']);
  });

  it.each(['a person', 'a group'])(
    '[G2] knows a redelivery from %s that bears no mark: it is acknowledged, not shown again, not asked for again',
    async (where) => {
      const account = await rig.runReady();
      const ana = rig.emulator.contact({ name: 'Ana' });
      const desk = rig.emulator.phone({ name: 'Desk' });
      const group = await rig.emulator.group({ subject: 'Desk', owner: ana.id, members: [desk.id] });
      const to = where === 'a group' ? group.id : 'Desk';
      // The second one is the first of its session or chain that opens nothing new.
      await ana.send({ to, text: 'before' });
      await keeper.until(() => keeper.bodies().length === 1);
      await rig.until(() => rig.pending() === 0);
      keeper.beforeCommit = ({ facts }) => {
        if (facts.some(({ type }) => type === 'message')) void account.stop();
      };
      await ana.send({ to, text: 'once' });
      await keeper.until(() => keeper.bodies().length === 2);
      await account.stop();
      expect(rig.pending()).toBe(1);
      keeper.beforeCommit = () => {};
      rig.emulator.fault({ kind: 'unmarked' });
      rig.run();
      await rig.until(() => rig.pending() === 0);
      expect(keeper.redeliveries).toBe(1);
      // A resend that was asked for would be read before what comes after it.
      await ana.send({ to, text: 'after' });
      await keeper.until(() => keeper.bodies().length === 3);
      expect(keeper.of('message').map(({ kind, body }) => [kind, body])).toEqual([
        ['text', 'before'],
        ['text', 'once'],
        ['text', 'after'],
      ]);
      expect(keeper.of('message').map(({ offline }) => offline)).toEqual([false, false, false]);
    },
  );

  it('takes what came while it was away, in order, and says so', async () => {
    const account = await rig.runReady();
    await account.stop();
    const ana = rig.emulator.contact({ name: 'Ana' });
    await ana.send({ to: 'Desk', text: 'away {n}', n: 150 });
    rig.run();
    await keeper.until(() => keeper.bodies().length === 150);
    expect(keeper.bodies()).toEqual(Array.from({ length: 150 }, (_, index) => `away ${index + 1}`));
    expect(keeper.of('message').every(({ offline }) => offline)).toBe(true);
    await rig.until(() => rig.pending() === 0);
  });

  it('sends a job once, with its content kept before the bytes, and hears the ticks', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const waId = rig.send(account, { kind: 'person', pn: ana.pn }, '好的');
    await keeper.until(() => keeper.of('acked').length === 1);
    expect(keeper.of('acked')[0]).toMatchObject({ waId });
    expect(keeper.of('acked')[0]).not.toHaveProperty('error');
    const kinds = keeper.facts.map(({ type }) => type).filter((type) => type === 'sending' || type === 'acked');
    expect(kinds).toEqual(['sending', 'acked']);
    await keeper.until(() => keeper.of('status').some(({ status }) => status === 'delivered'));
    expect(ana.inbox().map(({ id, text }) => [id, text])).toEqual([[waId, '好的']]);
    await ana.read();
    await keeper.until(() => keeper.of('status').some(({ status }) => status === 'read'));
    expect(keeper.of('status').at(-1)).toMatchObject({
      waIds: [waId],
      chat: { kind: 'person', pn: ana.pn, lid: ana.lid },
    });
    expect(keeper.openJobs()).toEqual([]);
  });

  it('[G7] lets no byte of a message leave before its content and its keys are durable', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const to = { kind: 'person', pn: ana.pn } as const;
    const early: string[] = [];
    keeper.beforeCommit = async ({ keys }) => {
      if (!keys.some(({ type }) => type === 'session')) return;
      // Long enough for anything that does not wait.
      await new Promise((resolve) => setTimeout(resolve, 30));
      const kept = new Set(keeper.of('sending').map(({ job }) => job.replace('job_', 'text ')));
      early.push(...ana.inbox().flatMap(({ text }) => (kept.has(text) ? [] : [text])));
    };
    for (let n = 1; n <= 8; n++) rig.send(account, to, `text ${n}`, n);
    await rig.until(() => ana.inbox().length === 8);
    expect(ana.inbox().map(({ text }) => text)).toEqual(Array.from({ length: 8 }, (_, n) => `text ${n + 1}`));
    await keeper.until(() => keeper.openJobs().length === 0);
    expect(early).toEqual([]);
    expect(keeper.of('sending').map(({ job }) => job)).toEqual(Array.from({ length: 8 }, (_, n) => `job_${n + 1}`));
  });
});
