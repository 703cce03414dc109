// One storage for all sockets behaves like one for each: own contexts, nested, over awaits, and gone outside.
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { installSharedContext, SharedContext } from './shared-context.ts';

const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe.each([
  ['one of Node’s own', () => new AsyncLocalStorage<string>()],
  ['a shared one', () => new SharedContext<string>()],
])('a context in %s', (_, make) => {
  it('is its owner’s alone, over awaits and when others run inside', async () => {
    const [one, other] = [make(), make()];
    const seen = await one.run('1', async () => {
      await later();
      const inside = await other.run('2', async () => {
        await later();
        return [one.getStore(), other.getStore(), one.run('3', () => one.getStore())];
      });
      return [...inside, one.getStore(), other.getStore(), one.exit(() => one.getStore())];
    });
    expect(seen).toEqual(['1', '2', '3', '1', undefined, undefined]);
    expect([one.getStore(), other.getStore()]).toEqual([undefined, undefined]);
  });

  it('keeps parallel runs apart, and is gone when one throws', async () => {
    const one = make();
    const runs = ['a', 'b', 'c'].map((name) =>
      one.run(name, async () => {
        await later();
        return one.getStore();
      }),
    );
    expect(await Promise.all(runs)).toEqual(['a', 'b', 'c']);
    expect(() =>
      one.run('lost', () => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(one.getStore()).toBeUndefined();
  });
});

describe('a shared storage', () => {
  it('is laid down when nobody is inside, and whoever ends takes nothing from who goes on', async () => {
    const [one, other] = [new SharedContext<string>(), new SharedContext<string>()];
    const [quick, slow] = [
      one.run('quick', async () => later()),
      other.run('slow', async () => {
        await later();
        await later();
        await later();
        return other.getStore();
      }),
    ];
    await quick;
    expect(await slow).toBe('slow');
    let leaked: unknown = 'not seen';
    await one.run('before', async () => {
      setImmediate(() => {
        leaked = one.getStore();
      });
    });
    await later();
    expect(leaked).toBeUndefined();
    expect(await one.run('again', async () => later().then(() => one.getStore()))).toBe('again');
  });
});

describe('the library', () => {
  it('takes the shared one once it is installed', async () => {
    installSharedContext();
    const hooks = await import('node:async_hooks');
    expect(new hooks.AsyncLocalStorage()).toBeInstanceOf(SharedContext);
  });
});
