/** Creating a verification: the key, the limits and the draft in one transaction, before any token is requested. */
import { and, eq, isNull, lt, lte, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { creationCount, idempotencyKey, type VerificationRow, verification } from "./schema.ts";

/** A caller's use of an `Idempotency-Key`. */
export interface IdempotencyClaim {
  readonly caller: string;
  readonly key: string;
  /** Keyed hash of the request. */
  readonly requestHash: Buffer;
}

/** At most `count` creations of `subject` in a window of `seconds`. */
export interface CreationLimit {
  readonly subject: string;
  readonly count: number;
  readonly seconds: number;
}

/** The part of a row that is known before the provider answers. */
export type Draft = Pick<
  VerificationRow,
  | "id"
  | "channel"
  | "owner"
  | "reference"
  | "stateHash"
  | "returnUrl"
  | "dataKey"
  | "identity"
  | "identitySource"
  | "personHash"
  | "personKeyId"
  | "createdAt"
>;

/** How recording a draft went. */
export type DraftOutcome =
  | { readonly kind: "recorded" }
  /** The key was used before; by the same request or by another one. */
  | { readonly kind: "key-used"; readonly verificationId: string; readonly sameRequest: boolean }
  /** A limit is reached; its window ends in so many seconds. */
  | { readonly kind: "limited"; readonly retryAfterSeconds: number };

/** Seconds for which an `Idempotency-Key` is remembered: 24 h (contract). */
const KEY_LIFETIME_S = 86_400;

class LimitReachedError extends Error {
  constructor(readonly retryAfterSeconds: number) {
    super("limited");
  }
}

/** Records the draft, or says why not; then nothing was written. */
export async function recordDraft(
  db: Database,
  draft: Draft,
  limits: readonly CreationLimit[],
  idempotencyClaim: IdempotencyClaim | undefined,
): Promise<DraftOutcome> {
  try {
    return await db.transaction(async (tx) => {
      if (idempotencyClaim) {
        const used = await claimKey(tx, idempotencyClaim, draft.id, draft.createdAt);
        if (used) return used;
      }
      for (const limit of limits) await count(tx, limit, draft.createdAt);
      await tx.insert(verification).values(draft);
      return { kind: "recorded" } as const;
    });
  } catch (error) {
    if (error instanceof LimitReachedError)
      return { kind: "limited", retryAfterSeconds: error.retryAfterSeconds };
    throw error;
  }
}

/** Claims a key; a second claim waits for the first one's transaction on the primary key and then sees its row. */
async function claimKey(
  tx: Database,
  { caller, key, requestHash }: IdempotencyClaim,
  verificationId: string,
  now: Date,
): Promise<DraftOutcome | undefined> {
  const values = { requestHash, verificationId, expiresAt: new Date(now.getTime() + KEY_LIFETIME_S * 1000) };
  const claimed = await tx
    .insert(idempotencyKey)
    .values({ caller, key, ...values })
    .onConflictDoUpdate({
      target: [idempotencyKey.caller, idempotencyKey.key],
      set: values,
      setWhere: lte(idempotencyKey.expiresAt, now),
    })
    .returning({ key: idempotencyKey.key });
  if (claimed.length > 0) return undefined;
  const [used] = await tx
    .select()
    .from(idempotencyKey)
    .where(and(eq(idempotencyKey.caller, caller), eq(idempotencyKey.key, key)));
  if (!used) throw new Error("an idempotency key vanished while it was read");
  return {
    kind: "key-used",
    verificationId: used.verificationId,
    sameRequest: used.requestHash.equals(requestHash),
  };
}

/** Counts one creation in the window that `now` falls into; atomic on the row, so no two callers share the last place. */
async function count(tx: Database, limit: CreationLimit, now: Date): Promise<void> {
  const window = windowOf(limit, now);
  const windowEnd = new Date(window.windowStart.getTime() + limit.seconds * 1000);
  const counted = await tx
    .insert(creationCount)
    .values({ ...window, count: 1, expiresAt: windowEnd })
    .onConflictDoUpdate({
      target: [creationCount.subject, creationCount.windowSeconds, creationCount.windowStart],
      set: { count: sql`${creationCount.count} + 1`, expiresAt: windowEnd },
      setWhere: lt(creationCount.count, limit.count),
    })
    .returning({ count: creationCount.count });
  if (counted.length === 0) {
    throw new LimitReachedError(Math.max(1, Math.ceil((windowEnd.getTime() - now.getTime()) / 1000)));
  }
}

function windowOf({ subject, seconds }: CreationLimit, now: Date) {
  const milliseconds = seconds * 1000;
  const windowStart = new Date(Math.floor(now.getTime() / milliseconds) * milliseconds);
  return { subject, windowSeconds: seconds, windowStart };
}

/**
 * Undoes a draft whose token could not be had: row and key, and its counts in `limits`, so that trying again is free. Does
 * nothing a second time.
 */
export async function abandonDraft(
  db: Database,
  draft: Pick<Draft, "id" | "createdAt">,
  limits: readonly CreationLimit[],
): Promise<void> {
  await db.transaction(async (tx) => {
    const removed = await tx
      .delete(verification)
      .where(and(eq(verification.id, draft.id), isNull(verification.issued)))
      .returning({ id: verification.id });
    if (removed.length === 0) return;
    await tx.delete(idempotencyKey).where(eq(idempotencyKey.verificationId, draft.id));
    for (const limit of limits) {
      const { subject, windowSeconds, windowStart } = windowOf(limit, draft.createdAt);
      await tx
        .update(creationCount)
        .set({ count: sql`greatest(${creationCount.count} - 1, 0)` })
        .where(
          and(
            eq(creationCount.subject, subject),
            eq(creationCount.windowSeconds, windowSeconds),
            eq(creationCount.windowStart, windowStart),
          ),
        );
    }
  });
}

/** What a token adds to a row; its times may be by a better clock than those of the draft. */
export type TokenFacts = Required<
  Pick<
    { [K in keyof VerificationRow]: NonNullable<VerificationRow[K]> },
    "issued" | "createdAt" | "expiresAt" | "purgeAt" | "checkAt" | "archiveAt"
  >
>;

/** Writes the token into its row. `undefined` if the draft is gone, as after a sweep. */
export async function recordToken(
  db: Database,
  id: string,
  facts: TokenFacts,
): Promise<VerificationRow | undefined> {
  const [row] = await db
    .update(verification)
    .set(facts)
    .where(and(eq(verification.id, id), isNull(verification.issued)))
    .returning();
  return row;
}
