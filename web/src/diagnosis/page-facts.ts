// What the page knows of itself: its addresses, its browser, its errors, its pace, how far its connection has read. It asks nobody but the browser.
import type { Fact } from '@pulseline/diagnosis';
import { type Heads, parsePositions } from '@pulseline/protocol';
import type { PageError } from '../console-ring.ts';
import { harmless } from './harmless.ts';
import type { Tab } from './tab.ts';

/** How long a page that lags behind the log is given to catch up, ms. */
const CATCH_UP_MS = 5_200;
const LOOK_MS = 50;
/** A tab that is let stand still has not waited for its server meanwhile. */
const MOST_OF_A_LOOK_MS = 1_000;
/** A timer of this length shows whether the page is held up, ms. */
const LONG_FREEZE_MS = 2_000;
const PACE_MS = 100;
/** How long a frame is waited for, ms. */
const PAINT_MS = 2_000;

export interface Addresses {
  readonly apiBase: string;
  readonly wsUrl: string;
}

export function pageConfig(tab: Tab, { apiBase }: Addresses): Fact<'page.config'> {
  return {
    apiBase,
    location: new URL(tab.location).origin,
    mode: tab.development ? 'development' : 'production',
  };
}

/** `violations`: what the content policy has refused meanwhile. */
export async function pageContext(
  tab: Tab,
  { apiBase, wsUrl }: Addresses,
  violations: readonly string[],
): Promise<Fact<'page.context'>> {
  const localNetwork = await tab.permission('local-network-access');
  return {
    location: new URL(tab.location).origin,
    secure: tab.secure,
    apiBase,
    wsUrl,
    ...(localNetwork !== undefined && { localNetwork }),
    online: tab.online(),
    visibility: tab.visible() ? 'visible' : 'hidden',
    violations,
    userAgent: tab.userAgent,
    serviceWorker: tab.serviceWorker(),
  };
}

/** Errors of the same kind are told once, with their number; without anything that a message may have said. */
export function errorFacts(errors: readonly PageError[]): Fact<'page.errors'> {
  const kinds = new Map<string, Fact<'page.errors'>[number]>();
  for (const { at, source, name, text, stack } of errors) {
    const told = `${harmless(name)}: ${harmless(text)}`;
    const place = /\/_next\/static\/[\w/.~-]+:\d+:\d+/.exec(stack)?.[0];
    const key = `${source} ${told}`;
    kinds.set(key, {
      text: told,
      at,
      rendering: source === 'render',
      count: (kinds.get(key)?.count ?? 0) + 1,
      ...(place !== undefined && { source: place }),
    });
  }
  return [...kinds.values()].slice(-50);
}

/** A hidden tab gets no frames, and its timers come late: that is told apart from a page that hangs. */
export async function renderingFacts(tab: Tab): Promise<Fact<'page.rendering'>> {
  const visible = tab.visible();
  const longTaskMs = tab.longestTask();
  await tab.sleep(PACE_MS);
  const frozenMs = tab.frozen();
  // A tab that was let stand still is told of as that; how fast it paints says nothing more.
  const paintMs =
    visible && frozenMs < LONG_FREEZE_MS
      ? await Promise.race([tab.painted(), tab.sleep(PAINT_MS).then(() => PAINT_MS)])
      : undefined;
  return {
    visible,
    frozenMs,
    ...(longTaskMs !== undefined && { longTaskMs }),
    ...(paintMs !== undefined && { paintMs }),
  };
}

/** Where the page's connection is, against the heads that the server just told; a lag is given time to close. */
export async function cursorFacts(tab: Tab, cursor: () => string, heads: Heads): Promise<Fact<'page.cursor'>> {
  let waited = 0;
  const read = () => {
    const places = new Map((parsePositions(cursor()) ?? []).map(({ stream, seq }) => [stream, seq]));
    return Object.entries(heads).flatMap(([stream, { seq: head }]) => {
      const seq = places.get(stream);
      return seq === undefined ? [] : [{ stream, seq, head }];
    });
  };
  let places = read();
  while (places.some(({ seq, head }) => seq < head) && waited < CATCH_UP_MS) {
    const begun = tab.now();
    await tab.sleep(LOOK_MS);
    waited += Math.min(tab.now() - begun, MOST_OF_A_LOOK_MS);
    places = read();
  }
  return places.map((place) => (place.seq < place.head ? { ...place, behindMs: waited } : place));
}
