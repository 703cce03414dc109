// A bare WebSocket client, as any script has it: it keeps every frame as it came, answers nothing by itself, and holds each against the protocol.
import { isDurableType, isEphemeralType, parseServerFrame } from '@pulseline/protocol';
import { expect } from 'vitest';
import WebSocket from 'ws';
import { until } from '../until.ts';

export interface Frame {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly timestamp: number;
  readonly stream?: string;
  readonly seq?: number;
}

export interface Wire {
  readonly socket: WebSocket;
  readonly frames: readonly Frame[];
  /** WebSocket pings, which the library answers. */
  readonly pings: () => number;
  of(type: string): readonly Frame[];
  /** Waits for a frame. */
  frame(type: string, fits?: (frame: Frame) => boolean): Promise<Frame>;
  send(frame: unknown): void;
  /** The close code, as soon as it is closed. */
  closed(): Promise<number>;
  close(): void;
}

/** Opens a connection and waits for its first frame. */
export async function openWire(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Wire> {
  const socket = new WebSocket(url, { headers });
  const frames: Frame[] = [];
  let pings = 0;
  let code: number | undefined;
  let failure: Error | undefined;
  socket.on('message', (data, isBinary) => {
    const text = data.toString();
    expect(isBinary).toBe(false);
    const frame = JSON.parse(text);
    hold(text, frame);
    frames.push(frame);
  });
  socket.on('ping', () => {
    pings += 1;
  });
  socket.on('close', (closeCode) => {
    code = closeCode;
  });
  socket.on('error', (error) => {
    failure = error;
  });
  const of = (type: string) => frames.filter((frame) => frame.type === type);
  const wire: Wire = {
    socket,
    frames,
    pings: () => pings,
    of,
    frame: (type, fits = () => true) => until(`a frame ${type}`, () => of(type).find(fits), 30_000),
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    closed: () => until('the end of a connection', () => code, 30_000),
    close: () => socket.terminate(),
  };
  await until('the first frame', () => {
    if (failure !== undefined) throw failure;
    return frames.length > 0;
  });
  return wire;
}

/** Every frame is one of the protocol's; a durable type bears stream and seq at top level, an ephemeral one neither. */
function hold(text: string, frame: Frame): void {
  expect(isDurableType(frame.type) || isEphemeralType(frame.type)).toBe(true);
  expect(parseServerFrame(text)).toMatchObject({ ok: true });
  const keys = Object.keys(frame).filter((key) => key === 'stream' || key === 'seq');
  expect([frame.type, keys]).toEqual([frame.type, isDurableType(frame.type) ? ['stream', 'seq'] : []]);
}
