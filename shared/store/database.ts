/** The connection to PostgreSQL: one small pool an instance, because an event function handles one event at a time. */
import { DrizzleQueryError } from "drizzle-orm";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import { UnavailableError } from "../runtime/errors.ts";
import * as schema from "./schema.ts";

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

const connectionCodes = /^(ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|EAI_AGAIN|57P0|08|53|25006)/;
const connectionTexts = /connection terminated|timeout exceeded|read timeout|the database system is/i;

/**
 * The error that a caller should see for a failed query: {@link UnavailableError} if the database cannot be reached, is
 * failing over (57P0x, 25006) or out of connections (53xxx); otherwise the error itself, without the query's parameters.
 * Codes: PostgreSQL documentation, appendix A.
 */
export function databaseError(error: unknown): unknown {
  const cause = error instanceof DrizzleQueryError ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return cause;
  const code = "code" in cause ? String(cause.code) : "";
  if (connectionCodes.test(code) || connectionTexts.test(cause.message) || cause instanceof AggregateError) {
    return new UnavailableError("The database cannot be reached right now.", { cause, retryAfterSeconds: 5 });
  }
  return cause;
}
