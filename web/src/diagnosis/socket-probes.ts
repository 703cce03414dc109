// Opens sockets of its own beside the page's: handshake, greeting, heartbeat, clock, resume. They carry nothing that anybody else sees, and the page's connection is not touched.
import type { Fact } from '@pulseline/diagnosis';
import { type Heads, parseServerFrame, type ServerFrame } from '@pulseline/protocol';
import type { ProbeSocket, Tab } from './tab.ts';

/** Ms for a handshake, for the greeting after it, and for each answer. */
const OPEN_MS = 3_000;
const HELLO_MS = 1_500;
const ECHO_MS = 2_000;
/** Echoes of one look: the fastest compares the clocks best. */
const ECHOES = 6;
/** Events that a resume asks for again. */
const RESUME = 3;

/** An event of a kind that this page does not know: its place counts all the same. */
interface UnknownEvent {
  readonly type: 'unknown';
  readonly stream: string;
  readonly seq: number;
}

type Heard = ServerFrame | UnknownEvent;

interface Line {
  readonly opened: Fact<'ws.open'>;
  /** The next frame, or why there is none until then. */
  next(late: Deadline): Promise<Heard | 'timeout' | 'closed' | 'malformed'>;
  send(type: string, data: unknown): void;
  closeCode(): number | undefined;
  end(): void;
}

interface Deadline {
  readonly isOver: () => boolean;
  readonly over: Promise<void>;
}

function within(tab: Tab, ms: number): Deadline {
  let isOver = false;
  const over = tab.sleep(ms).then(() => {
    isOver = true;
  });
  return { isOver: () => isOver, over };
}

/** Resolves when the handshake is decided. */
async function dial(tab: Tab, url: string): Promise<Line> {
  const begun = tab.now();
  const waiting: (Heard | 'malformed')[] = [];
  let wake: () => void = () => undefined;
  let open = false;
  let closed: number | undefined;
  let socket: ProbeSocket | undefined;
  let thrown: string | undefined;
  try {
    socket = new tab.WebSocket(url);
    socket.onopen = () => {
      open = true;
      wake();
    };
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      const result = parseServerFrame(String(data));
      waiting.push(result.ok ? result.frame : result.position ? { type: 'unknown', ...result.position } : 'malformed');
      wake();
    };
    socket.onerror = () => undefined;
    socket.onclose = ({ code }: { readonly code: number }) => {
      closed = code;
      wake();
    };
  } catch (error) {
    thrown = error instanceof Error ? error.name : 'Error';
  }
  const plain = url.split('?')[0] ?? url;
  const until = async (ready: () => boolean, late: Deadline): Promise<void> => {
    while (!ready() && !late.isOver()) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await Promise.race([woken, late.over]);
    }
  };
  if (thrown === undefined) await until(() => open || closed !== undefined, within(tab, OPEN_MS));
  const opened: Fact<'ws.open'> = {
    url: plain,
    ms: tab.now() - begun,
    outcome: open ? 'open' : thrown !== undefined ? 'blocked' : closed !== undefined ? 'closed' : 'timeout',
    ...(closed !== undefined && { closeCode: closed }),
    ...(thrown !== undefined && { code: thrown }),
  };
  return {
    opened,
    async next(late) {
      await until(() => waiting.length > 0 || closed !== undefined, late);
      return waiting.shift() ?? (closed === undefined ? 'timeout' : 'closed');
    },
    send: (type, data) => {
      if (socket?.readyState === 1) socket.send(JSON.stringify({ type, data }));
    },
    closeCode: () => closed,
    end() {
      if (socket === undefined) return;
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
      socket.close(1000);
    },
  };
}

export interface SocketSeen {
  readonly open: Fact<'ws.open'>;
  readonly hello?: Fact<'ws.hello'>;
  readonly heartbeat?: Fact<'ws.heartbeat'>;
  readonly clock?: Fact<'clock.offset'>;
}

