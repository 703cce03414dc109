// The part of the error table that tells why a diagnosis was not made. It is never read but through errors.ts.
import type { ErrorEntry } from './errors.ts';

export const diagnosis = {
  CANARY_TOO_SOON: {
    status: 429,
    retry: true,
    title: { zh: '测试消息每秒最多一条', en: 'Test messages may be asked for once a second at most' },
    fix: { zh: '一秒后再试。', en: 'Try again after a second.' },
  },
} as const satisfies Record<string, ErrorEntry>;
