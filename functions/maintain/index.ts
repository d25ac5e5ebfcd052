/**
 * Each minute: raises alarms for results that come near their purge, and removes what is past its time. Alarms come first,
 * and every part has a try of its own.
 */
import { databaseSettings } from "../../shared/app/database.ts";
import { scheduledFunction } from "../../shared/app/scheduled-function.ts";
import { timerDatabase } from "../../shared/app/timer-database.ts";
import { raisePurgeDeadlineAlarms } from "../../shared/archive/purge-deadline-alarm.ts";
import { readSettings } from "../../shared/config/read.ts";
import { runParts } from "../../shared/runtime/parts.ts";
import type { Database } from "../../shared/store/database.ts";
import { sweeps } from "../../shared/store/sweeps.ts";

/** The settings that this function reads. */
export const settingNames = databaseSettings;

/** Time left for the batch under way: longer than the database lets one statement take. */
const RESERVE_MS = 15_000;

export const main_handler = scheduledFunction("maintain", () => {
  const db = timerDatabase(readSettings(settingNames));
  return { db, run: (remainingMs) => maintain(db, () => remainingMs() > RESERVE_MS) };
});

function maintain(db: Database, hasTime: () => boolean) {
  const now = new Date();
  return runParts({
    purgeAlarms: () => raisePurgeDeadlineAlarms(db, hasTime),
    sweptDrafts: () => sweeps.drafts(db, now, hasTime),
    sweptIdempotencyKeys: () => sweeps.idempotencyKeys(db, now, hasTime),
    sweptCreationCounts: () => sweeps.creationCounts(db, now, hasTime),
    sweptPushes: () => sweeps.pushes(db, now, hasTime),
    sweptEvents: () => sweeps.events(db, now, hasTime),
  });
}
