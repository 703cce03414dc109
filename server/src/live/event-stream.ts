// Makes a LiveSocket of one server-sent stream, for who cannot have a WebSocket: the same frames, each with its position as id. What the client says comes by `say`.
import type { ServerResponse } from 'node:http';
import { formatPositions, type Position, parseServerFrame } from '@pulseline/protocol';
import type { LiveFrame, LiveSocket, LiveSocketEvents } from './port.ts';
import { payloadOf } from './socket.ts';

export interface EventStream extends LiveSocket {
  /** A frame of the client, as text. */
  say(text: string): void;
}

/** Ms that EventSource waits before it comes back. */
const RETRY_MS = 1_000;

/**
 * `after`: where the client wants to begin, for the ids of the first frames. `named` is told the connection's id. The kernel's
 * taking of bytes counts as their being read: there is no answer to a ping on this way.
 */
export function adoptResponse(
  response: ServerResponse,
  after: readonly Position[],
  named: (connectionId: string) => void,
): EventStream {
  const places = new Map<string, Omit<Position, 'stream'>>();
  let events: LiveSocketEvents | undefined;
  let closing: { readonly code: number } | undefined;

  /** Frames that move the position without being events of the log. */
  function note(text: string): void {
    const result = parseServerFrame(text);
    if (!result.ok) return;
    const { type, data } = result.frame;
    if (type === 'connected') {
      for (const [stream, { epoch, seq }] of Object.entries(data.heads)) {
        const asked = after.find((position) => position.stream === stream || position.stream === '*');
        const behind = asked !== undefined && asked.seq <= seq && (asked.epoch ?? epoch) === epoch;
        places.set(stream, { epoch, seq: behind ? asked.seq : seq });
      }
      named(data.connectionId);
    } else if (type === 'skip') {
      places.set(data.stream, { ...places.get(data.stream), seq: data.seq });
    } else if (type === 'resync') {
      if (data.epoch === '') places.delete(data.stream);
      else places.set(data.stream, { epoch: data.epoch, seq: data.head });
    }
  }

  function blockOf({ type, stream, seq, epoch, bytes }: LiveFrame): string {
    const text = Buffer.from(payloadOf(bytes)).toString();
    if (stream !== undefined && seq !== undefined) places.set(stream, epoch === undefined ? { seq } : { epoch, seq });
    else if (type === 'connected' || type === 'skip' || type === 'resync') note(text);
    else return `data: ${text}\n\n`;
    const id = formatPositions([...places].map(([name, place]) => ({ stream: name, ...place })));
    return `id: ${id}\ndata: ${text}\n\n`;
  }

  response.write(`retry: ${RETRY_MS}\n\n`);
  return {
    write(_, frames) {
      if (closing === undefined && !response.destroyed) response.write(frames.map(blockOf).join(''));
    },
    ping(id) {
      if (closing !== undefined || response.destroyed) return;
      // A comment: proxies see that something moves.
      response.write(`: ${id}\n\n`, (error) => {
        if (!error) events?.pong(id);
      });
    },
    close(code) {
      closing ??= { code };
      response.end(`event: close\ndata: {"code":${code}}\n\n`);
    },
    terminate: () => void response.destroy(),
    get bufferedBytes() {
      return response.writableLength;
    },
    listen(listener) {
      events = listener;
      response.on('drain', () => listener.drain());
      response.on('close', () => listener.closed(closing?.code ?? 1006, ''));
      response.on('error', () => undefined);
    },
    say: (text) => events?.message(text),
  };
}
