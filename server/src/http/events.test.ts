// The log over HTTP: pages after a position, and the stream that goes on live.
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { anEvent, aWorld, fakeParts, PORT, type World } from '../../test/fake-parts.ts';
import { createHub } from '../live/hub.ts';
import type { Hub } from '../live/port.ts';
import { buildApi } from './app.ts';
import { listen } from './listen.ts';
import type { Api } from './parts.ts';

let world: World;
let app: Api;
const host = `localhost:${PORT}`;

beforeEach(() => {
  world = aWorld();
  world.heads = { acc_a: { epoch: 'e1', seq: 5 }, workspace: { epoch: 'e2', seq: 2 } };
  world.events = [
    anEvent('acc_a', 1, 10),
    anEvent('acc_a', 2, 30),
    // The clock went back: the order of the stream stays.
    anEvent('acc_a', 3, 5),
    anEvent('acc_a', 4, 50),
    anEvent('acc_a', 5, 60),
    anEvent('workspace', 1, 20),
    anEvent('workspace', 2, 55),
  ];
  app = buildApi(fakeParts(world));
});
afterEach(() => app.close());

async function read(query: string) {
  const answer = await app.inject({ url: `/api/events${query}`, headers: { host } });
  const body = answer.json();
  const items: { stream?: string; seq?: number; type: string; data: unknown }[] = body.items ?? [];
  return { ...body, places: items.map(({ stream, seq, type }) => (stream ? `${stream}:${seq}` : type)), items };
}

describe('GET /api/events', () => {
  it('gives frames as /ws does, after a position of one stream and of no other', async () => {
    const { items, next, more } = await read('?after=acc_a:e1:3');
    expect(items).toEqual([
      { type: 'new_message', data: { n: 4 }, timestamp: 50, stream: 'acc_a', seq: 4 },
      { type: 'new_message', data: { n: 5 }, timestamp: 60, stream: 'acc_a', seq: 5 },
    ]);
    expect([next, more]).toEqual(['acc_a:e1:5', false]);
  });
  it('merges streams by time and keeps the order of each', async () => {
    const { places } = await read('?after=acc_a:0,workspace:e2:0');
    expect(places).toEqual(['acc_a:1', 'workspace:1', 'acc_a:2', 'acc_a:3', 'acc_a:4', 'workspace:2', 'acc_a:5']);
  });
  it('begins with the oldest of everything if no position is given', async () => {
    expect((await read('')).places.length).toBe(7);
  });
  it('follows accounts that came later for who follows the workspace', async () => {
    expect((await read('?after=workspace:2')).places).toEqual(['acc_a:1', 'acc_a:2', 'acc_a:3', 'acc_a:4', 'acc_a:5']);
  });
  it('pages without a gap or a double', async () => {
    const seen: string[] = [];
    let after = '';
    for (let page = 0; page < 10; page++) {
      const { places, next, more } = await read(`?limit=3&after=${encodeURIComponent(after)}`);
      seen.push(...places);
      after = next;
      if (!more) break;
    }
    expect(seen).toEqual(['acc_a:1', 'workspace:1', 'acc_a:2', 'acc_a:3', 'acc_a:4', 'workspace:2', 'acc_a:5']);
    expect((await read(`?after=${encodeURIComponent(after)}`)).items).toEqual([]);
  });
  it.each([
    ['another epoch', '?after=acc_a:e0:3', 'epoch', 5],
    ['a place ahead of the log', '?after=acc_a:e1:9', 'epoch', 5],
    ['a stream that is gone', '?after=acc_z:3', 'expired', 0],
  ])('says resync for %s and goes on at the head', async (_what, query, reason, head) => {
    const { items, next } = await read(query);
    expect(items).toMatchObject([{ type: 'resync', data: { reason, head } }]);
    expect(next).toBe(head === 0 ? '' : 'acc_a:e1:5');
  });
  it('says resync for a place that was cut off the log', async () => {
    world.firstSeq = 4;
    expect((await read('?after=acc_a:e1:1')).items).toMatchObject([
      { type: 'resync', data: { reason: 'expired', head: 5 } },
    ]);
    expect((await read('?after=acc_a:e1:3')).places).toEqual(['acc_a:4', 'acc_a:5']);
  });
  it.each(['nonsense', 'acc_a:', 'acc_a:e:1:2', 'acc_a:-1'])('refuses the position "%s"', async (after) => {
    expect((await read(`?after=${after}`)).code).toBe('BAD_CURSOR');
  });
});

