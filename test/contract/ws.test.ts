// docs/api.md, "WebSocket /ws", against the running product with its own sandbox: bare clients, as any script has them.
import { type Account, type Conversation, durableEvents, ephemeralEvents, workspaceTypes } from '@pulseline/protocol';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as answers from '../../server/src/http/docs-shapes.ts';
import { Product } from '../product.ts';
import { until } from '../until.ts';
import { type Api, apiAt, contactNamed, linked, read, write } from './api.ts';
import { type Frame, openWire, type Wire } from './wire.ts';

let product: Product;
let api: Api;
let desk: Account;
let contact: Awaited<ReturnType<typeof contactNamed>>;
let chat: Conversation;
/** Open since the first moment: what a plain client hears in all that time. */
let plain: Wire;
/** Has said hello, so it is asked for its heartbeat. */
let greeted: Wire;

beforeAll(async () => {
  product = await Product.start();
  api = apiAt(product.port);
  [plain, greeted] = await Promise.all([openWire(product.wsUrl), openWire(product.wsUrl)]);
  greeted.send({ type: 'hello', data: { client: 'contract' } });
  desk = await linked(product, 'Desk');
  contact = await contactNamed(product, 'Wang Fang');
  await write(product, contact, desk, 'hello {n}', 5);
  chat = await until('the messages', async () => {
    const [found] = await product.conversations(desk.id);
    return found?.unread === 5 && found;
  });
});
afterAll(() => product.close());

async function head(stream: string): Promise<{ readonly epoch: string; readonly seq: number }> {
  return (await product.heads())[stream] ?? { epoch: '', seq: 0 };
}

const seqs = (wire: Wire, stream: string) =>
  wire.frames.flatMap((frame) => (frame.stream === stream ? [frame.seq ?? 0] : []));

/** Waits until everything that was sent before has come. */
async function settled(wire: Wire): Promise<void> {
  const data = `settled ${wire.frames.length}`;
  wire.send({ type: 'test', data });
  await wire.frame('test_echo', (frame) => String(frame.data) === data);
}

describe('the guide’s five', () => {
  it('connected {message, …} is the first frame, with heads', async () => {
    const wire = await openWire(product.wsUrl);
    expect(wire.frames[0]).toMatchObject({
      type: 'connected',
      data: { message: expect.any(String), connectionId: expect.any(String), resumed: false, replayed: 0 },
    });
    expect(wire.frames[0]?.data['heads']).toEqual(await product.heads());
    wire.close();
  });

  it('qr_update {account, qr, expiresAt}', async () => {
    expect((await plain.frame('qr_update')).data).toEqual({
      account: desk.id,
      qr: expect.any(String),
      expiresAt: expect.any(Number),
    });
  });

  it('whatsapp_status {account, status, state, reason?}: status from the states, state the library’s raw one', () => {
    const told = plain.of('whatsapp_status').map(({ data }) => [data['account'], data['status'], data['state']]);
    expect(told).toContainEqual([desk.id, 'READY', 'open']);
    for (const [, , state] of told) expect(['connecting', 'open', 'close']).toContain(state);
  });

  it('new_message = Message, in either direction', async () => {
    const { message: mine } = read(
      answers.sent,
      await api('POST', '/api/messages', { body: { commandId: 'ours', conversation: chat.id, text: 'ours' } }),
    );
    expect((await plain.frame('new_message', ({ data }) => data['id'] === mine.id)).data).toEqual({ ...mine });
    const theirs = plain.of('new_message').filter(({ data }) => data['fromMe'] === false);
    expect(theirs.map(({ data }) => data['body'])).toEqual([1, 2, 3, 4, 5].map((n) => `hello ${n}`));
    expect(theirs[0]?.data).toMatchObject({
      from: contact.pn,
      to: desk.me?.id,
      account: desk.id,
      conversation: chat.id,
    });
  });

  it('message_status {account, messageId, status, conversation}: messageId = Message.id', async () => {
    const { data } = await plain.frame('message_status', (frame) => frame.data['status'] === 'delivered');
    const [mine] = plain.of('new_message').filter((frame) => frame.data['fromMe'] === true);
    expect(data).toMatchObject({ account: desk.id, messageId: mine?.data['id'], conversation: chat.id });
  });

  it('history makes no new_message: one conversation_update per conversation', () => {
    const firsts = plain.of('conversation_update').filter(({ data }) => data['id'] === chat.id);
    expect(firsts.length).toBeGreaterThan(0);
  });
});

