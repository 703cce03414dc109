// What has become of a message, as a phone keeps it in its history: edited, withdrawn, with reactions; it sends nothing.
import type { proto } from 'baileys/WAProto/index.js';
import { messageOf } from './content.ts';
import type { Entry } from './log.ts';
import type { Person } from './person.ts';
import { wire } from './wire.ts';

const CHANGES: ReadonlySet<string> = new Set(['reaction', 'edit', 'revoke']);

/** Has the entry no place of its own in a phone's chat? */
export function isChange({ kind }: Entry): boolean {
  return CHANGES.has(kind);
}

export function lastState(phone: Person, peer: Person, entry: Entry, entries: readonly Entry[]): proto.IWebMessageInfo {
  const done = entries.filter((each) => each.about === entry.id && isChange(each));
  if (done.some(({ kind }) => kind === 'revoke')) return { messageStubType: wire().WebMessageInfo.StubType.REVOKE };
  const byAuthor = new Map(done.filter(({ kind }) => kind === 'reaction').map((each) => [each.from, each]));
  const reactions = [...byAuthor.values()].flatMap(({ id, from, text, timestamp }) =>
    text === ''
      ? []
      : [{ key: { remoteJid: peer.pn(), fromMe: from === phone.id, id }, text, senderTimestampMs: timestamp }],
  );
  const edit = done.findLast(({ kind }) => kind === 'edit');
  const message = edit ? { editedMessage: { message: { conversation: edit.text } } } : messageOf(entry);
  return { message, ...(reactions.length > 0 && { reactions }) };
}
