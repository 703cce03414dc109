// A client in a process of its own, for tests that stop it, after a seq if one is given: says the seq of each event that it applied, in order and once, and 0 when it is live.
import { createLiveClient } from '@pulseline/client';
import { WebSocket } from 'ws';

const client = createLiveClient(process.argv[2] ?? '', { WebSocket, environment: { random: () => 0.1 } });
let last = Number(process.argv[3] ?? 0);
client.onEvent(({ seq }) => {
  if (seq !== last + 1) throw new Error(`${seq} after ${last}`);
  last = seq;
  console.log(seq);
});
let told = false;
client.subscribe(() => {
  if (told || client.snapshot().phase !== 'live') return;
  told = true;
  console.log(0);
});
client.start(last === 0 ? {} : { acc_1: { epoch: 'e1', seq: last } });
