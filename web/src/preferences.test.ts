// What was kept in this browser, also when it was kept by another version or by hand.
import { describe, expect, it } from 'vitest';
import { parsePreferences } from './preferences.ts';

const defaults = {
  language: 'zh',
  theme: 'system',
  enter: 'send',
  sound: true,
  notify: false,
  quietFrom: '',
  quietTo: '',
  keys: true,
  riskAccepted: false,
  name: '',
  person: '',
};

describe('kept preferences', () => {
  it('are the defaults where nothing was chosen', () => {
    expect(parsePreferences(null)).toEqual(defaults);
    expect(parsePreferences('{}')).toEqual(defaults);
  });

  it('keep each choice, and leave out what this version does not know', () => {
    expect(parsePreferences('{"language":"en","theme":"dark","colour":"blue"}')).toEqual({
      ...defaults,
      language: 'en',
      theme: 'dark',
    });
  });

  it('fall back to the defaults when they cannot be read', () => {
    expect(parsePreferences('{')).toEqual(defaults);
    expect(parsePreferences('{"language":"fr"}')).toEqual(defaults);
    expect(parsePreferences('null')).toEqual(defaults);
  });
});
