// From where a profile picture may be fetched: WhatsApp names the address, and it could name any.
import { describe, expect, it } from 'vitest';
import { isAllowed } from './picture.ts';

describe('a profile picture', () => {
  it.each([
    ['https://pps.whatsapp.net/v/t61.24694-24/1.jpg?oh=1', true],
    ['https://whatsapp.net/1.jpg', true],
    ['https://pps.whatsapp.net:443/1.jpg', true],
    ['http://pps.whatsapp.net/1.jpg', false],
    ['https://pps.whatsapp.net:8443/1.jpg', false],
    ['https://pps.whatsapp.net.example.org/1.jpg', false],
    ['https://evilwhatsapp.net/1.jpg', false],
    ['https://whatsapp.net@127.0.0.1/1.jpg', false],
    ['https://127.0.0.1/1.jpg', false],
    ['https://169.254.169.254/latest/meta-data', false],
    ['file:///etc/passwd', false],
  ])('of a real account: %s is fetched: %s', (url, allowed) => {
    expect(isAllowed(new URL(url), {})).toBe(allowed);
  });

  it('of an emulated account comes from the emulator’s machine alone', () => {
    const setup = { url: 'ws://127.0.0.1:4001/ws/chat' };
    expect(isAllowed(new URL('https://127.0.0.1:9000/1.jpg'), setup)).toBe(true);
    expect(isAllowed(new URL('https://pps.whatsapp.net/1.jpg'), setup)).toBe(false);
    expect(isAllowed(new URL('https://10.0.0.1/1.jpg'), setup)).toBe(false);
  });
});
