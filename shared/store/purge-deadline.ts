/** Verifications whose purge at the provider is near: found for the alarm about them, each once, and counted. */
import {
  and,
  asc,
  countDistinct,
  eq,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import { inQueue, openStatuses } from "./archive.ts";
import type { Database } from "./database.ts";
import { type VerificationRow, verification, verificationDue } from "./schema.ts";

/** A flow that its token's end leaves pending is settled within this time, unless something is wrong: grace and a few timer runs. */
const SETTLING_TIME_MS = 5 * 60_000;

/**
 * Verifications whose purge is near: within `warningMs`, or the last third of a result's life where that is shorter (WeChat keeps
 * results for an hour).
 */
function isNearPurge(now: Date, warningMs: number): SQL | undefined {
  const warning = sql`least(make_interval(secs => ${warningMs / 1000}), (${verification.purgeAt} - ${verification.createdAt}) / 3)`;
  return and(
    sql`${verification.purgeAt} - ${warning} < ${now}`,
    // A flow that may still be under way has nothing to keep; where a result lives no longer than its token, every
    // flow that somebody walks away from would raise an alarm.
    or(
      ne(verification.status, "pending"),
      isNull(verification.expiresAt),
      lte(verification.expiresAt, new Date(now.getTime() - SETTLING_TIME_MS)),
    ),
    isNotNull(verification.issued),
  );
}

/**
 * Marks verifications with something left to archive whose purge is near as alarmed, the nearest first, and returns them. Each
 * one once.
 */
export function markNearPurge(
  db: Database,
  now: Date,
  warningMs: number,
  limit: number,
): Promise<VerificationRow[]> {
  const near = db
    .select({ id: verification.id })
    .from(verification)
    .innerJoin(verificationDue, inQueue("purge"))
    .where(
      and(
        // What the queue serves; the rule follows.
        lt(verificationDue.dueAt, new Date(now.getTime() + warningMs)),
        isNearPurge(now, warningMs),
        or(inArray(verification.archiveStatus, openStatuses), isNotNull(verification.archiveMissing)),
        isNull(verification.purgeAlarmAt),
      ),
    )
    .orderBy(asc(verificationDue.dueAt))
    .limit(limit)
    .for("update", { of: verification, skipLocked: true });
  return db.update(verification).set({ purgeAlarmAt: now }).where(inArray(verification.id, near)).returning();
}

/** How many verifications of which nothing is archived have their purge near, alarmed or not. */
export async function countNearPurge(db: Database, now: Date, warningMs: number): Promise<number> {
  const [row] = await db
    .select({ count: countDistinct(verification.id) })
    .from(verification)
    .innerJoin(verificationDue, eq(verificationDue.verificationId, verification.id))
    .where(
      and(
        // What waits is in one of these two queues.
        inArray(verificationDue.queue, ["archive", "check"]),
        isNearPurge(now, warningMs),
        inArray(verification.archiveStatus, openStatuses),
      ),
    );
  return row?.count ?? 0;
}
