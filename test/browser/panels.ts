// What one does around a conversation, in a real browser: files dropped and pasted, its panel, a mute, a block, an export, a group, its end. A part of the first hour; it starts nothing itself.
import { shape } from '@pulseline/protocol';
import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { zh } from '../../web/src/words.ts';
import { accessible } from '../accessible.ts';
import { openWindow } from '../browser.ts';
import { until } from '../until.ts';
import type { Stage } from './hostile-journey.ts';

const made = shape.object({ id: shape.string() });

/** A PNG of one point. */
const POINT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Draws a file over the page until that says where it may fall, and lets go. */
async function drop(page: Page, name: string, type: string, base64: string): Promise<void> {
  await until('the place for files', async () => {
    await bring(page, 'dragenter', name, type, base64);
    return page.getByTestId('drop-target').isVisible();
  });
  await bring(page, 'dragover', name, type, base64);
  await bring(page, 'drop', name, type, base64);
}

/** Draws a file over the page, or pastes it into its composer, as a browser tells a page of it. */
async function bring(
  page: Page,
  how: 'dragenter' | 'dragover' | 'drop' | 'paste',
  name: string,
  type: string,
  base64: string,
): Promise<void> {
  await page.evaluate(
    ([way = '', fileName, mime, data]) => {
      const bytes = Uint8Array.from(atob(data ?? ''), (sign) => sign.charCodeAt(0));
      const carried = new DataTransfer();
      carried.items.add(new File([bytes], fileName ?? '', { type: mime ?? '' }));
      if (way === 'paste') {
        const field = document.querySelector('[data-testid=composer]');
        const init = { clipboardData: carried, bubbles: true, cancelable: true };
        field?.dispatchEvent(new ClipboardEvent('paste', init));
        return;
      }
      window.dispatchEvent(new DragEvent(way, { dataTransfer: carried, bubbles: true, cancelable: true }));
    },
    [how, name, type, base64],
  );
}

