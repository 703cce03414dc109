// A report as lines for a terminal: rungs, one block of cause, evidence and fix, the guide's six ticks, the summary. Pure; it prints nothing.
import type { Report, ToldFinding } from '@pulseline/diagnosis';
import type { Language } from '@pulseline/protocol';

export interface Manner {
  readonly lang: Language;
  /** No sign that a console in another code page would garble. The words stay in their language. */
  readonly ascii: boolean;
  readonly color: boolean;
  /** What was looked at, for the header. */
  readonly target: string;
  readonly node: string;
}

type Outcome = Report['rungs'][number]['outcome'];

const signs: Readonly<Record<Outcome, readonly [sign: string, ascii: string, color: number]>> = {
  pass: ['✓', '[ok]  ', 32],
  warn: ['!', '[warn]', 33],
  fail: ['✗', '[FAIL]', 31],
  skip: ['–', '[skip]', 90],
  unknown: ['·', '[ ?? ]', 90],
  crash: ['‼', '[BUG] ', 35],
};

const words = {
  zh: {
    run: '运行',
    target: '目标',
    cause: '原因',
    evidence: '证据',
    fix: '怎么办',
    docs: '说明',
    also: '其他发现',
    rivals: '也可能是',
    ticks: '指南的六项',
    summary: '结论',
    blocked: '等待',
    blockedMany: '等待',
    effect: '由此引起',
    proven: '已证实',
    likely: '很可能',
    possible: '可能',
    nothing: '没有发现问题',
  },
  en: {
    run: 'run',
    target: 'target',
    cause: 'Cause',
    evidence: 'Evidence',
    fix: 'Fix',
    docs: 'see',
    also: 'Also found',
    rivals: 'or else',
    ticks: "The guide's six",
    summary: 'Summary',
    blocked: 'waits for',
    blockedMany: 'wait for',
    effect: 'an effect of',
    proven: 'proven',
    likely: 'likely',
    possible: 'possible',
    nothing: 'no fault found',
  },
} as const;

const MOST_EVIDENCE = 6;
const WIDTH = 160;
/** So many rungs that wait for one fault are told in one line. */
const MANY = 3;

export function render(report: Report, manner: Manner): string {
  const { lang } = manner;
  const w = words[lang];
  const dot = manner.ascii ? '-' : '·';
  const when = new Date(report.at).toISOString().replace('T', ' ').slice(0, 19);
  const lines = [
    `Pulseline doctor ${report.version} ${dot} ${w.run} ${report.runId} ${dot} Node ${manner.node} ${dot} ${report.platform} ${dot} ${when} UTC`,
    `${w.target} ${manner.target}`,
    '',
    ...rungLines(report.rungs, manner),
    '',
  ];
  if (report.cause !== null) lines.push(...block(report.cause, manner), '');
  const others = report.findings.filter(
    (finding) => finding.checkId !== report.cause?.checkId || finding.subject !== report.cause?.subject,
  );
  // What is only an effect needs no advice of its own.
  for (const finding of others.filter(({ outcome }) => outcome !== 'skip'))
    lines.push(...(finding.blockedBy === undefined ? brief(finding, manner) : [effect(finding, manner)]));
  if (others.some(({ outcome }) => outcome !== 'skip')) lines.push('');
  lines.push(`${w.ticks}${lang === 'zh' ? '：' : ':'}`);
  report.ticks.forEach(({ text, outcome }, index) => {
    const done = outcome === 'pass';
    const box = manner.ascii ? (done ? '[x]' : '[ ]') : done ? '☑' : '☐';
    lines.push(`${box} ${index + 1}. ${text[lang]}`);
  });
  lines.push(
    '',
    `${sign(verdictSign[report.verdict], manner)} ${w.summary}${lang === 'zh' ? '：' : ': '}${report.summary[lang]}`,
    '',
  );
  const text = lines.join('\n');
  return manner.ascii ? plain(text) : text;
}

type Rung = Report['rungs'][number];

