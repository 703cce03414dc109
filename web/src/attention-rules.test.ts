// When a message may ring.
import { describe, expect, it } from 'vitest';
import { type Hearing, isQuiet, mayRing } from './attention-rules.ts';

const message = {
  id: 'm_1',
  account: 'acc_1',
  conversation: 'c_1',
  stream: 'acc_1',
  seq: 1,
  from: 'a@s.whatsapp.net',
  to: 'b@s.whatsapp.net',
  fromMe: false,
  kind: 'text',
  body: 'hello',
  timestamp: 0,
} as const;

const conversation = {
  id: 'c_1',
  account: 'acc_1',
  address: 'a@s.whatsapp.net',
  name: 'A',
  kind: 'person',
  unread: 1,
  lastAt: 0,
  archived: false,
  pinned: false,
  muted: false,
} as const;

const heard: Hearing = {
  message,
  conversation,
  committedAt: 100_000,
  now: 100_020,
  minute: 600,
  quietFrom: '',
  quietTo: '',
  looking: false,
  rangAt: 0,
};

describe('whether a message may ring', () => {
  it('rings for what somebody else wrote just now', () => {
    expect(mayRing(heard)).toBe(true);
    expect(mayRing({ ...heard, conversation: undefined })).toBe(true);
  });

  it.each([
    ['our own', { message: { ...message, fromMe: true } }],
    ['a system notice', { message: { ...message, kind: 'system' } }],
    ['the chat that is looked at', { looking: true }],
    ['a muted conversation', { conversation: { ...conversation, muted: true } }],
    ['an archived conversation', { conversation: { ...conversation, archived: true } }],
    ['what is replayed after a break', { now: 140_000 }],
    ['the second of a burst', { rangAt: 99_000 }],
    ['quiet hours', { quietFrom: '09:30', quietTo: '10:01' }],
  ] as const)('is silent for %s', (_, change) => {
    expect(mayRing({ ...heard, ...change })).toBe(false);
  });

  it('knows quiet hours within a day and over midnight', () => {
    expect([539, 540, 779, 780].map((minute) => isQuiet(minute, '09:00', '13:00'))).toEqual([false, true, true, false]);
    expect([1_319, 1_320, 0, 479, 480].map((minute) => isQuiet(minute, '22:00', '08:00'))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    expect([isQuiet(5, '00:00', '00:00'), isQuiet(5, '25:00', '08:00'), isQuiet(5, '', '')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
