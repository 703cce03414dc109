// The collectors that open /ws as a page does: handshake, greeting, echoes, resume and, if asked for, an idle minute. They send `test` frames alone.
import type { SocketLike } from '@pulseline/client';
import type { Collector, Fact, Facts } from '@pulseline/diagnosis';
import { type Heads, parseServerFrame, type ServerFrame } from '@pulseline/protocol';
import type { Target } from './target.ts';
import type { World } from './world.ts';

const OPEN_MS = 3_000;
/** After the socket is open. */
const HELLO_MS = 1_500;
const ECHOES = 3;
const ECHO_EVERY_MS = 100;
/** For so long each link is watched at least. */
const WATCHED_MS = 1_000;
/** Proxies that hold data back do so for seconds. */
const ECHO_MS = 6_000;
const RESUME_MS = 2_500;
const RESUME_BACK = 3;
/** Longer than the idle times of 60 s that proxies have. */
const IDLE_MS = 75_000;

export function socketCollectors(world: World, target: Target): readonly Collector[] {
  const url = `${target.base.replace(/^http/, 'ws')}/ws`;
  const live: Collector = {
    id: 'socket',
    rung: 'R11',
    provides: ['ws.open', 'ws.hello', 'ws.heartbeat', 'http.flow', 'ws.resume', 'ws.closings'],
    after: ['http.status'],
    deadlineMs: 11_000,
    collect: async ({ facts }) => (facts['http.status']?.outcome === 'answered' ? walk(world, url) : {}),
  };
  const idle: Collector = {
    id: 'idle',
    rung: 'R14',
    provides: ['ws.idle'],
    after: ['ws.hello'],
    cost: 'slow',
    deadlineMs: IDLE_MS + 5_000,
    collect: async ({ facts }) =>
      facts['ws.hello']?.outcome === 'arrived' ? { 'ws.idle': await stay(world, url) } : {},
  };
  return [live, idle];
}

async function walk(world: World, url: string): Promise<Facts> {
  // Nothing but what the connection itself says: an inbox full of events is not what is looked at.
  const link = await openLink(world, `${url}?streams=&types=&probe=1`);
  if (link.state === 'failed') return { 'ws.open': link.fact };
  const { socket } = link;
  try {
    const first = await socket.next(HELLO_MS);
    const hello = helloFact(first, socket);
    if (first.kind !== 'frame' || first.frame?.type !== 'connected') {
      const cut = first.kind === 'closed' ? await twice(world, url, socket) : [];
      return { 'ws.open': link.fact, 'ws.hello': hello, ...(cut.length > 0 && { 'ws.closings': cut }) };
    }
    const [echoes, resume, closings] = await Promise.all([
      echo(world, socket),
      resumeFrom(world, url, first.frame.data.heads),
      twice(world, url, socket),
    ]);
    return {
      'ws.open': link.fact,
      'ws.hello': hello,
      ...echoes,
      ...(resume && { 'ws.resume': resume }),
      ...(closings.length > 0 && { 'ws.closings': closings }),
    };
  } finally {
    socket.close();
  }
}

type Closing = Fact<'ws.closings'>[number];

/** How the link ended in its first moments, if it did. */
async function ended(world: World, { openedAt, closed }: Link): Promise<Closing | undefined> {
  const left = openedAt + WATCHED_MS - world.clock();
  const end = await Promise.race([closed, world.sleep(Math.max(0, left))]);
  return end === undefined ? undefined : { ageMs: end.at - openedAt, code: end.code, at: world.now() };
}

/** Once may be a server that restarts: then another link is watched too. */
async function twice(world: World, url: string, socket: Link): Promise<readonly Closing[]> {
  const cut = await ended(world, socket);
  if (cut === undefined) return [];
  const again = await second(world, url);
  return again === undefined ? [cut] : [cut, again];
}

async function second(world: World, url: string): Promise<Closing | undefined> {
  const link = await openLink(world, `${url}?streams=&types=&probe=1`);
  if (link.state === 'failed') return undefined;
  const end = await ended(world, link.socket);
  link.socket.close();
  return end;
}

type Arrival =
  | { readonly kind: 'frame'; readonly frame: ServerFrame | undefined; readonly detail: string; readonly at: number }
  | { readonly kind: 'closed'; readonly code: number }
  | { readonly kind: 'late' };

