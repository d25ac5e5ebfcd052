/** Tells people about results that come near the provider's purge and are not archived, while there is time to act. */
import { logAlarm } from "../runtime/log.ts";
import type { Database } from "../store/database.ts";
import { enqueueEvents } from "../store/outbox.ts";
import { markNearPurge } from "../store/purge-deadline.ts";
import { presentVerification } from "../verification/present.ts";

/** An alarm is raised this long before the purge (promise 2 of the design). */
export const PURGE_WARNING_MS = 24 * 3_600_000;

const BATCH_SIZE = 100;

/**
 * Raises `purge_deadline_near`, once each, for verifications with a token whose result is purged within 24 hours and not
 * archived, a batch per transaction, the nearest purge first. Stops when `hasTime` says so: the next run goes on. Answers
 * how many alarms it raised.
 */
export async function raisePurgeDeadlineAlarms(
  db: Database,
  hasTime: () => boolean = () => true,
): Promise<number> {
  const now = new Date();
  let raised = 0;
  while (hasTime()) {
    const marked = await db.transaction(async (tx) => {
      const rows = await markNearPurge(tx, now, PURGE_WARNING_MS, BATCH_SIZE);
      rows.sort((a, b) => Number(a.purgeAt) - Number(b.purgeAt));
      const data = rows.map((row) => ({
        alarm: "purge_deadline_near",
        verification: presentVerification(row),
      }));
      await enqueueEvents(tx, "alarm.raised", data, now);
      // Before the commit: an alarm raised twice is better than one that a crash swallows.
      for (const { id, channel, purgeAt } of rows) {
        logAlarm("purge_deadline_near", { verificationId: id, channel, purgeAt });
      }
      return rows.length;
    });
    raised += marked;
    if (marked < BATCH_SIZE) break;
  }
  return raised;
}
