/** Memory of pushes that had an effect: each signature serves once. */
import type { Database } from "./database.ts";
import { seenPush } from "./schema.ts";

/** Remembers a push; false if it is remembered already. Give it the transaction of the effect. */
export async function rememberPush(tx: Database, signature: string, now: Date): Promise<boolean> {
  const kept = await tx
    .insert(seenPush)
    .values({ signature, at: now })
    .onConflictDoNothing()
    .returning({ signature: seenPush.signature });
  return kept.length > 0;
}
