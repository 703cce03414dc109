// The day of an account, counted event by event.
import { describe, expect, it } from 'vitest';
import { type DayEvent, type DayOfAccount, foldDay, MAX_FAILED, UNSEEN, withSighting } from './day.ts';

const empty: DayOfAccount = { account: 'acc_a', received: 0, sent: 0, failed: [] };
const said = (fromMe: boolean, kind: 'text' | 'system' = 'text'): DayEvent => ({
  type: 'new_message',
  data: { fromMe, kind },
});
const came = (messageId: string, status: 'error' | 'pending' | 'sent'): DayEvent => ({
  type: 'message_status',
  data: { messageId, status },
});

describe('the figures of a day', () => {
  it('count what came and what went, and no notices', () => {
    const events = [said(false), said(true), said(false), said(false, 'system')];
    expect(events.reduce(foldDay, empty)).toEqual({ ...empty, received: 2, sent: 1 });
  });

  it('name a refused message once, until it goes after all', () => {
    const refused = [came('m1', 'error'), came('m2', 'error'), came('m1', 'error')].reduce(foldDay, empty);
    expect(refused.failed).toEqual(['m1', 'm2']);
    expect(foldDay(refused, came('m1', 'pending')).failed).toEqual(['m2']);
    expect(foldDay(empty, came('m3', 'sent'))).toBe(empty);
  });

  it('name no more than they may', () => {
    const many = Array.from({ length: MAX_FAILED + 5 }, (_, index) => came(`m${index}`, 'error'));
    expect(many.reduce(foldDay, empty).failed).toHaveLength(MAX_FAILED);
  });
});

describe('the states of a link', () => {
  it('go on while they are seen, and end where another begins', () => {
    const seen = [
      ['READY', 1_000],
      ['READY', 61_000],
      ['DISCONNECTED', 70_000],
      ['READY', 75_000],
    ] as const;
    expect(
      seen.reduce<ReturnType<typeof withSighting>>((all, [state, at]) => withSighting(all, state, at), []),
    ).toEqual([
      { state: 'READY', from: 1_000, to: 70_000 },
      { state: 'DISCONNECTED', from: 70_000, to: 75_000 },
      { state: 'READY', from: 75_000, to: 75_000 },
    ]);
  });

  it('are not claimed for a time in which nobody looked', () => {
    const before = withSighting([], 'READY', 0);
    expect(withSighting(before, 'READY', UNSEEN + 1)).toEqual([
      { state: 'READY', from: 0, to: 0 },
      { state: 'READY', from: UNSEEN + 1, to: UNSEEN + 1 },
    ]);
  });

  it('of which one lasted no time leave nothing behind, and a clock that was set back makes none shorter', () => {
    const now = withSighting(withSighting([], 'READY', 5_000), 'DEGRADED', 5_000);
    expect(now).toEqual([{ state: 'DEGRADED', from: 5_000, to: 5_000 }]);
    expect(withSighting(now, 'DEGRADED', 2_000)).toEqual(now);
  });
});
