// The content of what an account sends, generated once with its secrets inside, so that a resend is the same message. It sends nothing.
import type { AnyMessageContent } from 'baileys';
import { keyOf } from './changes.ts';
import { generateWAMessageContent, proto } from './library.ts';
import type { Job, Party } from './port.ts';

type SendJob = Extract<Job, { type: 'send' }>;

/** As bytes of WhatsApp's Message. */
export async function compose(job: SendJob, me: Party): Promise<Uint8Array> {
  const upload = async (): Promise<never> => Promise.reject(new Error('a text has nothing to upload'));
  return proto.Message.encode(await generateWAMessageContent(contentOf(job, me), { upload })).finish();
}

function contentOf({ text, mentions, quoted, change }: SendJob, me: Party): AnyMessageContent {
  const named = mentions && mentions.length > 0 ? { mentions: [...mentions] } : {};
  switch (change?.kind) {
    case 'reaction':
      return { react: { key: keyOf(change.target), text } };
    case 'revoke':
      return { delete: keyOf(change.target) };
    case 'edit':
      return { text, linkPreview: null, edit: keyOf(change.target), ...named };
    case undefined: {
      if (quoted === undefined) return { text, linkPreview: null, ...named };
      const { chat, author, fromMe, waId, body } = quoted;
      const writer = fromMe ? me : (author ?? (chat.kind === 'person' ? chat : {}));
      const participant = chat.kind === 'person' ? (writer.pn ?? writer.lid) : (writer.lid ?? writer.pn);
      const contextInfo = {
        stanzaId: waId,
        ...(participant !== undefined && { participant }),
        quotedMessage: { conversation: body },
      };
      return { text, linkPreview: null, contextInfo, ...named };
    }
  }
}
