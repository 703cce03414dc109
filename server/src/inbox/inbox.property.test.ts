// Holds the rules of the inbox for anything that WhatsApp may tell, in any order, again and again; the seed of a failure is printed by fast-check.
import {
  CodedError,
  type Conversation,
  countsAsUnread,
  type Message,
  messageStatuses,
  withMessage,
  withNewMessage,
  withReaction,
  withStatus,
} from '@pulseline/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FactOf } from '../whatsapp/port.ts';
import { type MemoryRows, type Told, told } from './test/memory-rows.ts';
import { ACCOUNT, ANNA, BORIS, linked, person, text } from './test/scene.ts';
import { isRedelivered, type Step, steps } from './test/told.ts';

const RUNS = { numRuns: 100 };

/** Does one step; a refused command tells nothing. */
function act(rows: MemoryRows, step: Step): readonly Told[] {
  switch (step.do) {
    case 'hear':
      return rows.ingest(ACCOUNT, step.facts).events;
    case 'clock':
      rows.now += step.by;
      return [];
    case 'read': {
      const conversation = [...rows.conversations.keys()][step.nth];
      return conversation === undefined
        ? []
        : rows.run('mark_read', { conversation, jobId: `j_${rows.now}_${rows.jobs.size}` }).events;
    }
    case 'change': {
      const messageId = [...rows.messages.keys()][step.nth];
      const message = messageId === undefined ? undefined : rows.messages.get(messageId)?.message;
      if (message === undefined) return [];
      const { id, account, conversation } = message;
      const waId = `${step.place.ids}-change-${step.number}`;
      const taken = [...rows.jobs.values()].some((job) => job.waId === waId);
      if (taken) return [];
      const input = { commandId: waId, waId, account, conversation, messageId: id, change: step.what };
      try {
        return rows.run('enqueue_change', input).events;
      } catch (error) {
        if (error instanceof CodedError && error.code === 'MESSAGE_NOT_CHANGEABLE') return [];
        throw error;
      }
    }
    case 'retry': {
      const own = [...rows.jobs.values()].flatMap(({ messageId }) => messageId ?? []);
      const messageId = own[step.nth];
      const isGone = messageId === undefined || rows.messages.get(messageId)?.message.deleted === true;
      return isGone ? [] : rows.run('retry_send', { messageId }).events;
    }
    case 'send': {
      const { place, number, command } = step;
      const address = place.chat.kind === 'person' ? (place.author.lid ?? place.author.pn ?? '') : place.chat.address;
      const waId = `${place.ids}-mine-${number}`;
      if ([...rows.messages.values()].some((row) => row.waId === waId)) return [];
      const home = rows.aliases.get(`${ACCOUNT} ${address}`);
      const answered = [...rows.messages.values()].find(
        (row) => row.waId === `${place.ids}-theirs-${command}` && row.message.conversation === home,
      );
      const quote = answered && { quote: answered.message.id };
      const input = {
        commandId: `cmd-${command}`,
        waId,
        account: ACCOUNT,
        to: { address },
        text: `text ${number}`,
        ...quote,
      };
      if (rows.jobs.size > 0 && [...rows.jobs.values()].some(({ commandId }) => commandId === input.commandId))
        return [];
      return rows.run('enqueue_send', input).events;
    }
  }
}

/** The world as events alone tell it. */
class Picture {
  readonly conversations = new Map<string, Conversation>();
  readonly messages = new Map<string, Message>();

  hear({ type, data }: Told): void {
    switch (type) {
      case 'conversation_update':
        this.conversations.set(data.id, data);
        return;
      case 'conversation_removed': {
        this.conversations.delete(data.id);
        for (const message of this.messages.values()) {
          if (message.conversation !== data.id) continue;
          if (data.into === undefined) this.messages.delete(message.id);
          else this.messages.set(message.id, { ...message, conversation: data.into });
        }
        return;
      }
      case 'new_message': {
        const conversation = this.conversations.get(data.conversation);
        if (conversation === undefined) throw new Error('a message before its conversation');
        this.messages.set(data.id, data);
        this.conversations.set(conversation.id, withNewMessage(conversation, data));
        return;
      }
      case 'message_update':
        return this.change(data);
      case 'message_reaction': {
        const preview = this.conversations.get(data.conversation)?.lastMessage;
        const message = this.messages.get(data.messageId) ?? (preview?.id === data.messageId ? preview : undefined);
        if (message) this.change(withReaction(message, data));
        return;
      }
      case 'message_status': {
        const preview = this.conversations.get(data.conversation)?.lastMessage;
        const message = this.messages.get(data.messageId) ?? (preview?.id === data.messageId ? preview : undefined);
        if (message) this.change(withStatus(message, data));
        return;
      }
      default:
        return;
    }
  }

