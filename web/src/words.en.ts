// Every word of the pages in English, part by part as in words.ts. A missing or extra key does not compile.

import { accountWords } from './words/account.en.ts';
import { attachWords } from './words/attach.en.ts';
import { cannedWords } from './words/canned.en.ts';
import { checklistWords } from './words/checklist.en.ts';
import { contentsWords } from './words/contents.en.ts';
import { diagnosisWords } from './words/diagnosis.en.ts';
import { firstWords } from './words/first.en.ts';
import { forwardWords } from './words/forward.en.ts';
import { importingWords } from './words/importing.en.ts';
import { inboxWords } from './words/inbox.en.ts';
import { keysWords } from './words/keys.en.ts';
import { kindsWords } from './words/kinds.en.ts';
import { lightboxWords } from './words/lightbox.en.ts';
import { messageMenuWords } from './words/message-menu.en.ts';
import { missingWords } from './words/missing.en.ts';
import { panelWords } from './words/panel.en.ts';
import { profileWords } from './words/profile.en.ts';
import { sandboxWords } from './words/sandbox.en.ts';
import { settingsWords } from './words/settings.en.ts';
import { workWords } from './words/work.en.ts';
import type { Dictionary } from './words.ts';

export const en = {
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
} as const satisfies Dictionary;
