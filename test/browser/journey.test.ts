// A newcomer's first hour in a real browser, with the built-in sandbox: pair, talk, break it, come back; then a real phone without a network.
import { readFileSync } from 'node:fs';
import { shape, stages as traceStages } from '@pulseline/protocol';
import jsqr from 'jsqr';
import type { Browser, Locator, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zh } from '../../web/src/words.ts';
import { accessible } from '../accessible.ts';
import { openBrowser, openWindow, untilLink, type Window } from '../browser.ts';
import { Product } from '../product.ts';
import { until } from '../until.ts';
import { driftOfOlderPages } from './drift.ts';
import { runsNothingHostile } from './hostile-journey.ts';
import { panels } from './panels.ts';
import { everyState } from './states.ts';

const made = shape.object({ id: shape.string() });

// A browser and a whole product share two cores here: what is waited for comes late, but it comes.
describe('a first hour with Pulseline', { timeout: 60_000 }, () => {
  let product: Product;
  let browser: Browser;
  let window: Window;
  let page: Page;
  let contact: string;

  beforeAll(async () => {
    product = await Product.start({ env: { PULSELINE_LANG: 'zh' } });
    browser = await openBrowser();
    window = await openWindow(browser, product.webUrl);
    page = window.page;
    await page.evaluate(() => {
      document.documentElement.dataset['since'] = 'the first load';
    });
  });
  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  const stateOf = (label: string, state: string): Locator =>
    page
      .getByTestId('account-card')
      .filter({ hasText: label })
      .locator(`[data-testid=account-state][data-state=${state}]`);
  const bubbles = (text: string): Locator => page.getByTestId('message-bubble').filter({ hasText: text });
  const rows = (text: string): Locator => page.getByTestId('conversation-row').filter({ hasText: text });
  const write = async (text: string): Promise<void> => {
    const [account] = (await product.status()).accounts;
    await product.call('POST', `/api/sandbox/contacts/${contact}/messages`, { account: account?.id, text });
  };
  /** The page that was loaded first is still the one we see. */
  const neverReloaded = async (): Promise<boolean> =>
    (await page.evaluate(() => document.documentElement.dataset['since'])) === 'the first load';

  it('adds a sandbox account and shows a QR code that a camera can read', async () => {
    await untilLink(page, true);
    await page.getByRole('button', { name: zh.add.chooseSandbox }).click();
    await stateOf(zh.add.defaultSandbox, 'QR').waitFor();
    const picture = page.getByTestId('qr');
    await picture.waitFor();
    const text = await until('a code that reads as what it is', async () => {
      const { data, width, height } = PNG.sync.read(await picture.screenshot());
      const read = jsqr.default(new Uint8ClampedArray(data), width, height)?.data;
      return read !== undefined && read === (await picture.getAttribute('data-qr')) && read;
    });
    expect(text).toContain(',');
  });

  it('is scanned by the sandbox phone and becomes READY without a reload', async () => {
    await page.getByTestId('sandbox-scan').click();
    await stateOf(zh.add.defaultSandbox, 'READY').waitFor();
    expect(await neverReloaded()).toBe(true);
  });

  it('shows what a contact writes, in the list and in the open conversation, at once', async () => {
    contact = made.parse(await product.call('POST', '/api/sandbox/contacts', { name: '王芳' })).id;
    await page.getByRole('link', { name: zh.nav.inbox }).first().click();
    await write('你好，在吗？');
    await rows('你好，在吗？').waitFor();
    await rows('王芳').click();
    await bubbles('你好，在吗？').waitFor();
    await write('想问一下价格 🙂');
    await bubbles('想问一下价格 🙂').waitFor();
    await rows('想问一下价格 🙂').waitFor();
    expect(await neverReloaded()).toBe(true);
  });

  it('sends a reply that the contact gets and reads: its tick only rises', async () => {
    await page.evaluate(() => {
      const seen: string[] = [];
      const look = (): void => {
        const ticks = document.querySelectorAll('[data-testid=message-bubble] [data-testid=tick]');
        const status = ticks[ticks.length - 1]?.getAttribute('data-status');
        if (status && seen[seen.length - 1] !== status) seen.push(status);
        document.documentElement.dataset['ticks'] = seen.join(' ');
      };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    });
    await page.getByTestId('composer').fill('有的，98 元一件');
    await page.getByTestId('composer').press('Enter');
    const bubble = bubbles('有的，98 元一件');
    await bubble.locator('[data-testid=tick][data-status=delivered]').waitFor();
    await product.call('POST', `/api/sandbox/contacts/${contact}/read`);
    await bubble.locator('[data-testid=tick][data-status=read]').waitFor();
    const seen = (await page.evaluate(() => document.documentElement.dataset['ticks']))?.split(' ') ?? [];
    const order = ['pending', 'sent', 'delivered', 'read'];
    expect(seen).toEqual(order.filter((status) => seen.includes(status)));
    expect(seen.at(-1)).toBe('read');
    const got = JSON.stringify(await product.call('GET', `/api/sandbox/contacts/${contact}/messages`));
    expect(got.split('有的，98 元一件').length - 1).toBe(1);
  });

  it('shows the path of a message, stage by stage', async () => {
    // Stamps of a page come a second after the fact.
    const shown = await until('the stamp of the paint', async () => {
      const [account] = (await product.status()).accounts;
      const [first] = (await product.allMessages(account?.id ?? '')).filter(({ body }) => body === '想问一下价格 🙂');
      return first !== undefined && (await product.trace(first.id)).shown !== undefined && first;
    });
    const bubble = bubbles(shown.body);
    await bubble.hover();
    await bubble.getByTestId('message-menu').click();
    await page.getByRole('menuitem', { name: zh.messageMenu.path }).click();
    const stages = page.getByTestId('waterfall').locator('[data-stage]');
    await stages.first().waitFor();
    expect(await stages.evaluateAll((rows) => rows.map((row) => row.getAttribute('data-stage')))).toEqual([
      ...traceStages,
    ]);
    await accessible(page, 'the path of a message');
    await page.keyboard.press('Escape');
    await stages.first().waitFor({ state: 'detached' });
  });

  it('finds nothing to report while all is well, having looked at every link', async () => {
    const tab = await openWindow(browser, `${product.webUrl}/test-ws`);
    await tab.page.locator('[data-testid=diagnosis][data-state=healthy]').waitFor();
    const rung = (id: string): Locator => tab.page.locator(`[data-rung=${id}][data-outcome=pass]`);
    for (const id of ['R06', 'R08', 'R11', 'R13', 'R15', 'R18', 'R21', 'R24', 'R26']) await rung(id).waitFor();
    await accessible(tab.page, 'a healthy diagnosis');
    expect(tab.faults).toEqual([]);
    await tab.page.close();
  });

  it('comes back by itself after a SIGKILL: still paired, history there, nothing doubled, and live again', async () => {
    await product.kill();
    await untilLink(page, false);
    await page.getByTestId('composer').fill('服务器不在时写的');
    await page.getByTestId('composer').press('Enter');
    await bubbles('服务器不在时写的').locator('[data-testid=tick][data-status=pending]').waitFor();
    await product.start();
    await untilLink(page, true);
    const [account] = (await product.status()).accounts;
    await product.inState(account?.id ?? '', 'READY');
    await write('我又来了');
    await bubbles('我又来了').waitFor();
    // What waited goes out by itself, once.
    await bubbles('服务器不在时写的').locator('[data-testid=tick][data-status=delivered]').waitFor();
    for (const text of ['你好，在吗？', '想问一下价格 🙂', '有的，98 元一件', '我又来了', '服务器不在时写的']) {
      expect(await bubbles(text).count(), text).toBe(1);
    }
    expect(await page.getByTestId('conversation-row').count()).toBe(1);
    expect(await neverReloaded()).toBe(true);
    // And a tab that is opened now sees the same.
    const fresh = await openWindow(browser, page.url());
    await fresh.page.getByTestId('message-bubble').filter({ hasText: '我又来了' }).waitFor();
    expect(await fresh.page.getByTestId('message-bubble').count()).toBe(
      await page.getByTestId('message-bubble').count(),
    );
    expect(fresh.faults).toEqual([]);
    await fresh.page.close();
  });

  it('keeps a draft and an unanswered message over a reload, and sends that once', async () => {
    const tab = await openWindow(browser, page.url());
    const there = (text: string): Locator => tab.page.getByTestId('message-bubble').filter({ hasText: text });
    await there('我又来了').waitFor();
    // The server is there, but no send reaches it.
    await tab.page.route('**/api/messages', (route) => route.abort('connectionrefused'));
    const composer = tab.page.getByTestId('composer');
    await composer.fill('重新加载前写的');
    await composer.press('Enter');
    await there('重新加载前写的').locator('[data-testid=tick][data-status=pending]').waitFor();
    await composer.fill('还没写完');
    await tab.page.unroute('**/api/messages');
    await tab.page.reload();
    await there('重新加载前写的').waitFor();
    expect(await composer.inputValue()).toBe('还没写完');
    await there('重新加载前写的').locator('[data-testid=tick][data-status=delivered]').waitFor();
    expect(await there('重新加载前写的').count()).toBe(1);
    const got = JSON.stringify(await product.call('GET', `/api/sandbox/contacts/${contact}/messages`));
    for (const text of ['重新加载前写的', '服务器不在时写的']) expect(got.split(text).length - 1, text).toBe(1);
    await tab.page.close();
  });

  it('is worked by keys, and calls for what is unread on the tab itself', async () => {
    const tab = await openWindow(browser, `${product.webUrl}/settings`);
    await untilLink(tab.page, true);
    await tab.page.keyboard.press('?');
    await tab.page.getByRole('dialog', { name: zh.keys.title }).waitFor();
    await accessible(tab.page, 'the sheet of keys');
    await tab.page.keyboard.press('Escape');
    // The first page looks at the conversation, so nothing is unread there: it steps aside.
    await page.getByRole('link', { name: zh.nav.settings }).first().click();
    await write('有人吗？');
    await tab.page.waitForFunction(() => document.title.startsWith('(1) '));
    await tab.page.waitForFunction(() =>
      document.querySelector('link[rel~=icon]')?.getAttribute('href')?.includes('circle'),
    );
    await tab.page.keyboard.press('Control+k');
    const field = tab.page.getByRole('dialog').getByRole('combobox');
    await field.fill('王');
    await tab.page.getByRole('option', { name: '王芳', selected: true }).waitFor();
    await accessible(tab.page, 'the palette');
    await field.press('Enter');
    await tab.page.getByTestId('message-bubble').filter({ hasText: '有人吗？' }).waitFor();
    await tab.page.waitForFunction(() => !document.title.startsWith('('));
    const choose = async (name: string): Promise<void> => {
      await tab.page.getByTestId('conversation-menu').click();
      await tab.page.getByRole('menuitem', { name, exact: true }).click();
    };
    const listed = tab.page.getByTestId('conversation-row');
    await choose(zh.inbox.pin);
    await listed.getByTitle(zh.inbox.pinned).waitFor();
    await choose(zh.inbox.archive);
    await listed.waitFor({ state: 'detached' });
    await tab.page.getByRole('button', { name: zh.inbox.archived, exact: true }).click();
    await listed.waitFor();
    await accessible(tab.page, 'the archive');
    await choose(zh.inbox.unarchive);
    await tab.page.getByRole('button', { name: zh.inbox.clearFilter }).click();
    await listed.waitFor();
    expect(tab.faults).toEqual([]);
    await tab.page.close();
  });

  it('finds an old message by a word of it, leads there, and from there on to the newest', async () => {
    const [account] = (await product.status()).accounts;
    const fresh = await openWindow(browser, `${product.webUrl}/inbox`);
    const found = (text: string): Locator => fresh.page.getByTestId('message-bubble').filter({ hasText: text });
    await write('发票抬头是蓝鲸贸易');
    const many = { account: account?.id, text: '第 {n} 条', n: 130, rate: 1_000 };
    await product.call('POST', `/api/sandbox/contacts/${contact}/messages`, many);
    await fresh.page.getByTestId('conversation-row').filter({ hasText: '第 130 条' }).waitFor();
    await fresh.page.getByRole('searchbox', { name: zh.inbox.search }).fill('蓝鲸');
    await fresh.page.getByTestId('search-hit').click();
    await found('发票抬头是蓝鲸贸易').waitFor();
    expect(await found('第 130 条').count()).toBe(0);
    expect(new URL(fresh.page.url()).searchParams.get('m')).toBeNull();
    // On by scrolling, page after page, without a jump to the end.
    await found('第 2 条').first().hover();
    for (const n of [30, 60, 90, 120]) {
      await until(`number ${n}`, async () => {
        await fresh.page.mouse.wheel(0, 400);
        return found(`第 ${n} 条`).isVisible();
      });
    }
    await fresh.page.getByTestId('search-hit').click();
    await found('发票抬头是蓝鲸贸易').waitFor();
    await fresh.page.getByRole('button', { name: zh.log.latest }).click();
    await found('第 130 条').waitFor();
    // Opened anew and back again: what comes in above moves nothing of what is read.
    await fresh.page.reload();
    await found('第 130 条').waitFor();
    expect(await driftOfOlderPages(fresh.page, 2)).toBeLessThanOrEqual(1);
    expect(fresh.faults).toEqual([]);
    await fresh.page.close();
  });

  it('is worked by two at once: assigned, noted, labelled, put off and opened again, each seen by the other; a note is never sent', async () => {
    const named = async (name: string): Promise<Window> => {
      const tab = await openWindow(browser, `${product.webUrl}/settings`);
      await tab.page.getByLabel(zh.settings.name, { exact: true }).fill(name);
      return tab;
    };
    const [anna, lei] = [await named('Anna'), await named('李雷')];
    const labels = anna.page.getByTestId('label-settings');
    await labels.getByLabel(zh.settings.labelName, { exact: true }).fill('VIP');
    await labels.getByRole('button', { name: zh.settings.labelAdd }).click();
    await labels.locator('li input[value=VIP]').waitFor();
    const replies = anna.page.getByTestId('reply-settings');
    await replies.getByLabel(zh.settings.replyShortcut).fill('hi');
    await replies.getByLabel(zh.settings.replyBody).fill('{name}您好，我是{me}');
    await replies.getByRole('button', { name: zh.settings.replyAdd }).click();
    await replies.getByText('/hi', { exact: true }).waitFor();
    await accessible(anna.page, 'labels and prepared replies');
    for (const { page: each } of [anna, lei]) {
      await each.goto(`${product.webUrl}/inbox`);
      await each.getByTestId('conversation-row').filter({ hasText: '王芳' }).click();
      await each.getByTestId('work-bar').waitFor();
    }
    await anna.page.getByTestId('assignee').click();
    await anna.page.getByRole('menuitem', { name: zh.work.toMe }).click();
    await lei.page.getByTestId('assignee').filter({ hasText: 'Anna' }).waitFor();
    await lei.page.getByTestId('labels').click();
    await lei.page.getByRole('menuitemcheckbox', { name: 'VIP' }).click();
    await lei.page.keyboard.press('Escape');
    await anna.page.getByTestId('work-bar').getByText('VIP').waitFor();

    // A note has its own field and its own key: Enter keeps it for colleagues.
    await lei.page.getByTestId('composer').press('Alt+n');
    await lei.page.getByTestId('note-field').fill('只给同事看的话');
    await accessible(lei.page, 'a note being written');
    await lei.page.getByTestId('note-field').press('Enter');
    await anna.page.getByTestId('note').filter({ hasText: '只给同事看的话' }).waitFor();
    await accessible(anna.page, 'a note between the messages');
    await lei.page.getByTestId('note-field').press('Alt+n');

    // A prepared reply is put into the field; meanwhile a colleague answers, and the first Enter only warns.
    await lei.page.getByTestId('composer').fill('/h');
    await lei.page.getByTestId('canned-replies').getByRole('option').waitFor();
    await accessible(lei.page, 'prepared replies');
    await lei.page.getByTestId('composer').press('Enter');
    await until(
      'the reply',
      async () => (await lei.page.getByTestId('composer').inputValue()) === '王芳您好，我是李雷',
    );
    await anna.page.getByTestId('composer').fill('Anna 的回答');
    await anna.page.getByTestId('composer').press('Enter');
    await lei.page.getByTestId('answered').waitFor();
    await lei.page.getByTestId('composer').press('Enter');
    expect(await lei.page.getByTestId('composer').inputValue()).toBe('王芳您好，我是李雷');
    await lei.page.getByTestId('composer').press('Enter');
    const answer = lei.page.getByTestId('message-bubble').filter({ hasText: '王芳您好，我是李雷' });
    await answer.locator('[data-testid=tick][data-status=delivered]').waitFor();

    // Closed here it leaves the other's list; undone it is back; what the customer writes opens it.
    const listed = anna.page.getByTestId('conversation-row').filter({ hasText: '王芳' });
    await lei.page.getByTestId('work-bar').getByRole('button', { name: zh.work.close, exact: true }).click();
    await listed.waitFor({ state: 'detached' });
    await lei.page.getByTestId('undo').getByRole('button', { name: zh.team.undo }).click();
    await listed.waitFor();
    await lei.page.getByTestId('snooze').click();
    await lei.page.getByRole('menuitem', { name: zh.work.snooze1h }).click();
    await listed.waitFor({ state: 'detached' });
    await anna.page.getByTestId('work-filter').selectOption('snoozed');
    await listed.waitFor();
    await anna.page.getByTestId('work-filter').selectOption('');
    await write('我又有问题了');
    await listed.waitFor();
    const got = JSON.stringify(await product.call('GET', `/api/sandbox/contacts/${contact}/messages`));
    expect(got).not.toContain('只给同事看的话');
    for (const tab of [anna, lei]) {
      expect(tab.faults).toEqual([]);
      await tab.page.close();
    }
  });

  panels(() => ({ product, browser }));

  everyState(() => ({ product, browser }));

  it('brings in a chat that a phone has exported, to read, and gives it back as a file', async () => {
    const tab = await openWindow(browser, product.webUrl);
    const card = tab.page.getByTestId('account-card');
    await card.getByRole('button', { name: new RegExp(`^${zh.actions.more}`) }).click();
    await tab.page.getByRole('menuitem', { name: zh.account.import }).click();
    const dialog = tab.page.getByRole('dialog');
    const lines = [
      '2023/1/5 15:04 - 李雷: 旧手机里的话',
      '2023/1/5 下午3:05 - 韩梅梅: 记得',
      '2023/1/6 9:00 - 李雷: 好',
    ];
    const file = { name: '与李雷的 WhatsApp 聊天.txt', mimeType: 'text/plain', buffer: Buffer.from(lines.join('\n')) };
    await dialog.getByLabel(zh.importing.file).setInputFiles(file);
    await dialog.getByTestId('import-preview').getByText('旧手机里的话').waitFor();
    await accessible(tab.page, 'what was understood of an exported chat');
    await dialog.getByRole('button', { name: zh.importing.go, exact: true }).click();
    await tab.page.getByTestId('message-bubble').filter({ hasText: '旧手机里的话' }).waitFor();
    await tab.page.getByText(zh.log.readOnly).waitFor();
    expect(await tab.page.getByTestId('composer').count()).toBe(0);
    await tab.page.getByTestId('conversation-menu').click();
    const download = tab.page.waitForEvent('download');
    await tab.page.getByRole('menuitem', { name: zh.inbox.export }).click();
    expect((await download).suggestedFilename()).toBe('李雷.txt');
    expect(tab.faults).toEqual([]);
    await tab.page.close();
  });

  it('survives a page that cannot be drawn, says so, and knows it as a fault of the page', async () => {
    const tab = await openWindow(browser, `${product.webUrl}/inbox`);
    await untilLink(tab.page, true);
    await tab.page.evaluate(() => {
      const { prototype } = Intl.DateTimeFormat;
      const own = Object.getOwnPropertyDescriptor(prototype, 'format');
      const broken = () => {
        throw new RangeError('planted');
      };
      Object.defineProperty(prototype, 'format', { configurable: true, get: broken });
      addEventListener('mend', () => Object.defineProperty(prototype, 'format', own ?? {}));
    });
    await tab.page.getByRole('link', { name: zh.nav.settings }).first().click();
    const alert = tab.page.getByTestId('render-error');
    await alert.getByText(zh.broken.title).waitFor();
    await untilLink(tab.page, true);
    await accessible(tab.page, 'a page that cannot be drawn');
    await tab.page.evaluate(() => dispatchEvent(new Event('mend')));
    await alert.getByRole('button', { name: zh.broken.retry }).click();
    await tab.page.getByText(zh.settings.started).waitFor();
    await tab.page.getByRole('link', { name: zh.nav.diagnosis }).first().click();
    await tab.page.locator('[data-testid=diagnosis][data-cause="R26.render-error"]').waitFor();
    await tab.page.close();
  });

  it('warns before a real phone, dials WhatsApp itself, and says which host, which error, when next, and the proxy', async () => {
    await page.getByRole('link', { name: zh.nav.accounts }).first().click();
    await page.getByRole('button', { name: zh.accounts.add }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(zh.add.phoneTitle, { exact: true }).click();
    await dialog.getByText(zh.risk.title).waitFor();
    const create = dialog.getByRole('button', { name: zh.add.create, exact: true });
    expect(await create.isDisabled()).toBe(true);
    await accessible(page, 'the risk of a real phone');
    await dialog.getByRole('checkbox').check();
    await create.click();
    const card = page.getByTestId('account-card').filter({ hasText: zh.add.defaultPhone });
    await stateOf(zh.add.defaultPhone, 'DISCONNECTED').waitFor();
    await card.getByText('web.whatsapp.com').first().waitFor();
    const words = await until('the reason in words', async () => {
      const text = await card.innerText();
      return /\d+ ?秒/.test(text) && text;
    });
    await accessible(page, 'an account without a link');
    expect(words).toContain('ENOTFOUND');
    expect(words).toContain('WA_PROXY');
    const accounts = (await product.status()).accounts;
    const real = accounts.find(({ kind }) => kind === 'phone');
    expect(real?.reason?.code).toBe('NETWORK_DNS');
    expect(real?.nextTryAt).toBeGreaterThan(real?.since ?? 0);
  });

  runsNothingHostile(() => ({ product, browser }));

  it('names the broken link itself with its fix: WhatsApp out of reach, and then the server gone', async () => {
    const tab = await openWindow(browser, `${product.webUrl}/test-ws`);
    const cause = tab.page.getByTestId('cause');
    await tab.page.locator('[data-testid=diagnosis][data-cause^="R16."]').waitFor();
    expect(await cause.innerText()).toContain('WhatsApp');
    await accessible(tab.page, 'WhatsApp out of reach');
    // A fault that lasts is told over every page, with the way to its proof.
    const banner = page.getByTestId('finding-banner').and(page.locator('[data-check^="R16."]'));
    await banner.waitFor();
    expect(await banner.getByRole('link').getAttribute('href')).toBe('/test-ws');
    await accessible(page, 'a finding over the page');
    // What support needs, by one press.
    await tab.page.getByRole('button', { name: '下载支持包' }).click();
    const saving = tab.page.waitForEvent('download');
    await tab.page.getByTestId('bundle-make').click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toMatch(/^pulseline-support-.*\.zip$/);
    expect(
      readFileSync(await saved.path())
        .subarray(0, 2)
        .toString(),
    ).toBe('PK');
    await tab.page.getByTestId('bundle-made').waitFor();
    await tab.page.keyboard.press('Escape');
    await product.kill();
    await tab.page.locator('[data-testid=diagnosis][data-cause="R05.refused"]').waitFor();
    expect(await cause.innerText()).toContain('npm start');
    await accessible(tab.page, 'a server that is gone');
    // The commands for another shell, without a mouse.
    await cause.getByRole('radio', { name: 'cmd' }).focus();
    await tab.page.keyboard.press('Space');
    await cause.getByRole('radio', { name: 'cmd', checked: true }).waitFor();
    // And over every other page.
    await page.getByTestId('break-cause').and(page.locator('[data-check="R05.refused"]')).waitFor();
    await accessible(page, 'a link that stays down');
    await tab.page.close();
  });

  it('did all of this without one error in the console and within its content security policy', () => {
    expect(window.faults).toEqual([]);
  });
});
