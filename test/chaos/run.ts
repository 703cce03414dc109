// One gateway through one chaos run: round after round of traffic, faults and a death, then the verdict. What happens when is the plan's; what is right is the oracle's.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shape } from '@pulseline/protocol';
import { beginWhole, endWhole, faultAt } from './faults.ts';
import type { Gateway, View } from './gateway.ts';
import { judge, lanesOf, type Verdict } from './oracle.ts';
import { type Chat, type Ending, type Options, type Round, roundOf, roundsOf, type WholeFault } from './plan.ts';
import { dueAt, nameOf, type Scene } from './scene.ts';

const { object, string, integer, number, list, record } = shape;
const texts = list(string(200_000), 1_000_000);
const verdict = object({
  sent: integer(),
  arrived: integer(),
  lost: texts,
  doubled: texts,
  outOfOrder: texts,
  strange: texts,
});

export const outcome = object({
  gateway: string(),
  /** By the place where one looks. */
  inbound: record(verdict),
  outbound: record(verdict),
  /** How often what was done to it. */
  done: record(integer()),
  counts: record(integer()),
  seconds: number(),
});
export type Outcome = shape.Of<typeof outcome>;

const progress = object({
  round: integer(),
  attempt: integer(),
  answered: integer(),
  seconds: number(),
  done: record(integer()),
});
type Progress = shape.Of<typeof progress>;

interface Reply {
  readonly chat: Chat;
  readonly text: string;
  readonly command: string;
}

/** Ms without any progress after which a run is given up and judged as it stands. */
const PATIENCE = 60_000;
/** Ms that a gateway gets to be online before a round begins all the same. */
const ONLINE_WITHIN = 20_000;
/** Ms that a gateway gets to notice that nobody answers any more. */
const NOTICED_WITHIN = 90_000;
/** Stanzas at WhatsApp that count as an empty queue. */
const NEARLY_EMPTY = 20;

const TELL_EVERY = 5_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Everything that the account writes in the rounds before `until`, in order. */
function repliesOf(options: Options, until: number): readonly Reply[] {
  let n = 0;
  return Array.from({ length: until }, (_, index) => roundOf(options, index))
    .flatMap(({ replies }) => replies)
    .map((chat) => {
      n += 1;
      return { chat, text: `${nameOf(chat)}/us ${n}`, command: `chaos-${options.seed}-${n}` };
    });
}

export interface Run {
  /** Rounds from where the last one ended, up to this one or all; what it needs to go on is in the scene's folder then. */
  play(upTo?: number): Promise<void>;
  /** Gives everything that can still come its time, and judges. `look` adds places to look at. */
  finish(look?: () => Promise<readonly View[]>): Promise<Outcome>;
}

