// Faults that the catalogue does not know, of files: web/.env.local as nobody should write it, parts of the installation gone, the data folder spoilt.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../child.ts';
import type { Product } from '../product.ts';
import { mountDisk } from '../small-disk.ts';
import { until } from '../until.ts';
import { startInVain } from './catalogue-ports.ts';
import { file, holding, type Odd, without } from './odd.ts';

export const odd: readonly Odd[] = [
  {
    rungs: ['R01', 'R02', 'R06'],
    zh: '地址指向页面自己的端口 3000',
    en: "the address is that of the pages' own port",
    how: 'web/.env.local names port 3000',
    make: async (lab) => file(holding(() => `NEXT_PUBLIC_API_BASE_URL=http://localhost:${lab.ports[1]}\n`))(lab),
  },
  {
    rungs: ['R01'],
    zh: '等号是全角的',
    en: 'the equals sign is a full-width one',
    how: 'web/.env.local with ＝',
    make: file(holding((base) => `NEXT_PUBLIC_API_BASE_URL＝${base}\n`)),
  },
  {
    rungs: ['R01'],
    zh: '引号是弯的',
    en: 'the quotes are curly ones',
    how: 'web/.env.local with “ and ”',
    make: file(holding((base) => `NEXT_PUBLIC_API_BASE_URL=“${base}”\n`)),
  },
  {
    rungs: ['R01'],
    zh: '.env.local 是一个文件夹',
    en: 'web/.env.local is a folder',
    how: 'a folder of that name',
    make: file((_, path) => mkdirSync(path)),
  },
  {
    rungs: ['R01'],
    zh: '变量名拼错',
    en: 'the name is misspelt',
    how: 'NEXT_PUBLIC_API_BASEURL=…',
    make: file(holding((base) => `NEXT_PUBLIC_API_BASEURL=${base}\n`)),
  },
  {
    id: 'R00.not-installed',
    rungs: ['R00'],
    zh: 'node_modules 缺了一半',
    en: 'half of node_modules is gone',
    how: 'fastify, ws and a native package are taken away; the product does not run',
    make: without(['node_modules/fastify', 'node_modules/ws', 'node_modules/pino'], false),
  },
  {
    rungs: ['R00', 'R02', 'R03'],
    zh: '构建好的页面被删除',
    en: 'the built pages are deleted',
    how: 'web/out is taken away from the running product',
    make: without(['web/out'], true),
  },
  {
    id: 'R02.setting-refused',
    rungs: ['R02'],
    zh: '设置写错，后端启动失败',
    en: 'a wrong setting ends the start',
    how: 'SEND_PACE=fast: the start ends with SETTING_INVALID',
    async make(lab) {
      await lab.desk();
      await lab.noDesk();
      const [port, webPort] = lab.ports;
      await startInVain(lab.root, { PORT: String(port), WEB_PORT: String(webPort), SEND_PACE: 'fast' });
      const back = async (): Promise<void> => {
        await lab.desk();
      };
      return { look: () => lab.doctor(), cure: back, end: back };
    },
  },
  {
    rungs: ['R00', 'R03', 'R05', 'R18', 'R21'],
    zh: '数据库文件损坏',
    en: 'the database file is damaged',
    how: 'its pages are overwritten while the product is down; then it is started',
    async make(lab) {
      await lab.desk();
      await lab.noDesk();
      damage(join(lab.dataDir, 'pulseline.db'));
      const [port, webPort] = lab.ports;
      const product = startChild([join(lab.root, 'scripts', 'start.mjs')], {
        PORT: String(port),
        WEB_PORT: String(webPort),
        DATA_DIR: lab.dataDir,
      });
      await until(
        'an answer or the end',
        async () => !product.running() || (await fetch(`http://127.0.0.1:${port}/livez`)).ok,
        20_000,
      );
      return {
        look: () => lab.doctor(),
        async end() {
          if (product.running()) await product.end('SIGKILL');
          await lab.newDesk();
        },
      };
    },
  },
  {
    rungs: ['R21', 'R22'],
    zh: '数据目录只读',
    en: 'the data folder is read-only',
    how: 'its file system is mounted anew without the right to write; then the product is started in vain, and can leave no word there',
    needs: ['tmpfs'],
    async make(lab) {
      await lab.desk();
      await lab.noDesk();
      const folder = lab.folder();
      const unmount = mountDisk(folder, 256 * 2 ** 20);
      const dataDir = join(folder, 'data');
      await (await lab.product({ dataDir })).stop();
      execFileSync('mount', ['-o', 'remount,ro', folder]);
      const [port, webPort] = lab.ports;
      await startInVain(lab.root, { PORT: String(port), WEB_PORT: String(webPort), DATA_DIR: dataDir });
      let again: Product | undefined;
      return {
        look: () => lab.doctor({ env: { DATA_DIR: dataDir } }),
        async cure() {
          execFileSync('mount', ['-o', 'remount,rw,size=1G', folder]);
          again = await lab.product({ dataDir });
        },
        async end() {
          if (again?.child.running()) await again.kill();
          unmount();
          await lab.desk();
        },
      };
    },
  },
  {
    rungs: ['R21', 'R22', 'R03'],
    zh: '运行中数据目录被删除',
    en: 'the data folder is deleted while it runs',
    how: 'rm -r on DATA_DIR; what is written from then on is lost at the next start',
    async make(lab) {
      await lab.desk();
      await lab.noDesk();
      const dataDir = join(lab.folder(), 'data');
      const product = await lab.product({ dataDir });
      rmSync(dataDir, { recursive: true });
      return {
        look: () => lab.doctor({ env: { DATA_DIR: dataDir } }),
        async end() {
          if (product.child.running()) await product.kill();
          await lab.desk();
        },
      };
    },
  },
];

/** Keeps the head, so that it is still recognised as a database, and spoils what follows. */
function damage(path: string): void {
  const { size } = statSync(path);
  const database = openSync(path, 'r+');
  for (let at = 1_024; at < size; at += 1_024) writeSync(database, Buffer.alloc(600, 0x5a), 0, 600, at);
  closeSync(database);
}
