// Faults that the catalogue does not know, of a product at work: its clock, its event loop, the lines it hangs on, a second one beside it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFaultProxy } from '../fault-proxy/proxy.ts';
import { until } from '../until.ts';
import { startInVain } from './catalogue-ports.ts';
import { type Odd, started } from './odd.ts';
import { openReverseProxy } from './reverse-proxy.ts';

export const odd: readonly Odd[] = [
  {
    id: 'R07.clock-skew',
    rungs: ['R07'],
    zh: '服务器的时钟快了一天',
    en: "the server's clock is a day ahead",
    how: 'its wall clock is moved by a preload',
    async make(lab) {
      const clock = join(lab.folder(), 'clock');
      writeFileSync(clock, String(86_400_000));
      return started(() => ({
        NODE_OPTIONS: `--import=${new URL('../chaos/clock.mjs', import.meta.url).href}`,
        CHAOS_CLOCK: clock,
      }))(lab);
    },
  },
  {
    rungs: ['R28', 'R06', 'R14'],
    zh: '事件循环被阻塞',
    en: 'the event loop is blocked, again and again',
    how: 'a preload spins for 1.5 s of every 2 s',
    withinMs: 12_000,
    make: started(
      () => ({ NODE_OPTIONS: `--import=${new URL('spin.mjs', import.meta.url).href}` }),
      // Once may be chance; it is a block from the second time on.
      () => new Promise((resolve) => setTimeout(resolve, 9_000)),
    ),
  },
  {
    rungs: ['R16', 'R17'],
    zh: '模拟器不在了',
    en: 'what the account dials is gone',
    how: 'the emulator behind EMULATOR_URL refuses every connection',
    async make(lab) {
      const { line, product, account } = await lab.desk();
      line.set({ refuse: true });
      line.cut('rst');
      await until('the loss', async () => (await product.account(account.id)).state === 'DISCONNECTED', 30_000);
      const back = async (): Promise<void> => {
        line.clear();
        await product.call('POST', `/api/accounts/${account.id}/restart`, {});
        await product.inState(account.id, 'READY');
      };
      return { look: () => lab.doctor(), cure: back, end: back };
    },
  },
  {
    rungs: ['R14', 'R06'],
    zh: '线路很慢，每次往返三秒',
    en: 'a slow line: three seconds a round trip',
    how: 'the fault proxy delays each direction by 1.5 s',
    withinMs: 15_000,
    async make(lab) {
      await lab.desk();
      const front = await openReverseProxy({ host: 'localhost', port: lab.ports[0] });
      const slow = await openFaultProxy({
        target: { host: '127.0.0.1', port: front.port },
        faults: { both: { delayMs: 1_500 } },
      });
      const end = async (): Promise<void> => {
        await slow.close();
        await front.close();
      };
      return {
        look: () => lab.doctor({ args: ['--url', `http://localhost:${slow.port}`] }),
        cure: async () => slow.clear(),
        end,
      };
    },
  },
  {
    rungs: ['R02', 'R03', 'R05', 'R00'],
    zh: '第二次启动被数据目录的锁拒绝',
    en: 'a second start, refused by the lock of the data folder',
    how: 'the product runs; it is started again on other ports with the same data, and the doctor is asked about those',
    async make(lab) {
      await lab.desk();
      const env = { PORT: '4200', WEB_PORT: '3200', DATA_DIR: lab.dataDir };
      await startInVain(lab.root, env);
      return {
        look: () => lab.doctor({ env }),
        lookAgain: () => lab.doctor(),
        cure: async () => {},
        end: async () => {},
      };
    },
  },
];
