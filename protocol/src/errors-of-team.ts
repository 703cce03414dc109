// The part of the error table that answers what a team does with conversations. It is never read but through errors.ts.
import type { ErrorEntry } from './errors.ts';

export const team = {
  LABEL_NOT_FOUND: {
    status: 404,
    retry: false,
    title: { zh: '没有这个标签', en: 'There is no such label' },
    fix: { zh: '它可能已被删除；重新读取标签列表。', en: 'It may have been removed; read the labels again.' },
  },
  REPLY_NOT_FOUND: {
    status: 404,
    retry: false,
    title: { zh: '没有这条快捷回复', en: 'There is no such canned reply' },
    fix: { zh: '它可能已被删除；重新读取快捷回复。', en: 'It may have been removed; read the replies again.' },
  },
  NAME_TAKEN: {
    status: 409,
    retry: false,
    title: { zh: '“{name}”已经有了', en: '“{name}” is there already' },
    fix: { zh: '换一个名称。', en: 'Choose another name.' },
  },
  TOO_MANY: {
    status: 409,
    retry: false,
    title: { zh: '已达上限：{max}个', en: 'There are {max} already, which is the most' },
    fix: { zh: '先删除不用的。', en: 'Remove some that are not used.' },
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
