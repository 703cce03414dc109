// What the store and a device's queue keep over a restart; it starts no emulator.
import { describe, expect, it } from 'vitest';
import { folder } from '../test/process.ts';
import { node } from './nodes.ts';
import { DeviceQueue } from './queue.ts';
import { Store } from './store.ts';

const fail = (error: unknown): never => {
  throw error;
};

function reopen(dir: string, table: string): (readonly [string, string])[] {
  const store = new Store(dir, fail);
  const rows = [...store.table(table).rows()].map(([key, value]) => [key, String(value)] as const);
  store.close();
  return rows;
}

describe('Store', () => {
  it('lets an effect out only after what came before it is on disk, and in order', async () => {
    const dir = folder();
    const store = new Store(dir, fail);
    const table = store.table('t');
    const seen: string[] = [];
    table.put('a', () => '1');
    store.afterCommit(() => seen.push('first'));
    table.put('a', () => '2');
    store.afterCommit(() => seen.push('second'));
    expect(seen).toEqual([]);
    await store.stored();
    expect(seen).toEqual(['first', 'second']);
    store.close();
    expect(reopen(dir, 't')).toEqual([['a', '2']]);
  });

  it('keeps texts and bytes, forgets what is deleted, and commits the rest when it is closed', () => {
    const dir = folder();
    const store = new Store(dir, fail);
    store.table('t').put('text', () => '文');
    store.table('t').put('bytes', () => Buffer.from('b'));
    store.table('t').put('gone', () => 'x');
    store.table('t').delete('gone');
    store.close();
    expect(reopen(dir, 't')).toEqual([
      ['bytes', '98'],
      ['text', '文'],
    ]);
  });

  it('holds its directory against a second one, and gives it back when closed', () => {
    const dir = folder();
    const store = new Store(dir, fail);
    expect(() => new Store(dir, fail)).toThrow('another emulator holds');
    store.close();
    new Store(dir, fail).close();
  });

  it('lets nothing out and says so once when a commit fails', async () => {
    const errors: unknown[] = [];
    const store = new Store(folder(), (error) => errors.push(error));
    const seen: string[] = [];
    store.table('t').put('a', () => {
      throw new Error('no value');
    });
    store.afterCommit(() => seen.push('out'));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    store.afterCommit(() => seen.push('later'));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(seen).toEqual([]);
    expect(errors).toHaveLength(1);
  });

  it('does the same without a directory, in memory', async () => {
    const store = new Store(undefined, fail);
    store.table('t').put('a', () => '1');
    await store.stored();
    expect([...store.table('t').rows()]).toEqual([]);
    store.close();
  });
});

describe('DeviceQueue', () => {
  const message = (id: string, type?: string) => node('message', { id, type });

  it('comes back in order after a restart, without what was acknowledged', () => {
    const dir = folder();
    const first = new Store(dir, fail);
    const queue = new DeviceQueue(first.table('queue'), 'p1:1');
    for (const id of ['a', 'b', 'c']) queue.push(message(id));
    queue.push(node('receipt', { id: 'a', from: 'x', type: 'read' }));
    queue.acknowledge('message/b');
    first.close();
    const second = new Store(dir, fail);
    const again = new DeviceQueue(second.table('queue'), 'p1:1');
    for (const [row, bytes] of second.table('queue').rows()) {
      if (typeof bytes !== 'string') again.restore(row, bytes);
    }
    expect([...again.entries()].map(({ key }) => key)).toEqual(['message/a', 'message/c', 'receipt/a/read/x/']);
    again.push(message('d'));
    expect(again.size).toBe(4);
    second.close();
  });

  it('puts a message that is sent again at the end, in the place of the old one', () => {
    const store = new Store(undefined, fail);
    const queue = new DeviceQueue(store.table('queue'), 'p1:1');
    const old = queue.push(message('a'));
    queue.push(message('b'));
    const resent = queue.push(message('a', 'text'));
    expect([...queue.entries()].map(({ seq }) => seq)).toEqual([2, 3]);
    expect(queue.find(old)).toBeUndefined();
    expect(queue.find(resent)).toEqual(resent);
    expect(queue.acknowledge('message/zzz')).toBe(false);
  });
});
