// Gives memory back in quiet moments: what died in a burst is collected when the thread has nothing else to do. It never collects while work comes in.
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Ms between two looks at the heap. */
const LOOK_MS = 1_000;
/** Bytes that a thread may allocate between two looks and still count as quiet. */
const QUIET = 1_000_000;
/** Quiet looks in a row before a collection, which stops the thread for some 50 ms. */
const LOOKS = 2;
/** Bytes above what was left by the last collection that are worth one. */
const WORTH = 8_000_000;

export interface Heap {
  /** Bytes in use, dead ones included. */
  readonly used: number;
  readonly looks: number;
  /** Bytes that the last collection left. */
  readonly floor: number;
}

/** One look; true = collect now, and tell by {@link collected} what is left. */
export function look(before: Heap, used: number): readonly [Heap, boolean] {
  // Less than before: V8 has collected by itself.
  const quiet = Math.abs(used - before.used) < QUIET;
  const looks = quiet ? before.looks + 1 : 0;
  return [{ ...before, used, looks }, looks >= LOOKS && used - before.floor > WORTH];
}

export function collected(used: number): Heap {
  return { used, looks: 0, floor: used };
}

/** Watches this thread's heap until the answered function is called. V8 alone waits for the heap to be full, and an idle thread never fills it. */
export function keepSmall(): () => void {
  const collect = collector();
  if (collect === undefined) return () => undefined;
  let heap: Heap = { used: 0, looks: 0, floor: 0 };
  const timer = setInterval(() => {
    const [next, isDue] = look(heap, getHeapStatistics().used_heap_size);
    heap = next;
    if (!isDue) return;
    collect();
    // Pages that the first one emptied are given back by the next.
    collect();
    heap = collected(getHeapStatistics().used_heap_size);
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
}

/** V8's own, which Node hides unless it is started with `--expose-gc`; undefined where there is none. */
function collector(): (() => void) | undefined {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('globalThis.gc');
  return typeof found === 'function' ? () => void Reflect.apply(found, undefined, []) : undefined;
}
