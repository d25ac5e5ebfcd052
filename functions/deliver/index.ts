/** Each minute: delivers events to the merchant. A timer of its own, so that a slow receiver delays nothing else. */
import { databaseSettings } from "../../shared/app/database.ts";
import { scheduledFunction } from "../../shared/app/scheduled-function.ts";
import { timerDatabase } from "../../shared/app/timer-database.ts";
import { readSettings } from "../../shared/config/read.ts";
import { deliverEvents } from "../../shared/webhooks/deliver.ts";

/** The settings that this function reads. */
export const settingNames = [...databaseSettings, "WEBHOOK_URL", "WEBHOOK_SECRET", "SIMULATOR_URL"] as const;

export const main_handler = scheduledFunction("deliver", () => {
  const settings = readSettings(settingNames);
  const db = timerDatabase(settings);
  const { WEBHOOK_URL: url, WEBHOOK_SECRET: secret } = settings;
  const mayBePrivate = settings.SIMULATOR_URL !== undefined;
  const receiver = url && secret ? { url, secret, mayBePrivate } : undefined;
  return { db, run: async (remainingMs) => ({ ...(await deliverEvents(db, receiver, remainingMs)) }) };
});
