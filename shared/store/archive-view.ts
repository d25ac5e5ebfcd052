/** Verifications as the people look at them who run the archive: found, listed, walked through. */
import { and, asc, desc, eq, gt } from "drizzle-orm";
import type { ArchiveStatus } from "./archive.ts";
import type { Database } from "./database.ts";
import { type VerificationRow, verification } from "./schema.ts";

/** One verification by id. */
export async function findForArchive(db: Database, id: string): Promise<VerificationRow | undefined> {
  const [row] = await db.select().from(verification).where(eq(verification.id, id));
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

/** How many verifications are archived. */
export const countArchived = (db: Database): Promise<number> =>
  db.$count(verification, eq(verification.archiveStatus, "archived"));
