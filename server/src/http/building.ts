// The page that is shown while the pages are not built: it says so and looks again by itself. It needs no script.
import type { Language } from '@pulseline/protocol';
import { hashOf } from './site.ts';

const words = {
  zh: {
    lang: 'zh-CN',
    title: '正在准备页面',
    text: '页面正在构建，完成后会自动打开。服务器已经在运行，消息照常接收。',
    hint: '如果一直停在这里：请用 npm start 启动，它会构建页面。',
  },
  en: {
    lang: 'en',
    title: 'Preparing the pages',
    text: 'The pages are being built and will open by themselves. The server is running already and receives messages.',
    hint: 'If it stays like this: start with npm start, which builds the pages.',
  },
} as const satisfies Record<Language, object>;

const style =
  ':root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-content:center;font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;padding:24px;box-sizing:border-box}main{max-width:30em}h1{font-size:20px;font-weight:600;margin:0 0 8px}p{margin:0 0 8px}.hint{opacity:.65;font-size:14px}';

export const buildingPolicy = `default-src 'none'; style-src ${hashOf(style)}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

export function buildingPage(language: Language): string {
  const { lang, title, text, hint } = words[language];
  return `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="refresh" content="2"><title>${title} · Pulseline</title><style>${style}</style></head><body><main><h1>${title}</h1><p role="status">${text}</p><p class="hint">${hint}</p></main></body></html>`;
}
