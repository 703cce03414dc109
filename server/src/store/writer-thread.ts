// The inside of the writer thread: opens the database, serves its opener and the ports it brings, closes when asked. It alone holds the writing connection.
import type { MessagePort } from 'node:worker_threads';
import { languages, shape } from '@pulseline/protocol';
import type { CommandMap, Commit, Handlers } from './port.ts';
import { failure } from './sqlite.ts';
import { SqliteWrite } from './sqlite-write.ts';
import { vaultKeys } from './vault.ts';
import { WriterLoop } from './writer-loop.ts';
import { Desk, type News, type Order, servePort } from './writer-port.ts';

const { object, oneOf, string, integer, optional } = shape;

/** What the writer thread is started with. */
export const writerData = object({
  file: string(4_096, 1),
  maxPages: optional(integer(1)),
  queueLimit: optional(integer(1)),
  idleMs: optional(integer()),
  keys: vaultKeys,
  /** Of the texts that decisions write. */
  language: optional(oneOf(languages)),
});
export type WriterData = shape.Of<typeof writerData>;

/**
 * Runs until the opener says `close`: then everything queued is answered, the database closed, and the thread ends by
 * itself. `onCommit` hears of each commit before anybody outside the thread does.
 */
export function serveWriter<C extends CommandMap>(
  opener: MessagePort,
  given: unknown,
  handlers: Handlers<C>,
  onCommit?: (commit: Commit) => void,
): void {
  const say = (news: News): void => opener.postMessage(news);
  let loop: WriterLoop<C>;
  let resealed: number;
  const desk = new Desk((told) => say({ news: 'told', told }));
  try {
    const { file, language: _, ...options } = writerData.parse(given);
    const database = new SqliteWrite(file, options);
    ({ resealed } = database);
    loop = new WriterLoop<C>(database, {
      ...options,
      handlers,
      onCommit: (commit) => {
        onCommit?.(commit);
        desk.tell(commit);
      },
      onFault: (fault) => say({ news: 'fault', fault }),
    });
  } catch (error) {
    const { code, params } = failure(error);
    say({ news: 'failed', code, params });
    opener.close();
    return;
  }
  const ports = new Set<MessagePort>();
  opener.on('message', (order: Order) => {
    switch (order.order) {
      case 'ask':
        desk.take(order.asked, (request, answer) => loop.submit(request, answer));
        return;
      case 'connect':
        ports.add(order.port);
        order.port.on('close', () => ports.delete(order.port));
        servePort(loop, order.port);
        return;
      case 'close':
        void loop.close().finally(() => {
          // In a later turn: the last answers leave in a microtask.
          setImmediate(() => {
            for (const port of ports) port.close();
            opener.close();
          });
        });
        return;
      default:
        order satisfies never;
    }
  });
  say({ news: 'ready', resealed });
}
