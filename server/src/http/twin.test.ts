// The pages' server asks for the browser.
import { createServer } from 'node:http';
import Fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { openTwin, twinOutcome } from './twin.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function asked(port: number): Promise<unknown> {
  const app = Fastify();
  closing.push(() => app.close());
  openTwin(app, { apiOrigin: `http://127.0.0.1:${port}`, ports: () => ({ api: 1 }), now: () => performance.now() });
  return (await app.inject('/diagnosis/twin')).json();
}

describe('the twin of the browser’s request', () => {
  it('tells that the server answers, and that nobody listens', async () => {
    const server = createServer((_request, response) => response.writeHead(204).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await asked(port)).toMatchObject({ outcome: 'answered', status: 204, ms: expect.any(Number) });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await asked(port)).toMatchObject({ outcome: 'refused', code: 'ECONNREFUSED' });
  });

  it('tells the ways of failing apart', () => {
    const codes = ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'TimeoutError', 'UND_ERR_CONNECT_TIMEOUT', 'EPROTO'];
    expect(codes.map(twinOutcome)).toEqual(['refused', 'reset', 'unreachable', 'timeout', 'timeout', 'error']);
  });
});
