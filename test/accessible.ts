// What a machine can see of accessibility, held: axe-core finds nothing. It changes nothing on the page.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { faultsOf } from './axe.ts';

/** Holds that nothing is there that WCAG 2.2 AA forbids; `state` names what is looked at, should it fail. */
export async function accessible(page: Page, state: string): Promise<void> {
  expect(await faultsOf(page), `${state}, ${page.url()}`).toEqual([]);
}
