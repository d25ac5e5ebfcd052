/** Each minute: settles the verifications that no client, landing or push came back for. */
import { observingChannels, observingSettings } from "../../shared/app/channels.ts";
import { keyringOf, keySettings } from "../../shared/app/keys.ts";
import { scheduledFunction } from "../../shared/app/scheduled-function.ts";
import { channelModules } from "../../shared/channels/registry.ts";
import { readSettings } from "../../shared/config/read.ts";
import { connect } from "../../shared/store/database.ts";
import { reconcile } from "../../shared/verification/reconcile.ts";

/** Settings this function reads. */
export const settingNames = ["DATABASE_URL", ...keySettings, ...observingSettings(channelModules)] as const;

export const main_handler = scheduledFunction("reconcile", () => {
  const settings = readSettings(settingNames);
  const { db } = connect(settings.DATABASE_URL);
  const deps = {
    db,
    keyring: keyringOf(settings),
    channels: observingChannels(channelModules, settings, db),
  };
  return { db, run: async (remainingMs) => ({ ...(await reconcile(deps, remainingMs)) }) };
});
