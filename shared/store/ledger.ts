/** The ledger as people compare it with a bill: which verifications had tokens, and which attempts were made with them. */
import { and, asc, eq, gt, gte, inArray, isNotNull, lt } from "drizzle-orm";
import type { Database } from "./database.ts";
import { attempt, type VerificationRow, verification } from "./schema.ts";
import { firstIdAt } from "./verifications.ts";

const PAGE_SIZE = 1_000;

/** A verification by its token. */
export type IssuedRow = Pick<VerificationRow, "id" | "dataKey" | "issued">;

/** Verifications of `channels` that got a token and were made from `from` to before `to`, page by page. */
export async function* issuedBetween(
  db: Database,
  channels: readonly string[],
  from: Date,
  to: Date,
): AsyncGenerator<IssuedRow[]> {
  let after = firstIdAt(from);
  const { id, dataKey, issued } = verification;
  for (;;) {
    const rows = await db
      .select({ id, dataKey, issued })
      .from(verification)
      .where(
        and(
          gt(verification.id, after),
          lt(verification.id, firstIdAt(to)),
          inArray(verification.channel, [...channels]),
          isNotNull(verification.issued),
        ),
      )
      .orderBy(asc(verification.id))
      .limit(PAGE_SIZE);
    yield rows;
    const last = rows.at(-1);
    if (rows.length < PAGE_SIZE || !last) return;
    after = last.id;
  }
}

/** One attempt of the ledger. */
export type LedgerAttempt = Pick<typeof attempt.$inferSelect, "verificationId" | "seq" | "at" | "charged">;

/**
 * The attempts made from `from` to before `to` with tokens of `channels`, in no order; `madeFrom` is the earliest time at
 * which such a token can have been made.
 */
export function attemptsBetween(
  db: Database,
  channels: readonly string[],
  { madeFrom, from, to }: { readonly madeFrom: Date; readonly from: Date; readonly to: Date },
): Promise<LedgerAttempt[]> {
  const { verificationId, seq, at, charged } = attempt;
  return db
    .select({ verificationId, seq, at, charged })
    .from(attempt)
    .innerJoin(verification, eq(verification.id, attempt.verificationId))
    .where(
      and(
        gt(attempt.verificationId, firstIdAt(madeFrom)),
        lt(attempt.verificationId, firstIdAt(to)),
        gte(attempt.at, from),
        lt(attempt.at, to),
        inArray(verification.channel, [...channels]),
      ),
    );
}
