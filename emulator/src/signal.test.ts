// Sessions of simulated people: what comes late on an older one is read and spoils nothing, as with WhatsApp's own phones.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { silenceLibsignal } from './libsignal.ts';
import { People } from './people.ts';
import type { Person } from './person.ts';
import { type Ciphertext, Sessions } from './signal.ts';
import { Store } from './store.ts';

silenceLibsignal();

function two() {
  const store = new Store(undefined, (error) => {
    throw error;
  });
  const people = new People(store, randomBytes);
  const sessions = new Sessions(store, `test ${randomBytes(4).toString('hex')}`);
  const [a, b] = [people.create('contact', 'A'), people.create('contact', 'B')];
  const seal = (from: Person, to: Person, text: string) =>
    sessions.encrypt(from, { person: to, device: 0 }, Buffer.from(text), () => to.takeBundle(0));
  const read = async (by: Person, from: Person, sealed: Ciphertext) =>
    (await sessions.decrypt(by, { person: from, device: 0 }, sealed)).toString();
  return { a, b, sessions, seal, read };
}

describe('Sessions', () => {
  it('read what comes late on an older session, and go on with the newer one', async () => {
    const { a, b, sessions, seal, read } = two();
    expect(await read(b, a, await seal(a, b, 'one'))).toBe('one');
    expect(await read(a, b, await seal(b, a, 'two'))).toBe('two');
    const late = await seal(a, b, 'late, on the old session');
    sessions.drop(a, { person: b, device: 0 });
    expect(await read(b, a, await seal(a, b, 'three, on a new one'))).toBe('three, on a new one');
    expect(await read(b, a, late)).toBe('late, on the old session');
    expect(await read(b, a, await seal(a, b, 'four'))).toBe('four');
    expect(await read(a, b, await seal(b, a, 'five'))).toBe('five');
  });

  it('are as they were after a message that no session opens, whole or damaged', async () => {
    const { a, b, seal, read } = two();
    await read(b, a, await seal(a, b, 'one'));
    await read(a, b, await seal(b, a, 'two'));
    const damaged = await seal(a, b, 'three');
    damaged.bytes.writeUInt8(damaged.bytes.readUInt8(damaged.bytes.length - 12) ^ 1, damaged.bytes.length - 12);
    await expect(read(b, a, damaged)).rejects.toThrow();
    expect(await read(b, a, await seal(a, b, 'four'))).toBe('four');
    expect(await read(a, b, await seal(b, a, 'five'))).toBe('five');
  });
});
