// Owns the data folder that it is given until it is killed, for the test of the lock.
import { lockDataDir } from '../lock.ts';

lockDataDir(process.argv[2] ?? '');
// Nobody here holds on to the lock: it must hold all the same.
await new Promise((next) => setImmediate(next));
globalThis.gc?.();
console.log('owned');
setInterval(() => {}, 60_000);
