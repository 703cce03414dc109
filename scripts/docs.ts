// Writes the pages of docs/ that are tables of the code (errors, settings) and the READMEs' figures from bench/RESULTS.md; `npm run docs` writes, the house tests compare.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { checkIdOf, checks, rungIds, rungs, words } from '../diagnosis/src/index.ts';
import { errorCodes, errors } from '../protocol/src/index.ts';
import { settings } from '../server/src/config.ts';
import { consequenceOf, knownEndings, remedyOf } from '../server/src/whatsapp/endings.ts';
import { absent, catalogue } from '../test/faults/catalogue.ts';
import type { Fault } from '../test/faults/fault.ts';
import { healthyConfigurations } from '../test/faults/healthy.ts';
import { unforeseen } from '../test/faults/unforeseen.ts';

import { abilities, type Capability, isSent, kinds, services } from './capabilities.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const made = '<!-- Made by `npm run docs` from the code. Change the code, not this page. -->';
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line)].join('\n');
}

/** docs/errors.md: every code, its status, and its words in both languages. */
export function errorsPage(): string {
  const rows = errorCodes.map((code) => {
    const { status, retry, title, fix } = errors[code];
    return [
      `\`${code}\``,
      status === undefined ? '' : String(status),
      retry ? 'yes' : '',
      `${title.en}. ${fix.en}`,
      `${title.zh}。${fix.zh}`,
    ];
  });
  return `${made}\n\n# Errors · 错误\n\nEvery code that a person or a program can meet, from \`protocol/src/errors.ts\`. "Retry" means that the same request can succeed later, unchanged.\n\n${table(['code', 'HTTP', 'retry', 'English', '中文'], rows)}\n`;
}

/** docs/settings.md: every environment variable. */
export function settingsPage(): string {
  const rows = Object.values(settings).map(({ name, default: standard, meaning }) => [
    `\`${name}\``,
    standard === '' ? '' : `\`${standard}\``,
    meaning.en,
    meaning.zh,
  ]);
  return `${made}\n\n# Settings · 设置\n\nEnvironment variables, read once at start. A value that cannot be read stops the start with \`SETTING_INVALID\`.\n\n${table(['name', 'default', 'meaning', '含义'], rows)}\n`;
}

/** docs/checks.md: every check of the diagnosis, by rung; findings lead here. */
export function checksPage(): string {
  const parts = rungIds.map((rung) => {
    const own = checks.filter(({ id }) => id.startsWith(`${rung}.`));
    const each = own.map(({ id, severity, impacts, vantage }) => {
      const { title, fix } = words[id];
      const head = `${severity} · ${impacts.join(', ')} · ${vantage.join(', ')}`;
      return `### ${id}\n\n${head}\n\n- ${title.en}. ${fix.en}\n- ${title.zh}。${fix.zh}`;
    });
    return `## ${rung} ${rungs[rung].name.en} · ${rungs[rung].name.zh}\n\n${each.join('\n\n')}`;
  });
  return `${made}\n\n# Checks · 检查\n\nWhat Pulseline can find in itself, from \`diagnosis/src/\`: the lowest broken rung is the cause, and what stands on it is skipped. Words in braces are filled from what was seen. The last check of a rung names what no other knows.\n\n${parts.join('\n\n')}\n`;
}

/** docs/capabilities.md: what is done with each kind of message. */
export function capabilitiesPage(): string {
  const yes = (is: boolean): string => (is ? '✓' : '–');
  const row = (each: Capability): readonly string[] => [
    `\`${each.name}\``,
    yes(each.in !== undefined),
    yes(isSent(each)),
    `\`${each.stored}\``,
    yes(each.shown !== undefined),
    each.tested.map(([path]) => `\`${path.replace(/^.*\//, '')}\``).join(', '),
    each.en,
    each.zh,
  ];
  const heads = ['kind', 'in', 'out', 'stored', 'shown', 'tested', 'English', '中文'];
  const part = (title: string, all: readonly Capability[]): string => `## ${title}\n\n${table(heads, all.map(row))}`;
  const parts = [
    part('Kinds · 种类', kinds),
    part('What is done to messages, and what they bear · 操作与附带内容', abilities),
    part('What services send: text with its `rawType` · 商业消息：文字加原始类型', services),
  ];
  return `${made}\n\n# Capabilities · 能力\n\nWhat Pulseline can do with each kind of message, from \`scripts/capabilities.ts\`. "In" is read from WhatsApp, "out" can be sent by the API, "stored" names the field that keeps it, "shown" is on the pages, "tested" names the files that hold it. A kind that is in no table comes as \`unknown\` with WhatsApp's own name for it, and never disappears in silence.\n\n${parts.join('\n\n')}\n`;
}

