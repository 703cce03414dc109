// What each known end of a link is taken for; the ends are the ones that Baileys 7.0.0-rc14 was seen to report.
import { describe, expect, it } from 'vitest';
import { classify, type End, type Ending } from './classify.ts';

const host = 'web.whatsapp.com';
const end = (rest: Partial<End>): End => ({ phase: 'open', host, text: '', ...rest });
const retry = (code: string, params: object): object => ({ type: 'retry', code, params });

const cases: readonly (readonly [string, Partial<End>, Ending | object])[] = [
  [
    '515 after pairing is a restart',
    { code: 515, text: 'Stream Errored (restart required)', phase: 'paired' },
    { type: 'restart' },
  ],
  ['440 is the same login elsewhere', { code: 440, tag: 'conflict' }, { type: 'halt', code: 'REPLACED', params: {} }],
  [
    '401 with a conflict is a removed device',
    { code: 401, tag: 'conflict', attributes: { type: 'device_removed' } },
    { type: 'logged-out' },
  ],
  [
    '401 at login is a removed device',
    { code: 401, text: 'Connection Failure', phase: 'login' },
    { type: 'logged-out' },
  ],
  [
    '402 is a temporary ban',
    { code: 402, text: 'Connection Failure', phase: 'login', attributes: { code: '101', expire: '7200' } },
    { type: 'halt', code: 'ACCOUNT_SUSPENDED', params: { hours: 2, code: '101' } },
  ],
  [
    '403 is a locked account',
    { code: 403, text: 'Connection Failure', phase: 'login' },
    { type: 'halt', code: 'ACCOUNT_LOCKED', params: {} },
  ],
  [
    '403 by HTTP is a middlebox',
    { code: 403, text: 'WebSocket Error (Unexpected server response: 403)', phase: 'connecting' },
    retry('NETWORK_HTTP', { host, error: 'HTTP 403' }),
  ],
  [
    '401 by HTTP is a middlebox, and never costs a login',
    { code: 401, text: 'WebSocket Error (Unexpected server response: 401)', phase: 'connecting', error: 'HTTP 401' },
    retry('NETWORK_HTTP', { host, error: 'HTTP 401' }),
  ],
  [
    'a conflict of a removed device is that, under the code of a replaced one too',
    { code: 440, tag: 'conflict', attributes: { type: 'device_removed' } },
    { type: 'logged-out' },
  ],
  [
    'a conflict of a replaced device is that, under the code of a removed one too',
    { code: 401, tag: 'conflict', attributes: { type: 'replaced' } },
    { type: 'halt', code: 'REPLACED', params: {} },
  ],
  [
    'a login refused for another reason stops too',
    { code: 418, text: 'Connection Failure', phase: 'login' },
    { type: 'halt', code: 'ACCOUNT_RESTRICTED', params: { code: 418 } },
  ],
  [
    'a login service that is down is tried again',
    { code: 503, text: 'Connection Failure', phase: 'login' },
    retry('STREAM_ERROR', { code: 503 }),
  ],
  [
    '515 outside of a pairing waits like any other end',
    { code: 515, text: 'Stream Errored (restart required)' },
    retry('STREAM_ERROR', { code: '515' }),
  ],
  [
    'the end of the stream is said by WhatsApp',
    { code: 428, text: 'Connection Terminated by Server' },
    retry('STREAM_ERROR', { code: 'xmlstreamend' }),
  ],
  [
    'a certificate of the handshake that is not WhatsApp’s is told as that',
    { code: 400, text: 'certification match failed', phase: 'login' },
    retry('SERVER_UNPROVEN', { host, error: 'certification match failed' }),
  ],
  [
    '405 is an outdated client',
    { code: 405, text: 'Connection Failure' },
    { type: 'halt', code: 'CLIENT_OUTDATED', params: { code: 405 } },
  ],
  ['406 is a ban', { code: 406, text: 'Connection Failure' }, { type: 'halt', code: 'ACCOUNT_BANNED', params: {} }],
  [
    '408 while scanning is used-up codes',
    { code: 408, text: 'QR refs attempts ended', phase: 'scanning' },
    { type: 'qr-expired' },
  ],
  [
    '408 with ENOTFOUND is DNS',
    {
      code: 408,
      error: 'ENOTFOUND',
      text: 'WebSocket Error (getaddrinfo ENOTFOUND web.whatsapp.com)',
      phase: 'connecting',
    },
    retry('NETWORK_DNS', { host, error: 'ENOTFOUND' }),
  ],
  [
    '408 with EAI_AGAIN is DNS',
    { code: 408, error: 'EAI_AGAIN', text: 'WebSocket Error', phase: 'connecting' },
    retry('NETWORK_DNS', { host, error: 'EAI_AGAIN' }),
  ],
  [
    '408 with ECONNREFUSED is a refusal',
    { code: 408, error: 'ECONNREFUSED', text: 'WebSocket Error ()', phase: 'connecting' },
    retry('NETWORK_REFUSED', { host, error: 'ECONNREFUSED' }),
  ],
  [
    '408 with ETIMEDOUT is a timeout',
    { code: 408, error: 'ETIMEDOUT', text: 'WebSocket Error ()', phase: 'connecting' },
    retry('NETWORK_TIMEOUT', { host }),
  ],
  [
    'a handshake that timed out is a timeout',
    { code: 408, text: 'WebSocket Error (Opening handshake has timed out)', phase: 'connecting' },
    retry('NETWORK_TIMEOUT', { host }),
  ],
  [
    'a self-signed certificate is TLS',
    {
      code: 500,
      error: 'SELF_SIGNED_CERT_IN_CHAIN',
      text: 'WebSocket Error (self-signed certificate)',
      phase: 'connecting',
    },
    retry('NETWORK_TLS', { host, error: 'SELF_SIGNED_CERT_IN_CHAIN' }),
  ],
  [
    'an alert of the other side is TLS',
    { code: 408, error: 'EPROTO', text: 'WebSocket Error (write EPROTO)', phase: 'connecting' },
    retry('NETWORK_TLS', { host, error: 'EPROTO' }),
  ],
  [
    'silence is a lost link',
    { code: 408, text: 'Connection was lost' },
    retry('NETWORK_LOST', { host, error: 'Connection was lost' }),
  ],
  [
    '428 is a lost link',
    { code: 428, text: 'Connection Terminated' },
    retry('NETWORK_LOST', { host, error: 'Connection Terminated' }),
  ],
  [
    'a reset is a lost link',
    { code: 408, error: 'ECONNRESET', text: 'WebSocket Error (read ECONNRESET)' },
    retry('NETWORK_LOST', { host, error: 'ECONNRESET' }),
  ],
  [
    '500 is a stream error with its tag',
    { code: 500, tag: 'xml-not-well-formed', text: 'Stream Errored' },
    retry('STREAM_ERROR', { code: '500 xml-not-well-formed' }),
  ],
  ['503 is a stream error', { code: 503, text: 'Stream Errored (unknown)' }, retry('STREAM_ERROR', { code: '503' })],
  [
    '502 by HTTP is the network',
    { code: 502, text: 'WebSocket Error (Unexpected server response: 502)', phase: 'connecting', error: 'HTTP 502' },
    retry('NETWORK_HTTP', { host, error: 'HTTP 502' }),
  ],
  [
    'a proxy that refuses is the proxy',
    { code: 408, error: 'ECONNREFUSED', failedProxy: 'http://127.0.0.1:1', phase: 'connecting' },
    retry('PROXY_FAILED', { proxy: 'http://127.0.0.1:1', error: 'ECONNREFUSED' }),
  ],
];

describe('the end of a link', () => {
  it.each(cases)('%s', (_, given, wanted) => {
    expect(classify(end(given))).toEqual(wanted);
  });
});
