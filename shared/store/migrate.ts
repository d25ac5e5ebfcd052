/** Brings a database to the newest schema. Safe to run twice and by several at once. */
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import { DatabaseError } from "pg";
import { FailFastClient } from "./fail-fast-client.ts";

/** Any fixed number: whoever migrates holds this advisory lock, so that two deploys do not apply one step twice. */
const migrationLock = 0x7a68726e;

/** Longer than a migration of a large database usually takes. */
const LOCK_TIMEOUT_MS = 120_000;
const LOCK_NOT_AVAILABLE = "55P03";

/** Applies the migrations that are missing. Throws what PostgreSQL says, and who holds the lock if another migration keeps it too long. */
export async function migrate(
  databaseUrl: string,
  { lockTimeoutMs = LOCK_TIMEOUT_MS }: { readonly lockTimeoutMs?: number } = {},
): Promise<void> {
  const client = new FailFastClient({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await takeLock(client, lockTimeoutMs);
    await applyMigrations(drizzle(client), { migrationsFolder: join(import.meta.dirname, "migrations") });
  } finally {
    await client.end();
  }
}

async function takeLock(client: FailFastClient, timeoutMs: number): Promise<void> {
  await client.query("begin");
  try {
    await client.query(`set local lock_timeout = ${timeoutMs}`); // what the operator has set is for the migrations
    await client.query("select pg_advisory_lock($1)", [migrationLock]); // of the session: the commit does not free it
    await client.query("commit");
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
    await client.query("rollback");
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_locks join pg_database on pg_database.oid = database and datname = current_database()
       where locktype = 'advisory' and objid = $1 and granted`,
      [migrationLock],
    );
    const sessions = rows.map(({ pid }) => pid).join(", ") || "that has just ended";
    throw new Error(
      `another migration has held the lock for ${timeoutMs / 1_000} s, in PostgreSQL's session ${sessions}. ` +
        "If none is at work, a connection pooler has kept it: end that session with pg_terminate_backend",
    );
  }
}