/** An open socket, read one frame at a time. */
interface Link {
  readonly openedAt: number;
  /** Resolves when it ends unasked. */
  readonly closed: Promise<{ readonly at: number; readonly code: number }>;
  next(withinMs: number): Promise<Arrival>;
  send(text: string): void;
  close(): void;
}

type Opening =
  | { readonly state: 'open'; readonly fact: Fact<'ws.open'>; readonly socket: Link }
  | { readonly state: 'failed'; readonly fact: Fact<'ws.open'> };

function openLink(world: World, url: string): Promise<Opening> {
  const began = world.clock();
  return new Promise((resolve) => {
    const waiting: Arrival[] = [];
    let hear: ((arrival: Arrival) => void) | undefined;
    let opened = false;
    let failure = '';
    let close: (end: { readonly at: number; readonly code: number }) => void = () => undefined;
    const closed = new Promise<{ readonly at: number; readonly code: number }>((end) => {
      close = end;
    });
    const socket: SocketLike = new world.WebSocket(url);
    const fail = (outcome: Fact<'ws.open'>['outcome'], more: Partial<Fact<'ws.open'>> = {}): void => {
      socket.onclose = null;
      socket.onmessage = null;
      socket.onopen = null;
      socket.close();
      resolve({ state: 'failed', fact: { url, outcome, ms: world.clock() - began, ...more } });
    };
    const timer = setTimeout(() => fail('timeout'), OPEN_MS);
    const put = (arrival: Arrival): void => {
      const heard = hear;
      hear = undefined;
      if (heard === undefined) waiting.push(arrival);
      else heard(arrival);
    };
    socket.onmessage = (event: { readonly data: unknown }) => {
      const result = parseServerFrame(String(event.data));
      put({
        kind: 'frame',
        frame: result.ok ? result.frame : undefined,
        detail: result.ok ? '' : result.problem.detail,
        at: world.clock(),
      });
    };
    socket.onerror = (event: { readonly message?: unknown }) => {
      failure = typeof event.message === 'string' ? event.message : '';
    };
    socket.onclose = (event: { readonly code: number }) => {
      clearTimeout(timer);
      if (opened) {
        close({ at: world.clock(), code: event.code });
        return put({ kind: 'closed', code: event.code });
      }
      const status = /server response: (\d{3})/.exec(failure)?.[1];
      const code = /\b(E[A-Z]{3,}|ERR_\w+)\b/.exec(failure)?.[1];
      const more = {
        closeCode: event.code,
        ...(failure !== '' && { error: failure.slice(0, 300) }),
        ...(code !== undefined && { code }),
      };
      if (status !== undefined) return fail('http', { status: Number(status), error: failure });
      fail(
        code === 'ECONNREFUSED'
          ? 'refused'
          : /EPROTO|SSL|CERT/.test(failure)
            ? 'tls'
            : failure === ''
              ? 'closed'
              : 'error',
        more,
      );
    };
    socket.onopen = () => {
      clearTimeout(timer);
      opened = true;
      const openedAt = world.clock();
      resolve({
        state: 'open',
        fact: { url, outcome: 'open', ms: openedAt - began },
        socket: {
          openedAt,
          closed,
          next: (withinMs) =>
            new Promise((heard) => {
              const ready = waiting.shift();
              if (ready !== undefined) return heard(ready);
              const late = setTimeout(() => {
                hear = undefined;
                heard({ kind: 'late' });
              }, withinMs);
              hear = (arrival) => {
                clearTimeout(late);
                heard(arrival);
              };
            }),
          send: (text) => socket.send(text),
          close: () => socket.close(1000),
        },
      });
    };
  });
}

function helloFact(first: Arrival, { openedAt }: Link): Fact<'ws.hello'> {
  if (first.kind === 'late') return { outcome: 'silent', ms: HELLO_MS };
  if (first.kind === 'closed') return { outcome: 'closed', closeCode: first.code };
  const ms = first.at - openedAt;
  if (first.frame === undefined) return { outcome: 'malformed', ms, detail: first.detail.slice(0, 300) };
  if (first.frame.type !== 'connected') return { outcome: 'other-first', ms, detail: first.frame.type };
  return { outcome: 'arrived', ms, version: first.frame.data.version };
}