describe('durable types bear stream and seq, ephemeral ones neither', () => {
  it('the account’s are on its stream, in order and without a gap; those of the workspace on workspace', async () => {
    await settled(plain);
    const onWorkspace: ReadonlySet<string> = new Set(workspaceTypes);
    for (const { type, stream } of plain.frames.filter(({ seq }) => seq !== undefined))
      expect([type, stream]).toEqual([type, onWorkspace.has(type) ? 'workspace' : desk.stream]);
    for (const stream of ['workspace', desk.stream]) {
      const seen = seqs(plain, stream);
      expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => (seen[0] ?? 0) + i));
      expect(seen.at(-1)).toBe((await head(stream)).seq);
    }
  });

  it('are those that the contract names', () => {
    expect(Object.keys(durableEvents)).toEqual(
      expect.arrayContaining(
        'new_message message_update message_status message_reaction conversation_update conversation_removed contact_update whatsapp_status call account_update account_removed assignment note labels_update workspace_update'.split(
          ' ',
        ),
      ),
    );
    expect(Object.keys(ephemeralEvents)).toEqual(
      expect.arrayContaining(
        'connected qr_update presence typing team_presence sync_progress finding ping skip resync draining error test_echo'.split(
          ' ',
        ),
      ),
    );
    expect([...workspaceTypes]).toEqual(
      'account_update account_removed assignment note labels_update workspace_update'.split(' '),
    );
  });
});

describe('positions', () => {
  const after = async (query: string): Promise<Wire> => {
    const wire = await openWire(`${product.wsUrl}${query}`);
    await settled(wire);
    return wire;
  };

  it('?cursor=<stream>:<epoch>:<seq> resumes: everything after it, once and in order', async () => {
    const { epoch, seq } = await head(desk.stream);
    const wire = await after(`?cursor=${desk.stream}:${epoch}:${seq - 4}`);
    expect(seqs(wire, desk.stream)).toEqual([seq - 3, seq - 2, seq - 1, seq]);
    expect(wire.frames[0]).toMatchObject({ type: 'connected', data: { resumed: true, replayed: 4 } });
    const frames = (from: Wire) =>
      from.frames.filter((frame: Frame) => frame.stream === desk.stream && (frame.seq ?? 0) > seq - 4);
    expect(frames(wire)).toEqual(frames(plain));
    wire.close();
  });

  it('the epoch may be left out, and several are joined by commas', async () => {
    const { epoch, seq } = await head(desk.stream);
    // The workspace goes on meanwhile: an account tells how it is.
    const { seq: last } = await head('workspace');
    for (const cursor of [`${desk.stream}:${seq - 2}`, `workspace:${last - 1},${desk.stream}:${epoch}:${seq - 2}`]) {
      const wire = await after(`?cursor=${encodeURIComponent(cursor)}`);
      expect([cursor, seqs(wire, desk.stream)]).toEqual([cursor, [seq - 1, seq]]);
      const replayed = seqs(wire, 'workspace').filter((of) => of <= last);
      expect(replayed).toEqual(cursor.startsWith('workspace') ? [last] : []);
      wire.close();
    }
  });

  it('next of /api/events is one, and so are heads of a snapshot', async () => {
    const { seq } = await head(desk.stream);
    const page = read(answers.events, await api('GET', `/api/events?after=${desk.stream}:0&limit=${seq - 1}`));
    const wire = await after(`?cursor=${encodeURIComponent(page.next)}`);
    expect(seqs(wire, desk.stream)).toEqual([seq]);
    wire.close();
  });

  it('data.cursor of hello is one', async () => {
    const { epoch, seq } = await head(desk.stream);
    const wire = await openWire(product.wsUrl);
    wire.send({ type: 'hello', data: { cursor: `${desk.stream}:${epoch}:${seq - 2}` } });
    await settled(wire);
    expect(seqs(wire, desk.stream)).toEqual([seq - 1, seq]);
    wire.send({ type: 'pong', data: { cursor: `${desk.stream}:${epoch}:${seq}` } });
    await settled(wire);
    expect(wire.of('error')).toEqual([]);
    wire.close();
  });

  it('the stream * speaks for every stream that is not named; ?streams= chooses', async () => {
    const { seq } = await head(desk.stream);
    const { seq: last } = await head('workspace');
    const wire = await after(`?cursor=${desk.stream}:${seq - 1},*:0`);
    expect(seqs(wire, desk.stream)).toEqual([seq]);
    expect(seqs(wire, 'workspace').at(-1)).toBe(last);
    wire.close();
    const chosen = await after(`?cursor=*:0&streams=${desk.stream}`);
    expect([seqs(chosen, desk.stream).length, seqs(chosen, 'workspace').length]).toEqual([seq, 0]);
    chosen.close();
  });

  it('[G5] another epoch, or a place ahead of the log, is told by resync; what is no position by error', async () => {
    const { seq } = await head(desk.stream);
    for (const [cursor, reason] of [
      [`${desk.stream}:other:1`, 'epoch'],
      [`${desk.stream}:${seq + 1_000}`, 'too_far'],
    ] as const) {
      const wire = await after(`?cursor=${cursor}`);
      expect(wire.of('resync').map(({ data }) => [data['stream'], data['reason'], data['head']])).toEqual([
        [desk.stream, reason, seq],
      ]);
      wire.close();
    }
    const wire = await after('?cursor=nonsense');
    expect(wire.of('error').map(({ data }) => data['code'])).toEqual(['BAD_CURSOR']);
    wire.close();
  });
});

