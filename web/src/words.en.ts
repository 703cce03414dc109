// Every word of the pages in English, part by part as in words.ts. A missing or extra key does not compile.
import { firstWords } from './words/first.en.ts';
import { importingWords } from './words/importing.en.ts';
import { settingsWords } from './words/settings.en.ts';
import type { Dictionary } from './words.ts';

export const en = { ...firstWords, ...importingWords, ...settingsWords } as const satisfies Dictionary;
