/**
 * Settling, in two statements: one claims the question to the provider and reads all that a decision needs, one writes what
 * was decided if the row still is what was read. Also the leases of the timer that asks by itself.
 */
import type { Attempt } from "../channels/types.ts";
import { log } from "../runtime/log.ts";
import { assignments, selectRow, valuesOf } from "./columns.ts";
import type { VerificationRow } from "./schema.ts";
import type { Sql, Statement } from "./sql.ts";
import { isVerificationId } from "./verifications.ts";

/** A verification as it was read for settling. */
export interface Reading {
  readonly row: VerificationRow;
  /** PostgreSQL's own version of the row: every change of it makes another one. */
  readonly version: string;
  /** `Seq` of the attempts on record, and whether each has a result. */
  readonly recorded: readonly { readonly seq: string; readonly finished: boolean }[];
}

/** Which verification: by id, if the caller is its owner or none is named, or by the SHA-256 of its landing state. */
export type VerificationKey =
  | { readonly id: string; readonly owner?: string | undefined }
  | { readonly stateHash: Buffer };

/** A reading, and whether its reader may now ask the provider. */
export interface ObservationClaim extends Reading {
  /** False if somebody has just asked, or there is nothing to ask about. */
  readonly mayAsk: boolean;
}

type ReadingAnswer = VerificationRow & Omit<Reading, "row">;

const readingOf = ({ version, recorded, ...row }: ReadingAnswer): Reading => ({ row, version, recorded });

const readForSettling = (alias: string) => `${selectRow(alias)}, ${alias}.xmin::text as version,
  (select coalesce(json_agg(json_build_object('seq', a.seq, 'finished', a.code is not null)), '[]')
    from attempt a where a.verification_id = ${alias}.id) as recorded`;

/**
 * `seen` is the row as the statement found it: where `v` has become another while it was waited for, the attempts that were
 * read are not those of `v`, so somebody else has just asked.
 */
const claimWhere = (condition: string, name: string): Statement => ({
  name,
  text: `
with claimed as (
  update verification v set observed_at = now() from verification seen
  where ${condition} and seen.id = v.id and seen.xmin = v.xmin and v.status = 'pending' and v.issued is not null
    and (v.observed_at is null or v.observed_at <= now() - make_interval(secs => $1))
  returning ${readForSettling("v")}
)
select claimed.*, true as "mayAsk" from claimed
union all
select ${readForSettling("v")}, false from verification v where ${condition} and not exists (select from claimed)`,
});

const claimById = claimWhere("v.id = $2 and ($3::text is null or v.owner = $3)", "claim-observation");
const claimByState = claimWhere("v.state_hash = $2", "claim-observation-by-state");

/**
 * Reads a verification and claims the right to ask the provider about it, which all triggers together get once per
 * `intervalMs`: calls count against the budget of the whole account. The time is the database's, because the clocks of
 * instances differ. `undefined` if there is no such verification.
 */
export async function claimObservation(
  sql: Sql,
  key: VerificationKey,
  intervalMs: number,
): Promise<ObservationClaim | undefined> {
  if ("id" in key && !isVerificationId(key.id)) return undefined;
  const seconds = intervalMs / 1000;
  const [answer] =
    "id" in key
      ? await sql.run<ReadingAnswer & { mayAsk: boolean }>(claimById, [seconds, key.id, key.owner ?? null])
      : await sql.run<ReadingAnswer & { mayAsk: boolean }>(claimByState, [seconds, key.stateHash]);
  if (!answer) return undefined;
  const { mayAsk, ...reading } = answer;
  return { ...readingOf(reading), mayAsk };
}

const rereadStatement: Statement = {
  name: "read-for-settling",
  text: `select ${readForSettling("v")} from verification v where v.id = $1`,
};

/** Reads a verification again; `undefined` if it is gone. */
export async function readForDecision(sql: Sql, id: string): Promise<Reading | undefined> {
  const [answer] = await sql.run<ReadingAnswer>(rereadStatement, [id]);
  return answer && readingOf(answer);
}

const changedFields = [
  "status",
  "reason",
  "lastAttempt",
  "identitySource",
  "personHash",
  "personKeyId",
  "settledAt",
  "settledBy",
  "checkAt",
  "archiveStatus",
  "archiveAt",
  "unfinishedAt",
] as const satisfies readonly (keyof VerificationRow)[];

/** The columns that a settlement decides, with their new values. */
export type SettlementChange = Pick<VerificationRow, (typeof changedFields)[number]>;

/** What one settlement writes. */
export interface Settlement {
  /** New values; `undefined` for a verification that is settled, where only the ledger of attempts grows. */
  readonly change: SettlementChange | undefined;
  readonly attempts: readonly Attempt[];
  /** Hashes of result tokens that are another verification's, to be set free. */
  readonly released: readonly Buffer[];
  readonly events: readonly { readonly id: string; readonly type: string; readonly data: object }[];
  readonly now: Date;
}

/**
 * How many attempts of one answer are recorded: far above what a person can do within a token's life.
 */
const MAX_ATTEMPTS = 1_000;

