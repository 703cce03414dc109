// The dashboards of `bench replay`, in a process of their own: `<url> <count> <messages>`. It says `open`, and at the end the delays of all frames as one JSON line; each message bears the time of its call.
import { WebSocket } from 'ws';

const [url = '', count = '0', messages = '0'] = process.argv.slice(2);
const wanted = Number(count) * Number(messages);
const delays: number[] = [];
let open = 0;

for (let n = 0; n < Number(count); n++) {
  const ws = new WebSocket(url);
  ws.once('message', () => {
    open += 1;
    if (open === Number(count)) console.log('open');
    ws.on('message', (data: Buffer) => {
      const now = performance.timeOrigin + performance.now();
      const [, at] = /"type":"new_message".*"body":"at ([\d.]+)"/.exec(data.toString('latin1')) ?? [];
      if (at === undefined) return;
      delays.push(Number((now - Number(at)).toFixed(3)));
      if (delays.length === wanted) console.log(JSON.stringify(delays));
    });
  });
}
process.stdin.on('end', () => process.exit(0)).resume();
