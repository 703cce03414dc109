// Who uses the sandbox phone sends nothing to anybody: the product runs in a network namespace with nothing but loopback, and the kernel counts what wanted out.
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { shape } from '@pulseline/protocol';
import { describe, expect, it } from 'vitest';
import { root, source } from '../child.ts';

const counted = shape.object({ sandbox: shape.integer(), real: shape.integer() });
/** Root of its own user namespace, alone in its own network. */
const alone = ['-Urn', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

function works(): boolean {
  try {
    execFileSync('unshare', [...alone, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('✗ The egress test needs Linux with unshare, ip and user namespaces (or root): skipped.');
    return false;
  }
}

// On somebody's machine it may not work; in CI nobody would see the hole.
describe.skipIf(!works() && !process.env['CI'])('a run with a sandbox account', { timeout: 90_000 }, () => {
  it('connects nowhere but to this computer, not even to ask for a name; a real phone’s does', async () => {
    const env = { ...process.env, PULSELINE_TEST_SOURCES: '1', NODE_OPTIONS: '' };
    const command = [...alone, process.execPath, ...source('test/egress/inside.ts')];
    const { stdout } = await promisify(execFile)('unshare', command, { cwd: root, env, timeout: 80_000 });
    const { sandbox, real } = counted.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
    expect(sandbox).toBe(0);
    expect(real).toBeGreaterThan(0);
  });
});
