// The calls that ring now, or were missed just now, out of what the server tells of them; pure. A call that is told late, as by a replay, does not ring.
import type { DurableData } from '@pulseline/protocol';

type Told = DurableData['call'];

export interface Call {
  readonly id: string;
  readonly account: string;
  readonly from: string;
  readonly conversation: string | undefined;
  readonly video: boolean;
  readonly state: 'ringing' | 'missed';
  /** Since then it is so, ms since epoch. */
  readonly at: number;
}

/** WhatsApp lets it ring for about a minute; one that nobody ended for us is over then. */
const RINGS_FOR = 70_000;
/** A missed call is shown that long; it stays in the conversation. */
const MISSED_FOR = 20_000;
const MOST = 3;

/** `at` is when the server told it; both are ms since epoch by the server's clock. */
export function withCall(calls: readonly Call[], told: Told, at: number, now: number): readonly Call[] {
  const rest = calls.filter(({ id }) => id !== told.callId);
  const rang = rest.length < calls.length;
  const { callId: id, account, from, conversation, video = false } = told;
  const call = { id, account, from, conversation, video, at };
  if (told.state === 'ringing' && now - at < RINGS_FOR)
    return [...rest, { ...call, state: 'ringing' as const }].slice(-MOST);
  // Missed while somebody looked; one from before stands in its conversation alone.
  if (told.state === 'missed' && rang) return [...rest, { ...call, state: 'missed' as const }].slice(-MOST);
  return rang ? rest : calls;
}

/** Without those whose time is over. The same list if nothing changes. */
export function current(calls: readonly Call[], now: number): readonly Call[] {
  const left = calls.filter(({ state, at }) => now - at < (state === 'ringing' ? RINGS_FOR : MISSED_FOR));
  return left.length === calls.length ? calls : left;
}
