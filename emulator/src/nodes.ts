// Stanzas: building, reading and their binary form back into stanzas, by Baileys' own codec; it never sends one.
import { inflateSync } from 'node:zlib';
import * as constants from 'baileys/lib/WABinary/constants.js';
import { decodeDecompressedBinaryNode } from 'baileys/lib/WABinary/decode.js';
import type { BinaryNode } from 'baileys/lib/WABinary/types.js';

export type Node = BinaryNode;
export type Content = BinaryNode['content'];

/** The most bytes one stanza may have after inflation. */
const MAX_STANZA_BYTES = 4 * 1024 * 1024;

/** A stanza; attributes that are undefined are left out, because the codec would corrupt the stanza over them. */
export function node(tag: string, attrs: Readonly<Record<string, string | undefined>> = {}, content?: Content): Node {
  const present: Record<string, string> = {};
  for (const [name, value] of Object.entries(attrs)) if (value !== undefined) present[name] = value;
  return content === undefined ? { tag, attrs: present } : { tag, attrs: present, content };
}

/**
 * Somebody's own words as an attribute. The codec takes a text with an @ for an address and may break it, and it looks
 * texts up in a plain object, where "constructor" is found.
 */
export function words(text: string): string {
  const safe = text.replaceAll('@', '＠');
  return safe in {} ? `${safe}\u200b` : safe;
}

export function childrenOf(parent: Node | undefined): readonly Node[] {
  return Array.isArray(parent?.content) ? parent.content : [];
}

export function childOf(parent: Node | undefined, tag: string): Node | undefined {
  return childrenOf(parent).find((child) => child.tag === tag);
}

/** The content as bytes; a string that the dictionary made of them is turned back. */
export function bytesOf(leaf: Node | undefined): Buffer | undefined {
  const content = leaf?.content;
  if (typeof content === 'string') return Buffer.from(content);
  return content instanceof Uint8Array ? Buffer.from(content.buffer, content.byteOffset, content.length) : undefined;
}

export function textOf(leaf: Node | undefined): string | undefined {
  const content = leaf?.content;
  return typeof content === 'string' ? content : bytesOf(leaf)?.toString('utf8');
}

/** A big-endian unsigned number of 1 to 4 bytes. */
export function uintOf(leaf: Node | undefined): number | undefined {
  const bytes = bytesOf(leaf);
  return bytes && bytes.length > 0 && bytes.length <= 4 ? bytes.readUIntBE(0, bytes.length) : undefined;
}

export function uintBytes(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
}

/** @throws when the bytes are no stanza, or inflate to more than MAX_STANZA_BYTES. */
export function decodeNode(bytes: Buffer): Node {
  const flags = bytes[0];
  if (flags === undefined) throw new RangeError('an empty stanza');
  const body = bytes.subarray(1);
  const plain = (flags & 2) === 0 ? body : inflateSync(body, { maxOutputLength: MAX_STANZA_BYTES });
  return decodeDecompressedBinaryNode(plain, constants);
}
