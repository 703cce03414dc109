// Groups against the emulator: who is in them, what happens there, and who gets what we send.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineRig } from '../../test/engine-rig.ts';
import type { MemoryKeeper } from '../../test/memory-keeper.ts';

describe('an account in a group', () => {
  let rig: EngineRig;
  let keeper: MemoryKeeper;
  beforeEach(async () => {
    rig = await EngineRig.open();
    keeper = rig.keeper;
  });
  afterEach(() => rig.close());

  it('knows who is in it, is told of changes before WhatsApp is answered, and keeps with a message who gets it', async () => {
    const phone = rig.emulator.phone({ name: 'Desk' });
    const [ana, bob] = [rig.emulator.contact({ name: 'Ana' }), rig.emulator.contact({ name: 'Bob' })];
    const { id } = await rig.emulator.group({ subject: '小组', owner: ana.id, members: [bob.id, phone.id] });
    const account = await rig.runReady();
    await rig.until(() => keeper.of('group').some(({ members }) => members?.length === 3), 'the members');
    const chat = { kind: 'group', address: id } as const;
    expect(keeper.of('group').find(({ members }) => members)).toMatchObject({
      chat,
      members: expect.arrayContaining([
        expect.objectContaining({ lid: ana.lid, role: 'owner' }),
        expect.objectContaining({ lid: bob.lid, role: 'member' }),
      ]),
    });

    await rig.emulator.changeGroup(id, 'promote', [bob.id]);
    await rig.until(() => keeper.of('group').some(({ notice }) => notice?.code === 'promote'), 'the notice');
    const told = keeper.of('group').find(({ notice }) => notice?.code === 'promote');
    expect(told).toMatchObject({ chat, change: { kind: 'promote', members: [{ lid: bob.lid }] } });
    expect(told?.notice?.by).toMatchObject({ lid: ana.lid });

    rig.send(account, chat, 'to all');
    await rig.until(() => keeper.of('acked').length === 1, 'the acknowledgement');
    const recipients = keeper.of('sending')[0]?.recipients?.map(({ lid }) => lid);
    expect(recipients).toEqual(expect.arrayContaining([ana.lid, bob.lid, phone.lid]));
    await rig.until(() => [ana, bob].every((each) => each.inbox().some(({ text }) => text === 'to all')));
    await rig.until(() => keeper.of('status').length >= 2, 'a receipt of each');
    expect(new Set(keeper.of('status').map(({ reader }) => reader?.lid))).toEqual(new Set([ana.lid, bob.lid]));
    await rig.until(() => rig.pending() === 0);
  });
});