describe('client frames have the same envelope {type, data}', () => {
  it.each([[{ a: [1, null, 'ü 你好'] }], ['text'], [42], [null], [[]], [false]])(
    'test is answered by test_echo with the same data: %j',
    async (data) => {
      const wire = await openWire(product.wsUrl);
      wire.send({ type: 'test', data });
      expect((await wire.frame('test_echo')).data).toEqual(data);
      wire.close();
    },
  );

  it('what is no frame, or none that is known, is told by error with a code, and the connection stays', async () => {
    const wire = await openWire(product.wsUrl);
    for (const bad of ['no JSON', '[]', '{}', '{"type":7}', '{"type":"hello","data":{"streams":"x"}}']) wire.send(bad);
    wire.send({ type: 'nonsense' });
    wire.socket.send(Buffer.from('{"type":"test"}'), { binary: true });
    await until('seven errors', () => wire.of('error').length === 7);
    const codes = wire.of('error').map(({ data }) => data['code']);
    expect(codes).toEqual([...Array.from({ length: 5 }, () => 'BAD_FRAME'), 'UNKNOWN_FRAME', 'BAD_FRAME']);
    await settled(wire);
    wire.close();
  });

  it('hello chooses types; what it leaves out is told by skip', async () => {
    const { seq } = await head(desk.stream);
    const wire = await openWire(`${product.wsUrl}?cursor=${desk.stream}:0&types=new_message`);
    await settled(wire);
    expect(new Set(wire.frames.filter((frame) => frame.seq !== undefined).map(({ type }) => type))).toEqual(
      new Set(['new_message']),
    );
    const covered = [...seqs(wire, desk.stream), ...wire.of('skip').map(({ data }) => Number(data['seq']))];
    expect(Math.max(...covered)).toBeLessThanOrEqual(seq);
    expect(wire.of('skip').length).toBeGreaterThan(0);
    wire.close();
  });

  it('trace {items:[{id, applied, shown}]} adds the last two stages to GET /api/messages/:id/trace', async () => {
    const id = String(plain.of('new_message')[0]?.data['id']);
    plain.send({ type: 'trace', data: { items: [{ id, applied: Date.now(), shown: Date.now() }] } });
    await settled(plain);
    const { stamps } = read(answers.trace, await api('GET', `/api/messages/${id}/trace`));
    expect(Object.keys(stamps).toSorted()).toEqual(
      ['heard', 'normalised', 'committed', 'rung', 'fed', 'written', 'applied', 'shown'].toSorted(),
    );
  });
});

