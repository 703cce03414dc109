// The fault proxy as a tool: `node scripts/run.mjs test/fault-proxy/command.ts --target host:port [--listen 0] [--do "<order>"]…`; orders come on stdin, answers go to stdout.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type Order, parseOrder, usage } from './orders.ts';
import { type FaultProxy, openFaultProxy } from './proxy.ts';

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    listen: { type: 'string', default: '0' },
    do: { type: 'string', multiple: true, default: [] },
  },
});
const [, host, port] = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(values.target ?? '') ?? [];
if (host === undefined || !/^\d{1,5}$/.test(values.listen)) {
  console.error(`usage: --target host:port [--listen 0] [--do "<order>"]…\n${usage}`);
  process.exit(2);
}

const proxy = await openFaultProxy({ target: { host, port: Number(port) }, listen: Number(values.listen) });
console.log(JSON.stringify({ host: proxy.host, port: proxy.port }));
for (const line of values.do) answer(line);

const lines = createInterface({ input: process.stdin });
lines.on('line', answer);
// The end of the input ends nothing: a proxy started in the background has none.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    lines.close();
    void proxy.close();
  });
}

function answer(line: string): void {
  if (line.trim() === '') return;
  const order = parseOrder(line);
  console.log(order === undefined ? `? ${line}\n${usage}` : carryOut(proxy, order));
}

function carryOut(on: FaultProxy, order: Order): string {
  switch (order.do) {
    case 'set':
      on.set(order.change);
      return JSON.stringify(on.faults);
    case 'clear':
      on.clear();
      return JSON.stringify(on.faults);
    case 'cut':
      return `${on.cut(order.how)} cut`;
    case 'half-close':
      return `${on.halfClose(order.direction)} half-closed`;
    case 'counters':
      return JSON.stringify(on.counters());
  }
}
