// bench web: the inbox in a real browser over a store of ten thousand conversations, one of them with fifty thousand messages, in four parts: scrolling, a hand at work, live traffic, a long day. It changes no file but its own store.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { shape } from '@pulseline/protocol';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, untilLink } from '../test/browser.ts';
import { type Emulator, type Person, startEmulator } from '../test/emulator.ts';
import { Product } from '../test/product.ts';
import { until } from '../test/until.ts';
import { type Aim, ms, percentile, type Report } from './report.ts';
import { installProbe } from './web-probe.ts';
import { ACCOUNT, CONVERSATIONS, conversationId, fill, LONG, lastMessageId } from './web-store.ts';

export const parts = ['scroll', 'hand', 'live', 'day'] as const;
type Part = (typeof parts)[number];

export interface WebOptions {
  /** Messages of the long day. */
  readonly n: number;
  /** Seconds of live traffic. */
  readonly seconds: number;
  readonly parts: readonly Part[];
  /** Keeps the store there, and begins with the one that is there. */
  readonly dir?: string | undefined;
}

/** What a part is measured in: the page, and who can write to it. */
interface Scene {
  readonly page: Page;
  readonly browser: Browser;
  readonly product: Product;
}

type Findings = Omit<Report, 'bench' | 'command'>;

const WHEELS = 240;
const SWITCHES = 40;
const SENDS = 40;
const SEARCHES = 20;
const KEYS = 60;
const WRITERS = 40;
/** Messages a second: of live traffic in all, and of them in the open conversation; of the long day. */
const RATE = 200;
const OPEN_RATE = 40;
const DAY_RATE = 450;

