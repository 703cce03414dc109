// A live connection where there can be no WebSocket: frames come as a server-sent stream, and go by POST. It looks like a WebSocket and keeps nothing.
import { shape } from '@pulseline/protocol';
import type { SocketConstructor, SocketLike } from './environment.ts';

const OPEN = 1;
const CLOSED = 3;
/** Frames that wait for their POST; more than that and the connection is given up. */
const MAX_WAITING = 100;
/** A block of the stream that is longer than this is no frame of ours. */
const MAX_BLOCK = 4 * 1024 * 1024;

const told = shape.object({ type: shape.string(), data: shape.anything() });
const connected = shape.object({ connectionId: shape.string(64, 1) });
const closed = shape.object({ code: shape.integer() });

/** `ws://host/ws?…` -> where the same is to be had by HTTP. */
function eventsUrl(socketUrl: string): URL {
  const url = new URL(socketUrl);
  url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
  url.pathname = url.pathname.replace(/\/ws$/, '/api/events');
  return url;
}

class EventStreamSocket implements SocketLike {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readyState = 0;
  readonly #url: URL;
  readonly #abort = new AbortController();
  #name: string | undefined;
  #waiting: string[] = [];
  #posting = false;

  constructor(url: string) {
    this.#url = eventsUrl(url);
    this.#read().then(
      (code) => this.#end(code),
      () => this.#end(1006),
    );
  }

  send(text: string): void {
    if (this.readyState !== OPEN) return;
    this.#waiting.push(text);
    if (this.#waiting.length > MAX_WAITING) return this.#end(1006);
    void this.#post();
  }

  close(): void {
    this.#end(1000);
  }

  /** Resolves with the close code. */
  async #read(): Promise<number> {
    const headers = { accept: 'text/event-stream' };
    const response = await fetch(this.#url, { headers, cache: 'no-store', signal: this.#abort.signal });
    const type = response.headers.get('content-type') ?? '';
    if (!response.ok || response.body === null || !type.startsWith('text/event-stream')) return 1006;
    this.readyState = OPEN;
    this.#call(this.onopen, {});
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return 1006;
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop() ?? '';
      if (rest.length > MAX_BLOCK) return 1006;
      for (const block of blocks) {
        const code = this.#take(block);
        if (code !== undefined) return code;
      }
    }
  }

  /** One block of the stream; a close code if it is the last. */
  #take(block: string): number | undefined {
    const lines = block.split('\n');
    const data = lines.flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : [])).join('\n');
    if (data === '') return undefined;
    if (lines.includes('event: close')) return closed.parse(JSON.parse(data)).code;
    if (this.#name === undefined) {
      const frame = told.parse(JSON.parse(data));
      if (frame.type === 'connected') this.#name = connected.parse(frame.data).connectionId;
    }
    this.#call(this.onmessage, { data });
    return undefined;
  }

  /** One after another, so that they arrive in order. */
  async #post(): Promise<void> {
    if (this.#posting || this.#name === undefined) return;
    this.#posting = true;
    const url = new URL(this.#url);
    url.pathname += `/${this.#name}`;
    url.search = '';
    for (let body = this.#waiting.shift(); body !== undefined; body = this.#waiting.shift()) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url, { method: 'POST', headers, body, signal: this.#abort.signal }).catch(
        () => undefined,
      );
      // The server does not know this connection any more.
      if (answer === undefined || answer.status === 404) this.#end(1006);
    }
    this.#posting = false;
  }

  #end(code: number): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#waiting = [];
    this.#abort.abort();
    this.#call(this.onclose, { code });
  }

  #call(listener: ((event: never) => void) | null, event: object): void {
    // What the listeners of a socket read is in `event`; their declared type is the least that all sockets share.
    if (listener !== null) Reflect.apply(listener, undefined, [event]);
  }
}

export const eventStream: SocketConstructor = EventStreamSocket;
