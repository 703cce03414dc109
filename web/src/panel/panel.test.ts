// What the panel decides by itself: numbers that are typed, the order of members, how long a mute lasts, which messages are pinned.
import type { Message } from '@pulseline/protocol';
import { describe, expect, it } from 'vitest';
import { pinsOf } from '../pinned.tsx';
import type { Member } from './calls.ts';
import { inOrder } from './members.tsx';
import { muteFor } from './mutes.ts';
import { numberIn } from './people-picker.tsx';

describe('a number that is typed', () => {
  it('is known in any writing, and only when it is whole', () => {
    for (const text of ['+86 138 0000 0001', '86-138-0000-0001', '008613800000001', ' +86 (138) 0000.0001 '])
      expect(numberIn(text)).toBe('+8613800000001');
    expect(numberIn('138 0000 0001', '+8613900000009')).toBe('+8613800000001');
    for (const own of ['', '+15550000001']) expect(numberIn('138 0000 0001', own)).toBe('+13800000001');
    for (const text of ['', '138', '王芳', '12345678901234567', '138x0000000']) expect(numberIn(text)).toBeUndefined();
  });
});

describe('the members of a group', () => {
  it('begin with ourselves, then the owner, the admins, and the others by name', () => {
    const member = (name: string, role: Member['role'], me = false): Member => ({
      address: `${name}@lid`,
      name,
      role,
      ...(me && { me }),
    });
    const all = [
      member('b', 'member'),
      member('owner', 'owner'),
      member('a', 'member'),
      member('z', 'admin'),
      member('we', 'member', true),
    ];
    expect(inOrder(all).map(({ name }) => name)).toEqual(['we', 'owner', 'z', 'a', 'b']);
  });
});

describe('a mute', () => {
  it('ends by itself, or never', () => {
    expect(muteFor('mute8h', 1_000)).toEqual({ muted: true, mutedUntil: 28_801_000 });
    expect(muteFor('mute1w', 0).mutedUntil).toBe(7 * 86_400_000);
    expect(muteFor('muteAlways', 0)).toEqual({ muted: true });
  });
});

describe('pinned messages', () => {
  const message = (id: string, more: Partial<Message>): Message => ({
    id,
    account: 'a',
    conversation: 'c',
    stream: 'a',
    seq: 1,
    from: 'x@lid',
    to: 'y@lid',
    fromMe: false,
    kind: 'text',
    body: id,
    timestamp: 1,
    ...more,
  });

  it('are those of the server and those of the page, the page being right about what both have, newest first', () => {
    const found = [message('a', { pinnedUntil: 99 }), message('b', { pinnedUntil: 99 })];
    const loaded = [
      message('b', {}),
      message('c', { pinnedUntil: 99, timestamp: 5 }),
      message('d', { pinnedUntil: 9 }),
    ];
    expect(pinsOf(found, loaded, 10).map(({ id }) => id)).toEqual(['c', 'a']);
  });
});
