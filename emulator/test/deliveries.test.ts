// What a test may order to happen to stanzas on their way, by chance and by timetable, and that it outlives the emulator's own death.
import { describe, expect, it } from 'vitest';
import type { Fault } from '../src/index.ts';
import { occasions } from '../src/scenario.ts';
import { connect, eventually, memory, opened, pair, qrOf, synced, texts } from './bare.ts';
import { desk } from './desk.ts';
import { folder, run } from './process.ts';
import { closing, emulator, paired } from './setup.ts';

const at = desk();

async function burst(n: number, label: string): Promise<string[]> {
  const wanted = Array.from({ length: n }, (_, i) => `${label} ${i + 1}`);
  await at.contact.send({ to: 'Desk', text: `${label} {n}`, n });
  return wanted;
}

const heard = (label: string) => texts(at.bare).filter((text) => text.startsWith(`${label} `));

it('leaves nothing behind once it is acknowledged, however many there were', async () => {
  const queued = async (): Promise<unknown> => {
    await at.quiet();
    const usage: unknown = await (await fetch(`${at.server.controlUrl}/usage`)).json();
    return typeof usage === 'object' && usage !== null && 'queued' in usage ? usage.queued : undefined;
  };
  const weights: unknown[] = [];
  for (let round = 1; round <= 3; round++) {
    await burst(100, `round ${round}`);
    await eventually(() => heard(`round ${round}`).length === 100, 'all of a round');
    weights.push(await queued());
  }
  // One open segment and the smallest index.
  for (const weight of weights) expect(weight).toBeLessThan(64 * 1024);
});

describe('a stanza on its way', () => {
  it('is lost: it stays in the queue, and comes with the next connection', async () => {
    const server = await emulator();
    const bare = await paired(server);
    server.fault({ kind: 'lose', tag: 'message' });
    const contact = server.contact({ name: 'A' });
    await contact.send({ to: 'Desk', text: 'lost {n}', n: 2 });
    await eventually(() => texts(bare).includes('lost 2'), 'the second');
    expect(texts(bare)).toEqual(['lost 2']);
    await eventually(() => Object.values(server.state().pending)[0] === 1, 'one left');
    await bare.close();
    const again = closing(await synced(await opened(connect(server.plainUrl, bare.memory))));
    await eventually(() => texts(again).includes('lost 1'), 'the first');
  });

  it('is doubled: the client reads it once and acknowledges both', async () => {
    at.server.fault({ kind: 'duplicate', tag: 'message' });
    const [id] = await at.contact.send({ to: 'Desk', text: 'twice' });
    const copies = () => at.bare.stanzas.filter(({ tag, attrs }) => tag === 'message' && attrs.id === id).length;
    await eventually(() => copies() === 2, 'both');
    await burst(1, 'after');
    await eventually(() => heard('after').length === 1, 'the next');
    expect(texts(at.bare).filter((text) => text === 'twice')).toHaveLength(1);
    await at.quiet();
  });

  it('is late, and overtaken by those after it', async () => {
    at.server.fault({ kind: 'delay', tag: 'message', ms: 150 });
    const wanted = await burst(4, 'late');
    await eventually(() => heard('late').length === 4, 'all');
    expect(heard('late')).toEqual([...wanted.slice(1), wanted[0]]);
  });

  it('changes places with the next', async () => {
    at.server.fault({ kind: 'reorder', tag: 'message' });
    const [first, second, third] = await burst(3, 'swap');
    await eventually(() => heard('swap').length === 3, 'all');
    expect(heard('swap')).toEqual([second, first, third]);
  });

  it('to be overtaken goes all the same when nothing follows', async () => {
    at.server.fault({ kind: 'reorder', tag: 'message' });
    await burst(1, 'alone');
    await eventually(() => heard('alone').length === 1, 'it');
  });

  it('suffers by seeded chance: the same seed, the same victims', async () => {
    const victims = async (seed: number): Promise<string[]> => {
      const label = `chance${seed}${Math.floor(performance.now())}`;
      at.server.fault({ kind: 'delay', tag: 'message', ms: 400, p: 0.3, seed });
      await burst(20, label);
      at.server.fault({ kind: 'delay', on: false });
      await eventually(() => heard(label).length === 20, 'all');
      return heard(label)
        .map((text) => text.slice(label.length + 1))
        .slice(-6);
    };
    const [one, same] = [await victims(42), await victims(42)];
    expect(one).toEqual(same);
    expect(await victims(7)).not.toEqual(one);
  });
});

describe('the end of the offline queue', () => {
  it('comes late', async () => {
    const server = await emulator();
    const bare = await paired(server);
    await bare.close();
    server.fault({ kind: 'late-offline-end', ms: 300 });
    const began = performance.now();
    closing(await synced(connect(server.plainUrl, bare.memory)));
    expect(performance.now() - began).toBeGreaterThan(290);
  });
});

describe('the tick of a sent message', () => {
  it('comes late', async () => {
    const acks: string[] = [];
    at.bare.sock.ws.on('CB:ack,class:message', ({ attrs }: { attrs: Record<string, string> }) =>
      acks.push(attrs.id ?? ''),
    );
    at.server.fault({ kind: 'late-ack', ms: 200 });
    const one = await at.bare.sock.sendMessage(at.contact.pn, { text: 'one' });
    const two = await at.bare.sock.sendMessage(at.contact.pn, { text: 'two' });
    await eventually(() => acks.includes(one?.key.id ?? ''), 'the late one');
    expect(acks.slice(-2)).toEqual([two?.key.id, one?.key.id]);
  });
});

