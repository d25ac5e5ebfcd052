/**
 * The archive's queries: one verification at a time is leased, worked on under a run's name, and written back only by the
 * run that still holds it. `archive_at` is the one queue: a leased row is due again when its lease ends, so what a crashed
 * run leaves behind comes back by itself, behind everything that was waiting before it.
 */
import { and, asc, eq, gt, inArray, isNotNull, lte, notInArray, or, type SQL, sql } from "drizzle-orm";
import type { EvidenceKind } from "../contract/evidence-kinds.ts";
import type { MissingEvidence } from "../contract/verification.ts";
import type { Database } from "./database.ts";
import { type QUEUES, type VerificationRow, verification, verificationDue } from "./schema.ts";
import type { Sql, Statement } from "./sql.ts";

/** Joins a verification with its entry in a queue. */
export const inQueue = (queue: (typeof QUEUES)[number]): SQL | undefined =>
  and(eq(verificationDue.verificationId, verification.id), eq(verificationDue.queue, queue));

/** Where a verification stands in its second life. */
export type ArchiveStatus = VerificationRow["archiveStatus"];

/** Of verifications of which nothing is archived and something is to be. */
export const openStatuses: ArchiveStatus[] = ["due", "archiving"];
const leasable: ArchiveStatus[] = ["archiving", "archived"];

/** Somebody's lease, as it was seen. */
export interface HeldLease {
  readonly id: string;
  readonly run: string;
  readonly until: Date;
}

/** What a row without a manifest is; one that has a manifest is archived, and stays it while its rest is fetched. */
const unlessArchived = (status: "due" | "archiving") =>
  sql`case when ${verification.manifest} is null then ${status} else ${verification.archiveStatus} end`;

const leaseOf = (run: string, until: Date) => ({
  archiveStatus: unlessArchived("archiving"),
  archiveRun: run,
  archiveLeaseUntil: until,
  archiveAt: until,
});

/**
 * A lease has a name of its own, because a run may lease a verification twice: the run's, and how often it was leased. That is
 * counted when the lease is taken, so a crash counts too.
 */
const newLeaseOf = (run: string, until: Date) => ({
  ...leaseOf(run, until),
  archiveTries: sql`${verification.archiveTries} + 1`,
  archiveRun: sql`${`${run}-`}::text || (${verification.archiveTries} + 1)`,
});

/** The run that took a lease; its name is a UUID. */
export const holderOf = (leaseName: string): string => leaseName.slice(0, 36);

/** Archived, but not all of it, and the provider still has the rest. */
const incomplete = (now: Date): SQL | undefined =>
  and(
    eq(verification.archiveStatus, "archived"),
    isNotNull(verification.archiveMissing),
    gt(verification.purgeAt, now),
  );

/** What a row is that no run holds. */
const released = { archiveRun: null, archiveLeaseUntil: null };

/** The guard of everything a run writes: the row is still leased under this name. */
const heldBy = (id: string, run: string): SQL | undefined =>
  and(
    eq(verification.id, id),
    eq(verification.archiveRun, run),
    inArray(verification.archiveStatus, leasable),
  );

/** Milliseconds before a purge from which on a row goes before all that have more time. */
const URGENT_MS = 26 * 3_600_000;

/**
 * Leases the next row that is due, for `run` until `until`, leaving out the channels `setAside`; `undefined` if none is. Those
 * whose purge is near go first, the nearest in front, and then what has been due longest.
 */
export async function leaseNextArchive(
  db: Database,
  run: string,
  now: Date,
  until: Date,
  setAside: readonly string[],
): Promise<VerificationRow | undefined> {
  const first = (queue: "archive" | "urgent", dueBy: Date) =>
    db
      .select({ id: verification.id })
      .from(verification)
      .innerJoin(verificationDue, inQueue(queue))
      .where(
        and(
          lte(verificationDue.dueAt, dueBy),
          lte(verification.archiveAt, now),
          or(inArray(verification.archiveStatus, openStatuses), incomplete(now)),
          notInArray(verification.channel, [...setAside]),
        ),
      )
      .orderBy(asc(verificationDue.dueAt))
      .limit(1)
      .for("update", { of: verification, skipLocked: true });
  const urgent = first("urgent", new Date(now.getTime() + URGENT_MS));
  // The second is only looked for, and locked, where there is no first.
  const next = sql`coalesce(${urgent}, ${first("archive", now)})`;
  const [row] = await db
    .update(verification)
    .set(newLeaseOf(run, until))
    .where(eq(verification.id, next))
    .returning();
  return row;
}

