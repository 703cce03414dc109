// A real Chromium for the journeys, and what went wrong in its pages; it downloads no browser.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { root } from './child.ts';

export interface Window {
  readonly page: Page;
  /** Console errors, uncaught exceptions, broken rules of the content security policy: nothing of it may ever be there. */
  readonly faults: readonly string[];
  /** While the server is down the browser reports each refused connection, and our client says so too; those are no faults. */
  readonly refusals: readonly string[];
}

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROME_PATH'] ?? (await findBrowser()),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export async function openWindow(browser: Browser, url: string, locale = 'zh-CN'): Promise<Window> {
  const context = await browser.newContext({ locale, viewport: { width: 1280, height: 800 } });
  await watchLayout(context);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const faults: string[] = [];
  const refusals: string[] = [];
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const text = `${message.text()} (${message.location().url})`;
    (/ERR_CONNECTION_|ERR_EMPTY_RESPONSE|WebSocket connection (to|failed)/.test(text) ? refusals : faults).push(text);
  });
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`content security policy: ${violatedDirective} ${blockedURI}`);
    });
  });
  await page.goto(url);
  return { page, faults, refusals };
}

/** Waits until the pill of the live link says `open`, or that it is not. */
export async function untilLink(page: Page, open: boolean): Promise<void> {
  const state = open ? '[data-state=open]' : ':not([data-state=open])';
  await page.locator(`[data-testid=ws-state]${state}`).filter({ visible: true }).first().waitFor();
}

declare global {
  interface Window {
    /** Of this document so far: the sum of what moved without anybody having asked for it. */
    layoutShift?: number;
  }
}

/** To be called before the first page: from then on `layoutShift` knows. */
export async function watchLayout(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    window.layoutShift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const [value, asked]: unknown[] = [Reflect.get(entry, 'value'), Reflect.get(entry, 'hadRecentInput')];
        if (typeof value === 'number' && asked === false) window.layoutShift = (window.layoutShift ?? 0) + value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** Cumulative layout shift of the page since it was loaded, by its sum: never less than what browsers report. */
export async function layoutShift(page: Page): Promise<number> {
  return (await page.evaluate(() => window.layoutShift)) ?? Number.NaN;
}

async function findBrowser(): Promise<string> {
  const script: unknown = await import(pathToFileURL(join(root, 'scripts', 'browser.mjs')).href);
  const find =
    typeof script === 'object' && script !== null && 'findBrowser' in script ? script.findBrowser : undefined;
  const path: unknown = typeof find === 'function' ? find() : undefined;
  if (typeof path === 'string') return path;
  throw new Error('no Chrome, Edge or Chromium was found: install one, or name it with CHROME_PATH');
}
