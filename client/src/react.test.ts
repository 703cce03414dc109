// The hooks as React renders them without a page: what they show of a client, and what they say where there is none. Their effects run in test/browser.
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { createLiveClient } from './live-client.ts';
import { LiveProvider, useFrame, useLive, useWebSocket } from './react.ts';

function Light() {
  const { status, connected, client } = useWebSocket();
  const url = useLive(({ url: told }) => told);
  useFrame('new_message', () => undefined);
  return `${status.phase} ${connected} ${url} ${typeof client.start}`;
}

describe('the hooks', () => {
  it('show the status of the client that the provider gives', () => {
    const client = createLiveClient('ws://host/ws');
    const page = createElement(LiveProvider, { value: client }, createElement(Light));
    expect(renderToString(page)).toBe('idle false ws://host/ws function');
  });

  it('say what is missing where no client is given', () => {
    expect(() => renderToString(createElement(Light))).toThrow('LiveProvider');
  });
});
