// Records in the order they came, found by their key, packed so that a million of them take little memory; it never forgets one by itself.
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** A segment that is full is compressed: stanzas of one device are mostly alike but for their ciphertexts. */
const SEGMENT_BYTES = 32 * 1024;
const FIRST_SEGMENT_BYTES = 1024;
/** Before each record: bytes of its key and of its value. */
const HEAD_BYTES = 8;
const FIRST_SLOTS = 64;
/** Segments that were opened for reading stay open, over all maps, so that a walk opens each of them once. */
const MAX_OPEN = 128;
/** Places are numbers of 32 bits. */
const MAX_SEGMENTS = 2 ** 32 / SEGMENT_BYTES;
/** What records that are gone may hold, beside the living. */
const SPARE_BYTES = 8 * SEGMENT_BYTES;

interface Segment {
  bytes: Buffer;
  readonly capacity: number;
  compressed: boolean;
  /** Of records that are still here, heads included. */
  live: number;
  used: number;
}

const open = new Map<Segment, Buffer>();

function contentOf(segment: Segment): Buffer {
  if (!segment.compressed) return segment.bytes;
  const known = open.get(segment);
  if (known) return known;
  const bytes = inflateRawSync(segment.bytes);
  open.set(segment, bytes);
  const [oldest] = open.keys();
  if (oldest && open.size > MAX_OPEN) open.delete(oldest);
  return bytes;
}

/** FNV-1a. Two keys with one hash are told apart by the record itself. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

type Segments = readonly (Segment | undefined)[];
type Pair = readonly [key: string, value: Buffer];
/** A text is kept as its UTF-8. */
type Value = Uint8Array | string;

/** A place is a byte of a segment; 0 is nowhere. */
function recordAt(segments: Segments, place: number): Pair {
  const segment = segments[Math.floor(place / SEGMENT_BYTES)];
  if (!segment) throw new RangeError('a record without its segment');
  const bytes = contentOf(segment);
  const at = place % SEGMENT_BYTES;
  const key = at + HEAD_BYTES;
  const value = key + bytes.readUInt32LE(at);
  return [bytes.toString('utf8', key, value), bytes.subarray(value, value + bytes.readUInt32LE(at + 4))];
}

/** Like a Map from texts to bytes, for many small values. Nothing may be added while it is being walked. */
export class PackedMap {
  /** The first one is never used. */
  #segments: (Segment | undefined)[] = [undefined];
  #free: number[] = [];
  #writing = 0;
  /** By slot, in the order in which they came. */
  #places = new Uint32Array(FIRST_SLOTS);
  #hashes = new Uint32Array(FIRST_SLOTS);
  #slots = 0;
  /** No slot before it is in use. */
  #first = 0;
  /** Slot + 1 by hash, with open addressing; slots that are gone stay until the next rebuilding. */
  #table = new Uint32Array(FIRST_SLOTS * 2);
  #size = 0;
  #liveBytes = 0;
  #heldBytes = 0;

  get size(): number {
    return this.#size;
  }

  /** Bytes of memory that its records and its index take. */
  get weight(): number {
    const held = this.#segments.reduce((sum, segment) => sum + (segment?.bytes.length ?? 0), 0);
    return held + this.#places.byteLength + this.#hashes.byteLength + this.#table.byteLength;
  }

