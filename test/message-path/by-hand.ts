// What one does with a message that has been said, pressed in a real browser and judged by what the emulated phone and contacts hold: star, pin, remove, break off, mend, pass on. A part of the way of a message; it starts nothing itself.
import { shape } from '@pulseline/protocol';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { zh } from '../../web/src/words.ts';
import { accessible } from '../accessible.ts';
import type { Window } from '../browser.ts';
import type { Desk } from '../desk.ts';
import type { Person } from '../emulator.ts';
import { until } from '../until.ts';

export interface Stage {
  readonly desk: Desk;
  readonly window: Window;
  readonly contact: Person;
}

const ids = shape.list(shape.string(), 1_000);
const shown = shape.object({ about: shape.string(), picture: shape.optional(shape.string()) });
const shared = shape.object({ starred: ids, deletedForMe: ids, problems: ids });
const faultsLeft = shape.list(shape.anything());
const menuWords = zh.messageMenu;

/** Opens the menu of the last message with that text by a key, and chooses in it. */
async function choose(page: Page, text: string, name: string): Promise<void> {
  const bubble = page.getByTestId('message-bubble').filter({ hasText: text }).last();
  await bubble.getByTestId('message-menu').press('Enter');
  await page.getByRole('menuitem', { name, exact: true }).click();
}