export function panels(stage: () => Stage): void {
  it('takes files that are dropped and pasted, and has a panel with what was shared, a mute, a block and an export', async () => {
    const { product, browser } = stage();
    const [account] = (await product.status()).accounts;
    const { id } = made.parse(await product.call('POST', '/api/sandbox/contacts', { name: '赵敏' }));
    const text = '合同看这里 https://example.com/contract';
    await product.call('POST', `/api/sandbox/contacts/${id}/messages`, { account: account?.id, text });
    const { page, faults } = await openWindow(browser, `${product.webUrl}/inbox`);
    const row = page.getByTestId('conversation-row').filter({ hasText: '赵敏' });
    await row.click();
    const bubbles = page.getByTestId('message-bubble');
    await bubbles.first().waitFor();

    const tray = page.getByTestId('attachments').getByRole('listitem');
    await page.getByTestId('composer').waitFor();
    await drop(page, '报价单.txt', 'text/plain', 'MTIz');
    await tray.first().waitFor();
    await bring(page, 'paste', 'screen.png', 'image/png', POINT);
    await tray.nth(1).waitFor();
    await page.getByTestId('composer').fill('两个文件');
    await page.getByTestId('composer').press('Enter');
    await until('both files to be delivered', async () => {
      const ticks = bubbles.locator('[data-testid=tick][data-status=delivered]');
      return (await ticks.count()) === 2;
    });
    expect(await page.getByTestId('sending').count()).toBe(0);
    await bubbles.filter({ hasText: '报价单.txt' }).filter({ hasText: '两个文件' }).waitFor();

    await page.getByTestId('composer').press('Alt+i');
    const panel = page.getByTestId('details');
    const shared = panel.getByTestId('shared');
    await shared.getByRole('listitem').first().waitFor();
    await accessible(page, 'the panel of a person');
    await panel.getByRole('radio', { name: zh.panel.files }).click();
    await shared.getByText('报价单.txt').waitFor();
    await panel.getByRole('radio', { name: zh.panel.links }).click();
    await shared.getByText('https://example.com/contract').first().waitFor();

    await panel.getByLabel(zh.panel.muteLabel).selectOption('mute8h');
    await row.getByTitle(zh.inbox.muted).waitFor();
    await page.getByTestId('undo').getByRole('button', { name: zh.team.undo }).click();
    await row.getByTitle(zh.inbox.muted).waitFor({ state: 'detached' });

    const press = (name: string, within: Page | Locator = panel): Promise<void> =>
      within.getByRole('button', { name, exact: true }).click();
    await press(zh.panel.block);
    await accessible(page, 'asking before a block');
    await press(zh.panel.block, page.getByRole('dialog'));
    await panel.getByText(zh.panel.blocked).waitFor();
    await press(zh.panel.unblock);
    await panel.getByText(zh.panel.blocked).waitFor({ state: 'detached' });

    const download = page.waitForEvent('download');
    await panel.getByRole('link', { name: `${zh.panel.export}: ${zh.panel.exportHtml}` }).click();
    expect((await download).suggestedFilename()).toBe('赵敏.html');
    await panel.focus();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
    await page.close();
  });

  it('makes a group, names and changes who is in it, shows its link, and deletes a conversation', async () => {
    const { product, browser } = stage();
    const { page, faults } = await openWindow(browser, `${product.webUrl}/inbox`);
    await page.getByRole('button', { name: zh.inbox.start, exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByTestId('contacts').getByRole('button', { name: /赵敏/ }).waitFor();
    await accessible(page, 'beginning a conversation');
    await dialog.getByRole('radio', { name: zh.start.newGroup }).click();
    await dialog.getByLabel(zh.start.subject).fill('备货群');
    for (const name of [/赵敏/, /王芳/]) await dialog.getByTestId('contacts').getByRole('button', { name }).click();
    await accessible(page, 'making a group');
    await dialog.getByRole('button', { name: zh.start.create, exact: true }).click();
    await page.getByTestId('details-open').click();
    const panel = page.getByTestId('details');
    const member = panel.getByTestId('members').getByRole('listitem').filter({ hasText: '赵敏' });
    await member.waitFor();
    await accessible(page, 'the panel of a group');
    await member.getByRole('button').click();
    await page.getByRole('menuitem', { name: zh.group.promote }).click();
    await member.getByText(zh.group.admin).waitFor();
    await panel.getByRole('button', { name: zh.group.inviteShow }).click();
    await panel.getByTestId('invite-link').waitFor();
    await panel.getByRole('button', { name: zh.group.edit }).click();
    await accessible(page, 'changing a group');
    const picture = async (): Promise<number> => {
      const group = new URL(page.url()).searchParams.get('c');
      return (await fetch(`${product.url}/api/conversations/${group}/picture?none=empty`)).status;
    };
    expect(await picture()).toBe(204);
    const point = { name: 'group.png', mimeType: 'image/png', buffer: Buffer.from(POINT, 'base64') };
    await dialog.getByTestId('portrait-file').setInputFiles([point]);
    await dialog.getByRole('button', { name: zh.profile.pictureRemove }).waitFor();
    expect(await picture()).toBe(200);
    await dialog.getByRole('button', { name: zh.profile.pictureRemove }).click();
    await dialog.getByRole('button', { name: zh.profile.pictureRemove }).waitFor({ state: 'detached' });
    expect(await picture()).toBe(204);
    await dialog.getByLabel(zh.group.subject).fill('双十一备货群');
    await dialog.getByRole('button', { name: zh.actions.save }).click();
    await panel.getByText('双十一备货群').waitFor();

    await page.getByTestId('conversation-row').filter({ hasText: '双十一备货群' }).waitFor();
    await panel.getByRole('button', { name: zh.panel.delete, exact: true }).click();
    await dialog.getByRole('button', { name: zh.panel.delete, exact: true }).click();
    await page.getByTestId('conversation-row').filter({ hasText: '双十一备货群' }).waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.has('c')).toBe(false);
    expect(faults).toEqual([]);
    await page.close();
  });
}
