/** Each minute: settles the verifications that no client, landing or push came back for. */
import { observingChannels, observingSettings } from "../../shared/app/channels.ts";
import { databaseSettings } from "../../shared/app/database.ts";
import { keyringOf, keySettings } from "../../shared/app/keys.ts";
import { scheduledFunction } from "../../shared/app/scheduled-function.ts";
import { timerDatabase } from "../../shared/app/timer-database.ts";
import { channelModules } from "../../shared/channels/registry.ts";
import { readSettings } from "../../shared/config/read.ts";
import { CALLS_PER_GRANT, callBudget, TIMER_CALLS_PER_SECOND } from "../../shared/store/call-budget.ts";
import { reconcile } from "../../shared/verification/reconcile.ts";

/** Settings this function reads. */
export const settingNames = [
  ...databaseSettings,
  ...keySettings,
  ...observingSettings(channelModules),
] as const;

export const main_handler = scheduledFunction("reconcile", () => {
  const settings = readSettings(settingNames);
  const db = timerDatabase(settings);
  const deps = {
    db,
    keyring: keyringOf(settings),
    channels: observingChannels(channelModules, settings, db),
  };
  const budget = callBudget(db, TIMER_CALLS_PER_SECOND, CALLS_PER_GRANT.settling);
  return { db, run: async (remainingMs) => ({ ...(await reconcile({ ...deps, budget }, remainingMs)) }) };
});
