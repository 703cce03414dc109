// Clients that read slowly, not at all, or are gone: what it costs the server, what it costs others, and how they come back.
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { closeAll, fastClock, plain, range, serve } from './loopback.ts';

afterEach(closeAll);

describe('a slow client', () => {
  it('[G8] costs bounded memory, delays nobody, and gets every event in order when it reads again', async () => {
    const { hub, url, write } = await serve({ limits: { ringEvents: 2_000 } });
    const slow = plain(url);
    const other = plain(url);
    await Promise.all([slow, other].map((one) => one.until(() => one.frames.length === 1)));
    slow.ws.pause();
    let most = 0;
    for (const round of range(1, 40)) {
      write(500, 1_000);
      hub.tell('typing', { account: 'acc_1', conversation: 'c', author: 'a', state: 'composing' });
      await other.until(() => other.frames.length >= 1 + round * 501);
      most = Math.max(most, ...hub.sessions().map(({ bufferedBytes }) => bufferedBytes));
    }
    expect(most).toBeLessThanOrEqual(1024 * 1024);
    expect(hub.sessions().map(({ phase }) => phase)).toEqual(['behind', 'live']);
    expect(hub.stats().ephemeralDropped).toBeGreaterThan(0);
    expect(other.of('typing').length).toBe(40);
    slow.ws.resume();
    await slow.until(() => slow.frames.at(-1)?.seq === 20_000);
    expect(slow.seqs()).toEqual(range(1, 20_000));
    await until('live again', () => hub.sessions().every(({ phase }) => phase === 'live'));
    expect(hub.stats()).toMatchObject({ slow: 1, resyncs: 0 });
  });

  it('[G8] that makes no progress for 30 s is closed with 4008', async () => {
    const { hub, url, write } = await serve({ clock: fastClock(50) });
    const stuck = plain(url);
    await stuck.until(() => stuck.frames.length === 1);
    stuck.ws.pause();
    const before = performance.now();
    write(8_000, 1_000);
    await until('it is gone', () => hub.clients === 0);
    expect(hub.stats().closedByCode).toEqual({ 4008: 1 });
    expect((performance.now() - before) * 50).toBeGreaterThan(29_000);
  });
});

describe('a dead client', () => {
  it('[G9] that no longer answers pings is gone within 30 s', async () => {
    const times = 20;
    const { hub, url } = await serve({ clock: fastClock(times) });
    const dead = plain(url, { autoPong: false });
    const alive = plain(url);
    await Promise.all([dead, alive].map((one) => one.until(() => one.frames.length === 1)));
    const before = performance.now();
    await until('it is gone', () => hub.clients === 1);
    // First ping after at most 15 s; the same again would be the next one.
    expect((performance.now() - before) * times).toBeLessThan(30_000);
    expect(hub.stats().closedByCode).toEqual({ 4012: 1 });
    expect(alive.closed).toBeUndefined();
  });

  it('[G9] that said hello and answers no ping frame is closed too, though its machine answers', async () => {
    const { hub, url } = await serve({ clock: fastClock(100) });
    const frozen = plain(url);
    await frozen.until(() => frozen.frames.length === 1);
    frozen.ws.send('{"type":"hello","data":{}}');
    await frozen.until(() => frozen.closed !== undefined);
    expect(hub.stats().closedByCode).toEqual({ 4012: 1 });
  });
});
