/** Says that the clock of this instance is wrong, as far as a provider's answers show it. */
import { clockDriftMs } from "../providers/server-clock.ts";
import { logAlarm } from "../runtime/log.ts";

/** More than the time of a slow answer, and less than what makes signatures invalid (Tencent Cloud: five minutes). */
const MAX_DRIFT_MS = 30_000;
const REPEAT_MS = 3_600_000;

let lastRaisedAt = Number.NEGATIVE_INFINITY;

/** Logs the alarm `clock_drift`, at most once per hour and instance, if the clocks differ by more than half a minute. */
export function raiseClockAlarm(): void {
  const driftMs = clockDriftMs() ?? 0;
  if (Math.abs(driftMs) <= MAX_DRIFT_MS || performance.now() - lastRaisedAt < REPEAT_MS) return;
  lastRaisedAt = performance.now();
  logAlarm("clock_drift", { driftMs });
}
