// Holds what becomes of what messages bear: votes are opened and counted in any order, live places move forwards, timers and pins are kept, and what is over disappears by an event.
import { describe, expect, it } from 'vitest';
import type { Content, FactOf } from '../whatsapp/port.ts';
import { ACCOUNT, ANNA, BORIS, group, linked, ME, person, text } from './test/scene.ts';
import { hashOf, openVote, sealVote } from './votes.ts';

const SECRET = '07'.repeat(32);
const IV = '0b'.repeat(12);

const bears = (waId: string, kind: FactOf<'message'>['kind'], content: Content, more?: Parameters<typeof text>[2]) => ({
  ...text(waId, '', more),
  kind,
  content,
});
const poll = { name: 'Tea?', options: ['yes', 'no', 'both'], selectable: 1 };
const vote = (
  change: FactOf<'change'>['change'],
  at: number,
  { by = ANNA as typeof ANNA | typeof BORIS, fromMe = false, waId = 'P1' } = {},
): FactOf<'change'> => ({
  type: 'change',
  target: { chat: group, waId, fromMe: false, author: ANNA },
  change,
  fromMe,
  ...(!fromMe && { by }),
  at,
});
const sealed = (options: readonly string[], voter: string, creator: string = ANNA.lid) =>
  ({ kind: 'vote', sealed: sealVote({ poll: 'P1', creator, voter, secret: SECRET }, options, IV) }) as const;

describe('a vote', () => {
  it('poll: is counted by person, the newest of each, under whichever address its client has sealed it', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [bears('P1', 'poll', { poll, secret: SECRET }, { chat: group, author: ANNA })]);
    const { events } = rows.ingest(ACCOUNT, [vote(sealed(['yes'], BORIS.lid), 5, { by: BORIS })]);
    expect(events).toMatchObject([
      {
        type: 'message_update',
        data: {
          poll: {
            options: [
              { name: 'yes', votes: 1 },
              { name: 'no', votes: 0 },
              { name: 'both', votes: 0 },
            ],
            votes: [{ voter: BORIS.pn, fromMe: false, options: [0], at: 5 }],
          },
        },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain(SECRET);
    rows.ingest(ACCOUNT, [
      vote(sealed(['no'], BORIS.pn, ANNA.pn), 7, { by: BORIS }),
      vote(sealed(['yes'], BORIS.lid), 6, { by: BORIS }),
    ]);
    rows.ingest(ACCOUNT, [vote(sealed(['yes'], ME, ANNA.pn), 8, { fromMe: true }), vote(sealed([], ANNA.lid), 9)]);
    const [row] = [...rows.messages.values()];
    expect(row?.message.poll?.options.map(({ votes }) => votes)).toEqual([1, 1, 0]);
    expect(row?.message.poll?.votes.map(({ voter, options }) => [voter, options])).toEqual([
      [BORIS.pn, [1]],
      [ME, [0]],
      [ANNA.pn, []],
    ]);
  });

  it('[G17] poll: that comes before its poll is kept and counted when that comes, also after a stub', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [vote(sealed(['no'], BORIS.lid), 5, { by: BORIS })]);
    const stub = { ...text('P1', '', { chat: group, author: ANNA }), kind: 'waiting' as const };
    rows.ingest(ACCOUNT, [stub, vote(sealed(['yes'], ANNA.lid), 6)]);
    rows.ingest(ACCOUNT, [bears('P1', 'poll', { poll, secret: SECRET }, { chat: group, author: ANNA })]);
    const [row] = [...rows.messages.values()];
    expect(row?.message.poll?.options.map(({ votes }) => votes)).toEqual([1, 1, 0]);
  });

  it('that cannot be opened, or chooses more than it may, counts as nothing or as what it may', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [bears('P1', 'poll', { poll, secret: SECRET }, { chat: group, author: ANNA })]);
    const foreign = sealVote({ poll: 'P1', creator: ANNA.lid, voter: BORIS.lid, secret: '08'.repeat(32) }, ['yes'], IV);
    expect(rows.ingest(ACCOUNT, [vote({ kind: 'vote', sealed: foreign }, 5, { by: BORIS })]).events).toEqual([]);
    rows.ingest(ACCOUNT, [vote({ kind: 'vote', chosen: [hashOf('yes'), hashOf('no'), 'x'] }, 6, { by: BORIS })]);
    const [row] = [...rows.messages.values()];
    expect(row?.message.poll?.votes).toMatchObject([{ options: [0] }]);
    expect(openVote({ payload: '', iv: '' }, [])).toBeUndefined();
  });
});

