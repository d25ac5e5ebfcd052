/** Every ten minutes: fetches, seals and stores the evidence of settled verifications, before the provider purges it. */
import { observingChannels, observingSettings } from "../../shared/app/channels.ts";
import { scheduledFunction } from "../../shared/app/scheduled-function.ts";
import { runArchive } from "../../shared/archive/run.ts";
import { openEvidenceStore } from "../../shared/archive/stores/index.ts";
import { channelModules } from "../../shared/channels/registry.ts";
import { EVIDENCE_KINDS } from "../../shared/channels/types.ts";
import { readSettings } from "../../shared/config/read.ts";
import { callBudget } from "../../shared/store/call-budget.ts";
import { connect } from "../../shared/store/database.ts";

/** Settings this function reads. */
export const settingNames = [
  "DATABASE_URL",
  "MASTER_KEY",
  ...observingSettings(channelModules),
  "ARCHIVE_URL",
  "ARCHIVE_EVIDENCE",
] as const;

export const main_handler = scheduledFunction("archive", () => {
  const settings = readSettings(settingNames);
  const { db } = connect(settings.DATABASE_URL);
  const deps = {
    db,
    keyring: settings.MASTER_KEY,
    evidenceStore: openEvidenceStore(settings.ARCHIVE_URL),
    channels: observingChannels(channelModules, settings, db),
    budget: callBudget(db),
    evidence: EVIDENCE_KINDS.filter((kind) => settings.ARCHIVE_EVIDENCE.has(kind)),
  };
  return { db, run: (remainingMs) => runArchive(deps, { remainingMs }) };
});