/** A line each; of many that wait for one and the same fault, one line for all. */
function rungLines(rungs: readonly Rung[], manner: Manner): readonly string[] {
  const { lang } = manner;
  const waiting = (blocker: string): readonly Rung[] =>
    rungs.filter(({ outcome, blockedBy }) => outcome === 'skip' && blockedBy === blocker);
  return rungs.flatMap((rung) => {
    const { blockedBy, outcome, ms, name } = rung;
    const line = (id: string, text: string, note: string): string =>
      `${sign(outcome, manner)} ${id} ${padded(text, 28)} ${note}`.trimEnd();
    if (blockedBy === undefined || outcome !== 'skip')
      return [
        line(
          rung.rung,
          name[lang],
          ms === undefined ? '' : `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`,
        ),
      ];
    const all = waiting(blockedBy);
    if (all.length < MANY) return [line(rung.rung, name[lang], `${words[lang].blocked} ${blockedBy}`)];
    if (all[0] !== rung) return [];
    return [`${sign(outcome, manner)} ${spans(rungs, all)} ${words[lang].blockedMany} ${blockedBy}`];
  });
}

/** `R06, R08–R13`: neighbours in the ladder as one. */
function spans(rungs: readonly Rung[], chosen: readonly Rung[]): string {
  const parts: { from: Rung; to: Rung }[] = [];
  for (const one of chosen) {
    const last = parts.at(-1);
    if (last !== undefined && rungs.indexOf(one) === rungs.indexOf(last.to) + 1) last.to = one;
    else parts.push({ from: one, to: one });
  }
  return parts.map(({ from, to }) => (from === to ? from.rung : `${from.rung}–${to.rung}`)).join(', ');
}

const verdictSign: Readonly<Record<Report['verdict'], Outcome>> = {
  healthy: 'pass',
  warnings: 'warn',
  fault: 'fail',
  incomplete: 'unknown',
};

function block(finding: ToldFinding, manner: Manner): readonly string[] {
  const { lang } = manner;
  const w = words[lang];
  const arrow = manner.ascii ? '->' : '→';
  const { text, commands, docsUrl } = finding.fix[lang];
  const rivals = finding.causes.filter(({ checkId }) => checkId !== finding.checkId);
  return [
    `${sign(finding.outcome, manner)} ${w.cause} ${finding.checkId} (${w[finding.confidence]})${subjectOf(finding)}`,
    `  ${finding.title[lang]}`,
    ...rivals.map(({ checkId, title }) => `  ${w.rivals} ${checkId}: ${title[lang]}`),
    `  ${w.evidence}`,
    ...finding.evidence.slice(0, MOST_EVIDENCE).map(({ key, value }) => `    ${key}: ${shorten(shown(value))}`),
    `  ${w.fix}`,
    `  ${arrow} ${text}`,
    ...commands.map((command) => `      ${command}`),
    `  ${w.docs} ${docsUrl}`,
  ];
}

function brief(finding: ToldFinding, manner: Manner): readonly string[] {
  const { text, commands } = finding.fix[manner.lang];
  return [
    `${sign(finding.outcome, manner)} ${words[manner.lang].also} ${finding.checkId}${subjectOf(finding)}: ${finding.title[manner.lang]}`,
    `  ${manner.ascii ? '->' : '→'} ${text}`,
    ...commands.map((command) => `      ${command}`),
  ];
}

function effect(finding: ToldFinding, { lang, ...manner }: Manner): string {
  return `${sign('skip', { lang, ...manner })} ${finding.checkId}: ${finding.title[lang]} (${words[lang].effect} ${finding.blockedBy ?? ''})`;
}

function subjectOf({ subject }: ToldFinding): string {
  return subject === undefined ? '' : ` [${subject}]`;
}

function sign(outcome: Outcome, { ascii, color }: Manner): string {
  const [fine, plainSign, code] = signs[outcome];
  if (ascii) return plainSign;
  return color ? `\u001b[${code}m${fine}\u001b[0m` : fine;
}

/** `outcome=refused, code=ECONNREFUSED`: what a person reads faster than JSON. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => shown(item)).join(' | ');
  if (typeof value === 'number') return String(Math.round(value * 100) / 100);
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, item]) => `${name}=${typeof item === 'object' && item !== null ? `{${shown(item)}}` : shown(item)}`)
    .join(', ');
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > WIDTH ? `${line.slice(0, WIDTH)}…` : line;
}

/** Chinese signs take two columns. */
function padded(text: string, columns: number): string {
  const width = [...text].reduce((sum, one) => sum + (one > '\u2e7f' ? 2 : 1), 0);
  return text + ' '.repeat(Math.max(0, columns - width));
}

/** What GBK and other code pages do not have. */
function plain(text: string): string {
  return text
    .replace(/\p{Extended_Pictographic}\ufe0f? ?/gu, '')
    .replaceAll('→', '->')
    .replaceAll('…', '...')
    .replaceAll('·', '-')
    .replaceAll('–', '-')
    .replaceAll('’', "'");
}