  /** The bytes stay as they are, whatever happens to the map later. */
  get(key: string): Buffer | undefined {
    const slot = this.#find(key);
    return slot === undefined ? undefined : this.#read(this.#places[slot] ?? 0)[1];
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  /** A key that is there keeps its place in the order. */
  set(key: string, value: Value): void {
    const known = this.#find(key);
    if (known === undefined) {
      this.#add(key, hashOf(key), value);
      return;
    }
    this.#release(this.#places[known] ?? 0);
    this.#places[known] = this.#append(key, value);
    this.#repackIfSpare();
  }

  /** @returns false, with nothing changed, when the key is there. */
  add(key: string, value: Value): boolean {
    const hash = hashOf(key);
    if (this.#find(key, hash) !== undefined) return false;
    this.#add(key, hash, value);
    return true;
  }

  delete(key: string): boolean {
    const slot = this.#find(key);
    if (slot === undefined) return false;
    this.#release(this.#places[slot] ?? 0);
    this.#places[slot] = 0;
    this.#size -= 1;
    // The oldest go first where there is a bound: whoever asks for the oldest must not walk past all that went.
    while (this.#first < this.#slots && !this.#places[this.#first]) this.#first += 1;
    return true;
  }

  /** Oldest first. @param after a key that is there: only what came after it. */
  *entries(after?: string): Generator<Pair> {
    const first = after === undefined ? this.#first : (this.#find(after) ?? this.#slots) + 1;
    for (let slot = first; slot < this.#slots; slot++) {
      const place = this.#places[slot];
      if (place) yield this.#read(place);
    }
  }

  #add(key: string, hash: number, value: Value): void {
    if (this.#slots === this.#places.length) this.#rebuild();
    const slot = this.#slots++;
    this.#places[slot] = this.#append(key, value);
    this.#hashes[slot] = hash;
    this.#enter(slot);
    this.#size += 1;
    this.#repackIfSpare();
  }

  #repackIfSpare(): void {
    if (this.#heldBytes > 2 * this.#liveBytes + SPARE_BYTES) this.#repack();
  }

  #find(key: string, hash = hashOf(key)): number | undefined {
    const mask = this.#table.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = (this.#table[at] ?? 0) - 1;
      if (slot < 0) return undefined;
      const place = this.#places[slot];
      if (place && this.#hashes[slot] === hash && this.#read(place)[0] === key) return slot;
    }
  }

  #enter(slot: number): void {
    const mask = this.#table.length - 1;
    let at = (this.#hashes[slot] ?? 0) & mask;
    while (this.#table[at]) at = (at + 1) & mask;
    this.#table[at] = slot + 1;
  }

  /** Slots that are gone make room; half of the slots are free afterwards. */
  #rebuild(): void {
    let length = FIRST_SLOTS;
    while (length < this.#size * 2) length *= 2;
    const [places, hashes, slots] = [this.#places, this.#hashes, this.#slots];
    this.#places = new Uint32Array(length);
    this.#hashes = new Uint32Array(length);
    this.#table = new Uint32Array(length * 2);
    this.#slots = 0;
    this.#first = 0;
    for (let slot = 0; slot < slots; slot++) {
      const place = places[slot];
      if (!place) continue;
      this.#places[this.#slots] = place;
      this.#hashes[this.#slots] = hashes[slot] ?? 0;
      this.#enter(this.#slots++);
    }
  }

  #read(place: number): Pair {
    return recordAt(this.#segments, place);
  }

  #append(key: string, value: Value): number {
    const keyBytes = Buffer.byteLength(key);
    const valueBytes = Buffer.byteLength(value);
    const size = HEAD_BYTES + keyBytes + valueBytes;
    const segment = this.#room(size);
    const at = segment.used;
    segment.bytes.writeUInt32LE(keyBytes, at);
    segment.bytes.writeUInt32LE(valueBytes, at + 4);
    segment.bytes.write(key, at + HEAD_BYTES);
    if (typeof value === 'string') segment.bytes.write(value, at + HEAD_BYTES + keyBytes);
    else segment.bytes.set(value, at + HEAD_BYTES + keyBytes);
    segment.used += size;
    segment.live += size;
    this.#liveBytes += size;
    return this.#writing * SEGMENT_BYTES + at;
  }

  #room(size: number): Segment {
    const current = this.#segments[this.#writing];
    if (current && current.used + size <= current.bytes.length) return current;
    if (current) this.#seal(this.#writing, current);
    const usual = Math.min(SEGMENT_BYTES, Math.max(FIRST_SEGMENT_BYTES, this.#liveBytes));
    const capacity = Math.max(usual, size);
    const segment = { bytes: Buffer.allocUnsafeSlow(capacity), capacity, compressed: false, live: 0, used: 0 };
    const number = this.#free.pop() ?? this.#segments.length;
    if (number >= MAX_SEGMENTS) throw new RangeError('more records than a packed map can hold');
    this.#segments[number] = segment;
    this.#writing = number;
    this.#heldBytes += capacity;
    return segment;
  }

  /** Nothing will be added to it. One whose records are mostly gone will soon be empty: it is left as it is. */
  #seal(number: number, segment: Segment): void {
    if (segment.live === 0) return this.#drop(number, segment);
    if (segment.live * 2 < segment.used) return;
    const packed = deflateRawSync(segment.bytes.subarray(0, segment.used), { level: 1 });
    if (packed.length * 4 > segment.used * 3) return;
    // A copy of its own: what zlib hands over may lie in a larger block.
    segment.bytes = Buffer.allocUnsafeSlow(packed.length);
    segment.bytes.set(packed);
    segment.compressed = true;
  }

  #release(place: number): void {
    const number = Math.floor(place / SEGMENT_BYTES);
    const segment = this.#segments[number];
    if (!segment) return;
    const bytes = contentOf(segment);
    const at = place % SEGMENT_BYTES;
    const size = HEAD_BYTES + bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4);
    segment.live -= size;
    this.#liveBytes -= size;
    if (segment.live === 0 && number !== this.#writing) this.#drop(number, segment);
  }

  #drop(number: number, segment: Segment): void {
    this.#segments[number] = undefined;
    this.#free.push(number);
    this.#heldBytes -= segment.capacity;
    open.delete(segment);
  }

  /** A few records that stay must not hold the segments of the many that went. */
  #repack(): void {
    const before = this.#segments;
    this.#segments = [undefined];
    this.#free = [];
    this.#writing = 0;
    this.#liveBytes = 0;
    this.#heldBytes = 0;
    for (let slot = 0; slot < this.#slots; slot++) {
      const place = this.#places[slot];
      if (place) this.#places[slot] = this.#append(...recordAt(before, place));
    }
  }
}
