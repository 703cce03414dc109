// Gives all sockets of a realm one AsyncLocalStorage between them; what each of them keeps in it stays its own. It keeps nothing itself.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire, syncBuiltinESMExports } from 'node:module';

type Contexts = ReadonlyMap<object, unknown>;

const shared = new AsyncLocalStorage<Contexts>();
/** Calls of `run` that are under way. */
let running = 0;

/**
 * Up to Node 22 a storage that is in use makes every promise of the realm dearer: nearly all are made while nobody is inside.
 * The library asks for a context only within its `run`.
 */
function ended(): void {
  running -= 1;
  if (running === 0) shared.disable();
}

/**
 * The library makes a storage for each socket. Up to Node 22 every promise of the realm passes its context on for each storage
 * there is, so that an account pays for its idle neighbours: 1,490 messages a second alone, 460 beside 100 (Node 20). Here
 * all of them are entries of one map in one storage, and neighbours cost nothing.
 */
export class SharedContext<T> {
  static readonly bind = AsyncLocalStorage.bind;
  static readonly snapshot = AsyncLocalStorage.snapshot;

  getStore(): T | undefined {
    return contextOf(this);
  }

  run<A extends unknown[], R>(store: T, callback: (...args: A) => R, ...args: A): R {
    running += 1;
    let result: R | undefined;
    try {
      result = shared.run(changed(this, store), callback, ...args);
      return result;
    } finally {
      if (result instanceof Promise) result.then(ended, ended);
      else ended();
    }
  }

  exit<A extends unknown[], R>(callback: (...args: A) => R, ...args: A): R {
    return shared.run(changed(this, undefined), callback, ...args);
  }

  enterWith(store: T): void {
    shared.enterWith(changed(this, store));
  }

  /** The storage is the others' as well. */
  disable(): void {
    this.exit(() => undefined);
  }
}

/** The parser's end: whoever reads an entry is the one who wrote it. */
function contextOf<T>(owner: SharedContext<T>): T | undefined {
  return shared.getStore()?.get(owner) as T | undefined;
}

function changed(owner: object, store: unknown): Contexts {
  return new Map(shared.getStore()).set(owner, store);
}

/** Must run before anything imports the library. It is for realms that hold accounts and nothing else. */
export function installSharedContext(): void {
  const hooks: unknown = createRequire(import.meta.url)('node:async_hooks');
  if (typeof hooks !== 'object' || hooks === null || !Reflect.set(hooks, 'AsyncLocalStorage', SharedContext)) {
    throw new Error('the AsyncLocalStorage of this Node cannot be replaced');
  }
  syncBuiltinESMExports();
}
