/**
 * WeChat's access_token in PostgreSQL: one row per app, sealed, with a lease for the refresh. Implements the store that
 * `accessTokens` shares between instances; every step is one statement on one row.
 */
import type { Keyring } from "../crypto/keyring.ts";
import { DecryptionError, open, seal } from "../crypto/seal.ts";
import type { AccessTokenStore, StoredAccessToken } from "../providers/wechat/index.ts";
import { sealedColumns } from "./sealed-columns.ts";
import type { Sql, Statement } from "./sql.ts";

interface StoredRow {
  readonly version: number;
  readonly sealed: Buffer | null;
  readonly expiresAt: Date | null;
  readonly refreshAt: Date | null;
}

const readStatement: Statement = {
  name: "read-access-token",
  text: `
select version, sealed, expires_at as "expiresAt", refresh_at as "refreshAt" from access_token where app_id = $1`,
};

/** A row that is not there yet has version 0. */
const acquireStatement: Statement = {
  name: "acquire-access-token-refresh",
  text: `
insert into access_token as a (app_id, version, lease_until) select $1::text, 0, $4::timestamptz
where $2::integer = 0 or exists (select from access_token where app_id = $1)
on conflict (app_id) do update set lease_until = $4
where a.version = $2 and (a.lease_until is null or a.lease_until <= $3)
returning app_id`,
};

const replaceStatement: Statement = {
  name: "replace-access-token",
  text: `
update access_token set version = version + 1, sealed = $3, expires_at = $4, refresh_at = $5, lease_until = null
where app_id = $1 and version = $2 returning version`,
};

const releaseStatement: Statement = {
  name: "release-access-token-refresh",
  text: "update access_token set lease_until = null where app_id = $1 and version = $2",
};

/** The store of one app's token. */
export function accessTokenStore(sql: Sql, keyring: Keyring, appId: string): AccessTokenStore {
  const context = sealedColumns.accessToken(appId);

  const read = async (): Promise<StoredAccessToken | undefined> => {
    const [row] = await sql.run<StoredRow>(readStatement, [appId]);
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
      const taken = await sql.run(acquireStatement, [appId, seen ?? 0, now, until]);
      return taken.length > 0;
    },
    async replace(seen, next) {
      const sealed = seal(keyring, context, Buffer.from(next.token, "utf8"));
      const { expiresAt, refreshAt } = next;
      const [row] = await sql.run<{ version: number }>(replaceStatement, [
        appId,
        seen ?? 0,
        sealed,
        expiresAt,
        refreshAt,
      ]);
      if (row) return { ...next, version: row.version };
      const stored = await read();
      if (!stored) throw new Error("the access token's row is gone");
      return stored;
    },
    async releaseRefresh(seen) {
      await sql.run(releaseStatement, [appId, seen ?? 0]);
    },
  };
}
