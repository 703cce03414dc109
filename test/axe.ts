// What axe-core finds on a page as it is now, by the rules of WCAG 2.2 AA. It changes nothing on the page and judges nothing.
import { shape } from '@pulseline/protocol';
import axe from 'axe-core';
import type { Page } from 'playwright-core';

const violations = shape.list(shape.string());

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Each as `<rule>: <element>`; `within` is a selector of what is to be looked at, the whole page without one; `rules` are those of WCAG 2.2 AA without it. */
export async function faultsOf(page: Page, within = 'html', rules?: readonly string[]): Promise<readonly string[]> {
  // What fades in is not yet what is looked at.
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(`axe
    .run(${JSON.stringify(within)}, { preload: false, runOnly: ${JSON.stringify({ type: rules === undefined ? 'tag' : 'rule', values: rules ?? RULES })}, resultTypes: ['violations'] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`);
  return violations.parse(found);
}
