/**
 * Each minute: raises alarms for results that come near their purge, removes what is past its time, and erases: first what a
 * restored backup brought back. Every part has a try of its own.
 */
import { cosAccess } from "../../shared/app/cos-access.ts";
import { databaseSettings } from "../../shared/app/database.ts";
import { keyringOf, keySettings } from "../../shared/app/keys.ts";
import { scheduledFunction } from "../../shared/app/scheduled-function.ts";
import { timerDatabase } from "../../shared/app/timer-database.ts";
import { maintain } from "../../shared/archive/maintain.ts";
import { openEvidenceStore } from "../../shared/archive/stores/index.ts";
import { readSettings } from "../../shared/config/read.ts";

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
