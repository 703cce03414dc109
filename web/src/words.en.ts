// Every word of the pages in English, part by part as in words.ts. A missing or extra key does not compile.

import { attachWords } from './words/attach.en.ts';
import { cannedWords } from './words/canned.en.ts';
import { contentsWords } from './words/contents.en.ts';
import { firstWords } from './words/first.en.ts';
import { forwardWords } from './words/forward.en.ts';
import { importingWords } from './words/importing.en.ts';
import { lightboxWords } from './words/lightbox.en.ts';
import { messageMenuWords } from './words/message-menu.en.ts';
import { panelWords } from './words/panel.en.ts';
import { settingsWords } from './words/settings.en.ts';
import { workWords } from './words/work.en.ts';
import type { Dictionary } from './words.ts';

export const en = {
  ...firstWords,
  ...cannedWords,
  ...importingWords,

  ...lightboxWords,
  ...contentsWords,
  ...attachWords,
  ...forwardWords,
  ...messageMenuWords,
  ...panelWords,
  ...settingsWords,
  ...workWords,
} as const satisfies Dictionary;