describe('the heartbeat', () => {
  it('who said hello gets ping with heads; a plain client gets WebSocket pings only', async () => {
    const { data } = await greeted.frame('ping');
    expect(data).toMatchObject({ heads: { workspace: { epoch: expect.any(String), seq: expect.any(Number) } } });
    await until('a WebSocket ping', () => plain.pings() > 0, 20_000);
    expect(plain.of('ping')).toEqual([]);
  });
});

describe('the end', () => {
  it('draining, then close 1012; and a client that was away gets what came meanwhile by its cursor', async () => {
    await settled(plain);
    const cursor = Object.entries(await product.heads())
      .map(([stream, { epoch, seq }]) => `${stream}:${epoch}:${seq}`)
      .join(',');
    const before = (await head(desk.stream)).seq;
    expect(await product.stop()).toBe(0);
    expect(plain.frames.at(-1)).toMatchObject({ type: 'draining', data: { retryAfterMs: expect.any(Number) } });
    expect([await plain.closed(), await greeted.closed()]).toEqual([1012, 1012]);
    await product.start();
    await product.inState(desk.id, 'READY');
    const wire = await openWire(`${product.wsUrl}?cursor=${encodeURIComponent(cursor)}`);
    await until('READY again', () => wire.of('whatsapp_status').some(({ data }) => data['status'] === 'READY'));
    const seen = seqs(wire, desk.stream);
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => before + 1 + i));
    wire.close();
  });
});

