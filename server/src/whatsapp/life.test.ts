// Every arm of an account's life, and the promise that no sequence of inputs becomes a storm of connects.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ending } from './classify.ts';
import { CONNECTS_A_MINUTE, type Effect, type Input, type Life, newLife, step } from './life.ts';

const START = 1_700_000_000_000;
const lost: Ending = { type: 'retry', code: 'NETWORK_LOST', params: { host: 'h', error: 'x' } };

/** Plays inputs, each some ms after the one before, and keeps what came of them. */
function play(inputs: readonly (readonly [after: number, input: Input])[], random = 1) {
  let now = START;
  let life: Life = newLife(now);
  const effects: (Effect & { at: number })[] = [];
  for (const [after, input] of inputs) {
    now += after;
    const [next, said] = step(life, input, now, random);
    life = next;
    effects.push(...said.map((effect) => ({ ...effect, at: effect.type === 'wake' ? effect.at : now })));
  }
  const reports = effects.filter((effect) => effect.type === 'report');
  return { life, now, effects, states: reports.map(({ state }) => state), last: reports.at(-1) };
}

const start: readonly [number, Input] = [0, { type: 'start' }];
const open: readonly [number, Input] = [10, { type: 'open' }];
const drained: readonly [number, Input] = [10, { type: 'drained' }];
const proven: readonly [number, Input] = [10, { type: 'proof', holds: true }];

