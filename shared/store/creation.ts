/**
 * Creating a verification: the key, the limits and the draft in one statement, before any token is requested; then the token
 * in a second one. Only the second waits for the disk (see docs/decisions/0049).
 */
import { assignments, columnOf, fieldsOf, parametersFor, selectRow, valuesOf } from "./columns.ts";
import type { VerificationRow } from "./schema.ts";
import type { Sql, Statement } from "./sql.ts";

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
  | {
      readonly kind: "key-used";
      readonly verificationId: string;
      readonly sameRequest: boolean;
      /** Unless it is too new to be seen. */
      readonly row: VerificationRow | undefined;
    }
  /** A limit is reached; its window ends in so many seconds. */
  | { readonly kind: "limited"; readonly retryAfterSeconds: number };

/** Seconds for which an `Idempotency-Key` is remembered: 24 h (contract). */
const KEY_LIFETIME_S = 86_400;
/** What PostgreSQL says of {@link recordStatement} where a limit is reached: `division_by_zero`. */
const LIMIT_REACHED = "22012";

const draftFields = fieldsOf<Draft>({
  id: true,
  channel: true,
  owner: true,
  reference: true,
  stateHash: true,
  returnUrl: true,
  dataKey: true,
  identity: true,
  identitySource: true,
  personHash: true,
  personKeyId: true,
  createdAt: true,
});

/** The draft's first parameter in {@link recordStatement}, and the one with its time. */
const FIRST_DRAFT_PARAMETER = 10;
const NOW = `$${FIRST_DRAFT_PARAMETER + draftFields.indexOf("createdAt")}`;

/** Limits as columns: $1 subjects, $2 seconds, $3 starts and $4 ends of their windows, $5 how many are allowed. */
const windows = `unnest($1::text[], $2::integer[], $3::timestamptz[], $4::timestamptz[], $5::integer[])
  with ordinality as l (subject, seconds, starts, ends, allowed, place)`;

/**
 * Claims the key, counts, and writes the draft. A claim waits for another's on the primary key and then answers with its row.
 * Each part reads the one before it, which is what puts them in order. A limit that is reached divides by zero: PostgreSQL
 * then undoes all of it. The commit is not waited for: `set_config` is for this transaction alone.
 */
const recordStatement: Statement = {
  name: "record-draft",
  text: `
with claimed as (
  insert into idempotency_key as k (caller, key, request_hash, verification_id, expires_at)
  select $6::text, $7::text, $8::bytea, $${FIRST_DRAFT_PARAMETER}::text, $9::timestamptz where $7::text is not null
  on conflict (caller, key) do update set
    request_hash = case when k.expires_at <= ${NOW} then excluded.request_hash else k.request_hash end,
    verification_id = case when k.expires_at <= ${NOW} then excluded.verification_id else k.verification_id end,
    expires_at = case when k.expires_at <= ${NOW} then excluded.expires_at else k.expires_at end
  returning k.verification_id, k.request_hash
), used as (
  select * from claimed where verification_id <> $${FIRST_DRAFT_PARAMETER}
), counted as (
  insert into creation_count as c (subject, window_seconds, window_start, count, expires_at)
  select subject, seconds, starts, 1, ends from ${windows} where not exists (select from used) order by place
  on conflict (subject, window_seconds, window_start) do update set count = c.count + 1, expires_at = excluded.expires_at
  returning c.subject, c.window_seconds, c.count
), reached as (
  select from counted c join ${windows} on (l.subject, l.seconds) = (c.subject, c.window_seconds) where c.count > l.allowed
), drafted as (
  insert into verification (${draftFields.map(columnOf).join(", ")})
  select ${parametersFor(draftFields, FIRST_DRAFT_PARAMETER).join(", ")} where not exists (select from used) and not exists (select from reached)
)
select 1 / (case when exists (select from reached) then 0 else 1 end) as "isAllowed",
  set_config('synchronous_commit', 'off', true) as "synchronousCommit",
  used.verification_id as "usedFor", used.request_hash as "usedBy", ${selectRow("v")}
from (values (1)) one left join used on true left join verification v on v.id = used.verification_id`,
};

/** Which limit is reached: the first, as they are given. */
const limitStatement: Statement = {
  name: "find-reached-limit",
  text: `
select l.ends from ${windows}
join creation_count c on (c.subject, c.window_seconds, c.window_start) = (l.subject, l.seconds, l.starts)
where c.count >= l.allowed order by place limit 1`,
};

/** A left join: of the key's verification, every column may be missing. */
type RecordAnswer = Partial<VerificationRow> & {
  readonly isAllowed: number;
  readonly synchronousCommit: string;
  readonly usedFor: string | null;
  readonly usedBy: Buffer | null;
};

