// The kill point dies where it is aimed at and nowhere else.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readKillPoint } from './kill-point.ts';

describe('a kill point', () => {
  it.each([undefined, '', 'committed', 'committed:', 'committed:x', ':1', 'COMMITTED:1', 'committed:1:2'])(
    'is none for %o',
    (text) => {
      expect(readKillPoint(text)).toBeUndefined();
    },
  );

  it('kills the process when the point is reached for the n-th time, and at no other point', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const program = `
      import { readKillPoint } from ${JSON.stringify(new URL('kill-point.ts', import.meta.url).href)};
      const point = readKillPoint('rung:2');
      for (const name of ['fed', 'rung', 'fed', 'rung', 'fed']) {
        process.stdout.write(name + ' ');
        point(name);
      }
      process.stdout.write('alive');`;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
    const { stdout, signal } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    expect(stdout).toBe('fed rung fed rung ');
    expect(signal).toBe('SIGKILL');
  });
});