describe('a message', () => {
  it('location: has the newest place of a live one, whatever comes late', () => {
    const rows = linked();
    const at = (sequence: number, longitude: number) => ({ latitude: 1, longitude, live: { sequence, at: 0 } });
    const move = (sequence: number, longitude: number, time: number) => ({
      ...vote({ kind: 'move', location: at(sequence, longitude) }, time, { waId: 'L1' }),
      target: { chat: person(ANNA), waId: 'L1', fromMe: false, author: ANNA },
    });
    rows.ingest(ACCOUNT, [bears('L1', 'location', { location: { ...at(1, 2), name: 'Park' } })]);
    rows.ingest(ACCOUNT, [move(3, 9, 30)]);
    expect(rows.ingest(ACCOUNT, [move(2, 5, 20)]).events).toEqual([]);
    expect([...rows.messages.values()][0]?.message.location).toEqual({
      latitude: 1,
      longitude: 9,
      name: 'Park',
      live: { sequence: 3, at: 30 },
    });
  });

  it('text: is pinned for a while, kept, and removed for us alone', () => {
    const rows = linked();
    const own = { chat: person(ANNA), waId: 'A1', fromMe: false, author: ANNA };
    const does = (change: FactOf<'change'>['change'], fromMe = false) => ({
      ...vote(change, 5, { fromMe }),
      target: own,
    });
    rows.ingest(ACCOUNT, [text('A1', 'hello')]);
    const [id = ''] = [...rows.messages.keys()];
    const now = () => rows.messages.get(id)?.message;
    expect(rows.ingest(ACCOUNT, [does({ kind: 'pin', until: 99 })]).events).toMatchObject([
      { type: 'message_update', data: { pinnedUntil: 99 } },
    ]);
    rows.ingest(ACCOUNT, [does({ kind: 'pin', until: 0 }), does({ kind: 'keep', on: true })]);
    expect(now()).not.toHaveProperty('pinnedUntil');
    expect(now()?.kept).toBe(true);
    expect(rows.ingest(ACCOUNT, [does({ kind: 'remove' })]).events).toEqual([]);
    rows.ingest(ACCOUNT, [does({ kind: 'remove' }, true)]);
    expect(now()).toMatchObject({ body: '', deleted: true, gone: 'removed' });
  });

  it('text: disappears when its time is over, by an event, and not a moment earlier; one that is kept stays', () => {
    const rows = linked();
    const timestamp = rows.now;
    const brief = (waId: string) => ({ ...text(waId, 'secret'), timestamp, content: { expires: 60 } });
    const { events } = rows.ingest(ACCOUNT, [brief('A1'), brief('A2')]);
    expect(events.at(-1)?.data).toMatchObject({ body: 'secret', expiresAt: timestamp + 60_000 });
    const kept = { kind: 'keep', on: true } as const;
    rows.ingest(ACCOUNT, [
      { ...vote(kept, 5), target: { chat: person(ANNA), waId: 'A2', fromMe: false, author: ANNA } },
    ]);
    const messages = [...rows.messages.keys()];
    expect(rows.run('disappear', { account: ACCOUNT, messages }).events).toEqual([]);
    rows.now = timestamp + 60_000;
    expect(rows.run('disappear', { account: ACCOUNT, messages }).events).toMatchObject([
      { type: 'message_update', data: { body: '', deleted: true, gone: 'expired' } },
    ]);
    expect([...rows.messages.values()].map(({ message }) => message.body)).toEqual(['', 'secret']);
  });

  it('system: sets the timer of its conversation, told before it', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hello')]);
    const notice = { code: 'disappearing', text: '86400' };
    const { events } = rows.ingest(ACCOUNT, [bears('A2', 'system', { timer: 86_400, notice })]);
    expect(events).toMatchObject([
      { type: 'conversation_update', data: { disappearing: 86_400 } },
      { type: 'new_message', data: { kind: 'system', notice } },
    ]);
    rows.ingest(ACCOUNT, [bears('A3', 'system', { timer: 0, notice })]);
    expect([...rows.conversations.values()][0]?.conversation).not.toHaveProperty('disappearing');
  });

  it('image: knows the album that it is part of, if that is there', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [
      bears('A1', 'system', { notice: { code: 'album', text: '2' } }),
      bears('A2', 'image', { partOf: 'A1' }),
    ]);
    const [album, image] = [...rows.messages.values()].map(({ message }) => message);
    expect(image?.partOf).toBe(album?.id);
    expect(rows.ingest(ACCOUNT, [bears('A3', 'image', { partOf: 'nowhere' })]).events.at(-1)?.data).not.toHaveProperty(
      'partOf',
    );
  });
});
