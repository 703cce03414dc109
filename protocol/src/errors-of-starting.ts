// The part of the error table that a start can end with: ports, data folder, keys, settings. It is never read but through errors.ts.
import type { ErrorEntry } from './errors.ts';

export const starting = {
  PORT_TAKEN: {
    retry: false,
    title: { zh: '端口 {port} 已被占用{holder}', en: 'Port {port} is taken{holder}' },
    fix: {
      zh: '结束该程序，或用环境变量 {setting} 换一个端口。',
      en: 'Stop that program, or choose another port with {setting}.',
    },
  },
  DATA_DIR_LOCKED: {
    retry: false,
    title: { zh: '数据目录 {dir} 正被进程 {pid} 使用', en: 'The data folder {dir} is in use by process {pid}' },
    fix: {
      zh: '先停止那个进程，或用 DATA_DIR 换一个目录。',
      en: 'Stop that process, or choose another folder with DATA_DIR.',
    },
  },
  DATA_DIR_UNWRITABLE: {
    retry: false,
    title: { zh: '数据目录 {dir} 不可写（{error}）', en: 'The data folder {dir} cannot be written ({error})' },
    fix: {
      zh: '修改目录权限，或用 DATA_DIR 换一个目录。',
      en: 'Change its rights, or choose another folder with DATA_DIR.',
    },
  },
  DISK_FULL: {
    retry: false,
    title: { zh: '数据目录 {dir} 所在的磁盘已满', en: 'The disk of the data folder {dir} is full' },
    fix: {
      zh: '释放空间后再启动，或用 DATA_DIR 换到另一个磁盘。',
      en: 'Free some space and start again, or choose a folder on another disk with DATA_DIR.',
    },
  },
  SCHEMA_NEWER: {
    retry: false,
    title: {
      zh: '数据由更新版本的 Pulseline 写成（结构 {found}，本程序到 {known}）',
      en: 'A newer Pulseline wrote the data (schema {found}, this program knows {known})',
    },
    fix: {
      zh: '升级 Pulseline，或用 DATA_DIR 换一个目录。',
      en: 'Update Pulseline, or choose another folder with DATA_DIR.',
    },
  },
  KEY_MISSING: {
    retry: false,
    title: {
      zh: '登录凭据已加密，但密钥文件 {file} 不存在（密钥编号 {known}）',
      en: 'The login credentials are encrypted, and the key file {file} is not there (key {known})',
    },
    fix: {
      zh: '从备份恢复该文件，或用 PULSELINE_KEY_FILE、PULSELINE_KEY 指定密钥。若密钥已永久丢失，用 PULSELINE_KEY_LOST=yes 启动一次，再为每个账号重新扫码；消息不受影响。',
      en: 'Restore that file from a backup, or name the key with PULSELINE_KEY_FILE or PULSELINE_KEY. If it is lost for good, start once with PULSELINE_KEY_LOST=yes and scan again for each account; messages are not affected.',
    },
  },
  KEY_WRONG: {
    retry: false,
    title: {
      zh: '密钥不对：登录凭据由密钥 {known} 加密，给出的是 {found}',
      en: 'The key is the wrong one: the login credentials are encrypted by key {known}, the one given is {found}',
    },
    fix: {
      zh: '恢复原来的密钥文件。若要更换密钥，用 PULSELINE_OLD_KEY 同时给出原来的密钥。若它已永久丢失，用 PULSELINE_KEY_LOST=yes 启动一次，再为每个账号重新扫码。',
      en: 'Restore the former key file. To change keys, give the former one too, with PULSELINE_OLD_KEY. If it is lost for good, start once with PULSELINE_KEY_LOST=yes and scan again for each account.',
    },
  },
  KEY_UNREADABLE: {
    retry: false,
    title: { zh: '密钥文件 {file} 无法使用（{detail}）', en: 'The key file {file} cannot be used ({detail})' },
    fix: {
      zh: '它应为 64 位十六进制数字，且运行 Pulseline 的用户可读写其目录；可用 PULSELINE_KEY_FILE 换一个位置。',
      en: 'It holds 64 hex digits, in a folder that the user who runs Pulseline can read and write; choose another place with PULSELINE_KEY_FILE.',
    },
  },
  HOST_NOT_LOOPBACK: {
    retry: false,
    title: { zh: 'HOST={host} 不是本机地址', en: 'HOST={host} is not a loopback address' },
    fix: {
      zh: '有登录功能之前只监听 127.0.0.1 或 ::1。',
      en: 'Until there are logins only 127.0.0.1 or ::1 is served.',
    },
  },
  SETTING_INVALID: {
    retry: false,
    title: { zh: '设置 {name}={value} 无效', en: 'The setting {name}={value} is not valid' },
    fix: { zh: '参见 docs/settings.md。', en: 'See docs/settings.md.' },
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
