// Each fault of the proxy, seen by a real client and a real server on loopback.
import { spawn } from 'node:child_process';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { parseOrder } from './orders.ts';
import { type FaultProxy, openFaultProxy, type ProxyOptions } from './proxy.ts';

interface End {
  readonly socket: Socket;
  readonly chunks: Buffer[];
  ended: boolean;
  closed: boolean;
  error: string | undefined;
  text(): string;
  bytes(): number;
}

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function watch(socket: Socket): End {
  const end: End = {
    socket,
    chunks: [],
    ended: false,
    closed: false,
    error: undefined,
    text: () => Buffer.concat(end.chunks).toString(),
    bytes: () => end.chunks.reduce((sum, { length }) => sum + length, 0),
  };
  socket.on('data', (bytes: Buffer) => end.chunks.push(bytes));
  socket.on('end', () => {
    end.ended = true;
  });
  socket.on('close', () => {
    end.closed = true;
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end.error = error.code;
  });
  return end;
}

/** A server that only listens, and the ends of what connected to it. */
async function target(onEnd: (end: End) => void = () => {}) {
  const ends: End[] = [];
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const end = watch(socket);
    ends.push(end);
    onEnd(end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    for (const { socket } of ends) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return { host: '127.0.0.1', port: address.port, ends };
}

function dial(proxy: FaultProxy): End {
  const socket = connect({ host: proxy.host, port: proxy.port, allowHalfOpen: true, noDelay: true });
  open.push(() => {
    socket.destroy();
  });
  return watch(socket);
}

/** A client and the server's end of its connection, after a word each way. */
async function pair(options: Omit<ProxyOptions, 'target'> = {}) {
  const server = await target();
  const proxy = await openFaultProxy({ target: server, ...options });
  open.push(() => proxy.close());
  const client = dial(proxy);
  client.socket.write('hello');
  const remote = await until('the server is reached', () => server.ends[0]);
  await until('the word up', () => remote.text() === 'hello');
  remote.socket.write('welcome');
  await until('the word down', () => client.text() === 'welcome');
  client.chunks.length = 0;
  remote.chunks.length = 0;
  return { proxy, client, remote, server };
}

/** A round trip after which nothing that was let through can still be on its way. */
async function roundTrip(proxy: FaultProxy, server: { readonly ends: readonly End[] }) {
  const before = server.ends.length;
  const probe = dial(proxy);
  probe.socket.write('probe');
  const remote = await until('the probe is heard', () => server.ends[before]);
  await until('the probe is whole', () => remote.text() === 'probe');
  probe.socket.destroy();
}

const big = (bytes: number) => Buffer.alloc(bytes, 'abcdefghijklmnop');

describe('the fault proxy', () => {
  it('passes bytes and endings both ways unchanged, and counts them', async () => {
    const { proxy, client, remote } = await pair();
    const block = big(3_000_000);
    client.socket.end(block);
    await until('all bytes', () => remote.ended);
    expect(Buffer.concat(remote.chunks).equals(block)).toBe(true);
    expect(client.ended).toBe(false);
    remote.socket.end('and back');
    await until('the connection is gone', () => proxy.counters().open === 0 && client.closed);
    expect(client.text()).toBe('and back');
    expect(proxy.counters()).toMatchObject({ accepted: 1, refused: 0, cut: 0 });
    expect(proxy.counters().up).toMatchObject({ received: 3_000_005, forwarded: 3_000_005, swallowed: 0, buffered: 0 });
    expect(proxy.counters().down).toMatchObject({ received: 15, forwarded: 15 });
  });

  it('delays one direction and not the other, and a lifted delay holds nothing back', async () => {
    const { proxy, client, remote } = await pair({ faults: { down: { delayMs: 80 } } });
    const began = performance.now();
    remote.socket.write('late');
    client.socket.write('soon');
    await until('the way up', () => remote.text() === 'soon');
    await until('the way down', () => client.text() === 'late');
    expect(performance.now() - began).toBeGreaterThanOrEqual(79);
    proxy.set({ down: { delayMs: 3_600_000 } });
    remote.socket.write(' again');
    await until('it waits in the proxy', () => proxy.counters().down.buffered === 6);
    proxy.set({ down: { delayMs: 0 } });
    await until('it is let go', () => client.text() === 'late again');
  });

  it('stalls an open connection: bytes and endings wait, the sender feels it, and nothing is lost afterwards', async () => {
    const { proxy, client, remote, server } = await pair({ bufferBytes: 64 * 1024 });
    proxy.set({ up: { stalled: true } });
    const block = big(20_000_000);
    client.socket.write(block);
    client.socket.end('the end');
    await until('the bound is reached', () => proxy.counters().up.buffered >= 64 * 1024);
    // The kernel's buffers take some megabytes; the rest stays with the sender.
    expect(client.socket.writableLength).toBeGreaterThan(0);
    expect(proxy.counters().up.buffered).toBeLessThan(64 * 1024 + 65_537);
    remote.socket.write('the other way is open');
    await until('the way down', () => client.text() !== '');
    expect(remote.bytes()).toBe(0);
    proxy.set({ up: { stalled: false } });
    await until('everything after all', () => remote.ended);
    expect(remote.bytes()).toBe(20_000_007);
    expect(remote.text().endsWith('the end')).toBe(true);
    await roundTrip(proxy, server);
  });

  it('stalls both ways: neither end learns that the other has gone, until the stall is lifted', async () => {
    const { proxy, client, remote } = await pair();
    proxy.set({ both: { stalled: true } });
    client.socket.resetAndDestroy();
    await until('the client is gone', () => client.closed);
    expect(remote.closed).toBe(false);
    proxy.set({ both: { stalled: false } });
    await until('the server learns it', () => remote.closed);
    expect(remote.error).toBe('ECONNRESET');
  });

  it('swallows in a black hole, and never shows a stream with a hole when it is lifted', async () => {
    const { proxy, client, remote, server } = await pair();
    proxy.set({ up: { blackhole: true } });
    client.socket.write('lost');
    await until('it is swallowed', () => proxy.counters().up.swallowed === 4);
    remote.socket.write('down still works');
    await until('the way down', () => client.text() === 'down still works');
    proxy.clear();
    client.socket.write('never told');
    await until('swallowed too', () => proxy.counters().up.swallowed === 14);
    await roundTrip(proxy, server);
    expect(remote.bytes()).toBe(0);
    expect(remote.ended).toBe(false);
  });

  it('accepts a new connection into a black hole without dialling the target', async () => {
    const server = await target();
    const proxy = await openFaultProxy({ target: server, faults: { both: { blackhole: true } } });
    open.push(() => proxy.close());
    const client = dial(proxy);
    client.socket.write('is anybody there?');
    await until('it is swallowed', () => proxy.counters().up.swallowed === 17);
    expect(server.ends.length).toBe(0);
    expect(client.closed).toBe(false);
    expect(proxy.counters().open).toBe(1);
  });

  it('limits the bandwidth evenly', async () => {
    const { proxy, client, remote } = await pair();
    proxy.set({ down: { bytesPerSecond: 100_000 } });
    const began = performance.now();
    remote.socket.write(big(20_000));
    await until('all of it', () => client.bytes() === 20_000);
    // The first hundredth of a second's bytes leave at once; the rest at 100 bytes a millisecond.
    expect(performance.now() - began).toBeGreaterThan(180);
    expect(proxy.counters().down.writes).toBeGreaterThanOrEqual(20);
  });

  it('hands out one byte at a time, in order', async () => {
    const { proxy, client, remote } = await pair();
    proxy.set({ up: { fragmentBytes: 1 } });
    const before = proxy.counters().up.writes;
    const block = big(2_000);
    client.socket.write(block);
    await until('all of it', () => remote.bytes() === 2_000);
    expect(Buffer.concat(remote.chunks).equals(block)).toBe(true);
    expect(proxy.counters().up.writes - before).toBe(2_000);
    expect(remote.chunks.length).toBeGreaterThan(20);
  });

  it('resets: both ends see ECONNRESET, and a new connection is welcome', async () => {
    const { proxy, client, remote, server } = await pair();
    expect(proxy.cut('rst')).toBe(1);
    await until('both ends know', () => client.closed && remote.closed);
    expect([client.error, remote.error]).toEqual(['ECONNRESET', 'ECONNRESET']);
    await roundTrip(proxy, server);
    expect(proxy.counters().cut).toBe(1);
  });

  it('ends: both ends see an orderly end', async () => {
    const { proxy, client, remote } = await pair();
    proxy.cut('fin');
    await until('both ends know', () => client.ended && remote.ended);
    expect([client.error, remote.error]).toEqual([undefined, undefined]);
  });

  it('goes silent: both ends stay open and hear nothing more', async () => {
    const { proxy, client, remote, server } = await pair();
    proxy.cut('silent');
    client.socket.end('up');
    remote.socket.end('down');
    await until(
      'both are swallowed',
      () => proxy.counters().up.swallowed === 2 && proxy.counters().down.swallowed === 4,
    );
    await roundTrip(proxy, server);
    expect([client.ended, remote.ended, client.bytes(), remote.bytes()]).toEqual([false, false, 0, 0]);
  });

  it.each(['up', 'down'] as const)('half-closes %s while the other direction goes on', async (direction) => {
    const { proxy, client, remote } = await pair();
    const [receiver, sender] = direction === 'up' ? [remote, client] : [client, remote];
    expect(proxy.halfClose(direction)).toBe(1);
    await until('the receiver sees the end', () => receiver.ended);
    receiver.socket.write('still here');
    await until('the other direction', () => sender.text() === 'still here');
    sender.socket.write('into the void');
    await until('it is swallowed', () => proxy.counters()[direction].swallowed === 13);
    expect([receiver.bytes(), sender.ended]).toEqual([0, false]);
  });

  it('cuts what is idle and spares what is not', async () => {
    const { proxy, client, remote, server } = await pair();
    const busy = dial(proxy);
    const beat = setInterval(() => busy.socket.write('.'), 20);
    open.push(() => clearInterval(beat));
    await until('the busy one is heard', () => (server.ends[1]?.bytes() ?? 0) > 2);
    proxy.set({ idleMs: 400 });
    await until('the idle one is cut', () => client.closed && remote.closed);
    expect(client.error).toBe('ECONNRESET');
    expect(busy.closed).toBe(false);
  });

  it('refuses, and resets when the target cannot be reached', async () => {
    const { proxy, client } = await pair();
    proxy.set({ refuse: true });
    const refused = dial(proxy);
    await until('it is refused', () => refused.closed);
    expect(client.closed).toBe(false);
    const gone = await target();
    for (const close of open.splice(-2)) await close();
    proxy.set({ refuse: false });
    proxy.retarget(gone);
    const lost = dial(proxy);
    await until('it is reset', () => lost.closed);
    expect(proxy.counters()).toMatchObject({ refused: 1, unreachable: 1 });
  });

  it('holds no more connections than its bound', async () => {
    const { proxy, client } = await pair({ maxConnections: 1 });
    const second = dial(proxy);
    await until('it is refused', () => second.closed);
    expect([client.closed, proxy.counters().open]).toEqual([false, 1]);
  });

  it('passes a reset on', async () => {
    const { client, remote } = await pair();
    client.socket.resetAndDestroy();
    await until('the server sees it', () => remote.closed);
    expect(remote.error).toBe('ECONNRESET');
  });
});

describe('an order', () => {
  it.each([
    ['up delay 200', { do: 'set', change: { up: { delayMs: 200 } } }],
    ['both stall', { do: 'set', change: { both: { stalled: true } } }],
    ['down stall off', { do: 'set', change: { down: { stalled: false } } }],
    ['down blackhole', { do: 'set', change: { down: { blackhole: true } } }],
    ['both rate 1250', { do: 'set', change: { both: { bytesPerSecond: 1250 } } }],
    ['up fragment 1', { do: 'set', change: { up: { fragmentBytes: 1 } } }],
    ['refuse', { do: 'set', change: { refuse: true } }],
    ['idle 5000 silent', { do: 'set', change: { idleMs: 5000, idleCut: 'silent' } }],
    ['idle 0', { do: 'set', change: { idleMs: 0 } }],
    ['cut rst', { do: 'cut', how: 'rst' }],
    ['half-close up', { do: 'half-close', direction: 'up' }],
    ['  clear ', { do: 'clear' }],
    ['counters', { do: 'counters' }],
  ])('reads "%s"', (line, order) => {
    expect(parseOrder(line)).toEqual(order);
  });

  it.each([
    '',
    'up',
    'up delay',
    'up delay -1',
    'up delay 1 2',
    'sideways stall',
    'cut',
    'cut hard',
    'half-close both',
    'idle soon',
    'clear all',
    'up explode 3',
  ])('refuses "%s"', (line) => {
    expect(parseOrder(line)).toBeUndefined();
  });
});

describe('the fault proxy as a tool', () => {
  it('says its port, takes orders on stdin and answers each', async () => {
    const server = await target(({ socket }) => socket.pipe(socket));
    const run = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url));
    const args = [run, 'test/fault-proxy/command.ts', '--target', `127.0.0.1:${server.port}`, '--do', 'up delay 5'];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    open.push(() => {
      child.kill('SIGKILL');
    });
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    const first = await until('its port', () => lines[0]);
    expect(JSON.parse(first)).toMatchObject({ host: '127.0.0.1' });
    const port = Number(/"port":(\d+)/.exec(first)?.[1]);
    const client = watch(connect({ host: '127.0.0.1', port }));
    client.socket.write('echo');
    await until('the echo', () => client.text() === 'echo');
    child.stdin.write('counters\ncut rst\nnonsense\n');
    await until('three answers', () => lines.find((line) => line.startsWith('? nonsense')));
    expect(lines[1]).toContain('"delayMs":5');
    expect(lines[2]).toContain('"forwarded":4');
    expect(lines[3]).toBe('1 cut');
    await until('the cut is felt', () => client.error === 'ECONNRESET');
    child.kill('SIGTERM');
    await until('it is gone', () => child.exitCode !== null || child.signalCode !== null);
  });
});
