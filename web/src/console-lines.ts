// The lines of the diagnosis guide in the browser's console, word for word and the same in every language; it only listens.
import type { LiveObservation } from '@pulseline/client';
import type { Language } from '@pulseline/protocol';
import { envelope } from './frames.ts';

export const CONNECTING_LINE = '🔌 尝试连接 WebSocket:';
export const CONNECTED_LINE = '✅ WebSocket 已连接成功！';
export const RECEIVED_LINE = '收到 WebSocket 消息:';
export const NEW_MESSAGE_LINE = '收到新消息，刷新会话列表:';
export const FAILED_LINE = 'WebSocket connection failed';

type Sink = Pick<Console, 'log' | 'debug' | 'error'>;

/**
 * Writes an observation down. Pings come every 15 s and would bury what the reader is looking for: they go out in the
 * same words at the console's level "Verbose", which browsers hide at first; every other frame is shown.
 */
export function writeLine(observation: LiveObservation, language: Language, sink: Sink): void {
  switch (observation.type) {
    case 'connecting':
      return sink.log(CONNECTING_LINE, withoutQuery(observation.url));
    case 'open':
      return sink.log(CONNECTED_LINE);
    case 'frame': {
      const frame = envelope(observation.text);
      const write = frame['type'] === 'ping' ? sink.debug : sink.log;
      write.call(sink, RECEIVED_LINE, 'type' in frame ? frame : observation.text);
      if (frame['type'] === 'new_message') sink.log(NEW_MESSAGE_LINE, frame['data']);
      return undefined;
    }
    case 'failed': {
      const { title, fix, code } = observation.failure;
      return sink.error(
        `${FAILED_LINE} (${withoutQuery(observation.url)}, ${code}): ${title[language]} → ${fix[language]}`,
      );
    }
    case 'gap':
      return sink.debug(`gap in ${observation.stream}: expected ${observation.expected}, got ${observation.got}`);
    default:
      return undefined;
  }
}

/** The guide's line ends with the bare address; the position that the client resumes from stands in the query. */
function withoutQuery(url: string): string {
  return url.split('?')[0] ?? url;
}
