// What a machine can see of accessibility, on the page as it is now: axe-core with the rules of WCAG 2.2 AA. It changes nothing on the page.
import { shape } from '@pulseline/protocol';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const violations = shape.list(shape.string());

/** Holds that nothing is there that WCAG 2.2 AA forbids; `state` names what is looked at, should it fail. */
export async function accessible(page: Page, state: string): Promise<void> {
  // What fades in is not yet what is looked at.
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(`axe
    .run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`);
  expect(violations.parse(found), `${state}, ${page.url()}`).toEqual([]);
}
