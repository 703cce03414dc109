// What the page's collectors need of the browser, so that tests can hold it: fetch, WebSocket, clocks, permissions; nothing is judged here.
import { afterAwake, ticking } from './awake.ts';

/** The part of a WebSocket that a probe uses. */
export interface ProbeSocket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  readonly readyState: number;
  send(text: string): void;
  close(code?: number): void;
}

export interface Tab {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly WebSocket: new (url: string) => ProbeSocket;
  /** Monotonic ms. */
  readonly now: () => number;
  /** Ms since epoch, with fractions. */
  readonly wall: () => number;
  /** Resolves after so many ms in which the tab was awake. */
  readonly sleep: (ms: number) => Promise<void>;
  /** The longest time, ms, for which the browser let the tab stand still since the look began. */
  readonly frozen: () => number;
  readonly nonce: () => string;
  /** Address of the page: `http://localhost:3000/test-ws`. */
  readonly location: string;
  readonly secure: boolean;
  readonly online: () => boolean;
  readonly visible: () => boolean;
  readonly userAgent: string;
  readonly development: boolean;
  /** State of a permission; undefined where the browser does not know it. */
  readonly permission: (name: string) => Promise<string | undefined>;
  readonly serviceWorker: () => boolean;
  /** Calls back for each rule of the content policy that is broken. Returns the function that ends it. */
  readonly violations: (listener: (what: string) => void) => () => void;
  /** Ms until a frame is painted; never resolves in a hidden tab. */
  readonly painted: () => Promise<number>;
  /** The longest task that held the page's main thread lately, ms; undefined where it tells of none. */
  readonly longestTask: () => number | undefined;
}

/** The browser itself. */
export function thisTab(frozen: () => number): Tab {
  const now = (): number => performance.now();
  return {
    fetch: (url, init) => fetch(url, init),
    WebSocket,
    now,
    wall: () => performance.timeOrigin + performance.now(),
    sleep: (ms) => new Promise((resolve) => afterAwake(ticking, ms, () => resolve())),
    frozen,
    // A page that is not on this computer's own address has no randomUUID.
    nonce: () =>
      Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    location: location.href,
    secure: isSecureContext,
    online: () => navigator.onLine,
    visible: () => document.visibilityState === 'visible',
    userAgent: navigator.userAgent,
    development: process.env.NODE_ENV !== 'production',
    permission: async (name) => {
      // Younger than the list of names that TypeScript knows.
      const permissions: { query(what: { readonly name: string }): Promise<{ readonly state: string }> } =
        navigator.permissions;
      return permissions.query({ name }).then(
        ({ state }) => state,
        () => undefined,
      );
    },
    serviceWorker: () => Boolean(navigator.serviceWorker?.controller),
    violations(listener) {
      const heard = ({ violatedDirective, blockedURI }: SecurityPolicyViolationEvent): void =>
        listener(`${violatedDirective} ${blockedURI}`);
      document.addEventListener('securitypolicyviolation', heard);
      return () => document.removeEventListener('securitypolicyviolation', heard);
    },
    painted: () => {
      const begun = now();
      // The first frame may be under way already; the task after the second one comes after a whole paint.
      return new Promise((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(now() - begun), 0))),
      );
    },
    longestTask: longestLately,
  };
}

/** What the browser told of long tasks: when each ended and how long it took, ms. */
let longTasks: readonly { readonly end: number; readonly duration: number }[] | undefined;
/** An older one says nothing of now, ms. */
const LATELY_MS = 10_000;
/** A page that is being loaded is busy with that, ms. */
const LOADING_MS = 8_000;
const MAX_TASKS = 200;

function longestLately(): number | undefined {
  const since = Math.max(performance.now() - LATELY_MS, LOADING_MS);
  return longTasks?.reduce((most, { end, duration }) => (end > since ? Math.max(most, duration) : most), 0);
}

/** Listens to what the browser tells of long tasks, those before this call too. */
export function watchLongTasks(): void {
  if (longTasks !== undefined || !PerformanceObserver.supportedEntryTypes.includes('longtask')) return;
  longTasks = [];
  new PerformanceObserver((list) => {
    const told = list.getEntries().map(({ startTime, duration }) => ({ end: startTime + duration, duration }));
    longTasks = [...(longTasks ?? []), ...told].slice(-MAX_TASKS);
  }).observe({ type: 'longtask', buffered: true });
}
