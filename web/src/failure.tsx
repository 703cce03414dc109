'use client';
// A failed call in the reader's words: what happened and what to do.
import { useTranslations } from 'use-intl';
import { useLanguage } from './language.tsx';
import type { Told } from './reasons.ts';
import { PATIENCE, RestError } from './rest.ts';
import { useTell } from './tell.ts';

/** Undefined if there is no error. */
export function useFailure(error: unknown): Told | undefined {
  const t = useTranslations('failure');
  const language = useLanguage();
  const tell = useTell(error instanceof RestError);
  if (error === undefined || error === null) return undefined;
  if (!(error instanceof RestError)) return { text: error instanceof Error ? error.message : String(error), fix: '' };
  const { url } = error;
  if (error.code === 'UNREACHABLE') return { text: t('unreachableText', { url }), fix: t('unreachableFix') };
  if (error.code === 'TIMEOUT') {
    return { text: t('timeoutText', { url, seconds: String(PATIENCE / 1_000) }), fix: t('timeoutFix') };
  }
  if (error.code === 'BAD_ANSWER') {
    return { text: t('answerText', { url, status: String(error.status) }), fix: t('answerFix') };
  }
  return tell(error.code, error, language);
}
