// Faults 40, 41 and 43: a full disk, a locked database, a process without file handles; each on a product and a file system of its own.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { source, startChild } from '../child.ts';
import { openDashboard } from '../dashboard.ts';
import { fillDisk, mountDisk } from '../small-disk.ts';
import { until } from '../until.ts';
import type { Fault } from './fault.ts';

export const storeFaults: readonly Fault[] = [
  {
    number: '40',
    ids: ['R21.disk-full'],
    title: { zh: '磁盘已满', en: 'the disk is full' },
    sees: { zh: '发送失败，读取正常', en: 'sends fail, reading works' },
    how: 'the data lie on a file system of 320 MB in memory, which is filled to the last byte',
    words: { zh: ['磁盘'], en: ['isk'] },
    needs: ['tmpfs'],
    async make(lab) {
      await lab.desk();
      await lab.noDesk();
      const folder = lab.folder();
      const unmount = mountDisk(folder, 320 * 2 ** 20);
      const product = await lab.product({ dataDir: join(folder, 'data') });
      fillDisk(folder);
      await product.addAccount('No room').catch(() => {});
      const asked = { env: { DATA_DIR: join(folder, 'data') } };
      return {
        look: () => lab.doctor(asked),
        async cure() {
          execFileSync('rm', [join(folder, 'full')]);
          await until('room', async () => (await product.status()).store.ok, 20_000);
        },
        async end() {
          if (product.child.running()) await product.kill();
          unmount();
          await lab.desk();
        },
      };
    },
  },
  {
    number: '41',
    ids: ['R21.db-locked'],
    title: { zh: '数据库被锁定', en: 'the database is locked' },
    sees: { zh: '一直转圈', en: 'a spinner' },
    how: 'another process holds a write transaction on the database',
    words: { zh: ['数据库'], en: ['atabase'] },
    withinMs: 8_000,
    async make(lab) {
      await lab.desk();
      const locker = startChild(source('test/faults/lock-database.ts', join(lab.dataDir, 'pulseline.db')));
      await until('the lock', () => locker.stdout().includes('locked'), 20_000);
      return {
        look: () => lab.doctor(),
        async cure() {
          await locker.end('SIGKILL');
          const { product } = await lab.desk();
          await until('the store', async () => (await product.status()).store.ok, 20_000);
        },
        async end() {
          if (locker.running()) await locker.end('SIGKILL');
        },
      };
    },
  },
  {
    number: '43',
    ids: ['R28.fd-limit'],
    title: { zh: '文件句柄用尽', en: 'out of file handles' },
    sees: { zh: '新标签页连不上', en: 'new tabs are refused' },
    how: "the running process' limit of open files is lowered to what it has, and ten dashboards connect",
    words: { zh: ['ulimit'], en: ['ulimit'] },
    needs: ['prlimit'],
    async make(lab) {
      const { product } = await lab.desk();
      const used = execFileSync('sh', ['-c', `ls /proc/${product.child.pid}/fd | wc -l`], { encoding: 'utf8' }).trim();
      const limit = (n: string): void => {
        execFileSync('prlimit', ['--pid', String(product.child.pid), `--nofile=${n}:`]);
      };
      const heads = await product.heads();
      limit(String(Number(used) + 4));
      const dashboards = Array.from({ length: 10 }, () => openDashboard(product.wsUrl, heads));
      await until(
        'four of them',
        () => dashboards.filter(({ status }) => status().phase === 'live').length >= 1,
        20_000,
      );
      const free = async (): Promise<void> => {
        for (const dashboard of dashboards) dashboard.close();
        limit('4096');
      };
      return { look: () => lab.doctor(), cure: free, end: free };
    },
  },
];
