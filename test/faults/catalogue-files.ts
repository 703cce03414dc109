// Faults 1 to 6 and 8: the file that says where the API is, as editors and shells leave it, and a start that came before its last change.
import type { Fault, Standing } from './fault.ts';
import type { Lab } from './lab.ts';

const NAME = 'NEXT_PUBLIC_API_BASE_URL';

/** `line` in UTF-16 with its mark, as PowerShell 5.1 writes `echo … > file`. */
function utf16(line: string): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(line, 'utf16le')]);
}

interface Written {
  readonly bytes: (base: string) => string | Uint8Array;
  readonly path?: string;
}

/** The product runs since after the file was written; the remedy is a good file and another start. */
function written({ bytes, path }: Written): (lab: Lab) => Promise<Standing> {
  return async (lab) => {
    await lab.desk();
    const base = `http://localhost:${lab.ports[0]}`;
    lab.wrote(bytes(base), path);
    return {
      look: () => lab.doctor(),
      async cure() {
        if (path !== undefined) lab.remove(path);
        lab.write(`${NAME}=${base}\n`);
        await lab.restart();
      },
      async end() {
        if (path !== undefined) lab.remove(path);
        lab.remove();
      },
    };
  };
}

export const fileFaults: readonly Fault[] = [
  {
    number: '1',
    ids: ['R01.env-utf16'],
    title: { zh: '.env.local 是 UTF-16', en: '.env.local is UTF-16' },
    sees: {
      zh: '照指南做了，页面仍用默认地址',
      en: 'the page uses the default address although the guide was followed',
    },
    how: "writes web/.env.local as PowerShell 5.1's `echo … >` does: UTF-16LE with its mark",
    words: { zh: ['UTF-16'], en: ['UTF-16'] },
    fast: true,
    make: written({ bytes: (base) => utf16(`${NAME}=${base}\r\n`) }),
  },
  {
    number: '2',
    ids: ['R01.env-mixed-encoding'],
    title: { zh: '.env.local 混用两种编码', en: '.env.local mixes two encodings' },
    sees: { zh: '新加的一行不起作用', en: 'the line that was added has no effect' },
    how: "UTF-8 with a tail in UTF-16, as PowerShell 5.1's `>>` leaves it",
    words: { zh: ['UTF-8'], en: ['UTF-8'] },
    make: written({
      bytes: (base) => Buffer.concat([Buffer.from('# Pulseline\n'), Buffer.from(`${NAME}=${base}\r\n`, 'utf16le')]),
    }),
  },
  {
    number: '3',
    ids: ['R01.env-wrong-name'],
    title: { zh: '文件名或目录不对', en: 'wrong name or folder' },
    sees: { zh: '什么也没读到', en: 'nothing is read' },
    how: 'writes web/.env.local.txt, as an editor that hides endings does',
    words: { zh: ['web/.env.local'], en: ['web/.env.local'] },
    fast: true,
    make: written({ bytes: (base) => `${NAME}=${base}\n`, path: 'web/.env.local.txt' }),
  },
  {
    number: '4',
    ids: ['R01.env-prefix'],
    title: { zh: '变量名缺前缀', en: 'the name lacks its prefix' },
    sees: { zh: '变量被忽略', en: 'the variable is ignored' },
    how: 'writes `API_BASE_URL=…`',
    words: { zh: ['NEXT_PUBLIC_'], en: ['NEXT_PUBLIC_'] },
    make: written({ bytes: (base) => `API_BASE_URL=${base}\n` }),
  },
  {
    number: '5',
    ids: ['R01.env-bad-url'],
    title: { zh: '地址写得不对', en: 'no address as it must be' },
    sees: { zh: 'TypeError，或连到奇怪的地方', en: 'a TypeError, or an odd target' },
    how: 'writes `localhost:4000`, without a scheme',
    words: { zh: ['http://'], en: ['http://'] },
    fast: true,
    make: written({ bytes: (base) => `${NAME}=${base.replace('http://', '')}\n` }),
  },
  {
    number: '6',
    ids: ['R02.env-stale'],
    title: { zh: '改了文件没有重启', en: 'changed, but not restarted' },
    sees: { zh: '修改不起作用', en: 'an edit has no effect' },
    how: 'writes web/.env.local while the product runs',
    words: { zh: ['重启'], en: ['estart'] },
    async make(lab) {
      await lab.desk();
      const base = `http://127.0.0.1:${lab.ports[0]}`;
      lab.write(`${NAME}=${base}\n`);
      return {
        look: () => lab.doctor(),
        cure: () => lab.restart(),
        async end() {
          lab.remove();
          await lab.restart();
        },
      };
    },
  },
  {
    number: '8',
    ids: ['R02.port-mismatch'],
    title: { zh: '后端和前端的端口不一致', en: 'server and page name different ports' },
    sees: { zh: '连接失败', en: 'connection failed' },
    how: 'the server listens on one port, web/.env.local names another one where nobody does',
    words: { zh: ['PORT=', '重启'], en: ['PORT=', 'restart'] },
    async make(lab) {
      await lab.desk();
      lab.write(`${NAME}=http://localhost:${lab.ports[0] + 1}\n`);
      await lab.restart();
      return {
        look: () => lab.doctor(),
        async cure() {
          lab.write(`${NAME}=http://localhost:${lab.ports[0]}\n`);
          await lab.restart();
        },
        async end() {
          lab.remove();
          await lab.restart();
        },
      };
    },
  },
];
