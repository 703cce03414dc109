// What a proxy that knows no WebSocket leaves of a request.
import { describe, expect, it } from 'vitest';
import { parseOrder } from './orders.ts';
import { withoutUpgrade } from './strip.ts';

const head = (...lines: string[]) => Buffer.from([...lines, '', ''].join('\r\n'));
const request = ['GET /ws?cursor=a:1 HTTP/1.1', 'Host: localhost:4000'];
const asking = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: x'];

describe('the header strip', () => {
  it('takes out what asks for a WebSocket, and keeps the rest and the body', () => {
    const stripped = withoutUpgrade(Buffer.concat([head(...request, ...asking), Buffer.from('body')]));
    expect(stripped?.toString()).toBe(`${head(...request, 'Connection: close')}body`);
  });

  it('waits for the whole head, whose bytes may come one by one', () => {
    const all = head(...request, ...asking);
    expect(withoutUpgrade(all.subarray(0, -1))).toBeUndefined();
    expect(withoutUpgrade(all)).toBeDefined();
  });

  it('leaves other requests, and what is no HTTP, as they are', () => {
    const plain = head(...request, 'Connection: keep-alive');
    expect(withoutUpgrade(plain)).toBe(plain);
    const noise = Buffer.alloc(20_000, 'x');
    expect(withoutUpgrade(noise)).toBe(noise);
  });

  it('is ordered by "up strip"', () => {
    expect(parseOrder('up strip')).toEqual({ do: 'set', change: { up: { stripUpgrade: true } } });
    expect(parseOrder('up strip off')).toEqual({ do: 'set', change: { up: { stripUpgrade: false } } });
  });
});
