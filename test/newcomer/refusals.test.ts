// What a newcomer is told when `npm start` cannot work: one clear message for each cause, in both languages, with the remedy, and no stack.
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Child, startChild, startShell } from '../child.ts';
import { cloneProject } from '../clone.ts';
import { Product } from '../product.ts';
import { canFillDisk, fillDisk, mountDisk } from '../small-disk.ts';
import { until } from '../until.ts';
import { asOrdinary, canBeOrdinary, openFolder, proxies, refusal } from './newcomer.ts';

const noInternet = `--import=${new URL('../no-internet.mjs', import.meta.url).href}`;

describe('npm start, where it cannot work', { timeout: 90_000 }, () => {
  let folder: string;
  /** With packages and builds. */
  let whole: string;
  /** As git gives it. */
  let fresh: string;
  const atEnd: (() => unknown)[] = [];
  const children: Child[] = [];

  beforeAll(() => {
    folder = openFolder();
    whole = join(folder, 'whole');
    fresh = join(folder, 'fresh');
    cloneProject(whole);
    cloneProject(fresh, { packages: false, built: false });
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await child.end('SIGKILL');
    for (const undo of atEnd.splice(0).reverse()) await undo();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const type = (line: string, cwd: string, env: Readonly<Record<string, string>> = {}): Child => {
    const child = startShell(line, {
      cwd,
      env: { PORT: '0', WEB_PORT: '0', DATA_DIR: join(folder, 'data'), HOME: folder, PULSELINE_LANG: '', ...env },
      without: proxies,
    });
    children.push(child);
    return child;
  };
  /** A program of somebody else's that listens on a port; its command line says so. */
  const neighbour = async (): Promise<{ readonly port: string; readonly pid: number }> => {
    const script = join(folder, 'their-server.mjs');
    writeFileSync(
      script,
      "import { createServer } from 'node:net';\nconst s = createServer().listen(0, '127.0.0.1', () => console.log(s.address().port));\n",
    );
    const child = startChild([script]);
    children.push(child);
    return { port: await until('a port', () => /\d+/.exec(child.stdout())?.[0]), pid: child.pid };
  };

  it.each(['18.19.1', '20.18.0', '21.7.3', '22.11.0'])(
    'Node %s is told which one is needed, and where to get it',
    async (version) => {
      const stub = join(folder, 'old-node.cjs');
      writeFileSync(
        stub,
        `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });\n`,
      );
      const NODE_OPTIONS = `--require="${stub}"`;
      const zh = await refusal(type('npm start', fresh, { NODE_OPTIONS }));
      for (const part of [`Node.js ${version} `, '20.19', '22.12', 'https://nodejs.org/']) expect(zh).toContain(part);
    },
  );

  it('every command begins with that check', async () => {
    const stub = join(folder, 'old-node.cjs');
    writeFileSync(
      stub,
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.19.1' } });\n",
    );
    const NODE_OPTIONS = `--require="${stub}"`;
    await refusal(type('npm test', fresh, { NODE_OPTIONS, PULSELINE_LANG: 'en' }), 'en');
    await refusal(type('cd server && npm run dev', fresh, { NODE_OPTIONS }));
  });

  it('no network at the first install: the registry, the proxy, the mirror', async () => {
    // Nobody listens on port 9 of this machine; an empty cache has nothing to fall back on.
    const env = {
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_cache: join(folder, 'npm-cache'),
      npm_config_prefer_offline: 'false',
    };
    const zh = await refusal(type('npm start', fresh, env));
    expect(zh).toContain('依赖没有装上：无法连接');
    expect(zh).toContain('HTTPS_PROXY');
    expect(zh).toContain('npm config set registry');
    expect(zh).toContain('ECONNREFUSED');
    expect(zh).toContain('The npm registry cannot be reached');
  });

  it.each(['PORT', 'WEB_PORT'])(
    'a taken %s: whose it is, by pid and command, and how to choose another',
    async (setting) => {
      const { port, pid } = await neighbour();
      const env = { [setting]: port, NODE_OPTIONS: noInternet };
      const zh = await refusal(type('npm start', whole, env));
      expect(zh).toContain(`✗ 端口 ${port} 已被占用 (pid ${pid}: `);
      expect(zh).toContain('their-server.mjs');
      expect(zh).toMatch(new RegExp(`→ .*${setting}`));
      const en = await refusal(type('npm start', whole, { ...env, PULSELINE_LANG: 'en' }), 'en');
      expect(en).toContain(`✗ Port ${port} is taken (pid ${pid}: `);
    },
  );

  it('npm run dev for the pages alone says it too', async () => {
    const { port } = await neighbour();
    const output = await refusal(type('cd web && npm run dev', whole, { WEB_PORT: port }));
    expect(output).toContain(`✗ 端口 ${port} 已被占用`);
    expect(output).toMatch(/→ .*WEB_PORT/);
  });

  it('a second start on the same data names the first one’s pid, and harms it not', async () => {
    const product = await Product.start();
    atEnd.push(() => product.close());
    const env = { DATA_DIR: product.dataDir, PORT: String(product.port), WEB_PORT: String(product.webPort) };
    const zh = await refusal(type('npm start', whole, env));
    expect(zh).toContain(`正被进程 ${product.child.pid} 使用`);
    expect(zh).toContain(product.dataDir);
    await refusal(type('npm start', whole, { ...env, PULSELINE_LANG: 'en' }), 'en');
    expect((await product.status()).store.ok).toBe(true);
  });

  it('a setting that cannot be read, and an address that is not this computer, are named', async () => {
    expect(await refusal(type('npm start', whole, { PORT: 'four thousand' }))).toContain('PORT=four thousand');
    const en = await refusal(type('npm start', whole, { HOST: '0.0.0.0', PULSELINE_LANG: 'en' }), 'en');
    expect(en).toContain('HOST=0.0.0.0 is not a loopback address');
  });

  describe.skipIf(!canBeOrdinary)('in a folder that one may not write', () => {
    it('there is no place for the packages', async () => {
      const output = await refusal(
        type(asOrdinary('npm start'), fresh, {
          npm_config_cache: join(folder, 'npm-cache'),
          npm_config_registry: 'http://127.0.0.1:9/',
        }),
      );
      expect(output).toContain('依赖没有装上：此文件夹不可写');
      expect(output).toContain('Move the project to a folder of yours');
    });

    it('there is no place for the builds', async () => {
      const unbuilt = join(folder, 'unbuilt');
      cloneProject(unbuilt, { built: false });
      const output = await refusal(type(asOrdinary('npm start'), unbuilt));
      expect(output).toContain('构建失败：此文件夹不可写');
      rmSync(unbuilt, { recursive: true });
    });

    it('there is no place for the data', async () => {
      const output = await refusal(type(asOrdinary('npm start'), whole, { DATA_DIR: '', NODE_OPTIONS: noInternet }));
      expect(output).toContain(`✗ 数据目录 ${join(whole, 'data')} 不可写`);
      expect(output).toMatch(/→ .*DATA_DIR/);
    });
  });

  describe.skipIf(!canFillDisk)('on a full disk', () => {
    it.each([16, 64, 128])('there is no room for the data (%i KiB)', async (kib) => {
      const disk = join(folder, `disk-${kib}`);
      atEnd.push(mountDisk(disk, kib * 1024));
      const zh = await refusal(type('npm start', whole, { DATA_DIR: join(disk, 'data'), NODE_OPTIONS: noInternet }));
      expect(zh).toContain(`✗ 数据目录 ${join(disk, 'data')} 所在的磁盘已满`);
      expect(zh).toMatch(/→ 释放空间.*DATA_DIR/);
    });

    it('there is no room for the builds', async () => {
      const disk = join(folder, 'disk');
      atEnd.push(mountDisk(disk, 64 * 1024 * 1024));
      const project = join(disk, 'project');
      cloneProject(project, { packages: false, built: false });
      // The packages alone would not fit.
      symlinkSync(join(whole, 'node_modules'), join(project, 'node_modules'));
      fillDisk(disk);
      const output = await refusal(type('node scripts/start.mjs', project));
      expect(output).toContain('构建失败：磁盘已满');
      expect(output).toContain('Free about 1 GB');
    });
  });

  it('npm’s own failures are told in words: a full disk, a wrong download', async () => {
    const npm = join(folder, 'npm-cli.js');
    for (const [said, words] of [
      [
        'npm error code ENOSPC\\nnpm error syscall write\\nnpm error errno -28\\nnpm error nospc ENOSPC: no space left on device, write',
        '依赖没有装上：磁盘已满',
      ],
      [
        'npm error code EINTEGRITY\\nnpm error sha512-x integrity checksum failed',
        '依赖没有装上：下载的软件包与锁文件不符',
      ],
    ] as const) {
      writeFileSync(npm, `console.error('${said}');\nprocess.exit(1);\n`);
      expect(await refusal(type('node scripts/bootstrap.cjs', fresh, { npm_execpath: npm }))).toContain(words);
    }
  });
});
