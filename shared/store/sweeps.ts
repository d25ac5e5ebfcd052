/** The end of life of what is kept for a while: every table that grows without a verification has its sweep here. */
import { and, inArray, isNull, lt, lte, or, type SQL } from "drizzle-orm";
import type { AnyPgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Database } from "./database.ts";
import {
  accessLog,
  attempt,
  chargedCount,
  creationCount,
  idempotencyKey,
  outboundEvent,
  seenPush,
} from "./schema.ts";
import type { Statement } from "./sql.ts";
import { firstIdAt } from "./verifications.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A draft without a token is given up after this: three times as long as a function that issues tokens may run. */
const DRAFT_LIFETIME_MS = MINUTE_MS;
/** A push is remembered for twice as long as its timestamp is accepted. */
const PUSH_RETENTION_MS = 10 * MINUTE_MS;
/** A delivered or abandoned event stays this long for people to see; one that still waits stays for as long as it waits. */
const FINISHED_EVENT_RETENTION_MS = 7 * DAY_MS;

/**
 * Attempts are kept for bills of a year that has ended, and the questions after it. Counted from their verification: the time of an
 * attempt is the provider's word, and one that is swept too soon is news again when the provider lists it the next time.
 */
const ATTEMPT_RETENTION_MS = 400 * DAY_MS;

/** As long as the records of an impact assessment must be kept (PIPL, article 56). */
const ACCESS_RETENTION_MS = 3 * 366 * DAY_MS;

/** Rows deleted by one statement: far below what the query timeout allows. */
const BATCH_SIZE = 1_000;

/** Deletes rows of `table` that match, a batch at a time; stops early when time is short. Returns how many. */
async function deleteInBatches(
  db: Database,
  table: PgTable,
  key: AnyPgColumn,
  condition: SQL | undefined,
  hasTime: () => boolean,
): Promise<number> {
  let total = 0;
  while (hasTime()) {
    const batch = db.select({ key }).from(table).where(condition).limit(BATCH_SIZE);
    // The condition again: other rows may share the key, and must stay.
    const { rowCount } = await db.delete(table).where(and(condition, inArray(key, batch)));
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < BATCH_SIZE) break;
  }
  return total;
}

/** A sweep deletes what is past its time at `now` and returns how many rows; it stops when `hasTime` says so. */
export type Sweep = (db: Database, now: Date, hasTime: () => boolean) => Promise<number>;

const before = (now: Date, milliseconds: number) => new Date(now.getTime() - milliseconds);

const draftsStatement: Statement = {
  name: "sweep-drafts",
  text: `
with dead as (
  select verification_id as id from verification_due where queue = 'draft' and due_at < $1 limit ${BATCH_SIZE}
), swept as (
  delete from verification v using dead
  where v.id = dead.id and v.issued is null and v.erased_at is null returning v.id
), forgotten as (
  delete from idempotency_key where verification_id in (select id from swept)
)
select count(*)::integer as count from swept`,
};

/** Drafts whose token never came. Their idempotency keys go too, so that trying again starts anew. */
const sweepDrafts: Sweep = async (db, now, hasTime) => {
  let total = 0;
  while (hasTime()) {
    const [swept] = await db.run<{ count: number }>(draftsStatement, [before(now, DRAFT_LIFETIME_MS)]);
    total += swept?.count ?? 0;
    if ((swept?.count ?? 0) < BATCH_SIZE) break;
  }
  return total;
};

/** All sweeps, by what they remove. */
export const sweeps = {
  drafts: sweepDrafts,
  idempotencyKeys: (db, now, hasTime) =>
    deleteInBatches(
      db,
      idempotencyKey,
      idempotencyKey.verificationId,
      lte(idempotencyKey.expiresAt, now),
      hasTime,
    ),
  creationCounts: (db, now, hasTime) =>
    deleteInBatches(db, creationCount, creationCount.subject, lt(creationCount.expiresAt, now), hasTime),
  pushes: (db, now, hasTime) =>
    deleteInBatches(
      db,
      seenPush,
      seenPush.signature,
      lt(seenPush.at, before(now, PUSH_RETENTION_MS)),
      hasTime,
    ),
  attempts: async (db, now, hasTime) => {
    const end = before(now, ATTEMPT_RETENTION_MS);
    const isOld = lt(attempt.verificationId, firstIdAt(end));
    const swept = await deleteInBatches(db, attempt, attempt.verificationId, isOld, hasTime);
    if (swept > 0) await db.delete(chargedCount).where(lt(chargedCount.day, end.toISOString().slice(0, 10)));
    return swept;
  },
  accesses: (db, now, hasTime) =>
    deleteInBatches(
      db,
      accessLog,
      accessLog.number,
      lt(accessLog.at, before(now, ACCESS_RETENTION_MS)),
      hasTime,
    ),
  events: (db, now, hasTime) =>
    deleteInBatches(
      db,
      outboundEvent,
      outboundEvent.id,
      and(
        isNull(outboundEvent.deliverAt),
        // An event may have waited long for its delivery. Times of creation have the index.
        lt(outboundEvent.createdAt, before(now, FINISHED_EVENT_RETENTION_MS)),
        or(
          isNull(outboundEvent.deliveredAt),
          lt(outboundEvent.deliveredAt, before(now, FINISHED_EVENT_RETENTION_MS)),
        ),
      ),
      hasTime,
    ),
} as const satisfies Record<string, Sweep>;
