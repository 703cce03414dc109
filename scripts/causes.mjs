// The causes that a newcomer meets when something cannot be installed, built or run, each with its remedy; it recognises, and decides nothing else.

const causes = [
  {
    signs: /ENOSPC|no space left on device|SQLITE_FULL|disk is full/i,
    zh: ['磁盘已满', '释放约 1 GB 空间后再运行'],
    en: ['The disk is full', 'Free about 1 GB and run it again'],
  },
  {
    signs: /EROFS|EACCES|EPERM|read-only file system|permission denied/i,
    zh: ['此文件夹不可写', '把项目放到你有写权限的文件夹，或修改它的权限'],
    en: ['This folder cannot be written', 'Move the project to a folder of yours, or change its rights'],
  },
  {
    signs:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|request to https?:\S+ failed|network connectivity/i,
    zh: [
      '无法连接 npm 软件包源',
      '检查网络；若需代理，设置环境变量 HTTPS_PROXY；也可换镜像：npm config set registry <镜像地址>',
    ],
    en: [
      'The npm registry cannot be reached',
      'Check the network; behind a proxy set HTTPS_PROXY; a mirror is set by: npm config set registry <address>',
    ],
  },
  {
    signs: /EINTEGRITY/,
    zh: ['下载的软件包与锁文件不符', '运行 npm cache clean --force 后再试；若使用镜像，请换一个'],
    en: [
      'A downloaded package does not match the lock file',
      'Run npm cache clean --force and try again; change the mirror if you use one',
    ],
  },
  {
    signs: /heap out of memory|Cannot allocate memory|ENOMEM|signal: 9|SIGKILL/i,
    zh: ['内存不足', '关闭其他程序后再运行'],
    en: ['Memory is short', 'Close other programs and run it again'],
  },
];

/** What a failure's own text means: `{zh, en}`, each `[what, fix]`, with the line that says it; undefined if we do not know. */
export function causeOf(text) {
  const found = causes.find(({ signs }) => signs.test(text));
  if (found === undefined) return undefined;
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const detail = lines.find((line) => found.signs.test(line) && !line.startsWith('at '));
  return { zh: found.zh, en: found.en, detail: detail?.slice(0, 300) };
}
