// Clients that break every rule: they are cut off, and everybody else goes on.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeNode } from '../src/encode.ts';
import { INTRO } from '../src/frames.ts';
import { node } from '../src/nodes.ts';
import { eventually, texts } from './bare.ts';
import { handshake, sendRaw } from './raw.ts';
import { closing, emulator, paired } from './setup.ts';

const HUGE = Buffer.from([0xff, 0xff, 0xff]);

describe('a hostile client', () => {
  it.each<[string, (Uint8Array | string)[]]>([
    ['a wrong intro', [Buffer.from('GET / HTTP/1.1')]],
    ['text', ['hello, is this the server?']],
    ['a frame without end', [Buffer.concat([INTRO, HUGE])]],
    ['an empty first frame', [Buffer.concat([INTRO, Buffer.alloc(3)])]],
    ['routing bytes without end', [Buffer.concat([Buffer.from([0x45, 0x44, 0, 1]), HUGE])]],
    ['a hello that is no hello', [Buffer.concat([INTRO, Buffer.from([0, 0, 4, 1, 2, 3, 4])])]],
    ['a key of small order', [Buffer.concat([INTRO, Buffer.from([0, 0, 36, 0x12, 34, 0x0a, 32]), Buffer.alloc(32)])]],
  ])('is cut off after %s', async (_name, chunks) => {
    const server = await emulator();
    expect(await sendRaw(server.plainUrl, chunks)).toBe(true);
  });

  it('takes nobody down with random bytes', async () => {
    const server = await emulator();
    const bare = await paired(server);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 8, maxLength: 200 }), fc.boolean(), async (bytes, introduced) => {
        const junk = Buffer.concat([introduced ? INTRO : Buffer.from('junk'), Buffer.from([0, 0, 5]), bytes]);
        await sendRaw(server.plainUrl, [junk]);
      }),
      { numRuns: 30 },
    );
    await server.contact({ name: 'A' }).send({ to: 'Desk', text: 'alive' });
    await eventually(() => texts(bare).includes('alive'), 'a text');
    expect(bare.ended()).toBeUndefined();
  });

  it('may send any stanza before it is linked, and gets no further than the door', async () => {
    const server = await emulator();
    await paired(server);
    const raw = await handshake(server.plainUrl, {
      devicePairingData: {
        eRegid: Buffer.alloc(4, 1),
        eIdent: Buffer.alloc(32, 1),
        eSkeyId: Buffer.alloc(3, 1),
        eSkeyVal: Buffer.alloc(32, 1),
        eSkeySig: Buffer.alloc(64, 1),
      },
    });
    closing({ close: async () => raw.socket.terminate() });
    for (const tag of ['message', 'receipt', 'ack', 'presence', 'nonsense', 'iq']) {
      raw.send(encodeNode(node(tag, { id: '1', to: '8613800000001@s.whatsapp.net', type: 'get', xmlns: 'nonsense' })));
    }
    await eventually(() => raw.received.length >= 2, 'an answer to the iq');
    expect(server.state()).toMatchObject({ waitingForScan: 1, connections: 2 });
    raw.send(Buffer.from([0, 0xf8]));
    await eventually(raw.closed, 'the cut after a stanza that cannot be read');
  });

  it.each([
    ['nothing', {}],
    ['a number nobody has', { username: 1234567, device: 1 }],
    ['half a registration', { devicePairingData: { eIdent: Buffer.alloc(5) } }],
  ])('that logs in with %s is refused', async (_name, payload) => {
    const server = await emulator();
    const raw = await handshake(server.plainUrl, payload);
    await eventually(raw.closed, 'the end');
    expect(raw.received).toMatchObject([{ tag: 'failure' }]);
  });
});

describe('a linked device that sends nonsense', () => {
  it('gets answers or silence, and its next honest message arrives', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const contact = server.contact({ name: 'A' });
    const nonsense = [
      node('message', {}),
      node('message', { id: 'x', to: 'nobody' }),
      node('message', { id: 'x', to: contact.pn }),
      node('message', { id: 'x', to: contact.pn }, [node('enc', { type: 'pkmsg' }, Buffer.alloc(40, 7))]),
      node('message', { id: 'x', to: '1@g.us' }),
      node('receipt', { id: 'x', type: 'retry', to: contact.pn }),
      node('receipt', {}),
      node('ack', { class: 'message' }),
      node('presence', { type: 'subscribe', to: 'x' }),
      node('chatstate', { to: 'x' }),
      node('ib', {}, [node('offline_batch', { count: '-5' })]),
      node('iq', { id: '1', xmlns: 'encrypt', type: 'set' }, [node('list', {}, [node('key')])]),
      node('iq', { id: '2', xmlns: 'w:g2', type: 'set', to: '@g.us' }),
      node('iq', { id: '3', xmlns: 'w:g2', type: 'set', to: '1@g.us' }, [node('nonsense')]),
      node('iq', { id: '4', xmlns: 'usync', type: 'get' }),
      node('iq', { id: '5', xmlns: 'nonsense', type: 'get' }),
      node('nonsense', { id: '6' }),
    ];
    for (const each of nonsense) await bare.sock.sendNode(each);
    await bare.sock.sendMessage(contact.pn, { text: 'honest' });
    await eventually(() => contact.inbox().length === 1, 'the honest text');
    expect(bare.ended()).toBeUndefined();
  });

  it('is told with a 404 that nobody is there', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const errors: unknown[] = [];
    bare.sock.ws.on('CB:ack,class:message', ({ attrs }: { attrs: Record<string, string> }) => errors.push(attrs.error));
    await bare.sock.sendNode(node('message', { id: 'x', to: '49170000000@s.whatsapp.net', type: 'text' }));
    await eventually(() => errors.includes('404'), 'the refusal');
  });
});
