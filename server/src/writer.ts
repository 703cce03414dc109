// The writer thread: the store's one writing connection with the inbox's decisions inside its transactions. It talks to no network.
import { parentPort, workerData } from 'node:worker_threads';
import { handlersIn } from './inbox/handlers.ts';
import { authorIn, killPoint } from './kill-point.ts';
import { serveWriter, writerData } from './store/writer-thread.ts';

if (parentPort === null) throw new Error('writer.ts runs in a thread that main.ts starts');
const { language } = writerData.parse(workerData);
serveWriter(parentPort, workerData, handlersIn(language ?? 'zh'), (commit) => {
  const author = killPoint && authorIn(commit);
  if (author !== undefined) killPoint?.(author === 'contact' ? 'committed' : 'commanded');
});
