// Faults 34 to 39: the link to WhatsApp and what WhatsApp says, made by the emulator, by real Baileys' own codes.
import { until } from '../until.ts';
import type { Fault, Standing } from './fault.ts';
import type { Lab } from './lab.ts';

/** An account of its own suffers it; the doctor sees the account in the server's answers. */
function suffering(fault: Readonly<Record<string, unknown>>, until: (lab: Lab, id: string) => Promise<unknown>) {
  return async (lab: Lab): Promise<Standing> => {
    const { emulator, product } = await lab.desk();
    const { account, phone } = await lab.account('The suffering one');
    await emulator.fault({ target: phone.id, ...fault });
    await until(lab, account.id);
    const remove = async (): Promise<void> => {
      await emulator.fault({ target: phone.id, kind: 'fail-login', on: false });
      await product.call('DELETE', `/api/accounts/${account.id}`).catch(() => {});
    };
    return { look: () => lab.doctor(), end: remove };
  };
}

const inState =
  (...wanted: readonly string[]) =>
  async (lab: Lab, id: string): Promise<void> => {
    const { product } = await lab.desk();
    await until(wanted.join(' or '), async () => wanted.includes((await product.account(id)).state), 60_000);
  };

export const whatsappFaults: readonly Fault[] = [
  {
    number: '34',
    ids: ['R18.qr-timeout'],
    title: { zh: '二维码用完', en: 'the QR codes are used up' },
    sees: { zh: '二维码一直不结束', en: 'the QR code never ends' },
    how: 'the emulator hands out one code, and nobody scans it',
    words: { zh: ['二维码'], en: ['QR'] },
    // 60 s is the life of the first code, by the library.
    withinMs: 5_000,
    async make(lab) {
      const { emulator, product } = await lab.desk();
      await emulator.fault({ kind: 'few-refs', n: 1 });
      const { id } = await product.addAccount('Never scanned');
      await until('the end of the codes', async () => (await product.account(id)).state === 'DISCONNECTED', 90_000);
      return {
        look: () => lab.doctor(),
        async cure() {
          await product.call('POST', `/api/accounts/${id}/restart`);
          await emulator.scan(await product.qr(id));
          await product.inState(id, 'READY');
        },
        async end() {
          await product.call('DELETE', `/api/accounts/${id}`);
        },
      };
    },
  },
  {
    number: '35',
    ids: ['R17.keepalive-lost'],
    title: { zh: '与 WhatsApp 的网络中断', en: 'the network to WhatsApp is lost' },
    sees: { zh: 'READY 变成离线', en: 'READY turns into offline' },
    how: 'the line to the emulator goes silent in both directions',
    words: { zh: ['网络'], en: ['etwork'] },
    async make(lab) {
      const { line, product, account } = await lab.desk();
      line.set({ both: { stalled: true } });
      await until('the loss', async () => (await product.account(account.id)).state !== 'READY', 90_000);
      return {
        look: () => lab.doctor(),
        async cure() {
          line.clear();
          line.cut('rst');
          await product.call('POST', `/api/accounts/${account.id}/restart`);
          await product.inState(account.id, 'READY', 60_000);
        },
        async end() {
          line.clear();
          await lab.desk();
        },
      };
    },
  },
  {
    number: '36',
    ids: ['R18.logged-out'],
    title: { zh: '手机端移除了设备', en: 'the phone removed the device' },
    sees: { zh: '账号退出登录', en: 'logged out' },
    how: 'a stream error with the conflict device_removed, which says "conflict" as well',
    words: { zh: ['扫码'], en: ['scan'] },
    fast: true,
    make: suffering({ kind: 'stream-error', code: 401, conflict: 'device_removed' }, inState('LOGGED_OUT', 'QR')),
  },
  {
    number: '37',
    ids: ['R18.replaced'],
    title: { zh: '同一登录在别处运行', en: 'the same login runs elsewhere' },
    sees: { zh: '几秒一次上线又下线', en: 'on and off every few seconds' },
    how: 'a stream error with the conflict replaced',
    words: { zh: ['别处'], en: ['elsewhere'] },
    make: suffering(
      { kind: 'stream-error', code: 440, conflict: 'replaced' },
      inState('DISCONNECTED', 'FAILED', 'DEGRADED'),
    ),
  },
  {
    number: '38',
    ids: ['R18.locked-or-banned'],
    title: { zh: '账号被限制', en: 'the account is restricted' },
    sees: { zh: '账号不可用', en: 'the account is dead' },
    how: 'the login is refused with 403',
    words: { zh: ['手机'], en: ['phone'] },
    async make(lab) {
      const { emulator, product } = await lab.desk();
      const { account, phone } = await lab.account('The banned one');
      await emulator.fault({ kind: 'fail-login', code: 403, target: phone.id, n: 100 });
      await emulator.fault({ kind: 'drop', target: phone.id });
      await product.inState(account.id, 'FAILED', 30_000);
      return {
        look: () => lab.doctor(),
        async cure() {
          await emulator.fault({ kind: 'fail-login', target: phone.id, on: false });
          await product.call('POST', `/api/accounts/${account.id}/restart`);
          await product.inState(account.id, 'READY', 30_000);
        },
        async end() {
          await emulator.fault({ kind: 'fail-login', target: phone.id, on: false });
          await product.call('DELETE', `/api/accounts/${account.id}`);
        },
      };
    },
  },
  {
    number: '39',
    ids: ['R20.decrypt-failing'],
    title: { zh: '与一位联系人的密钥失步', en: 'out of step with one contact' },
    sees: { zh: '一位联系人的消息缺失', en: "one contact's messages are missing" },
    how: 'the emulator spoils what one contact sends, again and again, resends too',
    words: { zh: ['联系人'], en: ['contact'] },
    async make(lab) {
      const { emulator, product, account, phone: ours } = await lab.desk();
      const stranger = await emulator.contact('Out of step');
      const phone = account.me?.phone ?? '';
      await emulator.fault({ kind: 'corrupt-next', target: ours.id, n: 60 });
      await emulator.send(stranger, phone, 'unreadable', { n: 6 });
      await until(
        'unreadable messages',
        async () =>
          JSON.stringify(await product.call('GET', `/api/accounts/${account.id}/unreadable`)).includes('"total"'),
        30_000,
      );
      return {
        look: () => lab.doctor(),
        async end() {
          await emulator.fault({ kind: 'corrupt-next', target: ours.id, on: false });
        },
      };
    },
  },
];
