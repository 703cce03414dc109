// The kill point dies where it is aimed at and nowhere else.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  it.each([
    ['is reached for the n-th time', "'rung:2'", ''],
    ['stands in the file that it looks at', "'@' + file", "writeFileSync(file, 'rung');"],
  ])('kills the process when the point %s, and at no other point', (_, aim, order) => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const file = join(tmpdir(), `pulseline-kill-point-${process.pid}`);
    const program = `
      import { writeFileSync } from 'node:fs';
      import { readKillPoint } from ${JSON.stringify(new URL('kill-point.ts', import.meta.url).href)};
      const file = ${JSON.stringify(file)};
      const point = readKillPoint(${aim});
      for (const name of ['fed', 'rung', 'fed', 'rung', 'fed']) {
        process.stdout.write(name + ' ');
        point(name);
        if (name === 'rung') { ${order} }
      }
      process.stdout.write('alive');`;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
    const { stdout, signal } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    rmSync(file, { force: true });
    expect(stdout).toBe('fed rung fed rung ');
    expect(signal).toBe('SIGKILL');
  });
});