describe('the diagnosis', () => {
  it('finds nothing in a product that works, and says what it has seen', async () => {
    const { status, json } = await api('GET', '/api/diagnosis');
    expect(status).toBe(200);
    const { report, evidence } = answers.diagnosis.parse(json);
    // A machine on which all tests run may be slow: that is true, and no fault.
    expect(report.findings.filter(({ checkId }) => !/^R28|\.slow-/.test(checkId))).toEqual([]);
    expect(report).toMatchObject({ schema: 1, product: 'pulseline', vantage: 'server' });
    expect(Object.keys(report)).toEqual(
      expect.arrayContaining(['verdict', 'cause', 'rungs', 'findings', 'ticks', 'summary']),
    );
    for (const seen of evidence) expect(['public', 'pseudonym', 'secret']).toContain(seen.class);
    const { text } = await api('GET', '/metrics');
    for (const name of ['pulseline_findings', 'pulseline_stage_seconds']) expect(text).toContain(`# TYPE ${name} `);
    const keys = evidence.map(({ key }) => key);
    expect(keys).toEqual(
      expect.arrayContaining(['accounts', 'accounts.flow', 'store', 'canary', 'hub.clients', 'resources', 'stages']),
    );
    expect(JSON.stringify(evidence)).not.toContain(contact.pn.split('@')[0]);
  });

  it('[G24] lets a test message go the whole way to the connection that asked, and shows it nowhere else', async () => {
    const others = await Promise.all([
      openWire(product.wsUrl),
      openWire(`${product.wsUrl}?streams=_canary,${desk.id}`),
    ]);
    const asking = await openWire(product.wsUrl);
    const before = [
      await product.heads(),
      (await api('GET', '/api/conversations')).json,
      (await api('GET', '/status')).json,
    ];
    const probeId = 'probe_of_the_contract';
    const body = { probeId, connection: asking.frames[0]?.data['connectionId'] };
    const flight = await until('a free second', async () => {
      const { status, json } = await api('POST', '/api/diagnosis/canary', { body });
      return status === 200 && answers.flight.parse(json);
    });
    expect(flight).toMatchObject({ id: probeId, outcome: 'arrived' });
    expect(Object.keys(flight.stages)).toEqual(['heard', 'normalised', 'committed', 'rung', 'fed', 'written']);
    const { data } = await asking.frame('canary');
    expect(data).toMatchObject({ probeId, message: { account: '_canary', body: probeId } });

    await Promise.all([...others, asking].map(settled));
    expect(others.flatMap(({ frames }) => frames).filter((frame) => JSON.stringify(frame).includes('_canary'))).toEqual(
      [],
    );
    expect(asking.frames.filter((frame) => JSON.stringify(frame).includes(probeId))).toHaveLength(1);
    expect(await product.heads()).toEqual(before[0]);
    for (const path of [
      '/status',
      '/api/accounts',
      '/api/conversations',
      `/api/conversations?q=${probeId}`,
      `/api/search?q=${probeId}`,
      '/api/events',
      `/api/accounts/${desk.id}/export?format=jsonl`,
      `/api/conversations/${chat.id}/export?format=txt`,
    ]) {
      const { text } = await api('GET', path);
      expect([path, text.includes(probeId), text.replace(/"next":"[^"]*"/, '').includes('_canary')]).toEqual([
        path,
        false,
        false,
      ]);
    }
    expect((await api('GET', '/api/conversations')).json).toEqual(before[1]);
    // One that asks to go on from there is told that there is no such stream, and gets nothing.
    const { text } = await api('GET', `/api/events?after=${encodeURIComponent('_canary:0,workspace:0')}`);
    expect([text.includes(probeId), text.includes('"stream":"_canary","seq"')]).toEqual([false, false]);
    const nosy = await openWire(`${product.wsUrl}?cursor=_canary:0&streams=_canary,${desk.id}`);
    await settled(nosy);
    expect(nosy.of('new_message').filter(({ stream }) => stream === '_canary')).toEqual([]);
    for (const wire of [...others, asking, nosy]) wire.close();
  });

  it('lets test messages be asked for once a second', async () => {
    const ask = () => api('POST', '/api/diagnosis/canary', { body: { probeId: 'often' } });
    const answered = await Promise.all([ask(), ask(), ask()]);
    expect(answered.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(answered.map(({ code }) => code)).toContain('CANARY_TOO_SOON');
  });

  it('GET /diag/echo-headers tells how a request arrived; GET /ws without an upgrade is counted', async () => {
    const { json } = await api('GET', '/diag/echo-headers', { headers: { via: '1.1 proxy', cookie: 'secret' } });
    expect(json).toMatchObject({ method: 'GET', headers: { via: '1.1 proxy', 'sec-websocket-key': 'absent' } });
    expect(JSON.stringify(json)).not.toContain('secret');
    const { status } = await api('GET', '/ws', { headers: { 'sec-websocket-key': 'x' } });
    expect(status).toBe(426);
    const counted = await until('a fresh answer', async () => {
      const { evidence } = answers.diagnosis.parse((await api('GET', '/api/diagnosis')).json);
      const refused = evidence.find(({ key }) => key === 'doors.refused')?.value;
      return JSON.stringify(refused).includes('"detail":"key"') && refused;
    });
    expect(counted).toMatchObject([{ code: 'UPGRADE_REQUIRED', detail: 'key' }]);
  });
});

describe('the bundle for support', () => {
  it('gives a bundle for support: what was seen, the log and the part of the page, and nobody’s number, name or words', async () => {
    const words = 'words that nobody else may read';
    await product.call('POST', `/api/sandbox/contacts/${contact.id}/messages`, { account: desk.id, text: words });
    await until('the message', async () => (await product.allMessages(desk.id)).some(({ body }) => body === words));
    const page = {
      console: [{ at: 1, level: 'log', text: `收到 WebSocket 消息: ${words}` }],
      errors: [{ at: 1, source: 'script', name: 'TypeError', text: words, stack: [words] }],
      testWs: { page: `http://localhost:3000/test-ws?${contact.pn}`, frames: { new_message: 1, [words]: 2 } },
      picture: `<svg><text>${words}</text></svg>`,
    };
    const answer = await fetch(`${product.url}/api/diagnosis/bundle`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(page),
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip']);
    const files = Object.entries(unzipSync(new Uint8Array(await answer.arrayBuffer())));
    const all = files.map(([name, bytes]) => `${name}\n${strFromU8(bytes)}`).join('\n');
    for (const name of ['manifest.json', 'findings.json', 'evidence.json', 'server.log', 'console.json', 'errors.json'])
      expect(files.map(([file]) => file)).toContain(name);
    expect(all).toContain('Fastify server started on port');
    expect(all).toContain('收到 WebSocket 消息:');
    for (const secret of [words, contact.pn, contact.pn.split('@')[0], desk.id, 'Wang Fang'])
      expect(all).not.toContain(secret);
    const failed = files.flatMap(([name, bytes]) => (name === 'task-result.json' ? strFromU8(bytes) : []));
    expect(failed.join('')).not.toContain('false');
  });
});