export async function web({ n, seconds, parts: wanted, dir }: WebOptions): Promise<readonly Report[]> {
  const folder = dir ?? mkdtempSync(join(tmpdir(), 'pulseline-web-'));
  // Its key lies beside it.
  const filled = join(folder, 'filled', 'data');
  const reports: Report[] = [];
  try {
    if (!existsSync(filled)) await fill(filled);
    for (const part of wanted) {
      const dataDir = join(folder, 'used', 'data');
      rmSync(dirname(dataDir), { recursive: true, force: true });
      cpSync(filled, dataDir, { recursive: true });
      const found =
        part === 'scroll' || part === 'hand'
          ? await inBrowser(dataDir, undefined, part === 'scroll' ? scroll : hand)
          : await withWriters(dataDir, (scene, writers) =>
              part === 'live' ? live(scene, writers, seconds) : day(scene, writers, n),
            );
      const more = part === 'day' ? ` --n ${n}` : part === 'live' ? ` --seconds ${seconds}` : '';
      reports.push({ bench: `web-${part}`, command: `npm run bench -- web --part ${part}${more}`, ...found });
    }
    return reports;
  } finally {
    if (dir === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** With an emulator the account is linked to that one, else to the product's own. */
async function inBrowser<T>(
  dataDir: string,
  emulator: Emulator | undefined,
  run: (scene: Scene, phone: Person | undefined) => Promise<T>,
): Promise<T> {
  const env = { LOG_LEVEL: 'warn', ...(emulator !== undefined && { EMULATOR_URL: emulator.url }) };
  const product = await Product.start({ dataDir, env });
  const browser = await openBrowser();
  try {
    // It is linked before anything is measured.
    const code = await product.qr(ACCOUNT);
    const phone = emulator === undefined ? undefined : await emulator.scan(code);
    if (phone === undefined) await product.call('POST', `/api/sandbox/accounts/${ACCOUNT}/scan`, {});
    await product.inState(ACCOUNT, 'READY');
    const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (said) => said.type() === 'error' && faults.push(said.text()));
    await installProbe(page);
    await page.goto(`${product.webUrl}/inbox`);
    await untilLink(page, true);
    await page.getByTestId('conversation-row').first().waitFor();
    const found = await run({ page, browser, product }, phone);
    if (faults.length > 0) throw new Error(`the page said: ${faults.slice(0, 3).join('; ')}`);
    return found;
  } finally {
    await browser.close();
    await product.close();
  }
}

interface Writers {
  readonly emulator: Emulator;
  readonly phone: Person;
  readonly people: readonly Person[];
}

/** The account of the store is linked to an emulated WhatsApp in a process of its own, whose contacts write. */
async function withWriters<T>(dataDir: string, run: (scene: Scene, writers: Writers) => Promise<T>): Promise<T> {
  const emulator = await startEmulator('');
  try {
    return await inBrowser(dataDir, emulator, async (scene, phone) => {
      const { page } = scene;
      if (phone === undefined) throw new Error('the account is not linked');
      const people: Person[] = [];
      for (let i = 0; i < WRITERS; i++) people.push(await emulator.contact(`Writer ${i}`));
      // The first words of each open a Signal session: they are not counted.
      for (const person of people) await emulator.send(person, phone.pn, `hello from ${person.name}`);
      const last = page.getByTestId('conversation-row').filter({ hasText: `hello from Writer ${WRITERS - 1}` });
      await last.waitFor();
      return run(scene, { emulator, phone, people });
    });
  } finally {
    await emulator.close();
  }
}

async function scroll({ page }: Scene): Promise<Findings> {
  const paging = await wheel(page, '[data-testid=conversation-row]', 120);
  // On to the last page, so that all of them are in the list.
  const all = page.locator(`[data-conversation=${conversationId(CONVERSATIONS - 1)}]`);
  await until(
    'the last conversation',
    async () => {
      await page.evaluate(() => {
        const box = document.querySelector('[data-testid=conversation-row]')?.parentElement?.parentElement
          ?.parentElement;
        box?.scrollTo(0, box.scrollHeight);
      });
      return (await all.count()) > 0;
    },
    100_000,
  );
  const list = await wheel(page, '[data-testid=conversation-row]', -120);
  await page.reload();
  await untilLink(page, true);
  const open = await opens(page, 0);
  const log = await wheel(page, '[data-testid=message-bubble]', -120);
  const fling = await wheel(page, '[data-testid=message-bubble]', -1_200);
  const loaded = await page.evaluate(() => document.querySelectorAll('[data-testid=message-bubble]').length);
  const p95 = (values: readonly number[]): number => percentile(values, 0.95);
  return {
    about: `Scrolling in headless Chromium at 1280 × 800, drawn by software, over a store of ${CONVERSATIONS.toLocaleString('en')} conversations, one with ${LONG.toLocaleString('en')} messages. Ms between two frames while the wheel turns ${WHEELS} times; the pages that are read on the way are part of it.`,
    tables: [
      [
        ['ms between frames', 'p50', 'p95', 'p99', 'longest'],
        row('down the list, pages being read', paging),
        row(`up the list, all ${CONVERSATIONS.toLocaleString('en')} in it`, list),
        row('back in the long conversation, pages being read', log),
        row('the same, a screen and a half with each turn', fling),
      ],
    ],
    figures: {
      'paging.p95_ms': p95(paging),
      'list.p95_ms': p95(list),
      'log.p95_ms': p95(log),
      'fling.p95_ms': p95(fling),
      open_ms: open,
    },
    aims: [
      aim('frames down the list, p95 ms', p95(paging), 20),
      aim(`frames up a list of ${CONVERSATIONS.toLocaleString('en')}, p95 ms`, p95(list), 20),
      aim(`frames back through ${LONG.toLocaleString('en')} messages, p95 ms`, p95(log), 20),
      aim(
        `opening ${LONG.toLocaleString('en')} messages at their end, from the click until the last is painted, ms`,
        open,
        400,
      ),
    ],
    notes: [`${loaded} messages are in the document at a time.`],
  };
}

/** Ms between frames while the wheel turns over what holds such an element. */
async function wheel(page: Page, selector: string, step: number): Promise<readonly number[]> {
  await page.locator(selector).filter({ visible: true }).nth(3).hover();
  await page.evaluate(() => window.bench.frames(true));
  for (let i = 0; i < WHEELS; i++) await page.mouse.wheel(0, step);
  return page.evaluate(() => window.bench.frames(false));
}

/** Ms from the press on a conversation of the store until its last message is painted. */
async function opens(page: Page, index: number): Promise<number> {
  const target = page.locator(`[data-conversation=${conversationId(index)}]`);
  return expected(page, 'mousedown', `[data-message=${lastMessageId(index)}]`, '', () => target.click());
}

async function expected(
  page: Page,
  event: string,
  selector: string,
  text: string,
  act: () => Promise<unknown>,
): Promise<number> {
  await page.evaluate(
    ([type = '', what = '', words = '']) => window.bench.expect(type, what, words),
    [event, selector, text],
  );
  await act();
  return page.evaluate(() => window.bench.arrived());
}

async function hand({ page }: Scene): Promise<Findings> {
  const ids = [1, 2, 3, 4, 5, 6];
  const composer = page.getByTestId('composer');
  const cold: number[] = [];
  for (const id of ids) cold.push(await opens(page, id));
  // The first focus of a headless browser's life counts as a second of input delay: it comes before.
  await composer.click();
  await page.keyboard.type('warm');
  await composer.fill('');
  await page.evaluate(() => window.bench.forget());
  const switches: number[] = [];
  for (let i = 0; i < SWITCHES; i++) switches.push(await opens(page, ids[i % ids.length] ?? 1));
  for (let i = 0; i < KEYS; i++) await page.keyboard.press(i % 6 === 5 ? 'Space' : 'k');
  await composer.fill('');
  const bubbles: number[] = [];
  for (let i = 0; i < SENDS; i++) {
    const text = `写好了 ${i}.`;
    await page.keyboard.insertText(text);
    bubbles.push(
      await expected(page, 'keydown', '[data-testid=message-bubble]', text, () => page.keyboard.press('Enter')),
    );
  }
  for (let i = 0; i < 8; i++) {
    await page.getByTestId('conversation-menu').click();
    await page.getByRole('menuitem').first().waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog');
    await palette.waitFor();
    await page.keyboard.type('客户 1');
    // The first empties the field.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await palette.waitFor({ state: 'detached' });
    await page.keyboard.press(i % 2 === 0 ? 'Alt+ArrowDown' : 'Alt+ArrowUp');
  }
  const interactions = await page.evaluate(() => window.bench.interactions());
  const field = page.getByRole('searchbox').first();
  const results: number[] = [];
  for (let i = 0; i < SEARCHES; i++) {
    await field.fill('');
    await page.getByTestId('search-hit').first().waitFor({ state: 'detached' });
    await field.focus();
    await page.keyboard.insertText(['有货', '订单号', 'ship', '4711', '店里'][i % 5] ?? '');
    results.push(await expected(page, 'keydown', '[data-testid=search-hit]', '', () => page.keyboard.press('Enter')));
  }
  // The browser tells those of 16 ms and more alone.
  const quick = Math.max(0, interactions.count - interactions.slow.length);
  const all = [...interactions.slow, ...Array.from({ length: quick }, () => 16)];
  return {
    about: `A hand at work in headless Chromium at 1280 × 800, drawn by software, over a store of ${CONVERSATIONS.toLocaleString('en')} conversations: ms from the press of a key or the mouse until what it asks for is painted. An interaction is what the browser itself counts for INP: typing, opening conversations, menus, the palette.`,
    tables: [
      [
        ['ms', 'p50', 'p95', 'p98', 'longest'],
        row(`${all.length} interactions`, all, 0.98),
        row('back to a conversation that was read', switches, 0.98),
        row('to one that was not', cold, 0.98),
        row('Enter to bubble', bubbles, 0.98),
        row('Enter to search results', results, 0.98),
      ],
    ],
    figures: {
      'interaction.p98_ms': percentile(all, 0.98),
      'switch.p50_ms': percentile(switches, 0.5),
      'switch.p95_ms': percentile(switches, 0.95),
      'bubble.p95_ms': percentile(bubbles, 0.95),
      'results.p95_ms': percentile(results, 0.95),
    },
    aims: [
      aim('interactions, p98 ms', percentile(all, 0.98), 100),
      aim('back to a conversation, p95 ms', percentile(switches, 0.95), 50),
      aim('Enter to bubble, p95 ms', percentile(bubbles, 0.95), 50),
      aim('Enter to search results, p95 ms', percentile(results, 0.95), 200),
    ],
    notes: ['Interactions under 16 ms are not told by the browser and stand here as 16.'],
  };
}

async function live(scene: Scene, writers: Writers, seconds: number): Promise<Findings> {
  const { page } = scene;
  await openConversationOf(scene, writers, 0);
  await page.evaluate(() => window.bench.forget());
  await write(writers, { open: 10, rest: 0, seconds: 15 });
  const quiet = await page.evaluate(() => window.bench.painted().slice());
  await page.evaluate(() => window.bench.forget());
  const before = await page.evaluate(() => window.bench.heard());
  await page.evaluate(() => window.bench.frames(true));
  const began = performance.now();
  await write(writers, { open: OPEN_RATE, rest: RATE - OPEN_RATE, seconds });
  const took = (performance.now() - began) / 1_000;
  const frames = await page.evaluate(() => window.bench.frames(false));
  const [heard, tasks, busy] = await page.evaluate(() => [
    window.bench.heard(),
    window.bench.longTasks().slice(),
    window.bench.painted().slice(),
  ]);
  const longest = Math.max(0, ...tasks);
  const perSecond = (heard - before) / took;
  return {
    about: `/inbox in headless Chromium at 1280 × 800, drawn by software, while the contacts of an emulated WhatsApp write: first 10 messages a second into the open conversation, then ${RATE} a second for ${seconds} s, ${OPEN_RATE} of them into the open one. The whole way runs on this machine: emulator, Signal, store, WebSocket, browser.`,
    tables: [
      [
        ['ms', 'p50', 'p95', 'p99', 'longest'],
        row('frame received to painted, 10 a second', quiet),
        row(`frame received to painted, ${RATE} a second`, busy),
        row(`between animation frames, ${RATE} a second`, frames),
        row('tasks over 50 ms', tasks),
      ],
    ],
    figures: {
      'painted.p50_ms': percentile(quiet, 0.5),
      'painted.p95_ms': percentile(quiet, 0.95),
      'busy.painted.p95_ms': percentile(busy, 0.95),
      'busy.frame.p95_ms': percentile(frames, 0.95),
      'busy.long_tasks': tasks.length,
      'busy.longest_task_ms': longest,
      per_s: perSecond,
    },
    aims: [
      aim('frame received to painted, p50 ms', percentile(quiet, 0.5), 25),
      aim('frame received to painted, p95 ms', percentile(quiet, 0.95), 50),
      { text: `messages a second that the page was told of ${RATE}`, value: perSecond, least: RATE * 0.95 },
      aim(`the longest task in ${seconds} s, ms`, longest, 100),
    ],
    notes: [
      `${quiet.length} and ${busy.length} messages were seen being painted; ${tasks.length} tasks were over 50 ms.`,
    ],
  };
}

async function day(scene: Scene, writers: Writers, n: number): Promise<Findings> {
  const { page, browser } = scene;
  // What was opened keeps its messages for a quick return: half of what comes goes there.
  for (let i = 0; i < WRITERS / 2; i++) await openConversationOf(scene, writers, i);
  const settle = await page.evaluate(() => window.bench.heard());
  await write(writers, { open: 50, rest: 0, seconds: 4 });
  const heapBefore = await heap(page);
  const before = await memory(browser);
  const began = performance.now();
  await write(writers, { open: DAY_RATE / WRITERS, rest: (DAY_RATE / WRITERS) * (WRITERS - 1), seconds: n / DAY_RATE });
  await until(
    'all of them in the page',
    async () => (await page.evaluate(() => window.bench.heard())) >= settle + n,
    100_000,
  );
  const seconds = (performance.now() - began) / 1_000;
  const heapGrown = (await heap(page)) - heapBefore;
  const grown = (await memory(browser)) - before;
  return {
    about: `A tab that is open all day: ${n.toLocaleString('en')} messages of ${WRITERS} contacts, half of them into conversations that are kept for a quick return, played in ${seconds.toFixed(0)} s. Growth after rubbish is collected: of the heap of its scripts, and of all the memory that its process has for itself.`,
    tables: [
      [
        ['MB', 'grown by'],
        ['the heap of its scripts', ms(heapGrown)],
        ['its process', Number.isNaN(grown) ? '–' : ms(grown)],
      ],
    ],
    figures: { heap_mb: heapGrown, ...(!Number.isNaN(grown) && { process_mb: grown }), seconds },
    aims: [
      aim('growth of the heap, MB', heapGrown, 50),
      ...(Number.isNaN(grown) ? [] : [aim('growth of the process, MB', grown, 50)]),
    ],
    notes: ['Played faster than a day, or than ten minutes: what is kept depends on the messages, not on the clock.'],
  };
}

const list = shape.object({ items: shape.list(shape.object({ id: shape.string(), name: shape.string() })) });

async function openConversationOf({ page, product }: Scene, { people }: Writers, index: number): Promise<void> {
  const name = people[index]?.name ?? '';
  const { items } = list.parse(await product.call('GET', '/api/conversations?limit=100'));
  const id = items.find((one) => one.name === name)?.id ?? '';
  await page.evaluate((to) => window.history.pushState(null, '', `/inbox?c=${to}`), id);
  await page
    .getByTestId('message-bubble')
    .filter({ hasText: `hello from ${name}` })
    .last()
    .waitFor();
}

interface Pace {
  /** Messages a second of the first contact, and of all the others together. */
  readonly open: number;
  readonly rest: number;
  readonly seconds: number;
}

/** Resolves when the emulator has sent the last. */
async function write({ emulator, phone, people }: Writers, { open, rest, seconds }: Pace): Promise<void> {
  const of = (index: number): number => (index === 0 ? open : rest / (people.length - 1));
  await Promise.all(
    people.map(async (person, index) => {
      const rate = of(index);
      if (rate === 0) return;
      // Not all in step.
      await new Promise((resolve) => setTimeout(resolve, (index / people.length) * (1_000 / rate)));
      const text = '第 {n} 条：请问这款还有货吗？When will it ship?';
      await emulator.send(person, phone.pn, text, { n: Math.round(rate * seconds), rate });
    }),
  );
}

/** MB of the page's scripts, rubbish collected. */
async function heap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 2 ** 20;
}

const processes = shape.object({
  processInfo: shape.list(shape.object({ type: shape.string(), id: shape.integer() })),
});

/** MB that the tab's process has for itself; NaN where the system does not tell. */
async function memory(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = processes.parse(await session.send('SystemInfo.getProcessInfo'));
  await session.detach();
  const sizes = processInfo.flatMap(({ type, id }) => {
    if (type !== 'renderer') return [];
    try {
      const text = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8');
      return [...text.matchAll(/^Private_\w+:\s+(\d+) kB$/gm)].reduce((sum, [, kB]) => sum + Number(kB) / 1_024, 0);
    } catch {
      return [];
    }
  });
  // A spare process waits beside that of the page, and is smaller.
  return sizes.length === 0 ? Number.NaN : Math.max(...sizes);
}

function row(name: string, values: readonly number[], third = 0.99): readonly string[] {
  return [name, ...[0.5, 0.95, third].map((share) => ms(percentile(values, share))), ms(Math.max(...values))];
}

function aim(text: string, value: number, most: number): Aim {
  return { text, value, most };
}
