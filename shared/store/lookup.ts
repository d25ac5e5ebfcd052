/** Finding a verification: by its id, or by the state of its landing address. */
import { eq } from "drizzle-orm";
import type { Database } from "./database.ts";
import { type VerificationRow, verification } from "./schema.ts";

/** The row of an id. */
export async function findVerification(db: Database, id: string): Promise<VerificationRow | undefined> {
  const [row] = await db.select().from(verification).where(eq(verification.id, id));
  return row;
}

/** The row that a landing address belongs to; `stateHash` is SHA-256 of its state. */
export async function findByState(db: Database, stateHash: Buffer): Promise<VerificationRow | undefined> {
  const [row] = await db.select().from(verification).where(eq(verification.stateHash, stateHash));
  return row;
}
