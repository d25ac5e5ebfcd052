/**
 * Moves the `Date` of this process, so that a function bundle lives in simulated time without knowing. Timers and
 * `performance.now()` stay real: they measure durations, which do not change when the clock is moved.
 */

/**
 * Replaces the global `Date` by one that reads `offsetMs()` ahead. Everything but "now" is the real `Date`: parsing, UTC,
 * `instanceof`, subclasses. Must run before any other code keeps a reference to `Date`.
 */
export function shiftDate(offsetMs: () => number): void {
  const RealDate = Date;
  const realNow = RealDate.now.bind(RealDate);
  const now = (): number => realNow() + offsetMs();
  const Shifted = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(), // Date() without `new` is a string that ignores its arguments
  });
  RealDate.now = now;
  // `new value.constructor()` must not find a way back to real time.
  RealDate.prototype.constructor = Shifted;
  globalThis.Date = Shifted;
}
