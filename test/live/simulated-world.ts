// A world in one process for the real hub and the real clients: clock, timers, chance and network are plain values; nothing here waits in real time.
import type { LiveEnvironment, MachineSignal, SocketLike } from '@pulseline/client';
import type { HubClock, LiveSocket, LiveSocketEvents } from '../../server/src/live/port.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Starts at a time of its own, so that nothing takes 0 for "never". */
const WALL_OFFSET = 1_700_000_000_000;

export interface SimulatedClock extends HubClock {
  readonly environment: LiveEnvironment;
  signal(signal: MachineSignal): void;
  /** Runs what was put off to later in the turn. */
  runSoon(): void;
  /** Moves on, running every timer at its time; `settle` runs after each. */
  advance(ms: number, settle: () => Promise<void>): Promise<void>;
}

export function simulatedClock(random: () => number): SimulatedClock {
  let now = 1_000;
  let order = 0;
  let timers: Timer[] = [];
  let soon: (() => void)[] = [];
  const listeners = new Set<(signal: MachineSignal) => void>();
  function timer(ms: number, run: () => void): () => void {
    const mine: Timer = { at: now + Math.max(0, ms), order: order++, run };
    timers.push(mine);
    return () => {
      timers = timers.filter((one) => one !== mine);
    };
  }
  function runSoon(): void {
    const due = soon;
    soon = [];
    for (const run of due) run();
  }
  const clock = { now: () => now, wall: () => WALL_OFFSET + now, random, timer };
  return {
    ...clock,
    soon: (run) => void soon.push(run),
    environment: {
      ...clock,
      signals(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    signal(signal) {
      for (const listener of listeners) listener(signal);
    },
    runSoon,
    async advance(ms, settle) {
      const end = now + ms;
      for (;;) {
        runSoon();
        const due = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
        if (due === undefined) break;
        timers = timers.filter((one) => one !== due);
        now = Math.max(now, due.at);
        due.run();
        await settle();
      }
      now = end;
      runSoon();
      await settle();
    },
  };
}

type Down = { readonly text: string; readonly size: number } | { readonly ping: string } | { readonly close: number };
type Up = { readonly text: string } | { readonly pong: string };

/** One connection: two lists of what is under way. */
export interface Wire {
  readonly url: URL;
  readonly open: boolean;
  /** Delivers at most so many frames, one way. */
  down(count: number): void;
  up(count: number): void;
  /** Both ends hear that it broke; what was under way is lost. */
  cut(): void;
  /** What was and will be under way is lost, and neither end hears of it. */
  blackhole(): void;
  readonly waiting: number;
}

export interface Network {
  readonly Socket: new (url: string) => SocketLike;
  readonly wires: readonly Wire[];
  /** Who takes new connections; undefined = nobody: they are refused. */
  accept: ((socket: LiveSocket, url: URL) => void) | undefined;
  /** Forgets wires that are over. */
  sweep(): void;
}

/** `kernelBytes`: so much is taken from a server that nobody has read yet. */
export function simulatedNetwork(kernelBytes: () => number): Network {
  let wires: Wire[] = [];
  const network: Network = {
    accept: undefined,
    get wires() {
      return wires;
    },
    sweep() {
      wires = wires.filter(({ open }) => open);
    },
    Socket: class implements SocketLike {
      onopen: ((event: never) => void) | null = null;
      onmessage: ((event: never) => void) | null = null;
      onclose: ((event: never) => void) | null = null;
      onerror: ((event: never) => void) | null = null;
      readyState = 0;
      #send: (text: string) => void;
      #close: () => void;
      constructor(href: string) {
        const wire = connect(new URL(href), this, network, kernelBytes());
        this.#send = wire.fromClient;
        this.#close = wire.clientCloses;
        wires = [...wires, wire];
      }
      send(text: string): void {
        this.#send(text);
      }
      close(): void {
        this.readyState = 3;
        this.#close();
      }
    },
  };
  return network;
}

interface ClientEnd {
  readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
}

function connect(url: URL, client: ClientEnd, network: Network, kernelBytes: number) {
  let downs: Down[] = [];
  let ups: Up[] = [];
  let server: LiveSocketEvents | undefined;
  let phase: 'connecting' | 'open' | 'closed' = 'connecting';
  let serverOver = false;
  let dark = false;
  let bytes = 0;
  let clogged = false;
  const call = (listener: ((event: never) => void) | null, event: object) => {
    // The listeners of the client take less than `never` promises: what they read is in `event`.
    if (listener !== null) Reflect.apply(listener, undefined, [event]);
  };
  const unsent = () => Math.max(0, bytes - kernelBytes);
  function endServer(code: number): void {
    if (serverOver) return;
    serverOver = true;
    server?.closed(code, '');
  }
  function endClient(code: number): void {
    if (phase === 'closed') return;
    phase = 'closed';
    client.readyState = 3;
    call(client.onclose, { code });
  }
  function put(down: Down): void {
    if (!dark || 'text' in down) downs.push(down);
    if ('text' in down) bytes += down.size;
    if (unsent() > 0) clogged = true;
  }
  const socket: LiveSocket = {
    write(joined) {
      for (const text of textsIn(joined)) put(text);
    },
    ping: (id) => put({ ping: id }),
    close(code) {
      put({ close: code });
    },
    terminate() {
      endServer(1006);
      if (!dark) endClient(1006);
    },
    get bufferedBytes() {
      return unsent();
    },
    listen: (events) => {
      server = events;
    },
  };
  return {
    url,
    get open() {
      return phase !== 'closed' || !serverOver;
    },
    get waiting() {
      return downs.length + ups.length;
    },
    down(count: number): void {
      if (phase === 'connecting') {
        if (network.accept === undefined) {
          serverOver = true;
          return endClient(1006);
        }
        phase = 'open';
        client.readyState = 1;
        network.accept(socket, url);
        call(client.onopen, {});
      }
      if (dark) return;
      for (const down of downs.splice(0, count)) {
        if ('text' in down) {
          bytes -= down.size;
          if (phase === 'open') call(client.onmessage, { data: down.text });
        } else if ('ping' in down) {
          ups.push({ pong: down.ping });
        } else {
          endClient(down.close);
          endServer(down.close);
        }
      }
      if (clogged && unsent() === 0 && !serverOver) {
        clogged = false;
        server?.drain();
      }
    },
    up(count: number): void {
      if (dark || serverOver) return;
      for (const up of ups.splice(0, count)) {
        if ('text' in up) server?.message(up.text);
        else server?.pong(up.pong);
      }
    },
    cut(): void {
      downs = [];
      ups = [];
      endServer(1006);
      endClient(1006);
    },
    blackhole(): void {
      dark = true;
    },
    fromClient(text: string): void {
      if (phase === 'open') ups.push({ text });
    },
    clientCloses(): void {
      phase = 'closed';
      if (!dark) endServer(1000);
    },
  };
}

/** The texts in ready-made WebSocket frames, as a receiver reads them. */
function* textsIn(joined: Uint8Array): Generator<{ text: string; size: number }> {
  const view = new DataView(joined.buffer, joined.byteOffset, joined.byteLength);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let at = 0; at < joined.length; ) {
    if (view.getUint8(at) !== 0x81) throw new Error(`not one whole text frame at byte ${at}`);
    const marker = view.getUint8(at + 1);
    const start = at + (marker < 126 ? 2 : marker === 126 ? 4 : 10);
    const length = marker < 126 ? marker : marker === 126 ? view.getUint16(at + 2) : Number(view.getBigUint64(at + 2));
    yield { text: decoder.decode(joined.subarray(start, start + length)), size: start + length - at };
    at = start + length;
  }
}
