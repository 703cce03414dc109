// Ten thousand hostile frames: random bytes at the door, then stanzas of every shape from a linked device; nobody else notices. The seed is fixed, so that a failure comes again.
import { Curve, makeNoiseHandler, NOISE_WA_HEADER, proto } from 'baileys';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { encodeNode } from '../src/encode.ts';
import { INTRO } from '../src/frames.ts';
import type { Emulator } from '../src/index.ts';
import { type Bare, connect, eventually, opened, silent, synced, texts } from './bare.ts';
import { sendRaw } from './raw.ts';
import { closing, emulator, paired } from './setup.ts';

const SEED = 7;
/** Each of these goes out three times, under other ids. */
const STANZAS = 3_000;
const TIMES = 3;
const BROKEN = 800;
const AT_THE_DOOR = 200;

const TAGS = [
  'iq',
  'message',
  'receipt',
  'ack',
  'presence',
  'chatstate',
  'call',
  'ib',
  'notification',
  'stream:error',
  'x',
];
const SPACES = [
  'encrypt',
  'usync',
  'passive',
  'privacy',
  'blocklist',
  'w:m',
  'w:profile:picture',
  'w:sync:app:state',
  'w:mex',
  'w:g2',
  'newsletter',
  'status',
  'disappearing_mode',
  'abt',
  'w:p',
  'tos',
];
const CHILDREN = [
  'enc',
  'participants',
  'to',
  'key',
  'user',
  'list',
  'item',
  'query',
  'usync',
  'create',
  'participant',
  'sync',
  'collection',
  'patch',
  'picture',
  'retry',
  'registration',
  'keys',
  'skey',
  'rmr',
  'privacy',
  'category',
  'active',
  'add',
  'remove',
  'subject',
  'invite',
  'reaction',
  'plaintext',
  'offer',
  'reject',
  'leave',
  'group',
  'status',
];

function words(server: Emulator): fc.Arbitrary<string> {
  const { pn, lid } = server.phone({ name: 'Desk' });
  const other = server.contact({ name: 'Other' });
  return fc.oneof(
    fc.constantFrom(
      pn,
      lid,
      other.pn,
      other.lid,
      pn.replace('@', ':1@'),
      '120363000000000001@g.us',
      'status@broadcast',
      '1@newsletter',
      '@s.whatsapp.net',
      'set',
      'get',
      'result',
      'subscribe',
      'retry',
      'read',
      'server-error',
      'pkmsg',
      'msg',
      'skmsg',
      'regular_low',
      '0',
      '1',
      '99999999999',
      '-1',
      'true',
      'peer',
      'block',
      'all',
    ),
    fc.string({ maxLength: 30 }),
  );
}

function stanzas(server: Emulator) {
  const word = words(server);
  const attrs = fc.dictionary(
    fc.constantFrom(
      'id',
      'to',
      'from',
      'type',
      'participant',
      'recipient',
      'jid',
      'name',
      'version',
      'count',
      'code',
      'category',
      'class',
      'server_id',
      'v',
      'action',
      'target',
      'subject',
      'call-id',
      'query_id',
      'edit',
    ),
    word,
    { maxKeys: 6 },
  );
  const bytes = fc.uint8Array({ maxLength: 80 }).map((each) => Buffer.from(each));
  const leaf = fc.record({ tag: fc.constantFrom(...CHILDREN), attrs, content: fc.oneof(bytes, word) });
  const branch = fc.record({ tag: fc.constantFrom(...CHILDREN), attrs, content: fc.array(leaf, { maxLength: 3 }) });
  const content = fc.array(fc.oneof(leaf, branch), { maxLength: 3 });
  return fc
    .tuple(fc.constantFrom(...TAGS), attrs, fc.constantFrom(...SPACES), content)
    .map(([tag, more, xmlns, inside]) => ({
      tag,
      attrs: tag === 'iq' ? { id: '1', xmlns, ...more } : { id: '1', ...more },
      content: inside,
    }));
}

interface Line {
  send(plaintext: Uint8Array): void;
  /** Waits until the server has read all of it, or has had enough. */
  settled(): Promise<void>;
  closed(): boolean;
  close(): void;
}

