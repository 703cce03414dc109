// The rules of local mode, each with what it lets in and what it keeps out.
import { describe, expect, it } from 'vitest';
import { allowedOrigins, checkHost, checkOrigin, checkWrite } from './local-mode.ts';

const arrival = (headers: Record<string, string>, method = 'GET') => ({ method, headers });
const allowed = allowedOrigins(undefined, { api: 4000, web: 3000 });

describe('checkHost', () => {
  it.each(['localhost:4000', 'LOCALHOST:4000', '127.0.0.1:4000', '[::1]:4000'])('lets %s in', (host) => {
    expect(checkHost(arrival({ host }), 4000)).toBeUndefined();
  });
  it.each([
    'attacker.example',
    'attacker.example:4000',
    'localhost',
    'localhost:4001',
    'localhost:40001',
    'localhost.:4000',
    'localhost.attacker.example:4000',
    '127.0.0.1.nip.io:4000',
    '0.0.0.0:4000',
    '127.1:4000',
    '[::]:4000',
    '[::ffff:127.0.0.1]:4000',
    '192.168.1.5:4000',
    'localhost:4000@attacker.example',
    '',
  ])('keeps "%s" out, whatever a name resolves to', (host) => {
    expect(checkHost(arrival({ host }), 4000)?.code).toBe('HOST_REFUSED');
  });
  it('keeps a request without Host out', () => {
    expect(checkHost(arrival({}), 4000)?.code).toBe('HOST_REFUSED');
  });
  it('takes a bare name at port 80, as browsers write it', () => {
    expect(checkHost(arrival({ host: 'localhost' }), 80)).toBeUndefined();
  });
});

describe('checkOrigin', () => {
  it('lets in who sends none', () => {
    expect(checkOrigin(arrival({}), allowed)).toBeUndefined();
  });
  it.each([
    'http://localhost:3000',
    'http://127.0.0.1:3000',
    'http://[::1]:3000',
    'http://localhost:4000',
    'http://127.0.0.1:4000',
    'http://[::1]:4000',
  ])('lets %s in', (origin) => {
    expect(checkOrigin(arrival({ origin }), allowed)).toBeUndefined();
  });
  it.each([
    'null',
    '',
    'http://localhost',
    'http://localhost:5555',
    'http://localhost:30000',
    'http://localhost:3000/',
    'http://localhost:3000.attacker.example',
    'http://localhost:3000@attacker.example',
    'http://attacker.example',
    'http://attacker.example:3000',
    'http://localhost.attacker.example:3000',
    'http://attackerlocalhost:3000',
    'http://sub.localhost:3000',
    'http://LOCALHOST:3000',
    'HTTP://localhost:3000',
    'https://localhost:3000',
    'ws://localhost:3000',
    'file://',
    'chrome-extension://abcdef',
    'http://127.0.0.2:3000',
    'http://127.1:3000',
    'http://0.0.0.0:3000',
    'http://[::]:3000',
    'http://[::ffff:127.0.0.1]:3000',
    'http://2130706433:3000',
    'http://lоcalhost:3000',
    'http://xn--lcalhost-2ve:3000',
    'http://localhost:3000, http://attacker.example',
    ' http://localhost:3000',
    'http://localhost%3A3000',
  ])('keeps "%s" out', (origin) => {
    expect(checkOrigin(arrival({ origin }), allowed)?.code).toBe('ORIGIN_REFUSED');
  });
  it('knows exactly the configured origins if there are some', () => {
    const own = allowedOrigins(['https://desk.example'], { api: 4000, web: 3000 });
    expect(checkOrigin(arrival({ origin: 'https://desk.example' }), own)).toBeUndefined();
    expect(checkOrigin(arrival({ origin: 'http://localhost:3000' }), own)?.code).toBe('ORIGIN_REFUSED');
  });
  it('writes port 80 as browsers do', () => {
    expect(allowedOrigins(undefined, { api: 4000, web: 80 }).has('http://localhost')).toBe(true);
  });
});

describe('checkWrite', () => {
  const json = { 'content-type': 'application/json; charset=utf-8', 'content-length': '2' };
  it('asks nothing of reads', () => {
    expect(checkWrite(arrival({ 'sec-fetch-site': 'cross-site' }), allowed)).toBeUndefined();
  });
  it.each(['application/json', 'Application/JSON ; charset=utf-8', 'multipart/form-data; boundary=x'])(
    'takes %s',
    (type) => {
      expect(checkWrite(arrival({ ...json, 'content-type': type }, 'POST'), allowed)).toBeUndefined();
    },
  );
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])(
    'refuses "%s", which a foreign form can send',
    (type) => {
      expect(checkWrite(arrival({ ...json, 'content-type': type }, 'POST'), allowed)?.code).toBe('MEDIA_TYPE_REFUSED');
    },
  );
  it('refuses a body without a type, also one of unknown length', () => {
    expect(checkWrite(arrival({ 'content-length': '2' }, 'POST'), allowed)?.code).toBe('MEDIA_TYPE_REFUSED');
    expect(checkWrite(arrival({ 'transfer-encoding': 'chunked' }, 'PATCH'), allowed)?.code).toBe('MEDIA_TYPE_REFUSED');
  });
  it('takes a write without a body', () => {
    expect(checkWrite(arrival({ 'content-length': '0' }, 'POST'), allowed)).toBeUndefined();
    expect(checkWrite(arrival({}, 'DELETE'), allowed)).toBeUndefined();
  });
  it.each([
    ['same-origin', 'http://localhost:4000', undefined],
    ['same-site', 'http://localhost:3000', undefined],
    ['same-site', 'http://localhost:5555', 'ORIGIN_REFUSED'],
    ['same-site', '', 'ORIGIN_REFUSED'],
    ['cross-site', 'http://localhost:3000', 'ORIGIN_REFUSED'],
    ['none', '', 'ORIGIN_REFUSED'],
  ])('Sec-Fetch-Site %s from "%s" gives %s', (site, origin, code) => {
    const headers = { ...json, 'sec-fetch-site': site, ...(origin && { origin }) };
    expect(checkWrite(arrival(headers, 'POST'), allowed)?.code).toBe(code);
  });
});
