// The part of the error table for groups, people and what the account's devices share. It is never read but through errors.ts.
import type { ErrorEntry } from './errors.ts';

export const groups = {
  GROUP_NOT_ADMIN: {
    status: 403,
    retry: false,
    title: { zh: '只有群管理员可以这样做', en: 'Only an admin of the group can do that' },
    fix: { zh: '请群管理员来做，或请他们设您为管理员。', en: 'Ask an admin of the group, or to become one.' },
  },
  GROUP_NOT_MEMBER: {
    status: 409,
    retry: false,
    title: { zh: '账号不在此群中', en: 'The account is not in this group' },
    fix: { zh: '请群成员重新邀请此账号。', en: 'Ask a member to invite the account again.' },
  },
  NOT_A_GROUP: {
    status: 409,
    retry: false,
    title: { zh: '这个会话不是群', en: 'This conversation is no group' },
    fix: { zh: '请选择一个群。', en: 'Choose a group.' },
  },
  INVITE_INVALID: {
    status: 404,
    retry: false,
    title: { zh: '邀请链接无效或已被撤销', en: 'The invite link is not valid, or was taken back' },
    fix: { zh: '请对方发一个新的链接。', en: 'Ask for a new link.' },
  },
  WHATSAPP_REFUSED: {
    status: 502,
    retry: false,
    title: { zh: 'WhatsApp 拒绝了此操作（{code}）', en: 'WhatsApp refused it ({code})' },
    fix: { zh: '检查参数；在手机上试试同样的操作。', en: 'Check what was asked; try the same on the phone.' },
  },
  OUTCOME_UNKNOWN: {
    status: 502,
    retry: false,
    title: {
      zh: '操作进行时连接中断，不知道是否完成',
      en: 'The link broke while it was done; whether it happened is not known',
    },
    fix: { zh: '先查看群的现状，再决定是否重做。', en: 'Look at the group first, then decide whether to do it again.' },
  },
  APP_STATE_REFUSED: {
    retry: true,
    title: { zh: 'WhatsApp 没有接受会话设置（{code}）', en: 'WhatsApp did not take the arrangement ({code})' },
    fix: { zh: '稍后再试。', en: 'Try again later.' },
  },
  APP_STATE_LOCKED: {
    retry: true,
    title: { zh: '手机还没有给出同步密钥', en: 'The phone has not shared its key yet' },
    fix: { zh: '打开手机上的 WhatsApp 并保持联网。', en: 'Open WhatsApp on the phone and keep it online.' },
  },
  PHONE_SILENT: {
    status: 504,
    retry: true,
    title: { zh: '手机没有回应', en: 'The phone does not answer' },
    fix: {
      zh: '更早的消息只在手机上。打开手机上的 WhatsApp 并保持联网，然后再试。',
      en: 'Older messages are on the phone alone. Open WhatsApp there, keep it online, and try again.',
    },
  },
  HISTORY_AT_ITS_END: {
    status: 409,
    retry: false,
    title: { zh: '没有可作起点的消息', en: 'There is no message to go back from' },
    fix: { zh: '会话为空，无法向前取历史。', en: 'The conversation is empty: nothing says where to begin.' },
  },
  PICTURE_NOT_FOUND: {
    status: 404,
    retry: false,
    title: { zh: '没有头像，或对方不公开', en: 'There is no picture, or it is not shown to us' },
    fix: { zh: '无需处理。', en: 'Nothing needs to be done.' },
  },
  COMMAND_NOT_FOUND: {
    status: 404,
    retry: false,
    title: { zh: '没有这个命令', en: 'There is no such command' },
    fix: { zh: '检查 commandId。', en: 'Check the commandId.' },
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