const nexts = {
  retry: 'tries again, later and later, up to a minute apart · 自动重试，间隔逐渐加长到一分钟',
  'at-once': 'connects again at once · 立即重连',
  stop: 'stops until a person does something · 停下，等人处理',
} as const;

/** docs/endings.md: every known way in which a link to WhatsApp ends, and what follows. */
export function endingsPage(): string {
  const rows = knownEndings.map((known) => {
    const consequence = consequenceOf(known);
    const { state, code, next } = consequence;
    const remedies = (['en', 'zh'] as const).map((language) => remedyOf(consequence, language));
    return [
      `${known.what.en} · ${known.what.zh}`,
      'ours' in known.end
        ? ''
        : [known.end.code, known.end.tag, known.end.error, known.end.text].filter(Boolean).join(' · '),
      `\`${state}\``,
      code === undefined ? '' : `\`${code}\``,
      nexts[next],
      ...remedies,
    ];
  });
  return `${made}\n\n# How a link ends · 连接如何结束\n\nEvery known way in which an account's link to WhatsApp ends, from \`server/src/whatsapp/endings.ts\`: what the library reports (code, tag, network error, text), what is shown, what happens next, and what a person can do. Codes alone are ambiguous, so code, text, tag, attributes and phase are read together (\`classify.ts\`). An account never connects more than 12 times in a minute, also over restarts of the process.\n\n${table(['ending', 'reported as', 'state', 'code', 'next', 'what to do', '怎么办'], rows)}\n`;
}

/** docs/faults.md: every fault that the lab makes, and what Pulseline says to it. */
export function faultsPage(): string {
  const told = (id: string | undefined, language: 'en' | 'zh'): string => {
    const known = id === undefined ? undefined : checkIdOf(id);
    return known === undefined ? '' : words[known].fix[language];
  };
  const rowOf = ({ number, title, sees, how, ids, rungs, fixture }: Fault): readonly string[] => [
    number,
    `${title.en} · ${title.zh}`,
    `${sees.en} · ${sees.zh}`,
    ids[0] === undefined ? (rungs ?? []).join(', ') : `\`${ids[0]}\``,
    told(ids[0], 'en'),
    told(ids[0], 'zh'),
    fixture ? `${how} (recorded evidence)` : how,
  ];
  const heads = [
    'no.',
    'fault · 故障',
    'what one sees · 现象',
    'check',
    'what to do',
    '怎么办',
    'how the lab makes it',
  ];
  const none = absent.map(({ number, title, why }) => `- ${number}, ${title.en} · ${title.zh}: ${why}.`);
  const fine = healthyConfigurations.map(({ name }, index) => `- h${index + 1}: ${name.en} · ${name.zh}`);
  return `${made}\n\n# Faults · 故障\n\n\`npm run faults\` makes each of them for real, on a copy of the project in a network of its own where the system has namespaces, asks the diagnosis as a user would, does what it says, and asks again. The score of the last run is in [bench/RESULTS.md](../bench/RESULTS.md). \`npm run faults -- --only 9,u2,h7\` makes single ones. What \`{name}\` stands for is filled in by what was seen.\n\n## The catalogue · 目录\n\n${table(heads, catalogue.map(rowOf))}\n\nNot yet possible:\n\n${none.join('\n')}\n\n## Faults that the diagnosis was not built for · 未预见的故障\n\nAt least the rung must be right, and what it says must help.\n\n${table(heads, unforeseen.map(rowOf))}\n\n## Healthy, however unusual · 健康的配置\n\nNone of them may raise an alarm.\n\n${fine.join('\n')}\n`;
}

