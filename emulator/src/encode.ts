// Stanzas to bytes: the same bytes as Baileys' own codec makes, in a tenth of the time; it never reads a stanza.
import { TAGS, TOKEN_MAP } from 'baileys/lib/WABinary/constants.js';
import { jidDecode } from 'baileys/lib/WABinary/jid-utils.js';
import type { BinaryNode } from 'baileys/lib/WABinary/types.js';

/** A map, because a plain object knows words like "constructor". */
const TOKENS: ReadonlyMap<string, { readonly dict?: number; readonly index: number }> = new Map(
  Object.entries(TOKEN_MAP),
);
const PACKED_MAX = 127;
const PAD = 15;

/** Grows with the largest stanza; one turn of the event loop writes into it and copies out. */
let scratch = Buffer.allocUnsafe(64 * 1024);
let at = 0;

function room(bytes: number): void {
  if (at + bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafe(Math.max(scratch.length * 2, at + bytes));
  scratch.copy(larger, 0, 0, at);
  scratch = larger;
}

function byte(value: number): void {
  room(1);
  scratch[at++] = value;
}

function length(bytes: number): void {
  room(5);
  if (bytes >= 1 << 20) {
    scratch[at++] = TAGS.BINARY_32;
    at = scratch.writeUInt32BE(bytes, at);
  } else if (bytes >= 256) {
    scratch[at++] = TAGS.BINARY_20;
    at = scratch.writeUIntBE(bytes, at, 3);
  } else {
    scratch[at++] = TAGS.BINARY_8;
    scratch[at++] = bytes;
  }
}

function raw(text: string): void {
  const bytes = Buffer.byteLength(text);
  length(bytes);
  room(bytes);
  at += scratch.write(text, at);
}

/** The half byte of a character, or -1. */
function nibble(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  return code === 45 ? 10 : code === 46 ? 11 : -1;
}

function hex(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  return code >= 65 && code <= 70 ? code - 55 : -1;
}

/** Two characters in a byte. @returns false, with nothing written, when a character does not fit. */
function packed(text: string, tag: number, half: (code: number) => number): boolean {
  if (text.length > PACKED_MAX) return false;
  for (let i = 0; i < text.length; i++) if (half(text.charCodeAt(i)) < 0) return false;
  const odd = text.length % 2;
  room(2 + text.length);
  scratch[at++] = tag;
  scratch[at++] = Math.ceil(text.length / 2) | (odd ? 128 : 0);
  for (let i = 0; i + 1 < text.length; i += 2) {
    scratch[at++] = (half(text.charCodeAt(i)) << 4) | half(text.charCodeAt(i + 1));
  }
  if (odd) scratch[at++] = (half(text.charCodeAt(text.length - 1)) << 4) | PAD;
  return true;
}

function string(text: string): void {
  if (text === '') {
    raw(text);
    return;
  }
  const token = TOKENS.get(text);
  if (token) {
    if (token.dict !== undefined) byte(TAGS.DICTIONARY_0 + token.dict);
    byte(token.index);
    return;
  }
  if (packed(text, TAGS.NIBBLE_8, nibble) || packed(text, TAGS.HEX_8, hex)) return;
  const jid = text.includes('@') ? jidDecode(text) : undefined;
  if (!jid) raw(text);
  else if (jid.device !== undefined) {
    byte(TAGS.AD_JID);
    byte((jid.domainType ?? 0) & 0xff);
    byte(jid.device & 0xff);
    string(jid.user);
  } else {
    byte(TAGS.JID_PAIR);
    if (jid.user === '') byte(TAGS.LIST_EMPTY);
    else string(jid.user);
    string(jid.server);
  }
}

function list(size: number): void {
  if (size === 0) byte(TAGS.LIST_EMPTY);
  else if (size < 256) {
    byte(TAGS.LIST_8);
    byte(size);
  } else {
    byte(TAGS.LIST_16);
    room(2);
    at = scratch.writeUInt16BE(size, at);
  }
}

function write({ tag, attrs, content }: BinaryNode): void {
  const names = Object.keys(attrs);
  list(2 * names.length + 1 + (content === undefined ? 0 : 1));
  string(tag);
  for (const name of names) {
    string(name);
    string(attrs[name] ?? '');
  }
  if (content === undefined) return;
  if (typeof content === 'string') string(content);
  else if (Array.isArray(content)) {
    list(content.length);
    for (const child of content) write(child);
  } else {
    length(content.length);
    room(content.length);
    scratch.set(content, at);
    at += content.length;
  }
}

/** The binary form with its flag byte; never compressed. The bytes are the caller's own. */
export function encodeNode(stanza: BinaryNode): Buffer {
  at = 0;
  byte(0);
  write(stanza);
  return Buffer.from(scratch.subarray(0, at));
}

const OFFLINE = encodeNode({ tag: 'message', attrs: { offline: '0' } }).subarray(4);
/** Words that are one byte. */
const FIRST_WORD = 3;

/** The same stanza with the mark of the offline queue. @returns undefined when its beginning is not of the usual form. */
export function markOffline(bytes: Buffer): Buffer | undefined {
  const [, tag, size = 255, word = 0] = bytes;
  if (tag !== TAGS.LIST_8 || size > 250 || word < FIRST_WORD || word >= TAGS.DICTIONARY_0) return undefined;
  return Buffer.concat([Buffer.from([0, TAGS.LIST_8, size + 2, word]), OFFLINE, bytes.subarray(4)]);
}
