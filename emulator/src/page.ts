// The page of the control address: phones, contacts, groups, faults, and stanzas as they pass; it is one answer without any foreign part.
import { SCRIPT } from './page-script.ts';
import { en, zh } from './page-words.ts';

const STYLE = `
:root{color-scheme:light dark;--bg:#fbfbfa;--panel:#fff;--ink:#1b1d1f;--soft:#62686e;--line:#d9dcdf;--main:#0b6e5b;--on:#fff;--good:#0b6e5b;--warn:#8a5a00;--bad:#b3261e;--in:#1f5fa8;--out:#0b6e5b}
@media(prefers-color-scheme:dark){:root{--bg:#131516;--panel:#1b1e20;--ink:#e9ebec;--soft:#a2a9af;--line:#34393d;--main:#4fc3a8;--on:#08211b;--good:#4fc3a8;--warn:#e6b450;--bad:#ff8a80;--in:#7fb5ef;--out:#4fc3a8}}
*{box-sizing:border-box}
body{font:14px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;margin:0;background:var(--bg);color:var(--ink);display:grid;grid-template:auto 1fr/minmax(22rem,32rem) 1fr;height:100vh}
header{grid-column:1/-1;display:flex;flex-wrap:wrap;gap:.4rem .8rem;align-items:center;padding:.6rem 1rem;border-bottom:1px solid var(--line)}
header h1{font-size:1rem;margin:0}header p{margin:0;color:var(--soft);flex-basis:100%}#said{margin:0;flex:1;min-height:1.5em;color:var(--good)}#said.bad{color:var(--bad)}
main,aside{overflow:auto;padding:.4rem 1rem 2rem;min-width:0}aside{border-right:1px solid var(--line)}
h2{font-size:.9rem;margin:1.1rem 0 .4rem;display:flex;gap:.5rem;align-items:baseline}
section{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:.6rem .7rem;margin:.4rem 0}
.head{display:flex;flex-wrap:wrap;gap:.3rem .5rem;align-items:baseline}small,.empty,#does{color:var(--soft)}.empty,#does{margin:.3rem 0}
.chip{font-size:.8rem;border:1px solid var(--line);border-radius:99px;padding:0 .5rem;color:var(--soft);overflow-wrap:anywhere}.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}
form,.row{display:flex;gap:.4rem;margin:.4rem 0 0;flex-wrap:wrap}.letter{display:grid;grid-template-columns:1fr 1fr}.letter input{grid-column:1}.letter button{grid-column:2}
input,select,textarea,button{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.25rem .55rem;min-height:2rem;min-width:0}
input,select,textarea{flex:1 1 6rem}form [type=number]{flex:0 1 6rem}button{cursor:pointer;white-space:nowrap}button:hover{border-color:var(--soft)}.main{background:var(--main);border-color:var(--main);color:var(--on)}
:focus-visible{outline:2px solid var(--main);outline-offset:1px}::placeholder{color:var(--soft);opacity:1}
#stanzas{font:12px/1.6 ui-monospace,"SF Mono",Consolas,monospace;overflow-wrap:anywhere}#stanzas div{border-bottom:1px solid var(--line);padding:.15rem 0 .15rem 1.4rem;text-indent:-1.4rem}
#stanzas time{color:var(--soft)}.in::before{content:"→ ";color:var(--in)}.out::before{content:"← ";color:var(--out)}.in .who{color:var(--in)}.out .who{color:var(--out)}
@media(max-width:50rem){body{display:block;height:auto}aside{border:0}input,select,textarea,button{min-height:2.75rem}}
`;

/** One colour and one shape, so that the tab is found again. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%230b6e5b'/%3E%3Cpath d='M4 9h2l1-4 2 6 1-2h2' stroke='%23fff' fill='none'/%3E%3C/svg%3E";

// Nothing of the words can end the script element.
const words = JSON.stringify({ zh, en }).replaceAll('<', '\\u003c');

export const PAGE = `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>${zh.title}</title><link rel="icon" href="${ICON}">
<meta name="viewport" content="width=device-width,initial-scale=1"><style>${STYLE}</style></head><body>
<header><h1 data-w="title"></h1><span id="live" class="chip"></span><span id="connections" class="chip"></span><span id="said" role="status"></span><button type="button" id="language" data-w="other"></button><p data-w="intro"></p></header>
<aside>
<h2 data-w="phones"></h2><div id="phones"></div>
<form data-post="/phones"><input name="name" data-ph="phoneName" required><button data-w="addPhone"></button></form>
<form data-post="/scan"><textarea name="qr" rows="1" data-ph="qr" required></textarea><button data-w="scan"></button></form>
<h2 data-w="contacts"></h2><div id="contacts"></div>
<form data-post="/contacts"><input name="name" data-ph="contactName" required><button data-w="addContact"></button></form>
<h2 data-w="groups"></h2><div id="groups"></div>
<form id="group"><input name="subject" data-ph="groupSubject" required><button data-w="addGroup"></button></form>
<h2 data-w="faults"></h2><div id="faults" class="row"></div>
<form data-post="/faults"><select name="kind" data-ph="fault"></select><input name="code" type="number" data-ph="code"><input name="n" type="number" data-ph="times"><input name="ms" type="number" data-ph="ms"><button data-w="order"></button><button type="button" id="back" data-w="takeBack"></button></form><p id="does"></p>
</aside>
<main><h2><span data-w="stanzas"></span> <small id="count"></small></h2>
<div class="row"><input id="wanted" type="search" data-ph="filter"><button type="button" id="pause" data-w="pause"></button><button type="button" id="clear" data-w="clear"></button></div>
<p id="silent" class="empty"></p><div id="stanzas" role="log" tabindex="0" data-ph="stanzas"></div></main>
<script type="module">const WORDS=${words};${SCRIPT}</script></body></html>
`;
