/** Each minute: settles the verifications that no client, landing or push came back for. */
import { observingChannels, observingSettings } from "../../shared/app/channels.ts";
import { scheduledFunction } from "../../shared/app/scheduled-function.ts";
import { channelModules } from "../../shared/channels/registry.ts";
import { readSettings } from "../../shared/config/read.ts";
import { callBudget } from "../../shared/store/call-budget.ts";
import { connect } from "../../shared/store/database.ts";
import { reconcile } from "../../shared/verification/reconcile.ts";

/** Settings this function reads. */
export const settingNames = ["DATABASE_URL", "MASTER_KEY", ...observingSettings(channelModules)] as const;

export const main_handler = scheduledFunction("reconcile", () => {
  const settings = readSettings(settingNames);
  const { db } = connect(settings.DATABASE_URL);
  const deps = {
    db,
    keyring: settings.MASTER_KEY,
    channels: observingChannels(channelModules, settings, db),
  };
  const budget = callBudget(db);
  return { db, run: async (remainingMs) => ({ ...(await reconcile({ ...deps, budget }, remainingMs)) }) };
});