/** Logs in with the credentials of a linked device, by hand. */
async function login(url: string, { memory }: Bare): Promise<Line> {
  const { creds } = memory.auth;
  const keyPair = Curve.generateKeyPair();
  const noise = makeNoiseHandler({ keyPair, NOISE_HEADER: NOISE_WA_HEADER, logger: silent });
  const socket = new WebSocket(url);
  let [closed, ready] = [false, false];
  const hello: Uint8Array[] = [];
  const answered = new Set<string>();
  let pings = 0;
  socket.on('close', () => {
    closed = true;
  });
  socket.on('error', () => {});
  socket.on('message', (data: Buffer) => {
    noise
      .decodeFrame(data, (frame) => {
        if (frame instanceof Uint8Array) hello.push(frame);
        else if (frame.tag === 'success') ready = true;
        else answered.add(frame.attrs.id ?? '');
      })
      .catch(() => {});
  });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(
    noise.encodeFrame(proto.HandshakeMessage.encode({ clientHello: { ephemeral: keyPair.public } }).finish()),
  );
  const answer = await eventually(() => hello[0], 'the server hello');
  const key = noise.processHandshake(proto.HandshakeMessage.decode(answer), creds.noiseKey);
  const [user = '', device = '0'] = (creds.me?.id ?? '').split('@')[0]?.split(':') ?? [];
  const login = proto.ClientPayload.encode({ username: Number(user), device: Number(device), passive: true }).finish();
  const clientFinish = { static: key, payload: noise.encrypt(login) };
  socket.send(noise.encodeFrame(proto.HandshakeMessage.encode({ clientFinish }).finish()));
  await noise.finishInit();
  await eventually(() => ready, 'the login');
  return {
    send: (plaintext) => socket.send(noise.encodeFrame(plaintext)),
    settled: async () => {
      const id = `ping${pings++}`;
      socket.send(noise.encodeFrame(encodeNode({ tag: 'iq', attrs: { id, xmlns: 'w:p', type: 'get' } })));
      await eventually(() => closed || answered.has(id), 'an answer or the end');
    },
    closed: () => closed,
    close: () => socket.terminate(),
  };
}

it('outlives 10,000 hostile frames, and serves everybody else as before', async () => {
  const server = await emulator();
  const bare = await paired(server);
  const witness = await paired(server, 'Witness');
  await bare.close();

  const junk = fc.sample(fc.tuple(fc.uint8Array({ minLength: 8, maxLength: 200 }), fc.boolean()), {
    seed: SEED,
    numRuns: AT_THE_DOOR,
  });
  const doors = junk.map(([bytes, introduced]) =>
    sendRaw(server.plainUrl, [
      Buffer.concat([introduced ? INTRO : Buffer.from('junk'), Buffer.from([0, 0, 5]), bytes]),
    ]),
  );
  expect((await Promise.all(doors)).every(Boolean)).toBe(true);

  let line = await login(server.plainUrl, bare);
  let logins = 1;
  const again = async (): Promise<void> => {
    await line.settled();
    if (!line.closed()) return;
    line = await login(server.plainUrl, bare);
    logins += 1;
  };
  const shaped = fc.sample(stanzas(server), { seed: SEED, numRuns: STANZAS });
  for (const [i, stanza] of shaped.entries()) {
    for (let time = 0; time < TIMES; time++) {
      line.send(encodeNode({ ...stanza, attrs: { ...stanza.attrs, id: `${stanza.attrs.id}${time}` } }));
    }
    if (i % 500 === 499) await again();
  }
  const broken = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 300 }), { seed: SEED, numRuns: BROKEN });
  for (const [i, bytes] of broken.entries()) {
    line.send(bytes);
    if (i % 40 === 39) await again();
  }
  line.close();
  expect(logins).toBeGreaterThan(BROKEN / 80);

  const contact = server.contact({ name: 'Calm' });
  await contact.send({ to: 'Witness', text: 'still here?' });
  await eventually(() => texts(witness).includes('still here?'), 'a text');
  await witness.sock.sendMessage(contact.pn, { text: 'yes' });
  await contact.received(({ text }) => text === 'yes');
  expect(witness.ended()).toBeUndefined();
  // Even the device in whose name it was done comes back.
  const back = closing(await synced(await opened(connect(server.plainUrl, bare.memory))));
  await contact.send({ to: 'Desk', text: 'welcome back' });
  await eventually(() => texts(back).includes('welcome back'), 'a text');
});
