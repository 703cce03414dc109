'use client';
// The one live connection of this tab, opened outside React and once: a second mount, a page change or StrictMode never opens another.
import { createLiveClient, type LiveClient, type LiveObservation } from '@pulseline/client';
import { type Heads, parsePositions } from '@pulseline/protocol';
import { apiBase, socketUrl } from './api-base.ts';
import { writeLine } from './console-lines.ts';
import { startRecording } from './console-ring.ts';
import { applySoon, join } from './desk.ts';
import { loadDrafts } from './drafts.ts';
import { forgetFindings, hearFinding, loadDismissed } from './findings.ts';
import { collect } from './frames.ts';
import { takeUpUnsent, tryAll } from './outbox.ts';
import { preferences } from './preferences.ts';
import { prove, proveClosing, proveReturn } from './proofs.ts';
import { awaitPaint } from './shown.ts';

let client: LiveClient | undefined;

/** The live client of this tab; browser only. */
export function live(): LiveClient {
  client ??= create();
  return client;
}

function create(): LiveClient {
  // The position outlives a disconnection by hand, not the page: the desk's content does the same.
  let cursor: string | null = null;
  const storage = {
    get: () => cursor,
    set: (reached: string) => {
      cursor = reached;
    },
  };
  /** Of the present connection. */
  let openedAt: number | undefined;
  const made = createLiveClient(socketUrl(apiBase()), { onResync: join, clientName: 'pulseline-web', storage });
  made.observe((observation) => {
    write(observation);
    collect(observation);
    if (observation.type === 'failed' && openedAt !== undefined) {
      const { code } = observation.failure;
      proveClosing({ at: Date.now(), code, ageMs: Date.now() - openedAt });
      openedAt = undefined;
    }
    if (observation.type === 'frame' && observation.frame?.type === 'connected')
      proveReturn(missed(made.snapshot().cursor, observation.frame.data.heads));
    if (observation.type !== 'open') return;
    openedAt = Date.now();
    forgetFindings();
    prove({ openedAt });
    tryAll();
  });
  made.onEvent((frame) => {
    if (frame.type === 'new_message') {
      awaitPaint(frame.data.id, (paintedAt) => {
        made.trace(frame.data.id, 'shown');
        return Math.max(0, paintedAt + (made.snapshot().clockOffset ?? 0) - frame.timestamp);
      });
    }
    applySoon(frame);
  });
  made.on('finding', ({ data }) => hearFinding(data));
  for (const type of ['qr_update', 'sync_progress', 'typing'] as const) made.on(type, applySoon);
  return made;
}

/** Events between what we have and what there is. */
function missed(cursor: string, heads: Heads): number {
  return (parsePositions(cursor) ?? []).reduce(
    (sum, { stream, seq }) => sum + Math.max(0, (heads[stream]?.seq ?? seq) - seq),
    0,
  );
}

let announced = false;

/** While the server is down the snapshot fails before there is a socket to open: that is an attempt too, and the console says so. */
function write(observation: LiveObservation): void {
  const { language } = preferences();
  if (observation.type === 'connecting') announced = true;
  if (observation.type === 'failed') {
    if (!announced) writeLine({ type: 'connecting', url: observation.url, attempt: 0 }, language, console);
    announced = false;
  }
  writeLine(observation, language, console);
}

let started = false;

/** Connects at the first call; a reader who disconnected by hand is left in peace. */
export function startLive(): void {
  if (started) return;
  started = true;
  startRecording();
  loadDismissed();
  loadDrafts();
  takeUpUnsent();
  live().start();
}
