// What a text is found by: cuts texts and queries into the same search terms, and shows where a query stands in a text. It knows no database.

/** Half-open, in UTF-16 units of the text. */
export type Range = readonly [from: number, to: number];

/** What an index keeps of one text: tokens between spaces, letters and digits only. */
export interface Terms {
  /** Words, pairs of neighbouring ideographs (and the last one of a run alone), and every tail of a long number, in the order of the text. */
  readonly words: string;
  /** The first one to three letters of each word, and each ideograph: what a query of so few letters asks for. */
  readonly starts: string;
}

/** One thing that a text must have to be found. */
export type Wanted =
  /** Ideographs in a row. */
  | { readonly type: 'run'; readonly text: string }
  /** The beginning of a word. */
  | { readonly type: 'word'; readonly text: string }
  /** Digits in a row, whatever stands between them; one of several readings of the same number. */
  | { readonly type: 'number'; readonly readings: readonly string[] };

/** A change of what is cut how: an index that was made by another number is made anew. */
export const TERMS_VERSION = 2;

/** Letters that a query may have and still be looked up by `starts`. */
const START = 3;
/** Letters of a word, and digits of a number's tail, that count. */
const LONGEST = 64;
const LONGEST_TAIL = 24;
/** Shorter numbers are words like others. */
const SHORTEST_TAIL = 4;
/** Things that one query asks for; what is more is not looked at. */
const MOST_WANTED = 12;
/** Places that are shown in one text. */
const MOST_RANGES = 100;

/** Scripts without blanks between words, and those whose words change at both ends. */
const RUNS =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Bopomofo}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}ー';
const PIECE = new RegExp(
  `(?<run>[${RUNS}]+)|(?<word>(?:(?![${RUNS}])[\\p{L}\\p{N}\\p{M}])+)|(?<sign>\\p{Extended_Pictographic})`,
  'gu',
);
/** Digits with what people write between them: +86 138-0013-8000, (020) 7946.0958. */
const NUMBER = /\d+(?:[ ./()\-\u2010-\u2015]{1,3}\d+){0,7}/g;
/** One letter with its marks; Korean letters that stand apart belong together. */
const CLUSTER = /[\u1100-\u115f][\u1160-\u11a7]?[\u11a8-\u11ff]?|\P{M}[\p{M}\uff9e\uff9f]*|\p{M}+/gu;
/** Accents of Latin, Greek and Cyrillic, and the vowel signs of Arabic: people leave them out. */
const ACCENTS = /[\u0300-\u036f\u064b-\u065f]/g;
const OTHER_DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g;

/** Cuts a text for the index. */
export function termsOf(text: string): Terms {
  const { folded } = fold(text);
  const words: string[] = [];
  const starts = new Set<string>();
  for (const { groups } of folded.matchAll(PIECE)) {
    const run = groups?.['run'];
    if (run !== undefined) {
      for (const letter of run) starts.add(letter);
      words.push(...pairs(run));
      continue;
    }
    const word = (groups?.['word'] ?? groups?.['sign'] ?? '').slice(0, LONGEST);
    words.push(word);
    const letters = Array.from(word.slice(0, 2 * START));
    for (let n = 1; n <= Math.min(START, letters.length); n++) starts.add(letters.slice(0, n).join(''));
  }
  for (const [number] of folded.matchAll(NUMBER)) words.push(...tails(number.replace(/\D/g, '')));
  return { words: words.join(' '), starts: [...starts].join(' ') };
}

