// The built-in emulator as the server keeps it: its readiness, its calls, its death and its end, with small threads in its place.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type EmulatorPorts, foreignEmulator, openEmulator } from '../src/emulator.ts';

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const source = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
const speak = (text: string): string => `import { parentPort } from 'node:worker_threads'; ${text}`;
const whenAsked = "parentPort.on('message', () => parentPort.close());";

async function control(answers: Readonly<Record<string, readonly [number, unknown]>>): Promise<string> {
  const server = createServer((request, response) => {
    const [status, body] = answers[`${request.method} ${request.url}`] ?? [
      500,
      { code: 'INTERNAL', error: 'no such call' },
    ];
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(body === undefined ? '' : JSON.stringify(body));
  });
  opened.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? (address satisfies AddressInfo).port : 0}`;
}

function ready(controlUrl: string): string {
  const message = { type: 'ready', url: 'wss://127.0.0.1:1/ws/chat', plainUrl: 'ws://127.0.0.1:2/ws/chat', controlUrl };
  return speak(
    `parentPort.postMessage({ ...${JSON.stringify(message)}, root: new Uint8Array(32).fill(171) }); ${whenAsked}`,
  );
}

describe('openEmulator', () => {
  it('tells how it is reached once it is ready, and leaves when it is closed', async () => {
    const emulator = openEmulator(() => new Worker(source(ready('http://127.0.0.1:3'))), log);
    emulator.begin();
    expect(await emulator.reach).toEqual({ url: 'ws://127.0.0.1:2/ws/chat', root: 'ab'.repeat(32) });
    await emulator.close();
    await emulator.close();
  });
  it('asks its control API and hands on the answers', async () => {
    const url = await control({
      'GET /contacts': [200, [{ id: 'c1' }]],
      'POST /phones/p1/offline': [204, undefined],
      'POST /contacts/c9/read': [404, { code: 'UNKNOWN_PERSON', error: 'nobody' }],
      'POST /scan': [404, { code: 'UNKNOWN_QR', error: 'no open connection shows this QR code' }],
    });
    const emulator = openEmulator(() => new Worker(source(ready(url))), log);
    emulator.begin();
    opened.unshift(emulator);
    expect(await emulator.call('GET', '/contacts')).toEqual([{ id: 'c1' }]);
    expect(await emulator.call('POST', '/phones/p1/offline')).toEqual({});
    await expect(emulator.call('POST', '/contacts/c9/read')).rejects.toMatchObject({ code: 'CONTACT_NOT_FOUND' });
    await expect(emulator.call('POST', '/scan', { qr: 'x' })).rejects.toMatchObject({
      code: 'SANDBOX_FAILED',
      params: { detail: 'UNKNOWN_QR: no open connection shows this QR code' },
    });
  });
  it('says why it did not start', async () => {
    const failing = speak("parentPort.postMessage({ type: 'failed', error: 'no room' }); parentPort.close();");
    const emulator = openEmulator(() => new Worker(source(failing)), log);
    emulator.begin();
    await expect(emulator.reach).rejects.toMatchObject({ code: 'SANDBOX_FAILED', params: { detail: 'no room' } });
    await expect(emulator.call('GET', '/contacts')).rejects.toMatchObject({ code: 'SANDBOX_FAILED' });
    await emulator.close();
  });
  it('is replaced on the same ports when it dies', async () => {
    const asked: (EmulatorPorts | undefined)[] = [];
    const dying = ready('http://127.0.0.1:3').replace(
      whenAsked,
      "setTimeout(() => { throw new Error('broken') }, 10);",
    );
    const emulator = openEmulator((ports) => {
      asked.push(ports);
      return new Worker(source(asked.length === 1 ? dying : ready('http://127.0.0.1:3')));
    }, log);
    emulator.begin();
    opened.push(emulator);
    await vi.waitFor(() => expect(asked).toEqual([undefined, { plain: 2, control: 3 }]), { timeout: 10_000 });
  });
});

describe('foreignEmulator', () => {
  it('is reached but not driven', async () => {
    const emulator = foreignEmulator({ url: 'ws://127.0.0.1:9/ws/chat' });
    expect(await emulator.reach).toEqual({ url: 'ws://127.0.0.1:9/ws/chat' });
    await expect(emulator.call('GET', '/contacts')).rejects.toMatchObject({ code: 'SANDBOX_IS_FOREIGN' });
    await emulator.close();
  });
});
