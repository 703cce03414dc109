// How far what somebody reads moves on the screen while older messages are put in above it: looked at after every paint. It scrolls, and changes nothing else.
import type { Page } from 'playwright-core';

/** Px, the worst of so many older pages of the open conversation, each let in when the log stands still. */
export async function driftOfOlderPages(page: Page, pages: number): Promise<number> {
  const log = page.getByRole('log').locator('[tabindex="0"]').first();
  let worst = 0;
  for (let i = 0; i < pages; i++) {
    let letIn = (): void => undefined;
    const still = new Promise<void>((resolve) => {
      letIn = resolve;
    });
    const asked = new Promise<void>((resolve) => {
      void page.route(
        /\/messages\?.*before=/,
        async (route) => {
          resolve();
          await still;
          await route.continue();
        },
        { times: 1 },
      );
    });
    await log.evaluate((box) => {
      box.scrollTop = box.clientHeight;
    });
    await asked;
    const drift = log.evaluate(async (box) => {
      const painted = (): Promise<void> =>
        new Promise((resolve) => {
          requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => resolve();
            port2.postMessage(0);
          });
        });
      const topOf = (one: Element | undefined): number => one?.getBoundingClientRect().top ?? Number.NaN;
      const edge = topOf(box) + 40;
      // What was scrolled to is measured first, which is no part of it.
      let anchor: Element | undefined;
      let top = Number.NaN;
      for (let same = 0; same < 5; ) {
        await painted();
        const first = [...box.querySelectorAll('[data-message]')].find((one) => topOf(one) > edge);
        same = first === anchor && topOf(first) === top ? same + 1 : 0;
        [anchor, top] = [first, topOf(first)];
      }
      const height = box.scrollHeight;
      document.documentElement.dataset['still'] = 'yes';
      let far = 0;
      for (let after = 0; after < 15; ) {
        await painted();
        far = Math.max(far, Math.abs(topOf(anchor) - top));
        if (box.scrollHeight > height + 100) after += 1;
      }
      delete document.documentElement.dataset['still'];
      return far;
    });
    await page.locator('html[data-still]').waitFor({ state: 'attached' });
    letIn();
    worst = Math.max(worst, await drift);
  }
  return worst;
}
