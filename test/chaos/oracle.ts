// Compares what was written with what arrived, lane by lane: lost, doubled, out of order, strange. It knows no gateway and asks nobody.
import { compare } from '../desk.ts';

/** One writer in one chat, in the order of writing: the order that must hold. */
export type Lanes = ReadonlyMap<string, readonly string[]>;

export interface Verdict {
  readonly sent: number;
  readonly arrived: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly outOfOrder: readonly string[];
  /** What nobody wrote there, placeholders that were never filled among it. */
  readonly strange: readonly string[];
}

export function judge(sent: Lanes, arrived: Lanes): Verdict {
  const verdicts = [...new Set([...sent.keys(), ...arrived.keys()])].map((lane) =>
    compare(sent.get(lane) ?? [], arrived.get(lane) ?? []),
  );
  return {
    sent: total(sent),
    arrived: total(arrived),
    lost: verdicts.flatMap(({ lost }) => lost),
    doubled: verdicts.flatMap(({ doubled }) => doubled),
    outOfOrder: verdicts.flatMap(({ outOfOrder }) => outOfOrder.flatMap((text) => text ?? [])),
    strange: verdicts.flatMap(({ strange }) => strange),
  };
}

/**
 * Texts by lane. The first word of a text is its lane, `<chat>/<author>`; one that is found in another chat is strange there.
 * `at` tells apart what several people got of the same writer.
 */
export function lanesOf(found: Iterable<Found>, at = ''): Lanes {
  const lanes = new Map<string, string[]>();
  for (const { chat, text } of found) {
    const lane = text.startsWith(`${chat}/`) ? text.slice(0, text.indexOf(' ')) + at : `${chat}/?${at}`;
    const texts = lanes.get(lane);
    if (texts === undefined) lanes.set(lane, [text]);
    else texts.push(text);
  }
  return lanes;
}

export interface Found {
  readonly chat: string;
  readonly text: string;
}

/** Several sets of lanes that have none in common. */
export function together(all: readonly Lanes[]): Lanes {
  return new Map(all.flatMap((lanes) => [...lanes]));
}

function total(lanes: Lanes): number {
  return [...lanes.values()].reduce((sum, { length }) => sum + length, 0);
}

export function perfect({ lost, doubled, outOfOrder, strange }: Verdict): boolean {
  return lost.length + doubled.length + outOfOrder.length + strange.length === 0;
}
