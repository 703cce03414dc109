// `npm run pictures` takes the pictures of the READMEs; `npm run pictures -- --all [folder]` photographs every page and state, at both widths, in both languages, light and dark, and looks for faults of accessibility. It changes nothing else in the tree.
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openBrowser, untilLink } from '../test/browser.ts';
import { root } from '../test/child.ts';
import { Product } from '../test/product.ts';
import { PREFERENCES_KEY } from '../web/src/preferences.ts';
import { openAccounts, scenes, talk } from './shop.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    /** Of --all: the names of states, parted by commas; absent = all of them. */
    only: { type: 'string' },
  },
});
if (values.all) {
  const { photographAll } = await import('./contact-sheets.ts');
  const folder = resolve(positionals[0] ?? join(tmpdir(), 'pulseline-pictures'));
  process.exit((await photographAll(folder, values.only?.split(','))) ? 0 : 1);
}

const folder = join(root, 'docs', 'pictures');
mkdirSync(folder, { recursive: true });

const browser = await openBrowser();
for (const scene of scenes) {
  const { language } = scene;
  const product = await Product.start({ env: { PULSELINE_LANG: language } });
  try {
    await talk(product, scene, await openAccounts(product, scene));
    for (const theme of ['light', 'dark'] as const) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        locale: language === 'zh' ? 'zh-CN' : 'en-GB',
      });
      await context.addInitScript(
        ([key, value]) => localStorage.setItem(key ?? '', value ?? ''),
        [PREFERENCES_KEY, JSON.stringify({ language, theme })],
      );
      const page = await context.newPage();
      await page.goto(`${product.webUrl}/inbox`);
      await untilLink(page, true);
      await page.getByTestId('conversation-row').first().click();
      await page.getByTestId('message-bubble').last().waitFor();
      await page.getByTestId('conversation-menu').waitFor();
      await page.getByTestId('file-input').waitFor({ state: 'attached' });
      await page.mouse.move(900, 300);
      const suffix = theme === 'dark' ? '-dark' : '';
      await page.waitForFunction(() => document.getAnimations().length === 0);
      await page.screenshot({ path: join(folder, `inbox-${language}${suffix}.png`) });
      await context.close();
    }
  } finally {
    await product.close();
  }
}
await browser.close();
