// What a page has begun in a conversation when that becomes part of another one.

import { emptyInbox } from '@pulseline/client';
import type { ServerFrame } from '@pulseline/protocol';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { aConversation as conversation } from '../../client/test/conversation.ts';
import { applySoon, changeInbox, mergedInto } from './desk.ts';
import { draftOf, writeDraft } from './drafts.ts';

const removed = (id: string, into: string, seq: number): ServerFrame => ({
  type: 'conversation_removed',
  data: { account: 'acc_1', id, into },
  stream: 'acc_1',
  seq,
  timestamp: seq,
});

describe('a conversation that becomes part of another one', () => {
  beforeAll(() => {
    vi.stubGlobal('requestAnimationFrame', (draw: () => void) => draw());
  });
  afterAll(() => {
    vi.unstubAllGlobals();
  });

  it('[G23] takes along what was being written, after what was begun there', () => {
    changeInbox((inbox) => ({ ...inbox, conversations: new Map([['c2', conversation('c2')]]) }));
    writeDraft('c1', '还没写完');
    applySoon(removed('c1', 'c2', 1));
    expect([draftOf('c1'), draftOf('c2')]).toEqual(['', '还没写完']);
    writeDraft('c3', '也没写完');
    applySoon(removed('c3', 'c2', 2));
    expect(draftOf('c2')).toBe('还没写完\n也没写完');
  });

  it('is followed through every join, and never in a circle', () => {
    const inbox = { conversations: new Map([['c2', conversation('c2')]]) };
    const known = (merged: ReadonlyMap<string, string>) => ({ inbox: { ...emptyInbox, ...inbox }, merged });
    const chain = new Map([
      ['c0', 'c1'],
      ['c1', 'c2'],
    ]);
    expect(mergedInto(known(chain), 'c0')).toBe('c2');
    expect(mergedInto(known(chain), 'c2')).toBe('c2');
    expect(mergedInto(known(new Map([...chain, ['c2', 'c0']])), 'c2')).toBe('c2');
    const circle = new Map([
      ['x', 'y'],
      ['y', 'x'],
    ]);
    expect(['x', 'y']).toContain(mergedInto(known(circle), 'x'));
  });
});
