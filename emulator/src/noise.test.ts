// The server's Noise half and the stanza codec against Baileys' own; it opens no socket.
import { Curve, makeNoiseHandler, NOISE_WA_HEADER, proto } from 'baileys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silent } from '../test/bare.ts';
import { createAuthority } from './certificate.ts';
import { encodeNode } from './encode.ts';
import { FrameReader } from './frames.ts';
import { generateKeyPair } from './keys.ts';
import { decodeNode, type Node, node, words } from './nodes.ts';
import { Handshake, type Transport } from './noise.ts';

const authority = createAuthority(0);

/** Baileys' own Noise half on one end, ours on the other, no socket between. */
async function meet(payload: Uint8Array) {
  const keyPair = Curve.generateKeyPair();
  const noiseKey = Curve.generateKeyPair();
  const client = makeNoiseHandler({ keyPair, NOISE_HEADER: NOISE_WA_HEADER, logger: silent });
  const reader = new FrameReader();
  const server = new Handshake(authority.noise, generateKeyPair());
  const hello = client.encodeFrame(
    proto.HandshakeMessage.encode({ clientHello: { ephemeral: keyPair.public } }).finish(),
  );
  const answer = server.hello(only(reader.push(hello)));
  const encrypted = client.processHandshake(proto.HandshakeMessage.decode(answer), noiseKey);
  const clientFinish = { static: encrypted, payload: client.encrypt(payload) };
  const finish = client.encodeFrame(proto.HandshakeMessage.encode({ clientFinish }).finish());
  const proof = server.finish(only(reader.push(finish)));
  await client.finishInit();
  return { client, reader, transport: server.transport(), proof, noiseKey };
}

function only(frames: readonly Buffer[]): Buffer {
  const [first] = frames;
  if (!first || frames.length !== 1) throw new Error(`${frames.length} frames`);
  return first;
}

/** What the codec can carry: see `words`. */
const text = fc.string({ maxLength: 40, unit: 'grapheme' }).map(words);
const name = fc.stringMatching(/^[a-z][a-z_]{0,12}$/);
const attrs = fc.dictionary(
  name,
  text.filter((value) => value !== ''),
  { maxKeys: 5 },
);
const stanza: fc.Arbitrary<Node> = fc.letrec<{ node: Node }>((tie) => ({
  node: fc
    .tuple(
      name,
      attrs,
      fc.oneof(
        { maxDepth: 3 },
        fc.constant(undefined),
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.array(tie('node'), { minLength: 1, maxLength: 4 }),
      ),
    )
    .map(([tag, values, content]) => node(tag, values, content)),
})).node;

/** Bytes as arrays, so that Buffer and Uint8Array compare. */
function plain(value: Node): unknown {
  const { tag, attrs: values, content } = value;
  if (Array.isArray(content)) return { tag, values: { ...values }, content: content.map(plain) };
  return { tag, values: { ...values }, content: content instanceof Uint8Array ? [...content] : content };
}

async function decodedBy(
  client: Awaited<ReturnType<typeof meet>>['client'],
  transport: Transport,
  sent: Node[],
): Promise<Node[]> {
  const got: Node[] = [];
  const bytes = Buffer.concat(sent.map((each) => transport.seal(encodeNode(each))));
  await client.decodeFrame(bytes, (decoded) => {
    if (!(decoded instanceof Uint8Array)) got.push(decoded);
  });
  return got;
}

describe('the Noise handshake', () => {
  it("proves the client's key and carries its payload, whatever it is, from Baileys' own half", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (payload) => {
        const { proof, noiseKey } = await meet(payload);
        expect([...proof.payload]).toEqual([...payload]);
        expect(proof.staticKey.equals(noiseKey.public)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('refuses a finish with one bit turned over', async () => {
    const keyPair = Curve.generateKeyPair();
    const client = makeNoiseHandler({ keyPair, NOISE_HEADER: NOISE_WA_HEADER, logger: silent });
    const server = new Handshake(authority.noise, generateKeyPair());
    const hello = proto.HandshakeMessage.encode({ clientHello: { ephemeral: keyPair.public } }).finish();
    const answer = server.hello(Buffer.from(hello));
    const key = client.processHandshake(proto.HandshakeMessage.decode(answer), Curve.generateKeyPair());
    key[0] = (key[0] ?? 0) ^ 1;
    const clientFinish = { static: key, payload: client.encrypt(Buffer.from('x')) };
    const finish = proto.HandshakeMessage.encode({ clientFinish }).finish();
    expect(() => server.finish(Buffer.from(finish))).toThrow();
  });
});

describe('stanzas after the handshake', () => {
  it('arrive as they were sent, in both directions', async () => {
    const { client, reader, transport } = await meet(Buffer.from('x'));
    await fc.assert(
      fc.asyncProperty(fc.array(stanza, { minLength: 1, maxLength: 5 }), text, async (sent, id) => {
        const named = sent.map((each) => node(each.tag, { ...each.attrs, id: id || '1' }, each.content));
        const got = await decodedBy(client, transport, named);
        expect(got.map(plain)).toEqual(named.map(plain));
        const frames = reader.push(Buffer.concat(named.map((each) => client.encodeFrame(encodeNode(each)))));
        expect(frames.map((each) => plain(decodeNode(transport.open(each))))).toEqual(named.map(plain));
      }),
    );
  });

  it('are refused out of order', async () => {
    const { client, reader, transport } = await meet(Buffer.from('x'));
    const [first, second] = [1, 2].map(() => client.encodeFrame(encodeNode(node('a'))));
    const frames = reader.push(Buffer.concat([second ?? Buffer.alloc(0), first ?? Buffer.alloc(0)]));
    expect(() => transport.open(only(frames.slice(0, 1)))).toThrow();
  });

  it('never inflate to more than the limit', async () => {
    const { deflateSync } = await import('node:zlib');
    const bomb = Buffer.concat([Buffer.from([2]), deflateSync(Buffer.alloc(64 * 1024 * 1024))]);
    expect(() => decodeNode(bomb)).toThrow();
    const inside = Buffer.concat([Buffer.from([2]), deflateSync(encodeNode(node('a')).subarray(1))]);
    expect(decodeNode(inside).tag).toBe('a');
  });
});
