/** The connection to PostgreSQL: one small pool an instance, because an event function handles one event at a time. */
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import * as schema from "./schema.ts";

export { databaseError } from "../runtime/database-error.ts";

/** A database handle or an open transaction: every query takes one. */
export type Database = NodePgDatabase<typeof schema>;

/** The handle with what ends it; `pool` is for tests and commands that must close. */
export interface Connection {
  readonly db: Database;
  close(): Promise<void>;
}

/**
 * Opens a pool lazily: nothing is connected until the first query. `max` 2 leaves room for a lease to be renewed while a
 * transaction is open. Timeouts are short, because a caller waits behind them (function timeouts start at 10 s).
 */
export function connect(databaseUrl: string): Connection {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: 2,
    connectionTimeoutMillis: 4_000,
    query_timeout: 8_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
  });
  // A connection that dies while idle, for example over a freeze, is replaced at the next query; without a listener
  // its error would end the process.
  pool.on("error", () => {});
  return { db: drizzle(pool, { schema }), close: () => pool.end() };
}
