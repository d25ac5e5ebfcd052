/** Finding a verification: by its id, or by the state of its landing address. */
import { eq } from "drizzle-orm";
import type { Database } from "./database.ts";
import { type VerificationRow, verification } from "./schema.ts";

/** What an id of ours looks like. */
const verificationId = /^ver_[0-9a-f-]{36}$/;

/** The row of an id. For a text that is none the database is not asked: it takes no NUL, and callers send anything. */
export async function findVerification(db: Database, id: string): Promise<VerificationRow | undefined> {
  if (!verificationId.test(id)) return undefined;
  const [row] = await db.select().from(verification).where(eq(verification.id, id));
  return row;
}

/** The row that a landing address belongs to; `stateHash` is SHA-256 of its state. */
export async function findByState(db: Database, stateHash: Buffer): Promise<VerificationRow | undefined> {
  const [row] = await db.select().from(verification).where(eq(verification.stateHash, stateHash));
  return row;
}
