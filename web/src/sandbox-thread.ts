// A sandbox contact's phone as a person sees it: what was done to a message stands on it, instead of as a message of its own. Pure.
import type { SandboxMessage } from './sandbox-calls.ts';

export interface ThreadEntry extends SandboxMessage {
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly reactions: readonly string[];
}

const CHANGES: ReadonlySet<string> = new Set(['reaction', 'edit', 'revoke']);

export function threadEntries(messages: readonly SandboxMessage[]): readonly ThreadEntry[] {
  return messages
    .filter(({ kind }) => !CHANGES.has(kind))
    .map((message) => {
      const done = messages.filter(({ kind, about }) => about === message.id && CHANGES.has(kind));
      const edit = done.findLast(({ kind }) => kind === 'edit');
      // One of each side: the newest counts.
      const reactions = new Map(done.filter(({ kind }) => kind === 'reaction').map((each) => [each.from, each.text]));
      return {
        ...message,
        text: edit?.text ?? message.text,
        edited: edit !== undefined,
        deleted: done.some(({ kind }) => kind === 'revoke'),
        reactions: [...reactions.values()].filter((emoji) => emoji !== ''),
      };
    });
}
