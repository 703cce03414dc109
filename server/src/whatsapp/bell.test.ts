// Holds that no ring is lost, and that no two runs overlap.
import { describe, expect, it } from 'vitest';
import { Bell } from './bell.ts';

function scene() {
  const failures: unknown[] = [];
  const open: { end: () => void; fail: (error: Error) => void }[] = [];
  let runs = 0;
  const bell = new Bell(
    () =>
      new Promise((end, fail) => {
        runs++;
        open.push({ end, fail });
      }),
    (error) => failures.push(error),
  );
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { bell, failures, open, settle, runs: () => runs };
}

describe('a bell', () => {
  it('has the work done once more for all the rings that came meanwhile', async () => {
    const { bell, open, settle, runs } = scene();
    bell.ring();
    for (let i = 0; i < 5; i++) bell.ring();
    expect(runs()).toBe(1);
    open.shift()?.end();
    await settle();
    expect(runs()).toBe(2);
    open.shift()?.end();
    await settle();
    expect(runs()).toBe(2);
    bell.ring();
    expect(runs()).toBe(3);
  });

  it('tells of a run that failed, and answers a ring that came meanwhile', async () => {
    const { bell, failures, open, settle, runs } = scene();
    bell.ring();
    bell.ring();
    open.shift()?.fail(new Error('the disk'));
    await settle();
    expect([failures.map(String), runs()]).toEqual([['Error: the disk'], 2]);
  });

  it('begins nothing when it is closed', async () => {
    const { bell, open, settle, runs } = scene();
    bell.ring();
    bell.ring();
    bell.close();
    open.shift()?.end();
    await settle();
    bell.ring();
    expect([runs(), bell.closed]).toEqual([1, true]);
  });
});
