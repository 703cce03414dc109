// One client's socket: from its first byte through the handshake to stanzas; it never decides what a stanza means.
import type { proto } from 'baileys/WAProto/index.js';
import type { WebSocket } from 'ws';
import { encodeNode } from './encode.ts';
import { FrameReader, frame } from './frames.ts';
import { generateKeyPair } from './keys.ts';
import { decodeNode, type Node, node } from './nodes.ts';
import { type ClientProof, Handshake, type NoiseIdentity, type Transport } from './noise.ts';
import type { Store } from './store.ts';
import { wire } from './wire.ts';
import type { Log } from './world.ts';

/** Unsent bytes of one socket above which stanzas wait in their queue. */
const MAX_UNSENT_BYTES = 2 * 1024 * 1024;
/** Unsent bytes of one socket above which it is cut: it asks and never listens. */
const MAX_HELD_BYTES = 32 * 1024 * 1024;
/** A client that has not finished its handshake by then is dropped. */
const HANDSHAKE_TIMEOUT_MS = 20_000;
/** Frames are joined to WebSocket messages of about this size. */
const MESSAGE_BYTES = 64 * 1024;

export type ClientPayload = proto.ClientPayload;

export interface Listener {
  /** The handshake is through; answer it by stanzas. */
  greeted(connection: Connection, proof: ClientProof, payload: ClientPayload): void;
  /** Stanzas come one after the other: the next waits for the promise. */
  received(connection: Connection, stanza: Node): Promise<void> | void;
  /** A stanza goes out, in its binary form. */
  sent(connection: Connection, stanza: Buffer): void;
  drained(connection: Connection): void;
  closed(connection: Connection): void;
}

type Phase =
  | { readonly kind: 'hello' | 'finish'; readonly handshake: Handshake }
  | { readonly kind: 'open'; readonly transport: Transport }
  | { readonly kind: 'closed' };

export class Connection {
  readonly #socket: WebSocket;
  readonly #store: Store;
  readonly #listener: Listener;
  readonly #log: Log;
  readonly #reader = new FrameReader();
  readonly #deadline: NodeJS.Timeout;
  #phase: Phase;
  #outbox: Buffer[] = [];
  #outboxBytes = 0;
  #flushing = false;
  #work: Promise<void> = Promise.resolve();
  #serial = 0;
  /** A deaf and dumb server: nothing goes out, nothing that comes in is looked at. */
  muted = false;

  constructor(socket: WebSocket, identity: NoiseIdentity, store: Store, listener: Listener, log: Log) {
    this.#socket = socket;
    this.#store = store;
    this.#listener = listener;
    this.#log = log;
    this.#phase = { kind: 'hello', handshake: new Handshake(identity, generateKeyPair()) };
    this.#deadline = setTimeout(() => this.drop(), HANDSHAKE_TIMEOUT_MS);
    socket.on('message', (data) => this.#take(data));
    socket.on('error', (error) => log.debug({ error: String(error) }, 'socket error'));
    socket.on('close', () => this.#closed());
  }

  get isOpen(): boolean {
    return this.#phase.kind === 'open';
  }

  get hasRoom(): boolean {
    return this.#outboxBytes + this.#socket.bufferedAmount < MAX_UNSENT_BYTES;
  }

  /** An id for a stanza that the server starts. */
  nextId(): string {
    this.#serial += 1;
    return `s.${this.#serial}`;
  }

  /** Sends after the commit of this turn, in order. Nothing happens on a socket that is not open. */
  send(stanza: Node): void {
    if (this.#phase.kind === 'open' && !this.muted) this.sendEncoded(encodeNode(stanza));
  }

  /** The same for a stanza in its binary form. */
  sendEncoded(stanza: Buffer): void {
    if (this.#phase.kind !== 'open' || this.muted) return;
    this.#listener.sent(this, stanza);
    this.#queueFrame(this.#phase.transport.seal(stanza));
  }

  /** A frame that the client cannot decrypt. */
  sendGarbage(bytes: Buffer): void {
    this.#queueFrame(frame(bytes));
  }

  /** A frame that ends in its middle, as when a line breaks; then the line is cut. */
  sendHalfFrame(bytes: Buffer): void {
    // Nothing may follow: it would be taken for the other half.
    this.muted = true;
    this.#store.afterCommit(() => {
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      this.#socket.send(frame(bytes).subarray(0, Math.ceil(bytes.length / 2)), () => this.#socket.terminate());
    });
  }

  /** Says a last word and closes once it is written. */
  end(last: Node = node('xmlstreamend')): void {
    this.send(last);
    this.#store.afterCommit(() => this.#socket.close());
  }

  /** Cuts the socket without a word. */
  drop(): void {
    this.#socket.terminate();
  }

  #take(data: unknown): void {
    try {
      const chunk = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : undefined;
      if (!chunk) throw new TypeError('a message that is not binary');
      for (const payload of this.#reader.push(chunk)) this.#frame(payload);
    } catch (error) {
      this.#log.warn({ error: String(error) }, 'hostile or broken client: dropped');
      this.drop();
    }
  }

  #frame(payload: Buffer): void {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'hello':
        this.#queueFrame(frame(phase.handshake.hello(payload)));
        this.#phase = { kind: 'finish', handshake: phase.handshake };
        return;
      case 'finish': {
        const proof = phase.handshake.finish(payload);
        clearTimeout(this.#deadline);
        this.#reader.trust();
        this.#phase = { kind: 'open', transport: phase.handshake.transport() };
        this.#listener.greeted(this, proof, wire().ClientPayload.decode(proof.payload));
        return;
      }
      case 'open': {
        if (this.muted) return;
        const stanza = decodeNode(phase.transport.open(payload));
        this.#work = this.#work
          .then(() => this.#listener.received(this, stanza))
          .catch((error: unknown) => this.#log.error({ error: String(error), tag: stanza.tag }, 'a stanza failed'));
        return;
      }
      case 'closed':
        return;
    }
  }

  #queueFrame(bytes: Buffer): void {
    this.#outbox.push(bytes);
    this.#outboxBytes += bytes.length;
    if (this.#outboxBytes + this.#socket.bufferedAmount > MAX_HELD_BYTES) {
      this.drop();
      return;
    }
    if (this.#flushing) return;
    this.#flushing = true;
    this.#store.afterCommit(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    const frames = this.#outbox;
    this.#outbox = [];
    this.#outboxBytes = 0;
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    for (let at = 0; at < frames.length; ) {
      let bytes = 0;
      const from = at;
      while (at < frames.length && bytes < MESSAGE_BYTES) bytes += frames[at++]?.length ?? 0;
      this.#socket.send(Buffer.concat(frames.slice(from, at)), () => this.#listener.drained(this));
    }
  }

  #closed(): void {
    clearTimeout(this.#deadline);
    if (this.#phase.kind === 'closed') return;
    this.#phase = { kind: 'closed' };
    this.#listener.closed(this);
  }
}
