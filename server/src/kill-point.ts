// Kills the whole process at a named point on purpose, so that test/restart can aim at the gap between two stages. Without PULSELINE_KILL_AT there is no point, and nothing ever happens.
import { readFileSync } from 'node:fs';
import { CANARY_STREAM } from '@pulseline/protocol';
import type { Hub, LiveSocket } from './live/port.ts';
import type { Commit } from './store/port.ts';

/** Called where a stage has just been passed. */
export type KillPoint = (point: string) => void;

/**
 * `<point>:<n>`: dies when the point is reached for the n-th time in this thread. `@<file>`: dies at the point whose name
 * the file holds by then, so that one start serves until somebody aims. Undefined for any other text, so that the product
 * does not even make the call.
 */
export function readKillPoint(text: string | undefined): KillPoint | undefined {
  if (text?.startsWith('@')) return (point) => aimedAt(text.slice(1)) === point && die();
  const [, wanted, count] = /^([a-z-]+):(\d{1,6})$/.exec(text ?? '') ?? [];
  if (wanted === undefined) return undefined;
  let left = Number(count);
  return (point) => {
    if (point !== wanted) return;
    left -= 1;
    if (left === 0) die();
  };
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function aimedAt(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

export const killPoint: KillPoint | undefined = readKillPoint(process.env['PULSELINE_KILL_AT']);

/** Who wrote the first new message of a commit; undefined if it brings none. */
export function authorIn({ events }: Commit): 'contact' | 'us' | undefined {
  const message = events.find(({ type, stream }) => type === 'new_message' && stream !== CANARY_STREAM);
  if (message === undefined) return undefined;
  return message.data.includes('"fromMe":true') ? 'us' : 'contact';
}

/** The hub with the points `rung`, `fed` and `written`, for messages of contacts. */
export function aimAt(hub: Hub, point: KillPoint): Hub {
  const brings = (bytes: Uint8Array): boolean => {
    const text = Buffer.from(bytes).toString();
    return text.includes('"type":"new_message"') && text.includes('"fromMe":false');
  };
  return {
    ...hub,
    get clients() {
      return hub.clients;
    },
    publish(commit) {
      if (authorIn(commit) === 'contact') point('rung');
      hub.publish(commit);
    },
    accept(socket, options) {
      const aimed: LiveSocket = {
        ping: (id) => socket.ping(id),
        close: (code, reason) => socket.close(code, reason),
        terminate: () => socket.terminate(),
        listen: (events) => socket.listen(events),
        get bufferedBytes() {
          return socket.bufferedBytes;
        },
        write(joined, frames) {
          const message = brings(joined);
          if (message) point('fed');
          socket.write(joined, frames);
          if (message) point('written');
        },
      };
      hub.accept(aimed, options);
    },
  };
}
