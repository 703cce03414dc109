// What a browser shows of every conversation: a page opened at the end, each log scrolled from its newest to its oldest bubble. It reads pixels' source, never REST.
import type { Page } from 'playwright-core';
import { zh } from '../../web/src/words.ts';
import { openBrowser, openWindow, untilLink } from '../browser.ts';
import type { View } from './gateway.ts';
import type { Found } from './oracle.ts';
import type { PulselineGateway } from './pulseline.ts';
import type { Scene } from './scene.ts';

interface Shown {
  readonly id: string;
  readonly ours: boolean;
  readonly text: string;
}

export async function rendered(gateway: PulselineGateway, scene: Scene, say: (line: string) => void): Promise<View> {
  const { product, account } = gateway;
  const browser = await openBrowser();
  try {
    const { page } = await openWindow(browser, `${product.webUrl}/inbox`);
    await untilLink(page, true);
    const inbound: Found[] = [];
    const outbound: Found[] = [];
    for (const { id, address, name } of await product.conversations(account)) {
      const group = scene.groups.indexOf(address);
      const contact = scene.contacts.findIndex(({ pn, lid }) => pn === address || lid === address);
      const chat = group >= 0 ? `g${group}` : contact >= 0 ? `c${contact}` : '?';
      await page.goto(`${product.webUrl}/inbox?c=${encodeURIComponent(id)}`);
      const shown = await readLog(page);
      for (const { ours, text } of shown) (ours ? outbound : inbound).push({ chat, text });
      say(`Chromium: ${shown.length} messages of ${name}`);
    }
    return { name: 'Chromium', inbound, outbound };
  } finally {
    await browser.close();
  }
}

/** All bubbles of the open log, oldest first. */
async function readLog(page: Page): Promise<readonly Shown[]> {
  await page.getByTestId('message-bubble').first().waitFor();
  // No function in it has a name: what the TypeScript loader makes of one does not run in a page.
  return page.evaluate(async (start) => {
    const box = document.querySelector('[role=log] [tabindex="0"]');
    if (box === null) throw new Error('there is no log');
    // It may have been opened at the unread line.
    for (let height = -1; height !== box.scrollHeight || box.scrollTop + box.clientHeight < box.scrollHeight - 1; ) {
      height = box.scrollHeight;
      box.scrollTop = height;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    let all: { id: string; ours: boolean; text: string }[] = [];
    const known = new Set<string>();
    let before = -1;
    for (let still = 0; still < 300; ) {
      const seen = [...box.querySelectorAll('[data-testid=message-bubble]')].map((bubble) => ({
        id: bubble.getAttribute('data-message') ?? '',
        ours: bubble.classList.contains('items-end'),
        text: (bubble.querySelector('.whitespace-pre-wrap')?.textContent ?? '').trim(),
      }));
      // Each look overlaps the one before: what is above the first known bubble is new.
      const meets = seen.findIndex(({ id }) => known.has(id));
      if (all.length > 0 && meets < 0) {
        // Rows that were measured only now have moved the log by more than the step: back until the looks meet.
        still += 1;
        box.scrollTop += box.clientHeight * 0.4;
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        continue;
      }
      const fresh = all.length === 0 ? seen : seen.slice(0, meets);
      for (const { id } of fresh) known.add(id);
      all = [...fresh, ...all];
      // A long message is many looks high: only a log that does not move stands still.
      still = fresh.length > 0 || box.scrollTop !== before ? 0 : still + 1;
      before = box.scrollTop;
      const whole = [...box.querySelectorAll('p')].some(({ textContent }) => textContent === start);
      if (whole && box.scrollTop <= 0 && fresh.length === 0) return all;
      box.scrollTop = Math.max(0, box.scrollTop - box.clientHeight * 0.6);
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    }
    throw new Error(`the beginning of the log never came; ${all.length} bubbles are there`);
  }, zh.log.start);
}
