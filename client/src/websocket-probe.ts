// Asks whether a WebSocket can be had by now, with one that wants nothing and is closed as soon as it is greeted. It carries no event.
import type { LiveEnvironment, SocketConstructor, SocketLike } from './environment.ts';

const WAIT_MS = 10_000;

/** Calls `done` once, with the answer, unless it is cancelled by the function that it gives back. */
export function probeWebSocket(
  Constructor: SocketConstructor,
  url: string,
  environment: Pick<LiveEnvironment, 'timer'>,
  done: (found: boolean) => void,
): () => void {
  const target = new URL(url);
  target.searchParams.set('streams', '');
  target.searchParams.set('types', '');
  let socket: SocketLike | undefined;
  const end = (): void => {
    cancel();
    if (socket === undefined) return;
    socket.onmessage = null;
    socket.onclose = null;
    // `ws` throws an error that nobody listens to.
    socket.onerror = () => undefined;
    socket.close(1000);
    socket = undefined;
  };
  const tell = (found: boolean): void => {
    end();
    done(found);
  };
  const cancel = environment.timer(WAIT_MS, () => tell(false));
  try {
    socket = new Constructor(target.href);
  } catch {
    queueMicrotask(() => tell(false));
    return end;
  }
  socket.onmessage = () => tell(true);
  socket.onclose = () => tell(false);
  socket.onerror = () => undefined;
  return end;
}
