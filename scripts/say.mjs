// How the scripts speak: each message in both languages, one line of what happened and one of what to do; it decides nothing.

const english = /^en/i.test(process.env.PULSELINE_LANG ?? '');

/** One line, the reader's language first: zh unless PULSELINE_LANG says en. */
export function say(zh, en) {
  console.log(english ? en : zh);
}

/** A failure that ends the command: what and what to do, in both languages, then exit 1. */
export function stop({ zh, en, detail }) {
  const lines = english ? [en, zh] : [zh, en];
  console.error(
    ['', ...lines.map(([what, fix]) => `✗ ${what}\n  → ${fix}`), ...(detail ? [`  (${detail})`] : []), ''].join('\n'),
  );
  process.exit(1);
}