/** `say` is told how far it is. */
export function openRun(options: Options, scene: Scene, gateway: Gateway, say: (line: string) => void): Run {
  const file = join(scene.folder, 'progress.json');
  const begun = performance.now();
  const before = existsSync(file) ? progress.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
  const done: Record<string, number> = { ...before?.done };
  const rounds = roundsOf(options);
  let round = before?.round ?? 0;
  let answered = before?.answered ?? 0;
  const attempt = (before?.attempt ?? -1) + 1;
  const seconds = (): number => (before?.seconds ?? 0) + (performance.now() - begun) / 1000;
  const save = (): void => {
    gateway.save();
    const now: Progress = { round, attempt, answered, seconds: seconds(), done };
    writeFileSync(file, JSON.stringify(now));
  };
  const count = (what: string): void => {
    done[what] = (done[what] ?? 0) + 1;
  };
  const alive = (): boolean => gateway.child.running();

  const all = repliesOf(options, rounds);
  let allowed = answered;

  const start = async (ending: Ending): Promise<void> => {
    if (alive()) return;
    gateway.launch(ending.type === 'aimed' ? ending : undefined);
  };
  const within = async (ms: number, ask: () => Promise<boolean>): Promise<boolean> => {
    for (const end = performance.now() + ms; performance.now() < end && alive(); ) {
      if (await ask().catch(() => false)) return true;
      await pause(20);
    }
    return false;
  };

  async function oneRound({ ending, begin, index, letters, faults }: Round): Promise<void> {
    if (ending.type === 'aimed' && alive()) await kill('random', count, gateway);
    await start(ending);
    if (begin !== 'at once') {
      await within(ONLINE_WITHIN, gateway.online);
      // The queue must shrink as long as it is waited for.
      if (begin === 'drained') await drained(scene, gateway, NEARLY_EMPTY, () => start(ending));
    } else if (ending.type !== 'starting') await within(ONLINE_WITHIN, gateway.answers);
    allowed = Math.max(allowed, repliesOf(options, index + 1).length);
    const writing = Promise.all(letters.map((each, nth) => scene.write(each, `${index}.${attempt}.${nth}`)));
    let going = true;
    const breaking = Promise.all(
      faults.map(async ({ after, fault }) => {
        await pause(after);
        if (going && (await faultAt(scene, gateway, fault))) count(fault);
      }),
    );
    if (ending.type === 'whole') await whole(ending.fault, writing);
    else {
      await until(alive, ending.after);
      if (alive()) await kill(ending.type === 'starting' ? 'starting' : 'random', count, gateway);
      else count(ending.type === 'aimed' ? `kill at ${ending.place}` : 'ended by itself');
    }
    going = false;
    // Nothing of this round may be under way when the next one is counted as begun.
    await Promise.all([writing, breaking]);
    scene.line.clear();
  }

  async function whole(fault: WholeFault, writing: Promise<unknown>): Promise<void> {
    const possible = fault !== 'disk-full' || scene.disk.own;
    count(possible ? `${fault}, no kill` : 'disk-full: no disk of its own here, left out');
    await beginWhole(scene, fault);
    await writing;
    // A cut line heals by itself; the others last until the gateway has noticed.
    if (fault === 'disk-full') {
      let felt = false;
      await within(NOTICED_WITHIN, async () => {
        felt = await gateway.refuses();
        return felt || (await scene.pending()) === 0;
      });
      if (possible && !felt) count('disk-full: not felt');
    }
    if (fault === 'server-silence') await within(NOTICED_WITHIN, async () => !(await gateway.online()));
    await endWhole(scene, fault);
    const back = await drained(scene, gateway, 0, () => start({ type: 'random', after: 0 }));
    if (!back) count(`${fault}: not back`);
  }

  /** With somebody who uses the gateway's API meanwhile: one text after the other, each tried again until it is answered. */
  async function withReplies(work: () => Promise<void>): Promise<void> {
    let over = false;
    const replying = (async () => {
      while (!over && answered < all.length) {
        const reply = answered < allowed ? all[answered] : undefined;
        const taken =
          reply !== undefined &&
          (await gateway.reply(reply.chat, reply.text, reply.command).then(
            () => true,
            () => false,
          ));
        if (taken) answered += 1;
        else await pause(reply === undefined ? 10 : 50);
      }
    })();
    const ticker = setInterval(() => {
      const at = `round ${round} of ${rounds}, ${answered} of ${all.length} replies taken`;
      say(`${gateway.name}: ${at}, ${Math.round(seconds())} s`);
    }, TELL_EVERY);
    try {
      await work();
    } finally {
      clearInterval(ticker);
      over = true;
      await replying;
    }
  }

  return {
    play: (upTo = rounds) =>
      withReplies(async () => {
        while (round < upTo) {
          await oneRound(roundOf(options, round));
          round += 1;
          save();
        }
      }),
    async finish(look = async () => []) {
      scene.moveClock(0);
      scene.line.clear();
      await withReplies(settle);
      return judged(await look());
    },
  };

  /** Everything that can still come gets its time; what has not come when nothing moves any more is lost. */
  async function settle(): Promise<void> {
    allowed = all.length;
    let last = '';
    let moved = performance.now();
    for (;;) {
      if (!alive()) gateway.launch();
      const online = await gateway.online().catch(() => false);
      const pending = await scene.pending();
      const got = online && pending === 0 ? total(await scene.got()) : 0;
      const settled =
        online && pending === 0 && answered === all.length && (await gateway.settled().catch(() => false));
      if (settled && got >= total(dueAt(all))) return;
      const now = `${pending} at WhatsApp, ${got} of ${total(dueAt(all))} at the contacts, ${answered} of ${all.length} taken, online ${online}, settled ${settled}`;
      if (now !== last) moved = performance.now();
      last = now;
      if (performance.now() - moved > PATIENCE) return say(`${gateway.name}: nothing moves any more (${now})`);
      await pause(200);
    }
  }

  async function judged(looked: readonly View[]): Promise<Outcome> {
    const written = await scene.written();
    const due = dueAt(all);
    const inbound: Record<string, Verdict> = {};
    const outbound: Record<string, Verdict> = { 'the contacts': judge(due, await scene.got()) };
    const replies = lanesOf(all.map(({ chat, text }) => ({ chat: nameOf(chat), text })));
    for (const view of [...(await gateway.views()), ...looked]) {
      inbound[view.name] = judge(written, lanesOf(view.inbound));
      if (view.outbound !== undefined) outbound[view.name] = judge(replies, lanesOf(view.outbound));
    }
    return { gateway: gateway.name, inbound, outbound, done, counts: gateway.counts(), seconds: seconds() };
  }
}

async function kill(how: string, count: (what: string) => void, gateway: Gateway): Promise<void> {
  if ((await gateway.child.end('SIGKILL')) === 'SIGKILL') count(`kill, ${how}`);
}

/** Waits until it is over, for so long at most. */
async function until(alive: () => boolean, ms: number): Promise<void> {
  for (const end = performance.now() + ms; performance.now() < end && alive(); ) {
    await pause(Math.min(10, Math.max(0, end - performance.now())));
  }
}

/** Online, with no more than so much left at WhatsApp. False if it stops getting better. */
async function drained(scene: Scene, gateway: Gateway, most: number, restart: () => Promise<void>): Promise<boolean> {
  let least = Number.POSITIVE_INFINITY;
  for (let moved = performance.now(); performance.now() - moved < PATIENCE; ) {
    await restart();
    const pending = await scene.pending();
    if (pending <= most && (await gateway.online().catch(() => false))) return true;
    if (pending < least) {
      least = pending;
      moved = performance.now();
    }
    await pause(100);
  }
  return false;
}

function total(lanes: ReadonlyMap<string, readonly string[]>): number {
  return [...lanes.values()].reduce((sum, { length }) => sum + length, 0);
}
