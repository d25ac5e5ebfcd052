/**
 * What becomes of objects of evidence in the rows: they are noted before they are stored, and forgotten when they are removed; a
 * verification whose archiving has ended gets a last look for what other runs left.
 */
import { and, asc, eq, getTableColumns, inArray, isNull, lte, ne, or, type SQL, sql } from "drizzle-orm";
import { type ArchiveStatus, inQueue, textArray, withoutObjects } from "./archive.ts";
import type { Database } from "./database.ts";
import { type VerificationRow, verification, verificationDue } from "./schema.ts";

const closed: ArchiveStatus[] = ["archived", "skipped", "lost"];

/** Notes objects that are about to be stored for a verification that no run holds. */
export async function noteArchiveObjects(
  db: Database,
  id: string,
  objects: readonly string[],
): Promise<void> {
  const noted = sql`${verification.archiveObjects} || ${textArray(objects)}`;
  await db.update(verification).set({ archiveObjects: noted }).where(eq(verification.id, id));
}

/** Forgets objects that have been removed. */
export async function forgetArchiveObjects(
  db: Database,
  id: string,
  objects: readonly string[],
): Promise<void> {
  await db
    .update(verification)
    .set({ archiveObjects: withoutObjects(objects) })
    .where(eq(verification.id, id));
}

const purged = (now: Date): SQL | undefined =>
  or(isNull(verification.purgeAt), lte(verification.purgeAt, now));

/**
 * Verifications whose archiving has ended and whose folder is due for a last look. None that a run holds, however old the date of
 * its lease: it may be finishing what it has stored.
 */
export function dueForCleanup(db: Database, now: Date, limit: number): Promise<VerificationRow[]> {
  return db
    .select(getTableColumns(verification))
    .from(verification)
    .innerJoin(verificationDue, inQueue("archive"))
    .where(
      and(
        lte(verificationDue.dueAt, now),
        inArray(verification.archiveStatus, closed),
        isNull(verification.archiveRun),
        or(ne(verification.archiveStatus, "archived"), isNull(verification.archiveMissing), purged(now)),
      ),
    )
    .orderBy(asc(verificationDue.dueAt))
    .limit(limit);
}

/** Gives a verification whose archiving has ended a look at `at`, whatever becomes of who asks for it. */
export async function scheduleCleanup(db: Database, id: string, at: Date): Promise<void> {
  await db
    .update(verification)
    .set({ archiveAt: at })
    .where(and(eq(verification.id, id), inArray(verification.archiveStatus, closed)));
}

/** Says that the last look is done. */
export async function markCleanedUp(db: Database, id: string): Promise<void> {
  await db
    .update(verification)
    .set({ archiveAt: null })
    .where(
      and(
        eq(verification.id, id),
        inArray(verification.archiveStatus, closed),
        isNull(verification.archiveRun),
      ),
    );
}