interface Results {
  readonly figures: ReadonlyMap<string, number>;
  readonly command: string;
  readonly machine: string;
}

/** One bench's section of RESULTS.md, as `npm run bench` writes it; undefined while it has none. */
function resultsOf(bench: string, text: string): Results | undefined {
  const [, section] = new RegExp(`<!-- begin ${bench} -->([\\s\\S]*?)<!-- end ${bench} -->`).exec(text) ?? [];
  if (section === undefined) return undefined;
  const figures = [...section.matchAll(/^figure (\S+) (\S+)$/gm)].map(
    ([, name = '', value]) => [name, Number(value)] as const,
  );
  return {
    figures: new Map(figures),
    command: /^Command: `(.+)`$/m.exec(section)?.[1] ?? '',
    machine: /^Machine: (.+)$/m.exec(section)?.[1] ?? '',
  };
}

/** The words around the figures of the latency bench. */
const latencyWords = {
  en: {
    heads: ['A contact writes → a WebSocket client has the frame', 'p50', 'p99'],
    ours: '**Pulseline**, each message on the disk (fsync) before it is told',
    bare: 'bare Baileys in one process, `messages.upsert` → `ws.send`, nothing stored',
    ratio: 'ratio',
    source: (command: string, machine: string) =>
      `\`${command}\` on ${machine}. Every bench with its aims: [bench/RESULTS.md](bench/RESULTS.md).`,
  },
  zh: {
    heads: ['联系人发出 → WebSocket 客户端收到', 'p50', 'p99'],
    ours: '**Pulseline**，每条消息先落盘（fsync）再通知',
    bare: '裸 Baileys，单进程，`messages.upsert` → `ws.send`，不保存任何内容',
    ratio: '比值',
    source: (command: string, machine: string) =>
      `\`${command}\`，${machine}。全部测试及其目标：[bench/RESULTS.md](bench/RESULTS.md)。`,
  },
} as const;

/** The table between the markers of a README; nothing while it was not measured. */
export function latencyFigures(results: string, language: 'zh' | 'en'): string {
  const found = resultsOf('latency', results);
  if (found === undefined) return '';
  const words = latencyWords[language];
  const cells = (name: string, digits: number, unit: string) =>
    ['p50', 'p99'].map((share) => {
      const value = found.figures.get(`latency.${name.replace('*', share)}`);
      return value === undefined ? '–' : `${value.toFixed(digits)}${unit}`;
    });
  const rows = [
    [words.ours, ...cells('pulseline.*_ms', 1, ' ms')],
    [words.bare, ...cells('bare.*_ms', 1, ' ms')],
    [words.ratio, ...cells('ratio.*', 2, '')],
  ];
  return `${table(words.heads, rows)}\n\n${words.source(found.command, found.machine)}\n`;
}

/** The words around the figures of a chaos run. */
const chaosWords = {
  en: {
    heads: ['Through kills, cut lines, a full disk and a moved clock', 'lost', 'doubled', 'out of order'],
    rows: {
      'pulseline.received.chromium': '**Pulseline**: what contacts wrote, as Chromium shows it',
      'pulseline.sent.the-contacts': '**Pulseline**: what contacts got',
      'bare-baileys.received.its-file': 'bare Baileys, `messages.upsert` → file (fsync)',
      'bare-baileys.sent.the-contacts': 'bare Baileys: what contacts got',
    },
    source: (command: string) => `\`${command}\`, both through the same seeded chaos.`,
  },
  zh: {
    heads: ['经历强杀、断线、磁盘写满、时钟跳变之后', '丢失', '重复', '乱序'],
    rows: {
      'pulseline.received.chromium': '**Pulseline**：联系人发的，Chromium 里显示的',
      'pulseline.sent.the-contacts': '**Pulseline**：联系人收到的',
      'bare-baileys.received.its-file': '裸 Baileys，`messages.upsert` → 文件（fsync）',
      'bare-baileys.sent.the-contacts': '裸 Baileys：联系人收到的',
    },
    source: (command: string) => `\`${command}\`，两者经历同一种子的同一场故障。`,
  },
} as const;