describe('an account’s life', () => {
  it('goes from the first connect over QR, scan and restart to READY', () => {
    const { states, effects } = play([
      start,
      [100, { type: 'qr' }],
      [9_000, { type: 'qr' }],
      [100, { type: 'paired' }],
      [50, { type: 'ended', ending: { type: 'restart' } }],
      open,
      drained,
      proven,
    ]);
    expect(states).toEqual(['INITIALIZING', 'QR', 'AUTHENTICATED', 'SYNCING', 'READY']);
    expect(effects.filter(({ type }) => type === 'connect')).toHaveLength(2);
  });

  it('is READY only by evidence, in whatever order it comes', () => {
    expect(play([start, open]).states.at(-1)).toBe('SYNCING');
    expect(play([start, open, proven]).states.at(-1)).toBe('SYNCING');
    expect(play([start, open, drained]).states.at(-1)).toBe('SYNCING');
    expect(play([start, drained, open, proven]).states.at(-1)).toBe('READY');
    expect(play([start, open, proven, [31_000, { type: 'wake' }]]).states.at(-1)).toBe('READY');
  });

  it('is DEGRADED while a probe stays unanswered, and READY again after an answer', () => {
    const { states } = play([start, open, drained, proven, [20_000, { type: 'proof', holds: false }], proven]);
    expect(states.slice(-3)).toEqual(['READY', 'DEGRADED', 'READY']);
  });

  it('asks for a proof at once and then every 20 seconds', () => {
    const { effects } = play([start, open, [20_000, { type: 'wake' }], [20_000, { type: 'wake' }]]);
    expect(effects.filter(({ type }) => type === 'prove')).toHaveLength(3);
  });

  it('tries again later and later, up to a minute, and says when', () => {
    const pauses: number[] = [];
    let life = newLife(START);
    let now = START;
    [life] = step(life, { type: 'start' }, now, 1);
    for (let round = 0; round < 10; round++) {
      const [waiting, effects] = step(life, { type: 'ended', ending: lost }, now, 1);
      const wake = effects.find((effect) => effect.type === 'wake');
      const said = effects.find((effect) => effect.type === 'report');
      expect(said).toMatchObject({ state: 'DISCONNECTED', attempts: round + 1, nextTryAt: wake?.at });
      pauses.push((wake?.at ?? 0) - now);
      now = wake?.at ?? now;
      [life] = step(waiting, { type: 'wake' }, now, 1);
    }
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('keeps the beginning of a disconnection over many attempts', () => {
    const { last } = play([
      start,
      [0, { type: 'ended', ending: lost }],
      [500, { type: 'wake' }],
      [9, { type: 'ended', ending: lost }],
    ]);
    expect(last).toMatchObject({ since: START, attempts: 2 });
  });

  it('starts with a short pause again after a link that held', () => {
    const [again, ,] = [
      play([
        start,
        [0, { type: 'ended', ending: lost }],
        [500, { type: 'wake' }],
        open,
        [30_000, { type: 'ended', ending: lost }],
      ]),
    ];
    expect(again.last).toMatchObject({ attempts: 1 });
    const short = play([
      start,
      [0, { type: 'ended', ending: lost }],
      [500, { type: 'wake' }],
      open,
      [2_000, { type: 'ended', ending: lost }],
    ]);
    expect(short.last).toMatchObject({ attempts: 2 });
  });

  it('does not wake before its time', () => {
    const early = play([start, [0, { type: 'ended', ending: lost }], [100, { type: 'wake' }]]);
    expect(early.effects.filter(({ type }) => type === 'connect')).toHaveLength(1);
    expect(early.effects.at(-1)).toMatchObject({ type: 'wake', at: START + 500 });
  });

  it.each([
    ['QR codes that were used up', { type: 'qr-expired' }, 'DISCONNECTED', 'QR_EXPIRED'],
    ['a removed device', { type: 'logged-out' }, 'LOGGED_OUT', 'LOGGED_OUT'],
    ['the same login elsewhere', { type: 'halt', code: 'REPLACED', params: {} }, 'DISCONNECTED', 'REPLACED'],
    ['a ban', { type: 'halt', code: 'ACCOUNT_BANNED', params: {} }, 'FAILED', 'ACCOUNT_BANNED'],
    ['an outdated client', { type: 'halt', code: 'CLIENT_OUTDATED', params: {} }, 'FAILED', 'CLIENT_OUTDATED'],
    [
      'credentials that cannot be read',
      { type: 'halt', code: 'CREDENTIALS_UNREADABLE', params: {} },
      'FAILED',
      'CREDENTIALS_UNREADABLE',
    ],
  ] as const satisfies readonly (readonly [string, Ending, string, string])[])(
    'stops at %s until a person starts it anew',
    (_, ending, state, code) => {
      const stopped = play([start, [5, { type: 'ended', ending }], [3_600_000, { type: 'wake' }]]);
      expect(stopped.last).toMatchObject({ state, why: { code } });
      expect(stopped.last).not.toHaveProperty('nextTryAt');
      expect(stopped.effects.filter(({ type }) => type === 'connect')).toHaveLength(1);
      const [, again] = step(stopped.life, { type: 'restart' }, stopped.now, 0);
      expect(again.map(({ type }) => type)).toEqual([
        ...(state === 'LOGGED_OUT' ? ['forget'] : []),
        'report',
        'connect',
      ]);
    },
  );

  it('does not forget a login that we ended ourselves twice', () => {
    const { life, now, last } = play([start, open, [5, { type: 'unlinked' }]]);
    expect(last).toMatchObject({ state: 'LOGGED_OUT' });
    const [, again] = step(life, { type: 'restart' }, now, 0);
    expect(again.map(({ type }) => type)).toEqual(['report', 'connect']);
  });

  it('ends its link before a restart opens another one', () => {
    const { life, now } = play([start, open]);
    const [, effects] = step(life, { type: 'restart' }, now, 0);
    expect(effects.map(({ type }) => type)).toEqual(['disconnect', 'report', 'connect']);
  });

  it('hears nothing of a link after stop', () => {
    expect(
      play([start, open, [5, { type: 'stop' }], [5, { type: 'ended', ending: lost }], drained]).states.at(-1),
    ).toBe('SYNCING');
  });

  it('never connects more often than its share of a minute, whatever comes in', () => {
    const ending = fc.constantFrom<Ending>(lost, { type: 'restart' }, { type: 'logged-out' }, { type: 'qr-expired' });
    const input = fc.oneof(
      fc.constantFrom<Input>(
        { type: 'start' },
        { type: 'restart' },
        { type: 'stop' },
        { type: 'wake' },
        { type: 'qr' },
        { type: 'open' },
      ),
      fc.constantFrom<Input>(
        { type: 'paired' },
        { type: 'drained' },
        { type: 'unlinked' },
        { type: 'proof', holds: false },
      ),
      ending.map((is): Input => ({ type: 'ended', ending: is })),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 5_000 }), input), { maxLength: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (inputs, random) => {
          const connects = play(inputs, random)
            .effects.filter(({ type }) => type === 'connect')
            .map(({ at }) => at);
          for (const [index, at] of connects.entries()) {
            const before = connects[index - CONNECTS_A_MINUTE];
            if (before !== undefined) expect(at - before).toBeGreaterThanOrEqual(60_000);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  /** Connects of accounts whose every link is closed at once, in virtual time; `restart` = ms after which the process is killed and starts anew. */
  function storm(
    accounts: number,
    minutes: number,
    restart = Number.POSITIVE_INFINITY,
  ): readonly (readonly number[])[] {
    let seed = 7;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    return Array.from({ length: accounts }, () => {
      const connects: number[] = [];
      let now = START;
      let life = newLife(now);
      let wake = Number.POSITIVE_INFINITY;
      let born = now;
      const put = (input: Input): void => {
        const [next, effects] = step(life, input, now, random());
        life = next;
        for (const effect of effects) {
          if (effect.type === 'wake') wake = effect.at;
          if (effect.type !== 'connect') continue;
          connects.push(now);
          put({ type: 'ended', ending: lost });
        }
      };
      put(start[1]);
      while (now < START + minutes * 60_000) {
        if (wake <= born + restart) {
          now = wake;
          put({ type: 'wake' });
          continue;
        }
        now = born + restart;
        born = now;
        life = newLife(now, life.connects);
        wake = Number.POSITIVE_INFINITY;
        put(start[1]);
      }
      return connects;
    });
  }
  const perMinute = (connects: readonly number[]): number =>
    Math.max(...connects.map((from) => connects.filter((at) => at >= from && at < from + 60_000).length));

  it('makes no storm of an emulator that closes every socket at once: one account', () => {
    const [connects = []] = storm(1, 60);
    expect(perMinute(connects)).toBeLessThanOrEqual(CONNECTS_A_MINUTE);
    // Once the pauses have grown, a connect or two a minute.
    expect(connects.filter((at) => at > START + 600_000).length).toBeLessThan(50 * 2.1);
  });

  it('makes no storm of it with a hundred accounts, which do not come back in step', () => {
    const all = storm(100, 10);
    for (const connects of all) expect(perMinute(connects)).toBeLessThanOrEqual(CONNECTS_A_MINUTE);
    const later = all.flat().filter((at) => at > START + 120_000);
    const bySecond = new Map<number, number>();
    for (const at of later) bySecond.set(Math.floor(at / 1_000), (bySecond.get(Math.floor(at / 1_000)) ?? 0) + 1);
    expect(Math.max(...bySecond.values())).toBeLessThan(15);
  });

  it.each([700, 3_000, 20_000])('makes no storm of it while the process itself starts anew every %i ms', (restart) => {
    for (const connects of storm(5, 10, restart)) expect(perMinute(connects)).toBeLessThanOrEqual(CONNECTS_A_MINUTE);
  });

  it('lets no clock that was set back hold it up', () => {
    const { connects } = newLife(START, [START - 70_000, START - 100, START + 3_600_000]);
    expect(connects).toEqual([START - 70_000, START - 100]);
  });
});
