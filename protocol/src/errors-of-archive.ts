// The part of the error table that keeping and bringing in can end with: backup, restore, import, export. It is never read but through errors.ts.
import type { ErrorEntry } from './errors.ts';

export const archive = {
  NOTHING_TO_BACK_UP: {
    retry: false,
    title: { zh: '{dir} 中没有 Pulseline 的数据', en: 'There are no data of Pulseline in {dir}' },
    fix: {
      zh: '用 DATA_DIR 指定数据目录，与 npm start 时相同。',
      en: 'Name the data folder with DATA_DIR, as for npm start.',
    },
  },
  BACKUP_EXISTS: {
    retry: false,
    title: { zh: '{to} 已存在，不会被覆盖', en: '{to} is there already and is not written over' },
    fix: { zh: '用 --to 指定另一个位置。', en: 'Choose another place with --to.' },
  },
  BACKUP_BAD: {
    retry: false,
    title: { zh: '{from} 不是完整的备份：{detail}', en: '{from} is no whole backup: {detail}' },
    fix: { zh: '换一份备份；现有数据没有改动。', en: 'Take another backup; the present data are unchanged.' },
  },
  RESTORE_OCCUPIED: {
    retry: false,
    title: { zh: '数据目录 {dir} 中已有数据', en: 'There are data in the data folder {dir} already' },
    fix: {
      zh: '用 DATA_DIR 指定空目录，或加 --replace：现有数据会移到旁边，不会删除。',
      en: 'Name an empty folder with DATA_DIR, or add --replace: the present data are put aside, not deleted.',
    },
  },
  CONVERSATION_READ_ONLY: {
    status: 409,
    retry: false,
    title: { zh: '这是导入的会话，只能查看', en: 'This conversation was imported and can only be read' },
    fix: { zh: '请在与对方的真实会话中发送。', en: 'Send in the real conversation with that person.' },
  },
  IMPORT_UNREADABLE: {
    status: 400,
    retry: false,
    title: { zh: '无法识别为导出的聊天：{detail}', en: 'This is no exported chat that we can read: {detail}' },
    fix: {
      zh: '在手机 WhatsApp 的聊天中选“导出聊天”，把得到的 zip 或 _chat.txt 交给这里。',
      en: 'Choose "Export chat" in the chat on the phone, and give the zip or _chat.txt that it makes.',
    },
  },
  IMPORT_TOO_LARGE: {
    status: 413,
    retry: false,
    title: { zh: '导出的聊天过大：{detail}', en: 'The exported chat is too large: {detail}' },
    fix: { zh: '导出时选“不含媒体”。', en: 'Export it without media.' },
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
