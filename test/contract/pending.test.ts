// Holds the list of what is pending: a line that works does not belong there any more.
import { type Account, durableEvents, ephemeralEvents } from '@pulseline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Product } from '../product.ts';
import { type Api, apiAt, contactNamed, linked } from './api.ts';
import { isTold, pending } from './pending.ts';

describe('what is pending', () => {
  let product: Product;
  let api: Api;
  let account: Account;
  let number = '';

  beforeAll(async () => {
    product = await Product.start();
    api = apiAt(product.port);
    account = await linked(product, 'Desk');
    ({ number } = await contactNamed(product, 'Wang Fang'));
  });
  afterAll(() => product.close());

  it.each(pending)('"$line" ($part) does not work yet', async ({ works }) => {
    expect(await works({ api, account, number })).toBe(false);
  });

  it('is all that is missing among the types: the others are made somewhere, so the question can say yes', () => {
    const missing = Object.keys({ ...durableEvents, ...ephemeralEvents }).filter((type) => !isTold(type));
    expect(pending.map(({ line }) => line)).toEqual(expect.arrayContaining(missing));
    expect(missing.length).toBeLessThan(10);
  });
});
