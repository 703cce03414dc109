// Judges a verdict against what was expected, pure: right rung, right id, the words in both languages, in time, green after the cure. It runs nothing.
import { type Fault, rungOf, type Verdict } from './fault.ts';

/** Ms to the verdict where physics takes none of its own. */
const QUICK = 5_000;

export interface Judged {
  readonly number: string;
  /** What the row is about, in both languages. */
  readonly zh: string;
  readonly en: string;
  readonly kind: 'catalogue' | 'healthy' | 'pair' | 'unforeseen';
  readonly expected: string;
  readonly found: string;
  readonly rung: boolean;
  readonly id: boolean;
  readonly words: boolean;
  readonly inTime: boolean;
  readonly ms: number;
  /** undefined where there is no remedy to do here. */
  readonly cured?: boolean;
  readonly fixture: boolean;
  /** Why it could not be done here, or what went wrong. */
  readonly note: string;
  readonly outcome: 'right' | 'wrong' | 'not applicable';
}

export function judge(fault: Fault, verdict: Verdict, after: Verdict | undefined, kind: Judged['kind']): Judged {
  const rungs = fault.rungs ?? fault.ids.map(rungOf);
  const missing = (['zh', 'en'] as const).flatMap((language) =>
    fault.words[language]
      .filter((word) => !verdict.said[language].includes(word))
      .map((word) => `${language} "${word}"`),
  );
  const silent = verdict.fix.zh.trim() === '' || verdict.fix.en.trim() === '';
  const rung = rungs.includes(verdict.rung);
  const id = fault.ids.length === 0 ? rung : fault.ids.includes(verdict.checkId);
  const words = missing.length === 0 && !silent;
  const inTime = verdict.ms <= (fault.withinMs ?? QUICK);
  const cured = after === undefined ? undefined : after.healthy;
  const right = rung && id && words && inTime && cured !== false;
  const notes = [
    ...(words ? [] : [`no ${missing.join(', ') || 'fix'}`]),
    ...(cured === false ? [`after the cure: ${foundIn(after)}`] : []),
  ];
  return {
    number: fault.number,
    zh: fault.title.zh,
    en: fault.title.en,
    kind,
    expected: fault.ids[0] ?? rungs.join(' or '),
    found: foundIn(verdict),
    rung,
    id,
    words,
    inTime,
    ms: verdict.ms,
    ...(cured !== undefined && { cured }),
    fixture: fault.fixture ?? false,
    note: notes.join('; '),
    outcome: right ? 'right' : 'wrong',
  };
}

/** A healthy configuration must be called healthy, whatever else is told. */
export function judgeHealthy(number: string, name: { zh: string; en: string }, verdict: Verdict): Judged {
  const { healthy, ms } = verdict;
  return {
    ...plain(number, name, 'healthy'),
    expected: 'healthy',
    found: foundIn(verdict),
    rung: healthy,
    id: healthy,
    words: true,
    inTime: ms <= QUICK,
    ms,
    note: '',
    outcome: healthy && ms <= QUICK ? 'right' : 'wrong',
  };
}

export function notApplicable(
  number: string,
  name: { zh: string; en: string },
  kind: Judged['kind'],
  why: string,
): Judged {
  return { ...plain(number, name, kind), note: why, outcome: 'not applicable' };
}

/** Neither the fault could be made nor the diagnosis asked. */
export function broken(
  number: string,
  name: { zh: string; en: string },
  kind: Judged['kind'],
  expected: string,
  error: unknown,
): Judged {
  const note = (error instanceof Error ? error.message : String(error)).slice(0, 4_000);
  return { ...plain(number, name, kind), expected, note, outcome: 'wrong' };
}

function plain(number: string, { zh, en }: { zh: string; en: string }, kind: Judged['kind']) {
  return {
    number,
    zh,
    en,
    kind,
    expected: '',
    found: '',
    rung: false,
    id: false,
    words: false,
    inTime: false,
    ms: 0,
    fixture: false,
  } as const;
}

function foundIn(verdict: Verdict | undefined): string {
  if (verdict === undefined) return '';
  if (verdict.healthy) return 'healthy';
  if (verdict.checkId !== '') return verdict.checkId;
  return `${verdict.word}: ${verdict.others.slice(0, 3).join(', ') || 'nothing'}`;
}