/** The same for a chaos run. */
export function chaosFigures(results: string, language: 'zh' | 'en'): string {
  const found = resultsOf('chaos', results);
  if (found === undefined) return '';
  const words = chaosWords[language];
  const cell = (name: string) => String(found.figures.get(`chaos.${name}`) ?? '–');
  const rows = Object.entries(words.rows).map(([name, text]) => [
    text,
    ...['lost', 'doubled', 'outOfOrder'].map((what) => cell(`${name}.${what}`)),
  ]);
  return `${table(words.heads, rows)}\n\n${words.source(found.command)}\n`;
}

/** The words around the score of the fault lab. */
const faultWords = {
  en: {
    heads: ['Made for real, then asked', 'right'],
    rows: {
      'catalogue-right-rung': 'faults of the catalogue: the broken link is named',
      'catalogue-right-id': 'faults of the catalogue: the very fault is named',
      'catalogue-green-after-the-fix': 'green after doing what the fix says',
      'unforeseen-right-rung': 'faults that it was not built for: the broken link is named',
      'pairs-the-lower-one-is-named': 'two faults at a time: the lower one is named',
      'healthy-configurations-without-a-false-alarm': 'healthy, however unusual: no alarm',
    },
    source: (command: string) => `\`${command}\`; every fault and how it is made: [docs/faults.md](docs/faults.md).`,
  },
  zh: {
    heads: ['真实注入，再询问', '正确'],
    rows: {
      'catalogue-right-rung': '目录中的故障：指出断开的环节',
      'catalogue-right-id': '目录中的故障：指出确切的故障',
      'catalogue-green-after-the-fix': '按提示修复后恢复正常',
      'unforeseen-right-rung': '未预见的故障：指出断开的环节',
      'pairs-the-lower-one-is-named': '两个故障同时存在：指出更底层的一个',
      'healthy-configurations-without-a-false-alarm': '不寻常但健康的配置：没有误报',
    },
    source: (command: string) => `\`${command}\`；每个故障及其注入方法：[docs/faults.md](docs/faults.md)。`,
  },
} as const;

/** The same for the fault lab. */
export function faultFigures(results: string, language: 'zh' | 'en'): string {
  const found = resultsOf('faults', results);
  if (found === undefined) return '';
  const words = faultWords[language];
  const cell = (name: string) =>
    `${found.figures.get(`faults.${name}.good`) ?? '–'} / ${found.figures.get(`faults.${name}.of`) ?? '–'}`;
  const rows = Object.entries(words.rows).map(([name, text]) => [text, cell(name)]);
  return `${table(words.heads, rows)}\n\n${words.source(found.command)}\n`;
}

/** A README with the figures of today between its markers; the rest as it stands. */
function readme(path: string, language: 'zh' | 'en'): string {
  const file = join(root, 'bench', 'RESULTS.md');
  const results = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const figures: Readonly<Record<string, string>> = {
    latency: latencyFigures(results, language),
    chaos: chaosFigures(results, language),
    faults: faultFigures(results, language),
  };
  return readFileSync(join(root, path), 'utf8').replaceAll(
    /(<!-- figures: (\w+) -->\n)[\s\S]*?(<!-- \/figures -->)/g,
    (_, from: string, name: string, to: string) => `${from}${figures[name] ?? ''}${to}`,
  );
}

export const pages: Readonly<Record<string, () => string>> = {
  'docs/checks.md': checksPage,
  'docs/errors.md': errorsPage,
  'docs/settings.md': settingsPage,
  'docs/endings.md': endingsPage,
  'docs/faults.md': faultsPage,
  'docs/capabilities.md': capabilitiesPage,
  'README.md': () => readme('README.md', 'en'),
  'README.zh.md': () => readme('README.zh.md', 'zh'),
};

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [path, page] of Object.entries(pages)) writeFileSync(join(root, path), page());
}