const CODES = [401, 402, 403, 405, 406, 408, 409, 440, 500, 503] as const;
const ENDS: readonly (readonly [string, Fault, number])[] = [
  ...CODES.map((code) => [`stream error ${code}`, { kind: 'stream-error', code } satisfies Fault, code] as const),
  ...CODES.map((code) => [`failure ${code}`, { kind: 'failure', code } satisfies Fault, code] as const),
  ['half a frame', { kind: 'half-frame' }, 428],
];

describe('a connection', () => {
  it('ends by every code that WhatsApp is known for, as an error of the stream, as a failure, and in the middle of a frame', async () => {
    const server = await emulator();
    let bare = await paired(server);
    for (const [name, fault, code] of ENDS) {
      server.fault(fault);
      await eventually(() => bare.ended() !== undefined, name);
      expect([name, bare.ended()]).toEqual([name, code]);
      bare = closing(await opened(connect(server.plainUrl, bare.memory)));
    }
  });

  it('goes on when every simulated phone was installed anew: keys are exchanged again', async () => {
    await at.contact.send({ to: 'Desk', text: 'before' });
    at.server.fault({ kind: 'lose-session', target: at.phone.id });
    await at.bare.sock.sendMessage(at.contact.pn, { text: 'do you still know me?' });
    await eventually(() => at.contact.inbox().some(({ text }) => text.startsWith('do you')), 'the text', 20_000);
    const [id] = await at.contact.send({ to: 'Desk', text: 'yes' });
    await eventually(() => at.bare.upserts.some(({ message }) => message.key.id === id), 'the answer');
  });

  it('hears another time than its own', async () => {
    at.server.fault({ kind: 'clock-skew', ms: 3_600_000 });
    const [id] = await at.contact.send({ to: 'Desk', text: 'from the future' });
    at.server.fault({ kind: 'clock-skew', ms: 0 });
    const found = await eventually(() => at.bare.upserts.find(({ message }) => message.key.id === id)?.message, 'it');
    expect(Number(found.messageTimestamp) * 1000).toBeGreaterThan(Date.now() + 3_500_000);
  });
});

describe('a login', () => {
  it('is told routing bytes, and the next one begins with them', async () => {
    const server = await emulator();
    const bare = await paired(server);
    await bare.close();
    server.fault({ kind: 'edge-routing' });
    const first = closing(await opened(connect(server.plainUrl, bare.memory)));
    await eventually(() => first.memory.auth.creds.routingInfo !== undefined, 'the bytes');
    await first.close();
    const routed = closing(await synced(await opened(connect(server.plainUrl, bare.memory))));
    await server.contact({ name: 'A' }).send({ to: 'Desk', text: 'by another way' });
    await eventually(() => texts(routed).includes('by another way'), 'a text');
  });
});

describe('a QR code', () => {
  it('that nobody scans runs out: 408', async () => {
    const server = await emulator();
    server.fault({ kind: 'few-refs', n: 2 });
    const bare = closing(connect(server.plainUrl, memory(), { qrTimeout: 100 }));
    await eventually(() => bare.ended() === 408, 'the end of the codes');
    expect(new Set(bare.updates.flatMap(({ qr }) => qr ?? [])).size).toBe(2);
  });

  it('that is scanned too late belongs to nobody', async () => {
    const server = await emulator();
    server.fault({ kind: 'few-refs', n: 1 });
    const bare = closing(connect(server.plainUrl, memory(), { qrTimeout: 100 }));
    const qr = await qrOf(bare);
    await eventually(() => bare.ended() === 408, 'the end');
    await eventually(() => server.state().connections === 0, 'the socket to go');
    await expect(server.phone({ name: 'Late' }).scan(qr)).rejects.toMatchObject({ code: 'UNKNOWN_QR' });
  });
});

describe('a timetable', () => {
  it('is the same for the same seed', () => {
    const steps = [{ at: 10, every: 100, times: 5, jitter: 50, fault: { kind: 'drop' } as const }];
    expect(occasions(steps, 3)).toEqual(occasions(steps, 3));
    expect(occasions(steps, 3)).not.toEqual(occasions(steps, 4));
    expect(() => occasions([{ at: -1, fault: { kind: 'drop' } }], 1)).toThrow('steps');
  });

  it('is carried out', async () => {
    const server = await emulator();
    const bare = await paired(server);
    server.scenario([
      { at: 0, fault: { kind: 'fail-login', code: 503 } },
      { at: 20, fault: { kind: 'drop' } },
    ]);
    await eventually(() => bare.ended() === 428, 'the drop');
    const refused = closing(connect(server.plainUrl, bare.memory));
    await eventually(() => refused.ended() === 503, 'the refusal');
  });
});

describe('what was ordered', () => {
  it('is still so after the emulator was killed and came back', async () => {
    const EMULATOR_DIR = folder();
    const first = await run({ EMULATOR_DIR });
    const bare = closing(await pair(first.plainUrl, (qr) => first.call('/scan', qr)));
    await bare.close();
    await first.call('/faults', { kind: 'fail-login', code: 402, n: 2 });
    await first.call('/faults', { kind: 'pull-mode' });
    await first.kill();
    const second = await run({ EMULATOR_DIR });
    const refused = closing(connect(second.plainUrl, bare.memory));
    await eventually(() => refused.ended() === 402, 'the refusal');
    expect(await second.call('/faults')).toMatchObject([
      { kind: 'fail-login', left: 1 },
      { kind: 'pull-mode', left: null },
    ]);
  });
});
