// Every page and state as a picture, at both widths, in both languages, light and dark, on contact sheets, and what axe-core finds on each. It writes into the folder that it is given and nowhere else.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shape } from '@pulseline/protocol';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { faultsOf } from '../test/axe.ts';
import { layoutShift, openBrowser, untilLink, watchLayout } from '../test/browser.ts';
import { Product } from '../test/product.ts';
import { until } from '../test/until.ts';
import { PREFERENCES_KEY } from '../web/src/preferences.ts';
import { brokenStates, emptyStates, type Stage, type State, states } from './picture-states.ts';
import { openAccounts, type Scene, sayEverything, scenes, talk } from './shop.ts';

interface Format {
  readonly width: number;
  readonly height: number;
  /** Of a picture on the sheet, and how many states there are on one; each is there light and dark. */
  readonly cell: { readonly width: number; readonly height: number };
  readonly columns: number;
  readonly rows: number;
}

const formats: readonly Format[] = [
  { width: 1440, height: 900, cell: { width: 780, height: 488 }, columns: 1, rows: 3 },
  { width: 390, height: 844, cell: { width: 260, height: 563 }, columns: 3, rows: 2 },
];
const themes = ['light', 'dark'] as const;
const LABEL = 22;
/** Cumulative layout shift. */
const MOST_SHIFT = 0.01;
/** Nothing is taken higher than this, px. */
const HIGHEST = 4_000;

interface Shot {
  readonly state: string;
  readonly files: readonly string[];
}

/** False if a state could not be reached, or axe-core found something. */
export async function photographAll(folder: string, only: readonly string[] | undefined): Promise<boolean> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const faults: string[] = [];
  const browser = await openBrowser();
  for (const scene of scenes) {
    for (const format of formats) {
      const name = `${format.width}-${scene.language}`;
      const shots: Shot[] = [];
      const take = async (stage: Stage, state: State): Promise<void> => {
        if (only !== undefined && !only.some((wanted) => state.name.startsWith(wanted))) return;
        try {
          await state.open(stage);
          const shift = await layoutShift(stage.page);
          if (shift > MOST_SHIFT) faults.push(`${name} ${state.name}: layout shift ${shift.toFixed(3)}`);
          shots.push({ state: state.name, files: await photograph(stage.page, state, format, join(folder, name)) });
          for (const fault of await faultsOf(stage.page)) faults.push(`${name} ${state.name}: ${fault}`);
        } catch (error) {
          faults.push(`${name} ${state.name}: ${String(error).split('\n')[0]}`);
        }
        await stage.page.setViewportSize(format);
      };
      await tour(browser, scene, format, take);
      await lay(folder, name, format, shots);
    }
  }
  await browser.close();
  writeFileSync(join(folder, 'faults.txt'), faults.join('\n'));
  console.log(faults.join('\n'));
  console.log(`pictures: ${folder}; ${faults.length} faults`);
  return faults.length === 0;
}

async function tour(
  browser: Browser,
  scene: Scene,
  { width, height }: Format,
  take: (stage: Stage, state: State) => Promise<void>,
): Promise<void> {
  const { language } = scene;
  const product = await Product.start({ env: { PULSELINE_LANG: language } });
  const phone = width < 768;
  const context = await browser.newContext({
    viewport: { width, height },
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    isMobile: phone,
    hasTouch: phone,
    reducedMotion: 'reduce',
  });
  await context.addInitScript(
    ([key, value]) => localStorage.setItem(key ?? '', value ?? ''),
    [
      PREFERENCES_KEY,
      JSON.stringify({ language, theme: 'light', name: language === 'zh' ? '李雷' : 'Lee', person: 'p1' }),
    ],
  );
  await watchLayout(context);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  try {
    await page.goto(product.webUrl);
    await untilLink(page, true);
    const nowhere = { page, product, language, chat: '', kinds: '', group: '' };
    for (const state of emptyStates) await take(nowhere, state);
    const stage = { ...nowhere, ...(await fill(product, scene)) };
    for (const state of [...states, ...brokenStates]) await take(stage, state);
  } finally {
    await context.close();
    await product.close();
  }
}

const madeGroup = shape.object({ conversation: shape.object({ id: shape.string() }) });

/** The shop, somebody who says something of every kind, a group, and accounts that are not linked. */
async function fill(product: Product, scene: Scene): Promise<Pick<Stage, 'chat' | 'kinds' | 'group'>> {
  const ids = await openAccounts(product, scene);
  const [account = ''] = ids;
  const { pn } = await sayEverything(product, account, scene.language);
  const idOf = (text: string): Promise<string> =>
    until(text, async () => (await product.conversations()).find(({ lastMessage }) => lastMessage?.body === text)?.id);
  const kinds = await idOf('the last of every kind');
  await talk(product, scene, ids);
  const last = scene.talks.at(-1)?.lines.at(-1) ?? '';
  const chat = await idOf(last);
  const subject = scene.language === 'zh' ? '老客户群' : 'Regular customers';
  const answer = await product.call('POST', `/api/accounts/${account}/groups`, { subject, people: [pn] });
  const group = madeGroup.parse(answer).conversation.id;
  await product.call('POST', '/api/labels', { name: 'VIP', colour: 2 }).catch(() => undefined);
  // One waits for its scan, one for a network.
  await product.qr((await product.addAccount(scene.language === 'zh' ? '新号码' : 'New number')).id);
  const { id } = await product.addAccount(scene.language === 'zh' ? '真实手机' : 'Real phone', 'phone');
  await product.inState(id, 'DISCONNECTED');
  return { chat, kinds, group };
}

async function photograph(page: Page, state: State, format: Format, path: string): Promise<readonly string[]> {
  if (state.tall) {
    const height = await page.evaluate(() =>
      Math.max(
        document.documentElement.scrollHeight,
        ...[...document.querySelectorAll('main *')].map(
          (box) =>
            box.scrollHeight + (window.innerHeight - box.clientHeight) * Number(box.scrollHeight > box.clientHeight),
        ),
      ),
    );
    await page.setViewportSize({ width: format.width, height: Math.min(HIGHEST, Math.max(format.height, height)) });
  }
  const files: string[] = [];
  for (const theme of themes) {
    await page.evaluate((name) => {
      document.documentElement.dataset['theme'] = name;
    }, theme);
    await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
    const file = `${path}-${state.name}-${theme}.png`;
    await page.screenshot({ path: file });
    files.push(file);
  }
  return files;
}

async function lay(
  folder: string,
  name: string,
  { cell, columns, rows }: Format,
  shots: readonly Shot[],
): Promise<void> {
  const [wide, high] = [cell.width * themes.length + 8, cell.height + LABEL];
  for (let from = 0, sheet = 1; from < shots.length; from += columns * rows, sheet++) {
    const parts = await Promise.all(
      shots.slice(from, from + columns * rows).flatMap(({ state, files }, index) => {
        const left = (index % columns) * wide;
        const top = Math.floor(index / columns) * high;
        const label = `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${LABEL}"><text x="4" y="16" font-size="15" font-family="sans-serif">${state}</text></svg>`;
        return [
          { input: Buffer.from(label), left, top },
          ...files.map(async (file, theme) => ({
            input: await sharp(file)
              .resize({ ...cell, fit: 'contain', position: 'top', background: '#888' })
              .toBuffer(),
            left: left + theme * cell.width,
            top: top + LABEL,
          })),
        ];
      }),
    );
    await sharp({ create: { width: wide * columns, height: high * rows, channels: 3, background: '#fff' } })
      .composite(parts)
      .png()
      .toFile(join(folder, `sheet-${name}-${sheet}.png`));
  }
}
