// The desk of the process that decodes pictures: one at a time, never endless, and what breaks it breaks nothing else.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { calledAfter, startDecoder } from '../threads.ts';
import { Decoder, type PictureOrder } from './decoder.ts';

function rig() {
  const timers: { ms: number; call: () => void; off: boolean }[] = [];
  const started: { orders: PictureOrder[]; killed: boolean; hear: (told: unknown) => void; ended: () => void }[] = [];
  const decoder = new Decoder({
    start: (hear, ended) => {
      const process = { orders: [] as PictureOrder[], killed: false, hear, ended };
      started.push(process);
      return {
        send: (order) => process.orders.push(order),
        kill: () => {
          process.killed = true;
        },
      };
    },
    after: (ms, call) => {
      const timer = { ms, call, off: false };
      timers.push(timer);
      return () => {
        timer.off = true;
      };
    },
  });
  const elapse = (): void => timers.findLast(({ off }) => !off)?.call();
  return { decoder, started, elapse };
}

describe('the decoder of pictures', () => {
  it('starts no process before the first picture, asks for one after another, and ends when none comes', async () => {
    const { decoder, started, elapse } = rig();
    expect(started).toEqual([]);
    const [one, two] = [decoder.thumbnail('/a', 'image/png'), decoder.facts('/b', 'image/png')];
    expect(started[0]?.orders.map(({ path }) => path)).toEqual(['/a']);
    started[0]?.hear({ id: 1, value: Uint8Array.of(1, 2) });
    expect(await one).toEqual(Buffer.from([1, 2]));
    started[0]?.hear({ id: 2, value: { width: 3, height: 4 } });
    expect(await two).toEqual({ width: 3, height: 4 });
    elapse();
    expect([started.length, started[0]?.killed]).toEqual([1, true]);
  });

  it('kills a process that takes too long, gives that picture up, and goes on with a new one', async () => {
    const { decoder, started, elapse } = rig();
    const [bomb, next] = [decoder.thumbnail('/bomb', 'image/png'), decoder.thumbnail('/next', 'image/png')];
    elapse();
    expect(await bomb).toBeUndefined();
    expect(started.map(({ killed }) => killed)).toEqual([true, false]);
    // The end of the killed one, and what it may still say, are of no interest.
    started[0]?.hear({ id: 2, value: Uint8Array.of(9) });
    started[0]?.ended();
    started[1]?.hear({ id: 2, value: Uint8Array.of(1) });
    expect(await next).toEqual(Buffer.from([1]));
    expect(decoder.measure()).toMatchObject({ decoded: 1, failed: 1, killed: 1, waiting: 0 });
  });

  it('takes the crash of the process for a picture that cannot be decoded', async () => {
    const { decoder, started } = rig();
    const portrait = decoder.portrait('/a', 'image/png');
    const shrunk = decoder.shrunk(Buffer.from('x'), 10);
    started[0]?.ended();
    expect(await portrait).toBeUndefined();
    started[1]?.ended();
    await expect(shrunk).rejects.toThrow('ended');
  });

  it('refuses what comes when too many wait, and all when it is closed', async () => {
    const { decoder } = rig();
    const waiting = Array.from({ length: 101 }, () => decoder.thumbnail('/a', 'image/png'));
    await expect(decoder.thumbnail('/a', 'image/png')).rejects.toMatchObject({ code: 'BUSY' });
    decoder.close();
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => undefined));
    await expect(decoder.facts('/a', 'image/png')).rejects.toMatchObject({ code: 'BUSY' });
  });

  it('decodes in a process of its own, and again in another one after that was killed', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'pulseline-pictures-'));
    const file = join(dir, 'a.png');
    writeFileSync(
      file,
      await sharp({ create: { width: 8, height: 6, channels: 3, background: '#c33' } })
        .png()
        .toBuffer(),
    );
    const kills: (() => void)[] = [];
    const decoder = new Decoder({
      start: (hear, ended) => {
        const process = startDecoder(hear, ended);
        kills.push(process.kill);
        return process;
      },
      after: calledAfter,
    });
    onTestFinished(() => {
      decoder.close();
      rmSync(dir, { recursive: true, force: true });
    });
    const first = decoder.facts(file, 'image/png');
    await vi.waitFor(() => expect(kills).toHaveLength(1));
    kills[0]?.();
    expect(await first).toBeUndefined();
    expect(await decoder.facts(file, 'image/png')).toMatchObject({ width: 8, height: 6 });
    expect(await decoder.thumbnail(file, 'image/png')).toBeInstanceOf(Buffer);
    expect(await decoder.thumbnail(join(dir, 'none'), 'image/png')).toBeUndefined();
  });
});