/** The attempts of an answer that are recorded: of more than {@link MAX_ATTEMPTS}, the newest. One for each `Seq`. */
export function recordable(id: string, attempts: readonly Attempt[]): readonly Attempt[] {
  if (attempts.length > MAX_ATTEMPTS) {
    log.warn({ verificationId: id, listed: attempts.length }, "more attempts than are recorded");
  }
  const oldestFirst = attempts.toSorted((one, other) => one.at.getTime() - other.at.getTime());
  return [...new Map(oldestFirst.map((attempt) => [attempt.seq, attempt])).values()].slice(-MAX_ATTEMPTS);
}

/** First parameter of the change. */
const CHANGE = 12;

const writeStatement = (name: string, set: string, guard: string): Statement => ({
  name,
  text: `
with unchanged as (
  select v.id from verification v where v.id = $1 and v.xmin::text = $2 ${guard} for update
), recorded as (
  insert into attempt as a (verification_id, seq, at, code, charged)
  select $1, t.* from unnest($3::text[], $4::timestamptz[], $5::text[], $6::boolean[]) t where exists (select from unchanged)
  on conflict (verification_id, seq) do update set
    at = excluded.at, code = coalesce(excluded.code, a.code), charged = coalesce(excluded.charged, a.charged)
), released as (
  delete from result_token where verification_id = $1 and hash = any($7::bytea[]) and exists (select from unchanged)
), told as (
  insert into outbound_event (id, type, data, created_at, deliver_at)
  select e.*, $11::timestamptz, $11 from unnest($8::text[], $9::text[], $10::jsonb[]) e where exists (select from unchanged)
)
update verification v set ${set}attempts = (
  select count(*) from (select seq from attempt where verification_id = $1 union select unnest($3)) known
) where v.id in (select id from unchanged) returning ${selectRow("v")}`,
});

/** The guard on `pending` is what makes terminal states final, for every caller. */
const settleStatement = writeStatement(
  "write-settlement",
  `${assignments(changedFields, CHANGE)}, `,
  "and v.status = 'pending'",
);
const ledgerStatement = writeStatement("write-ledger", "", "");

/**
 * Writes a settlement if the row still is the one that was read: attempts by their `Seq` (a known one is brought up to date,
 * none is ever counted twice), the change, released result tokens and events, all or nothing. `undefined` if the row has
 * changed meanwhile, or is gone.
 */
export async function writeSettlement(
  sql: Sql,
  { row: { id }, version }: Reading,
  { change, attempts, released, events, now }: Settlement,
): Promise<VerificationRow | undefined> {
  const values = [
    id,
    version,
    attempts.map(({ seq }) => seq),
    attempts.map(({ at }) => at),
    attempts.map(({ code }) => code),
    attempts.map(({ charged }) => charged),
    released,
    events.map((event) => event.id),
    events.map(({ type }) => type),
    events.map(({ data }) => JSON.stringify(data)),
    now,
  ];
  const [row] = change
    ? await sql.run<VerificationRow>(settleStatement, [...values, ...valuesOf(changedFields, change)])
    : await sql.run<VerificationRow>(ledgerStatement, values);
  return row;
}

const leaseStatement: Statement = {
  name: "lease-checks",
  text: `
with due as (
  select v.id from verification_due d join verification v on v.id = d.verification_id
  where d.queue = 'check' and d.due_at <= $1 and v.check_at <= $1 and v.status = 'pending'
  order by d.due_at limit $3 for update of v skip locked
)
update verification v set check_at = $2 from due where v.id = due.id returning ${selectRow("v")}`,
};

/**
 * Takes pending verifications that were due at `dueBy`, and moves each one's check ahead to `leaseUntil`, so that two runs
 * do not ask about the same one and those of a crashed run come back by themselves.
 */
export const leaseChecks = (
  sql: Sql,
  dueBy: Date,
  leaseUntil: Date,
  limit: number,
): Promise<VerificationRow[]> => sql.run<VerificationRow>(leaseStatement, [dueBy, leaseUntil, limit]);

const scheduleStatement: Statement = {
  name: "schedule-check",
  text: `
update verification set check_at = $2
where id = $1 and status = 'pending' and ($3::timestamptz is null or check_at = $3)`,
};

const bringForwardStatement: Statement = {
  name: "bring-archive-forward",
  text: `
update verification set archive_at = $2
where id = $1 and status = 'pending' and archive_status = 'due' and (archive_at is null or archive_at > $2)`,
};

/** Has the evidence of a pending verification fetched at `at`, if that is earlier than it would be. */
export async function bringArchiveForward(sql: Sql, id: string, at: Date): Promise<void> {
  await sql.run(bringForwardStatement, [id, at]);
}

/** Sets when a pending verification is asked about next. */
export async function scheduleCheck(
  sql: Sql,
  id: string,
  checkAt: Date,
  /** Only while the check is still set for this time: somebody else may have asked for an earlier one. */
  unlessMovedFrom?: Date,
): Promise<void> {
  await sql.run(scheduleStatement, [id, checkAt, unlessMovedFrom ?? null]);
}
