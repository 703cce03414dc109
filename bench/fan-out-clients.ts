// The clients of `bench fan-out`, in a process of their own: `<port> <count> [path]`, the path for those that speak engine.io. A number on stdin is answered by `done` on stdout when all clients together got so many messages.
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

const [port = 0, count = 0] = process.argv.slice(2, 4).map(Number);
const path = process.argv[4];
/** With engine.io: its greeting and the answer to ours. */
const GREETINGS = path === undefined ? 0 : 2;
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
function reader(socket: Socket, greeted: () => void): (chunk: Buffer) => void {
  let greetings = GREETINGS;
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
      // The one frame of a single character is engine.io's ping.
      const isTextPing = length === 1;
      if ((isPing || isTextPing) && data.length < head + length) break;
      if (isPing) socket.write(masked(0x8a, data.subarray(head, head + length)));
      else if (isTextPing) socket.write(masked(0x81, Buffer.from('3')));
      else if (greetings > 0) {
        greetings -= 1;
        if (greetings === 0) greeted();
      } else got();
      data = data.subarray(head);
      passOver = length;
    }
    rest = data;
  };
}

/** The server believes that a client reads because it answers pings. The mask of a client's frame may be all zero. */
function masked(kind: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([kind, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

/** More at once would overflow the listener's queue. */
const AT_ONCE = 200;
let begun = 0;

function begin(): void {
  begun += 1;
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `GET ${path ?? '/ws'} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const greeted = (): void => {
    open += 1;
    if (open === count) console.log('open');
    else if (begun < count) begin();
  };
  const read = reader(socket, greeted);
  let answer: Buffer | undefined = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    if (answer === undefined) return read(chunk);
    answer = Buffer.concat([answer, chunk]);
    const end = answer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const frames = answer.subarray(end + 4);
    answer = undefined;
    if (GREETINGS === 0) greeted();
    else socket.write(masked(0x81, Buffer.from('40')));
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
