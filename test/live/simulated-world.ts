// A world in one process for the real hub and the real clients: clock, timers, chance and network are plain values; nothing here waits in real time.
import type { LiveEnvironment, MachineSignal, SocketLike } from '@pulseline/client';
import type { HubClock, LiveSocket, LiveSocketEvents } from '../../server/src/live/port.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Starts at a time of its own, so that nothing takes 0 for "never". */
const WALL_OFFSET = 1_700_000_000_000;

/** One dashboard's machine: it may sleep, and then its timers wait. */
export interface SimulatedMachine {
  readonly environment: LiveEnvironment;
  readonly asleep: boolean;
  signal(signal: MachineSignal): void;
  sleep(): void;
  wake(): void;
}

export interface SimulatedClock extends HubClock {
  /** `blind`: its monotonic clock stands still while it sleeps, as some systems' do. */
  machine(blind: boolean): SimulatedMachine;
  /** So much time passes while nothing at all runs. */
  jump(ms: number): void;
  /** Runs what was put off to later in the turn. */
  runSoon(): void;
  /** Moves on, running every timer at its time; `settle` runs after each. */
  advance(ms: number, settle: () => Promise<void>): Promise<void>;
}

export function simulatedClock(random: () => number): SimulatedClock {
  let now = 1_000;
  const timers: Timer[] = [];
  let soon: (() => void)[] = [];
  function timer(ms: number, run: () => void): () => void {
    const mine: Timer = { at: now + Math.max(0, ms), run };
    timers.push(mine);
    return () => {
      const index = timers.indexOf(mine);
      if (index >= 0) timers.splice(index, 1);
    };
  }
  function runSoon(): void {
    const due = soon;
    soon = [];
    for (const run of due) run();
  }
  const wall = () => WALL_OFFSET + now;
  function machine(blind: boolean): SimulatedMachine {
    const listeners = new Set<(signal: MachineSignal) => void>();
    let late: (() => void)[] = [];
    let fellAsleep: number | undefined;
    let slept = 0;
    return {
      environment: {
        wall,
        random,
        now: () => (fellAsleep ?? now) - slept,
        timer: (ms, run) => {
          const mine = () => (fellAsleep === undefined ? run() : void late.push(mine));
          const cancel = timer(ms, mine);
          return () => {
            cancel();
            late = late.filter((one) => one !== mine);
          };
        },
        signals(listener) {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
      },
      get asleep() {
        return fellAsleep !== undefined;
      },
      signal(signal) {
        for (const listener of listeners) listener(signal);
      },
      sleep() {
        fellAsleep ??= now;
      },
      wake() {
        if (fellAsleep !== undefined && blind) slept += now - fellAsleep;
        fellAsleep = undefined;
        const due = late;
        late = [];
        for (const run of due) run();
      },
    };
  }
  return {
    now: () => now,
    wall,
    random,
    timer,
    soon: (run) => void soon.push(run),
    machine,
    jump(ms) {
      now += ms;
    },
    runSoon,
    async advance(ms, settle) {
      const end = now + ms;
      for (;;) {
        runSoon();
        let due: Timer | undefined;
        for (const one of timers) {
          if (one.at <= end && (due === undefined || one.at < due.at)) due = one;
        }
        if (due === undefined) break;
        timers.splice(timers.indexOf(due), 1);
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
  /** Which node took it. */
  readonly node: number | undefined;
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
  /** Who takes new connections, and as which node; undefined = nobody: they are refused. */
  accept: (socket: LiveSocket, url: URL) => number | undefined;
  /** Forgets wires that are over. */
  sweep(): void;
}

/** `kernelBytes`: so much is taken from a server that nobody has read yet. */
export function simulatedNetwork(kernelBytes: () => number): Network {
  let wires: Wire[] = [];
  const network: Network = {
    accept: () => undefined,
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
  let node: number | undefined;
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
    get node() {
      return node;
    },
    get open() {
      return phase !== 'closed' || !serverOver;
    },
    get waiting() {
      return downs.length + ups.length;
    },
    down(count: number): void {
      if (phase === 'connecting') {
        node = network.accept(socket, url);
        if (node === undefined) {
          serverOver = true;
          return endClient(1006);
        }
        phase = 'open';
        client.readyState = 1;
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
