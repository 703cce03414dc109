// Bare Baileys as one side of a chaos run: starts test/chaos/bare.ts, pairs it anew where it has lost its login, reads its file. It gives it no help beyond that.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { shape } from '@pulseline/protocol';
import { type Child, source, startChild } from '../child.ts';
import { freePorts } from '../product.ts';
import type { Gateway, View } from './gateway.ts';
import type { Found } from './oracle.ts';
import type { Place } from './plan.ts';
import { at, type Scene } from './scene.ts';

const { object, string, boolean, optional } = shape;
const status = object({ ready: boolean(), qr: optional(string()) });
const line = object({ chat: string(), id: string(), author: string(), text: string() });

/** Its own gaps that come nearest to ours. */
const gaps: Readonly<Record<Place, string>> = {
  heard: 'heard',
  normalised: 'heard',
  committed: 'upsert',
  answered: 'upsert',
  rung: 'stored',
  fed: 'stored',
  written: 'stored',
  commanded: 'sending',
  sending: 'sending',
  sent: 'sent',
  acked: 'sent',
};

export async function openBareGateway(scene: Scene): Promise<Gateway> {
  const { emulator, phone, contacts, groups, disk } = scene;
  const [port] = await freePorts();
  const dir = join(disk.dir, 'bare');
  const url = `http://127.0.0.1:${port}`;
  const counts = { 'paired anew': 0, 'ended by itself, in all': 0 };
  let child: Child | undefined;
  let scanned: string | undefined;
  let pairedBefore = existsSync(join(dir, 'auth'));
  mkdirSync(dir, { recursive: true });

  const ask = async (body?: object): Promise<unknown> => {
    const answer = await fetch(url, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };

  async function pair(qr: string): Promise<void> {
    if (pairedBefore) {
      counts['paired anew'] += 1;
      // The old device would keep its mail for ever.
      await emulator.control('POST', `/phones/${phone.id}/logout`, {});
    }
    await emulator.control('POST', '/scan', { qr, phone: phone.id });
    pairedBefore = true;
    scanned = qr;
  }

  return {
    name: 'bare Baileys',
    get child() {
      if (child === undefined) throw new Error('bare Baileys was not started');
      return child;
    },
    launch(aim) {
      if (child?.ended() === 3) rmSync(join(dir, 'auth'), { recursive: true, force: true });
      const ended = child?.ended();
      if (ended !== undefined && ended !== 'SIGKILL') counts['ended by itself, in all'] += 1;
      child = startChild(source('test/chaos/bare.ts'), {
        BARE_URL: scene.url,
        BARE_DIR: dir,
        BARE_PORT: String(port),
        BARE_NAME: phone.name,
        BARE_KILL_AT: aim === undefined ? '' : `${gaps[aim.place]}:${aim.n}`,
        ...scene.clockEnv,
      });
    },
    answers: () => ask().then(() => true),
    async online() {
      const { ready, qr } = status.parse(await ask());
      if (qr !== undefined && qr !== scanned) await pair(qr);
      return ready;
    },
    // It says nothing of the kind: that it does not answer, or that mail stays at WhatsApp, is all there is to see.
    refuses: async () => !child?.running() || (await emulator.pending()) > 0,
    async reply(to, text) {
      await ask({ to: 'contact' in to ? at(contacts, to.contact).pn : at(groups, to.group), text });
    },
    dashboardFault: () => false,
    settled: async () => true,
    save: () => undefined,
    async views(): Promise<readonly View[]> {
      const known = new Set<string>();
      const path = join(dir, 'messages.jsonl');
      const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
      const inbound = lines.flatMap((json): Found[] => {
        const read = parsed(json);
        if (!shape.fits(line, read)) return [];
        const { chat, id, author, text } = read;
        // As a database with a key would do it: what comes again under its id is the same message.
        const key = `${chat}/${author}/${id}`;
        if (known.has(key)) return [];
        known.add(key);
        const group = groups.indexOf(chat);
        const contact = contacts.findIndex(({ pn, lid }) => pn === chat || lid === chat);
        return [{ chat: group < 0 ? `c${contact}` : `g${group}`, text }];
      });
      return [{ name: 'its file', inbound }];
    },
    counts: () => counts,
    async close() {
      if (child?.running()) await child.end('SIGKILL');
    },
  };
}

/** A line that a kill cut off is none. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
