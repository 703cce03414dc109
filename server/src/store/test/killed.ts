// The victim of the kill test: commits without end, prints each acknowledged seq, and waits to be killed. It runs bundled. Arguments: folder, in-process | thread.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { spawnFile } from '../../threads.ts';
import { openStoreInProcess } from '../open.ts';
import { DATABASE, openStore } from '../open-thread.ts';
import type { Store } from '../port.ts';
import { openlyKnown } from '../vault.ts';
import { type Toy, toyHandlers } from './toy.ts';

const [dir = '', kind = ''] = process.argv.slice(2);
const store: Store<Toy> =
  kind === 'thread'
    ? await openStore<Toy>({
        dir,
        keys: () => openlyKnown,
        spawn: (workerData) => spawnFile(new URL('./toy-writer.js', import.meta.url), { workerData }),
      })
    : await openStoreInProcess<Toy>({ file: join(dir, DATABASE), handlers: toyHandlers });

const run = `${process.pid}`;
await Promise.all(
  Array.from({ length: 16 }, async (_, writer) => {
    for (let i = 0; ; i++) {
      const account = `a${writer % 2}`;
      const name = `${run}.${writer}.${i}`;
      const n = 1 + (i % 3);
      const seqs = await store.writer.run('receive', { account, conversation: `c${writer % 4}`, name, n });
      // Synchronous: an answer that the parent has read was given before the kill.
      writeSync(1, `${account}:${seqs.at(-1)}\n`);
    }
  }),
);
