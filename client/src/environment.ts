// What the live client needs of the machine it runs on: clocks, timers, signals and a WebSocket; it holds no state of its own.

/** The least of a WebSocket that browsers, Node and `ws` share. */
export interface SocketLike {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}
export type SocketConstructor = new (url: string) => SocketLike;

/** `wake` is noticed by the client itself, from its clocks. */
export type MachineSignal = 'online' | 'offline' | 'visible' | 'hidden';

/** Clocks, timers and chance, so that tests can hold them. */
export interface LiveEnvironment {
  /** Monotonic ms. */
  now(): number;
  /** Ms since epoch, with fractions. */
  wall(): number;
  /** 0 <= random() < 1. */
  random(): number;
  /** Returns the function that cancels. */
  timer(ms: number, run: () => void): () => void;
  /** Calls back when the machine goes on- or offline, the page is shown or hidden. Returns the function that ends it. */
  signals(listener: (signal: MachineSignal) => void): () => void;
}

export const machine: LiveEnvironment = {
  now: () => performance.now(),
  wall: () => performance.timeOrigin + performance.now(),
  random: () => Math.random(),
  timer(ms, run) {
    const handle = setTimeout(run, ms);
    return () => clearTimeout(handle);
  },
  signals(listener) {
    if (typeof window === 'undefined' || typeof document === 'undefined') return () => undefined;
    const online = () => listener('online');
    const offline = () => listener('offline');
    const shown = () => listener('visible');
    const visibility = () => listener(document.visibilityState === 'hidden' ? 'hidden' : 'visible');
    window.addEventListener('online', online);
    window.addEventListener('offline', offline);
    window.addEventListener('pageshow', shown);
    document.addEventListener('visibilitychange', visibility);
    return () => {
      window.removeEventListener('online', online);
      window.removeEventListener('offline', offline);
      window.removeEventListener('pageshow', shown);
      document.removeEventListener('visibilitychange', visibility);
    };
  },
};

/** The global WebSocket: browsers, and Node from 22 on. */
export function globalSocket(): SocketConstructor {
  if (typeof WebSocket === 'undefined') {
    throw new Error(
      'There is no global WebSocket here (Node 20): give one in options.WebSocket, such as that of `ws`.',
    );
  }
  return WebSocket;
}