describe('the event stream', () => {
  let hub: Hub;
  beforeEach(async () => {
    const { queries } = fakeParts(world).store;
    hub = createHub({ queries, log: { info() {}, warn() {} }, language: 'en' });
    await hub.open();
    app = buildApi(fakeParts(world, { live: hub }));
  });
  afterEach(() => hub.close());

  async function follow(lines: readonly string[]) {
    const port = await listen(app, ['127.0.0.1'], 0, 'PORT');
    const socket = connect(port, '127.0.0.1');
    const state = { text: '', closed: false };
    socket.on('data', (bytes) => {
      state.text += bytes;
    });
    socket.on('close', () => {
      state.closed = true;
    });
    socket.write([...lines, `Host: ${host}`, 'Accept: text/event-stream', '', ''].join('\r\n'));
    /** Of events of the log; other frames may bear a position too. */
    const ids = () => [...state.text.matchAll(/^id: (.*)\ndata: {"type":"new_message"/gm)].map(([, id]) => id);
    return { socket, state, ids };
  }
  const commit = (seq: number): void => {
    const event = anEvent('acc_a', seq, 100 + seq);
    world.events.push(event);
    world.heads = { ...world.heads, acc_a: { epoch: 'e1', seq } };
    hub.publish({ events: [event], at: event.at });
  };

  it('gives what was missed, then what comes, each with its position as id', async () => {
    const { ids, state, socket } = await follow(['GET /api/events?after=acc_a:e1:4 HTTP/1.1']);
    await vi.waitFor(() => expect(ids()).toEqual(['acc_a:e1:5']));
    expect(state.text).toContain('content-type: text/event-stream');
    expect(state.text).toContain('data: {"type":"new_message","data":{"n":5}');
    commit(6);
    commit(7);
    await vi.waitFor(() => expect(ids()).toEqual(['acc_a:e1:5', 'acc_a:e1:6', 'acc_a:e1:7']));
    socket.destroy();
    await vi.waitFor(() => expect(hub.clients).toBe(0));
  });
  it('goes on after Last-Event-ID, which is newer than the address', async () => {
    const { ids, socket } = await follow(['GET /api/events?after=acc_a:e1:1 HTTP/1.1', 'Last-Event-ID: acc_a:e1:4']);
    await vi.waitFor(() => expect(ids()).toEqual(['acc_a:e1:5']));
    socket.destroy();
  });
  it('begins at the head if nothing is said', async () => {
    const { ids, socket } = await follow(['GET /api/events HTTP/1.1']);
    await vi.waitFor(() => expect(hub.clients).toBe(1));
    commit(6);
    await vi.waitFor(() => expect(ids()).toEqual(['acc_a:e1:6,workspace:e2:2']));
    socket.destroy();
  });
  it('follows accounts that came later for who follows the workspace, from their beginning', async () => {
    const { ids, socket } = await follow(['GET /api/events?after=workspace:e2:2 HTTP/1.1']);
    await vi.waitFor(() => expect(ids().length).toBe(5));
    expect(ids().at(-1)?.split(',').sort()).toEqual(['acc_a:e1:5', 'workspace:e2:2']);
    socket.destroy();
  });
  it('says resync for what cannot be resumed, and refuses a position that cannot be read', async () => {
    const { state, socket } = await follow(['GET /api/events?after=acc_a:e0:3 HTTP/1.1']);
    await vi.waitFor(() => expect(state.text).toContain('"type":"resync","data":{"stream":"acc_a","reason":"epoch"'));
    socket.destroy();
    expect((await read('?after=nonsense')).code).toBe('BAD_CURSOR');
  });
  it('hears its client by POST, and knows no other connection', async () => {
    const { state, socket } = await follow(['GET /api/events HTTP/1.1']);
    await vi.waitFor(() => expect(state.text).toContain('"type":"connected"'));
    const [, id] = /"connectionId":"(\w+)"/.exec(state.text) ?? [];
    const say = (to: string) =>
      app.inject({
        method: 'POST',
        url: `/api/events/${to}`,
        headers: { host, 'content-type': 'application/json' },
        payload: { type: 'test', data: { n: 1 } },
      });
    expect((await say(id ?? '')).statusCode).toBe(204);
    await vi.waitFor(() => expect(state.text).toContain('"type":"test_echo","data":{"n":1}'));
    expect((await say('c_other')).statusCode).toBe(404);
    socket.destroy();
  });
  it('ends with the close code when the server does', async () => {
    const { state } = await follow(['GET /api/events HTTP/1.1']);
    await vi.waitFor(() => expect(state.text).toContain('"type":"connected"'));
    await app.close();
    await vi.waitFor(() => expect(state.closed).toBe(true));
    expect(state.text).toContain('event: close\ndata: {"code":1012}');
  });
});
