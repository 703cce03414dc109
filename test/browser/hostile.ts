// Texts that try to become code wherever a page shows them: as markup, as an attribute, as an address, as a style, as a template. Each would call `hostile()` if it ran.
import { shape } from '@pulseline/protocol';
import type { Page } from 'playwright-core';
import type { Product } from '../product.ts';
import { until } from '../until.ts';

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
function names(): readonly string[] {
  return hostile.slice(0, 20).map((text) => text.replaceAll('\u0000', '').slice(0, 100));
}

/** As texts, captions, names of files, places, previews, cards and polls: what a contact of the sandbox says. */
function messages(): readonly object[] {
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

const made = shape.object({ id: shape.string(), pn: shape.string() });

export interface Said {
  /** The conversation in which one contact says everything. */
  readonly conversation: string;
  readonly messages: number;
  /** Hostile texts in all. */
  readonly texts: number;
}

/** Contacts say all of it, and a group, labels, notes, prepared replies and an assignee are named by it. */
export async function sayHostile(product: Product, account: string): Promise<Said> {
  const say = (from: string, what: object): Promise<unknown> =>
    product.call('POST', `/api/sandbox/contacts/${from}/messages`, { account, ...what });
  const called = names();
  const people = await Promise.all(
    called.map(async (name) => made.parse(await product.call('POST', '/api/sandbox/contacts', { name }))),
  );
  const [first] = people;
  if (first === undefined) throw new Error('nobody is there');
  const said = messages();
  for (let from = 0; from < said.length; from += 16)
    await Promise.all(said.slice(from, from + 16).map((what) => say(first.id, what)));
  await Promise.all(people.map(({ id }) => say(id, { text: 'the last one' })));
  const { id: conversation } = await until('what was said', async () =>
    (await product.conversations(account)).find(({ unread, name }) => unread > said.length && name === called[0]),
  );
  const written = [
    ...hostile.slice(0, 3).map((text) => ['/api/labels', { name: text.slice(0, 30) }] as const),
    ...hostile.slice(0, 3).map((text, at) => ['/api/replies', { shortcut: `x${at}`, body: text }] as const),
    ...hostile
      .slice(0, 5)
      .map((text) => [`/api/conversations/${conversation}/notes`, { body: text, author: text.slice(0, 60) }] as const),
    [`/api/conversations/${conversation}/assignment`, { assignee: `'><img src=x onerror=${call}>` }] as const,
    [`/api/accounts/${account}/groups`, { subject: `<img src=x onerror=${call}>`, people: [first.pn] }] as const,
  ];
  for (const [path, body] of written) await product.call('POST', path, body);
  return { conversation, messages: said.length, texts: JSON.stringify([called, said, written]).split(call).length - 1 };
}

/** Goes through the open conversation until so many messages have been on the screen. */
export async function meetAll(page: Page, messages: number): Promise<void> {
  const log = page.getByRole('log').locator('[tabindex="0"]').first();
  const seen = new Set<string>();
  // It opens at the first unread one; notes stand at the end.
  await until('the end', async () => {
    await log.evaluate((box) => {
      box.scrollTop = box.scrollHeight;
    });
    return (await page.getByTestId('note').count()) > 0;
  });
  await until(
    'all of them to have been on the screen',
    async () => {
      const ids = await page.getByTestId('message-bubble').evaluateAll((all) => {
        // Whatever waits for the pointer gets it, and no link leads to code.
        for (const each of all.flatMap((one) => [...one.querySelectorAll('*')]))
          each.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
        return all.map((one) => one.getAttribute('data-message') ?? '');
      });
      for (const id of ids) seen.add(id);
      // Whatever was not drawn yet as it went by is met on the next way up.
      await log.evaluate(async (box) => {
        if (box.scrollTop <= 0) box.scrollTop = box.scrollHeight;
        else box.scrollTop -= box.clientHeight * 0.6;
        await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      });
      return seen.size > messages;
    },
    120_000,
  );
}
