/** Handles to results that reached us from outside: each serves one verification, once and for ever. */
import { desc, eq } from "drizzle-orm";
import { type Keyring, lookupHash } from "../crypto/keyring.ts";
import { open, seal } from "../crypto/seal.ts";
import type { Database } from "./database.ts";
import { resultTokens } from "./schema.ts";

/** A verification has few tries; more handles than this are not the person's. */
const MAX_RESULT_TOKENS = 10;

const sealContext = (verificationId: string) => `verification/${verificationId}/handle`;
// Under the oldest key, so that a rotation does not let a handle serve twice.
const hashOf = (keyring: Keyring, resultToken: string) =>
  lookupHash(keyring.all.at(-1) ?? keyring.current, "result-handle", resultToken);

/**
 * Claims a handle for a verification. True if it is this verification's, now or already; false if it serves another, or
 * if this one has more than enough.
 */
export async function claimResultToken(
  db: Database,
  keyring: Keyring,
  verificationId: string,
  resultToken: string,
  now: Date,
): Promise<boolean> {
  const hash = hashOf(keyring, resultToken);
  const [known] = await db.select().from(resultTokens).where(eq(resultTokens.hash, hash));
  if (known) return known.verificationId === verificationId;
  if ((await db.$count(resultTokens, eq(resultTokens.verificationId, verificationId))) >= MAX_RESULT_TOKENS)
    return false;
  const sealed = seal(keyring, sealContext(verificationId), Buffer.from(resultToken, "utf8"));
  const [claimed] = await db
    .insert(resultTokens)
    .values({ hash, verificationId, sealed, at: now })
    .onConflictDoNothing()
    .returning({ hash: resultTokens.hash });
  return claimed ? true : claimResultToken(db, keyring, verificationId, resultToken, now); // somebody came between: look again
}

/** The handles of a verification, newest first. */
export async function listResultTokens(
  db: Database,
  keyring: Keyring,
  verificationId: string,
): Promise<string[]> {
  const rows = await db
    .select()
    .from(resultTokens)
    .where(eq(resultTokens.verificationId, verificationId))
    .orderBy(desc(resultTokens.at));
  return rows.map((row) => open(keyring, sealContext(verificationId), row.sealed).toString("utf8"));
}