export function byHand(stage: () => Stage): void {
  const phoneHolds = async (): Promise<shape.Of<typeof shared>> => {
    const { emulator, phone } = stage().desk;
    return shared.parse(await emulator.control('GET', `/phones/${encodeURIComponent(phone.id)}/shared`));
  };

  it('is starred, pinned and removed for us alone from its menu, as the phone and the contact then have it', async () => {
    const { desk, window, contact } = stage();
    const { emulator, phone } = desk;
    const { page, faults } = window;
    const bubble = (text: string) => page.getByTestId('message-bubble').filter({ hasText: text });
    const said = await emulator.send(contact, phone.pn, '周五前要二十件');
    const [id = ''] = said.ids;
    await bubble('周五前要二十件').waitFor();

    await choose(page, '周五前要二十件', menuWords.star);
    await bubble('周五前要二十件').getByTitle(zh.message.starred).waitFor();
    await until('the star on the phone', async () => (await phoneHolds()).starred.includes(id));
    await choose(page, '周五前要二十件', menuWords.unstar);
    await bubble('周五前要二十件').getByTitle(zh.message.starred).waitFor({ state: 'detached' });
    await until('no star on the phone', async () => !(await phoneHolds()).starred.includes(id));

    await choose(page, '周五前要二十件', menuWords.pin);
    await bubble('周五前要二十件').getByTitle(zh.message.pinned).waitFor();
    await page.getByTestId('pinned').filter({ hasText: '周五前要二十件' }).waitFor();
    const pins = async (): Promise<readonly (string | undefined)[]> =>
      (await emulator.inbox(contact)).filter(({ kind }) => kind === 'pin').map(({ about }) => about);
    await until('the pin at the contact', async () => (await pins()).length === 1);
    await accessible(page, 'a pinned message');
    await choose(page, '周五前要二十件', menuWords.unpin);
    await bubble('周五前要二十件').getByTitle(zh.message.pinned).waitFor({ state: 'detached' });
    await page.getByTestId('pinned').waitFor({ state: 'detached' });
    await until('the end of the pin at the contact', async () => (await pins()).length === 2);
    expect(await pins()).toEqual([id, id]);

    await choose(page, '周五前要二十件', menuWords.deleteForMe);
    const asking = page.getByRole('dialog');
    await accessible(page, 'asking before a message is removed');
    await asking.getByRole('button', { name: menuWords.deleteForMe }).click();
    await bubble('周五前要二十件').waitFor({ state: 'detached' });
    await until('the removal on the phone', async () => (await phoneHolds()).deletedForMe.includes(id));
    expect((await phoneHolds()).problems).toEqual([]);
    // The contact keeps it, and is told nothing.
    const kinds = (await emulator.letters(contact)).filter(({ about }) => about === id).map(({ kind }) => kind);
    expect(kinds).toEqual(['pin', 'pin']);
    expect(faults).toEqual([]);
  });

  it('with a file is broken off on its way, sent again, mended under the file and passed on with it', async () => {
    const { desk, window, contact } = stage();
    const { emulator } = desk;
    const { page, faults } = window;
    const bubble = (text: string) => page.getByTestId('message-bubble').filter({ hasText: text });
    const other = await emulator.contact('韩梅梅');
    await emulator.send(other, desk.phone.pn, '我也想看看');
    await page.getByTestId('conversation-row').filter({ hasText: '我也想看看' }).waitFor();
    const buffer = await sharp({ create: { width: 90, height: 60, channels: 3, background: '#a37' } })
      .jpeg()
      .toBuffer();

    await emulator.fault({ kind: 'media-slow', target: 'upload', ms: 600_000 });
    await page.getByTestId('file-input').setInputFiles([{ name: '样品.jpg', mimeType: 'image/jpeg', buffer }]);
    await page.getByTestId('attachments').getByRole('listitem').waitFor();
    await page.getByTestId('composer').fill('样平照片');
    await page.getByTestId('composer').press('Enter');
    // One that is broken off before it has begun leaves the slow host to the next try.
    await until(
      'the file on its way',
      async () => faultsLeft.parse(await emulator.control('GET', '/faults')).length === 0,
    );
    const stop = zh.contents.stop.split('{')[0] ?? '';
    await bubble('样平照片')
      .getByRole('button', { name: new RegExp(stop) })
      .click();
    await bubble('样平照片').locator('[data-testid=tick][data-status=error]').waitFor();
    await accessible(page, 'a file that was broken off');
    expect((await emulator.inbox(contact)).map(({ text }) => text)).not.toContain('样平照片');
    await bubble('样平照片').getByRole('button', { name: zh.log.retry, exact: true }).click();
    await bubble('样平照片').locator('[data-testid=tick][data-status=delivered]').waitFor();

    await choose(page, '样平照片', menuWords.edit);
    await page.getByTestId('answering').waitFor();
    expect(await page.getByTestId('composer').inputValue()).toBe('样平照片');
    await page.getByTestId('composer').fill('样品照片');
    await page.getByTestId('composer').press('Enter');
    await bubble('样品照片').filter({ hasText: zh.message.edited }).locator('img').first().waitFor();
    const [picture, edit] = await until('the mended words at the contact', async () => {
      const last = (await emulator.inbox(contact)).slice(-2);
      return last[1]?.kind === 'edit' && last;
    });
    expect([picture?.kind, picture?.text, edit?.text, edit?.about]).toEqual([
      'image',
      '样平照片',
      '样品照片',
      picture?.id,
    ]);

    await choose(page, '样品照片', menuWords.forward);
    const dialog = page.getByRole('dialog');
    await accessible(page, 'choosing to whom it is passed on');
    await dialog
      .getByTestId('forward-to')
      .getByRole('button', { name: /韩梅梅/ })
      .click();
    await dialog.getByRole('button', { name: zh.forward.go, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    const passed = await until('the picture at the other', async () =>
      (await emulator.inbox(other)).find(({ kind }) => kind === 'image'),
    );
    expect(passed.text).toBe('样品照片');
    await page.getByTestId('conversation-row').filter({ hasText: '韩梅梅' }).click();
    await bubble('样品照片').filter({ hasText: zh.contents.forwarded }).locator('img').first().waitFor();
    await page.getByTestId('conversation-row').filter({ hasText: contact.name }).click();
    await bubble('样品照片').waitFor();
    expect(faults).toEqual([]);
  });

  it('has an account behind it whose picture, name and words others see, and whose files keep to a limit, all set on its card', async () => {
    const { desk, window, contact } = stage();
    const { emulator, product, phone, account } = desk;
    const { page, faults } = window;
    await page.getByRole('link', { name: zh.nav.accounts }).first().click();
    const card = page.getByTestId('account-card');
    const dialog = page.getByRole('dialog');
    const ask = async (item: string): Promise<void> => {
      await card.getByRole('button', { name: new RegExp(`^${zh.actions.more}`) }).click();
      await page.getByRole('menuitem', { name: item, exact: true }).click();
      await dialog.waitFor();
    };
    const asSeen = async (): Promise<shape.Of<typeof shown>> =>
      shown.parse(await emulator.control('GET', `/contacts/${encodeURIComponent(phone.id)}`));

    await ask(zh.account.profile);
    await dialog
      .getByTestId('portrait-file')
      .setInputFiles([{ name: 'no picture.txt', mimeType: 'text/plain', buffer: Buffer.from('words') }]);
    await dialog.getByRole('status').waitFor();
    const buffer = await sharp({ create: { width: 400, height: 300, channels: 3, background: '#27c' } })
      .png()
      .toBuffer();
    await dialog.getByTestId('portrait-file').setInputFiles([{ name: 'logo.png', mimeType: 'image/png', buffer }]);
    await dialog.getByRole('button', { name: zh.profile.pictureRemove }).waitFor();
    expect((await asSeen()).picture).toBeDefined();
    await accessible(page, 'the profile of an account');
    await dialog.getByLabel(zh.profile.name, { exact: true }).fill('蓝鲸客服');
    await dialog.getByLabel(zh.profile.about, { exact: true }).fill('周一至周五 9 点到 18 点');
    await dialog.getByRole('button', { name: zh.actions.save }).click();
    await dialog.waitFor({ state: 'detached' });
    expect((await asSeen()).about).toBe('周一至周五 9 点到 18 点');
    await until('the name', async () => (await product.account(account.id)).me?.name === '蓝鲸客服');
    await ask(zh.account.profile);
    expect(await dialog.getByLabel(zh.profile.name, { exact: true }).inputValue()).toBe('蓝鲸客服');
    await dialog.getByRole('button', { name: zh.profile.pictureRemove }).click();
    await dialog.getByRole('button', { name: zh.profile.pictureRemove }).waitFor({ state: 'detached' });
    expect((await asSeen()).picture).toBeUndefined();
    await page.keyboard.press('Escape');

    await ask(zh.account.keeping);
    await dialog.getByTestId('file-use').getByText(/\d/).waitFor();
    await dialog.getByLabel(zh.keeping.filesMb).fill('500');
    await dialog.getByLabel(zh.keeping.filesDays).fill('90');
    await accessible(page, 'what an account keeps');
    await dialog.getByRole('button', { name: zh.actions.save }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await product.account(account.id)).toMatchObject({ mediaBudgetMb: 500, mediaDays: 90 });
    await ask(zh.account.keeping);
    expect(await dialog.getByLabel(zh.keeping.filesMb).inputValue()).toBe('500');
    await dialog.getByLabel(zh.keeping.filesMb).fill('');
    await dialog.getByRole('button', { name: zh.actions.save }).click();
    await dialog.waitFor({ state: 'detached' });
    expect((await product.account(account.id)).mediaBudgetMb).toBeUndefined();

    await page.getByRole('link', { name: zh.nav.inbox }).first().click();
    await page.getByTestId('conversation-row').filter({ hasText: contact.name }).click();
    await page.getByTestId('message-bubble').last().waitFor();
    // The refusal of what is no picture is the browser's own line.
    expect(faults.filter((fault) => !fault.includes('/api/uploads') && !fault.includes('/picture'))).toEqual([]);
  });
}
