// Owns the data folder that it is given until it is killed, for the test of the lock.
import { lockDataDir } from '../lock.ts';

lockDataDir(process.argv[2] ?? '');
console.log('owned');
setInterval(() => {}, 60_000);
