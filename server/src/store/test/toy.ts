// Toy commands and rows for the store's own tests: small decisions with the shapes of the real ones. Nothing of the inbox is in here.
import { CodedError, type Conversation, type Message } from '@pulseline/protocol';
import type { AccountRow, Change, ConversationRow, Handlers, JobRow, MessageRow, Reads, Rows } from '../port.ts';

export type Toy = {
  /** Applies what the test wants changed. */
  change: { input: readonly Change[]; output: null };
  /** Answers what a decision would see. */
  look: { input: Reads; output: Rows };
  /** `n` messages, each with its event, into one conversation, which is made if need be: `unread` counts them. */
  receive: { input: Receive; output: readonly number[] };
  /** Like receive, but the last event leaves a gap. */
  leave_gap: { input: Receive; output: null };
  refuse: { input: null; output: null };
  crash: { input: null; output: null };
  /** Ends its thread from inside a transaction. */
  leave: { input: null; output: null };
  /** Stays inside its transaction until the first number behind the gate is no longer 0. */
  hold: { input: SharedArrayBuffer; output: null };
};

export interface Receive {
  readonly account: string;
  readonly conversation: string;
  /** Names the messages; each must be new. */
  readonly name: string;
  readonly n: number;
  readonly body?: string;
}

export const toyHandlers: Handlers<Toy> = {
  change: { reads: () => ({}), decide: (_, changes) => ({ changes, output: null }) },
  look: { reads: (reads) => reads, decide: (rows) => ({ changes: [], output: rows }) },
  receive: {
    reads: readsOf,
    decide: (rows, input, now) => {
      const { changes, seqs } = receive(rows, input, now);
      return { changes, output: seqs };
    },
  },
  leave_gap: {
    reads: readsOf,
    decide: (rows, input, now) => {
      const { changes } = receive(rows, input, now);
      const torn = changes.map((change) =>
        'put' in change && change.put === 'event'
          ? { ...change, event: { ...change.event, seq: change.event.seq + 1 } }
          : change,
      );
      return { changes: torn, output: null };
    },
  },
  refuse: {
    reads: () => ({}),
    decide: () => {
      throw new CodedError('BAD_ADDRESS', { to: '零' });
    },
  },
  crash: {
    reads: () => ({}),
    decide: () => {
      throw new RangeError('a fault in a decision');
    },
  },
  leave: { reads: () => ({}), decide: () => process.exit(3) },
  hold: {
    reads: () => ({}),
    decide: (_, gate) => {
      Atomics.wait(new Int32Array(gate), 0, 0);
      return { changes: [], output: null };
    },
  },
};

function readsOf({ account, conversation }: Receive): Reads {
  return { account, conversations: [conversation] };
}

function receive(rows: Rows, input: Receive, now: number): { changes: Change[]; seqs: number[] } {
  const { account, conversation, name, n, body = '你好' } = input;
  const head = rows.heads[account];
  if (head === undefined) throw new Error('the head of the account was not loaded');
  const changes: Change[] = [];
  if (!rows.accounts.has(account)) changes.push({ put: 'account', row: accountRow(account, now) });
  const seqs: number[] = [];
  let ord = Math.max(now * 1_000, (rows.lastOrd.get(conversation) ?? 0) + 1);
  let lastMessage: Message | undefined;
  for (let i = 0; i < n; i++) {
    const seq = head.seq + i + 1;
    lastMessage = { ...message(account, conversation, `${name}.${i}`), seq, body, timestamp: now };
    changes.push({ put: 'message', row: messageRow(lastMessage, ord++) });
    changes.push({
      put: 'event',
      event: {
        stream: account,
        epoch: head.epoch,
        seq,
        type: 'new_message',
        data: JSON.stringify(lastMessage),
        at: now,
      },
    });
    seqs.push(seq);
  }
  const before = rows.conversations.get(conversation)?.conversation ?? conversationOf(account, conversation);
  changes.push({
    put: 'conversation',
    row: {
      conversation: {
        ...before,
        unread: before.unread + n,
        lastAt: now,
        ...(lastMessage === undefined ? {} : { lastMessage }),
      },
      addresses: [before.address],
    },
  });
  return { changes, seqs };
}

export function accountRow(id: string, createdAt = 1): AccountRow {
  return { account: { id, label: id, kind: 'sandbox', state: 'READY', since: createdAt, stream: id }, createdAt };
}

function conversationOf(account: string, id: string): Conversation {
  return {
    id,
    account,
    address: `${id}@lid`,
    name: id,
    kind: 'person',
    unread: 0,
    lastAt: 0,
    archived: false,
    pinned: false,
    muted: false,
  };
}

export function conversationRow(account: string, id: string, more: Partial<Conversation> = {}): ConversationRow {
  const conversation = { ...conversationOf(account, id), ...more };
  return { conversation, addresses: [conversation.address] };
}

export function message(account: string, conversation: string, id: string): Message {
  return {
    id,
    account,
    conversation,
    stream: account,
    seq: 0,
    from: '8613800138000@s.whatsapp.net',
    to: '8613900139000@s.whatsapp.net',
    fromMe: false,
    kind: 'text',
    body: '你好',
    timestamp: 1,
  };
}

export function messageRow(of: Message, ord: number): MessageRow {
  return { message: of, waId: `WA-${of.id}`, author: of.fromMe ? '' : of.from, ord };
}

export function jobRow(account: string, id: string, more: Partial<JobRow> = {}): JobRow {
  return { id, account, type: 'send', state: 'queued', body: '{}', createdAt: 1, ...more };
}