  /** A message of the history is not known by events; then only the preview can show it. */
  private change(message: Message): void {
    if (this.messages.has(message.id)) this.messages.set(message.id, message);
    const conversation = this.conversations.get(message.conversation);
    if (conversation) this.conversations.set(conversation.id, withMessage(conversation, message));
  }
}

/** Rows in which both friends have conversations, so that both of their addresses are known. */
function acquainted(): MemoryRows {
  const rows = linked();
  const greetings = [ANNA, BORIS].map((friend) => text('first', 'hi', { chat: person(friend), fromMe: true }));
  rows.ingest(ACCOUNT, greetings);
  return rows;
}

type Check = (rows: MemoryRows, step: Step, events: readonly Told[]) => void;

/** Does the steps, and shows the effect of each transaction to `check`. */
function play(played: readonly Step[], check: Check, rows = linked()): MemoryRows {
  for (const step of played) check(rows, step, act(rows, step));
  return rows;
}

/** Counts unread messages by their plain meaning: those from others that stand after the last one that was read. */
class UnreadCount {
  readonly #unread = new Map<string, readonly string[]>();

  of(conversation: string): number {
    return this.#of(conversation).length;
  }

  hear(rows: MemoryRows, step: Step, events: readonly Told[]): void {
    for (const { type, data } of events) {
      if (type === 'new_message' && countsAsUnread(data))
        this.#unread.set(data.conversation, [...this.#of(data.conversation), data.id]);
      if (type === 'conversation_update' && step.do === 'read') this.#unread.delete(data.id);
    }
    if (step.do !== 'hear') return;
    for (const fact of step.facts) if (fact.type === 'read-elsewhere') this.#readElsewhere(rows, fact);
  }

  #readElsewhere(rows: MemoryRows, { chat, waIds }: FactOf<'read-elsewhere'>): void {
    const address = chat.kind === 'person' ? (chat.pn ?? chat.lid) : chat.address;
    const id = rows.aliases.get(`${ACCOUNT} ${address}`) ?? '';
    if (waIds.length === 0) this.#unread.delete(id);
    const order = rows.messagesOf(id).map((message) => message.id);
    const read = order.findLastIndex((message) => waIds.includes(rows.messages.get(message)?.waId ?? ''));
    this.#unread.set(
      id,
      this.#of(id).filter((message) => order.indexOf(message) > read),
    );
  }

  #of(conversation: string): readonly string[] {
    return this.#unread.get(conversation) ?? [];
  }
}

/** The same steps with one fact a transaction, all at the time of the batch. */
function oneByOne(played: readonly Step[]): readonly Step[] {
  const back: Step = { do: 'clock', by: -1 };
  return played.flatMap((step) =>
    step.do === 'hear'
      ? [...step.facts.flatMap((fact): Step[] => [{ do: 'hear', facts: [fact] }, back]), { do: 'clock', by: 1 }]
      : [step],
  );
}

