/** The frame of every timer function: its heartbeat, and a look at the heartbeats of the others. */

import { logAlarm } from "../runtime/log.ts";
import { runParts } from "../runtime/parts.ts";
import { type TimerRun, timerFunction } from "../runtime/timer.ts";
import type { Database } from "../store/database.ts";
import { markStoppedTimers, recordHeartbeat } from "../store/heartbeats.ts";
import { enqueueEvents } from "../store/outbox.ts";

/** How long after one run the next one is overdue: five periods of a minute, or three of ten minutes. */
export const EXPECTED_WITHIN_MS = {
  reconcile: 5 * 60_000,
  deliver: 5 * 60_000,
  maintain: 5 * 60_000,
  archive: 30 * 60_000,
} as const;

/** The timer functions. */
export type TimerName = keyof typeof EXPECTED_WITHIN_MS;

/** What a timer function is made of; built once per instance, at its first event. */
export interface ScheduledApp {
  readonly db: Database;
  readonly run: TimerRun;
}

/**
 * Makes `main_handler` of a timer function. Its heartbeat is recorded before the work, so that a run which is killed halfway
 * counts as having run; whether the work gets done is what the other alarms tell.
 */
export function scheduledFunction(timer: TimerName, setup: () => ScheduledApp) {
  return timerFunction(() => {
    const { db, run } = setup();
    return async (remainingMs) => {
      await runParts({
        heartbeat: async () => {
          await recordHeartbeat(db, timer, EXPECTED_WITHIN_MS[timer]);
          return raiseStoppedTimerAlarms(db);
        },
      });
      return run(remainingMs);
    };
  });
}

/** Raises `timer_stopped`, once each, for timers whose next run is overdue. Answers how many. */
async function raiseStoppedTimerAlarms(db: Database): Promise<number> {
  return db.transaction(async (tx) => {
    const stopped = await markStoppedTimers(tx);
    const data = stopped.map((timer) => ({ alarm: "timer_stopped", timer }));
    await enqueueEvents(tx, "alarm.raised", data, new Date());
    for (const timer of stopped) logAlarm("timer_stopped", { timer });
    return stopped.length;
  });
}
