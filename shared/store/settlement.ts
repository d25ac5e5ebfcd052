/** Recording what was learnt about a verification, and leasing those that should be asked about. */
import { and, asc, eq, inArray, isNotNull, isNull, lte, or, sql } from "drizzle-orm";
import type { Attempt } from "../channels/types.ts";
import { log } from "../runtime/log.ts";
import type { Database } from "./database.ts";
import { attempt, type VerificationRow, verification } from "./schema.ts";

/** Columns that a settlement may change. */
export type SettlementChange = Partial<
  Pick<
    VerificationRow,
    | "status"
    | "reason"
    | "lastAttempt"
    | "identitySource"
    | "personHash"
    | "personKeyId"
    | "settledAt"
    | "settledBy"
    | "checkAt"
    | "archiveStatus"
    | "archiveAt"
  >
>;

/**
 * How many attempts of one answer are recorded. Far above what a person can do within a token's life, and in one statement
 * far below PostgreSQL's 65,535 parameters (five per attempt).
 */
const MAX_ATTEMPTS = 1_000;

/**
 * Records attempts by their `Seq`: a known one is brought up to date, none is ever counted twice. The count in the row
 * follows from what is on record. Of an answer that lists more than {@link MAX_ATTEMPTS}, the newest are recorded.
 */
export async function recordAttempts(tx: Database, id: string, attempts: readonly Attempt[]): Promise<void> {
  if (attempts.length === 0) return;
  if (attempts.length > MAX_ATTEMPTS) {
    log.warn({ verificationId: id, listed: attempts.length }, "more attempts than are recorded");
  }
  const newest = attempts.toSorted((one, other) => other.at.getTime() - one.at.getTime());
  await tx
    .insert(attempt)
    .values(newest.slice(0, MAX_ATTEMPTS).map((each) => ({ verificationId: id, ...each })))
    .onConflictDoUpdate({
      target: [attempt.verificationId, attempt.seq],
      set: {
        at: sql`excluded.at`,
        code: sql`coalesce(excluded.code, ${attempt.code})`,
        charged: sql`coalesce(excluded.charged, ${attempt.charged})`,
      },
    });
  const total = sql<number>`(select count(*) from ${attempt} where ${attempt.verificationId} = ${id})`;
  await tx.update(verification).set({ attempts: total }).where(eq(verification.id, id));
}

/** The `Seq` of every attempt on record that has a result. */
export async function finishedAttempts(tx: Database, id: string): Promise<ReadonlySet<string>> {
  const rows = await tx
    .select({ seq: attempt.seq })
    .from(attempt)
    .where(and(eq(attempt.verificationId, id), isNotNull(attempt.code)));
  return new Set(rows.map(({ seq }) => seq));
}

/** The row, locked until the transaction ends: two settlements of one verification go one after the other. */
export async function lockVerification(tx: Database, id: string): Promise<VerificationRow | undefined> {
  const [row] = await tx.select().from(verification).where(eq(verification.id, id)).for("update");
  return row;
}

/**
 * Changes a pending row and returns it. The guard on `pending` is what makes terminal states final, whoever calls.
 */
export async function changePending(
  tx: Database,
  id: string,
  change: SettlementChange,
): Promise<VerificationRow | undefined> {
  const [row] = await tx
    .update(verification)
    .set(change)
    .where(and(eq(verification.id, id), eq(verification.status, "pending")))
    .returning();
  return row;
}

/**
 * Takes pending verifications that were due at `dueBy`, and moves each one's check ahead to `leaseUntil`, so that two runs
 * do not ask about the same one and those of a crashed run come back by themselves.
 */
export async function leaseChecks(
  db: Database,
  dueBy: Date,
  leaseUntil: Date,
  limit: number,
): Promise<VerificationRow[]> {
  return db.transaction(async (tx) => {
    const due = await tx
      .select()
      .from(verification)
      .where(
        and(
          isNotNull(verification.checkAt),
          lte(verification.checkAt, dueBy),
          eq(verification.status, "pending"),
        ),
      )
      .orderBy(asc(verification.checkAt))
      .limit(limit)
      .for("update", { skipLocked: true });
    const ids = due.map((row) => row.id);
    if (ids.length > 0) {
      await tx.update(verification).set({ checkAt: leaseUntil }).where(inArray(verification.id, ids));
    }
    return due.map((row) => ({ ...row, checkAt: leaseUntil }));
  });
}

/** Sets when a pending verification is asked about next. */
export async function scheduleCheck(
  db: Database,
  id: string,
  checkAt: Date,
  /** Only while the check is still set for this time: somebody else may have asked for an earlier one. */
  unlessMovedFrom?: Date,
): Promise<void> {
  await db
    .update(verification)
    .set({ checkAt })
    .where(
      and(
        eq(verification.id, id),
        eq(verification.status, "pending"),
        unlessMovedFrom && eq(verification.checkAt, unlessMovedFrom),
      ),
    );
}

/**
 * Claims the right to ask the provider about a verification, which all triggers together get once per `intervalMs`: calls
 * count against the budget of the whole account. False if somebody has just asked. The time is the database's, because the
 * clocks of instances differ.
 */
export async function claimObservation(db: Database, id: string, intervalMs: number): Promise<boolean> {
  const claimed = await db
    .update(verification)
    .set({ observedAt: sql`now()` })
    .where(
      and(
        eq(verification.id, id),
        or(
          isNull(verification.observedAt),
          sql`${verification.observedAt} <= now() - make_interval(secs => ${intervalMs / 1000})`,
        ),
      ),
    )
    .returning({ id: verification.id });
  return claimed.length > 0;
}
