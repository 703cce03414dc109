// A short chaos run, begun, broken off and resumed, and that its oracle would see what it must never see. The seed is printed; PULSELINE_SEED repeats it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge, lanesOf, perfect } from './oracle.ts';
import { type Options, roundOf, roundsOf } from './plan.ts';
import { openPulseline } from './pulseline.ts';
import { type Outcome, openRun } from './run.ts';
import { openScene } from './scene.ts';

const options: Options = {
  seed: Number(process.env['PULSELINE_SEED'] ?? Math.floor(Math.random() * 1_000_000)),
  kills: 4,
  inbound: 240,
  outbound: 30,
  slow: false,
  disk: true,
};
const none = { lost: [], doubled: [], outOfOrder: [], strange: [] };

describe('the plan of a chaos run', () => {
  const rounds = Array.from({ length: roundsOf(options) }, (_, index) => roundOf(options, index));

  it('shares out all messages and all kills, and a seed gives the same rounds again', () => {
    const letters = rounds.flatMap((round) => round.letters);
    expect(letters.reduce((sum, { n }) => sum + n, 0)).toBe(options.inbound);
    expect(rounds.flatMap(({ replies }) => replies)).toHaveLength(options.outbound);
    expect(rounds.filter(({ ending }) => ending.type !== 'whole')).toHaveLength(options.kills);
    expect(rounds[3]).toEqual(roundOf(options, 3));
    expect(rounds).not.toEqual(rounds.map(({ index }) => roundOf({ ...options, seed: options.seed + 1 }, index)));
  });
});

describe('the oracle', () => {
  const texts = ['c1/c1 1', 'c1/c1 2', 'c1/c1 3', 'g0/c1 1'];
  const found = (all: readonly string[]) => lanesOf(all.map((text) => ({ chat: text.slice(0, 2), text })));
  const verdict = (got: readonly string[]) => judge(found(texts), found(got));

  it('finds nothing wrong where everything is there, whatever the chats are mixed like', () => {
    const good = verdict(['g0/c1 1', 'c1/c1 1', 'c1/c1 2', 'c1/c1 3']);
    expect(good).toEqual({ sent: 4, arrived: 4, ...none });
    expect(perfect(good)).toBe(true);
  });

  it.each([
    ['one that is missing', ['c1/c1 1', 'c1/c1 3', 'g0/c1 1'], { lost: ['c1/c1 2'] }],
    ['one that is there twice', [...texts, 'c1/c1 2'], { doubled: ['c1/c1 2'], outOfOrder: ['c1/c1 2'] }],
    ['two in the wrong order', ['c1/c1 2', 'c1/c1 1', 'c1/c1 3', 'g0/c1 1'], { outOfOrder: ['c1/c1 1'] }],
    ['one that nobody wrote', [...texts, 'c1/c1 4'], { strange: ['c1/c1 4'] }],
  ] as const)('sees %s', (_, got, wrong) => {
    expect(verdict(got)).toMatchObject({ ...none, ...wrong });
  });

  it('sees a message in a chat that is not its own, and a placeholder that was never filled', () => {
    const wrong = lanesOf([
      ...texts.slice(0, 3).map((text) => ({ chat: 'c1', text })),
      { chat: 'c1', text: 'g0/c1 1' },
    ]);
    expect(judge(found(texts), wrong)).toMatchObject({ lost: ['g0/c1 1'], strange: ['g0/c1 1'] });
    const waiting = lanesOf([...texts.map((text) => ({ chat: text.slice(0, 2), text })), { chat: 'c1', text: '' }]);
    expect(judge(found(texts), waiting)).toMatchObject({ ...none, strange: [''] });
  });
});

describe('chaos', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pulseline-chaos-'));
  let outcome: Outcome;

  /** One sitting: everything is opened from the folder, and closed without a word to anybody. */
  async function sitting(upTo: number): Promise<Outcome | undefined> {
    const scene = await openScene(folder, options.disk);
    const gateway = await openPulseline(scene);
    try {
      const run = openRun(options, scene, gateway, (line) => console.log(line));
      await run.play(upTo);
      return upTo < roundsOf(options) ? undefined : await run.finish();
    } finally {
      await gateway.close();
      await scene.close();
      if (upTo === roundsOf(options)) scene.disk.leave();
    }
  }

  beforeAll(async () => {
    console.log(`seed ${options.seed} (PULSELINE_SEED=${options.seed} repeats it)`);
    await sitting(2);
    const whole = await sitting(roundsOf(options));
    if (whole === undefined) throw new Error('the run did not end');
    outcome = whole;
    console.log({ ...outcome.done, ...outcome.counts });
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('[G2] loses, doubles and reorders nothing that contacts wrote, in the store and at a live client', () => {
    const sent = options.inbound;
    expect(outcome.inbound).toMatchObject({
      'the store': { sent, arrived: sent, ...none },
      'the live client': { sent, arrived: sent, ...none },
    });
  });

  it('[G7] loses, doubles and reorders nothing that the account wrote, at the contacts, in the store and at a live client', () => {
    const sent = options.outbound;
    expect(outcome.outbound).toMatchObject({
      'the contacts': none,
      'the store': { sent, arrived: sent, ...none },
      'the live client': { sent, arrived: sent, ...none },
    });
    expect(outcome.counts['replies to a person without a second tick']).toBe(0);
  });

  it('[G1] [G4] gives a live client whose line is cut each event of the log, the next one next, without a new snapshot', () => {
    expect(outcome.counts).toMatchObject({
      'live client: breaks of the sequence': 0,
      'live client: could not resume': 0,
    });
  });
});
