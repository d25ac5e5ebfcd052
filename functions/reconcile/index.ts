/** Each minute: settles verifications whose client never came back, watches the purge deadlines, delivers events. */

import { observingChannels, observingSettings } from "../../shared/app/channels.ts";
import { raisePurgeDeadlineAlarms } from "../../shared/archive/purge-deadline-alarm.ts";
import { channelModules } from "../../shared/channels/registry.ts";
import { readSettings } from "../../shared/config/read.ts";
import { timerFunction } from "../../shared/runtime/timer.ts";
import { connect } from "../../shared/store/database.ts";
import { reconcile } from "../../shared/verification/reconcile.ts";
import { deliverEvents } from "../../shared/webhooks/deliver.ts";

/** Settings this function reads. */
export const settingNames = [
  "DATABASE_URL",
  "MASTER_KEY",
  ...observingSettings(channelModules),
  "WEBHOOK_URL",
  "WEBHOOK_SECRET",
] as const;

export const main_handler = timerFunction(() => {
  const settings = readSettings(settingNames);
  const { db } = connect(settings.DATABASE_URL);
  const deps = {
    db,
    keyring: settings.MASTER_KEY,
    channels: observingChannels(channelModules, settings, db),
  };
  const { WEBHOOK_URL: url, WEBHOOK_SECRET: secret } = settings;
  const receiver = url && secret ? { url, secret } : undefined;
  return async (remainingMs) => ({
    ...(await reconcile(deps, remainingMs)),
    purgeAlarms: await raisePurgeDeadlineAlarms({ db }),
    ...(await deliverEvents(db, receiver, remainingMs)),
  });
});