describe('whatever happens', () => {
  it('no message is told as new twice, and a status only rises but by a refusal and a retry', () => {
    fc.assert(
      fc.property(steps({ history: true }), (played) => {
        const statuses = new Map<string, Message['status']>();
        const rank = (status: Message['status']) => (status === undefined ? -1 : messageStatuses.indexOf(status));
        play(played, (_, __, events) => {
          for (const { type, data } of events) {
            if (type === 'new_message') {
              expect(statuses.has(data.id)).toBe(false);
              statuses.set(data.id, data.status);
            }
            if (type !== 'message_status' || !statuses.has(data.messageId)) continue;
            const before = statuses.get(data.messageId);
            const isException =
              (before === 'pending' && data.status === 'error') || (before === 'error' && data.status === 'pending');
            expect(isException || rank(data.status) > rank(before)).toBe(true);
            statuses.set(data.messageId, data.status);
          }
        });
      }),
      RUNS,
    );
  });

  it('what the events tell equals what the rows say', () => {
    fc.assert(
      fc.property(steps({ history: true }), (played) => {
        const picture = new Picture();
        const rows = play(played, (_, __, events) => {
          for (const event of events) picture.hear(event);
        });
        const said = new Map([...rows.conversations.keys()].map((id) => [id, rows.conversation(id)]));
        expect(picture.conversations).toEqual(said);
        const live = [...rows.messages.values()].flatMap(({ message }) => (message.seq > 0 ? [message] : []));
        expect(picture.messages).toEqual(new Map(live.map((message) => [message.id, message])));
      }),
      RUNS,
    );
  });

  it('[G27] what was taken away is nowhere any more, and the log, replayed from its beginning, still tells what the rows say', () => {
    fc.assert(
      fc.property(steps({ history: true }), fc.array(fc.nat(30), { maxLength: 6 }), (played, removed) => {
        const words = new Map<string, string>();
        const rows = play(played, (now) => {
          for (const { message } of now.messages.values()) if (message.body !== '') words.set(message.id, message.body);
        });
        // Each of them is answered before any is taken away.
        for (const [nth, { message }] of [...rows.messages.values()].entries()) {
          const waId = `answer-${nth}`;
          const to = { conversation: message.conversation };
          rows.run('enqueue_send', { commandId: waId, waId, account: ACCOUNT, to, text: 'no', quote: message.id });
          if (nth % 2 === 0) rows.ingest(ACCOUNT, [{ type: 'acked', waId, at: 1 }]);
        }
        for (const nth of removed) {
          const messageId = [...rows.messages.keys()][nth];
          if (messageId !== undefined) rows.run('remove_message', { messageId });
        }
        const events = rows.events.map(told).filter(({ type }) => type !== 'account_update');
        const picture = new Picture();
        for (const event of events) picture.hear(event);
        const said = new Map([...rows.conversations.keys()].map((id) => [id, rows.conversation(id)]));
        expect(picture.conversations).toEqual(said);
        const live = [...rows.messages.values()].flatMap(({ message }) => (message.seq > 0 ? [message] : []));
        expect(picture.messages).toEqual(new Map(live.map((message) => [message.id, message])));
        const gone = new Set([...rows.messages].flatMap(([id, { message }]) => (message.deleted ? [id] : [])));
        const shown = events.flatMap(({ type, data }) =>
          type === 'conversation_update'
            ? (data.lastMessage ?? [])
            : type === 'new_message' || type === 'message_update'
              ? data
              : [],
        );
        for (const { quote } of [...shown, ...[...rows.messages.values()].map(({ message }) => message)])
          if (gone.has(quote?.id ?? '')) expect(quote?.body).toBe('');
        for (const { message } of rows.messages.values()) {
          if (message.deleted !== true || !words.has(message.id)) continue;
          for (const event of events) {
            const about =
              event.type === 'conversation_update'
                ? event.data.lastMessage
                : event.type === 'new_message' || event.type === 'message_update'
                  ? event.data
                  : undefined;
            if (about?.id === message.id) expect(about).toMatchObject({ body: '', deleted: true });
          }
          for (const { messageId, state, body, content } of rows.jobs.values()) {
            if (messageId !== message.id || (state !== 'done' && state !== 'refused')) continue;
            const job: { text?: string; change?: { kind: string } } = JSON.parse(body);
            if (job.change === undefined || job.change.kind === 'edit')
              expect([job.text, content]).toEqual(['', undefined]);
          }
        }
      }),
      RUNS,
    );
  });

  it('unread is the number of messages from others since the last that was read, however facts are batched', () => {
    fc.assert(
      fc.property(steps({ history: false }), (played) => {
        const count = new UnreadCount();
        const single = play(oneByOne(played), (rows, step, events) => count.hear(rows, step, events), acquainted());
        const batched = play(played, () => {}, acquainted());
        for (const rows of [single, batched]) {
          const said = [...rows.conversations.keys()].map((id) => [id, rows.conversation(id).unread]);
          expect(said).toEqual([...single.conversations.keys()].map((id) => [id, count.of(id)]));
        }
      }),
      RUNS,
    );
  });

  it('a batch that WhatsApp hands out again changes nothing', () => {
    fc.assert(
      fc.property(steps({ history: true }), (played) => {
        const again: Check = (rows, step) => {
          if (step.do !== 'hear') return;
          expect(rows.ingest(ACCOUNT, step.facts.filter(isRedelivered)).changes).toEqual([]);
        };
        // Where the pairing of addresses is learnt after a person wrote by both, a message may lie twice: see learnPair.
        play(played, again, acquainted());
      }),
      RUNS,
    );
  });

  it('live messages stand in the order of their seqs, the newest is the preview, and history is not the newest where anything is live', () => {
    fc.assert(
      fc.property(steps({ history: true }), (played) => {
        const rows = play(played, () => {});
        for (const id of rows.conversations.keys()) {
          const messages = rows.messagesOf(id);
          const live = messages.filter(({ seq }) => seq > 0);
          expect(live.map(({ seq }) => seq)).toEqual(live.map(({ seq }) => seq).sort((a, b) => a - b));
          expect(rows.conversation(id).lastMessage).toEqual(messages.at(-1));
          if (live.length > 0) expect(messages.at(-1)?.seq).toBeGreaterThan(0);
        }
      }),
      RUNS,
    );
  });
});
