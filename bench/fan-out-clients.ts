// The clients of `bench fan-out`, in a process of their own: `<port> <count>`. A number on stdin is answered by `done` on stdout when all clients together got so many messages.
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

const [port = 0, count = 0] = process.argv.slice(2).map(Number);
let messages = 0;
let wanted = Number.POSITIVE_INFINITY;
let open = 0;

function got(): void {
  messages += 1;
  if (messages < wanted) return;
  wanted = Number.POSITIVE_INFINITY;
  console.log('done');
}

/** Reads frame heads and passes over what is in them: a whole WebSocket client would cost more than the server that is measured. */
function reader(socket: Socket): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let passOver = 0;
  return (chunk) => {
    let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const passed = Math.min(passOver, data.length);
      passOver -= passed;
      data = data.subarray(passed);
      const marker = data[1] ?? 0;
      const head = marker < 126 ? 2 : marker === 126 ? 4 : 10;
      if (data.length < head || passOver > 0) break;
      const length = marker < 126 ? marker : marker === 126 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
      const isPing = data[0] === 0x89;
      if (isPing && data.length < head + length) break;
      if (isPing) pong(socket, data.subarray(head, head + length));
      else got();
      data = data.subarray(head);
      passOver = length;
    }
    rest = data;
  };
}

/** The server believes that a client reads because it answers pings. The mask of a client's frame may be all zero. */
function pong(socket: Socket, payload: Buffer): void {
  socket.write(Buffer.concat([Buffer.from([0x8a, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
}

/** More at once would overflow the listener's queue. */
const AT_ONCE = 200;
let begun = 0;

function begin(): void {
  begun += 1;
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const read = reader(socket);
  let answer: Buffer | undefined = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    if (answer === undefined) return read(chunk);
    answer = Buffer.concat([answer, chunk]);
    const end = answer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const frames = answer.subarray(end + 4);
    answer = undefined;
    open += 1;
    if (open === count) console.log('open');
    else if (begun < count) begin();
    read(frames);
  });
  socket.on('error', (error) => {
    console.error(error.message);
    process.exit(1);
  });
}

for (let n = 0; n < Math.min(AT_ONCE, count); n++) begin();

const orders = createInterface({ input: process.stdin });
orders.on('line', (line) => {
  messages = 0;
  wanted = Number(line);
  console.log('counting');
});
orders.on('close', () => process.exit(0));
