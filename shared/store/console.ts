/**
 * What the console reads. Pages go by primary key, whose order is that of creation (UUIDv7), and each query reads at most
 * {@link MAX_SCANNED} rows of what grows without end; the rest goes by partial indexes (docs/decisions/0058).
 */
import {
  and,
  asc,
  count,
  desc,
  eq,
  getTableColumns,
  gt,
  gte,
  inArray,
  isNotNull,
  lt,
  ne,
  type SQL,
  sql,
  sum,
} from "drizzle-orm";
import type { VerificationFilter } from "../contract/console.ts";
import type { Database } from "./database.ts";
import {
  attempt,
  chargedCount,
  eventVerification,
  outboundEvent,
  type PublicRow,
  resultTokens,
  type VerificationRow,
  verification,
  verificationDue,
} from "./schema.ts";
import { firstIdAt } from "./verifications.ts";

/** How many verifications one query may read to find those that match. */
export const MAX_SCANNED = 10_000;

const MINUTE_MS = 60_000;

/** No verification created since then has a smaller id; ids and `created_at` are made at different moments of one request. */
const firstIdSince = (time: Date): string => firstIdAt(new Date(time.getTime() - MINUTE_MS));

const { identity, issued, personHash, stateHash, owner, returnUrl, ...publicColumns } =
  getTableColumns(verification);

/** Some verifications, newest first, and whether there may be more. */
export interface FoundVerifications {
  readonly rows: readonly PublicRow[];
  /** The id after which the search goes on; `undefined` when everything was looked at. */
  readonly next: string | undefined;
}

/** The verifications that match, newest first, at most `limit`. Drafts are left out. */
export async function searchVerifications(
  db: Database,
  filter: VerificationFilter,
  limit: number,
): Promise<FoundVerifications> {
  const since = filter.since === undefined ? undefined : new Date(filter.since);
  const within = and(
    filter.before === undefined ? undefined : lt(verification.id, filter.before),
    since && gte(verification.id, firstIdSince(since)),
    filter.reference === undefined ? undefined : eq(verification.reference, filter.reference),
  );
  const scanned = db
    .select({ ...publicColumns, hasToken: sql<boolean>`${issued} is not null`.as("has_token") })
    .from(verification)
    .where(within)
    .orderBy(desc(verification.id))
    .limit(MAX_SCANNED)
    .as("scanned");
  const rows = await db
    .select()
    .from(scanned)
    .where(
      and(
        scanned.hasToken,
        filter.status && eq(scanned.status, filter.status),
        filter.channel && eq(scanned.channel, filter.channel),
        filter.archive && eq(scanned.archiveStatus, filter.archive),
        since && gte(scanned.createdAt, since),
      ),
    )
    .orderBy(desc(scanned.id))
    .limit(limit + 1);
  if (rows.length > limit) return { rows: rows.slice(0, limit), next: rows[limit - 1]?.id };
  return { rows, next: await lastScanned(db, within) };
}

/** The last id that a search read, if there was more than it may read. */
async function lastScanned(db: Database, within: SQL | undefined): Promise<string | undefined> {
  const [last] = await db
    .select({ id: verification.id })
    .from(verification)
    .where(within)
    .orderBy(desc(verification.id))
    .offset(MAX_SCANNED - 1)
    .limit(1);
  return last?.id;
}

/** An event with what the console shows of it. */
export type ConsoleEvent = Omit<typeof outboundEvent.$inferSelect, "data"> & {
  readonly alarm: string | null;
  readonly verificationId: string | null;
  readonly timer: string | null;
};

const { data, ...eventColumns } = getTableColumns(outboundEvent);
const consoleEvent = {
  ...eventColumns,
  alarm: sql<string | null>`${data} ->> 'alarm'`,
  verificationId: sql<string | null>`${eventVerification}`,
  timer: sql<string | null>`${data} ->> 'timer'`,
};

/** What belongs to one verification beside its row. */
export interface VerificationParts {
  readonly attempts: readonly Pick<typeof attempt.$inferSelect, "at" | "code" | "charged">[];
  readonly resultTokens: readonly Date[];
  readonly events: readonly ConsoleEvent[];
}

