// SIGKILL of engine and store at random moments of a burst, with the real database and unmodified Baileys: nothing lost, nothing doubled, in order, without a gap.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createEmulator, type Emulator } from '@pulseline/emulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundled } from '../../test/bundled.ts';
import { MediaFiles } from '../src/media/files.ts';
import { SqliteQueries } from '../src/store/sqlite-queries.ts';
import { silenceConsole } from '../src/whatsapp/library.ts';

const SEED = Number(process.env['SEED'] ?? 7);
const ENGINE = 'server/test/engine-process.ts';
const KILLS = Number(process.env['KILLS'] ?? 2);
const program = fileURLToPath((await bundled(ENGINE))(ENGINE));
const here = fileURLToPath(new URL('..', import.meta.url));

/** mulberry32: the same seed kills at the same places. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

// The emulator's people live here, and libsignal prints their keys.
silenceConsole();

describe(`a SIGKILL of the engine (seed ${SEED})`, () => {
  let dir: string;
  let emulator: Emulator;
  let child: ChildProcess | undefined;
  let heard = 0;
  let ready = false;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'pulseline-kill-'));
    emulator = await createEmulator({ fewPreKeys: true });
  });
  afterEach(async () => {
    await kill();
    await emulator.close();
    rmSync(dir, { recursive: true, force: true });
  });

  function start(killAt?: string): void {
    ready = false;
    const env = {
      ...process.env,
      DIR: dir,
      URL: emulator.plainUrl,
      ROOT: emulator.root.toString('hex'),
      ...(killAt !== undefined && { PULSELINE_KILL_AT: killAt }),
    };
    const started = spawn(process.execPath, [program], {
      cwd: here,
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child = started;
    createInterface({ input: started.stdout }).on('line', (line) => {
      const said: unknown = JSON.parse(line);
      const text = JSON.stringify(said);
      if (text.startsWith('{"message"')) heard += 1;
      if (text.includes('"status":"READY"')) ready = true;
      const qr = /"type":"qr".*"qr":"([^"]+)"/.exec(text)?.[1];
      if (qr !== undefined) emulator.scan(qr).catch(() => {});
    });
  }
  async function kill(): Promise<void> {
    const dying = child;
    child = undefined;
    if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return;
    const gone = new Promise((resolve) => dying.once('exit', resolve));
    dying.kill('SIGKILL');
    await gone;
  }
  async function until(holds: () => boolean, what: string, within = 60_000): Promise<void> {
    for (const end = performance.now() + within; !holds(); ) {
      if (performance.now() > end)
        throw new Error(`not within ${within} ms: ${what}; ${heard} heard, ${pending()} pending`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  const pending = (): number => Object.values(emulator.state().pending).reduce((sum, each) => sum + each, 0);

  it('[G2] loses and doubles nothing of a burst in chats and a group, keeps each chat in order and the log without a gap', async () => {
    const random = chance(SEED);
    start();
    await until(() => ready, 'READY');
    const people = ['Ana', 'Bob', 'Cem'].map((name) => emulator.contact({ name }));
    const desk = emulator.phone({ name: 'Desk' });
    const [owner] = people;
    const group = await emulator.group({
      subject: 'G',
      owner: owner?.id ?? '',
      members: [desk.id, people[1]?.id ?? ''],
    });
    const sent = new Map<string, string[]>();
    const hands = new Map<string, Promise<void>>();
    let number = 0;
    for (let round = 0; round < KILLS; round++) {
      // Each person writes one message after the other, all persons at once.
      const writing = Array.from({ length: 60 }, () => {
        const person = people[Math.floor(random() * people.length)];
        const inGroup = random() < 0.4 && person?.name !== 'Cem';
        const text = `n${++number}`;
        const where = inGroup ? `${group.id} ${person?.pn}` : (person?.pn ?? '');
        sent.set(where, [...(sent.get(where) ?? []), text]);
        const last = (hands.get(person?.id ?? '') ?? Promise.resolve()).then(async () => {
          await person?.send({ to: inGroup ? group.id : desk.id, text });
        });
        hands.set(person?.id ?? '', last);
        return last;
      });
      const before = heard;
      const victims = Math.floor(random() * 50);
      await until(() => heard >= before + victims, `${victims} of round ${round}`);
      await kill();
      await Promise.all(writing);
      start();
      await until(() => ready, 'READY again');
    }
    await until(() => pending() === 0, 'nothing pending');
    await kill();
    const queries = new SqliteQueries(join(dir, 'pulseline.db'));
    const stored = new Map<string, string[]>();
    const { items } = await queries.conversations({ account: 'acc_1', limit: 100 });
    for (const { id, kind, address } of items) {
      for (let before: string | null | undefined; before !== null; ) {
        const page = await queries.messages({ conversation: id, limit: 200, ...(before !== undefined && { before }) });
        before = page.next;
        for (const message of page.items.toReversed()) {
          const where = kind === 'group' ? `${address} ${message.author ?? message.from}` : address;
          stored.set(where, [message.body, ...(stored.get(where) ?? [])]);
        }
      }
    }
    expect(Object.fromEntries([...stored].sort())).toEqual(Object.fromEntries([...sent].sort()));
    const events = await queries.events('acc_1', 0, 10_000);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ type }) => type === 'new_message')).toHaveLength(number);
    queries.close();
  }, 240_000);

  // The other places: test/restart, over the whole product.
  it.each(['answered'])(
    '[G2] at "%s" loses and doubles nothing',
    async (point) => {
      start();
      await until(() => ready, 'READY');
      await until(() => pending() === 0, 'the first sync');
      await kill();
      const ana = emulator.contact({ name: 'Ana' });
      await ana.send({ to: 'Desk', text: 'aimed' });
      start(`${point}:1`);
      const victim = child;
      await until(() => victim?.signalCode === 'SIGKILL', 'the kill');
      expect(pending()).toBe(1);
      start();
      await until(() => pending() === 0, 'the receipt');
      await kill();
      const queries = new SqliteQueries(join(dir, 'pulseline.db'));
      const events = await queries.events('acc_1', 0, 10_000);
      expect(events.filter(({ type, data }) => type === 'new_message' && data.includes('"aimed"'))).toHaveLength(1);
      queries.close();
      expect(ana.messages()[0]?.status).toBe('delivered');
    },
    60_000,
  );

  it('[G26] in the middle of a file leaves it whole in the end, whichever way it goes, and sent once', async () => {
    start();
    await until(() => ready, 'READY');
    await until(() => pending() === 0, 'the first sync');
    const ana = emulator.contact({ name: 'Ana' });
    const media = join(dir, 'media');
    const files = new MediaFiles(media);
    const data = randomBytes(3_000_000);
    const hash = createHash('sha256').update(data).digest('hex');
    // Half of it comes; what was got is killed before the second attempt.
    emulator.fault({ kind: 'media-cut', target: 'download' });
    await ana.send({ to: 'Desk', said: { kind: 'document', data } });
    const sizes = (folder: string) =>
      readdirSync(join(media, folder)).map((name) => statSync(join(media, folder, name)).size);
    await until(() => sizes('pieces').some((size) => size > 1_000_000), 'half of the file');
    await kill();
    expect(sizes('pieces')).toHaveLength(1);
    expect(existsSync(files.path(hash))).toBe(false);
    start();
    await until(() => existsSync(files.path(hash)), 'the file');
    expect(
      createHash('sha256')
        .update(readFileSync(files.path(hash)))
        .digest('hex'),
    ).toBe(hash);
    await until(() => sizes('pieces').length === 0, 'its pieces are gone');
    // The host takes its time: the sealed form is on its way.
    emulator.fault({ kind: 'media-slow', target: 'upload', ms: 60_000 });
    child?.stdin?.write(`7 ${ana.pn} contract ${hash}\n`);
    await until(() => sizes('making').some((size) => size >= data.length), 'the upload');
    await kill();
    emulator.fault({ kind: 'media-slow', target: 'upload', on: false });
    expect(ana.inbox()).toEqual([]);
    start();
    await until(() => ana.inbox().length > 0, 'our file');
    child?.stdin?.write(`8 ${ana.pn} after\n`);
    await until(() => ana.inbox().some(({ text }) => text === 'after'), 'the next message');
    expect(ana.inbox().map(({ text, file }) => [text, file?.sha256])).toEqual([
      ['contract', hash],
      ['after', undefined],
    ]);
    expect(sizes('making')).toEqual([]);
  }, 180_000);

  it.each(['sending'])(
    '[G7] at "%s" sends a reply once, and the contact can read it and the next one',
    async (point) => {
      start();
      await until(() => ready, 'READY');
      const ana = emulator.contact({ name: 'Ana' });
      await kill();
      start(`${point}:1`);
      await until(() => ready, 'READY');
      child?.stdin?.write(`1 ${ana.pn} first\n`);
      const victim = child;
      await until(() => victim?.signalCode === 'SIGKILL', 'the kill');
      start();
      await until(() => ready, 'READY');
      await until(() => ana.inbox().some(({ text }) => text === 'first'), 'the reply');
      child?.stdin?.write(`2 ${ana.pn} second\n`);
      await until(() => ana.inbox().some(({ text }) => text === 'second'), 'the next reply');
      expect(ana.inbox().map(({ text }) => text)).toEqual(['first', 'second']);
    },
    60_000,
  );
});
