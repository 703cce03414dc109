// What is done to messages, in both directions against the emulator: reactions, edits, withdrawals, quotes, mentions, and what cannot be read.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineRig } from '../../test/engine-rig.ts';
import type { MemoryKeeper } from '../../test/memory-keeper.ts';
import type { Job } from './port.ts';

type SendJob = Extract<Job, { type: 'send' }>;

describe('an account', () => {
  let rig: EngineRig;
  let keeper: MemoryKeeper;
  beforeEach(async () => {
    rig = await EngineRig.open();
    keeper = rig.keeper;
  });
  afterEach(() => rig.close());

  it('hears what a contact does to messages, once each, and what our own phone does', async () => {
    await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const phone = rig.emulator.phone({ name: 'Desk' });
    const [theirs = ''] = await ana.send({ to: 'Desk', text: 'helo' });
    const [ours = ''] = await phone.send({ to: ana.id, text: 'ours' });
    await ana.react(ours, '👍');
    await ana.edit(theirs, 'hello');
    await ana.withdraw(theirs);
    await phone.react(theirs, '❤️');
    await rig.until(() => keeper.of('change').length === 4);
    const chat = { kind: 'person', pn: ana.pn, lid: ana.lid };
    const author = { pn: ana.pn, lid: ana.lid };
    const at = expect.any(Number);
    expect(keeper.of('change')).toEqual(
      [
        { target: { waId: ours, fromMe: true }, change: { kind: 'reaction', emoji: '👍' }, fromMe: false, by: author },
        {
          target: { waId: theirs, fromMe: false, author },
          change: { kind: 'edit', body: 'hello' },
          fromMe: false,
          by: author,
        },
        { target: { waId: theirs, fromMe: false, author }, change: { kind: 'revoke' }, fromMe: false, by: author },
        { target: { waId: theirs, fromMe: false, author }, change: { kind: 'reaction', emoji: '❤️' }, fromMe: true },
      ].map(({ target, ...rest }) => ({ type: 'change', target: { chat, ...target }, ...rest, at })),
    );
    expect(keeper.bodies()).toEqual(['helo', 'ours']);
    await rig.until(() => rig.pending() === 0);
  });

  it('hears in a group whose message it is, and whom a text names', async () => {
    await rig.runReady();
    const [ana, bob] = [rig.emulator.contact({ name: 'Ana' }), rig.emulator.contact({ name: 'Bob' })];
    const phone = rig.emulator.phone({ name: 'Desk' });
    const group = await rig.emulator.group({ subject: 'G', owner: ana.id, members: [bob.id, phone.id] });
    const [first = ''] = await ana.send({ to: group.id, text: 'hers' });
    const [mine = ''] = await phone.send({ to: group.id, text: 'mine' });
    await bob.react(first, '😮');
    await bob.react(mine, '👍');
    await bob.send({ to: group.id, text: 'yes', quote: first, mentions: [ana.id, phone.id] });
    await rig.until(() => keeper.of('change').length === 2 && keeper.bodies().length === 3);
    const by = { pn: bob.pn, lid: bob.lid };
    expect(keeper.of('change')).toMatchObject([
      { target: { waId: first, fromMe: false, author: { lid: ana.lid } }, by },
      { target: { waId: mine, fromMe: true }, by },
    ]);
    expect(keeper.of('message').at(-1)).toMatchObject({
      body: 'yes',
      quoted: { waId: first, body: 'hers', author: { lid: ana.lid } },
      mentions: [{ lid: ana.lid, pn: ana.pn }, { lid: phone.lid }],
    });
  });

  it('does the same to messages: the contact gets each once, with the right target', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const chat = { kind: 'person', pn: ana.pn } as const;
    const [theirs = ''] = await ana.send({ to: 'Desk', text: 'price?' });
    await rig.until(() => keeper.bodies().length === 1);
    const target = { chat, waId: theirs, fromMe: false };
    const put = (number: number, more: Partial<SendJob>): string => {
      const waId = `3EB0${String(number).padStart(18, '0')}`;
      keeper.enqueue({ id: `job_${number}`, account: 'acc_1', type: 'send', waId, to: chat, text: '', ...more });
      return waId;
    };
    const sent = put(1, { text: '5 €', quoted: { ...target, body: 'price?' }, mentions: [ana.pn] });
    const own = { chat, waId: sent, fromMe: true };
    put(2, { text: '6 €', change: { kind: 'edit', target: own } });
    put(3, { text: '👍', change: { kind: 'reaction', target } });
    put(4, { change: { kind: 'revoke', target: own } });
    account.ring();
    await rig.until(() => keeper.of('acked').length === 4);
    expect(keeper.of('acked').map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined]);
    await rig.until(() => ana.inbox().length === 4);
    expect(ana.inbox().map(({ kind, text, about }) => [kind, text, about])).toEqual([
      ['text', '5 €', theirs],
      ['edit', '6 €', sent],
      ['reaction', '👍', theirs],
      ['revoke', sent, sent],
    ]);
    expect(ana.inbox()[0]?.mentions).toEqual([ana.pn]);
  });

  it('asks again for what it cannot read: a broken text, a broken reaction, a group message without its key', async () => {
    await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const phone = rig.emulator.phone({ name: 'Desk' });
    const group = await rig.emulator.group({ subject: 'G', owner: ana.id, members: [phone.id] });
    const [first = ''] = await ana.send({ to: 'Desk', text: 'readable' });
    rig.emulator.fault({ kind: 'corrupt-next' });
    await ana.react(first, '👍');
    await rig.until(() => keeper.of('change').length === 1);
    rig.emulator.fault({ kind: 'withhold-key' });
    const [waId = ''] = await ana.send({ to: group.id, text: 'without a key' });
    await rig.until(() => keeper.bodies().at(-1) === 'without a key');
    expect(
      keeper
        .of('message')
        .filter(({ key }) => key.waId === waId)
        .map(({ kind }) => kind),
    ).toEqual(['waiting', 'text']);
    await ana.send({ to: group.id, text: 'and on' });
    await rig.until(() => keeper.bodies().at(-1) === 'and on');
    await rig.until(() => rig.pending() === 0);
  });

  it('finds in the history of the first sync what had been done to its messages', async () => {
    const phone = rig.emulator.phone({ name: 'Desk' });
    const ana = rig.emulator.contact({ name: 'Ana' });
    const [edited = ''] = await ana.send({ to: phone.id, text: 'helo' });
    await ana.edit(edited, 'hello');
    await phone.react(edited, '👍');
    const [gone = ''] = await ana.send({ to: phone.id, text: 'secret' });
    await ana.withdraw(gone);
    await rig.runReady();
    await rig.until(() => keeper.of('history').some(({ chats }) => chats.some(({ messages }) => messages.length > 0)));
    const told = keeper.of('history').flatMap(({ chats }) => chats.flatMap(({ messages }) => messages));
    const of = (id: string) => told.filter(({ key }) => key.waId === id);
    expect(of(edited)).toMatchObject([
      { body: 'hello', edited: true, changes: [{ fromMe: true, change: { kind: 'reaction', emoji: '👍' } }] },
    ]);
    expect(of(gone)).toMatchObject([{ body: '', changes: [{ fromMe: false, change: { kind: 'revoke' } }] }]);
    expect(told).toHaveLength(2);
  });
});
