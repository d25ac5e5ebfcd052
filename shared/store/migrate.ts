/** Brings a database to the newest schema. Safe to run twice and by several at once. */
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import { FailFastClient } from "./fail-fast-client.ts";

/** Any fixed number: whoever migrates holds this advisory lock, so that two deploys do not apply one step twice. */
const migrationLock = 0x7a68726e;

/** Applies the migrations that are missing. Throws what PostgreSQL says. */
export async function migrate(databaseUrl: string): Promise<void> {
  const client = new FailFastClient({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [migrationLock]);
    await applyMigrations(drizzle(client), { migrationsFolder: join(import.meta.dirname, "migrations") });
  } finally {
    await client.end();
  }
}
