/** What reached us from outside: result tokens, each for one verification for ever, and pushes, each with one effect. */
import { type Keyring, lookupHash, type SealingKeys } from "../crypto/keyring.ts";
import { open, seal } from "../crypto/seal.ts";
import { openKeys } from "./row-keys.ts";
import type { VerificationRow } from "./schema.ts";
import { sealedColumns } from "./sealed-columns.ts";
import type { Sql, Statement } from "./sql.ts";

/** A verification has few attempts; more result tokens than this are not the person's. */
const MAX_RESULT_TOKENS = 10;
/** Claims of one verification at the same moment go one after the other, and each but the first tries again. */
const MAX_TRIES = 100;
/** What PostgreSQL says where two claims met: `division_by_zero`. Nothing of the statement has been done then. */
const CLAIMS_MET = "22012";

/** The keyed hash of a result token: under the oldest key, so that a rotation does not let it serve twice. */
export const resultTokenHash = (keyring: Keyring, resultToken: string): Buffer =>
  lookupHash(keyring.all.at(-1) ?? keyring.current, "result-handle", resultToken);

/**
 * Claims $2, sealed as $3, for the verification $1 at $4, and has the timer ask at its next run. `seen` are the rows that may
 * claim, as the statement found them: where one has changed while it was waited for, its claims were miscounted, and the
 * division undoes everything. What has ended claims nothing any more: it would keep for ever what its end has just set free.
 */
const claimStatement = (name: string, first: string, condition: string, answer: string): Statement => ({
  name,
  text: `
with ${first}seen as (
  select v.*, v.xmin as version from verification v where v.id = $1 ${condition}
), touched as (
  update verification v set check_at = case when v.status = 'pending' then $4::timestamptz else v.check_at end
  from seen where v.id = seen.id and v.xmin = seen.version returning v.id
), known as (
  select verification_id from result_token where hash = $2
), claimed as (
  insert into result_token as r (hash, verification_id, sealed, at)
  select $2::bytea, id, $3::bytea, $4 from touched
  where case when exists (select from known) then exists (select from known where verification_id = $1)
    else (select status from seen) = 'pending'
      and (select count(*) from result_token where verification_id = $1) < ${MAX_RESULT_TOKENS} end
  on conflict (hash) do update set at = r.at
  returning r.verification_id
)
select 1 / (case when exists (select from seen) and not exists (select from touched) then 0 else 1 end),
  coalesce((select verification_id from claimed) = $1, false)
    or exists (select from seen where status <> 'pending') as "isClaimed"${answer}`,
});

const claimForClient = claimStatement("claim-result-token", "", "and v.erased_at is null", "");
const claimForPush = claimStatement(
  "claim-pushed-result-token",
  "remembered as (insert into seen_push (signature, at) values ($5, $4) on conflict do nothing returning 1), ",
  "and v.status = 'pending' and exists (select from remembered)",
  `, exists (select from remembered) as "isNew"`,
);

interface ClaimAnswer {
  readonly isClaimed: boolean;
}

async function untilAlone<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const haveMet = error instanceof Error && "code" in error && error.code === CLAIMS_MET;
      if (!haveMet || tries === MAX_TRIES) throw error;
    }
  }
}

/** A row that result tokens are claimed for; its data key seals them. */
type Claimant = Pick<VerificationRow, "id" | "dataKey">;

const claimValues = async (keyring: Keyring, row: Claimant, resultToken: string, now: Date) => [
  row.id,
  resultTokenHash(keyring, resultToken),
  seal(await openKeys(keyring, row), sealedColumns.resultToken(row.id), Buffer.from(resultToken, "utf8")),
  now,
];

/**
 * Claims a result token for a verification. True if it is this verification's, now or already, or if the verification has
 * ended, which leaves nothing to claim; false if it serves another, or if this one has {@link MAX_RESULT_TOKENS}.
 */
export async function claimResultToken(
  sql: Sql,
  keyring: Keyring,
  row: Claimant,
  resultToken: string,
  now: Date,
): Promise<boolean> {
  const values = await claimValues(keyring, row, resultToken, now);
  const [answer] = await untilAlone(() => sql.run<ClaimAnswer>(claimForClient, values));
  return answer?.isClaimed === true;
}

/**
 * Remembers a push and claims its result token for a pending verification, both or neither. `repeated` if it is remembered
 * already; `foreign` if the result token is not this verification's.
 */
export async function claimPushedResultToken(
  sql: Sql,
  keyring: Keyring,
  row: Claimant,
  push: { readonly signature: string; readonly resultToken: string },
  now: Date,
): Promise<"claimed" | "foreign" | "repeated"> {
  const values = [...(await claimValues(keyring, row, push.resultToken, now)), push.signature];
  const [answer] = await untilAlone(() => sql.run<ClaimAnswer & { isNew: boolean }>(claimForPush, values));
  if (!answer?.isNew) return "repeated";
  return answer.isClaimed ? "claimed" : "foreign";
}

const listStatement: Statement = {
  name: "list-result-tokens",
  text: "select sealed from result_token where verification_id = $1 order by at desc",
};

/** The result tokens of a verification, newest first. */
export async function listResultTokens(
  sql: Sql,
  keys: SealingKeys,
  verificationId: string,
): Promise<string[]> {
  const rows = await sql.run<{ sealed: Buffer }>(listStatement, [verificationId]);
  return rows.map((row) =>
    open(keys, sealedColumns.resultToken(verificationId), row.sealed).toString("utf8"),
  );
}
