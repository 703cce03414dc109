// Kills the whole process at a named point on purpose, so that test/restart can aim at the gap between two stages. Without PULSELINE_KILL_AT there is no point, and nothing ever happens.

/** Called where a stage has just been passed. */
export type KillPoint = (point: string) => void;

/**
 * `<point>:<n>`: dies when the point is reached for the n-th time in this thread. Undefined for any other text, so that
 * the product does not even make the call.
 */
export function readKillPoint(text: string | undefined): KillPoint | undefined {
  const [, wanted, count] = /^([a-z-]+):(\d{1,6})$/.exec(text ?? '') ?? [];
  if (wanted === undefined) return undefined;
  let left = Number(count);
  return (point) => {
    if (point !== wanted) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}

export const killPoint: KillPoint | undefined = readKillPoint(process.env['PULSELINE_KILL_AT']);
