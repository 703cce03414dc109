// Types that no package brings: the keys of the dictionaries, so that a wrong key does not compile.
import type { Dictionary } from './src/words.ts';

declare module 'use-intl' {
  interface AppConfig {
    Messages: Dictionary;
    Locale: 'zh-CN' | 'en';
  }
}

declare module '*.css';
