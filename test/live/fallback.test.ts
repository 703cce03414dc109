// Where no WebSocket gets through: the client goes on by the event stream, by itself, with the same promises, and comes back to a WebSocket when there is one.
import { createLiveClient, createTeam, type SocketConstructor } from '@pulseline/client';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { buildApi } from '../../server/src/http/app.ts';
import { listen } from '../../server/src/http/listen.ts';
import { createHub } from '../../server/src/live/hub.ts';
import { aWorld, fakeParts } from '../../server/test/fake-parts.ts';
import { openFaultProxy } from '../fault-proxy/proxy.ts';
import { until } from '../until.ts';
import { atEnd, closeAll, fastClock, note, range } from './loopback.ts';
import { createMemoryLog } from './memory-log.ts';

afterEach(closeAll);

/** The real doors and hub behind a proxy; `times` makes the client's clock faster. */
async function behindProxy(times = 1) {
  const log = createMemoryLog();
  const hub = createHub({ queries: log, log: { info() {}, warn() {} }, language: 'en' });
  await hub.open();
  let port = 0;
  const parts = fakeParts(aWorld(), { live: hub, ports: () => ({ api: port, web: port }) });
  const api = buildApi(parts);
  const target = { host: '127.0.0.1', port: await listen(api, ['127.0.0.1'], 0, 'PORT') };
  const proxy = await openFaultProxy({ target });
  port = proxy.port;
  atEnd(async () => {
    await hub.close();
    await proxy.close();
    await api.close();
  });
  const { now, timer } = fastClock(times);
  const environment = { now, timer, random: () => 0.01 };
  const Socket: SocketConstructor = WebSocket;
  const client = createLiveClient(`ws://127.0.0.1:${proxy.port}/ws`, { WebSocket: Socket, environment });
  atEnd(() => client.stop());
  const seqs: number[] = [];
  client.onEvent(({ seq }) => seqs.push(seq));
  const write = (count: number) => {
    for (let n = 0; n < count; n++) hub.publish(log.append('acc_1', 'note', note(n)));
  };
  return { hub, proxy, client, seqs, write };
}

describe('a client behind a proxy that knows no WebSocket', () => {
  it('[G19] falls back to the event stream by itself, says so, and gets every event once and in order', async () => {
    const { hub, proxy, client, seqs, write } = await behindProxy();
    proxy.set({ up: { stripUpgrade: true } });
    client.start({});
    await until('it is live', () => client.snapshot().phase === 'live');
    expect(client.snapshot().way).toBe('event-stream');
    write(10);
    await until('the events', () => seqs.length === 10);
    for (let round = 1; round <= 3; round++) {
      const { reconnects } = client.snapshot().counters;
      proxy.cut('rst');
      write(10);
      await until(
        'it is back',
        () => client.snapshot().counters.reconnects > reconnects && seqs.length >= 10 + round * 10,
      );
    }
    expect(seqs).toEqual(range(1, 40));
    expect(client.snapshot().counters).toMatchObject({ duplicates: 0, gaps: 0 });
    await until('it is live again', () => client.snapshot().phase === 'live');
    expect(client.snapshot().way).toBe('event-stream');
    expect(hub.sessions().length).toBe(1);
  });

  it('speaks to the server by POST: echoes, the heartbeat, the team', async () => {
    const { hub, proxy, client } = await behindProxy();
    proxy.set({ up: { stripUpgrade: true } });
    const team = createTeam(client, { person: 'p', name: 'Anna' });
    client.start({});
    await until('the round trip is measured', () => client.snapshot().latency !== undefined);
    await until('she is here', () => team.people().length === 1);
    const echoes: unknown[] = [];
    client.on('test_echo', ({ data }) => void echoes.push(data));
    expect(client.send('test', { n: 1 })).toBe(true);
    await until('the echo', () => echoes.length === 1);
    expect(hub.stats().badFrames).toBe(0);
  });

  it('looks for a WebSocket from time to time, and goes over to it without a gap', async () => {
    const { proxy, client, seqs, write } = await behindProxy(100);
    proxy.set({ up: { stripUpgrade: true } });
    client.start({});
    await until('it is live', () => client.snapshot().phase === 'live');
    proxy.clear();
    let written = 0;
    await until('it has a WebSocket', () => {
      write(1);
      written += 1;
      return client.snapshot().way === 'websocket' && client.snapshot().phase === 'live';
    });
    await until('all came', () => seqs.length === written);
    expect(seqs).toEqual(range(1, written));
  });

  it('goes down with the server and comes back with it', async () => {
    const { hub, proxy, client } = await behindProxy();
    proxy.set({ up: { stripUpgrade: true } });
    client.start({});
    await until('it is live', () => client.snapshot().phase === 'live');
    await hub.drain(100);
    await until('it knows why', () => client.snapshot().failure?.code === 1012);
  });
});
