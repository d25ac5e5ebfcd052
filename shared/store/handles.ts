/** Handles to results that reached us from outside: each serves one verification, once and for ever. */
import { desc, eq } from "drizzle-orm";
import { type Keyring, lookupHash } from "../crypto/keyring.ts";
import { open, seal } from "../crypto/seal.ts";
import type { Database } from "./database.ts";
import { resultHandle } from "./schema.ts";

/** A verification has few tries; more handles than this are not the person's. */
const most = 10;

const place = (verificationId: string) => `verification/${verificationId}/handle`;
// Under the oldest key, so that a rotation does not let a handle serve twice.
const hashOf = (keyring: Keyring, handle: string) =>
  lookupHash(keyring.all.at(-1) ?? keyring.current, "result-handle", handle);

/**
 * Claims a handle for a verification. True if it is this verification's, now or already; false if it serves another, or
 * if this one has more than enough.
 */
export async function claimHandle(
  db: Database,
  keyring: Keyring,
  verificationId: string,
  handle: string,
  now: Date,
): Promise<boolean> {
  const hash = hashOf(keyring, handle);
  const [known] = await db.select().from(resultHandle).where(eq(resultHandle.hash, hash));
  if (known) return known.verificationId === verificationId;
  if ((await db.$count(resultHandle, eq(resultHandle.verificationId, verificationId))) >= most) return false;
  const sealed = seal(keyring, place(verificationId), Buffer.from(handle, "utf8"));
  const [claimed] = await db
    .insert(resultHandle)
    .values({ hash, verificationId, sealed, at: now })
    .onConflictDoNothing()
    .returning({ hash: resultHandle.hash });
  return claimed ? true : claimHandle(db, keyring, verificationId, handle, now); // somebody came between: look again
}

/** The handles of a verification, newest first. */
export async function listHandles(db: Database, keyring: Keyring, verificationId: string): Promise<string[]> {
  const rows = await db
    .select()
    .from(resultHandle)
    .where(eq(resultHandle.verificationId, verificationId))
    .orderBy(desc(resultHandle.at));
  return rows.map((row) => open(keyring, place(verificationId), row.sealed).toString("utf8"));
}
