// What an account's devices share, both ways against the emulator: chats arranged on the phone and by us, names, blocked people, groups, older history, and each errand once.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineRig } from '../../test/engine-rig.ts';
import type { MemoryKeeper } from '../../test/memory-keeper.ts';
import type { Errand } from './port.ts';

describe('an account', () => {
  let rig: EngineRig;
  let keeper: MemoryKeeper;
  let number = 0;
  beforeEach(async () => {
    rig = await EngineRig.open();
    keeper = rig.keeper;
    number = 0;
  });
  afterEach(() => rig.close());

  const errand = (of: Errand, started = false): string => {
    const id = `errand_${++number}`;
    keeper.enqueue({ id, account: 'acc_1', type: 'errand', errand: of, ...(started && { started: true }) });
    return id;
  };
  const ended = (id: string) => keeper.of('job-done').find(({ job }) => job === id);

  it('hears how the phone arranges chats, whom it names, and goes on after a restart where it was', async () => {
    const phone = rig.emulator.phone({ name: 'Desk' });
    const ana = rig.emulator.contact({ name: 'Ana' });
    await ana.send({ to: phone.id, text: 'hello' });
    await phone.change({ do: 'pin', chat: ana.id, on: true });
    const first = await rig.runReady();
    const arranged = () =>
      keeper
        .of('chat-state')
        .filter(({ chat }) => chat.kind === 'person' && chat.pn === ana.pn)
        .map(({ change }) => change);
    await rig.until(() => arranged().length === 1, 'the pin');
    await phone.change({ do: 'archive', chat: ana.id, on: true });
    await phone.change({ do: 'mute', chat: ana.id, until: 1_900_000_000_000 });
    await phone.change({ do: 'unread', chat: ana.id, on: true });
    await phone.change({ do: 'name', contact: ana.id, name: 'Ana (shop)' });
    await rig.until(() => arranged().length === 4 && keeper.of('contact').some(({ name }) => name === 'Ana (shop)'));
    // Two collections have no order between them.
    const changes = [
      { kind: 'archive', on: true },
      { kind: 'mute', until: 1_900_000_000_000 },
      { kind: 'unread', on: true },
    ];
    expect(arranged()[0]).toEqual({ kind: 'pin', on: true });
    for (const change of changes) expect(arranged()).toContainEqual(change);
    await rig.until(() => rig.pending() === 0, 'all is acknowledged');
    await first.stop();
    await phone.change({ do: 'delete-chat', chat: ana.id });
    await rig.runReady();
    await rig.until(() => arranged().length === 5, 'what was done while we were away, and nothing twice');
    expect(arranged().at(-1)).toEqual({ kind: 'delete' });
  });

  it('arranges chats for the phone too; what the phone changes meanwhile is heard first', async () => {
    const account = await rig.runReady();
    const phone = rig.emulator.phone({ name: 'Desk' });
    const ana = rig.emulator.contact({ name: 'Ana' });
    const chat = { kind: 'person', pn: ana.pn } as const;
    await rig.until(() => rig.pending() === 0);
    await phone.change({ do: 'pin', chat: ana.id, on: true });
    const newest = { chat, waId: '3EB0AA', fromMe: true, at: 1_700_000_000_000 };
    const ids = [
      errand({ do: 'chat-state', chat, change: { kind: 'archive', on: true }, newest }),
      errand({ do: 'chat-state', chat, change: { kind: 'mute', until: -1 } }),
      errand({ do: 'chat-state', chat, change: { kind: 'unread', on: true } }),
      errand({ do: 'chat-state', chat, change: { kind: 'pin', on: false } }),
    ];
    account.ring();
    await rig.until(() => ids.every((id) => ended(id) !== undefined), 'the ends');
    expect(ids.map((id) => ended(id)?.error)).toEqual(ids.map(() => undefined));
    const { chats, problems } = phone.shared();
    expect(problems).toEqual([]);
    expect(chats[ana.pn]).toMatchObject({ archived: true, mutedUntil: -1, unread: true, pinned: false });
    expect(keeper.of('chat-state').map(({ change }) => change)).toContainEqual({ kind: 'pin', on: true });
    // Ours do not come back as theirs.
    expect(keeper.of('chat-state')).toHaveLength(1);
    // What the phone changes in the very moment conflicts: theirs is read first, and ours put on top.
    rig.emulator.fault({ kind: 'overtaken' });
    const late = errand({ do: 'chat-state', chat, change: { kind: 'pin', on: true } });
    account.ring();
    await rig.until(() => ended(late) !== undefined, 'the end after a conflict');
    expect(ended(late)?.error).toBeUndefined();
    expect(phone.shared()).toMatchObject({ problems: [], chats: { [ana.pn]: { pinned: true } } });
    expect(rig.emulator.state().faults).toEqual([]);
  });

  it('hears of stars and of what is removed for us alone, and tells the phone of ours', async () => {
    const account = await rig.runReady();
    const phone = rig.emulator.phone({ name: 'Desk' });
    const ana = rig.emulator.contact({ name: 'Ana' });
    await ana.send({ to: phone.id, text: 'hello' });
    await rig.until(() => keeper.bodies().length === 1 && rig.pending() === 0);
    const waId = keeper.of('message')[0]?.key.waId ?? '';
    const about = { chat: ana.id, message: waId, fromMe: false };
    await phone.change({ do: 'star', ...about, on: true });
    await phone.change({ do: 'delete-for-me', ...about });
    await rig.until(() => keeper.of('change').length === 2, 'both');
    expect(keeper.of('change').map(({ change }) => change)).toEqual(
      expect.arrayContaining([{ kind: 'star', on: true }, { kind: 'remove' }]),
    );
    expect(keeper.of('change').every(({ fromMe, target }) => fromMe && target.waId === waId)).toBe(true);
    const target = { chat: { kind: 'person', pn: ana.pn }, waId: '3EB0AA', fromMe: true } as const;
    const ids = [
      errand({ do: 'message-state', target, change: { kind: 'star', on: true } }),
      errand({ do: 'message-state', target: { ...target, waId }, change: { kind: 'star', on: false } }),
      errand({ do: 'message-state', target: { ...target, waId: '3EB0BB' }, change: { kind: 'remove', at: 1_000 } }),
    ];
    account.ring();
    await rig.until(() => ids.every((id) => ended(id) !== undefined), 'the ends');
    expect(ids.map((id) => ended(id)?.error)).toEqual(ids.map(() => undefined));
    expect(ended(ids[0] ?? '')?.target).toEqual(target);
    const { starred, deletedForMe, problems } = phone.shared();
    expect(problems).toEqual([]);
    expect(starred).toContain('3EB0AA');
    expect(deletedForMe).toEqual(expect.arrayContaining([waId, '3EB0BB']));
    // Ours do not come back as theirs.
    expect(keeper.of('change')).toHaveLength(2);
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2]).toString('base64');
    const profile = [
      errand({ do: 'set-profile', name: '客服', about: 'open 9 to 5' }),
      errand({ do: 'set-picture', jpeg }),
      errand({ do: 'set-picture', group: '120363000000000009@g.us', jpeg: null }),
    ];
    account.ring();
    await rig.until(() => profile.every((id) => ended(id) !== undefined), 'the profile');
    expect(profile.map((id) => ended(id)?.error)).toEqual([undefined, undefined, 'GROUP_NOT_MEMBER']);
    expect(phone.shared().pushName).toBe('客服');
    await rig.until(() => rig.state?.me?.name === '客服', 'the name in the state');
    const chat = { kind: 'person', pn: rig.state?.me?.id ?? '' } as const;
    expect(await account.ask({ do: 'picture', chat })).toBe(jpeg);
  });

  it('asks the phone for a key that is lost, and reads on', async () => {
    const first = await rig.runReady();
    const phone = rig.emulator.phone({ name: 'Desk' });
    const ana = rig.emulator.contact({ name: 'Ana' });
    await phone.change({ do: 'archive', chat: ana.id, on: true });
    await rig.until(() => keeper.of('chat-state').length === 1 && rig.pending() === 0);
    await first.stop();
    expect(keeper.loseKeys('app-state-sync-key')).toBe(1);
    await phone.change({ do: 'archive', chat: ana.id, on: false });
    await rig.runReady();
    await rig.until(() => keeper.of('chat-state').length === 2, 'the change under the shared key');
    expect(keeper.of('chat-state').at(-1)?.change).toEqual({ kind: 'archive', on: false });
  });

  it('blocks and hears who is blocked', async () => {
    const account = await rig.runReady();
    const phone = rig.emulator.phone({ name: 'Desk' });
    const [ana, bob] = [rig.emulator.contact({ name: 'Ana' }), rig.emulator.contact({ name: 'Bob' })];
    await ana.send({ to: phone.id, text: 'hello' });
    await rig.until(() => keeper.bodies().length === 1);
    const id = errand({ do: 'block', person: { pn: ana.pn }, on: true });
    account.ring();
    await rig.until(() => ended(id) !== undefined);
    expect(ended(id)?.error).toBeUndefined();
    expect(keeper.of('blocked').at(-1)).toEqual({
      type: 'blocked',
      people: [{ pn: ana.pn, lid: ana.lid }],
      on: true,
    });
    await phone.block(bob.id, true);
    await rig.until(() => keeper.of('blocked').at(-1)?.people[0]?.lid === bob.lid);
  });

  it('makes a group, changes it, and says why it may not; an errand that was begun before is not begun again', async () => {
    const account = await rig.runReady();
    const [ana, bob] = [rig.emulator.contact({ name: 'Ana' }), rig.emulator.contact({ name: 'Bob' })];
    const made = errand({ do: 'create-group', subject: '团队 🎉', people: [{ pn: ana.pn }] });
    account.ring();
    await rig.until(() => ended(made) !== undefined, 'the group');
    const chat = keeper.of('group').at(-1)?.chat;
    const id = chat?.kind === 'group' ? chat.address : '';
    expect(ended(made)?.result).toEqual({ group: id });
    const steps: readonly Errand[] = [
      { do: 'change-members', group: id, how: 'add', people: [{ pn: bob.pn }] },
      { do: 'change-members', group: id, how: 'promote', people: [{ lid: bob.lid }] },
      {
        do: 'change-group',
        group: id,
        subject: 'Team',
        settings: { announce: true, locked: true, description: '规则' },
      },
      { do: 'renew-invite', group: id },
    ];
    const jobs = steps.map((step) => errand(step));
    account.ring();
    await rig.until(() => jobs.every((job) => ended(job) !== undefined), 'the changes');
    expect(jobs.map((job) => ended(job)?.error)).toEqual(jobs.map(() => undefined));
    expect(
      keeper
        .of('group')
        .filter(({ notice, change }) => !notice && !change)
        .at(-1),
    ).toMatchObject({
      chat: { kind: 'group', address: id },
      subject: 'Team',
      settings: { announce: true, locked: true, description: '规则', approval: false },
      members: expect.arrayContaining([expect.objectContaining({ lid: bob.lid, role: 'admin' })]),
    });
    const theirs = await rig.emulator.group({
      subject: 'Theirs',
      owner: ana.id,
      members: [rig.emulator.phone({ name: 'Desk' }).id],
    });
    const alien = await rig.emulator.group({ subject: 'Alien', owner: ana.id, members: [bob.id] });
    const refused = [
      errand({ do: 'change-members', group: theirs.id, how: 'remove', people: [{ pn: ana.pn }] }),
      errand({ do: 'change-group', group: alien.id, subject: 'Ours', settings: {} }),
      errand({ do: 'join-group', code: 'nonsense' }),
      errand({ do: 'create-group', subject: 'Twice?', people: [{ pn: ana.pn }] }, true),
    ];
    account.ring();
    await rig.until(() => refused.every((job) => ended(job) !== undefined), 'the refusals');
    expect(refused.map((job) => ended(job)?.error)).toEqual([
      'GROUP_NOT_ADMIN',
      'GROUP_NOT_MEMBER',
      'INVITE_INVALID',
      'OUTCOME_UNKNOWN',
    ]);
    const left = errand({ do: 'leave-group', group: theirs.id });
    account.ring();
    await rig.until(() => ended(left) !== undefined);
    expect(ended(left)?.error).toBeUndefined();
  });

  it('asks the phone for what came before, gets each piece once, and says so if the phone is silent', async () => {
    const phone = rig.emulator.phone({ name: 'Desk' });
    await phone.past({ chats: 2, messages: 30, recent: 3 });
    rig.times = { phone: 1_500 };
    const account = await rig.runReady();
    const told = () => keeper.of('history').flatMap(({ chats }) => chats.flatMap(({ messages }) => messages));
    await rig.until(() => told().length === 6, 'the recent ones');
    const oldest = told()
      .filter(({ key }) => key.chat.kind === 'person')
      .sort((a, b) => a.timestamp - b.timestamp)[0];
    const { chat, waId } = oldest?.key ?? { chat: { kind: 'person' } as const, waId: '' };
    const before = { chat, waId, fromMe: oldest?.fromMe === true, at: oldest?.timestamp ?? 0 };
    const id = errand({ do: 'history', chat, oldest: before, count: 10 });
    account.ring();
    await rig.until(() => ended(id) !== undefined, 'the answer');
    expect(ended(id)).toMatchObject({ result: { messages: 10 } });
    await rig.until(() => told().length === 16, 'ten more');
    expect(
      told()
        .slice(6)
        .every(({ timestamp }) => timestamp <= before.at),
    ).toBe(true);
    rig.emulator.fault({ kind: 'silent-phone' });
    const unanswered = errand({ do: 'history', chat, oldest: before, count: 10 });
    account.ring();
    await rig.until(() => ended(unanswered) !== undefined, 'the end without an answer');
    expect(ended(unanswered)?.error).toBe('PHONE_SILENT');
  });
});
