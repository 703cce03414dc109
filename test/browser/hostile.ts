// Texts that try to become code wherever a page shows them: as markup, as an attribute, as an address, as a style, as a template. Each would call `hostile()` if it ran.
const call = 'hostile()';

const markup = [
  `<script>${call}</script>`,
  `"><script>${call}</script>`,
  `'><img src=x onerror=${call}>`,
  `<img src=x onerror="${call}">`,
  `<svg onload=${call}>`,
  `<svg><animate onbegin=${call} attributeName=x dur=1s>`,
  `<iframe srcdoc="<script>parent.${call}</script>">`,
  `<details open ontoggle=${call}>x</details>`,
  `<video><source onerror=${call}></video>`,
  `<body onload=${call}>`,
  `</textarea><script>${call}</script>`,
  `<!--<img src="--><img src=x onerror=${call}>`,
  `<math href="javascript:${call}">x</math>`,
  `<style>*{background:url(javascript:${call})}</style>`,
  `<a href="javascript:${call}">x</a>`,
  `<form action="javascript:${call}"><button>x</button></form>`,
  `\u003cscript\u003e${call}\u003c/script\u003e`,
  `＜script＞${call}＜/script＞`,
];
const addresses = [
  `javascript:${call}`,
  `JaVaScRiPt:${call}`,
  `java\tscript:${call}`,
  `data:text/html,<script>${call}</script>`,
  `vbscript:${call}`,
  `//x/"onmouseover="${call}`,
  `https://x.example/"onmouseover="${call}`,
];
const words = [
  `{{${call}}}`,
  `\${${call}}`,
  `{constructor.constructor('${call}')()}`,
  `\u202e${call}\u202c`,
  `\u0000${call}`,
];

/** Twenty-five of the first kinds and five of the last. */
const hostile: readonly string[] = [...markup, ...addresses, ...words];

/** As the names of contacts. */
export function hostileNames(): readonly string[] {
  return hostile.slice(0, 20).map((text) => text.replaceAll('\u0000', '').slice(0, 100));
}

/** As texts, captions, names of files, places, previews, cards and polls: what a contact of the sandbox says. */
export function hostileMessages(): readonly object[] {
  const number = '+8613800138000';
  const tens = [0, 10, 20].map((from) => hostile.slice(from, from + 10));
  return [
    ...hostile.map((text) => ({ text })),
    ...hostile.slice(0, 15).map((text) => ({ kind: 'image', caption: text })),
    ...hostile.slice(15).map((text) => ({ kind: 'document', name: text })),
    ...hostile.slice(0, 20).map((text) => ({ kind: 'location', latitude: 1, longitude: 2, name: text, address: text })),
    ...hostile.slice(0, 8).map((text) => ({ kind: 'link', text: `see ${text}`, url: text, title: text })),
    ...tens.map((ten) => ({ kind: 'contact', cards: ten.map((name) => ({ name, number })) })),
    ...tens.map((ten) => ({ kind: 'poll', question: ten[0], options: ten })),
  ];
}
