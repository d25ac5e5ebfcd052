/** Finding verifications: by id, by the state of a landing address, and in the order in which people and audits read them. */
import { and, arrayContains, asc, desc, eq, gt, isNotNull, not, sql } from "drizzle-orm";
import type { ArchiveStatus } from "./archive.ts";
import type { Database } from "./database.ts";
import { type VerificationRow, verification } from "./schema.ts";

/** What an id of ours looks like. */
const VERIFICATION_ID = /^ver_[0-9a-f-]{36}$/;

/** The row of an id. Text that cannot be an id is not sent to the database, which refuses NUL for example. */
export async function findVerification(db: Database, id: string): Promise<VerificationRow | undefined> {
  if (!VERIFICATION_ID.test(id)) return undefined;
  const [row] = await db.select().from(verification).where(eq(verification.id, id));
  return row;
}

/** The row that a landing address belongs to; `stateHash` is the SHA-256 of its state. */
export async function findByState(db: Database, stateHash: Buffer): Promise<VerificationRow | undefined> {
  const [row] = await db.select().from(verification).where(eq(verification.stateHash, stateHash));
  return row;
}

/** Verifications for people to look at, newest first. */
export function listForArchive(
  db: Database,
  filter: { readonly status?: ArchiveStatus; readonly limit: number },
): Promise<VerificationRow[]> {
  return db
    .select()
    .from(verification)
    .where(filter.status && eq(verification.archiveStatus, filter.status))
    .orderBy(desc(verification.id))
    .limit(filter.limit);
}

/** The next archived verifications after an id, in the order of ids; start with the empty text. */
export function archivedAfter(db: Database, id: string, limit: number): Promise<VerificationRow[]> {
  return db
    .select()
    .from(verification)
    .where(and(gt(verification.id, id), eq(verification.archiveStatus, "archived")))
    .orderBy(asc(verification.id))
    .limit(limit);
}

/** Notes that an alarm about a verification is being raised; `false` if it was before, or the verification is gone. */
export async function markRaised(db: Database, id: string, alarm: string): Promise<boolean> {
  const rows = await db
    .update(verification)
    .set({ raisedAlarms: sql`array_append(${verification.raisedAlarms}, ${alarm})` })
    .where(and(eq(verification.id, id), not(arrayContains(verification.raisedAlarms, [alarm]))))
    .returning({ id: verification.id });
  return rows.length === 1;
}

/** How many archived verifications lack some kind of evidence. */
export const countIncomplete = (db: Database): Promise<number> =>
  db.$count(
    verification,
    and(eq(verification.archiveStatus, "archived"), isNotNull(verification.archiveMissing)),
  );

/** How many verifications are archived. */
export const countArchived = (db: Database): Promise<number> =>
  db.$count(verification, eq(verification.archiveStatus, "archived"));
