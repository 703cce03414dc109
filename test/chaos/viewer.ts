// A live client whose line is cut: it keeps what it was given as a screen would, in the order of its coming, and goes on from its cursor in a resumed run. It never asks REST for anything.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLiveClient } from '@pulseline/client';
import type { DurableFrame, Heads, Message } from '@pulseline/protocol';
import { shape } from '@pulseline/protocol';
import WebSocket from 'ws';
import type { FaultProxy } from '../fault-proxy/proxy.ts';

const { object, string, boolean, integer, record } = shape;
const row = object({ id: string(), conversation: string(), fromMe: boolean(), kind: string(), body: string() });
const saved = object({ cursor: string(), rows: integer(), broken: integer(), last: record(integer()) });
export type Row = shape.Of<typeof row>;

/** Ms; longer than the client waits for the answer to a probe. */
const PROBE_EVERY = 5_000;

export interface Viewer {
  /** What a screen would show, in the order in which it came. */
  rows(): readonly Row[];
  /** Events that were not the next of their stream, and positions that the server could not resume. */
  faults(): { readonly broken: number; readonly resyncs: number };
  cursor(): string;
  reconnects(): number;
  /** Goes on at once if it waits for its next attempt, as a person would have it. */
  hurry(): void;
  /** Asks a line that seems to be open whether it is, as a page does that is looked at again. */
  probe(): void;
  save(): void;
  close(): void;
}

/** `host` is what the server knows as its own name; the line in between has another port. */
export function openViewer(folder: string, line: FaultProxy, host: string, from: Heads): Viewer {
  const rows = new Map<string, Row>();
  const last = new Map<string, number>();
  const files = { state: join(folder, 'viewer.json'), rows: join(folder, 'viewer.jsonl') };
  let broken = 0;
  let probedAt = 0;
  /** Rows that came or changed since the last save. */
  const fresh: Row[] = [];
  let lines = 0;
  let before: string | undefined;

  if (existsSync(files.state)) {
    const state = saved.parse(JSON.parse(readFileSync(files.state, 'utf8')));
    const texts = readFileSync(files.rows, 'utf8').split('\n').slice(0, state.rows);
    for (const text of texts) keep(row.parse(JSON.parse(text)));
    // What was written after the last save comes again.
    writeFileSync(files.rows, texts.map((text) => `${text}\n`).join(''));
    lines = state.rows;
    before = state.cursor;
    broken = state.broken;
    for (const [stream, seq] of Object.entries(state.last)) last.set(stream, seq);
  } else writeFileSync(files.rows, '');

  class Through extends WebSocket {
    constructor(url: string) {
      super(url, { headers: { host } });
    }
  }
  const cursor = before;
  const client = createLiveClient(`ws://${line.host}:${line.port}/ws`, {
    clientName: 'chaos',
    WebSocket: Through,
    onResync: async () => Promise.reject(new Error('the server could not resume')),
    ...(cursor !== undefined && { storage: { get: () => cursor, set: () => undefined } }),
  });
  client.onEvent(take);
  client.start(cursor === undefined ? from : undefined);

  function take(event: DurableFrame): void {
    const due = last.get(event.stream);
    if (due !== undefined && event.seq !== due + 1) broken += 1;
    last.set(event.stream, event.seq);
    if (event.type === 'new_message') show(event.data, rows.has(event.data.id));
    if (event.type === 'message_update' && rows.has(event.data.id)) show(event.data, false);
  }

  function show({ id, conversation, fromMe, kind, body }: Message, again: boolean): void {
    // A second `new_message` would be a second bubble.
    const taken: Row = { id: again ? `${id} again ${rows.size}` : id, conversation, fromMe, kind, body };
    keep(taken);
    fresh.push(taken);
  }

  function keep(taken: Row): void {
    rows.set(taken.id, taken);
  }

  return {
    rows: () => [...rows.values()],
    faults: () => ({ broken, resyncs: client.snapshot().counters.resyncs }),
    cursor: () => client.snapshot().cursor,
    reconnects: () => client.snapshot().counters.reconnects,
    hurry() {
      if (client.snapshot().phase === 'waiting') client.retry();
    },
    probe() {
      if (performance.now() - probedAt < PROBE_EVERY) return;
      probedAt = performance.now();
      client.retry();
    },
    save() {
      appendFileSync(files.rows, fresh.map((taken) => `${JSON.stringify(taken)}\n`).join(''));
      lines += fresh.splice(0).length;
      const state = { cursor: client.snapshot().cursor, rows: lines, broken, last: Object.fromEntries(last) };
      writeFileSync(files.state, JSON.stringify(state));
    },
    close: () => client.stop(),
  };
}
