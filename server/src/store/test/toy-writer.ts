// The writer thread with toy commands, for the store's own tests.
import { parentPort, workerData } from 'node:worker_threads';
import { serveWriter } from '../writer-thread.ts';
import { toyHandlers } from './toy.ts';

if (parentPort === null) throw new Error('toy-writer.ts runs in a thread');
serveWriter(parentPort, workerData, toyHandlers);