/** Records the draft, or says why not; then nothing was written. */
export async function recordDraft(
  sql: Sql,
  draft: Draft,
  limits: readonly CreationLimit[],
  claim: IdempotencyClaim | undefined,
): Promise<DraftOutcome> {
  const limited = windowsOf(limits, draft.createdAt);
  const keyEnd = new Date(draft.createdAt.getTime() + KEY_LIFETIME_S * 1000);
  const key = claim ? [claim.caller, claim.key, claim.requestHash, keyEnd] : [null, null, null, null];
  try {
    const [answer] = await sql.run<RecordAnswer>(recordStatement, [
      ...limited,
      ...key,
      ...valuesOf(draftFields, draft),
    ]);
    if (!answer?.usedFor) return { kind: "recorded" };
    const { isAllowed: _, synchronousCommit: __, usedFor, usedBy, ...row } = answer;
    return {
      kind: "key-used",
      verificationId: usedFor,
      sameRequest: claim !== undefined && usedBy?.equals(claim.requestHash) === true,
      row: isWhole(row) ? row : undefined,
    };
  } catch (error) {
    if (!isLimitReached(error)) throw error;
    const [reached] = await sql.run<{ ends: Date }>(limitStatement, limited);
    const remainingMs = (reached?.ends.getTime() ?? 0) - draft.createdAt.getTime();
    return { kind: "limited", retryAfterSeconds: Math.max(1, Math.ceil(remainingMs / 1000)) };
  }
}

const isWhole = (answer: Partial<VerificationRow>): answer is VerificationRow => answer.id != null;

const isLimitReached = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === LIMIT_REACHED;

/** The limits as {@link windows} takes them. One statement counts a window once: of two limits on it the lower one holds. */
function windowsOf(limits: readonly CreationLimit[], now: Date): unknown[][] {
  const lowest = new Map<string, CreationLimit>();
  for (const limit of limits) {
    const window = `${limit.seconds} ${limit.subject}`;
    const other = lowest.get(window);
    if (!other || limit.count < other.count) lowest.set(window, limit);
  }
  const distinct = [...lowest.values()];
  const startOf = ({ seconds }: CreationLimit) => now.getTime() - (now.getTime() % (seconds * 1000));
  return [
    distinct.map(({ subject }) => subject),
    distinct.map(({ seconds }) => seconds),
    distinct.map((limit) => new Date(startOf(limit))),
    distinct.map((limit) => new Date(startOf(limit) + limit.seconds * 1000)),
    distinct.map(({ count }) => count),
  ];
}

/** Locks the counts in the order in which creations take them, so that the two never wait for each other in a circle. */
const abandonStatement: Statement = {
  name: "abandon-draft",
  text: `
with removed as (
  delete from verification where id = $6 and issued is null returning id
), forgotten as (
  delete from idempotency_key where verification_id in (select id from removed)
), counts as (
  select c.subject, c.window_seconds, c.window_start
  from ${windows} join creation_count c on (c.subject, c.window_seconds, c.window_start) = (l.subject, l.seconds, l.starts)
  where exists (select from removed) order by place for update of c
)
update creation_count c set count = greatest(c.count - 1, 0) from counts
where (c.subject, c.window_seconds, c.window_start) = (counts.subject, counts.window_seconds, counts.window_start)`,
};

/**
 * Undoes a draft whose token could not be had: row and key, and its counts in `limits`, so that trying again is free. Does
 * nothing a second time.
 */
export async function abandonDraft(
  sql: Sql,
  draft: Pick<Draft, "id" | "createdAt">,
  limits: readonly CreationLimit[],
): Promise<void> {
  await sql.run(abandonStatement, [...windowsOf(limits, draft.createdAt), draft.id]);
}

/** What a token adds to a row; its times may be by a better clock than those of the draft. */
export type TokenFacts = Required<
  Pick<
    { [K in keyof VerificationRow]: NonNullable<VerificationRow[K]> },
    "issued" | "createdAt" | "expiresAt" | "purgeAt" | "checkAt" | "archiveAt"
  >
>;

const tokenFields = fieldsOf<TokenFacts>({
  issued: true,
  createdAt: true,
  expiresAt: true,
  purgeAt: true,
  checkAt: true,
  archiveAt: true,
});

/** Its commit waits for the disk, and brings the draft's there too: PostgreSQL writes its log in order. */
const tokenStatement: Statement = {
  name: "record-token",
  text: `
update verification v set ${assignments(tokenFields, 2)}
where v.id = $1 and v.issued is null returning ${selectRow("v")}`,
};

/** Writes the token into its row. `undefined` if the draft is gone, as after a sweep. */
export async function recordToken(
  sql: Sql,
  id: string,
  facts: TokenFacts,
): Promise<VerificationRow | undefined> {
  const [row] = await sql.run<VerificationRow>(tokenStatement, [id, ...valuesOf(tokenFields, facts)]);
  return row;
}
