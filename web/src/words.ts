// Every word of the pages in Chinese, whose shape is the law for every other language. No page loads it whole: words/first.ts is there at once, each other part comes with what shows it.

import { accountWords } from './words/account.ts';
import { attachWords } from './words/attach.ts';
import { cannedWords } from './words/canned.ts';
import { checklistWords } from './words/checklist.ts';
import { contentsWords } from './words/contents.ts';
import { diagnosisWords } from './words/diagnosis.ts';
import { firstWords } from './words/first.ts';
import { forwardWords } from './words/forward.ts';
import { importingWords } from './words/importing.ts';
import { inboxWords } from './words/inbox.ts';
import { keysWords } from './words/keys.ts';
import { kindsWords } from './words/kinds.ts';
import { lightboxWords } from './words/lightbox.ts';
import { messageMenuWords } from './words/message-menu.ts';
import { missingWords } from './words/missing.ts';
import { panelWords } from './words/panel.ts';
import { profileWords } from './words/profile.ts';
import { sandboxWords } from './words/sandbox.ts';
import { settingsWords } from './words/settings.ts';
import type { Widened } from './words/widened.ts';
import { workWords } from './words/work.ts';

export const zh = {
  ...firstWords,
  ...accountWords,
  ...checklistWords,
  ...diagnosisWords,
  ...inboxWords,
  ...keysWords,
  ...kindsWords,
  ...missingWords,
  ...sandboxWords,
  ...cannedWords,
  ...importingWords,

  ...lightboxWords,
  ...contentsWords,
  ...attachWords,
  ...forwardWords,
  ...messageMenuWords,
  ...panelWords,
  ...profileWords,
  ...settingsWords,
  ...workWords,
} as const;

/** What every dictionary has: the same keys, other words. */
export type Dictionary = Widened<typeof zh>;
