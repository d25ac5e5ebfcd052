/** Tells people about results that come near the provider's purge and are not archived, while there is time to act. */
import { logAlarm } from "../runtime/log.ts";
import { nearPurge, notePurgeAlarm } from "../store/archive.ts";
import type { Database } from "../store/database.ts";
import { enqueueEvent } from "../store/outbox.ts";
import type { VerificationRow } from "../store/schema.ts";
import { presentVerification } from "../verification/present.ts";

/** An alarm is raised this long before the purge (promise 2 of the design). */
const PURGE_WARNING_MS = 24 * 3_600_000;

const PAGE_SIZE = 100;

/** True if it was this call that raised the alarm. */
async function raise(db: Database, id: string, now: Date): Promise<boolean> {
  return db.transaction(async (tx) => {
    const row: VerificationRow | undefined = await notePurgeAlarm(tx, id, now);
    if (!row) return false;
    const data = { alarm: "purge_deadline_near", verification: presentVerification(row) };
    await enqueueEvent(tx, "alarm.raised", data, now);
    // Before the commit: an alarm raised twice is better than one that a crash swallows.
    logAlarm("purge_deadline_near", { verificationId: id, channel: row.channel, purgeAt: row.purgeAt });
    return true;
  });
}

/**
 * Raises `purge_deadline_near`, once each, for verifications with a token whose result is purged within 24 hours and not
 * archived. Any timer may call it, at any time. Answers how many alarms it raised.
 */
export async function raisePurgeDeadlineAlarms(deps: { readonly db: Database }): Promise<number> {
  const now = new Date();
  let raised = 0;
  for (let more = true; more; ) {
    const rows = await nearPurge(deps.db, now, PURGE_WARNING_MS, PAGE_SIZE);
    for (const { id } of rows) if (await raise(deps.db, id, now)) raised += 1;
    more = rows.length === PAGE_SIZE;
  }
  return raised;
}
