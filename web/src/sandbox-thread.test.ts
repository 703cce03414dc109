// Holds that the sandbox's phone shows messages as they are now.
import { describe, expect, it } from 'vitest';
import type { SandboxMessage } from './sandbox-calls.ts';
import { threadEntries } from './sandbox-thread.ts';

const entry = (id: string, more: Partial<SandboxMessage>): SandboxMessage => ({
  id,
  direction: 'in',
  from: 'desk',
  to: 'ana',
  kind: 'text',
  text: id,
  timestamp: 1,
  status: 'delivered',
  ...more,
});

describe('the thread on a sandbox phone', () => {
  it('shows edits, withdrawals and reactions on the messages that they are about', () => {
    const shown = threadEntries([
      entry('A', { text: 'helo' }),
      entry('B', {}),
      entry('e', { kind: 'edit', about: 'A', text: 'hello' }),
      entry('r1', { kind: 'reaction', about: 'A', text: '👍' }),
      entry('r2', { kind: 'reaction', about: 'A', text: '❤️', from: 'ana', direction: 'out' }),
      entry('r3', { kind: 'reaction', about: 'A', text: '' }),
      entry('d', { kind: 'revoke', about: 'B', text: 'B' }),
    ]);
    expect(shown.map(({ id, text, edited, deleted, reactions }) => [id, text, edited, deleted, reactions])).toEqual([
      ['A', 'hello', true, false, ['❤️']],
      ['B', 'B', false, true, []],
    ]);
  });
});
