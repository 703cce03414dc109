// Every word of the pages in Chinese, whose shape is the law for every other language. No page loads it whole: words/first.ts is there at once, each other part comes with what shows it.

import { attachWords } from './words/attach.ts';
import { cannedWords } from './words/canned.ts';
import { contentsWords } from './words/contents.ts';
import { firstWords } from './words/first.ts';
import { forwardWords } from './words/forward.ts';
import { importingWords } from './words/importing.ts';
import { lightboxWords } from './words/lightbox.ts';
import { messageMenuWords } from './words/message-menu.ts';
import { panelWords } from './words/panel.ts';
import { settingsWords } from './words/settings.ts';
import type { Widened } from './words/widened.ts';
import { workWords } from './words/work.ts';

export const zh = {
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
} as const;

/** What every dictionary has: the same keys, other words. */
export type Dictionary = Widened<typeof zh>;
