/** What reached us from outside: result tokens, each for one verification for ever, and pushes, each with one effect. */
import { and, desc, eq, inArray } from "drizzle-orm";
import { type Keyring, lookupHash, type SealingKeys } from "../crypto/keyring.ts";
import { open, seal } from "../crypto/seal.ts";
import type { Database } from "./database.ts";
import { openKeys } from "./row-keys.ts";
import { resultTokens, seenPush, type VerificationRow } from "./schema.ts";
import { sealedColumns } from "./sealed-columns.ts";
import { lockVerification } from "./settlement.ts";

/** A verification has few attempts; more result tokens than this are not the person's. */
const MAX_RESULT_TOKENS = 10;

// Under the oldest key, so that a rotation does not let a result token serve twice.
const hashOf = (keyring: Keyring, resultToken: string) =>
  lookupHash(keyring.all.at(-1) ?? keyring.current, "result-handle", resultToken);

/**
 * Claims a result token for a verification. True if it is this verification's, now or already; false if it serves another,
 * or if this one has {@link MAX_RESULT_TOKENS}.
 */
export async function claimResultToken(
  db: Database,
  keyring: Keyring,
  row: Pick<VerificationRow, "id" | "dataKey">,
  resultToken: string,
  now: Date,
): Promise<boolean> {
  const hash = hashOf(keyring, resultToken);
  const verificationId = row.id;
  const keys = await openKeys(keyring, row);
  const sealed = seal(keys, sealedColumns.resultToken(verificationId), Buffer.from(resultToken, "utf8"));
  return db.transaction(async (tx) => {
    // Claims of one verification go one after the other, so that each counts those before it.
    const locked = await lockVerification(tx, verificationId);
    if (!locked || locked.erasedAt) return false;
    const [known] = await tx.select().from(resultTokens).where(eq(resultTokens.hash, hash));
    if (known) return known.verificationId === verificationId;
    const claims = await tx.$count(resultTokens, eq(resultTokens.verificationId, verificationId));
    if (claims >= MAX_RESULT_TOKENS) return false;
    const claimed = await tx
      .insert(resultTokens)
      .values({ hash, verificationId, sealed, at: now })
      .onConflictDoNothing()
      .returning({ hash: resultTokens.hash });
    return claimed.length > 0; // not if another verification has claimed it meanwhile
  });
}

/** Gives up this verification's claims on result tokens that proved to be another's, so that the other can claim them. */
export async function releaseResultTokens(
  db: Database,
  keyring: Keyring,
  verificationId: string,
  tokens: readonly string[],
): Promise<void> {
  if (tokens.length === 0) return;
  const hashes = tokens.map((token) => hashOf(keyring, token));
  await db
    .delete(resultTokens)
    .where(and(eq(resultTokens.verificationId, verificationId), inArray(resultTokens.hash, hashes)));
}

/** The result tokens of a verification, newest first. */
export async function listResultTokens(
  db: Database,
  keys: SealingKeys,
  verificationId: string,
): Promise<string[]> {
  const rows = await db
    .select()
    .from(resultTokens)
    .where(eq(resultTokens.verificationId, verificationId))
    .orderBy(desc(resultTokens.at));
  return rows.map((row) =>
    open(keys, sealedColumns.resultToken(verificationId), row.sealed).toString("utf8"),
  );
}

/** Remembers a push; false if it is remembered already. Give it the transaction of the effect. */
export async function rememberPush(tx: Database, signature: string, now: Date): Promise<boolean> {
  const kept = await tx
    .insert(seenPush)
    .values({ signature, at: now })
    .onConflictDoNothing()
    .returning({ signature: seenPush.signature });
  return kept.length > 0;
}