/** Cuts a query. Empty if nothing in it can be looked for. */
export function wantedBy(query: string): readonly Wanted[] {
  const { folded } = fold(query);
  const wanted: Wanted[] = [];
  // A number is one thing, however it is written, if it is long enough to be one or if there is nothing else.
  const alone = /^[\s+#]*[\d ./()\-\u2010-\u2015]+$/.test(folded);
  const rest = folded.replace(/\+?\d[\d ./()\-\u2010-\u2015]*\d/g, (written) => {
    const readings = readingsOf(written);
    const enough = alone ? SHORTEST_TAIL : 7;
    if ((readings[0]?.length ?? 0) < enough) return written;
    wanted.push({ type: 'number', readings });
    return ' ';
  });
  for (const { groups } of rest.matchAll(PIECE)) {
    const run = groups?.['run'];
    if (run !== undefined) wanted.push({ type: 'run', text: run.slice(0, LONGEST) });
    else wanted.push(asWord((groups?.['word'] ?? groups?.['sign'] ?? '').slice(0, LONGEST)));
  }
  return wanted.slice(0, MOST_WANTED);
}

function asWord(text: string): Wanted {
  return /^\d{4,}$/.test(text) ? { type: 'number', readings: [text] } : { type: 'word', text };
}

/** The query for SQLite's FTS5 over the columns `words` and `starts`. */
export function matchOf(wanted: readonly Wanted[]): string {
  return wanted
    .map((one) => {
      switch (one.type) {
        case 'run': {
          const letters = [...one.text];
          return letters.length === 1
            ? `starts : "${one.text}"`
            : `words : "${pairs(one.text).slice(0, -1).join(' ')}"`;
        }
        case 'word':
          return [...one.text].length <= START ? `starts : "${one.text}"` : `words : "${one.text}" *`;
        case 'number':
          return `(${one.readings.map((digits) => `words : "${digits}" *`).join(' OR ')})`;
      }
    })
    .join(' AND ');
}

/** Where the text has what is wanted: in order, without overlaps. Empty if one of them is nowhere. */
export function rangesOf(text: string, wanted: readonly Wanted[]): readonly Range[] {
  const { folded, at } = fold(text);
  const found: Range[] = [];
  for (const one of wanted) {
    const places = placesOf(folded, one);
    if (places.length === 0) return [];
    found.push(...places);
  }
  const source = (place: number): number => at?.[place] ?? place;
  return joined(found.map(([from, to]) => [source(from), source(to)] as const)).slice(0, MOST_RANGES);
}

function placesOf(folded: string, wanted: Wanted): readonly Range[] {
  switch (wanted.type) {
    case 'run': {
      const places: Range[] = [];
      for (let from = folded.indexOf(wanted.text); from >= 0; from = folded.indexOf(wanted.text, from + 1)) {
        places.push([from, from + wanted.text.length]);
        if (places.length === MOST_RANGES) break;
      }
      return places;
    }
    case 'word':
      return [...folded.matchAll(PIECE)].flatMap(({ 0: piece, groups, index }) =>
        groups?.['run'] === undefined && piece.startsWith(wanted.text)
          ? [[index, index + wanted.text.length] as const]
          : [],
      );
    case 'number':
      return [...folded.matchAll(NUMBER)].flatMap(({ 0: number, index }) => {
        const digits = number.replace(/\D/g, '');
        const reading = wanted.readings.find((one) => digits.includes(one));
        if (reading === undefined) return [];
        const places = [...number].flatMap((letter, place) => (/\d/.test(letter) ? [index + place] : []));
        const first = digits.indexOf(reading);
        return [[places[first] ?? index, (places[first + reading.length - 1] ?? index) + 1] as const];
      });
  }
}

function joined(ranges: readonly Range[]): readonly Range[] {
  const all: Range[] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last !== undefined && from <= last[1]) all[all.length - 1] = [last[0], Math.max(last[1], to)];
    else all.push([from, to]);
  }
  return all;
}

/** Each pair of neighbours, and the last letter alone. */
function pairs(run: string): string[] {
  const letters = [...run];
  return letters.map((letter, index) => letter + (letters[index + 1] ?? ''));
}

/** Every tail of a number, so that a query finds it from any digit on. */
function tails(digits: string): string[] {
  if (digits.length < SHORTEST_TAIL) return [];
  const count = Math.min(digits.length - SHORTEST_TAIL, LONGEST) + 1;
  return Array.from({ length: count }, (_, from) => digits.slice(from, from + LONGEST_TAIL));
}

/** A number as it may stand in a text: as asked, and without what is only dialled from abroad or from home. */
function readingsOf(written: string): readonly string[] {
  const digits = written.replace(/\D/g, '');
  const whole = digits.replace(/^0+/, '').slice(0, LONGEST_TAIL);
  if (whole === '') return [digits];
  const foreign = written.startsWith('+') || digits.startsWith('00') || whole.length >= 12;
  const national = foreign ? whole.slice(callingCode(whole)).replace(/^0+/, '') : '';
  return national.length >= 7 ? [whole, national] : [whole];
}

/** How many digits a country's calling code has (ITU E.164). */
function callingCode(digits: string): number {
  if (/^[17]/.test(digits)) return 1;
  return /^(20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/.test(digits) ? 2 : 3;
}

/**
 * The text as it is compared: width, case, compatibility forms and accents make no difference. `at` leads from a place in
 * it to the place in the text; absent where both are the same.
 */
function fold(text: string): { readonly folded: string; readonly at?: readonly number[] } {
  if (/^[\0-\x7f]*$/.test(text)) return { folded: text.toLowerCase() };
  const at: number[] = [];
  let folded = '';
  for (const { 0: cluster, index } of text.matchAll(CLUSTER)) {
    const letter = foldedLetter(cluster);
    for (let i = 0; i < letter.length; i++) at.push(index);
    folded += letter;
  }
  at.push(text.length);
  return { folded, at };
}

function foldedLetter(letter: string): string {
  // Most ideographs are their own form; asking for it costs more than looking.
  if (letter.length === 1 && letter >= '\u4e00' && letter <= '\u9fff') return letter;
  return letter
    .toLowerCase()
    .normalize('NFKD')
    .replace(ACCENTS, '')
    .normalize('NFKC')
    .replace(OTHER_DIGITS, (digit) => {
      const code = digit.charCodeAt(0);
      return String(code >= 0x966 ? code - 0x966 : code & 15);
    });
}
