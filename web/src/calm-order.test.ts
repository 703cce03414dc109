// The order that is kept while a hand is on the list.
import { describe, expect, it } from 'vitest';
import { inOrder } from './calm-order.ts';

const row = (id: string, text = '') => ({ id, text });

describe('a list under the hand', () => {
  it('keeps its order with what is known now, and counts what would come up', () => {
    const fresh = [row('new'), row('c', 'spoke'), row('a'), row('b')];
    expect(inOrder(fresh, ['a', 'b', 'c'])).toEqual({ items: [row('a'), row('b'), row('c', 'spoke')], waiting: 2 });
  });

  it('lets go at once of what is not listed any more, and counts nothing where nothing moves', () => {
    expect(inOrder([row('a'), row('c')], ['a', 'b', 'c'])).toEqual({ items: [row('a'), row('c')], waiting: 0 });
  });
});
