/**
 * WeChat's access_token in PostgreSQL: one row per app, sealed, with a lease for the refresh. Implements the store that
 * `accessTokens` shares between instances; every step is one statement on one row.
 */
import { and, eq, isNull, lte, or, sql } from "drizzle-orm";
import type { Keyring } from "../crypto/keyring.ts";
import { DecryptionError, open, seal } from "../crypto/seal.ts";
import type { AccessTokenStore, StoredAccessToken } from "../providers/wechat/index.ts";
import type { Database } from "./database.ts";
import { accessToken } from "./schema.ts";
import { sealedColumns } from "./sealed-columns.ts";

/** The store of one app's token. */
export function accessTokenStore(db: Database, keyring: Keyring, appId: string): AccessTokenStore {
  const context = sealedColumns.accessToken(appId);
  const isSeen = (seen: number | undefined) =>
    and(eq(accessToken.appId, appId), eq(accessToken.version, seen ?? 0));

  const read = async (): Promise<StoredAccessToken | undefined> => {
    const [row] = await db.select().from(accessToken).where(eq(accessToken.appId, appId));
    if (!row?.sealed || !row.expiresAt || !row.refreshAt) return undefined;
    const { version, expiresAt, refreshAt } = row;
    try {
      return { token: open(keyring, context, row.sealed).toString("utf8"), version, expiresAt, refreshAt };
    } catch (error) {
      if (!(error instanceof DecryptionError)) throw error;
      // Sealed with a key that is gone: a token costs nothing, so it counts as expired and the next one takes its place.
      return { token: "", version, expiresAt: new Date(0), refreshAt: new Date(0) };
    }
  };

  return {
    read,
    async acquireRefresh(seen, now, until) {
      await db.insert(accessToken).values({ appId, version: 0 }).onConflictDoNothing();
      const taken = await db
        .update(accessToken)
        .set({ leaseUntil: until })
        .where(and(isSeen(seen), or(isNull(accessToken.leaseUntil), lte(accessToken.leaseUntil, now))))
        .returning({ appId: accessToken.appId });
      return taken.length > 0;
    },
    async replace(seen, next) {
      const sealed = seal(keyring, context, Buffer.from(next.token, "utf8"));
      const { expiresAt, refreshAt } = next;
      const [row] = await db
        .update(accessToken)
        .set({ version: sql`${accessToken.version} + 1`, sealed, expiresAt, refreshAt, leaseUntil: null })
        .where(isSeen(seen))
        .returning({ version: accessToken.version });
      if (row) return { ...next, version: row.version };
      const stored = await read();
      if (!stored) throw new Error("the access token's row is gone");
      return stored;
    },
    async releaseRefresh(seen) {
      await db.update(accessToken).set({ leaseUntil: null }).where(isSeen(seen));
    },
  };
}
