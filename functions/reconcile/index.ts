/** Each minute: settles the verifications that no client, landing or push came back for. */
import { allChannels, channelSettings } from "../../shared/app/channels.ts";
import { scheduledFunction } from "../../shared/app/scheduled-function.ts";
import { readSettings } from "../../shared/config/read.ts";
import { connect } from "../../shared/store/database.ts";
import { reconcile } from "../../shared/verification/reconcile.ts";

/** The settings that this function reads. */
export const settingNames = ["DATABASE_URL", "MASTER_KEY", ...channelSettings] as const;

export const main_handler = scheduledFunction("reconcile", () => {
  const settings = readSettings(settingNames);
  const { db } = connect(settings.DATABASE_URL);
  const deps = { db, keyring: settings.MASTER_KEY, channels: allChannels(settings, db) };
  return { db, run: async (remainingMs) => ({ ...(await reconcile(deps, remainingMs)) }) };
});
