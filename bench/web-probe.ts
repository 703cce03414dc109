// What the web bench reads inside the page: frames, long tasks, interactions, and when something that was waited for is painted. It listens; beyond a silent console it changes nothing of the page.
import type { Page } from 'playwright-core';

/** In the page, as `window.bench`. Times are ms of the page's monotonic clock. */
interface Probe {
  /** Ms between animation frames since the last call of `frames(true)`. */
  frames(start: boolean): readonly number[];
  /** Ms of every task over 50 ms since `forget`. */
  longTasks(): readonly number[];
  /** Ms from each click, press or key to the next paint, as the browser counts them; those under 16 ms are left out. */
  interactions(): { readonly count: number; readonly slow: readonly number[] };
  /** Ms from a frame's arrival on the socket until its bubble is painted. */
  painted(): readonly number[];
  /** New messages that came over the socket. */
  heard(): number;
  forget(): void;
  /** Ms from the next event of that type until such an element, with that text, is painted; taken by `arrived`. */
  expect(type: string, selector: string, text: string): void;
  arrived(): Promise<number>;
}

declare global {
  interface Window {
    bench: Probe;
  }
}

/** Before any script of the page. Playwright keeps whatever a page prints, so it prints nothing, as without developer tools. */
export async function installProbe(page: Page): Promise<void> {
  // What the loader of TypeScript leaves in functions that are sent to the page.
  await page.addInitScript({ content: 'globalThis.__name = (named) => named' });
  await page.addInitScript(probe);
}

function probe(): void {
  console.log = () => undefined;
  console.debug = () => undefined;
  const longTasks: number[] = [];
  const interactions = new Map<number, number>();
  const painted: number[] = [];
  const received = new Map<string, number>();
  let heard = 0;
  let counted = 0;
  let frames: number[] = [];
  let inFrame = false;
  let arrival: Promise<number> = Promise.resolve(Number.NaN);

  // Messages come after the paint of the frame in which they were posted.
  const posts: (() => void)[] = [];
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    for (const post of posts.splice(0)) post();
  };
  const afterTask = (then: () => void): void => {
    posts.push(then);
    channel.port2.postMessage(0);
  };
  const native = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) =>
    native((at) => {
      if (!inFrame) {
        inFrame = true;
        afterTask(() => {
          inFrame = false;
        });
      }
      callback(at);
    });
  const afterPaint = (then: () => void): void => {
    if (inFrame) afterTask(then);
    else window.requestAnimationFrame(() => afterTask(then));
  };
  // A list draws a row that it has not measured yet, but does not show it.
  const isSeen = (element: Element): boolean => {
    const { top, bottom, width } = element.getBoundingClientRect();
    return width > 0 && bottom > 0 && top < innerHeight && element.checkVisibility({ visibilityProperty: true });
  };
  const whenSeen = (element: Element, then: (at: number) => void, tries = 120): void =>
    afterPaint(() => {
      if (isSeen(element)) then(performance.now());
      else if (tries > 0 && element.isConnected) whenSeen(element, then, tries - 1);
    });

  let wanted: ((root: ParentNode) => void) | undefined;
  new MutationObserver((changes) => {
    wanted?.(document);
    if (received.size === 0) return;
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        for (const bubble of [node, ...node.querySelectorAll('[data-testid=message-bubble]')]) {
          const id = bubble.getAttribute('data-message') ?? '';
          const at = received.get(id);
          if (at === undefined || bubble.getAttribute('data-testid') !== 'message-bubble') continue;
          received.delete(id);
          whenSeen(bubble, (now) => painted.push(now - at));
        }
      }
    }
  }).observe(document, { childList: true, subtree: true, characterData: true, attributes: true });

  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasks.push(duration);
  }).observe({ type: 'longtask' });
  const shortest: PerformanceObserverInit & { readonly durationThreshold: number } = {
    type: 'event',
    durationThreshold: 16,
  };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const id: unknown = Reflect.get(entry, 'interactionId');
      if (typeof id === 'number' && id > 0) interactions.set(id, Math.max(entry.duration, interactions.get(id) ?? 0));
    }
  }).observe(shortest);

  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('message', ({ data }) => {
        if (typeof data !== 'string' || !data.startsWith('{"type":"new_message"')) return;
        heard += 1;
        const id = /"id":"(m_[^"]+)"/.exec(data)?.[1];
        if (id !== undefined) received.set(id, performance.now());
        for (const oldest of received.keys()) {
          if (received.size <= 2_000) break;
          received.delete(oldest);
        }
      });
    }
  };

  const interactionCount = (): number => {
    const count: unknown = Reflect.get(performance, 'interactionCount');
    return typeof count === 'number' ? count : 0;
  };
  let running = 0;
  window.bench = {
    frames(start) {
      const found = frames;
      running += 1;
      if (!start) return found;
      frames = [];
      const run = running;
      const times = frames;
      let last = Number.NaN;
      const tick = (at: number): void => {
        if (running !== run) return;
        if (!Number.isNaN(last)) times.push(at - last);
        last = at;
        window.requestAnimationFrame(tick);
      };
      window.requestAnimationFrame(tick);
      return found;
    },
    longTasks: () => longTasks,
    interactions: () => ({ count: interactionCount() - counted, slow: [...interactions.values()] }),
    painted: () => painted,
    heard: () => heard,
    forget() {
      longTasks.length = 0;
      painted.length = 0;
      interactions.clear();
      counted = interactionCount();
    },
    expect(type, selector, text) {
      arrival = new Promise((resolve) => {
        const begin = ({ timeStamp }: Event): void => {
          const look = (root: ParentNode): void => {
            const found = [...root.querySelectorAll(selector)].find(
              (one) => text === '' || one.textContent?.includes(text),
            );
            if (found === undefined) return;
            wanted = undefined;
            whenSeen(found, (at) => resolve(at - timeStamp));
          };
          wanted = look;
        };
        window.addEventListener(type, begin, { capture: true, once: true });
      });
    },
    arrived: () => arrival,
  };
}
