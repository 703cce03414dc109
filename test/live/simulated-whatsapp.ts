// A WhatsApp that keeps each stanza until it is acknowledged, behind the server's real gate: what a link has heard is committed, and only then acknowledged. It speaks to nobody else.
import { EventEmitter } from 'node:events';
import type { Commands } from '../../server/src/inbox/commands.ts';
import { ANNA, BORIS, group, person, receipt, text } from '../../server/src/inbox/test/scene.ts';
import type { Writer } from '../../server/src/store/port.ts';
import { setGate } from '../../server/src/whatsapp/gate.ts';
import type { Fact } from '../../server/src/whatsapp/port.ts';

interface Stanza {
  readonly id: string;
  readonly account: string;
  readonly fact: Fact;
  /** It went out on the present link. */
  told: boolean;
}

export interface SimulatedWhatsApp {
  /** Somebody writes, reads, or changes a name. */
  happen(): void;
  /** Gives the link what it has not heard yet, at most so many stanzas. */
  deliver(count: number): void;
  /** The link breaks: a new one hears everything that was not acknowledged. */
  relink(writer: Writer<Commands>): void;
  /** Stanzas that wait for their acknowledgement. */
  readonly waiting: number;
  /** WhatsApp ids of the messages that were acknowledged. */
  readonly acknowledged: ReadonlySet<string>;
}

/** `onAck` is asked in the moment of each acknowledgement of a message. */
export function simulatedWhatsApp(
  accounts: readonly string[],
  random: () => number,
  onAck: (account: string, waId: string) => void,
): SimulatedWhatsApp {
  const upTo = (n: number) => Math.floor(random() * n);
  const acknowledged = new Set<string>();
  let stanzas: Stanza[] = [];
  let made = 0;
  let mine: string[] = [];
  let link = new EventEmitter();

  function fact(id: string): Fact {
    const dice = random();
    const who = random() < 0.6 ? ANNA : BORIS;
    const padding = random() < 0.01 ? ` ${'x'.repeat(60_000)}` : '';
    if (dice < 0.45) return text(id, `${id}${padding}`, { chat: person(who) });
    if (dice < 0.6) return text(id, id, { chat: group, author: who });
    if (dice < 0.75) {
      mine = [...mine, id].slice(-20);
      return text(id, id, { chat: person(who), fromMe: true });
    }
    if (dice < 0.9 && mine.length > 0) {
      const status = (['delivered', 'read', 'played'] as const)[upTo(3)] ?? 'read';
      return receipt([mine[upTo(mine.length)] ?? id], status, { chat: person(who) });
    }
    if (dice < 0.95) return { type: 'contact', party: who, name: `Name ${upTo(5)}` };
    const state = (['READY', 'DISCONNECTED', 'SYNCING'] as const)[upTo(3)] ?? 'READY';
    return { type: 'state', state, raw: 'open', since: made };
  }

  return {
    happen() {
      const account = accounts[upTo(accounts.length)] ?? '';
      const id = `WA${(made += 1)}`;
      stanzas.push({ id, account, fact: fact(id), told: false });
    },
    deliver(count) {
      const due = stanzas.filter(({ told }) => !told).slice(0, count);
      for (const stanza of due) {
        stanza.told = true;
        link.emit('CB:message', { tag: 'message', attrs: { id: stanza.id } });
      }
    },
    relink(writer) {
      link.removeAllListeners();
      const ws = new EventEmitter();
      link = ws;
      for (const stanza of stanzas) stanza.told = false;
      setGate(ws, {
        hold(_, { attrs }) {
          const stanza = stanzas.find(({ id }) => id === attrs['id']);
          if (stanza === undefined) return Promise.resolve();
          return writer.run('ingest', { account: stanza.account, facts: [stanza.fact], keys: [], seen: [] });
        },
        opened: () => undefined,
        heard: () => undefined,
        unreadable: () => undefined,
        turnedAway: () => undefined,
        rejected: () => undefined,
        durable: () => undefined,
        over: () => link !== ws,
        depth: () => 0,
      });
      // The library's part: it acknowledges what it is given.
      ws.on('CB:message', ({ attrs: { id } }: { readonly attrs: { readonly id: string } }) => {
        const stanza = stanzas.find((one) => one.id === id);
        if (stanza === undefined) return;
        stanzas = stanzas.filter((one) => one !== stanza);
        if (stanza.fact.type !== 'message') return;
        acknowledged.add(id);
        onAck(stanza.account, id);
      });
    },
    get waiting() {
      return stanzas.length;
    },
    acknowledged,
  };
}
