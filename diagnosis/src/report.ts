// The report of one diagnosis, in both languages: what `doctor --json` prints and every face shows; a shape that is type, parser and JSON Schema.
import { shape } from '@pulseline/protocol';
import { confidences, evidenceClasses, impacts, outcomes, severities, shells, systems, vantages } from './model.ts';

const { anything, list, nullable, number, object, oneOf, optional, record, string } = shape;

const text = string(8_000);
const both = object({ zh: text, en: text });
const rung = string(3, 3);
const checkId = string(64, 5);

const evidence = object({
  key: string(64),
  value: anything(),
  class: oneOf(evidenceClasses),
  source: string(200),
  /** Ms since epoch. */
  at: number(),
});

const fix = object({ text, commands: list(string(2_000), 50), docsUrl: string(500) });

export const toldFinding = object({
  checkId,
  rung,
  outcome: oneOf(['warn', 'fail', 'skip', 'crash']),
  severity: oneOf(severities),
  confidence: oneOf(confidences),
  impacts: list(oneOf(impacts), 10),
  title: both,
  params: record(anything()),
  evidence: list(evidence, 200),
  /** Where the evidence allows several: each with its title, the likeliest first. */
  causes: list(object({ checkId, confidence: oneOf(confidences), title: both }), 20),
  /** For the reader's system and shell. */
  fix: object({ zh: fix, en: fix }),
  /** The account or client it is about, as a pseudonym. */
  subject: optional(string(200)),
  /** The id of the check of which this is only the effect. */
  blockedBy: optional(checkId),
});

export const report = object({
  schema: one(),
  product: oneOf(['pulseline']),
  version: string(64),
  runId: string(64),
  /** When it began, ms since epoch, and how long it took. */
  at: number(),
  ms: optional(number()),
  lang: oneOf(['zh', 'en']),
  platform: oneOf(systems),
  shell: oneOf(shells),
  vantage: oneOf(vantages),
  /** `incomplete`: no fault was seen, but a check broke or nothing could be looked at. */
  verdict: oneOf(['healthy', 'warnings', 'fault', 'incomplete']),
  /** The lowest broken rung, told by the check that knows it best. */
  cause: nullable(toldFinding),
  rungs: list(
    object({
      rung,
      name: both,
      outcome: oneOf(outcomes),
      /** How long its collectors took; absent for what was only read. */
      ms: optional(number()),
      blockedBy: optional(checkId),
    }),
    100,
  ),
  /** All that were found, the cause first; effects of another bear `blockedBy`. */
  findings: list(toldFinding, 500),
  /** The six ticks of the guide. */
  ticks: list(object({ id: string(64), text: both, outcome: oneOf(outcomes) }), 6),
  /** One line to say aloud. */
  summary: both,
});

export type Report = shape.Of<typeof report>;
export type ToldFinding = shape.Of<typeof toldFinding>;
export type Tick = Report['ticks'][number];

/** Throws a ShapeError that names the place. */
export function parseReport(value: unknown): Report {
  return report.parse(value);
}

/** The version of the schema is a number in JSON: 1. */
function one(): shape.Shape<1> {
  return {
    schema: { const: 1 },
    optional: false,
    parse(value, path = '') {
      if (value !== 1) throw new shape.ShapeError(path, '1');
      return 1;
    },
  };
}
