// What the log and the outbox say of a message whose content is gone, said anew: the same events and jobs, without its words. Pure; it finds nothing.
import { type Conversation, type Message, unquoted, withdrawn } from '@pulseline/protocol';

/** An event's data without the words of a message; undefined if it bears none of them. Whoever replays it comes to the same end. */
export function erasedEvent(type: string, data: string, message: string): string | undefined {
  if (type === 'new_message' || type === 'message_update') {
    // Written from a Message, by the inbox alone.
    const told: Message = JSON.parse(data);
    return told.id === message ? JSON.stringify(goneFrom(told)) : undefined;
  }
  if (type !== 'conversation_update') return undefined;
  const told: Conversation = JSON.parse(data);
  const { lastMessage } = told;
  return lastMessage?.id === message ? JSON.stringify({ ...told, lastMessage: goneFrom(lastMessage) }) : undefined;
}

/** The same of a message that stays and quotes one whose content is gone. */
export function unquotedEvent(type: string, data: string, message: string): string | undefined {
  if (type === 'new_message' || type === 'message_update') {
    // Written from a Message, by the inbox alone.
    const told: Message = JSON.parse(data);
    return told.id === message && told.quote ? JSON.stringify(unquoted(told)) : undefined;
  }
  if (type !== 'conversation_update') return undefined;
  const told: Conversation = JSON.parse(data);
  const { lastMessage } = told;
  if (lastMessage?.id !== message || !lastMessage.quote) return undefined;
  return JSON.stringify({ ...told, lastMessage: unquoted(lastMessage) });
}

function goneFrom(told: Message): Message {
  return {
    ...withdrawn(told),
    ...(told.deletedBy && { deletedBy: told.deletedBy }),
    ...(told.gone && { gone: told.gone }),
  };
}

/** A job's body without its words; undefined for one that has none of them, whose content may still be asked for. */
export function erasedJob(body: string): string | undefined {
  const job: unknown = JSON.parse(body);
  if (typeof job !== 'object' || job === null) return undefined;
  const change: unknown = Reflect.get(job, 'change');
  if (typeof change === 'object' && change !== null && Reflect.get(change, 'kind') !== 'edit') return undefined;
  const { bears: _, media: __, quoted: ___, mentions: ____, ...rest }: Readonly<Record<string, unknown>> = { ...job };
  return JSON.stringify({ ...rest, text: '' });
}

/** The body of the job of a message that stays, without the words that it quotes; undefined if it quotes none. */
export function unquotedJob(body: string): string | undefined {
  const job: unknown = JSON.parse(body);
  if (typeof job !== 'object' || job === null) return undefined;
  const quoted: unknown = Reflect.get(job, 'quoted');
  if (typeof quoted !== 'object' || quoted === null) return undefined;
  return JSON.stringify({ ...job, quoted: { ...quoted, body: '' } });
}
