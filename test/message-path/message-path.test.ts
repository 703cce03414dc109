// One message through all eight stages, each stamped, in order, up to the paint in a real browser.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { stages } from '@pulseline/protocol';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachWords } from '../../web/src/words/attach.ts';
import { zh } from '../../web/src/words.ts';
import { accessible } from '../accessible.ts';
import { openBrowser, openWindow, untilLink, type Window } from '../browser.ts';
import { type Desk, openDesk } from '../desk.ts';
import type { Person } from '../emulator.ts';
import { until } from '../until.ts';
import { byHand } from './by-hand.ts';

/** Two clocks meet between "written" and "applied": the server's, and the browser's, which is coarser by design. */
const CLOCKS_MS = 2;

describe('the way of a message', { timeout: 60_000 }, () => {
  let desk: Desk;
  let browser: Browser;
  let window: Window;
  let contact: Person;

  beforeAll(async () => {
    desk = await openDesk();
    // The only client left is the browser: the last two stamps are its own.
    desk.dashboard.close();
    browser = await openBrowser();
    contact = await desk.emulator.contact('李小龙');
    window = await openWindow(browser, `${desk.product.webUrl}/inbox`);
    await untilLink(window.page, true);
  });
  afterAll(async () => {
    await browser?.close();
    await desk?.close();
  });

  it('passes all eight stages, in order, and is painted in the list and in the open conversation without a reload', async () => {
    const { emulator, phone, product, account } = desk;
    const { page, faults } = window;
    await emulator.send(contact, phone.pn, 'opens the conversation');
    await page.getByTestId('conversation-row').filter({ hasText: '李小龙' }).click();
    await page.getByTestId('message-bubble').filter({ hasText: 'opens the conversation' }).waitFor();

    const text = '你好，Pulseline 👋';
    const { sentAt } = await emulator.send(contact, phone.pn, text);
    await page.getByTestId('message-bubble').filter({ hasText: text }).waitFor();
    await page.getByTestId('conversation-row').filter({ hasText: text }).waitFor();

    const messages = await product.allMessages(account.id);
    const { id } = await until('the message', () => messages.find(({ body }) => body === text));
    const trace = await until('all eight stamps', async () => {
      const stamps = await product.trace(id);
      return stages.every((stage) => stamps[stage] !== undefined) && stamps;
    });
    expect(Object.keys(trace)).toEqual([...stages]);
    const path = [sentAt?.[0] ?? 0, ...stages.map((stage) => trace[stage] ?? 0)];
    for (const [index, stage] of stages.entries()) {
      const slack = stage === 'applied' ? CLOCKS_MS : 0;
      expect(path[index + 1], `${stage} after ${stages[index - 1] ?? 'the pen'}`).toBeGreaterThanOrEqual(
        (path[index] ?? 0) - slack,
      );
    }
    console.log(
      `ms from stage to stage: ${stages.map((stage, index) => `${stage} ${((path[index + 1] ?? 0) - (path[index] ?? 0)).toFixed(2)}`).join(', ')}`,
    );
    expect(faults).toEqual([]);
  });

  it('goes back as a reply, whose tick shows each step: pending, sent, delivered, read', async () => {
    const { emulator, phone, product, account } = desk;
    const { page, faults } = window;
    const path = `/contacts/${encodeURIComponent(contact.id)}`;
    const text = '收到，马上办';
    const tick = (status: string) =>
      page
        .getByTestId('message-bubble')
        .filter({ hasText: text })
        .locator(`[data-testid=tick][data-status=${status}]`)
        .waitFor();

    // Each step is held where it is until it has been seen.
    await emulator.control('POST', `${path}/reachable`, { on: false });
    await emulator.control('POST', `/phones/${phone.id}/offline`);
    await product.inState(account.id, 'DISCONNECTED');
    await page.getByTestId('composer').fill(text);
    await page.getByTestId('composer').press('Enter');
    await tick('pending');
    await emulator.control('POST', `/phones/${phone.id}/online`);
    await tick('sent');
    expect((await emulator.inbox(contact)).map((letter) => letter.text)).not.toContain(text);
    await emulator.control('POST', `${path}/reachable`, { on: true });
    await tick('delivered');
    await emulator.read(contact);
    await tick('read');
    expect((await emulator.inbox(contact)).filter((letter) => letter.text === text).length).toBe(1);
    expect(faults).toEqual([]);
  });

  it('is answered, reacted to, edited and withdrawn from the page, by keyboard too, and shows what the contact does', async () => {
    const { emulator, phone, account, product } = desk;
    const { page, faults } = window;
    const at = `/contacts/${encodeURIComponent(contact.id)}`;
    const bubble = (text: string) => page.getByTestId('message-bubble').filter({ hasText: text });
    const menu = async (text: string): Promise<void> => {
      // An answer bears the words of what it quotes too.
      await bubble(text).first().getByTestId('message-menu').press('Enter');
      await page.getByRole('menu').waitFor();
    };
    const {
      ids: [asked = ''],
    } = await emulator.send(contact, phone.pn, '还有货吗');
    await bubble('还有货吗').waitFor();

    await menu('还有货吗');
    await page.getByRole('menuitem', { name: zh.messageMenu.reply }).click();
    await page.getByTestId('answering').filter({ hasText: '还有货吗' }).waitFor();
    await page.getByTestId('composer').fill('有一见');
    await page.getByTestId('composer').press('Enter');
    await bubble('有一见').locator('[data-testid=tick][data-status=delivered]').waitFor();
    await bubble('有一见').getByTestId('quote').filter({ hasText: '还有货吗' }).click();

    // The first of the row of emoji has the focus when the menu is opened by a key.
    await menu('还有货吗');
    await page.keyboard.press('Enter');
    await bubble('还有货吗').first().getByTestId('reactions').filter({ hasText: '👍' }).first().waitFor();

    await menu('有一见');
    await page.getByRole('menuitem', { name: zh.messageMenu.edit }).click();
    await page.getByTestId('composer').fill('有一件');
    await page.getByTestId('composer').press('Enter');
    await bubble('有一件').filter({ hasText: zh.message.edited }).waitFor();
    expect(await page.getByTestId('composer').inputValue()).toBe('');

    const messages = await product.allMessages(account.id);
    const ours = messages.find(({ body }) => body === '有一件');
    const letters = await emulator.letters(contact);
    const mine = letters.find(({ text }) => text === '有一见')?.id ?? '';
    await emulator.control('POST', `${at}/react`, { message: mine, emoji: '❤️' });
    await bubble('有一件').getByTestId('reactions').filter({ hasText: '❤️' }).waitFor();
    await emulator.control('POST', `${at}/edit`, { message: asked, text: '还有两件吗' });
    await bubble('还有两件吗').filter({ hasText: zh.message.edited }).first().waitFor();

    await menu('有一件');
    await page.getByRole('menuitem', { name: zh.messageMenu.delete }).click();
    await page.getByRole('dialog').getByRole('button', { name: zh.messageMenu.delete }).click();
    const gone = page.locator(`[data-message="${ours?.id}"]`);
    await gone.filter({ hasText: zh.message.deleted }).waitFor();
    await page.getByTestId('conversation-row').filter({ hasText: zh.message.deleted }).waitFor();
    await emulator.control('POST', `${at}/delete`, { message: asked });
    await until('both are gone', async () => (await bubble(zh.message.deleted).count()) === 2);
    const told = (await emulator.inbox(contact)).map(({ kind, about }) => [kind, about]);
    expect(told.slice(-4)).toEqual([
      ['text', asked],
      ['reaction', asked],
      ['edit', mine],
      ['revoke', mine],
    ]);
    expect(faults).toEqual([]);
  });

  it('goes out as files with an emoji, and a file that comes in opens large', async () => {
    const { emulator, phone, product } = desk;
    const { page, faults } = window;
    const bytes = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#3a7' } })
      .png()
      .toBuffer();
    await page.getByTestId('file-input').setInputFiles([
      { name: '报价单.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF') },
      { name: '照片.png', mimeType: 'image/png', buffer: bytes },
    ]);
    await page.getByTestId('attachments').waitFor();
    await page.getByRole('button', { name: attachWords.attach.emoji, exact: true }).click();
    const picker = page.getByTestId('emoji-picker');
    await picker.getByRole('searchbox').fill('大笑');
    await picker.getByRole('gridcell').first().waitFor();
    await accessible(page, 'the emoji and the files');
    await page.keyboard.press('Enter');
    await picker.waitFor({ state: 'detached' });
    const composer = page.getByTestId('composer');
    const emoji = await composer.inputValue();
    expect(emoji).toMatch(/^\p{Emoji}/u);
    await composer.press('Enter');
    const [first, second] = await until('both files at the contact', async () => {
      const last = (await emulator.inbox(contact)).slice(-2);
      return last.every(({ kind }) => kind === 'document' || kind === 'image') && last;
    });
    // In the order in which they stood, and what was written goes with the first.
    expect([first?.kind, first?.text, second?.kind, second?.text]).toEqual(['document', emoji, 'image', '']);
    await emulator.control('POST', `/contacts/${contact.id}/send`, {
      to: phone.pn,
      kind: 'image',
      data: bytes.toString('base64'),
      mime: 'image/png',
      caption: '看这张',
    });
    const bubble = page.getByTestId('message-bubble').filter({ hasText: '看这张' });
    await bubble.locator('img').first().waitFor();
    await bubble.getByRole('button').first().click();
    await page.getByRole('dialog').locator('img').first().waitFor();
    await accessible(page, 'a picture, large');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect((await product.status()).store.ok).toBe(true);
    expect(faults).toEqual([]);
  });

  byHand(() => ({ desk, window, contact }));

  it("is shown by the React example of the client's README, as it stands there", async () => {
    const { emulator, phone, product } = desk;
    const readme = await readFile(new URL('../../client/README.md', import.meta.url), 'utf8');
    const code = /## React\n\n```tsx\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const { outputFiles } = await build({
      stdin: {
        contents: code.replace('ws://localhost:4000/ws', `ws://localhost:${product.port}/ws`),
        resolveDir: fileURLToPath(new URL('../../client', import.meta.url)),
        loader: 'tsx',
      },
      bundle: true,
      write: false,
      format: 'iife',
      jsx: 'automatic',
      define: { 'process.env.NODE_ENV': '"production"' },
    });
    // Beside the product's own page: its address is one that the server lets in.
    const { page } = window;
    await page.evaluate(outputFiles[0]?.text ?? '');
    const shown = page.locator('body > main:last-child b');
    await shown.filter({ hasText: 'live:' }).waitFor();
    await emulator.send(contact, phone.pn, '例子也看得到');
    await shown.filter({ hasText: 'live: 例子也看得到' }).waitFor();
    await page.evaluate(() => document.body.lastElementChild?.remove());
  });

  it('leaves the same words to search for in the stamps and in docs/message-path.md', async () => {
    const text = await readFile(new URL('../../docs/message-path.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| \d \| (\w+) \|/gm)].map(([, word]) => word);
    expect(rows).toEqual([...stages]);
  });
});