/** How many entries of the queue are looked at on each side of now: leases end within seconds, and the queue may hold a million. */
const WATCHED_ENTRIES = 500;
/** Each belongs to a run of its own. */
const MAX_WATCHED_LEASES = 100;

const leasesStatement: Statement = {
  name: "leases-of-others",
  text: `
with near as (
  (select verification_id from verification_due where queue = 'archive' and due_at <= $3 order by due_at desc limit ${WATCHED_ENTRIES})
  union all
  (select verification_id from verification_due where queue = 'archive' and due_at > $3 order by due_at limit ${WATCHED_ENTRIES})
)
select v.id, v.archive_run as run, v.archive_lease_until as until from near join verification v on v.id = near.verification_id
where v.archive_at is not null and v.archive_run not like $1 || '-%' and v.archive_lease_until is not null
  and v.archive_status = any('{${leasable.join(",")}}') and v.channel <> all($2::text[])
order by v.archive_at limit ${MAX_WATCHED_LEASES}`,
};

/** Leases held by runs other than `run` on channels not `setAside`, those that end first in front. */
export const leasesOfOthers = (
  sql: Sql,
  run: string,
  setAside: readonly string[],
  now: Date,
): Promise<HeldLease[]> => sql.run<HeldLease>(leasesStatement, [run, setAside, now]);

/** Takes a lease over that nobody renewed since it was seen; `undefined` if somebody has. */
export async function takeOverArchive(
  db: Database,
  seen: HeldLease,
  run: string,
  until: Date,
): Promise<VerificationRow | undefined> {
  const [row] = await db
    .update(verification)
    .set(newLeaseOf(run, until))
    .where(and(heldBy(seen.id, seen.run), eq(verification.archiveLeaseUntil, seen.until)))
    .returning();
  return row;
}

/** A list of texts as one parameter. */
export const textArray = (names: readonly string[]): SQL => sql`${sql.param([...names])}::text[]`;

/** The objects noted in the row but these. */
export const withoutObjects = (names: readonly string[]): SQL =>
  sql`array(select unnest(${verification.archiveObjects}) except select unnest(${textArray(names)}))`;

/** Renews a lease, noting the objects that are stored next; `false` if the run does not hold it any more. */
export async function renewArchiveLease(
  db: Database,
  id: string,
  run: string,
  until: Date,
  objects: readonly string[] = [],
): Promise<boolean> {
  const noted = objects.length > 0 && {
    archiveObjects: sql`(${withoutObjects(objects)}) || ${textArray(objects)}`,
  };
  const rows = await db
    .update(verification)
    .set({ ...leaseOf(run, until), ...noted })
    .where(heldBy(id, run))
    .returning({ id: verification.id });
  return rows.length === 1;
}

/** What a finished verification is written as. */
export type ArchiveOutcome =
  | {
      readonly archiveStatus: "archived";
      readonly archivedAt: Date;
      readonly archiveKinds: readonly EvidenceKind[];
      readonly manifest: string;
      readonly manifestSha256: string;
      readonly archiveMissing: readonly MissingEvidence[] | null;
    }
  | { readonly archiveStatus: "skipped" | "lost" };

/**
 * Writes what a run came to; give it the transaction in which the event is written. `nextAt`: when to ask for what is missing
 * or, if nothing is, to look once more for what other runs left; or `null`. `undefined` if the run does not hold the row.
 */
export async function finishArchive(
  db: Database,
  id: string,
  run: string,
  outcome: ArchiveOutcome,
  nextAt: Date | null,
): Promise<VerificationRow | undefined> {
  const [row] = await db
    .update(verification)
    .set({ ...outcome, ...released, archiveAt: nextAt })
    .where(heldBy(id, run))
    .returning();
  return row;
}

/** Gives a verification back, to the queue until `at`, or `null` if nothing more is to be done; `false` if the run does not hold it any more. */
export async function postponeArchive(
  db: Database,
  id: string,
  run: string,
  at: Date | null,
): Promise<boolean> {
  const rows = await db
    .update(verification)
    .set({ ...released, archiveStatus: unlessArchived("due"), archiveAt: at })
    .where(heldBy(id, run))
    .returning({ id: verification.id });
  return rows.length === 1;
}
