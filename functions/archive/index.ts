/** Every ten minutes: keeps evidence of verifications that have a result, or whose token is over, before the provider purges it. */
import { observingChannels, observingSettings } from "../../shared/app/channels.ts";
import { cosAccess } from "../../shared/app/cos-access.ts";
import { databaseSettings } from "../../shared/app/database.ts";
import { keyringOf, keySettings } from "../../shared/app/keys.ts";
import { scheduledFunction } from "../../shared/app/scheduled-function.ts";
import { timerDatabase } from "../../shared/app/timer-database.ts";
import { runArchive } from "../../shared/archive/run.ts";
import { openEvidenceStore } from "../../shared/archive/stores/index.ts";
import { channelModules } from "../../shared/channels/registry.ts";
import { EVIDENCE_KINDS } from "../../shared/channels/types.ts";
import { readSettings } from "../../shared/config/read.ts";
import { callBudget } from "../../shared/store/call-budget.ts";

/** Settings this function reads. */
export const settingNames = [
  ...databaseSettings,
  ...keySettings,
  ...observingSettings(channelModules),
  "ARCHIVE_URL",
  "ARCHIVE_EVIDENCE",
] as const;

export const main_handler = scheduledFunction("archive", () => {
  const settings = readSettings(settingNames);
  const db = timerDatabase(settings);
  const deps = {
    db,
    keyring: keyringOf(settings),
    evidenceStore: openEvidenceStore(settings.ARCHIVE_URL, () => cosAccess(settings)),
    channels: observingChannels(channelModules, settings, db),
    budget: callBudget(db),
    evidence: EVIDENCE_KINDS.filter((kind) => settings.ARCHIVE_EVIDENCE.has(kind)),
  };
  return { db, run: (remainingMs) => runArchive(deps, { remainingMs }) };
});
