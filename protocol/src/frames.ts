// The frames of a live connection: their types, and the only parsers and encoders of them; it never throws at a peer's text.
import {
  type ClientData,
  type ClientType,
  clientFrames,
  type DurableData,
  type DurableType,
  durableEvents,
  type EphemeralData,
  type EphemeralType,
  ephemeralEvents,
} from './events.ts';
import { ShapeError } from './shape.ts';

/** The version that `connected` tells. It rises only when a frame changes its meaning. */
export const PROTOCOL_VERSION = 1;
/** An inbound frame is at most this long (close code 1009). */
export const MAX_CLIENT_FRAME_BYTES = 65_536;
/** Deeper JSON is refused: walking it could exhaust a stack. */
const MAX_DEPTH = 64;

type DurableFrames = {
  readonly [K in DurableType]: {
    readonly type: K;
    readonly data: DurableData[K];
    /** When it was committed, ms since epoch. */
    readonly timestamp: number;
    readonly stream: string;
    readonly seq: number;
  };
};
type EphemeralFrames = {
  readonly [K in EphemeralType]: { readonly type: K; readonly data: EphemeralData[K]; readonly timestamp: number };
};
type ClientFrames = { readonly [K in ClientType]: { readonly type: K; readonly data: ClientData[K] } };

/** An event of the log: it has a position. */
export type DurableFrame = DurableFrames[DurableType];
/** A frame of the moment: it has none. */
export type EphemeralFrame = EphemeralFrames[EphemeralType];
export type ServerFrame = DurableFrame | EphemeralFrame;
export type ServerFrameOf<K extends ServerFrame['type']> = Extract<ServerFrame, { readonly type: K }>;
export type ClientFrame = ClientFrames[ClientType];

/** Why a text is not a frame. `UNKNOWN_FRAME` = well-formed, but of a type that this side does not know. */
export interface FrameProblem {
  readonly code: 'BAD_FRAME' | 'UNKNOWN_FRAME';
  /** What was expected, and where. */
  readonly detail: string;
}

export type ClientFrameResult =
  | { readonly ok: true; readonly frame: ClientFrame }
  | { readonly ok: false; readonly problem: FrameProblem };

/**
 * `position` is there even if the rest cannot be used, so that a client passes over an event it does not
 * understand instead of asking for it again and again.
 */
export type ServerFrameResult =
  | { readonly ok: true; readonly frame: ServerFrame }
  | {
      readonly ok: false;
      readonly problem: FrameProblem;
      readonly position?: { readonly stream: string; readonly seq: number };
    };

export function isDurableType(type: string): type is DurableType {
  return Object.hasOwn(durableEvents, type);
}
export function isEphemeralType(type: string): type is EphemeralType {
  return Object.hasOwn(ephemeralEvents, type);
}
export function isDurable(frame: ServerFrame): frame is DurableFrame {
  return isDurableType(frame.type);
}

/** What a client sent -> a frame, or why it is none. `data` may be left out where nothing in it is required. */
export function parseClientFrame(text: string): ClientFrameResult {
  const envelope = parseEnvelope(text);
  if ('code' in envelope) return { ok: false, problem: envelope };
  const { type } = envelope;
  if (!Object.hasOwn(clientFrames, type)) {
    return { ok: false, problem: { code: 'UNKNOWN_FRAME', detail: `type ${JSON.stringify(type.slice(0, 64))}` } };
  }
  try {
    const known = type as ClientType;
    const given = envelope.fields['data'];
    // An echo gives back what it got, `null` too.
    const data = clientFrames[known].parse(known === 'test' && given === null ? null : (given ?? {}), 'data');
    return { ok: true, frame: { type: known, data } as ClientFrame };
  } catch (error) {
    return { ok: false, problem: { code: 'BAD_FRAME', detail: shapeDetail(error) } };
  }
}

/** What a server sent -> a frame, or why it cannot be used. */
export function parseServerFrame(text: string): ServerFrameResult {
  const envelope = parseEnvelope(text);
  if ('code' in envelope) return { ok: false, problem: envelope };
  const { type, fields } = envelope;
  const { stream, seq, timestamp } = fields;
  const position =
    typeof stream === 'string' && typeof seq === 'number' && Number.isSafeInteger(seq) ? { stream, seq } : undefined;
  const fail = (problem: FrameProblem): ServerFrameResult =>
    position === undefined ? { ok: false, problem } : { ok: false, problem, position };
  const durable = isDurableType(type);
  if (!durable && !isEphemeralType(type)) {
    return fail({ code: 'UNKNOWN_FRAME', detail: `type ${JSON.stringify(type.slice(0, 64))}` });
  }
  if (durable && position === undefined) {
    return fail({ code: 'BAD_FRAME', detail: 'stream and seq: expected a position' });
  }
  if (typeof timestamp !== 'number') return fail({ code: 'BAD_FRAME', detail: 'timestamp: expected a number' });
  try {
    const data = (durable ? durableEvents[type] : ephemeralEvents[type as EphemeralType]).parse(fields['data'], 'data');
    return { ok: true, frame: { type, data, timestamp, ...(durable && position) } as ServerFrame };
  } catch (error) {
    return fail({ code: 'BAD_FRAME', detail: shapeDetail(error) });
  }
}

/** The text of a frame of the moment. */
export function encodeEphemeral<K extends EphemeralType>(type: K, data: EphemeralData[K], timestamp: number): string {
  return `{"type":"${type}","data":${JSON.stringify(data) ?? 'null'},"timestamp":${timestamp}}`;
}

/** The text of an event of the log; `data` is JSON text already, as the log keeps it. */
export function encodeDurable(event: {
  readonly type: DurableType;
  readonly data: string;
  readonly at: number;
  readonly stream: string;
  readonly seq: number;
}): string {
  const stream = JSON.stringify(event.stream);
  return `{"type":"${event.type}","data":${event.data},"timestamp":${event.at},"stream":${stream},"seq":${event.seq}}`;
}

/** The text of a client's frame. */
export function encodeClientFrame(frame: ClientFrame): string {
  return JSON.stringify(frame);
}

interface Envelope {
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

function parseEnvelope(text: string): Envelope | FrameProblem {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { code: 'BAD_FRAME', detail: 'expected JSON text' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { code: 'BAD_FRAME', detail: 'expected an object {type, data}' };
  }
  const danger = findDanger(value);
  if (danger !== undefined) return { code: 'BAD_FRAME', detail: danger };
  const fields = value as Readonly<Record<string, unknown>>;
  const type = fields['type'];
  if (typeof type !== 'string' || type === '') return { code: 'BAD_FRAME', detail: 'type: expected text' };
  return { type, fields };
}

/** Looks for keys that reach a prototype, and for depth; it walks with a list, so that no depth can exhaust the stack. */
function findDanger(root: object): string | undefined {
  let level: object[] = [root];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return `expected at most ${MAX_DEPTH} levels`;
    const next: object[] = [];
    for (const node of level) {
      for (const [key, item] of Object.entries(node)) {
        if (key === '__proto__') return 'expected no key __proto__';
        if (typeof item !== 'object' || item === null) continue;
        if (key === 'constructor' && Object.hasOwn(item, 'prototype')) return 'expected no key constructor.prototype';
        next.push(item);
      }
    }
    level = next;
  }
  return undefined;
}

function shapeDetail(error: unknown): string {
  if (error instanceof ShapeError) return error.message;
  throw error;
}
