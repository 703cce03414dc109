// Groups and calls against the emulator: who is in them, what happens there, who gets what we send, and who rang.
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

  it('knows who is in a group, is told of changes before WhatsApp is answered, and keeps with a message who gets it', async () => {
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

  it('hears that somebody calls, and how it ends', async () => {
    await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const { id: callId } = await ana.call('Desk', { video: true });
    await rig.until(() => keeper.of('call').length === 1, 'the ringing');
    await rig.emulator.endCall(callId, 'timeout');
    const { id: other } = await ana.call('Desk');
    await rig.emulator.endCall(other, 'reject');
    await rig.until(() => keeper.of('call').length === 4, 'both ends');
    const from = { pn: ana.pn, lid: ana.lid };
    const fact = { type: 'call', chat: { kind: 'person', ...from }, from };
    expect(keeper.of('call')).toMatchObject([
      { ...fact, callId, state: 'ringing', video: true },
      { ...fact, callId, state: 'ended' },
      { ...fact, callId: other, state: 'ringing', video: false },
      { ...fact, callId: other, state: 'rejected' },
    ]);
    await rig.until(() => rig.pending() === 0);
  });
});
