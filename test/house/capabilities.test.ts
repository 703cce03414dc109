// Holds the table of capabilities against the code: every kind is in it, every cell has its proof, and what can be sent is what the API takes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conversation, message, messageKinds } from '@pulseline/protocol';
import { describe, expect, it } from 'vitest';
import { abilities, type Capability, kinds, sendable, services } from '../../scripts/capabilities.ts';
import { KINDS } from '../../server/src/whatsapp/normalise.ts';
import { readableTypes } from '../../server/src/whatsapp/readable.ts';
import { root } from './tree.ts';

const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const all = [...kinds, ...abilities, ...services];

describe('the table of capabilities', () => {
  it('has every kind of the model, every kind that becomes text, and no other', () => {
    expect(kinds.map(({ name }) => name).sort()).toEqual([...messageKinds].sort());
    expect(services.map(({ name }) => name).sort()).toEqual([...readableTypes].sort());
    expect([...KINDS.values()].filter((kind) => kinds.find(({ name }) => name === kind)?.in === undefined)).toEqual([]);
  });

  it('says of each kind that it is sent if the API takes it, and of no other', () => {
    expect([...sendable].filter((kind) => !kinds.some(({ name }) => name === kind))).toEqual([]);
    expect(kinds.filter(({ out }) => out !== undefined)).toEqual([]);
  });

  it.each(all.map((each): [string, Capability] => [each.name, each]))('%s: every cell has its proof', (_, each) => {
    const proofs = [each.in, each.out, each.shown, ...each.tested].filter((proof) => proof !== undefined);
    expect(proofs.filter(([path, words]) => !text(path).includes(words))).toEqual([]);
    expect(each.tested.length).toBeGreaterThan(0);
    for (const [path] of each.tested) expect(path).toMatch(/\.test\.ts$/);
    expect([...Object.keys(message.fields), ...Object.keys(conversation.fields)]).toContain(each.stored);
  });
});