/** Reads the attempts, result tokens and events of a verification, each oldest first. */
export async function partsOfVerification(db: Database, id: string): Promise<VerificationParts> {
  const [attempts, tokens, events] = await Promise.all([
    db
      .select({ at: attempt.at, code: attempt.code, charged: attempt.charged })
      .from(attempt)
      .where(eq(attempt.verificationId, id))
      .orderBy(asc(attempt.at), asc(attempt.seq)),
    db
      .select({ at: resultTokens.at })
      .from(resultTokens)
      .where(eq(resultTokens.verificationId, id))
      .orderBy(asc(resultTokens.at)),
    db
      .select(consoleEvent)
      .from(outboundEvent)
      .where(sql`${eventVerification} = ${id}`)
      .orderBy(asc(outboundEvent.id)),
  ]);
  return { attempts, resultTokens: tokens.map(({ at }) => at), events };
}

/** The alarms that were raised, newest first, before the event `before`. */
export function alarmsBefore(
  db: Database,
  before: string | undefined,
  limit: number,
): Promise<ConsoleEvent[]> {
  return db
    .select(consoleEvent)
    .from(outboundEvent)
    .where(
      and(
        eq(outboundEvent.type, "alarm.raised"),
        before === undefined ? undefined : lt(outboundEvent.id, before),
      ),
    )
    .orderBy(desc(outboundEvent.id))
    .limit(limit);
}

/** Verifications that wait for the archive and have about as many hours left. */
export interface BacklogStep {
  /** The least of the hours left; -1 past the purge deadline. */
  readonly from: number;
  readonly count: number;
  readonly nextPurgeAt: Date;
  readonly oldestCreatedAt: Date;
}

/** The settled verifications whose evidence waits, by the hours left to the purge deadline, in steps of `stepHours`. */
export async function unarchivedByHours(db: Database, now: Date, stepHours: number): Promise<BacklogStep[]> {
  const hours = sql`extract(epoch from ${verification.purgeAt} - ${now}) / 3600`;
  const from = sql<number>`case when ${verification.purgeAt} < ${now} then -1
    else (floor(${hours} / ${stepHours}::int) * ${stepHours}::int)::int end`.mapWith(Number);
  return db
    .select({
      from: from.as("from"),
      count: count(),
      nextPurgeAt: sql<Date>`min(${verification.purgeAt})`.mapWith(verification.createdAt),
      oldestCreatedAt: sql<Date>`min(${verification.createdAt})`.mapWith(verification.createdAt),
    })
    .from(verificationDue)
    .innerJoin(verification, eq(verification.id, verificationDue.verificationId))
    .where(
      and(
        eq(verificationDue.queue, "archive"),
        inArray(verification.archiveStatus, ["due", "archiving"]),
        isNotNull(verification.purgeAt),
        ne(verification.status, "pending"),
      ),
    )
    .groupBy(sql`1`)
    .orderBy(sql`1`);
}

/** How many verifications are undecided. */
export const countPending = (db: Database): Promise<number> =>
  db.$count(verificationDue, eq(verificationDue.queue, "check"));

/** How many events are still to be delivered. */
export const countUndelivered = (db: Database): Promise<number> =>
  db.$count(outboundEvent, isNotNull(outboundEvent.deliverAt));

/** How many of the verifications since a moment stand how; of the newest {@link MAX_SCANNED} at most. */
export interface RecentCount extends Pick<VerificationRow, "status" | "archiveStatus"> {
  readonly count: number;
  readonly firstAt: Date;
}

/** Counts the newest verifications by both their states. */
export async function countRecent(db: Database, since: Date): Promise<RecentCount[]> {
  const newest = db
    .select({
      status: verification.status,
      archiveStatus: verification.archiveStatus,
      createdAt: verification.createdAt,
    })
    .from(verification)
    .where(gte(verification.id, firstIdSince(since)))
    .orderBy(desc(verification.id))
    .limit(MAX_SCANNED)
    .as("newest");
  return db
    .select({
      status: newest.status,
      archiveStatus: newest.archiveStatus,
      count: count(),
      firstAt: sql<Date>`min(${newest.createdAt})`.mapWith(verification.createdAt),
    })
    .from(newest)
    .where(gte(newest.createdAt, since))
    .groupBy(newest.status, newest.archiveStatus);
}

/** How many attempts were charged on each day of China Standard Time from a date on, newest first. */
export async function chargedPerDay(
  db: Database,
  since: string,
): Promise<{ day: string; charged: number }[]> {
  const { day, charged } = chargedCount;
  return db
    .select({ day, charged: sum(charged).mapWith(Number) })
    .from(chargedCount)
    .where(gte(day, since))
    .groupBy(day)
    .having(gt(sum(charged), "0"))
    .orderBy(desc(day));
}
