// Where the API is, for each way a page can be opened.
import { describe, expect, it } from 'vitest';
import { chooseApiBase, socketUrl } from './api-base.ts';

const local = { protocol: 'http:', hostname: 'localhost' };
const none = { configured: undefined, development: undefined, port: undefined };

describe('the address of the API', () => {
  it('is port 4000 of the page’s own host when nothing is said', () => {
    expect(chooseApiBase({ ...none, location: local })).toBe('http://localhost:4000');
    expect(chooseApiBase({ ...none, location: { protocol: 'http:', hostname: '127.0.0.1' } })).toBe(
      'http://127.0.0.1:4000',
    );
  });

  it('is asked by name from a page that was opened by IPv6, which no content policy can name', () => {
    expect(chooseApiBase({ ...none, location: { protocol: 'http:', hostname: '[::1]' } })).toBe(
      'http://localhost:4000',
    );
  });

  it('takes the port that the web server names', () => {
    expect(chooseApiBase({ ...none, port: '4200', location: local })).toBe('http://localhost:4200');
    expect(chooseApiBase({ ...none, port: 'x', location: local })).toBe('http://localhost:4000');
  });

  it('prefers what the web server read to what was built in', () => {
    const hints = { ...none, configured: 'http://localhost:4100/', development: 'http://localhost:4300' };
    expect(chooseApiBase({ ...hints, location: local })).toBe('http://localhost:4100');
    expect(chooseApiBase({ ...hints, configured: undefined, location: local })).toBe('http://localhost:4300');
  });

  it('passes over a hint that is no web address', () => {
    expect(chooseApiBase({ ...none, configured: 'localhost:4100', location: local })).toBe('http://localhost:4000');
    expect(chooseApiBase({ ...none, configured: 'ws://localhost:4100', location: local })).toBe(
      'http://localhost:4000',
    );
  });

  it('keeps the port but not the host when a loopback address meets a page of another name', () => {
    const location = { protocol: 'http:', hostname: 'pc.lan' };
    expect(chooseApiBase({ ...none, configured: 'http://localhost:4100', location })).toBe('http://pc.lan:4100');
    const loopback = { protocol: 'http:', hostname: '127.0.0.1' };
    expect(chooseApiBase({ ...none, configured: 'http://localhost:4100', location: loopback })).toBe(
      'http://127.0.0.1:4100',
    );
    expect(chooseApiBase({ ...none, configured: 'https://api.example', location })).toBe('https://api.example');
  });

  it('gives the socket the same host, by ws or wss', () => {
    expect(socketUrl('http://localhost:4000')).toBe('ws://localhost:4000/ws');
    expect(socketUrl('https://api.example')).toBe('wss://api.example/ws');
  });
});
