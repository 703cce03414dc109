// A process of its own that holds a write transaction on a database until it is killed; it writes nothing into it.
import { Connection } from '../../server/src/store/sqlite.ts';

const connection = new Connection(process.argv[2] ?? '');
connection.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE');
console.log('locked');
// Held on to: what nobody holds is collected, and its lock with it.
setInterval(() => connection.exec('SELECT 1'), 1_000);
