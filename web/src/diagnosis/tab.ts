// What the page's collectors need of the browser, so that tests can hold it: fetch, WebSocket, clocks, permissions; nothing is judged here.

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
  /** Resolves after so many ms. */
  readonly sleep: (ms: number) => Promise<void>;
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
  /** The longest task of the page's main thread that the browser has told of, ms; undefined where it tells of none. */
  readonly longestTask: () => number | undefined;
}

/** The browser itself. */
export function thisTab(): Tab {
  const now = (): number => performance.now();
  return {
    fetch: (url, init) => fetch(url, init),
    WebSocket,
    now,
    wall: () => performance.timeOrigin + performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
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
    longestTask: () => longest,
  };
}

let longest: number | undefined;

/** Keeps the longest of the tasks that the browser tells of, those before this call too. */
export function watchLongTasks(): void {
  if (longest !== undefined || !PerformanceObserver.supportedEntryTypes.includes('longtask')) return;
  longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest ?? 0, duration);
  }).observe({ type: 'longtask', buffered: true });
}
