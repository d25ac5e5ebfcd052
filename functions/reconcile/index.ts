/** Each minute: settles what nobody came back for, watches the purge deadlines, delivers events. */
import { watchPurgeDeadlines } from "../../shared/archive/purge-watch.ts";
import { timerFunction } from "../../shared/http/timer.ts";
import { deliverEvents } from "../../shared/outbound/deliver.ts";
import { allChannels, channelSettings } from "../../shared/settings/channels.ts";
import { readSettings } from "../../shared/settings/read.ts";
import { connect } from "../../shared/store/database.ts";
import { reconcile } from "../../shared/verification/reconcile.ts";

/** What this function must be told. */
export const settingNames = [
  "DATABASE_URL",
  "MASTER_KEY",
  ...channelSettings,
  "WEBHOOK_URL",
  "WEBHOOK_SECRET",
] as const;

export const main_handler = timerFunction(() => {
  const settings = readSettings(settingNames);
  const { db } = connect(settings.DATABASE_URL);
  const deps = { db, keyring: settings.MASTER_KEY, channels: allChannels(settings, db) };
  const { WEBHOOK_URL: url, WEBHOOK_SECRET: secret } = settings;
  const receiver = url && secret ? { url, secret } : undefined;
  return async (remainingMs) => ({
    ...(await reconcile(deps, remainingMs)),
    purgeAlarms: await watchPurgeDeadlines({ db }),
    ...(await deliverEvents(db, receiver, remainingMs)),
  });
});
