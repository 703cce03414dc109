// Kinds of messages and directions against the emulator: groups, unreadable messages, our own phone, history, refusals, resends.
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

  it('reads and writes in a group, with the key that came in the same message', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const bob = rig.emulator.contact({ name: 'Bob' });
    const phone = rig.emulator.phone({ name: 'Desk' });
    const group = await rig.emulator.group({ subject: '小组', owner: ana.id, members: [bob.id, phone.id] });
    await rig.until(() => keeper.of('history').some(({ chats }) => chats[0]?.name === '小组'));
    await ana.send({ to: group.id, text: 'first' });
    await bob.send({ to: group.id, text: 'second' });
    await ana.send({ to: group.id, text: 'third' });
    await rig.until(() => keeper.bodies().length === 3);
    expect(keeper.bodies()).toEqual(['first', 'second', 'third']);
    // The receipts of ordinary messages are ours: they tick as the library's do while it is online.
    await rig.until(() => ana.messages().every(({ status }) => status === 'delivered'));
    expect(keeper.of('message')[0]?.key).toMatchObject({
      chat: { kind: 'group', address: group.id },
      author: { pn: ana.pn, lid: ana.lid },
    });
    const waId = rig.send(account, { kind: 'group', address: group.id }, 'from us');
    await rig.until(() => bob.inbox().some(({ text }) => text === 'from us'));
    await bob.read();
    await rig.until(() => keeper.of('status').some(({ status }) => status === 'read'));
    expect(keeper.of('status').find(({ status }) => status === 'read')).toMatchObject({
      chat: { kind: 'group', address: group.id },
      reader: { pn: bob.pn, lid: bob.lid },
      waIds: [waId],
    });
    await rig.until(() => rig.pending() === 0);
  });

  it('says that a message cannot be read, and the resend fills the same one', async () => {
    await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    rig.emulator.fault({ kind: 'corrupt-next' });
    await ana.send({ to: 'Desk', text: 'broken on the way' });
    await rig.until(() => keeper.of('message').length === 2);
    const [first, second] = keeper.of('message');
    expect(first).toMatchObject({ kind: 'waiting', body: '' });
    expect(second).toMatchObject({ kind: 'text', body: 'broken on the way', key: first?.key });
    await rig.until(() => rig.pending() === 0);
    await ana.send({ to: 'Desk', text: 'and on' });
    await rig.until(() => keeper.bodies().at(-1) === 'and on');
  });

  it('takes what our own phone writes for ours, in the chat with the contact', async () => {
    await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    await rig.emulator.phone({ name: 'Desk' }).send({ to: ana.id, text: 'from the phone' });
    await rig.until(() => keeper.of('message').length === 1);
    expect(keeper.of('message')[0]).toMatchObject({
      fromMe: true,
      body: 'from the phone',
      key: { chat: { kind: 'person', pn: ana.pn, lid: ana.lid } },
    });
    expect(keeper.of('message')[0]?.key).not.toHaveProperty('author');
    await rig.until(() => rig.pending() === 0);
  });

  it('sends read receipts as a job', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const [waId = ''] = await ana.send({ to: 'Desk', text: 'seen?' });
    await rig.until(() => keeper.bodies().length === 1);
    const chat = { kind: 'person', pn: ana.pn, lid: ana.lid } as const;
    keeper.enqueue({ id: 'job_r', account: 'acc_1', type: 'read', chat, keys: [{ waId, author: { pn: ana.pn } }] });
    account.ring();
    await rig.until(() => keeper.of('job-done').length === 1);
    expect(keeper.of('job-done')[0]).toEqual({ type: 'job-done', job: 'job_r' });
    await rig.until(() => ana.messages()[0]?.status === 'read');
  });

  it('takes the history of the first sync as history, with names and address pairs', async () => {
    const phone = rig.emulator.phone({ name: 'Desk' });
    const ana = rig.emulator.contact({ name: 'Ana' });
    await ana.send({ to: phone.id, text: 'long ago' });
    await phone.send({ to: ana.id, text: 'answered' });
    await rig.runReady();
    await rig.until(() => keeper.of('history').length > 0);
    expect(keeper.of('message')).toEqual([]);
    const chats = keeper.of('history').flatMap((fact) => fact.chats);
    const chat = chats.find((each) => each.chat.kind === 'person' && each.chat.pn === ana.pn);
    expect(chat?.messages.map(({ body, fromMe }) => [body, fromMe]).sort()).toEqual([
      ['answered', true],
      ['long ago', false],
    ]);
    expect(keeper.of('same-person')).toContainEqual({ type: 'same-person', pn: ana.pn, lid: ana.lid });
  });

  it('reports a refusal with WhatsApp’s code, and goes on with the next job', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    rig.emulator.fault({ kind: 'refuse-message', code: 463 });
    const chat = { kind: 'person', pn: ana.pn } as const;
    const refused = rig.send(account, chat, 'no', 1);
    const taken = rig.send(account, chat, 'yes', 2);
    await rig.until(() => keeper.of('acked').length === 2);
    expect(keeper.of('acked').map(({ waId, error }) => [waId, error])).toEqual([
      [refused, '463'],
      [taken, undefined],
    ]);
  });

  it('[G7] sends what was written but not acknowledged again after a restart: same id, same content, once for the contact', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    rig.emulator.fault({ kind: 'no-ack' });
    const waId = rig.send(account, { kind: 'person', pn: ana.pn }, 'only once');
    await rig.until(() => ana.inbox().length === 1);
    await account.stop();
    expect(keeper.of('acked')).toEqual([]);
    await rig.runReady();
    await rig.until(() => keeper.of('acked').length === 1);
    expect(keeper.of('sending')).toHaveLength(1);
    expect(ana.inbox().map(({ id, text }) => [id, text])).toEqual([[waId, 'only once']]);
    expect(keeper.openJobs()).toEqual([]);
  });

  it('[G7] sends a message whose content was kept and whose bytes never left', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    keeper.beforeCommit = ({ facts }) => {
      if (facts.some(({ type }) => type === 'sending')) void account.stop();
    };
    const waId = rig.send(account, { kind: 'person', pn: ana.pn }, 'late');
    await rig.until(() => keeper.of('sending').length === 1);
    await account.stop();
    expect(ana.inbox()).toEqual([]);
    keeper.beforeCommit = () => {};
    await rig.runReady();
    await rig.until(() => ana.inbox().length === 1);
    expect(ana.inbox()[0]).toMatchObject({ id: waId, text: 'late' });
  });

  it('sends a burst in order', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    for (let n = 1; n <= 60; n++) rig.send(account, { kind: 'person', pn: ana.pn }, `out ${n}`, n);
    await rig.until(() => keeper.of('acked').length === 60);
    expect(ana.inbox().map(({ text }) => text)).toEqual(Array.from({ length: 60 }, (_, index) => `out ${index + 1}`));
  });

  it('resends to a contact who lost the session', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    rig.send(account, { kind: 'person', pn: ana.pn }, 'before', 1);
    await rig.until(() => ana.inbox().length === 1);
    rig.emulator.fault({ kind: 'forget-session', target: ana.pn });
    rig.send(account, { kind: 'person', pn: ana.pn }, 'after', 2);
    await rig.until(() => ana.inbox().some(({ text }) => text === 'after'));
  });

  it('links by a code that is typed on the phone', async () => {
    rig.scans = false;
    const phone = rig.emulator.phone({ name: 'Desk' });
    const account = rig.run();
    await expect(account.pairingCode(phone.number)).rejects.toMatchObject({ code: 'ACCOUNT_NOT_IN_QR' });
    await rig.until(() => rig.state?.state === 'QR');
    const code = await account.pairingCode(phone.number);
    expect(code).toMatch(/^[0-9A-Z]{8}$/);
    // The code is shown as soon as the request is written; the phone knows it a moment later.
    const typed = () =>
      phone.enterPairingCode(code).then(
        () => true,
        () => rig.state?.state !== 'QR',
      );
    while (!(await typed())) await new Promise((resolve) => setTimeout(resolve, 20));
    await rig.until(() => rig.state?.state === 'READY');
    expect(rig.state?.me?.id).toBe(phone.pn);
  });

  it('keeps no half identity if a pairing code is never used', async () => {
    rig.scans = false;
    const phone = rig.emulator.phone({ name: 'Desk' });
    const account = rig.run();
    await rig.until(() => rig.state?.state === 'QR');
    await account.pairingCode(phone.number);
    account.restart();
    await rig.until(() => keeper.of('state').filter(({ state }) => state === 'QR').length === 2);
    expect(await keeper.credentials('acc_1')).toBeUndefined();
  });

  it('asks WhatsApp whether a number exists', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    expect(await account.lookUp(ana.number)).toEqual({ pn: ana.pn, lid: ana.lid });
    expect(await account.lookUp('+15550009999')).toBeUndefined();
  });

  it('whispers that somebody types', async () => {
    await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    ana.typing('Desk', 'composing');
    await rig.until(() => rig.whispers.some(({ type }) => type === 'typing'));
    expect(rig.whispers.find(({ type }) => type === 'typing')).toMatchObject({
      state: 'composing',
      author: { pn: ana.pn },
    });
  });
});