/** `wsUrl`: `ws://host:4000/ws`. */
export async function probeSocket(tab: Tab, wsUrl: string): Promise<SocketSeen> {
  const line = await dial(tab, `${wsUrl}?probe=1&streams=&types=`);
  try {
    const { opened } = line;
    if (opened.outcome !== 'open') return { open: opened };
    const hello = await greeting(tab, line);
    if (hello.outcome !== 'arrived') return { open: opened, hello };
    return { open: opened, hello, ...(await echoes(tab, line)) };
  } finally {
    line.end();
  }
}

async function greeting(tab: Tab, line: Line): Promise<Fact<'ws.hello'>> {
  const begun = tab.now();
  const first = await line.next(within(tab, HELLO_MS));
  const ms = tab.now() - begun;
  if (first === 'timeout') return { outcome: 'silent', ms };
  if (first === 'malformed') return { outcome: 'malformed', ms };
  if (first === 'closed') return { outcome: 'closed', ms, ...closing(line) };
  if (first.type !== 'connected') return { outcome: 'other-first', ms, detail: first.type };
  return { outcome: 'arrived', ms, version: first.data.version };
}

function closing(line: Line): { readonly closeCode?: number } {
  const code = line.closeCode();
  return code === undefined ? {} : { closeCode: code };
}

async function echoes(tab: Tab, line: Line): Promise<Pick<SocketSeen, 'heartbeat' | 'clock'>> {
  const rtt: number[] = [];
  let best: { readonly ms: number; readonly offset: number } | undefined;
  for (let n = 0; n < ECHOES; n++) {
    const begun = tab.now();
    const at = tab.wall();
    line.send('test', { probe: n });
    const late = within(tab, ECHO_MS);
    let echo = await line.next(late);
    while (typeof echo !== 'string' && echo.type !== 'test_echo') echo = await line.next(late);
    if (typeof echo === 'string' || echo.type !== 'test_echo') break;
    const ms = tab.now() - begun;
    rtt.push(ms);
    // The server stamped the echo about half a round trip after we sent.
    if (best === undefined || ms < best.ms) best = { ms, offset: echo.timestamp - (at + ms / 2) };
  }
  return {
    heartbeat: { sent: Math.min(rtt.length + 1, ECHOES), answered: rtt.length, rtt },
    // The stamp is in whole ms.
    ...(best && { clock: { ms: best.offset, uncertaintyMs: best.ms / 2 + 1 } }),
  };
}

/** Comes back to a place three events ago: exactly those must come again, in order. */
export async function probeResume(tab: Tab, wsUrl: string, heads: Heads): Promise<Fact<'ws.resume'>> {
  const [stream, head] = Object.entries(heads).sort(([, a], [, b]) => b.seq - a.seq)[0] ?? [];
  if (stream === undefined || head === undefined || head.seq < 1) return { outcome: 'nothing-to-ask' };
  const asked = Math.min(RESUME, head.seq);
  const from = head.seq - asked;
  const query = new URLSearchParams({
    probe: '1',
    streams: stream,
    cursor: `${stream}:${head.epoch}:${from}`,
  });
  const line = await dial(tab, `${wsUrl}?${query}`);
  try {
    if (line.opened.outcome !== 'open') return { outcome: 'silent', asked, got: 0, detail: line.opened.outcome };
    const seqs: number[] = [];
    const late = within(tab, ECHO_MS);
    while (seqs.length < asked && !late.isOver()) {
      const frame = await line.next(late);
      if (frame === 'timeout' || frame === 'closed') break;
      if (frame === 'malformed') return { outcome: 'wrong', asked, got: seqs.length, detail: 'malformed' };
      if (frame.type === 'resync') return { outcome: 'resync', asked, got: seqs.length, reason: frame.data.reason };
      if ('seq' in frame && frame.stream === stream) seqs.push(frame.seq);
    }
    const inOrder = seqs.every((seq, index) => seq === from + index + 1);
    const outcome = seqs.length === 0 ? 'empty' : seqs.length >= asked && inOrder ? 'replayed' : 'wrong';
    return { outcome, asked, got: seqs.length, inOrder };
  } finally {
    line.end();
  }
}
