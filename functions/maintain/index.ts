/**
 * Each minute: raises alarms for results that come near their purge, and removes what is past its time. Alarms come first,
 * and every part has a try of its own.
 */
import { cosAccess } from "../../shared/app/cos-access.ts";
import { databaseSettings } from "../../shared/app/database.ts";
import { keyringOf, keySettings } from "../../shared/app/keys.ts";
import { scheduledFunction } from "../../shared/app/scheduled-function.ts";
import { timerDatabase } from "../../shared/app/timer-database.ts";
import {
  type EraseDeps,
  eraseExpired,
  reapplyErasures,
  recheckErasures,
} from "../../shared/archive/erase.ts";
import { raisePurgeDeadlineAlarms } from "../../shared/archive/purge-deadline-alarm.ts";
import { openEvidenceStore } from "../../shared/archive/stores/index.ts";
import { readSettings } from "../../shared/config/read.ts";
import { runParts } from "../../shared/runtime/parts.ts";
import { withKeys } from "../../shared/store/row-keys.ts";
import { sweeps } from "../../shared/store/sweeps.ts";

/** The settings that this function reads. */
export const settingNames = [...databaseSettings, ...keySettings, "ARCHIVE_URL", "RETENTION_DAYS"] as const;

/** Time left for the batch under way: longer than the database lets one statement take. */
const RESERVE_MS = 15_000;

export const main_handler = scheduledFunction("maintain", () => {
  const settings = readSettings(settingNames);
  const db = timerDatabase(settings);
  const deps = {
    db,
    keyring: keyringOf(settings),
    evidenceStore: openEvidenceStore(settings.ARCHIVE_URL, () => cosAccess(settings)),
  };
  return {
    db,
    run: (remainingMs) => maintain(deps, settings.RETENTION_DAYS, () => remainingMs() > RESERVE_MS),
  };
});

function maintain(deps: EraseDeps, retentionDays: number | undefined, hasTime: () => boolean) {
  const now = new Date();
  const { db } = deps;
  return runParts({
    // First: what a restored backup brought back must not be used.
    reappliedErasures: () => withKeys(() => reapplyErasures(deps)),
    purgeAlarms: () => raisePurgeDeadlineAlarms(db, hasTime),
    sweptDrafts: () => sweeps.drafts(db, now, hasTime),
    sweptIdempotencyKeys: () => sweeps.idempotencyKeys(db, now, hasTime),
    sweptCreationCounts: () => sweeps.creationCounts(db, now, hasTime),
    sweptPushes: () => sweeps.pushes(db, now, hasTime),
    sweptEvents: () => sweeps.events(db, now, hasTime),
    sweptAttempts: () => sweeps.attempts(db, now, hasTime),
    recheckedErasures: () => recheckErasures(deps, now, hasTime),
    erased: async () => (retentionDays === undefined ? 0 : eraseExpired(deps, retentionDays, now, hasTime)),
  });
}