/** `test` frames at a beat, and when each of them came back. */
async function echo(world: World, socket: Link): Promise<Facts> {
  const sent = new Map<string, number>();
  const back: { readonly at: number; readonly rtt: number }[] = [];
  const began = world.clock();
  const send = async (): Promise<void> => {
    for (let n = 0; n < ECHOES; n++) {
      const id = `doctor ${n}`;
      sent.set(id, world.clock());
      socket.send(JSON.stringify({ type: 'test', data: id }));
      if (n + 1 < ECHOES) await world.sleep(ECHO_EVERY_MS);
    }
  };
  const read = async (): Promise<void> => {
    while (back.length < ECHOES) {
      const left = began + ECHO_MS - world.clock();
      const arrival = left > 0 ? await socket.next(left) : undefined;
      if (arrival?.kind !== 'frame') return;
      const at = arrival.frame?.type === 'test_echo' ? sent.get(String(arrival.frame.data)) : undefined;
      if (at !== undefined) back.push({ at: arrival.at, rtt: arrival.at - at });
    }
  };
  await Promise.all([send(), read()]);
  const heldMs = Math.max(0, ...back.map(({ rtt }) => rtt));
  const lumps = back.filter(({ at }, index) => index > 0 && at - (back[index - 1]?.at ?? 0) < ECHO_EVERY_MS / 4).length;
  return {
    'ws.heartbeat': { sent: sent.size, answered: back.length, rtt: back.map(({ rtt }) => rtt) },
    ...(back.length > 0 && { 'http.flow': { frames: back.length, heldMs, lumps } }),
  };
}

/** Comes back as if the last three events of the longest stream had been missed: exactly these must come. */
async function resumeFrom(world: World, url: string, heads: Heads): Promise<Fact<'ws.resume'> | undefined> {
  const [stream, head] = Object.entries(heads).sort(([, a], [, b]) => b.seq - a.seq)[0] ?? [];
  if (stream === undefined || head === undefined || head.seq === 0) return { outcome: 'nothing-to-ask' };
  const asked = Math.min(RESUME_BACK, head.seq);
  const query = new URLSearchParams({
    cursor: `${stream}:${head.epoch}:${head.seq - asked}`,
    streams: stream,
    probe: '1',
  });
  const link = await openLink(world, `${url}?${query}`);
  if (link.state === 'failed') return { outcome: 'silent', asked, detail: link.fact.error ?? link.fact.outcome };
  const { socket } = link;
  const seqs: number[] = [];
  try {
    const until = world.clock() + RESUME_MS;
    while (seqs.length < asked) {
      const arrival = await socket.next(Math.max(1, until - world.clock()));
      if (arrival.kind !== 'frame') break;
      const { frame } = arrival;
      if (frame?.type === 'resync')
        return frame.data.stream === stream
          ? { outcome: 'resync', asked, got: seqs.length, reason: frame.data.reason }
          : undefined;
      if (frame !== undefined && 'seq' in frame && frame.stream === stream) seqs.push(frame.seq);
    }
  } finally {
    socket.close();
  }
  // What lies further back than is kept is told by `resync`; fewer without a word would be a loss.
  const inOrder = seqs.every((seq, index) => seq === head.seq - asked + 1 + index);
  const outcome = seqs.length === asked && inOrder ? 'replayed' : seqs.length === 0 ? 'empty' : 'wrong';
  return { outcome, asked, got: seqs.length, inOrder };
}

/** A connection that says nothing by itself, as long as a proxy might let it be. */
async function stay(world: World, url: string): Promise<Fact<'ws.idle'>> {
  const link = await openLink(world, `${url}?streams=&types=`);
  if (link.state === 'failed') return { watchedMs: 0, cut: true };
  const until = world.clock() + IDLE_MS;
  try {
    while (world.clock() < until) {
      const arrival = await link.socket.next(until - world.clock());
      if (arrival.kind === 'closed')
        return { watchedMs: world.clock() - link.socket.openedAt, cut: true, code: arrival.code };
    }
    return { watchedMs: IDLE_MS, cut: false };
  } finally {
    link.socket.close();
  }
}
