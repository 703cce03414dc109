// How the journeys wait: on a condition, never on time; it changes nothing.

/** Asks until the answer is neither undefined nor false, and returns it. Throws, naming `what`, after `withinMs`. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 15_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  // Quick at first; a long wait must not take the processor from what it waits for.
  for (let pause = 10; ; pause = Math.min(60, pause * 1.5)) {
    let failure: unknown;
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`${what}: not within ${withinMs} ms`, failure === undefined ? {} : { cause: failure });
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
