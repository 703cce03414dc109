// The command and its control API from outside, and what a SIGKILL leaves; with bare Baileys alone.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { type Bare, connect, eventually, opened, pair, synced, texts } from './bare.ts';
import { folder, type Running, run } from './process.ts';
import { closing } from './setup.ts';

async function paired(server: Running): Promise<Bare> {
  const bare = closing(await pair(server.plainUrl, (qr) => server.call('/scan', qr)));
  await eventually(async () => (await pending(server)) === 0, 'the first sync to end');
  return bare;
}

async function pending(server: Running): Promise<number> {
  const state = await server.call('/state');
  if (typeof state !== 'object' || state === null || !('pending' in state)) throw new Error('no pending');
  return Object.values(state.pending ?? {}).reduce((sum: number, count: unknown) => sum + Number(count), 0);
}

describe('the command', () => {
  it('says where it is on its first line and ends cleanly when asked', async () => {
    const server = await run();
    expect(server.plainUrl).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/ws\/chat$/);
    expect(server.url).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/ws\/chat$/);
    expect(server.root).toMatch(/^[0-9a-f]{64}$/);
    server.child.kill('SIGTERM');
    const [code] = await once(server.child, 'exit');
    expect(code).toBe(0);
  });

  it('keeps everything it promised over SIGKILL: the linked device, the queue, the ratchets, the logs', async () => {
    const dir = folder();
    const first = await run({ EMULATOR_DIR: dir });
    await first.call('/phones', { name: 'Desk' });
    await first.call('/contacts', { name: 'A' });
    const bare = await paired(first);
    await bare.sock.sendMessage('8613900000002@s.whatsapp.net', { text: 'before' });
    await eventually(() => bare.statuses.size > 0 && [...bare.statuses.values()].includes(3), 'the receipt');
    await first.call('/contacts/c2/send', { to: 'Desk', text: 'live' });
    await eventually(() => texts(bare).includes('live'), 'the live text');
    await bare.close();
    await first.call('/contacts/c2/send', { to: 'p1', text: 'kept {n}', n: 50 });
    await first.kill();

    const second = await run({ EMULATOR_DIR: dir });
    expect(second.root).toBe(first.root);
    expect(await pending(second)).toBe(50);
    const again = closing(await synced(await opened(connect(second.plainUrl, bare.memory))));
    await eventually(() => texts(again).length === 50, 'what was kept');
    expect(texts(again)).toEqual(Array.from({ length: 50 }, (_, i) => `kept ${i + 1}`));
    expect(await second.call('/contacts/c2/inbox')).toMatchObject([{ text: 'before' }]);
    await again.sock.sendMessage('8613900000002@s.whatsapp.net', { text: 'after' });
    await eventually(
      async () => JSON.stringify(await second.call('/contacts/c2/inbox')).includes('after'),
      'the reply',
    );
  });

  it('loses nothing when it is killed again and again in the middle of bursts', async () => {
    const dir = folder();
    let server = await run({ EMULATOR_DIR: dir });
    await server.call('/phones', { name: 'Desk' });
    await server.call('/contacts', { name: 'A' });
    let bare = await paired(server);
    const promised = new Set<string>();
    const seen = new Set<string>();
    for (let round = 0; round < 4; round++) {
      const url = server;
      const sending = (async () => {
        for (let i = 0; ; i++) {
          const text = `${round}.${i}`;
          await url.call('/contacts/c2/send', { to: 'Desk', text });
          promised.add(text);
        }
      })().catch(() => {});
      await eventually(() => texts(bare).length >= 20, 'twenty of this round');
      await server.kill();
      await sending;
      await eventually(() => bare.ended() !== undefined, 'the socket to notice');
      for (const text of texts(bare)) seen.add(text);
      server = await run({ EMULATOR_DIR: dir });
      bare = closing(await synced(await opened(connect(server.plainUrl, bare.memory))));
      const current = bare;
      await eventually(async () => (await pending(server)) === 0, 'the queue to empty');
      await eventually(() => {
        for (const text of texts(current)) seen.add(text);
        return [...promised].every((text) => seen.has(text));
      }, 'all that was promised');
    }
    expect(promised.size).toBeGreaterThan(40);
  }, 90_000);

  it('refuses a directory that another emulator holds, and a port that is none', async () => {
    const dir = folder();
    await run({ EMULATOR_DIR: dir });
    await expect(run({ EMULATOR_DIR: dir })).rejects.toThrow('it ended');
    await expect(run({ EMULATOR_PORT: 'x' })).rejects.toThrow('it ended');
  }, 60_000);
});

/** A thread does not inherit the loader that reads TypeScript. */
const BOOT = `import('tsx/esm/api')
  .then(({ register }) => { register(); return import(${JSON.stringify(new URL('../src/worker.ts', import.meta.url).href)}); })`;

describe('the worker', () => {
  it('serves from a thread and leaves by itself when asked', async () => {
    const worker = new Worker(BOOT, { eval: true, workerData: { dir: folder(), ports: {} } });
    const [ready] = await once(worker, 'message');
    expect(ready).toMatchObject({ type: 'ready', plainUrl: expect.stringMatching(/^ws:/) });
    const body = JSON.stringify({ name: 'A' });
    const made = await fetch(`${ready.controlUrl}/contacts`, { method: 'POST', body });
    expect(await made.json()).toMatchObject({ id: 'c1' });
    worker.postMessage({ type: 'close' });
    const [code] = await once(worker, 'exit');
    expect(code).toBe(0);
  });
});
