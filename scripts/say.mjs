// How the scripts speak: each message in both languages, one line of what happened and one of what to do; it decides nothing.
import { causeOf } from './causes.mjs';

const english = /^en/i.test(process.env.PULSELINE_LANG ?? '');
// A command whose output is read by a program keeps stdout for itself.
const write = process.argv.includes('--quiet') ? console.error : console.log;

/** One line in the reader's language: zh unless PULSELINE_LANG says en. */
export function say(zh, en) {
  write(english ? en : zh);
}

/** A failure that ends the command: what and what to do, in both languages, then exit 1. */
export function stop({ zh, en, detail }) {
  const lines = english ? [en, zh] : [zh, en];
  console.error(
    ['', ...lines.map(([what, fix]) => `✗ ${what}\n  → ${fix}`), ...(detail ? [`  (${detail})`] : []), ''].join('\n'),
  );
  process.exit(1);
}

/**
 * Ends the command over a failure whose own text is `output`: in words where we know the cause, else the text as it is.
 * `zh` and `en` say what was being done, as `[what failed, what to do]`.
 */
export function stopOver(output, { zh, en }) {
  const cause = causeOf(output);
  if (cause === undefined) {
    console.error(output);
    return stop({ zh, en });
  }
  const joined = (doing, [what, fix], colon) => [`${doing[0]}${colon}${what}`, fix];
  return stop({ zh: joined(zh, cause.zh, '：'), en: joined(en, cause.en, ': '), detail: cause.detail });
}
