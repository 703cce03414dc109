// Preloaded into a gateway under chaos: its wall clock can be set by a file, while monotonic time and timers go on, as when somebody moves a system's clock.
import { readFileSync } from 'node:fs';

const file = process.env.CHAOS_CLOCK;
if (file !== undefined) {
  const RealDate = Date;
  const realNow = Date.now;
  const read = () => {
    try {
      return Number(readFileSync(file, 'utf8')) || 0;
    } catch {
      return 0;
    }
  };
  let offset = read();
  const now = () => realNow() + offset;
  globalThis.Date = new Proxy(RealDate, {
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
    construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [now()] : args, made),
    apply: () => new RealDate(now()).toString(),
  });
  // What a process takes for the time of its start is what the clock said then.
  Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + offset });
  setInterval(() => {
    offset = read();
  }, 100).unref();
}
