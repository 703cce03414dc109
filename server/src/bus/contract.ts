// What every bus must do, as one suite for all adapters; it promises no more than the port does (rings may be lost or doubled).
import { describe, expect, it } from 'vitest';
import type { Bus, Ring } from './port.ts';

/** `open` makes two ends of one bus; for a bus of one process they are the same. */
export function busContract(name: string, open: () => Promise<{ readonly here: Bus; readonly there: Bus }>): void {
  const ring: Ring = { stream: 'acc_01', epoch: 'e1', seq: 7 };

  async function heard(listen: (listener: (ring: Ring) => void) => unknown, act: () => void): Promise<Ring> {
    const first = new Promise<Ring>((resolve) => listen(resolve));
    act();
    return first;
  }

  describe(`bus: ${name}`, () => {
    it('carries stream, epoch and seq to the other end', async () => {
      const { here, there } = await open();
      expect(await heard(there.listen, () => here.ring(ring))).toEqual(ring);
      await Promise.all([here.close(), there.close()]);
    });

    it('reaches every listener, also the same function twice', async () => {
      const { here, there } = await open();
      let count = 0;
      const both = new Promise<void>((resolve) => {
        const listener = () => {
          count += 1;
          if (count === 2) resolve();
        };
        there.listen(listener);
        there.listen(listener);
      });
      here.ring(ring);
      await both;
      expect(count).toBe(2);
      await Promise.all([here.close(), there.close()]);
    });

    it('does not call a listener before ring returns, nor after it has ended', async () => {
      const { here, there } = await open();
      const calls: string[] = [];
      const end = there.listen(() => calls.push('ended'));
      there.listen(() => calls.push('stays'));
      const arrived = heard(there.listen, () => here.ring(ring));
      expect(calls).toEqual([]);
      end();
      await arrived;
      expect(calls).toEqual(['stays']);
      await Promise.all([here.close(), there.close()]);
    });

    it('is silent after close, and ringing a closed bus is harmless', async () => {
      const { here, there } = await open();
      let calls = 0;
      there.listen(() => (calls += 1));
      await Promise.all([here.close(), there.close()]);
      here.ring(ring);
      const later = await open();
      await heard(later.there.listen, () => later.here.ring(ring));
      expect(calls).toBe(0);
      await Promise.all([later.here.close(), later.there.close()]);
    });
  });
}
