// The hub over real sockets on loopback: what plain clients get, in which order, how they are resumed, and what a bad one meets.
import { connect as connectTcp } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { atEnd, closeAll, fastClock, note, plain, range, serve } from './loopback.ts';

afterEach(closeAll);

describe('a plain client', () => {
  it('is greeted, then gets everything that comes, in the order it was published', async () => {
    const { hub, log, url, write } = await serve();
    write(1);
    const client = plain(url);
    await client.until(() => client.frames.length === 1);
    expect(client.frames[0]).toMatchObject({
      type: 'connected',
      data: {
        message: 'WebSocket connected; live updates are on',
        version: 1,
        heads: { acc_1: { epoch: 'e1', seq: 1 } },
        resumed: false,
        replayed: 0,
      },
    });
    write(1);
    hub.tell('qr_update', { account: 'acc_1', qr: 'x', expiresAt: 1 });
    hub.publish(log.append('acc_2', 'note', note(7)));
    await client.until(() => client.frames.length === 4);
    expect(client.frames.slice(1).map(({ type, stream, seq }) => [type, stream, seq])).toEqual([
      ['note', 'acc_1', 2],
      ['qr_update', undefined, undefined],
      ['note', 'acc_2', 1],
    ]);
    expect(client.frames[3]?.data).toEqual(note(7));
    expect(hub.sessions()).toMatchObject([{ phase: 'live', remote: 'loopback', bufferedBytes: 0 }]);
  });

  it('[G1] gets the events of one turn as one write, each as a text message of its own', async () => {
    const { url, write } = await serve();
    const { hostname, port } = new URL(url);
    const chunks: Buffer[] = [];
    const socket = connectTcp(Number(port), hostname);
    atEnd(() => socket.destroy());
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.write(
      'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await until('connected', () => Buffer.concat(chunks).includes('"connected"'));
    chunks.length = 0;
    write(3);
    await until('three events', () => Buffer.concat(chunks).includes('"seq":3'));
    expect(chunks.length).toBe(1);
    const [first] = chunks;
    expect(first?.[0]).toBe(0x81);
    expect(first?.filter((byte) => byte === 0x81).length).toBe(3);
  });

  it.each([100, 125, 126, 200, 65_400, 65_536, 70_000])(
    'gets an event of about %i bytes as it was written',
    async (bytes) => {
      const { url, hub, log } = await serve();
      const client = plain(url);
      await client.until(() => client.frames.length === 1);
      const data = { ...note(1, bytes), author: '收到 ✅ é' };
      hub.publish(log.append('acc_1', 'note', data));
      await client.until(() => client.frames.length === 2);
      expect(client.frames[1]?.data).toEqual(data);
    },
  );

  it('gets whole messages too where an extension is in use and frames cannot be ready-made', async () => {
    const { url, write } = await serve({ deflate: true });
    const client = plain(url);
    await client.until(() => client.frames.length === 1);
    expect(client.ws.extensions).toContain('permessage-deflate');
    write(50, 300);
    await client.until(() => client.seqs().length === 50);
    expect(client.seqs()).toEqual(range(1, 50));
  });

  it('that comes while a QR code is shown gets the code, until it is forgotten', async () => {
    const { hub, url } = await serve();
    hub.tell('qr_update', { account: 'acc_1', qr: 'first', expiresAt: 1 }, { keep: 'qr acc_1' });
    hub.tell('qr_update', { account: 'acc_1', qr: 'second', expiresAt: 2 }, { keep: 'qr acc_1' });
    const client = plain(url);
    await client.until(() => client.frames.length >= 2);
    expect(client.of('qr_update').at(-1)?.data).toMatchObject({ qr: 'second' });
    hub.forget('qr acc_1');
    const later = plain(url);
    await later.until(() => later.frames.length === 1);
    later.ws.send('{"type":"test","data":{}}');
    await later.until(() => later.of('test_echo').length === 1);
    expect(later.of('qr_update')).toEqual([]);
  });
});

describe('resuming', () => {
  it.each([
    ['the ring', 1_000],
    ['the log', 5],
  ])(
    '[G4] a client that was away gets each event once, in order, from %s, while new ones come',
    async (_, ringEvents) => {
      const { url, write, hub } = await serve({ limits: { ringEvents, pageEvents: 20 } });
      write(300);
      const client = plain(`${url}?cursor=acc_1:100`);
      for (const _round of range(1, 10)) {
        write(10);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await client.until(() => client.seqs().length >= 300);
      expect(client.seqs()).toEqual(range(101, 400));
      expect(client.frames[0]).toMatchObject({ type: 'connected', data: { resumed: true } });
      expect(hub.stats().logReads > 0).toBe(ringEvents === 5);
    },
  );

  it('[G4] goes on after a restart of the server, with nothing in memory', async () => {
    const loopback = await serve();
    loopback.write(50);
    await loopback.restart();
    const client = plain(`${loopback.url}?cursor=acc_1:e1:10`);
    await client.until(() => client.seqs().length === 40);
    expect(client.seqs()).toEqual(range(11, 50));
    expect(client.frames[0]?.data).toMatchObject({ resumed: true, replayed: 40 });
  });

  it('waits for events that a snapshot knew before the hub did', async () => {
    const { url, log } = await serve();
    for (const n of range(1, 5)) log.append('acc_1', 'note', note(n));
    const client = plain(`${url}?cursor=acc_1:e1:5,acc_9:e9:1`);
    await client.until(() => client.frames.length >= 2);
    expect(client.frames[0]?.data).toMatchObject({ heads: { acc_1: { seq: 5 } } });
    expect(client.of('resync').map(({ data }) => data)).toEqual([
      { stream: 'acc_9', reason: 'expired', head: 0, epoch: '' },
    ]);
  });

  it('[G5] is put off with 1013 while the log cannot say whether the cursor is right', async () => {
    const { url, log } = await serve();
    log.append('acc_1', 'note', note(1));
    log.broken = true;
    const early = plain(`${url}?cursor=acc_1:e1:1`);
    await early.until(() => early.closed !== undefined);
    expect([early.closed, early.frames]).toEqual([1013, []]);
    log.broken = false;
    const later = plain(`${url}?cursor=acc_1:e1:1`);
    await later.until(() => later.frames.length === 1);
    expect(later.frames[0]?.data).toMatchObject({ resumed: true });
  });

  it('[G5] is refused by resync, never by silence, and goes on live', async () => {
    const { url, write, log } = await serve({ limits: { ringEvents: 1, replayLimit: 100 } });
    write(20);
    write(200, 0, 'acc_2');
    write(20, 0, 'acc_3');
    write(20, 0, 'acc_4');
    log.cut('acc_3', 10);
    const client = plain(`${url}?cursor=acc_1:other:5,acc_2:3,acc_3:4,acc_4:99`);
    await client.until(() => client.of('resync').length === 4);
    const told = client.of('resync').map(({ data }) => data);
    expect(told).toContainEqual({ stream: 'acc_1', reason: 'epoch', head: 20, epoch: 'e1' });
    expect(told).toContainEqual({ stream: 'acc_2', reason: 'too_far', head: 200, epoch: 'e1' });
    expect(told).toContainEqual({ stream: 'acc_3', reason: 'expired', head: 20, epoch: 'e1' });
    expect(told).toContainEqual({ stream: 'acc_4', reason: 'too_far', head: 20, epoch: 'e1' });
    for (const stream of ['acc_1', 'acc_2', 'acc_3', 'acc_4']) write(1, 0, stream);
    await client.until(() => client.of('note').length === 4);
    expect(client.of('note').map(({ stream, seq }) => [stream, seq])).toEqual([
      ['acc_1', 21],
      ['acc_2', 201],
      ['acc_3', 21],
      ['acc_4', 21],
    ]);
  });

  it('[G5] with a cursor that cannot be read is answered by an error, and goes on from now', async () => {
    const { url, write } = await serve();
    write(3);
    const client = plain(`${url}?cursor=nonsense`);
    await client.until(() => client.frames.length === 2);
    expect(client.frames[1]).toMatchObject({ type: 'error', data: { code: 'BAD_CURSOR' } });
    write(1);
    await client.until(() => client.frames.length === 3);
    expect(client.seqs()).toEqual([4]);
  });

  it('by hello sends again all that comes after its cursor', async () => {
    const { url, write } = await serve();
    write(10);
    const client = plain(url);
    await client.until(() => client.frames.length === 1);
    client.ws.send('{"type":"hello","data":{"cursor":"acc_1:e1:4"}}');
    await client.until(() => client.seqs().length === 6);
    expect(client.seqs()).toEqual(range(5, 10));
  });

  it('goes on when the log could not be read for a while', async () => {
    const { url, write, log } = await serve({ limits: { ringEvents: 1, tickMs: 20 }, clock: fastClock(20) });
    write(10);
    log.broken = true;
    const client = plain(`${url}?cursor=acc_1:2`);
    const { reads } = log;
    await client.until(() => client.frames.length === 1);
    await until('a read that failed', () => log.reads > reads);
    log.broken = false;
    await client.until(() => client.seqs().length === 8);
    expect(client.seqs()).toEqual(range(3, 10));
  });

  it('[G13] finds in the log what nobody rang for', async () => {
    const { url, log, hub, warnings } = await serve({ clock: fastClock(20) });
    const client = plain(url);
    await client.until(() => client.frames.length === 1);
    log.append('acc_1', 'note', note(1));
    log.append('acc_1', 'note', note(2));
    await client.until(() => client.seqs().length === 2);
    expect(client.seqs()).toEqual([1, 2]);
    expect(hub.stats().healed).toBe(2);
    expect(warnings).toEqual(['events were committed that nobody rang for; reading them from the log']);
  });

  it('[G13] finds what lies between when commits come out of order, or twice', async () => {
    const { url, log, hub } = await serve();
    const client = plain(url);
    await client.until(() => client.frames.length === 1);
    const commits = range(1, 5).map((n) => log.append('acc_1', 'note', note(n)));
    for (const index of [0, 0, 3, 1, 4, 2, 2]) {
      const commit = commits[index];
      if (commit !== undefined) hub.publish(commit);
    }
    await client.until(() => client.seqs().length === 5);
    expect(client.seqs()).toEqual(range(1, 5));
  });
});

describe('choosing', () => {
  it('[G10] of types is told by one skip for all that was left out, before the next event and with the heartbeat', async () => {
    const { url, hub, log } = await serve({ clock: fastClock(100), limits: { tickMs: 1_000 } });
    const client = plain(`${url}?types=note`);
    await client.until(() => client.frames.length === 1);
    const assignment = { conversation: 'c', assignee: 'a' };
    for (const _ of range(1, 3)) hub.publish(log.append('workspace', 'assignment', assignment));
    hub.publish(log.append('workspace', 'note', note(1)));
    hub.tell('typing', { account: 'acc_1', conversation: 'c', author: 'a', state: 'composing' });
    hub.publish(log.append('workspace', 'assignment', assignment));
    await client.until(() => client.of('skip').length === 2);
    expect(client.frames.slice(1).map(({ type, data, seq }) => [type, seq ?? data['seq']])).toEqual([
      ['skip', 3],
      ['note', 4],
      ['skip', 5],
    ]);
  });

  it('of streams leaves the others out, and their frames of the moment too', async () => {
    const { url, write, hub } = await serve();
    const client = plain(`${url}?streams=acc_2`);
    await client.until(() => client.frames.length === 1);
    write(3);
    hub.tell('qr_update', { account: 'acc_1', qr: 'x', expiresAt: 1 }, { stream: 'acc_1' });
    write(2, 0, 'acc_2');
    await client.until(() => client.seqs('acc_2').length === 2);
    expect(client.frames.length).toBe(3);
  });
});

describe('what a client says', () => {
  it('test is answered by test_echo with the same data', async () => {
    const { url } = await serve();
    const client = plain(url);
    await client.until(() => client.frames.length === 1);
    client.ws.send('{"type":"test","data":{"你好":[1,{"a":null}]}}');
    await client.until(() => client.frames.length === 2);
    expect(client.frames[1]).toMatchObject({ type: 'test_echo', data: { 你好: [1, { a: null }] } });
  });

  it('hello asks for pings with heads; the pong is shown as its acknowledged position', async () => {
    const { url, write, hub } = await serve({ clock: fastClock(100) });
    write(3);
    const client = plain(url);
    await client.until(() => client.frames.length === 1);
    client.ws.send('{"type":"hello","data":{"client":"test 1.0"}}');
    await client.until(() => client.of('ping').length === 1);
    expect(client.of('ping')[0]?.data).toEqual({ heads: { acc_1: { epoch: 'e1', seq: 3 } } });
    client.ws.send('{"type":"pong","data":{"cursor":"acc_1:e1:2"}}');
    await until('the acknowledgement', () => hub.sessions()[0]?.acked === 'acc_1:e1:2');
    expect(hub.sessions()[0]).toMatchObject({ client: 'test 1.0', cursor: 'acc_1:e1:3' });
  });

  it('[G11] that cannot be understood gets a coded error, ten in a row close 4500, and nobody else notices', async () => {
    const { url, write, hub } = await serve();
    const other = plain(url);
    const client = plain(url);
    await Promise.all([client, other].map((one) => one.until(() => one.frames.length === 1)));
    const deep = `{"type":"test","data":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
    const bad = ['hi', '[]', '{"data":1}', '{"type":"test","data":{"__proto__":{"x":1}}}', deep, Buffer.from('{}')];
    for (const text of bad) client.ws.send(text);
    client.ws.send('{"type":"dance"}');
    await client.until(() => client.of('error').length === 7);
    expect(client.of('error').map(({ data }) => data['code'])).toEqual([
      ...bad.map(() => 'BAD_FRAME'),
      'UNKNOWN_FRAME',
    ]);
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
    for (const _ of range(1, 4)) client.ws.send('hi');
    await client.until(() => client.closed !== undefined);
    expect(client.closed).toBe(4500);
    write(1);
    await other.until(() => other.seqs().length === 1);
    expect(hub.stats()).toMatchObject({ badFrames: 10, closedByCode: { 4500: 1 } });
  });

  it('[G11] too fast closes 4029, and a frame over 64 KiB 1009', async () => {
    const { url } = await serve();
    const fast = plain(url);
    const big = plain(url);
    await Promise.all([fast, big].map((one) => one.until(() => one.frames.length === 1)));
    for (const _ of range(1, 60)) fast.ws.send('{"type":"test"}');
    big.ws.send(`{"type":"test","data":"${'x'.repeat(65_536)}"}`);
    await Promise.all([fast, big].map((one) => one.until(() => one.closed !== undefined)));
    expect([fast.closed, big.closed]).toEqual([4029, 1009]);
    // What is allowed at once, and at most what has been earned since.
    expect(fast.of('test_echo').length).toBeGreaterThanOrEqual(40);
    expect(fast.of('test_echo').length).toBeLessThan(60);
  });

  it('of when it applied and showed a message joins the stamps of the other stages', async () => {
    const { url, hub, log } = await serve();
    const client = plain(url);
    await client.until(() => client.frames.length === 1);
    const commit = log.append('acc_1', 'new_message', { id: 'm_1' });
    const stamps = { id: 'm_1', heard: 1, normalised: 2 };
    hub.publish({ at: 3, events: commit.events.map((event) => ({ ...event, stamps })) });
    await client.until(() => client.frames.length === 2);
    client.ws.send(
      '{"type":"trace","data":{"items":[{"id":"m_1","applied":8,"shown":9},{"id":"nobody","applied":1}]}}',
    );
    await until('the stamps', () => hub.trace('m_1')?.shown !== undefined);
    const { heard, normalised, committed, rung = 0, fed = 0, written = 0, applied, shown } = hub.trace('m_1') ?? {};
    expect([heard, normalised, committed, applied, shown]).toEqual([1, 2, 3, 8, 9]);
    expect(rung <= fed && fed <= written).toBe(true);
    expect(hub.trace('nobody')).toBeUndefined();
  });
});

describe('going down', () => {
  it('[G15] says draining, lets what was written go out, and closes 1012', async () => {
    const { hub, url, write } = await serve();
    const client = plain(url);
    await client.until(() => client.frames.length === 1);
    write(100, 1_000);
    await hub.drain(2_000);
    expect(client.seqs()).toEqual(range(1, 100));
    expect(client.of('draining').length).toBe(1);
    expect(client.closed).toBe(1012);
    const late = plain(url);
    await late.until(() => late.closed !== undefined);
    expect(late.closed).toBe(1013);
  });
});
