// A reason from the server, told in the reader's language.
import { explain } from '@pulseline/protocol';
import { describe, expect, it } from 'vitest';
import { tell } from './reasons.ts';

describe('a reason from the server', () => {
  const params = { host: 'web.whatsapp.com', error: 'ENOTFOUND' };

  it('is told in the reader’s language with its host and error', () => {
    const zh = explain('NETWORK_DNS', 'zh', params);
    const en = explain('NETWORK_DNS', 'en', params);
    expect(tell('NETWORK_DNS', zh, 'en')).toEqual(en);
    expect(tell('NETWORK_DNS', en, 'zh')).toEqual(zh);
    expect(tell('NETWORK_DNS', zh, 'zh')).toEqual(zh);
  });

  it('finds parameters that stand in the fix alone or in both', () => {
    const origin = explain('ORIGIN_REFUSED', 'en', { origin: 'http://a.example:1?x=(y)' });
    expect(tell('ORIGIN_REFUSED', origin, 'zh')).toEqual(
      explain('ORIGIN_REFUSED', 'zh', { origin: 'http://a.example:1?x=(y)' }),
    );
  });

  it('stays as it is when the table did not write it', () => {
    expect(tell('NETWORK_DNS', { text: 'other words', fix: 'do this' }, 'zh')).toEqual({
      text: 'other words',
      fix: 'do this',
    });
    expect(tell('NEWER_CODE', { text: 'a', fix: 'b' }, 'zh')).toEqual({ text: 'a', fix: 'b' });
  });
});
