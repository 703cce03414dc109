// The part of the error table that the doctor's command can end with. It is never read but through errors.ts.
import type { ErrorEntry } from './errors.ts';

export const doctor = {
  DOCTOR_FLAG_UNKNOWN: {
    retry: false,
    title: { zh: '没有选项 {flag}', en: 'There is no option {flag}' },
    fix: { zh: '可用的选项：{flags}', en: 'The options are: {flags}' },
  },
  DOCTOR_FLAG_INVALID: {
    retry: false,
    title: { zh: '选项 {flag} 的值“{value}”无效', en: 'The option {flag} does not take "{value}"' },
    fix: { zh: '运行 npm run doctor -- --help 查看用法。', en: 'npm run doctor -- --help shows how it is used.' },
  },
  DOCTOR_CHECK_UNKNOWN: {
    retry: false,
    title: { zh: '没有检查项 {id}', en: 'There is no check {id}' },
    fix: { zh: '运行 npm run doctor -- --list 查看全部检查项。', en: 'npm run doctor -- --list shows all of them.' },
  },
  BUNDLE_UNREADABLE: {
    retry: false,
    title: { zh: '无法读取诊断包 {file}（{detail}）', en: 'The bundle {file} cannot be read ({detail})' },
    fix: {
      zh: '请给出 npm run doctor -- --bundle 或页面上“下载诊断包”生成的 .zip 文件。',
      en: 'Give it a .zip that npm run doctor -- --bundle or the pages have made.',
    },
  },
  BUNDLE_UNWRITABLE: {
    retry: false,
    title: { zh: '无法写入诊断包 {file}（{detail}）', en: 'The bundle {file} cannot be written ({detail})' },
    fix: { zh: '换一个位置：--bundle <文件.zip>。', en: 'Choose another place: --bundle <file.zip>.' },
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
